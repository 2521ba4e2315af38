//! Hours as people write them: `09:00-13:00`, `mon-fri`.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Calendar;

/// The weekdays, Monday first.
pub(super) const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// A stretch of work within one day, to the minute. In JSON and files `09:00-13:00`; it may end at `24:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shift {
    from: u16,
    to: u16,
}

impl Shift {
    pub(super) const DAY: Self = Self { from: 0, to: 1_440 };
    pub(super) const MORNING: Self = Self { from: 540, to: 780 };
    pub(super) const AFTERNOON: Self = Self { from: 840, to: 1_080 };

    /// A shift between two minutes of a day: `0 ≤ from < to ≤ 1440`, or `None`.
    pub fn new(from: u16, to: u16) -> Option<Self> {
        (from < to && to <= 1_440).then_some(Self { from, to })
    }

    /// The minute of the day it begins at.
    pub fn from(self) -> u16 {
        self.from
    }

    /// The minute of the day it ends at; 1440 is midnight at the end of the day.
    pub fn to(self) -> u16 {
        self.to
    }
}

impl fmt::Display for Shift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}-{:02}:{:02}", self.from / 60, self.from % 60, self.to / 60, self.to % 60)
    }
}

impl FromStr for Shift {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, CalendarError> {
        let ends = text.split_once('-').and_then(|(from, to)| Self::new(minute(from)?, minute(to)?));
        ends.ok_or_else(|| CalendarError::BadShift(text.to_owned()))
    }
}

/// `09:00` as a minute of the day; `24:00` too.
fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let number = |text: &str| (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse::<u16>().ok())?;
    let (hour, minute) = (number(hour)?, number(minute)?);
    (minute < 60 && hour <= 24).then_some(hour * 60 + minute)
}

/// `mon`, or a range that may run over the end of the week, as indices from Monday.
pub(super) fn days(text: &str) -> Result<Vec<usize>, CalendarError> {
    let day = |name: &str| {
        let name = name.trim();
        DAYS.iter().position(|day| *day == name).ok_or_else(|| CalendarError::UnknownDay(name.to_owned()))
    };
    let Some((first, last)) = text.split_once('-') else { return Ok(vec![day(text)?]) };
    let (first, last) = (day(first)?, day(last)?);
    let count = (last + 7 - first) % 7 + 1;
    Ok((0..count).map(|step| (first + step) % 7).collect())
}

pub(super) fn date(text: &str) -> Result<NaiveDate, CalendarError> {
    NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").map_err(|_| CalendarError::BadDate(text.to_owned()))
}

/// Why something is no calendar.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// Not a name of the tz database.
    #[error("unknown time zone `{0}`")]
    UnknownZone(String),
    /// Not a day of the week.
    #[error("unknown day `{0}`: mon, tue, wed, thu, fri, sat, sun, or a range such as mon-fri")]
    UnknownDay(String),
    /// Not hours of a day.
    #[error("`{0}` is no stretch of a day such as 09:00-13:00")]
    BadShift(String),
    /// Not a day.
    #[error("`{0}` is no day such as 2026-03-08")]
    BadDate(String),
    /// Two shifts of a day overlap.
    #[error("`{first}` and `{second}` of `{day}` overlap")]
    Overlap {
        /// The day.
        day: &'static str,
        /// The earlier shift.
        first: Shift,
        /// The later one.
        second: Shift,
    },
    /// More than the limit.
    #[error("more than `{limit}` `{what}`")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        limit: usize,
    },
}

impl CalendarError {
    /// The error's key for the edges' sentences.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownZone(_) => "unknown_zone",
            Self::UnknownDay(_) => "unknown_day",
            Self::BadShift(_) => "bad_shift",
            Self::BadDate(_) => "bad_date",
            Self::Overlap { .. } => "shifts_overlap",
            Self::TooMany { .. } => "too_many",
        }
    }
}

impl Serialize for Shift {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Shift {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A calendar in JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    zone: String,
    hours: BTreeMap<String, Vec<String>>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    holidays: Vec<String>,
}

impl From<Calendar> for Written {
    fn from(calendar: Calendar) -> Self {
        let days = DAYS.into_iter().zip(&calendar.week).filter(|(_, shifts)| !shifts.is_empty());
        Self {
            zone: calendar.zone.name().to_owned(),
            hours: days.map(|(day, shifts)| (day.to_owned(), shifts.iter().map(Shift::to_string).collect())).collect(),
            holidays: calendar.holidays.iter().map(NaiveDate::to_string).collect(),
        }
    }
}

impl TryFrom<Written> for Calendar {
    type Error = CalendarError;

    fn try_from(written: Written) -> Result<Self, CalendarError> {
        let hours = written.hours.iter().map(|(days, shifts)| (days.as_str(), shifts.iter().map(String::as_str).collect()));
        Self::read(&written.zone, hours, written.holidays.iter().map(String::as_str))
    }
}
