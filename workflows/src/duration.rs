//! Lengths of time as files write them.

use std::fmt;
use std::str::FromStr;

use chrono::TimeDelta;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::calendar::Calendar;

const DAY: u32 = 86_400;

/// An ISO 8601 duration of weeks, days, hours, minutes and seconds: whole, never negative, ten years at most.
///
/// Days and the rest are kept apart, because a day of a business clock is not 24 hours: see [`Span::on`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Days, weeks written out.
    pub days: u32,
    /// Seconds, minutes and hours written out; they may come to more than a day.
    pub seconds: u32,
}

impl Span {
    /// The longest span, in days.
    pub const MAX_DAYS: u32 = 3_653;

    /// Reads `P2D`, `PT4H`, `P1WT30M`: digits and units in their order, at least one of them, none twice. `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix('P')?;
        let (date, time) = match rest.split_once('T') {
            Some((_, "")) => return None,
            Some(parts) => parts,
            None => (rest, ""),
        };
        if rest.is_empty() {
            return None;
        }
        let days = units(date, &[('W', 7), ('D', 1)])?;
        let seconds = units(time, &[('H', 3_600), ('M', 60), ('S', 1)])?;
        let span = Self { days, seconds };
        (i64::from(days) * i64::from(DAY) + i64::from(seconds) <= i64::from(Self::MAX_DAYS) * i64::from(DAY)).then_some(span)
    }

    /// Whether it is no time at all.
    pub fn is_zero(self) -> bool {
        self == Self::default()
    }

    /// The span on a clock on the wall: a day is 24 hours.
    pub fn wall(self) -> TimeDelta {
        TimeDelta::seconds(i64::from(self.days) * i64::from(DAY) + i64::from(self.seconds))
    }

    /// The span in seconds of business time: a day is one working day of the calendar, as long as its longest weekday. `None` on a calendar that
    /// never works: no time ever passes there, so not even the shortest span comes to an end.
    pub fn on(self, calendar: &Calendar) -> Option<i64> {
        let day = Some(calendar.longest_day()).filter(|day| *day > 0)?;
        Some(i64::from(self.days) * day + i64::from(self.seconds))
    }
}

/// The sum of `<digits><unit>` parts, each unit at most once and in the order given.
fn units(mut text: &str, known: &[(char, u32)]) -> Option<u32> {
    let mut total: u32 = 0;
    for &(unit, size) in known {
        if let Some((count, rest)) = text.split_once(unit) {
            if count.is_empty() || !count.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            total = total.checked_add(count.parse::<u32>().ok()?.checked_mul(size)?)?;
            text = rest;
        }
    }
    text.is_empty().then_some(total)
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_zero() {
            return f.write_str("PT0S");
        }
        f.write_str("P")?;
        if self.days > 0 {
            write!(f, "{}D", self.days)?;
        }
        if self.seconds > 0 {
            f.write_str("T")?;
        }
        for (count, unit) in [(self.seconds / 3_600, 'H'), (self.seconds / 60 % 60, 'M'), (self.seconds % 60, 'S')] {
            if count > 0 {
                write!(f, "{count}{unit}")?;
            }
        }
        Ok(())
    }
}

/// A text that is no [`Span`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an ISO 8601 duration such as `PT4H` or `P2D`, ten years at most")]
pub struct SpanError;

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        Self::parse(text).ok_or(SpanError)
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
