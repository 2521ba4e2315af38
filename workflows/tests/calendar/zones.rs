//! Days on which the clock changes: in spring, in autumn, for good, at midnight, and over a whole day.

use chrono::NaiveTime;
use workflows::calendar::{Calendar, local};

use crate::support::{calendar, here, shown, utc};

const HOUR: i64 = 3_600;

fn night(zone: &str) -> Calendar {
    calendar(zone, &[("mon-sun", &["00:00-06:00"])], &[])
}

/// Working seconds of one local night, counted over a window that holds it whole.
fn worked(zone: &str, from: &str, to: &str) -> i64 {
    night(zone).between(utc(from), utc(to)) / 60
}

#[test]
fn the_night_of_a_change_is_as_long_as_it_was() {
    // zone, window in UTC around one local night, minutes of 00:00–06:00 in it
    for (zone, from, to, minutes) in [
        ("Europe/Berlin", "2026-03-28 12:00", "2026-03-29 12:00", 300),
        ("Europe/Berlin", "2026-10-24 12:00", "2026-10-25 12:00", 420),
        ("America/New_York", "2026-03-08 00:00", "2026-03-08 20:00", 300),
        ("America/New_York", "2026-11-01 00:00", "2026-11-01 20:00", 420),
        ("Australia/Lord_Howe", "2026-10-03 09:00", "2026-10-04 03:00", 330),
        ("Australia/Lord_Howe", "2026-04-04 08:00", "2026-04-05 03:00", 390),
        ("Europe/Istanbul", "2016-03-26 12:00", "2016-03-27 12:00", 300),
        // since that spring the clock of Türkiye has stayed where it was
        ("Europe/Istanbul", "2016-10-29 12:00", "2016-10-30 12:00", 360),
        // the autumn before it went back two weeks late, for an election
        ("Europe/Istanbul", "2015-10-24 12:00", "2015-10-25 12:00", 360),
        ("Europe/Istanbul", "2015-11-07 12:00", "2015-11-08 12:00", 420),
        // Kazakhstan went to one time: at the midnight that begins 1 March the clock went back to 23:00 of 29 February
        ("Asia/Almaty", "2024-02-29 12:00", "2024-03-01 12:00", 360),
        // Cairo and São Paulo skip midnight itself
        ("Africa/Cairo", "2024-04-25 12:00", "2024-04-26 12:00", 300),
        ("America/Sao_Paulo", "2018-11-03 12:00", "2018-11-04 12:00", 300),
    ] {
        assert_eq!(worked(zone, from, to), minutes, "{zone} {from}");
    }
}

#[test]
fn the_hour_almaty_had_twice_counts_twice() {
    let late = calendar("Asia/Almaty", &[("mon-sun", &["22:00-24:00"])], &[]);
    assert_eq!(late.between(utc("2024-02-29 12:00"), utc("2024-02-29 22:00")), 3 * HOUR);
    let due = late.add(here(&late, "2024-02-29 22:30"), 2 * HOUR).expect("it works");
    assert_eq!(shown(&late, due), "2024-02-29 23:30+05:00", "half an hour, the hour before the change, half an hour of its second showing");
    let office = calendar("Asia/Almaty", &[("mon-fri", &["09:00-18:00"])], &[]);
    let due = office.add(here(&office, "2024-02-29 17:00"), 2 * HOUR).expect("it works");
    assert_eq!(due, utc("2024-03-01 05:00"), "ten o'clock, an hour later in the world than the week before");
}

#[test]
fn a_shift_inside_the_repeated_hour_is_worked_in_two_parts() {
    // 02:00–03:00 is shown twice; the shift 01:30–02:30 is not one stretch
    let berlin = calendar("Europe/Berlin", &[("sun", &["01:30-02:30"])], &[]);
    assert_eq!(berlin.between(utc("2026-10-24 12:00"), utc("2026-10-25 12:00")), HOUR + HOUR / 2);
    let from = utc("2026-10-24 23:30");
    assert_eq!(berlin.add(from, HOUR), Some(utc("2026-10-25 00:30")));
    assert_eq!(berlin.add(from, HOUR + 60), Some(utc("2026-10-25 01:01")), "after a gap of half an hour");
    assert!(!berlin.works(utc("2026-10-25 00:45")));
    assert!(berlin.works(utc("2026-10-25 01:15")));
}

#[test]
fn a_shift_inside_the_skipped_hour_is_not_worked() {
    let berlin = calendar("Europe/Berlin", &[("sun", &["02:00-03:00"])], &[]);
    assert_eq!(berlin.between(utc("2026-03-28 12:00"), utc("2026-03-29 12:00")), 0);
    assert_eq!(berlin.add(utc("2026-03-28 12:00"), 1), Some(utc("2026-04-05 00:00") + chrono::TimeDelta::seconds(1)));
    let partly = calendar("Europe/Berlin", &[("sun", &["01:30-02:30"])], &[]);
    assert_eq!(partly.between(utc("2026-03-28 12:00"), utc("2026-03-29 12:00")), HOUR / 2);
}

#[test]
fn deadlines_cross_both_changes_of_a_year() {
    let office = calendar("America/New_York", &[("mon-fri", &["09:00-17:00"])], &[]);
    for (from, expected) in [("2026-03-06 16:00", "2026-03-09 10:00-04:00"), ("2026-10-30 16:00", "2026-11-02 10:00-05:00")] {
        let due = office.add(here(&office, from), 2 * HOUR).expect("it works");
        assert_eq!(shown(&office, due), expected);
    }
    assert_eq!(office.between(utc("2026-01-01 00:00"), utc("2027-01-01 00:00")), 261 * 8 * HOUR, "every working day has its eight hours");
}

#[test]
fn a_day_that_never_was_is_not_worked() {
    // Samoa crossed the date line: after Thursday 29 December 2011 came Saturday the 31st
    let samoa = calendar("Pacific/Apia", &[("mon-fri", &["09:00-17:00"])], &[]);
    assert_eq!(samoa.between(utc("2011-12-26 12:00"), utc("2012-01-01 10:00")), 4 * 8 * HOUR);
    let due = samoa.add(here(&samoa, "2011-12-29 16:00"), 2 * HOUR).expect("it works");
    assert_eq!(shown(&samoa, due), "2012-01-02 10:00+14:00");
}

#[test]
fn the_local_time_of_a_reminder_exists_on_every_day() {
    let time = |hour, minute| NaiveTime::from_hms_opt(hour, minute, 0).expect("a time");
    for (zone, day, at, expected) in [
        ("Asia/Almaty", "2026-03-02", time(8, 0), "2026-03-02 03:00"),
        ("Africa/Cairo", "2024-04-26", time(0, 0), "2024-04-25 22:00"),
        ("Africa/Cairo", "2024-04-26", time(0, 30), "2024-04-25 22:00"),
        ("Africa/Cairo", "2024-04-26", time(1, 0), "2024-04-25 22:00"),
        ("Europe/Berlin", "2026-03-29", time(2, 30), "2026-03-29 01:00"),
        ("Europe/Berlin", "2026-10-25", time(2, 30), "2026-10-25 00:30"),
        ("Pacific/Apia", "2011-12-30", time(8, 0), "2011-12-30 10:00"),
    ] {
        let zone = zone.parse().expect("a zone");
        let day = day.parse().expect("a day");
        assert_eq!(local(zone, day, at), Some(utc(expected)), "{zone} {day} {at}");
    }
}
