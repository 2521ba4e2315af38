//! Service levels: clocks on a record that run, pause, warn, breach and stop.
//!
//! A [`Run`] is a value: the domain stores it as it is (one row a run, in JSON), asks it what comes next and tells it what happened. Reopening a
//! record starts a new run; nothing of an old one changes.

mod run;
mod status;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize};

use crate::calendar::Calendar;
use crate::definition::{Sla, SlaTarget};
use crate::duration::Span;
use crate::value::Record;

pub use run::{Cause, Event, Run, Segment};
pub use status::{Health, Phase, Status};

/// What an SLA counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// Working time of the company's calendar.
    Business,
    /// All time.
    #[default]
    Wall,
}

impl Clock {
    /// Every word of the language for it.
    pub const WORDS: &'static [&'static str] = &["business", "wall"];

    /// The word in the file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Business => "business",
            Self::Wall => "wall",
        }
    }

    /// The meaning of a word in the file.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "business" => Some(Self::Business),
            "wall" => Some(Self::Wall),
            _ => None,
        }
    }

    /// The moment `span` has passed since `from`. `None` if the calendar never works that long.
    pub fn add(self, from: DateTime<Utc>, span: Span, calendar: &Calendar) -> Option<DateTime<Utc>> {
        match self {
            Self::Business => calendar.add(from, span.on(calendar)?),
            Self::Wall => from.checked_add_signed(span.wall()),
        }
    }
}

/// What a run was started under: the file's definition and the company's calendar as they were then. Later changes of either do not touch it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The layout of this record; 1 so far. One written by a later version is refused, not misread.
    #[serde(deserialize_with = "known_format")]
    pub format: u8,
    /// The SLA's id.
    pub sla: String,
    /// Hash of the file it is of, where the effects of its warning and breach are found.
    pub definition: String,
    /// What is counted.
    pub clock: Clock,
    /// The time allowed.
    pub target: Span,
    /// The percentage of the target, 1 to 99, at which it warns.
    pub warn: Option<u8>,
    /// The steps of a breach, in file order: how long after the target each is due.
    pub breach: Vec<Span>,
    /// The calendar of a business clock.
    pub calendar: Option<Calendar>,
}

impl Terms {
    /// The layout written today.
    pub const FORMAT: u8 = 1;

    /// The terms with the figures the company has set for `sla`, for a record that stands as `doc`. Whether an SLA applies to a record the file says alone.
    pub fn under(self, own: &Thresholds, sla: &Sla, doc: &Record) -> Self {
        let value = match &sla.target {
            SlaTarget::Fixed(_) => None,
            SlaTarget::By { field, .. } => doc.at(field).as_text(),
        };
        Self { target: own.target(value, self.target), warn: own.warn(self.warn), ..self }
    }

    /// Seconds allowed, on the run's own clock. `None` on a calendar that never works.
    pub fn target_seconds(&self) -> Option<i64> {
        self.seconds(self.target)
    }

    /// Seconds at which `event` is due; `None` if there is no such event.
    pub fn due_seconds(&self, event: Event) -> Option<i64> {
        match event {
            // rounded up: 80 % of an odd number of seconds has not passed before the second is full
            Event::Warn => Some((self.target_seconds()? * i64::from(self.warn?) + 99) / 100),
            Event::Breach(step) => Some(self.target_seconds()? + self.seconds(*self.breach.get(usize::from(step))?)?),
        }
    }

    /// Every event there is, in the order in which they are due.
    pub fn events(&self) -> Vec<Event> {
        let steps = (0..).map(Event::Breach).take(self.breach.len());
        let mut events: Vec<Event> = self.warn.map(|_| Event::Warn).into_iter().chain(steps).collect();
        events.sort_by_key(|event| self.due_seconds(*event));
        events
    }

    fn seconds(&self, span: Span) -> Option<i64> {
        match (self.clock, &self.calendar) {
            (Clock::Business, Some(calendar)) => span.on(calendar),
            _ => Some(span.wall().num_seconds()),
        }
    }

    /// Seconds that count between two moments.
    pub(crate) fn between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
        match (self.clock, &self.calendar) {
            (Clock::Business, Some(calendar)) => calendar.between(from, to),
            _ => (to.timestamp() - from.timestamp()).max(0),
        }
    }

    /// The moment `seconds` have been counted since `from`.
    pub(crate) fn add(&self, from: DateTime<Utc>, seconds: i64) -> Option<DateTime<Utc>> {
        match (self.clock, &self.calendar) {
            (Clock::Business, Some(calendar)) => calendar.add(from, seconds),
            _ if seconds <= 0 => Some(from),
            _ => DateTime::from_timestamp(from.timestamp(), 0)?.checked_add_signed(TimeDelta::try_seconds(seconds)?),
        }
    }
}

fn known_format<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    let format = u8::deserialize(deserializer)?;
    if (1..=Terms::FORMAT).contains(&format) {
        Ok(format)
    } else {
        Err(serde::de::Error::custom("unknown layout of a service level's terms"))
    }
}

/// What a company sets for an SLA in its settings, over the file's own figures.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Thresholds {
    /// The target for every record, or, of a target by a field, for values without an entry in `by`.
    pub target: Option<Span>,
    /// Of a target by a field: value → target.
    pub by: BTreeMap<String, Span>,
    /// The percentage at which it warns, 1 to 99.
    pub warn: Option<u8>,
}

impl Thresholds {
    /// The target of a record: the company's for this value, the company's for all, the file's.
    pub fn target(&self, value: Option<&str>, file: Span) -> Span {
        let own = value.and_then(|value| self.by.get(value)).copied().or(self.target);
        own.filter(|span| !span.is_zero()).unwrap_or(file)
    }

    /// The warning: the company's, or the file's. Only where the file has one: without it there is nothing to do at the warning.
    pub fn warn(&self, file: Option<u8>) -> Option<u8> {
        let own = self.warn.filter(|percent| (1..=99).contains(percent));
        file.map(|percent| own.unwrap_or(percent))
    }
}
