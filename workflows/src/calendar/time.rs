//! The arithmetic. The line of time is cut where the zone changes its distance from UTC; between two cuts local time is plain numbers, and what a
//! stretch of it holds is computed, not walked.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

use super::{Calendar, Shift};

const DAY: i64 = 86_400;
const WEEK: i64 = 7 * DAY;
/// How far one look goes: no zone has ever changed its clock and changed it back sooner (Recife and Gaza come to a week less an hour).
const LOOK: i64 = 6 * DAY;
/// 1 January 1970 was a Thursday: the Monday before it is day −3.
const FIRST_MONDAY: i64 = -3 * DAY;
/// Moments before 1900 and after 2300 count as these: nothing here is worth a walk through geology.
const EARLIEST: i64 = -2_208_988_800;
const LATEST: i64 = 10_413_792_000;

impl Calendar {
    /// Seconds of working time from `from` to `to`; 0 if `to` is not later. Fractions of a second are cut off both moments.
    pub fn between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> i64 {
        let (mut at, end) = (clamp(from), clamp(to));
        let mut total = 0;
        while at < end {
            let stretch = self.stretch(at, end);
            total += self.worked(stretch.local(at), stretch.local(stretch.end));
            at = stretch.end;
        }
        total
    }

    /// The first moment by which `seconds` of working time have passed since `from`; `from` itself for none. `None` if the calendar never works
    /// that long before the year 2300.
    pub fn add(&self, from: DateTime<Utc>, seconds: i64) -> Option<DateTime<Utc>> {
        if seconds <= 0 {
            return Some(from);
        }
        if self.week_seconds() == 0 {
            return None;
        }
        let (mut at, mut left) = (clamp(from), seconds);
        while at < LATEST {
            let stretch = self.stretch(at, LATEST);
            let here = self.worked(stretch.local(at), stretch.local(stretch.end));
            if here >= left {
                return DateTime::from_timestamp(self.reach(stretch.local(at), left) - stretch.offset, 0);
            }
            left -= here;
            at = stretch.end;
        }
        None
    }

    /// Whether it is working time at `at`.
    pub fn works(&self, at: DateTime<Utc>) -> bool {
        let at = clamp(at);
        let local = at + offset(self.zone, at);
        let second = local.rem_euclid(DAY);
        self.day(local.div_euclid(DAY)).any(|(from, to)| (from..to).contains(&second))
    }

    /// From `at` to the next cut, `end` at the latest.
    fn stretch(&self, at: i64, end: i64) -> Stretch {
        let end = end.min(at + LOOK);
        let here = offset(self.zone, at);
        if offset(self.zone, end) == here {
            return Stretch { end, offset: here };
        }
        let (mut same, mut other) = (at, end);
        while other - same > 1 {
            let middle = same.midpoint(other);
            if offset(self.zone, middle) == here {
                same = middle;
            } else {
                other = middle;
            }
        }
        Stretch { end: other, offset: here }
    }

    fn week_seconds(&self) -> i64 {
        self.week.iter().map(|shifts| seconds(shifts)).sum()
    }

    /// Working seconds between two local moments.
    fn worked(&self, from: i64, to: i64) -> i64 {
        let dates = (date(from.div_euclid(DAY)), date(to.div_euclid(DAY)));
        let (Some(first), Some(last)) = dates else { return 0 };
        let off: i64 = self.holidays.range(first..=last).map(|holiday| self.lost(*holiday, from, to)).sum();
        self.since_monday(to) - self.since_monday(from) - off
    }

    /// Working seconds from the first Monday to a local moment, holidays included. Negative before that Monday.
    fn since_monday(&self, local: i64) -> i64 {
        let since = local - FIRST_MONDAY;
        let (weeks, rest) = (since.div_euclid(WEEK), since.rem_euclid(WEEK));
        let days =
            self.week.iter().zip(0..).map(|(shifts, day)| shifts.iter().map(|shift| overlap(*shift, day * DAY, 0, rest)).sum::<i64>());
        weeks * self.week_seconds() + days.sum::<i64>()
    }

