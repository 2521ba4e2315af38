//! What a schedule is.

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::exports::Input;

/// A schedule of exports.
#[derive(Debug)]
pub enum ExportSchedule {}

/// How often a schedule may come.
pub const EVERY: [&str; 3] = ["day", "week", "month"];

/// A schedule as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(rename = "ExportSchedule")]
pub struct Schedule {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
    /// Whose it is: its files are made with their rights.
    pub member_id: Uuid,
    /// Their name.
    pub member: String,
    /// The list.
    pub list: String,
    /// Filters and order.
    pub query: String,
    /// The columns; all the owner may see where none is named.
    pub columns: Vec<String>,
    /// `csv`, `xlsx` or `pdf`.
    pub format: String,
    /// `day`, `week` or `month`.
    pub every: String,
    /// The day of the week, 1 being Monday.
    pub weekday: Option<i32>,
    /// The day of the month, or the last of a shorter one.
    pub month_day: Option<i32>,
    /// The hour, by the company's clock: `08:00`.
    pub at: String,
    /// The members it is sent to.
    pub recipients: Vec<Uuid>,
    /// Their names, in order.
    pub recipient_names: Vec<String>,
    /// Whether it is in force.
    pub active: bool,
    /// Why it stopped of itself: `forbidden`, `member_gone` or `bad_query`.
    pub stopped: Option<String>,
    /// When it comes next.
    pub next_at: Option<DateTime<Utc>>,
    /// Its version, which a change must name.
    pub version: i32,
}

/// What is filled in of a schedule.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields, rename = "ExportScheduleInput")]
pub struct ScheduleInput {
    /// What it is called; at most 120 characters.
    pub name: String,
    /// The list, as an export names it.
    pub list: String,
    /// Filters and order, as the list takes them.
    #[serde(default)]
    #[oai(default)]
    pub query: String,
    /// The columns; all the owner may see where none is named.
    #[serde(default)]
    #[oai(default)]
    pub columns: Vec<String>,
    /// `csv`, `xlsx` or `pdf`.
    pub format: String,
    /// `day`, `week` or `month`.
    pub every: String,
    /// For a week, its day: 1 is Monday, 7 Sunday.
    #[serde(default)]
    pub weekday: Option<i32>,
    /// For a month, its day, 1 to 31; in a shorter month its last day.
    #[serde(default)]
    pub month_day: Option<i32>,
    /// The hour, by the company's clock: `08:00`.
    pub at: String,
    /// The members it is sent to, 1 to 50. Whoever may not see everything in a file is not sent it.
    pub recipients: Vec<Uuid>,
    /// Whether it is in force.
    #[serde(default = "yes")]
    #[oai(default = "yes")]
    pub active: bool,
}

const fn yes() -> bool {
    true
}

impl ScheduleInput {
    /// What is exported each time.
    pub(super) fn export(&self) -> Input {
        Input { list: self.list.clone(), format: self.format.clone(), query: self.query.clone(), columns: self.columns.clone() }
    }
}
