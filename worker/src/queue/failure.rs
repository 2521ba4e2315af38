//! Why a handler did not do its job, and what is to happen next. An error says *retry* or *give up*.

use std::time::Duration;

/// What a handler answers when the work is not done. The reason is stored and shown to the operator: no secrets in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Worth another try, after the usual back-off.
    #[error("{0}")]
    Retry(String),
    /// Another try would fail the same way: the job is dead.
    #[error("{0}")]
    GiveUp(String),
    /// Somebody asked to be left alone for so long. No attempt is spent.
    #[error("{reason}")]
    Later {
        /// Why it has to wait.
        reason: String,
        /// How long.
        after: Duration,
    },
}

impl Failure {
    /// Worth another try.
    pub fn retry(reason: impl Into<String>) -> Self {
        Self::Retry(reason.into())
    }

    /// Not worth another.
    pub fn give_up(reason: impl Into<String>) -> Self {
        Self::GiveUp(reason.into())
    }
}

const FIRST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_hours(1);

/// The wait after the `attempt`th failure (from 1): 5 s doubling to an hour, of which `jitter` (0 to 1) takes off up to half, so
/// that what failed together does not come back together.
pub fn back_off(attempt: i32, jitter: f64) -> Duration {
    let doublings = u32::try_from(attempt.saturating_sub(1)).unwrap_or(0).min(20);
    let full = FIRST.saturating_mul(1 << doublings).min(LONGEST);
    full.mul_f64(1.0 - jitter.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_off_doubles_to_an_hour() {
        let waits: Vec<u64> = [1, 2, 3, 10, 11, 999].map(|n| back_off(n, 0.0).as_secs()).into();
        assert_eq!(waits, [5, 10, 20, 2560, 3600, 3600]);
    }

    #[test]
    fn jitter_takes_off_at_most_half() {
        assert_eq!(back_off(1, 1.0), Duration::from_millis(2500));
        assert_eq!(back_off(i32::MIN, 0.0), FIRST);
    }
}
