//! How a run stands at a moment.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Run;
use super::run::Event;

/// Whether a run counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It counts.
    Running,
    /// It waits.
    Paused,
    /// It is over.
    Stopped,
}

/// How near the target is: the column and the filter of lists. Of a stopped run, how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// Before the warning.
    Ok,
    /// At or past the warning.
    Warning,
    /// At or past the target: breached.
    Critical,
}

impl Health {
    /// The word in filters and columns.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// How a run stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Whether it counts.
    pub phase: Phase,
    /// How near the target is.
    pub health: Health,
    /// Seconds counted.
    pub elapsed: i64,
    /// Seconds left; negative past the target. `None` on a calendar that never works.
    pub remaining: Option<i64>,
    /// When the target is or was reached. Of a paused run, if it went on now. `None` if a stopped run never reached it, or the calendar never works
    /// that long.
    pub due_at: Option<DateTime<Utc>>,
    /// The same for the warning; `None` also without one.
    pub warn_at: Option<DateTime<Utc>>,
}

impl Status {
    /// The one word for it in scenarios and on a record: `stopped`, `paused`, `breached`, `warned`, `running`.
    pub fn word(&self) -> &'static str {
        match (self.phase, self.health) {
            (Phase::Stopped, _) => "stopped",
            (Phase::Paused, _) => "paused",
            (Phase::Running, Health::Critical) => "breached",
            (Phase::Running, Health::Warning) => "warned",
            (Phase::Running, Health::Ok) => "running",
        }
    }
}

impl Run {
    /// How the run stands at `now`.
    pub fn status(&self, now: DateTime<Utc>) -> Status {
        let (elapsed, target) = (self.elapsed(now), self.terms.target_seconds());
        let warn = self.terms.due_seconds(Event::Warn);
        let health = match warn {
            _ if target.is_some_and(|target| elapsed >= target) => Health::Critical,
            Some(warn) if elapsed >= warn => Health::Warning,
            _ => Health::Ok,
        };
        Status {
            phase: self.phase(),
            health,
            elapsed,
            remaining: target.map(|target| target - elapsed),
            due_at: target.and_then(|target| self.when(target, Some(now))),
            warn_at: warn.and_then(|warn| self.when(warn, Some(now))),
        }
    }
}
