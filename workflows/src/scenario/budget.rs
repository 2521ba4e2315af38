//! What playing the tests of a file may cost. It is counted, not timed, so that a file's tests pass everywhere or nowhere; who plays them for
//! others may stop them besides.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};

use crate::value::Record;

/// What all tests of one file may cost together: deadlines looked at, weeks of a calendar gone through, presses by what the record holds.
const MOST: usize = 2_000_000;

/// What a press costs besides.
const PRESS: usize = 20;

/// The end of the calendar's time, for sums that never come out.
const NEVER: i64 = 280 * 365;

/// What is left.
#[derive(Debug)]
pub(super) struct Budget {
    left: usize,
    stop: Arc<AtomicBool>,
}

/// The budget is used up, or somebody has stopped the play.
#[derive(Debug)]
pub(super) struct Spent;

impl Budget {
    /// A whole one; `stop` ends it early.
    pub fn new(stop: Arc<AtomicBool>) -> Self {
        Self { left: MOST, stop }
    }

    pub fn spend(&mut self, cost: usize) -> Result<(), Spent> {
        self.left = self.left.saturating_sub(cost);
        if self.left == 0 || self.stop.load(Ordering::Relaxed) { Err(Spent) } else { Ok(()) }
    }

    /// What conditions of a press go through grows with what the record holds.
    pub fn press(&mut self, doc: Option<&Record>) -> Result<(), Spent> {
        let held: usize = doc.into_iter().flat_map(Record::iter).map(|(_, value)| value.weight(MOST)).sum();
        self.spend(PRESS + held)
    }
}

/// Deadlines already counted out: a calendar is gone through once for each.
#[derive(Debug, Default)]
pub(super) struct Deadlines(HashMap<(String, DateTime<Utc>, usize), Option<DateTime<Utc>>>);

impl Deadlines {
    /// The deadline of `what` that counts from `from` and differs by `turn`, with what it cost to look.
    pub fn of(
        &mut self,
        what: String,
        from: DateTime<Utc>,
        turn: usize,
        count: impl FnOnce() -> Option<DateTime<Utc>>,
    ) -> (usize, Option<DateTime<Utc>>) {
        let mut cost = 1;
        let found = self.0.entry((what, from, turn)).or_insert_with(|| {
            let due = count();
            let days = due.map_or(NEVER, |due| (due - from).num_days().abs());
            // counted when it is set, when it happens and when it is delivered
            cost += usize::try_from(days / 6).unwrap_or(usize::MAX).saturating_mul(3);
            due
        });
        (cost, *found)
    }
}
