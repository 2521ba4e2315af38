//! One run of an SLA, from start to stop.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Terms;
use super::status::Phase;

/// An SLA at work on a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Which run of this SLA on this record it is, from 1.
    pub number: u32,
    /// What it was started under.
    pub terms: Terms,
    segments: Vec<Segment>,
    stopped: Option<Stop>,
    delivered: BTreeSet<Event>,
}

/// A stretch of a run, running or paused throughout: the evidence of what was counted and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// When it began.
    pub from: DateTime<Utc>,
    /// When it ended; `None` for the last segment of a run that has not been stopped.
    pub to: Option<DateTime<Utc>>,
    /// Whether time counted.
    pub running: bool,
    /// Seconds counted, once it has ended; 0 for a pause.
    pub counted: i64,
    /// What began it.
    pub cause: Cause,
}

/// What started, paused, resumed or stopped a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The record entered this state.
    State(String),
    /// An effect of this transition.
    Effect(String),
    /// The record was moved to this version of its workflow.
    Migration(u32),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stop {
    at: DateTime<Utc>,
    cause: Cause,
}

/// Something a run brings about. In JSON and in timers' keys `warn`, `breach.0`, `breach.1`, ….
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Event {
    /// The warning.
    Warn,
    /// A step of the breach, from 0 in file order.
    Breach(u16),
}

impl Event {
    /// Reads `warn` or `breach.<step>`.
    pub fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix("breach.") {
            Some(step) => step.parse().ok().map(Self::Breach),
            None => (text == "warn").then_some(Self::Warn),
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Warn => f.write_str("warn"),
            Self::Breach(step) => write!(f, "breach.{step}"),
        }
    }
}

impl Serialize for Event {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("neither `warn` nor `breach.<step>`"))
    }
}

impl Run {
    /// Starts run `number` at `at`.
    pub fn start(number: u32, terms: Terms, at: DateTime<Utc>, cause: Cause) -> Self {
        let first = Segment { from: at, to: None, running: true, counted: 0, cause };
        Self { number, terms, segments: vec![first], stopped: None, delivered: BTreeSet::new() }
    }

    /// Stops counting until [`Run::resume`]. `false` if it was not running.
    pub fn pause(&mut self, at: DateTime<Utc>, cause: Cause) -> bool {
        self.phase() == Phase::Running && self.turn(at, cause, false)
    }

    /// Goes on counting. `false` if it was not paused.
    pub fn resume(&mut self, at: DateTime<Utc>, cause: Cause) -> bool {
        self.phase() == Phase::Paused && self.turn(at, cause, true)
    }

    /// Ends the run for good. `false` if it had ended.
    pub fn stop(&mut self, at: DateTime<Utc>, cause: Cause) -> bool {
        if self.stopped.is_some() {
            return false;
        }
        let at = self.close(at);
        self.stopped = Some(Stop { at, cause });
        true
    }

    /// Whether it counts, waits or is over.
    pub fn phase(&self) -> Phase {
        match (&self.stopped, self.segments.last()) {
            (None, Some(segment)) if segment.running => Phase::Running,
            (None, Some(_)) => Phase::Paused,
            _ => Phase::Stopped,
        }
    }

    /// What was counted, stretch by stretch, in order.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// When it was stopped and by what.
    pub fn stopped(&self) -> Option<(DateTime<Utc>, &Cause)> {
        self.stopped.as_ref().map(|stop| (stop.at, &stop.cause))
    }

    /// Seconds counted by `now`.
    pub fn elapsed(&self, now: DateTime<Utc>) -> i64 {
        self.segments.iter().map(|segment| self.counted(segment, now)).sum()
    }

    /// The first event not yet delivered.
    pub(crate) fn awaited(&self) -> Option<Event> {
        self.terms.events().into_iter().find(|event| !self.delivered.contains(event))
    }

    /// The first event not yet delivered if its moment is known, and that moment; it may have passed. `None` when nothing more comes while the run
    /// stays as it is: it is paused or stopped, or everything has been delivered.
    pub fn next_due(&self) -> Option<(Event, DateTime<Utc>)> {
        self.awaited().and_then(|event| Some((event, self.moment(event)?)))
    }

    /// Every event reached by `now` and not delivered, in order: what is still owed when a run is paused or stopped, or after the worker was away.
    pub fn owed(&self, now: DateTime<Utc>) -> Vec<(Event, DateTime<Utc>)> {
        let open = self.terms.events().into_iter().filter(|event| !self.delivered.contains(event));
        open.filter_map(|event| self.moment(event).filter(|at| *at <= now).map(|at| (event, at))).collect()
    }

    /// Takes note that `event` is carried out at `now`. `false` if it is not due or was delivered before: then nothing may be done.
    pub fn deliver(&mut self, event: Event, now: DateTime<Utc>) -> bool {
        self.moment(event).is_some_and(|at| at <= now) && self.delivered.insert(event)
    }

    /// Whether `event` has been delivered.
    pub fn delivered(&self, event: Event) -> bool {
        self.delivered.contains(&event)
    }

    /// The moment `event` was or will be due. `None` if that is not known: the run is paused or stopped before it.
    pub fn moment(&self, event: Event) -> Option<DateTime<Utc>> {
        self.when(self.terms.due_seconds(event)?, None)
    }

    /// The moment at which `seconds` have been counted. Of a paused run, if it were resumed at `resumed`.
    pub(super) fn when(&self, seconds: i64, resumed: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
        let mut left = seconds;
        for segment in self.segments.iter().filter(|segment| segment.running) {
            if segment.to.is_none() || segment.counted >= left {
                return self.terms.add(segment.from, left);
            }
            left -= segment.counted;
        }
        let paused = self.segments.last().filter(|_| self.phase() == Phase::Paused)?;
        self.terms.add(resumed?.max(paused.from), left)
    }

    fn counted(&self, segment: &Segment, now: DateTime<Utc>) -> i64 {
        if segment.to.is_none() && segment.running { self.terms.between(segment.from, now) } else { segment.counted }
    }

    fn turn(&mut self, at: DateTime<Utc>, cause: Cause, running: bool) -> bool {
        let from = self.close(at);
        self.segments.push(Segment { from, to: None, running, counted: 0, cause });
        true
    }

    /// Ends the last segment. A moment before its beginning counts as its beginning: clocks of two transactions may differ.
    fn close(&mut self, at: DateTime<Utc>) -> DateTime<Utc> {
        let Some(last) = self.segments.last_mut() else { return at };
        let at = at.max(last.from);
        last.to = Some(at);
        if last.running {
            last.counted = self.terms.between(last.from, at);
        }
        at
    }
}
