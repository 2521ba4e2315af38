//! The operator's pages: the companies on this deployment.

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;

use super::parts::{Errors, Pager, errors};
use crate::page::{sample_time, templates};

templates! {
    CompaniesPage => "platform/companies.html",
    CompanyNewPage => "platform/new.html",
    CompanyPage => "platform/company.html",
}

/// `GET /platform/companies?q=…`.
#[derive(Clone, Debug, Serialize)]
pub struct CompaniesPage {
    /// Words looked for in name, slug and email.
    pub q: String,
    /// Companies, newest first.
    pub rows: Vec<CompanyRow>,
    /// Links to more.
    pub pager: Pager,
}

/// A company in the list.
#[derive(Clone, Debug, Serialize)]
pub struct CompanyRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// First part of its pages' path.
    pub slug: String,
    /// Contact email.
    pub email: String,
    /// `pending` (nobody has signed up yet), `active` or `suspended`.
    pub status: String,
    /// Users allowed.
    pub seats: u32,
    /// Users there are, invitations included.
    pub used: u32,
    /// Users that may still join.
    pub left: u32,
    /// When it was added.
    pub created_at: DateTime<Utc>,
}

fn row(id: &str, name: &str, slug: &str, status: &str, used: u32) -> CompanyRow {
    CompanyRow {
        id: id.into(),
        name: name.into(),
        slug: slug.into(),
        email: format!("office@{slug}.example"),
        status: status.into(),
        seats: 1_500,
        used,
        left: 1_500 - used,
        created_at: sample_time() - Duration::days(100),
    }
}

impl CompaniesPage {
    fn samples() -> Vec<Self> {
        let many = Self {
            q: String::new(),
            rows: vec![
                row("1", "Дала Фудс <ЖШС>", "dala-foods", "active", 1_204),
                row("2", "Алтын Транс", "altyn-trans", "suspended", 3),
                row("3", "Anadolu Makine Sanayi ve Ticaret Limited Şirketi", "anadolu", "pending", 0),
            ],
            pager: Pager { total: 3, ..Pager::default() },
        };
        let none = Self { rows: Vec::new(), pager: Pager::default(), ..many.clone() };
        let not_found = Self { q: "\"><script>".into(), ..none.clone() };
        vec![many, none, not_found]
    }
}

/// `GET`/`POST /platform/companies/new`: fields `name`, `slug`, `contact_email`, `locale`, `seats`.
#[derive(Clone, Debug, Serialize)]
pub struct CompanyNewPage {
    /// Name typed.
    pub name: String,
    /// Slug typed; empty to have one made from the name.
    pub slug: String,
    /// Contact email typed.
    pub contact_email: String,
    /// Language of the letter with the key.
    pub locale: String,
    /// Number of users typed.
    pub seats: String,
    /// What is wrong.
    pub errors: Errors,
}

impl CompanyNewPage {
    fn samples() -> Vec<Self> {
        let empty = Self {
            name: String::new(),
            slug: String::new(),
            contact_email: String::new(),
            locale: "kk".into(),
            seats: "10".into(),
            errors: Errors::new(),
        };
        let wrong = Self {
            name: "Дала Фудс".into(),
            seats: "көп".into(),
            errors: errors([("slug", "…"), ("contact_email", "…"), ("seats", "…")]),
            ..empty.clone()
        };
        vec![empty, wrong]
    }
}

/// `GET`/`POST /platform/companies/{id}` (`name`, `contact_email`, `seats`, `version`), with `POST …/suspend`, `POST …/resume`,
/// `POST …/key`, `POST …/key/send`.
#[derive(Clone, Debug, Serialize)]
pub struct CompanyPage {
    /// The company.
    pub company: CompanyRow,
    /// Version of the row, sent back with a change.
    pub version: i64,
    /// State of the signup key: `none`, `active`, `used`, `locked` or `expired`.
    pub key_state: String,
    /// When the active key ends.
    pub key_expires_at: Option<DateTime<Utc>>,
    /// The key itself, only right after it was made.
    pub key: Option<String>,
    /// Name as typed.
    pub name: String,
    /// Contact email as typed.
    pub contact_email: String,
    /// Number of users as typed.
    pub seats: String,
    /// What is wrong.
    pub errors: Errors,
}

impl CompanyPage {
    fn samples() -> Vec<Self> {
        let company = row("1", "Дала Фудс", "dala-foods", "pending", 0);
        let made = Self {
            version: 1,
            key_state: "active".into(),
            key_expires_at: Some(sample_time() + Duration::hours(72)),
            key: Some("MWK-7Q4F-9KD2-X1PA-88TN-ZC5V-3H".into()),
            name: company.name.clone(),
            contact_email: company.email.clone(),
            seats: "1500".into(),
            errors: Errors::new(),
            company: company.clone(),
        };
        let waiting = Self { key: None, ..made.clone() };
        let active = Self {
            company: CompanyRow { status: "active".into(), used: 1_204, ..company.clone() },
            key_state: "used".into(),
            key_expires_at: None,
            ..waiting.clone()
        };
        let suspended = Self {
            company: CompanyRow { status: "suspended".into(), ..company },
            key_state: "expired".into(),
            seats: "-3".into(),
            errors: errors([("seats", "…")]),
            ..active.clone()
        };
        let none = Self { key_state: "none".into(), ..active.clone() };
        let locked = Self { key_state: "locked".into(), ..none.clone() };
        vec![made, waiting, active, suspended, none, locked]
    }
}
