//! Lists sent as files by the calendar.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::exports::ExportWhat;
use super::parts::{Choice, Errors, Text, errors};
use crate::page::{sample_time, templates};

templates! {
    SchedulesPage => "exports/schedules.html",
    SchedulePage => "exports/schedule.html",
}

/// `GET /{company}/exports/schedules`.
#[derive(Clone, Debug, Serialize)]
pub struct SchedulesPage {
    /// The page's own path.
    pub base: String,
    /// Where exports are.
    pub exports: String,
    /// The schedules, by name.
    pub rows: Vec<ScheduleRow>,
}

/// A schedule.
#[derive(Clone, Debug, Serialize)]
pub struct ScheduleRow {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Whose it is.
    pub owner: String,
    /// What the list is called.
    pub list: String,
    /// `CSV`, `XLSX` or `PDF`.
    pub format: String,
    /// What it is narrowed to, a line each.
    pub filter: Vec<String>,
    /// On which days.
    pub when: Text,
    /// At what hour.
    pub at: String,
    /// When it comes next; never while it is not in force.
    pub next: Option<DateTime<Utc>>,
    /// Why it stopped of itself.
    pub stopped: Option<String>,
    /// Whom it is sent to.
    pub whom: Vec<String>,
}

/// `GET /{company}/exports/schedules/new?list=…` and `…/{id}`, with `POST` to the same (`list`, `query`, `format`, `columns`, `name`,
/// `every`, `weekday`, `month_day`, `at`, `recipients` any number of times, `active`, `version`) and `POST …/{id}/delete`.
#[derive(Clone, Debug, Serialize)]
pub struct SchedulePage {
    /// The list of schedules.
    pub list: String,
    /// The schedule's path; none for a new one.
    pub base: Option<String>,
    /// Its version.
    pub version: i32,
    /// Whose it is.
    pub owner: String,
    /// What it is called.
    pub name: String,
    /// What is exported.
    pub what: ExportWhat,
    /// How often there may be, by name.
    pub rhythms: Vec<String>,
    /// How often.
    pub every: String,
    /// The day of the week, 1 to 7.
    pub weekday: String,
    /// The day of the month.
    pub month_day: String,
    /// At what hour.
    pub at: String,
    /// Whom it may be sent to.
    pub people: Vec<Choice>,
    /// Whom it is sent to.
    pub recipients: Vec<String>,
    /// Whether it is in force.
    pub active: bool,
    /// What is wrong with it.
    pub errors: Errors,
}

impl SchedulesPage {
    fn samples() -> Vec<Self> {
        let row = |when: Text| ScheduleRow {
            id: "019386f0-5a3c-7cc1-9d2e-3f1d5c8f0b11".into(),
            name: "Апталық <b>".into(),
            owner: "Айгүл <b>".into(),
            list: "Жұмыс тапсырмалары".into(),
            format: "PDF".into(),
            filter: vec!["Іздеу: <b>".into()],
            when,
            at: "08:00".into(),
            next: Some(sample_time()),
            stopped: None,
            whom: vec!["Айгүл <b>".into(), "Ерлан".into()],
        };
        let rows = vec![
            row(Text::key("exports.schedule.weekly.1")),
            ScheduleRow { next: None, ..row(Text::key("exports.schedule.daily")) },
            ScheduleRow { next: None, stopped: Some("…".into()), ..row(Text::key("exports.schedule.monthly").with("day", "31")) },
        ];
        let some = Self { base: "/dala-foods/exports/schedules".into(), exports: "/dala-foods/exports".into(), rows };
        vec![some.clone(), Self { rows: Vec::new(), ..some }]
    }
}

impl SchedulePage {
    fn samples() -> Vec<Self> {
        let list = "/dala-foods/exports/schedules".to_owned();
        let new = Self {
            base: None,
            version: 0,
            owner: "Айгүл <b>".into(),
            name: "Апталық <b>".into(),
            what: ExportWhat::sample(),
            rhythms: ["day", "week", "month"].map(str::to_owned).into(),
            every: "week".into(),
            weekday: "1".into(),
            month_day: "1".into(),
            at: "08:00".into(),
            people: vec![Choice::new("1", "Айгүл <b>"), Choice::new("2", "Ерлан")],
            recipients: vec!["1".into()],
            active: true,
            errors: Errors::new(),
            list: list.clone(),
        };
        let wrong = Self {
            base: Some(format!("{list}/1")),
            version: 3,
            errors: errors([("name", "…"), ("month_day", "…"), ("recipients", "…")]),
            ..new.clone()
        };
        vec![new, wrong]
    }
}
