//! The company's working hours.

use serde_json::json;

use super::Shop;
use crate::kernel::error::Error;
use crate::kernel::testing::{named, read};
use crate::workflow::{ChangeCalendar, ShowCalendar};

#[tokio::test]
async fn given_a_new_company_when_it_writes_its_hours_then_they_replace_the_usual_ones() {
    let shop = Shop::new().await;
    let (app, admin) = (&shop.world.app, &shop.company.admin);
    let usual = app.run(&shop.technician, ShowCalendar).await.expect("reads");
    assert_eq!((usual.version, usual.calendar.zone.as_str(), usual.calendar.hours.len()), (0, "Asia/Almaty", 5));
    assert_eq!(usual.calendar.hours["mon"], ["09:00-13:00", "14:00-18:00"]);
    let hours = json!({ "zone": "Asia/Almaty", "hours": { "mon-sat": ["08:00-17:00"] }, "holidays": ["2026-03-22"] });
    let written = app.run(admin, ChangeCalendar { version: 0, calendar: read(hours.clone()) }).await.expect("writes");
    assert_eq!((written.version, written.calendar.hours.len(), &written.calendar.holidays[0]), (1, 6, &"2026-03-22".to_owned()));
    assert_eq!(app.run(&shop.technician, ShowCalendar).await.expect("reads"), written);
    let stale = app.run(admin, ChangeCalendar { version: 0, calendar: read(hours.clone()) }).await.expect_err("was written meanwhile");
    assert!(matches!(stale, Error::Stale { current: 1, .. }), "{stale:?}");
    let refused = app.run(&shop.technician, ChangeCalendar { version: 1, calendar: read(hours) }).await.expect_err("may not");
    assert!(matches!(refused, Error::Forbidden(_)), "{refused:?}");
}

#[tokio::test]
async fn given_hours_that_are_none_when_written_then_the_field_is_named() {
    let shop = Shop::new().await;
    for (zone, hours, holidays, field, code) in [
        ("Mars/Olympus", json!({}), json!([]), "zone", "bad_zone"),
        ("Asia/Almaty", json!({ "moonday": ["09:00-10:00"] }), json!([]), "hours", "unknown_day"),
        ("Asia/Almaty", json!({ "mon": ["10:00-09:00"] }), json!([]), "hours", "bad_shift"),
        ("Asia/Almaty", json!({ "mon": ["09:00-12:00", "11:00-13:00"] }), json!([]), "hours", "shifts_overlap"),
        ("Asia/Almaty", json!({}), json!(["22 March"]), "holidays", "not_a_date"),
        ("Asia/Almaty", json!({}), json!([]), "hours", "no_hours"),
        ("Asia/Almaty", json!({ "mon-sun": [] }), json!([]), "hours", "no_hours"),
    ] {
        let calendar = read(json!({ "zone": zone, "hours": hours, "holidays": holidays }));
        let refused = named(shop.world.app.run(&shop.company.admin, ChangeCalendar { version: 0, calendar }).await);
        assert_eq!(refused, [(field.to_owned(), code.to_owned())]);
    }
}
