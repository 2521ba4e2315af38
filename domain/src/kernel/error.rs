//! What can go wrong, as codes and values. The edges put words to them.

use std::borrow::Cow;
use std::sync::Arc;

use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::permission::Permission;
use super::years;

/// The result of everything the domain does.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Every way an action can fail. Each has a stable [`code`](Error::code).
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such record, or one of another company, which is the same to the asker.
    #[error("not found")]
    NotFound,
    /// Nobody is signed in, or the sign-in has ended.
    #[error("unauthenticated")]
    Unauthenticated,
    /// The actor lacks a right.
    #[error("forbidden: {0:?}")]
    Forbidden(Refused),
    /// The input is wrong; every wrong field is named.
    #[error("invalid input: {0:?}")]
    Invalid(Vec<FieldError>),
    /// The request contradicts what is stored, for the reason the code names.
    #[error("conflict: {0}")]
    Conflict(&'static str),
    /// The record moved on since the caller read it.
    #[error("stale: version {current}")]
    Stale {
        /// The version that stands now.
        current: i32,
        /// The record's state now, where it has one.
        state: Option<String>,
        /// When it was last changed.
        changed_at: Option<DateTime<Utc>>,
        /// The member who changed it, by name.
        changed_by: Option<String>,
    },
    /// The record is in a state this step does not leave from.
    #[error("wrong state: {state}")]
    WrongState {
        /// The record's state now.
        state: String,
        /// When it was last changed.
        changed_at: DateTime<Utc>,
        /// The member who changed it, by name.
        changed_by: Option<String>,
        /// The file whose state it is.
        file: File,
    },
    /// The workflow says no, for these reasons.
    #[error("blocked: {0:?}")]
    Blocked(Vec<workflows::Blocker>, File),
    /// What a step has done to something else failed, and the step with it.
    #[error("effect {index} failed: {cause}")]
    Effect {
        /// The effect's place in its list, from 0.
        index: usize,
        /// Why.
        cause: Box<Error>,
    },
    /// Too many tries; come back after so many seconds.
    #[error("limited for {retry_after} s")]
    Limited {
        /// Seconds until another try may succeed.
        retry_after: u64,
    },
    /// Something the service depends on does not answer.
    #[error("unavailable: {0}")]
    Unavailable(String),
    /// A fault of ours: logged, never shown.
    #[error("internal: {0}")]
    Internal(String),
}

/// The file a refusal goes by, whose own words name what it is about.
#[derive(Clone)]
pub struct File(pub Arc<workflows::Workflow>);

impl std::fmt::Debug for File {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{}", self.0.key(), self.0.version())
    }
}

impl PartialEq for File {
    fn eq(&self, other: &Self) -> bool {
        self.0.hash() == other.0.hash()
    }
}

/// Which right was missing.
#[derive(Debug, Clone, PartialEq)]
pub enum Refused {
    /// A permission of the catalogue.
    Permission(Permission),
    /// A permission a workflow file names.
    Named(String),
    /// The workflow does not let this person.
    Workflow(Box<workflows::Blocker>, File),
    /// The other person or role is not below the actor's level (rule 18).
    Level,
    /// The other person works at sites the actor does not.
    Sites,
    /// Only operators of the platform may.
    Operator,
    /// The company is suspended.
    Suspended,
}

/// One wrong field of an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field's name; nested parts are joined by `/`, as in a JSON pointer without its leading slash.
    pub field: String,
    /// A code of the `field.*` messages.
    pub code: Cow<'static, str>,
    /// Values the message mentions.
    pub params: Vec<(Cow<'static, str>, String)>,
}

impl FieldError {
    /// A wrong field, by the code of its message.
    pub fn new(field: impl Into<String>, code: &'static str) -> Self {
        Self { field: field.into(), code: code.into(), params: Vec::new() }
    }

    /// With a value the message mentions.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "a number or a word, as it stands at the call")]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.params.push((name.into(), value.to_string()));
        self
    }
}

impl Error {
    /// One wrong field.
    pub fn field(field: impl Into<String>, code: &'static str) -> Self {
        Self::Invalid(vec![FieldError::new(field, code)])
    }

    /// The stable code clients switch on and `error.*` messages are found by.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden(Refused::Suspended) => "suspended",
            Self::Forbidden(_) => "forbidden",
            Self::Invalid(_) => "invalid",
            Self::Conflict(code) => code,
            Self::Stale { .. } => "stale",
            Self::WrongState { .. } => "wrong_state",
            Self::Blocked(..) => "blocked",
            Self::Effect { .. } => "effect_failed",
            Self::Limited { .. } => "limited",
            Self::Unavailable(_) => "unavailable",
            Self::Internal(_) => "internal",
        }
    }

    /// A failure of whatever keeps files. A disk that is full is told apart: trying again does not help.
    pub fn of_storage(error: &(dyn std::error::Error + 'static)) -> Self {
        let causes = std::iter::successors(Some(error), |error| error.source());
        let full = causes
            .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
            .any(|cause| matches!(cause.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded));
        if full { Self::Conflict(STORAGE_FULL) } else { Self::Unavailable(error.to_string()) }
    }

    /// Whether there was no room for a file.
    pub fn is_storage_full(&self) -> bool {
        matches!(self, Self::Conflict(STORAGE_FULL))
    }

    /// Whether running the same transaction again may succeed.
    pub(crate) fn is_serialization(&self) -> bool {
        matches!(self, Self::Internal(message) if message.starts_with(SERIALIZATION))
    }

    /// Whether a row is still referred to, or refers to one that is not there.
    pub(crate) fn is_foreign_key(&self) -> bool {
        matches!(self, Self::Internal(message) if message.starts_with(FOREIGN_KEY))
    }
}

