//! What is shown of a company's workflows.

use chrono::{DateTime, Utc};
use poem_openapi::{Enum, Object};
use serde::{Deserialize, Serialize};
use workflows::overlay;

use crate::kernel::error::{Checks, Error, FieldError, Result};

/// How a company writes a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "snake_case")]
#[oai(rename_all = "snake_case", rename = "WorkflowTextKind")]
pub enum TextKind {
    /// The whole file.
    Full,
    /// A patch of a shipped version, by id.
    Overlay,
}

impl TextKind {
    /// How a text is written: a patch says what it extends.
    pub(super) fn of(source: &str) -> Self {
        if overlay::extends(source).is_some() { Self::Overlay } else { Self::Full }
    }

    /// As it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Overlay => "overlay",
        }
    }

    /// The stored word.
    pub(super) fn parse(word: &str) -> Result<Self> {
        match word {
            "full" => Ok(Self::Full),
            "overlay" => Ok(Self::Overlay),
            other => Err(Error::Internal(format!("a text of the kind {other}"))),
        }
    }
}

/// A workflow of the company, in the list.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[oai(rename = "Workflow")]
pub struct Flow {
    /// Its key, such as `work_order`.
    pub workflow: String,
    /// The version new records follow.
    pub version: i32,
    /// Whether that is the shipped file.
    pub follows_shipped: bool,
    /// The version of the shipped file.
    pub shipped_version: i32,
    /// Whether a newer shipped version than the company's own is based on is there to be merged.
    pub newer_base: bool,
    /// Whether a draft is being written.
    pub draft: bool,
    /// Records, finished ones included.
    pub records: i64,
    /// Of these, under another version than new ones.
    pub on_other_versions: i64,
}

/// A workflow of the company.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[oai(rename = "WorkflowDetail")]
pub struct FlowDetail {
    /// What the list says.
    pub flow: Flow,
    /// Its states, in the file's order; states only other versions know come last.
    pub states: Vec<StateRecords>,
    /// The company's versions, newest first.
    pub versions: Vec<Version>,
}

/// A state and the records in it.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
pub struct StateRecords {
    /// Its id.
    pub state: String,
    /// Its category; none for a state the current version does not know.
    pub category: Option<String>,
    /// Its tone.
    pub tone: String,
    /// Whether a record's life ends here.
    pub terminal: bool,
    /// Records in it, whatever version they follow.
    pub records: i64,
}

/// A published version.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[oai(rename = "WorkflowVersion")]
pub struct Version {
    /// Its number.
    pub number: i32,
    /// How it was written.
    pub kind: TextKind,
    /// The shipped version it was taken from, or patches.
    pub base: i32,
    /// What was noted about it.
    pub note: String,
    /// When it was published.
    pub published_at: DateTime<Utc>,
    /// By whom, by name.
    pub published_by: String,
    /// Whether new records follow it.
    pub current: bool,
    /// Records that follow it.
    pub records: i64,
}

/// The text of a version.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[oai(rename = "WorkflowText")]
pub struct VersionText {
    /// The version.
    pub number: i32,
    /// How it was written.
    pub kind: TextKind,
    /// The shipped version it was taken from, or patches.
    pub base: i32,
    /// As it was written.
    pub source: String,
    /// As it runs: the same for a whole file, the patched base for an overlay.
    pub merged: String,
}

/// A text to save or to check.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields, rename = "WorkflowInput")]
pub struct Input {
    /// A whole file, or a patch, which begins with `extends: <workflow>@<version>`; YAML of at most 256 KiB.
    pub source: String,
}

impl Input {
    /// Refuses what cannot be kept; whether it is a workflow is for check.
    pub(super) fn refuse_unkept(&self) -> Result<()> {
        let mut checks = Checks::new();
        if self.source.len() > workflows::MAX_FILE_BYTES {
            checks.push(FieldError::new("source", "text_too_large").with("max", workflows::MAX_FILE_BYTES / 1024));
        } else {
            checks.max("source", &self.source, workflows::MAX_FILE_BYTES);
        }
        checks.done()
    }
}
