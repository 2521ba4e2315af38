//! Telegram groups that are told what happens at a company.

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;

use super::parts::{Choice, Errors, Text, errors};
use crate::page::{sample_time, templates};

templates! {
    GroupsPage => "settings/groups.html",
}

/// `GET /{company}/settings/telegram`, with `POST …/link` and, of a group, `POST …/{id}` (fields `locale`, `site`, `kind`, several)
/// and `POST …/{id}/unlink`.
#[derive(Clone, Debug, Serialize)]
pub struct GroupsPage {
    /// The page's own path.
    pub base: String,
    /// The company's name.
    pub company: String,
    /// Whether there is a bot.
    pub bot: bool,
    /// The deep link that was just made.
    pub link: Option<String>,
    /// The groups, by title.
    pub groups: Vec<GroupRow>,
    /// The sites a group may be limited to.
    pub sites: Vec<Choice>,
    /// The group whose form is wrong.
    pub wrong: String,
    /// What is wrong with it.
    pub errors: Errors,
}

/// A group.
#[derive(Clone, Debug, Serialize)]
pub struct GroupRow {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// Its language.
    pub locale: String,
    /// What it may be told.
    pub kinds: Vec<KindBox>,
    /// Of which site alone; empty for all.
    pub site: String,
    /// When it was linked.
    pub linked_at: DateTime<Utc>,
    /// When it was last told something.
    pub last_sent_at: Option<DateTime<Utc>>,
    /// Why the newest message has not arrived.
    pub failure: Option<String>,
}

/// A kind of message to tick.
#[derive(Clone, Debug, Serialize)]
pub struct KindBox {
    /// Its key.
    pub key: String,
    /// Whether it is ticked.
    pub ticked: bool,
}

impl GroupsPage {
    fn samples() -> Vec<Self> {
        let none = Self {
            base: "/dala-foods/settings/telegram".into(),
            company: "Дала Фудс".into(),
            bot: true,
            link: None,
            groups: Vec::new(),
            sites: vec![Choice::new("1", Text::raw("Алматы <b>")), Choice::new("2", Text::raw("Астана"))],
            wrong: String::new(),
            errors: Errors::new(),
        };
        let kind = |key: &str, ticked| KindBox { key: key.into(), ticked };
        let group = GroupRow {
            id: "019386f0-5a3c-7cc1-9d2e-3f1d5c8f0b11".into(),
            title: "Қазандық <b>".into(),
            locale: "kk".into(),
            kinds: vec![kind("work_order.approval_requested", true), kind("work_order.overdue", false), kind("asset.reminder", true)],
            site: "2".into(),
            linked_at: sample_time() - Duration::days(9),
            last_sent_at: Some(sample_time() - Duration::hours(2)),
            failure: None,
        };
        let failing = GroupRow {
            id: "019386f0-5a3c-7cc1-9d2e-3f1d5c8f0b12".into(),
            last_sent_at: None,
            failure: Some("Too Many Requests: retry after 30".into()),
            ..group.clone()
        };
        let some = Self { groups: vec![group, failing.clone()], ..none.clone() };
        let linking = Self { link: Some("https://t.me/mill_bot?startgroup=x".into()), ..some.clone() };
        let wrong = Self { wrong: failing.id, errors: errors([("site", "…"), ("kinds", "…")]), ..some.clone() };
        vec![none.clone(), Self { bot: false, ..none }, some, linking, wrong]
    }
}
