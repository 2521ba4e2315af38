//! A company's rules for reminders.

use serde::Serialize;

use super::parts::{Choice, Errors, Text, errors};
use crate::page::templates;

templates! {
    RemindersPage => "reminders/list.html",
    ReminderPage => "reminders/form.html",
}

/// `GET /{company}/settings/reminders`.
#[derive(Clone, Debug, Serialize)]
pub struct RemindersPage {
    /// The page's own path.
    pub base: String,
    /// The company's name.
    pub company: String,
    /// The rules, by name.
    pub rows: Vec<RuleRow>,
}

/// A rule.
#[derive(Clone, Debug, Serialize)]
pub struct RuleRow {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// The date's key.
    pub field: String,
    /// When it reminds, in words.
    pub when: Vec<Text>,
    /// At what hour.
    pub at: String,
    /// Whom.
    pub whom: Vec<Text>,
    /// Whether it is in force.
    pub active: bool,
}

/// `GET /{company}/settings/reminders/new` and `…/{id}`, with `POST` to the same and `POST …/{id}/delete`.
#[derive(Clone, Debug, Serialize)]
pub struct ReminderPage {
    /// The list's path.
    pub list: String,
    /// The rule's path; none for a new one.
    pub base: Option<String>,
    /// Its version.
    pub version: i32,
    /// What it is called.
    pub name: String,
    /// The date's key.
    pub field: String,
    /// The dates to choose from.
    pub fields: Vec<Choice>,
    /// Days before, with commas.
    pub before_days: String,
    /// Days after.
    pub after_days: String,
    /// Days between.
    pub every_days: String,
    /// How often.
    pub times: String,
    /// At what hour.
    pub at: String,
    /// The roles, and whether each is told.
    pub roles: Vec<RoleBox>,
    /// Whether whoever does the work is told.
    pub assignee: bool,
    /// Whether it is in force.
    pub active: bool,
    /// What is wrong with it.
    pub errors: Errors,
}

/// A role to tick.
#[derive(Clone, Debug, Serialize)]
pub struct RoleBox {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it is ticked.
    pub ticked: bool,
}

impl RemindersPage {
    fn samples() -> Vec<Self> {
        let row = |name: &str, active| RuleRow {
            id: "019386f0-5a3c-7cc1-9d2e-3f1d5c8f0b11".into(),
            name: name.into(),
            field: "asset.warranty_until".into(),
            when: vec![Text::key("reminders.says_before").with("days", "30, 7"), Text::key("reminders.says_after").with("days", "1")],
            at: "08:00".into(),
            whom: vec![Text::raw("Менеджер <b>"), Text::key("reminders.assignee")],
            active,
        };
        let base = "/dala-foods/settings/reminders";
        let some = Self {
            base: base.into(), company: "Дала Фудс".into(), rows: vec![row("Кепілдік <b>", true), row("Old", false)]
        };
        vec![some.clone(), Self { rows: Vec::new(), ..some }]
    }
}

impl ReminderPage {
    fn samples() -> Vec<Self> {
        let list = "/dala-foods/settings/reminders".to_owned();
        let role = |id: &str, ticked| RoleBox { id: id.into(), name: format!("Рөл <b> {id}"), ticked };
        let key = "asset.warranty_until";
        let new = Self {
            base: None,
            version: 0,
            name: String::new(),
            field: key.into(),
            fields: vec![Choice::new(key, Text::key(format!("reminder_field.{key}")))],
            before_days: "30, 7".into(),
            after_days: String::new(),
            every_days: String::new(),
            times: "1".into(),
            at: "08:00".into(),
            roles: vec![role("1", true), role("2", false)],
            assignee: false,
            active: true,
            errors: errors([]),
            list: list.clone(),
        };
        let wrong = Self {
            base: Some(format!("{list}/1")),
            version: 3,
            errors: errors([("name", "…"), ("before_days", "…"), ("role_ids", "…"), ("assignee", "…")]),
            ..new.clone()
        };
        vec![new, wrong]
    }
}
