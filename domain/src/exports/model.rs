//! What an export is.

use chrono::{DateTime, TimeDelta, Utc};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::kernel::export::Format;

/// An export.
#[derive(Debug)]
pub enum Export {}

/// How long a file is kept.
pub(super) const KEPT: TimeDelta = TimeDelta::days(7);

/// The formats an export may have.
pub const FORMATS: [&str; 3] = ["csv", "xlsx", "pdf"];

/// The kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Values for another program.
    Sheet(Format),
    /// A document to be read and printed.
    Document,
}

impl Kind {
    /// The kind of this name.
    pub fn parse(name: &str) -> Option<Self> {
        if name == FORMATS[2] { Some(Self::Document) } else { Format::parse(name).map(Self::Sheet) }
    }

    /// Its name, which is its file extension.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Sheet(format) => format.extension(),
            Self::Document => FORMATS[2],
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Sheet(format) => format.media_type(),
            Self::Document => "application/pdf",
        }
    }
}

/// What exports may cost, by configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Rows of a sheet; a longer list is refused.
    pub rows: u32,
    /// Rows of a document; a longer list is cut, and the document says so.
    pub document_rows: u32,
    /// Exports of a company that wait or run at once.
    pub at_once: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { rows: 500_000, document_rows: 5_000, at_once: 20 }
    }
}

impl Limits {
    /// The most rows of a file of the kind.
    pub const fn rows_of(&self, kind: Kind) -> u32 {
        match kind {
            Kind::Sheet(_) => self.rows,
            Kind::Document => self.document_rows,
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields, rename = "ExportInput")]
pub struct Input {
    /// The list: `work_orders`, `assets`, `asset_types`, `categories`, `locations`, `vendors` or `members`.
    pub list: String,
    /// `csv`, `xlsx` or `pdf`.
    pub format: String,
    /// Filters and order, as the list takes them: `state=open&sort=-due`.
    #[serde(default)]
    #[oai(default)]
    pub query: String,
    /// The columns, by their keys; all the caller may see where none is named.
    #[serde(default)]
    #[oai(default)]
    pub columns: Vec<String>,
}

/// An export, as its member or somebody it was sent to sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(rename = "Export")]
pub struct View {
    /// Its id.
    pub id: Uuid,
    /// The list.
    pub list: String,
    /// Filters and order.
    pub query: String,
    /// The columns; all of them where none is named.
    pub columns: Vec<String>,
    /// `csv`, `xlsx` or `pdf`.
    pub format: String,
    /// `queued`, `running`, `done`, `failed`, `cancelled` or `expired`.
    pub state: String,
    /// Whether it was asked to stop and has not yet.
    pub cancelling: bool,
    /// Rows written so far.
    pub rows_done: i32,
    /// Rows there are, once they are counted.
    pub rows_total: Option<i32>,
    /// Whether the document leaves rows out, because there are more than it holds.
    pub truncated: bool,
    /// The file's size in bytes.
    pub bytes: Option<i64>,
    /// Why it failed: `forbidden`, `member_gone`, `too_many_rows`, `bad_query`, `storage_full`, `unavailable`, `interrupted` or `internal`.
    pub reason: Option<String>,
    /// Whether the caller asked for it; one that was sent to them is not theirs to stop or to remove.
    pub own: bool,
    /// The schedule that asked for it.
    pub schedule_id: Option<Uuid>,
    /// What the schedule is called, while it is kept.
    pub schedule: Option<String>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Until when the file is kept.
    pub expires_at: Option<DateTime<Utc>>,
}

impl View {
    /// Whether it waits or runs.
    pub fn is_live(&self) -> bool {
        matches!(self.state.as_str(), "queued" | "running")
    }

    /// The kind of file.
    pub fn kind(&self) -> Option<Kind> {
        Kind::parse(&self.format)
    }
}
