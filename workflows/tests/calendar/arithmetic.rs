//! Working time on ordinary days: gaps, weekends, holidays, one-day weeks, calendars that never work.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use workflows::calendar::Calendar;

use crate::support::{calendar, here, office, shown, span, utc};

const HOUR: i64 = 3_600;

#[test]
fn time_is_added_over_lunch_nights_and_weekends() {
    let office = office("Asia/Almaty");
    for (from, hours, expected) in [
        ("2026-03-02 09:00", 4, "2026-03-02 13:00"),
        ("2026-03-02 09:00", 5, "2026-03-02 15:00"),
        ("2026-03-02 12:30", 1, "2026-03-02 14:30"),
        ("2026-03-02 13:20", 1, "2026-03-02 15:00"),
        ("2026-03-02 17:00", 2, "2026-03-03 10:00"),
        ("2026-03-02 03:00", 1, "2026-03-02 10:00"),
        ("2026-03-06 17:30", 1, "2026-03-09 09:30"),
        ("2026-03-07 12:00", 8, "2026-03-09 18:00"),
        ("2026-03-02 09:00", 40, "2026-03-06 18:00"),
        ("2026-03-02 09:00", 41, "2026-03-09 10:00"),
        ("2026-03-02 09:00", 40 * 52, "2027-02-26 18:00"),
    ] {
        let due = office.add(here(&office, from), hours * HOUR).expect("it works");
        assert_eq!(shown(&office, due), format!("{expected}+05:00"), "{from} + {hours} h");
        assert_eq!(office.between(here(&office, from), due), hours * HOUR);
    }
}

#[test]
fn holidays_are_not_worked() {
    let calendar = calendar("Asia/Almaty", &[("mon-fri", &["09:00-18:00"])], &["2026-03-23", "2026-03-24", "2026-03-22", "2026-03-09"]);
    let due = calendar.add(here(&calendar, "2026-03-20 17:00"), 2 * HOUR).expect("it works");
    assert_eq!(shown(&calendar, due), "2026-03-25 10:00+05:00", "Nauryz");
    assert_eq!(calendar.between(utc("2026-03-01 00:00"), utc("2026-04-01 00:00")), (22 - 3) * 9 * HOUR, "the 22nd is a Sunday anyway");
    assert!(!calendar.works(here(&calendar, "2026-03-23 12:00")));
    assert!(calendar.works(here(&calendar, "2026-03-25 12:00")));
}

#[test]
fn a_week_of_one_day_is_a_week() {
    let saturday = calendar("Europe/Istanbul", &[("sat", &["10:00-14:00"])], &["2026-03-14"]);
    let due = saturday.add(here(&saturday, "2026-03-02 00:00"), 10 * HOUR).expect("it works");
    assert_eq!(shown(&saturday, due), "2026-03-28 12:00+03:00", "the 7th, not the 14th, the 21st, half of the 28th");
    assert_eq!(saturday.longest_day(), 4 * HOUR);
    let due = saturday.add(here(&saturday, "2026-03-02 00:00"), span("P2D").on(&saturday).expect("it works")).expect("it works");
    assert_eq!(shown(&saturday, due), "2026-03-21 14:00+03:00");
}

#[test]
fn a_night_shift_goes_on_after_midnight() {
    let night = calendar("Asia/Almaty", &[("mon-sun", &["20:00-24:00", "00:00-04:00"])], &[]);
    let due = night.add(here(&night, "2026-03-02 22:00"), 5 * HOUR).expect("it works");
    assert_eq!(shown(&night, due), "2026-03-03 03:00+05:00");
    assert!(night.works(here(&night, "2026-03-03 00:00")));
    assert!(!night.works(here(&night, "2026-03-03 04:00")));
}

#[test]
fn a_calendar_that_never_works_has_no_deadline() {
    let never = calendar("UTC", &[], &[]);
    let from = utc("2026-03-02 09:00");
    assert_eq!(never.add(from, 1), None);
    assert_eq!(never.add(from, 0), Some(from), "nothing is done at once");
    assert_eq!(never.between(from, from + TimeDelta::days(5_000)), 0);
    assert_eq!(never.longest_day(), 0);
}

#[test]
fn the_earliest_moment_is_the_deadline() {
    let office = office("UTC");
    let evening = office.add(utc("2026-03-06 14:00"), 4 * HOUR);
    assert_eq!(evening, Some(utc("2026-03-06 18:00")), "Friday evening, not Monday morning");
    let saturday = utc("2026-03-07 10:00");
    assert_eq!(office.add(saturday, 0), Some(saturday));
}

#[test]
fn time_does_not_run_backwards_and_fractions_are_cut() {
    let office = office("UTC");
    let (from, to) = (utc("2026-03-02 09:00"), utc("2026-03-02 10:00"));
    assert_eq!(office.between(to, from), 0);
    assert_eq!(office.add(from, -5), Some(from));
    let half = TimeDelta::milliseconds(700);
    assert_eq!(office.between(from + half, to + TimeDelta::milliseconds(200)), HOUR);
    assert_eq!(office.add(from + half, HOUR), Some(to));
}

#[test]
fn the_ends_of_time_are_no_abyss() {
    let office = office("UTC");
    let start = Instant::now();
    let all = office.between(DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
    assert!(all > 300 * 2_000 * HOUR);
    assert_eq!(office.add(DateTime::<Utc>::MAX_UTC, 1), None);
    assert_eq!(office.add(utc("2026-03-02 09:00"), i64::MAX), None);
    assert!(office.add(DateTime::<Utc>::MIN_UTC, 1).is_some());
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn ten_years_are_not_walked_day_by_day() {
    let zones = ["Asia/Almaty", "Europe/Berlin", "America/New_York"];
    let start = Instant::now();
    for calendar in zones.map(office) {
        let from = here(&calendar, "2026-03-02 09:00");
        for minute in 0..50 {
            let from = from + TimeDelta::minutes(minute);
            let due = calendar.add(from, span("P3653D").on(&calendar).expect("it works")).expect("it works");
            assert_eq!(calendar.between(from, due), 3_653 * 8 * HOUR);
        }
    }
    // 300 walks over 14 years: some 100 ms unoptimised, and a second-by-second walk would take hours
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn many_holidays_are_no_burden() {
    let days = (0..2_000).map(|day| (utc("2026-01-01 00:00") + TimeDelta::days(day)).date_naive());
    let week = std::array::from_fn(|_| vec!["09:00-18:00".parse().expect("a shift")]);
    let calendar = Calendar::new(chrono_tz::UTC, week, days.collect()).expect("a calendar");
    let due = calendar.add(utc("2025-12-31 17:00"), 2 * HOUR).expect("it works");
    assert_eq!(due, utc("2026-01-01 10:00") + TimeDelta::days(2_000));
}
