//! Business calendars: a time zone, hours per weekday with gaps, holidays; exact arithmetic of working time.
//!
//! A second counts when the wall clock of the zone shows working hours of a day that is no holiday. Hours that a change of the clock skips are
//! not worked; hours it repeats are worked twice.

mod hours;
mod time;

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

pub use hours::{CalendarError, Shift};

/// The most shifts of one weekday.
pub const MAX_SHIFTS: usize = 12;
/// The most holidays of one calendar.
pub const MAX_HOLIDAYS: usize = 2_000;

/// A company's working time. In JSON `{"zone", "hours": {"mon": ["09:00-13:00", …], …}, "holidays": ["2026-03-08", …]}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "hours::Written", try_from = "hours::Written")]
pub struct Calendar {
    zone: Tz,
    week: [Vec<Shift>; 7],
    holidays: BTreeSet<NaiveDate>,
}

impl Calendar {
    /// A calendar of these shifts, Monday first. The shifts of a day are put into order.
    ///
    /// # Errors
    ///
    /// Two shifts of a day overlap, or there is too much of something.
    pub fn new(zone: Tz, mut week: [Vec<Shift>; 7], holidays: BTreeSet<NaiveDate>) -> Result<Self, CalendarError> {
        for (day, shifts) in hours::DAYS.into_iter().zip(&mut week) {
            shifts.sort_unstable();
            if shifts.len() > MAX_SHIFTS {
                return Err(CalendarError::TooMany { what: "shifts", limit: MAX_SHIFTS });
            }
            if let Some(pair) = shifts.windows(2).find(|pair| pair[1].from() < pair[0].to()) {
                return Err(CalendarError::Overlap { day, first: pair[0], second: pair[1] });
            }
        }
        if holidays.len() > MAX_HOLIDAYS {
            return Err(CalendarError::TooMany { what: "holidays", limit: MAX_HOLIDAYS });
        }
        Ok(Self { zone, week, holidays })
    }

    /// A calendar as people write it: a zone of the tz database, hours by day (`mon`, `mon-fri`, `sat-mon`), holidays as `2026-03-08`.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong.
    pub fn read<'a>(
        zone: &str,
        hours: impl IntoIterator<Item = (&'a str, Vec<&'a str>)>,
        holidays: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, CalendarError> {
        let mut week: [Vec<Shift>; 7] = Default::default();
        for (days, shifts) in hours {
            let shifts = shifts.into_iter().map(str::parse).collect::<Result<Vec<Shift>, _>>()?;
            for day in hours::days(days)? {
                week[day].extend(&shifts);
            }
        }
        let zone = zone.parse().map_err(|_| CalendarError::UnknownZone(zone.to_owned()))?;
        let holidays = holidays.into_iter().map(hours::date).collect::<Result<_, _>>()?;
        Self::new(zone, week, holidays)
    }

    /// Every second of every day: what a wall clock counts.
    pub fn always(zone: Tz) -> Self {
        Self { zone, week: std::array::from_fn(|_| vec![Shift::DAY]), holidays: BTreeSet::new() }
    }

    /// Monday to Friday, 9 to 18 with an hour for lunch at 13: what a company has until it says otherwise.
    pub fn office(zone: Tz) -> Self {
        let week = std::array::from_fn(|day| if day < 5 { vec![Shift::MORNING, Shift::AFTERNOON] } else { Vec::new() });
        Self { zone, week, holidays: BTreeSet::new() }
    }

    /// The time zone.
    pub fn zone(&self) -> Tz {
        self.zone
    }

    /// The shifts, Monday first.
    pub fn week(&self) -> &[Vec<Shift>; 7] {
        &self.week
    }

    /// The days off.
    pub fn holidays(&self) -> &BTreeSet<NaiveDate> {
        &self.holidays
    }

    /// Seconds of the longest weekday: what one day of a [`crate::duration::Span`] is on this calendar. 0 if it never works.
    pub fn longest_day(&self) -> i64 {
        self.week.iter().map(|shifts| time::seconds(shifts)).max().unwrap_or_default()
    }
}

/// The moment a clock in `zone` first shows `time` on `date`; where a change of the clock skips it, the moment of the change.
/// `None` only at the edges of what chrono can count.
pub fn local(zone: Tz, date: NaiveDate, time: NaiveTime) -> Option<DateTime<Utc>> {
    time::moment(zone, date.and_time(time))
}
