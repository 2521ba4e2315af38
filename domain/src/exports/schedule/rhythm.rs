//! When a schedule comes.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use workflows::calendar::local;

/// Days looked ahead: every rhythm comes at least once a month.
const AHEAD: u64 = 62;

/// The days of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Every {
    Day,
    /// On this day of the week, 1 being Monday.
    Week(u32),
    /// On this day of the month, or the last of a shorter one.
    Month(u32),
}

impl Every {
    pub(super) fn of(every: &str, weekday: Option<i32>, month_day: Option<i32>) -> Option<Self> {
        let within = |day: Option<i32>, last: u32| day.and_then(|day| u32::try_from(day).ok()).filter(|day| (1..=last).contains(day));
        match every {
            "day" => Some(Self::Day),
            "week" => within(weekday, 7).map(Self::Week),
            "month" => within(month_day, 31).map(Self::Month),
            _ => None,
        }
    }

    fn holds(self, day: NaiveDate) -> bool {
        let is_last = || day.succ_opt().is_none_or(|next| next.month() != day.month());
        match self {
            Self::Day => true,
            Self::Week(weekday) => day.weekday().number_from_monday() == weekday,
            Self::Month(wanted) => day.day() == wanted || day.day() < wanted && is_last(),
        }
    }

    /// The first moment after `now` at which the clock on the wall of `zone` shows `at` on one of the days.
    pub(super) fn next(self, at: NaiveTime, zone: Tz, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let today = now.with_timezone(&zone).date_naive();
        let days = (0..=AHEAD).filter_map(|days| today.checked_add_days(Days::new(days))).filter(|day| self.holds(*day));
        days.filter_map(|day| local(zone, day, at)).find(|moment| *moment > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MORNING: NaiveTime = NaiveTime::from_hms_opt(8, 30, 0).expect("a time");

    fn next(every: Every, zone: Tz, now: &str) -> String {
        let now = now.parse().expect("an instant");
        every.next(MORNING, zone, now).expect("comes").format("%F %R").to_string()
    }

    #[test]
    fn every_day_by_the_companys_clock() {
        assert_eq!(next(Every::Day, Tz::Asia__Almaty, "2026-03-02T03:29:59Z"), "2026-03-02 03:30");
        assert_eq!(next(Every::Day, Tz::Asia__Almaty, "2026-03-02T03:30:00Z"), "2026-03-03 03:30", "its own moment is over");
        assert_eq!(next(Every::Day, Tz::Europe__Berlin, "2026-03-28T08:00:00Z"), "2026-03-29 06:30", "the clock was turned");
    }

    #[test]
    fn once_a_week_and_once_a_month_even_in_a_short_one() {
        // 2 March 2026 is a Monday
        assert_eq!(next(Every::Week(1), Tz::UTC, "2026-03-02T08:00:00Z"), "2026-03-02 08:30");
        assert_eq!(next(Every::Week(1), Tz::UTC, "2026-03-02T09:00:00Z"), "2026-03-09 08:30");
        assert_eq!(next(Every::Week(7), Tz::UTC, "2026-03-02T09:00:00Z"), "2026-03-08 08:30");
        assert_eq!(next(Every::Month(31), Tz::UTC, "2026-02-01T00:00:00Z"), "2026-02-28 08:30");
        assert_eq!(next(Every::Month(31), Tz::UTC, "2026-02-28T09:00:00Z"), "2026-03-31 08:30");
        assert_eq!(next(Every::Month(30), Tz::UTC, "2028-02-10T00:00:00Z"), "2028-02-29 08:30");
        assert_eq!(next(Every::Month(1), Tz::UTC, "2026-12-01T08:30:00Z"), "2027-01-01 08:30");
    }

    #[test]
    fn a_rhythm_names_its_day() {
        assert_eq!(Every::of("day", None, None), Some(Every::Day));
        assert_eq!(Every::of("week", Some(5), None), Some(Every::Week(5)));
        for wrong in
            [("week", None, Some(3)), ("week", Some(8), None), ("month", None, Some(0)), ("month", Some(1), None), ("year", None, None)]
        {
            assert_eq!(Every::of(wrong.0, wrong.1, wrong.2), None, "{wrong:?}");
        }
    }
}
