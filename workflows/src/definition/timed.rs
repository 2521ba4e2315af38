//! What happens because time passes: service levels, timers, reminders. And how running records change versions.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use indexmap::IndexMap;
use serde::Serialize;

use super::effect::Effect;
use crate::calendar::{Calendar, local};
use crate::duration::Span;
use crate::guard::Guard;
use crate::sla::Clock;
use crate::value::{Record, Value};

/// The calendar business time is counted on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum CalendarRef {
    /// `tenant.<name>`: the company's own; `default` where the file says nothing.
    Tenant(String),
}

/// A service level: how long a record may stay unfinished.
#[derive(Clone, Debug)]
pub struct Sla {
    /// Its id.
    pub id: String,
    /// Which time counts.
    pub clock: Clock,
    /// Entering one of these states starts it, and starts it anew after it has stopped.
    pub start: Vec<String>,
    /// It stands still in these.
    pub pause: Vec<String>,
    /// Entering one of these stops it.
    pub stop: Vec<String>,
    /// How long it may run.
    pub target: SlaTarget,
    /// What happens shortly before.
    pub warn: Option<Warn>,
    /// What happens after, in order.
    pub breach: Vec<Breach>,
}

/// How long a service level may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlaTarget {
    /// Always this long.
    Fixed(Span),
    /// As long as a field says.
    By {
        /// The record field, a path without `doc.`.
        field: String,
        /// Value of the field → time.
        spans: IndexMap<String, Span>,
        /// For any other value. Without it such a record has no service level.
        default: Option<Span>,
    },
}

/// What happens when most of the time is gone.
#[derive(Clone, Debug)]
pub struct Warn {
    /// Of the target, 1 to 99.
    pub percent: u8,
    pub(crate) effects: Vec<Effect>,
}

/// What happens once the time is gone.
#[derive(Clone, Debug)]
pub struct Breach {
    /// How long after the target, by the service level's own clock; zero is at once.
    pub after: Span,
    pub(crate) effects: Vec<Effect>,
}

impl Sla {
    /// How long it may run for this record; `None` where it does not apply.
    pub fn target_for(&self, doc: &Record) -> Option<Span> {
        match &self.target {
            SlaTarget::Fixed(span) => Some(*span),
            SlaTarget::By { field, spans, default } => doc.at(field).as_text().and_then(|value| spans.get(value)).copied().or(*default),
        }
    }

    /// Whether only the effects `start_sla` and `stop_sla` drive it.
    pub fn is_manual(&self) -> bool {
        self.start.is_empty()
    }
}

/// A deadline of a state.
#[derive(Clone, Debug)]
pub struct Timer {
    /// Its id.
    pub id: String,
    /// It runs while the record is in one of these.
    pub states: Vec<String>,
    /// The record field, a path without `doc.`, it counts from; without it, the moment the state was entered.
    pub at: Option<String>,
    /// How long after that.
    pub after: Span,
    /// Which time counts.
    pub clock: Clock,
    /// What happens then.
    pub action: TimerAction,
    pub(crate) when: Option<Guard>,
}

/// What a timer does.
#[derive(Clone, Debug)]
pub enum TimerAction {
    /// Fires this transition as the system.
    Do(String),
    /// Carries out effects; the record stays. See [`crate::Workflow::timer_fires`].
    Effects(Effects),
}

/// Effects of a timer, a reminder or a service level, which belong to no transition.
#[derive(Clone, Debug)]
pub struct Effects(pub(crate) Vec<Effect>);

impl Timer {
    /// When it fires for a record that entered its state at `entered`; `None` while the field it counts from is empty, or when the calendar never
    /// works. A day counts as beginning at midnight of the company.
    pub fn due(&self, entered: DateTime<Utc>, doc: &Record, calendar: &Calendar) -> Option<DateTime<Utc>> {
        self.clock.add(self.from(entered, doc, calendar)?, self.after, calendar)
    }

    /// The moment it counts from.
    pub(crate) fn from(&self, entered: DateTime<Utc>, doc: &Record, calendar: &Calendar) -> Option<DateTime<Utc>> {
        match &self.at {
            None => Some(entered),
            Some(field) => moment(doc.at(field), NaiveTime::MIN, calendar.zone()),
        }
    }
}

/// Messages around a date, or on what a meter reads.
#[derive(Clone, Debug)]
pub struct Reminder {
    /// Its id.
    pub id: String,
    /// It is sent while the record is in one of these.
    pub states: Vec<String>,
    /// What it goes by.
    pub rule: ReminderRule,
    /// The time of day in the company's zone at which it is sent.
    pub at: NaiveTime,
    pub(crate) when: Option<Guard>,
    pub(crate) effects: Vec<Effect>,
}

/// What a reminder goes by.
#[derive(Clone, Debug)]
pub enum ReminderRule {
    /// A date.
    Date {
        /// The record field, a path without `doc.`.
        field: String,
        /// Whole days before it.
        before: Vec<Span>,
        /// Whole days after it: the first message.
        after: Option<Span>,
        /// And again each so many whole days.
        every: Option<Span>,
        /// How many messages `after` and `every` come to.
        max: u32,
    },
    /// A condition, told once each time it comes to hold.
    Meter(Meter),
}

/// A condition on what a meter reads; [`crate::Workflow::reminds`] tests it.
#[derive(Clone, Debug)]
pub struct Meter(pub(crate) Guard);

/// One message a date reminder comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offset {
    /// Its part of the key (record, rule, value, offset): `-P14D`, `P0D`, `P1D`, `P2D`.
    pub offset: String,
    /// When it is sent.
    pub at: DateTime<Utc>,
}

impl Reminder {
    /// The messages a value of the field comes to, in order of time; none for an empty one and for a meter.
    pub fn offsets(&self, value: &Value, zone: Tz) -> Vec<Offset> {
        let ReminderRule::Date { before, after, every, max, .. } = &self.rule else { return Vec::new() };
        let Some(day) = day(value, zone) else { return Vec::new() };
        let mut days: Vec<i64> = before.iter().map(|span| -i64::from(span.days)).collect();
        if let Some(after) = after {
            let step = every.map_or(0, |every| i64::from(every.days));
            days.extend((0..if step == 0 { 1 } else { i64::from(*max) }).map(|i| i64::from(after.days) + i * step));
        }
        days.sort_unstable();
        days.dedup();
        let at = |days: i64| {
            let offset = format!("{}P{}D", if days < 0 { "-" } else { "" }, days.abs());
            let day = day.checked_add_signed(chrono::Duration::try_days(days)?)?;
            Some(Offset { offset, at: local(zone, day, self.at)? })
        };
        days.into_iter().filter_map(at).collect()
    }
}

/// The day a value falls on in `zone`.
fn day(value: &Value, zone: Tz) -> Option<NaiveDate> {
    match value {
        Value::Date(day) => Some(*day),
        Value::Time(time) => Some(time.with_timezone(&zone).date_naive()),
        _ => None,
    }
}

/// A moment; for a day, its `at` in `zone`.
fn moment(value: &Value, at: NaiveTime, zone: Tz) -> Option<DateTime<Utc>> {
    match value {
        Value::Time(time) => Some(*time),
        Value::Date(day) => local(zone, *day, at),
        _ => None,
    }
}

/// How running records of an older version come to this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Migrate {
    /// The version they come from.
    pub from: u32,
    /// Old state → new state. States of the same name need no entry.
    pub states: BTreeMap<String, String>,
}
