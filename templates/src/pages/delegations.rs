//! Handing one's right to decide to a colleague for a while.

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;

use super::parts::{Choice, Errors, errors};
use crate::page::{sample_time, templates};

templates! {
    DelegationsPage => "account/delegations.html",
}

/// `GET /{company}/delegations`; `POST` there (`delegate_id`, `starts_at`, `ends_at`), and `POST …/{id}/end`.
#[derive(Clone, Debug, Serialize)]
pub struct DelegationsPage {
    /// The page's own path.
    pub base: String,
    /// What the reader handed over and is not past.
    pub given: Vec<DelegationRow>,
    /// What was handed to them.
    pub received: Vec<DelegationRow>,
    /// Colleagues to choose from.
    pub people: Vec<Choice>,
    /// The one chosen.
    pub delegate_id: String,
    /// From when, as typed in the company's time.
    pub starts_at: String,
    /// Until when, the same.
    pub ends_at: String,
    /// What is wrong.
    pub errors: Errors,
}

/// A delegation.
#[derive(Clone, Debug, Serialize)]
pub struct DelegationRow {
    /// Its id.
    pub id: String,
    /// The other person.
    pub name: String,
    /// From when.
    pub starts_at: DateTime<Utc>,
    /// Until when.
    pub ends_at: DateTime<Utc>,
    /// Whether it has begun.
    pub running: bool,
}

impl DelegationsPage {
    fn samples() -> Vec<Self> {
        let row = |name: &str, running: bool| DelegationRow {
            id: "01938700-0000-7000-8000-000000000001".into(),
            name: name.into(),
            starts_at: sample_time() + Duration::days(if running { -1 } else { 3 }),
            ends_at: sample_time() + Duration::days(9),
            running,
        };
        let full = Self {
            base: "/steppe/delegations".into(),
            given: vec![row("Айгерім Бекова", true), row("Ержан <x>", false)],
            received: vec![row("Марат Әлиев", true)],
            people: vec![Choice::new("a", "Айгерім Бекова"), Choice::new("b", "Ержан")],
            delegate_id: "b".into(),
            starts_at: "2026-11-20T09:00".into(),
            ends_at: "2026-11-19T09:00".into(),
            errors: errors([("ends_at", "…")]),
        };
        let empty = Self { given: Vec::new(), received: Vec::new(), errors: Errors::new(), ..full.clone() };
        vec![full, empty]
    }
}