const STORAGE_FULL: &str = "storage_full";

// The server words its messages in its own language, so faults the code acts upon are marked by their SQLSTATE.
const SERIALIZATION: &str = "serialization: ";
const FOREIGN_KEY: &str = "foreign key: ";

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::RowNotFound => Self::NotFound,
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => Self::Unavailable(error.to_string()),
            sqlx::Error::Database(database) => match database.code().as_deref() {
                Some("40001" | "40P01") => Self::Internal(format!("{SERIALIZATION}{error}")),
                Some("23503") => Self::Internal(format!("{FOREIGN_KEY}{error}")),
                // a NUL, which PostgreSQL keeps in no text; where a field is known, `Checks` named it already
                Some("22021" | "22P05") => Self::field("", "control_characters"),
                // a day or a moment past those it keeps; where a field is known, its years are checked before
                Some("22008") => Self::field("", "year_out_of_range"),
                // the server is starting, stopping or out of connections
                Some("57P01" | "57P02" | "57P03" | "53300") => Self::Unavailable(error.to_string()),
                _ => Self::Internal(error.to_string()),
            },
            _ => Self::Internal(error.to_string()),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(error.to_string())
    }
}

/// Turns the breach of a named constraint into the field it is about.
pub trait OrField<T> {
    /// `("vendors_name", "name", "taken")`: when that constraint was broken, that field is wrong for that reason.
    fn or_field(self, constraints: &[(&str, &str, &'static str)]) -> Result<T>;
}

impl<T> OrField<T> for std::result::Result<T, sqlx::Error> {
    fn or_field(self, constraints: &[(&str, &str, &'static str)]) -> Result<T> {
        self.map_err(|error| {
            let broken = error.as_database_error().and_then(|e| e.constraint());
            constraints
                .iter()
                .find(|(constraint, ..)| Some(*constraint) == broken)
                .map_or_else(|| Error::from(error), |(_, field, code)| Error::field(*field, code))
        })
    }
}

/// Collects the wrong fields of an input, so that all of them are told at once.
#[derive(Debug, Default)]
pub struct Checks(Vec<FieldError>);

impl Checks {
    /// No error yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an error.
    pub fn push(&mut self, error: FieldError) -> &mut Self {
        self.0.push(error);
        self
    }

    /// The field must hold something.
    pub fn required(&mut self, field: &str, value: &str) -> &mut Self {
        if value.trim().is_empty() {
            self.0.push(FieldError::new(field, "required"));
        }
        self
    }

    /// The field holds at most `max` characters, and nothing the database cannot keep.
    pub fn max(&mut self, field: &str, value: &str, max: usize) -> &mut Self {
        if value.contains('\0') {
            self.0.push(FieldError::new(field, "control_characters"));
        } else if value.chars().count() > max {
            self.0.push(FieldError::new(field, "too_long").with("max", max));
        }
        self
    }

    /// Non-empty and at most `max` characters.
    pub fn text(&mut self, field: &str, value: &str, max: usize) -> &mut Self {
        self.required(field, value).max(field, value, max)
    }

    /// A day or a moment, if any, of the years people mean.
    pub fn year(&mut self, field: &str, date: Option<&impl Datelike>) -> &mut Self {
        if date.is_some_and(|date| !years::hold(date)) {
            self.0.push(FieldError::new(field, "year_out_of_range"));
        }
        self
    }

    /// One of the values a closed list allows.
    pub fn one_of(&mut self, field: &str, value: &str, options: &[&str]) -> &mut Self {
        if !options.contains(&value) {
            self.0.push(FieldError::new(field, "not_one_of").with("options", options.join(", ")));
        }
        self
    }

    /// Empty, or an `http(s)` address: anything else would become a link that runs a script.
    pub fn web_address(&mut self, field: &str, value: &str) -> &mut Self {
        let plausible = value.len() <= 300
            && (value.starts_with("https://") || value.starts_with("http://"))
            && !value.contains(|c: char| c.is_whitespace() || c.is_control());
        if !value.is_empty() && !plausible {
            self.0.push(FieldError::new(field, "not_a_url"));
        }
        self
    }

    /// What came out, or nothing where fields were wrong, which are told beside the others.
    pub fn gather<T>(&mut self, result: Result<T>) -> Result<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(Error::Invalid(errors)) => {
                self.0.extend(errors);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Holds when nothing was wrong.
    pub fn done(&mut self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Invalid(std::mem::take(&mut self.0))) }
    }
}

/// What a request is known by in logs, in the audit and to the person who reports a fault.
pub type RequestId = Uuid;