    /// What a holiday takes from the working seconds between two local moments.
    fn lost(&self, holiday: NaiveDate, from: i64, to: i64) -> i64 {
        let day = holiday.signed_duration_since(NaiveDate::default()).num_days();
        self.shifts(day).iter().map(|shift| overlap(*shift, day * DAY, from, to)).sum()
    }

    /// The local moment at which `left` working seconds have passed since `local`. There are that many within the week that follows.
    fn reach(&self, local: i64, mut left: i64) -> i64 {
        let today = local.div_euclid(DAY);
        for day in today..=today + 7 {
            for (from, to) in self.day(day) {
                let (from, to) = ((day * DAY + from).max(local), day * DAY + to);
                if to - from >= left {
                    return from + left;
                }
                left -= (to - from).max(0);
            }
        }
        local
    }

    /// The working stretches of a local day, counted from 1970, in seconds of that day; none on a holiday.
    fn day(&self, day: i64) -> impl Iterator<Item = (i64, i64)> + '_ {
        let off = date(day).is_none_or(|date| self.holidays.contains(&date));
        let shifts = if off { &[][..] } else { self.shifts(day) };
        shifts.iter().map(|shift| (i64::from(shift.from()) * 60, i64::from(shift.to()) * 60))
    }

    /// The shifts of the weekday of a local day counted from 1970.
    fn shifts(&self, day: i64) -> &[Shift] {
        let weekday = usize::try_from((day - FIRST_MONDAY / DAY).rem_euclid(7)).unwrap_or_default();
        &self.week[weekday]
    }
}

/// A stretch of time with one distance between local time and UTC.
struct Stretch {
    end: i64,
    offset: i64,
}

impl Stretch {
    fn local(&self, at: i64) -> i64 {
        at + self.offset
    }
}

/// Seconds of all shifts of a day.
pub(super) fn seconds(shifts: &[Shift]) -> i64 {
    shifts.iter().map(|shift| i64::from(shift.to() - shift.from()) * 60).sum()
}

/// Seconds of a shift of the day that begins at `midnight` which lie between two moments.
fn overlap(shift: Shift, midnight: i64, from: i64, to: i64) -> i64 {
    let begins = (midnight + i64::from(shift.from()) * 60).max(from);
    let ends = (midnight + i64::from(shift.to()) * 60).min(to);
    (ends - begins).max(0)
}

fn clamp(at: DateTime<Utc>) -> i64 {
    at.timestamp().clamp(EARLIEST, LATEST)
}

/// Local time minus UTC, in seconds.
fn offset(zone: Tz, at: i64) -> i64 {
    let utc = DateTime::from_timestamp(at, 0).unwrap_or_default().naive_utc();
    i64::from(zone.offset_from_utc_datetime(&utc).fix().local_minus_utc())
}

fn date(day: i64) -> Option<NaiveDate> {
    NaiveDate::default().checked_add_signed(TimeDelta::try_days(day)?)
}

/// See [`super::local`].
pub(super) fn moment(zone: Tz, local: NaiveDateTime) -> Option<DateTime<Utc>> {
    if let Some(found) = zone.from_local_datetime(&local).earliest() {
        return Some(found.with_timezone(&Utc));
    }
    // the clock jumps over it: the first moment after which it shows something later
    let shows_later = |at: i64| DateTime::from_timestamp(at, 0).is_none_or(|at| at.with_timezone(&zone).naive_local() > local);
    let guess = local.and_utc().timestamp();
    let (mut before, mut after) = (guess - 2 * DAY, guess + 2 * DAY);
    while after - before > 1 {
        let middle = before.midpoint(after);
        if shows_later(middle) {
            after = middle;
        } else {
            before = middle;
        }
    }
    DateTime::from_timestamp(after, 0)
}
