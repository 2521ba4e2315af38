//! Against a reading minute by minute.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Timelike, Utc};
use proptest::prelude::*;
use workflows::calendar::{Calendar, Shift};

use crate::support::utc;

/// Changes of the clock and days without one, each with its zone.
const OCCASIONS: [(&str, &str); 17] = [
    ("Asia/Almaty", "2024-02-29 18:00"),
    ("Asia/Almaty", "2026-06-01 00:00"),
    ("Europe/Berlin", "2026-03-29 01:00"),
    ("Europe/Berlin", "2026-10-25 01:00"),
    ("Europe/Istanbul", "2015-11-08 01:00"),
    ("Europe/Istanbul", "2016-03-27 01:00"),
    ("America/New_York", "2026-03-08 07:00"),
    ("America/New_York", "2026-11-01 06:00"),
    ("Africa/Cairo", "2024-04-25 22:00"),
    ("Africa/Cairo", "2024-10-31 21:00"),
    ("America/Sao_Paulo", "2018-11-04 03:00"),
    ("Australia/Lord_Howe", "2026-04-04 15:00"),
    ("Pacific/Apia", "2011-12-30 10:00"),
    ("Africa/Casablanca", "2026-02-15 02:00"),
    ("Asia/Kathmandu", "2026-06-01 00:00"),
    ("America/Recife", "2000-10-08 03:00"),
    ("UTC", "1969-12-31 00:00"),
];

fn shifts() -> impl Strategy<Value = Vec<Shift>> {
    prop::collection::btree_set(0..=1_440_u16, 0..7)
        .prop_map(|edges| edges.into_iter().collect::<Vec<_>>().chunks_exact(2).filter_map(|pair| Shift::new(pair[0], pair[1])).collect())
}

fn occasion() -> impl Strategy<Value = (Calendar, DateTime<Utc>)> {
    let week = prop::collection::vec(prop_oneof![1 => Just(Vec::new()), 3 => shifts()], 7);
    let holidays = prop::collection::btree_set(-12..20_i64, 0..4);
    (0..OCCASIONS.len(), week, holidays, -8 * 1_440..8 * 1_440_i64).prop_map(|(which, week, holidays, minutes)| {
        let (zone, at) = OCCASIONS[which];
        let holidays = holidays.into_iter().map(|day| utc(at).date_naive() + TimeDelta::days(day)).collect();
        let week = week.try_into().expect("seven days");
        let calendar = Calendar::new(zone.parse().expect("a zone"), week, holidays).expect("a calendar");
        (calendar, utc(at) + TimeDelta::minutes(minutes))
    })
}

/// Whether the clock on the wall shows working time.
fn works(calendar: &Calendar, at: DateTime<Utc>) -> bool {
    let shown = at.with_timezone(&calendar.zone());
    let today: NaiveDate = shown.date_naive();
    let minute = u16::try_from(shown.hour() * 60 + shown.minute()).expect("a minute of a day");
    let shifts = &calendar.week()[shown.weekday().num_days_from_monday() as usize];
    !calendar.holidays().contains(&today) && shifts.iter().any(|shift| (shift.from()..shift.to()).contains(&minute))
}

/// Seconds of working time, minute by minute.
fn naive(calendar: &Calendar, from: DateTime<Utc>, minutes: i64) -> i64 {
    (0..minutes).map(|minute| if works(calendar, from + TimeDelta::minutes(minute)) { 60 } else { 0 }).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn working_time_is_what_the_clock_shows((calendar, from) in occasion(), minutes in 0..15 * 1_440_i64) {
        let to = from + TimeDelta::minutes(minutes);
        prop_assert_eq!(calendar.between(from, to), naive(&calendar, from, minutes));
        prop_assert_eq!(calendar.works(to), works(&calendar, to));
    }

    #[test]
    fn adding_undoes_counting((calendar, from) in occasion(), seconds in 1..400_000_i64) {
        let Some(due) = calendar.add(from, seconds) else {
            prop_assert_eq!(calendar.longest_day(), 0);
            return Ok(());
        };
        prop_assert_eq!(calendar.between(from, due), seconds);
        prop_assert_eq!(calendar.between(from, due - TimeDelta::seconds(1)), seconds - 1, "it is the earliest such moment");
        prop_assert!(calendar.works(due - TimeDelta::seconds(1)));
    }

    #[test]
    fn counting_undoes_adding((calendar, from) in occasion(), minutes in 0..40 * 1_440_i64) {
        let to = from + TimeDelta::minutes(minutes);
        let counted = calendar.between(from, to);
        let back = calendar.add(from, counted).expect("so much was worked");
        prop_assert!(back <= to);
        prop_assert_eq!(calendar.between(back, to), 0, "nothing is worked between them");
    }

    #[test]
    fn parts_come_to_the_whole((calendar, from) in occasion(), first in 0..4_000_000_i64, second in 0..40_000_000_i64) {
        let (middle, to) = (from + TimeDelta::seconds(first), from + TimeDelta::seconds(first + second));
        prop_assert_eq!(calendar.between(from, middle) + calendar.between(middle, to), calendar.between(from, to));
        let json = serde_json::to_value(&calendar).expect("JSON");
        prop_assert_eq!(serde_json::from_value::<Calendar>(json).expect("a calendar"), calendar);
    }
}
