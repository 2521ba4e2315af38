//! How long sessions live.

use chrono::TimeDelta;

/// How long a session may lie idle, and last.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lifetime {
    /// Idle.
    pub idle: TimeDelta,
    /// In all.
    pub longest: TimeDelta,
}

impl Lifetime {
    const DAY: Self = Self { idle: TimeDelta::hours(12), longest: TimeDelta::days(90) };
    const REMEMBERED: Self = Self { idle: TimeDelta::days(30), longest: TimeDelta::days(90) };
    const OPERATOR: Self = Self { idle: TimeDelta::minutes(30), longest: TimeDelta::hours(8) };

    /// Of a session that was begun so.
    pub fn of(remember: bool, operator: bool) -> Self {
        match (operator, remember) {
            (true, _) => Self::OPERATOR,
            (false, true) => Self::REMEMBERED,
            (false, false) => Self::DAY,
        }
    }
}
