//! Calendars as they are written: in files, in settings, in the snapshot of a service level.

use serde_json::json;
use workflows::calendar::{Calendar, CalendarError, Shift};

use crate::support::{calendar, office};

#[test]
fn hours_are_read_by_day_and_by_range() {
    let read = calendar("Asia/Almaty", &[("mon-fri", &["14:00-18:00", "09:00-13:00"]), ("sun-mon", &["20:00-24:00"])], &["2026-03-09"]);
    let written = serde_json::to_value(&read).expect("JSON");
    let weekday = json!(["09:00-13:00", "14:00-18:00"]);
    assert_eq!(
        written,
        json!({
            "zone": "Asia/Almaty",
            "hours": {
                "mon": ["09:00-13:00", "14:00-18:00", "20:00-24:00"],
                "tue": weekday, "wed": weekday, "thu": weekday, "fri": weekday, "sun": ["20:00-24:00"],
            },
            "holidays": ["2026-03-09"],
        })
    );
    assert_eq!(serde_json::from_value::<Calendar>(written).expect("a calendar"), read);
}

#[test]
fn the_office_is_what_a_company_starts_with() {
    assert_eq!(Calendar::office(chrono_tz::Asia::Almaty), office("Asia/Almaty"));
    assert_eq!(Calendar::always(chrono_tz::UTC), calendar("UTC", &[("mon-sun", &["00:00-24:00"])], &[]));
}

#[test]
fn what_is_no_calendar_is_refused_with_the_reason() {
    let read = |zone, days, shifts: &[&'static str], holidays: &[&'static str]| {
        Calendar::read(zone, [(days, shifts.to_vec())], holidays.iter().copied()).expect_err("a refusal")
    };
    let bad = |text: &str| CalendarError::BadShift(text.to_owned());
    assert_eq!(read("Asia/Alma-Ata", "mon", &[], &[]), CalendarError::UnknownZone("Asia/Alma-Ata".to_owned()));
    assert_eq!(read("UTC", "monday", &[], &[]), CalendarError::UnknownDay("monday".to_owned()));
    assert_eq!(read("UTC", "mon-xyz", &[], &[]), CalendarError::UnknownDay("xyz".to_owned()));
    for shift in
        ["9:00-18:00", "09:00", "18:00-09:00", "09:00-09:00", "09:00-24:01", "09:60-10:00", "09:00-25:00", "+9:00-10:00", "nine", ""]
    {
        assert_eq!(read("UTC", "mon", &[shift], &[]), bad(shift));
    }
    assert_eq!(read("UTC", "mon", &[], &["8 March"]), CalendarError::BadDate("8 March".to_owned()));
    let overlap = read("UTC", "mon-tue", &["12:00-18:00", "09:00-13:00"], &[]);
    assert_eq!(overlap.to_string(), "`09:00-13:00` and `12:00-18:00` of `mon` overlap");
    assert_eq!(overlap.code(), "shifts_overlap");
    let minutes: Vec<String> = (0..13).map(|hour| format!("{hour:02}:00-{hour:02}:30")).collect();
    let many = Calendar::read("UTC", [("mon", minutes.iter().map(String::as_str).collect())], []).expect_err("a refusal");
    assert_eq!(many, CalendarError::TooMany { what: "shifts", limit: 12 });
    assert!(serde_json::from_value::<Calendar>(json!({"zone": "UTC", "hours": {}, "lunch": true})).is_err());
}

#[test]
fn shifts_that_touch_do_not_overlap() {
    let calendar = calendar("UTC", &[("mon", &["09:00-13:00", "13:00-18:00"])], &[]);
    assert_eq!(calendar.longest_day(), 9 * 3_600);
    assert_eq!(Shift::new(0, 1_440).expect("a day").to_string(), "00:00-24:00");
    assert_eq!(Shift::new(0, 1_441), None);
}
