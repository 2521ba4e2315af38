//! Calendars and moments for the tests.

use chrono::{DateTime, NaiveDateTime, TimeZone, Utc};
use workflows::calendar::Calendar;
use workflows::duration::Span;

/// Monday to Friday 9 to 18, an hour for lunch at 13.
pub fn office(zone: &str) -> Calendar {
    calendar(zone, &[("mon-fri", &["09:00-13:00", "14:00-18:00"])], &[])
}

pub fn calendar(zone: &str, hours: &[(&str, &[&str])], holidays: &[&str]) -> Calendar {
    Calendar::read(zone, hours.iter().map(|(days, shifts)| (*days, shifts.to_vec())), holidays.iter().copied()).expect("a calendar")
}

/// A moment in UTC, to the minute.
pub fn utc(text: &str) -> DateTime<Utc> {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").expect("a moment").and_utc()
}

/// The first moment at which the calendar's zone shows this.
pub fn here(calendar: &Calendar, text: &str) -> DateTime<Utc> {
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").expect("a moment");
    calendar.zone().from_local_datetime(&local).earliest().expect("a moment the zone shows").to_utc()
}

/// What the calendar's zone shows, with its distance from UTC.
pub fn shown(calendar: &Calendar, at: DateTime<Utc>) -> String {
    at.with_timezone(&calendar.zone()).format("%Y-%m-%d %H:%M%:z").to_string()
}

pub fn span(text: &str) -> Span {
    Span::parse(text).expect("a span")
}
