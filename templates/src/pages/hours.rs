//! The company's working hours and its own figures for service levels.

use serde::Serialize;

use super::parts::{Errors, Text, errors};
use crate::page::templates;

templates! {
    HoursPage => "hours/show.html",
}

/// `GET /{company}/service-levels`, and the forms on it: `POST …/service-levels/calendar` (`zone`, a field a weekday, `holidays`) and
/// `POST …/service-levels/{sla}` (`target`, `warn`, `by_<value>`).
#[derive(Clone, Debug, Serialize)]
pub struct HoursPage {
    /// The page's own path.
    pub base: String,
    /// The calendar's version.
    pub version: i32,
    /// Its time zone.
    pub zone: String,
    /// The weekdays, Monday first.
    pub days: Vec<Day>,
    /// Days off, one a line.
    pub holidays: String,
    /// Whether the reader may change it.
    pub can_change: bool,
    /// What is wrong with it.
    pub errors: Errors,
    /// Service levels the reader may set figures for.
    pub levels: Vec<LevelForm>,
}

/// The hours of a weekday.
#[derive(Clone, Debug, Serialize)]
pub struct Day {
    /// `mon` to `sun`.
    pub key: String,
    /// `09:00-13:00, 14:00-18:00`; empty for a day off.
    pub hours: String,
}

/// The figures of a service level.
#[derive(Clone, Debug, Serialize)]
pub struct LevelForm {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: Text,
    /// `business` or `wall`.
    pub clock: String,
    /// The version of the company's own figures.
    pub version: i32,
    /// The targets: one, or one a value of a field.
    pub targets: Vec<Target>,
    /// The percentage at which it warns, where the file warns.
    pub warn: Option<WarnAt>,
    /// What is wrong with them.
    pub errors: Errors,
}

/// A target.
#[derive(Clone, Debug, Serialize)]
pub struct Target {
    /// The form's field.
    pub name: String,
    /// For what; empty for every record.
    pub label: Option<Text>,
    /// What the file says.
    pub file: String,
    /// What the company says instead.
    pub own: String,
}

/// When a service level warns.
#[derive(Clone, Debug, Serialize)]
pub struct WarnAt {
    /// What the file says.
    pub file: u8,
    /// What the company says instead.
    pub own: String,
}

impl HoursPage {
    fn samples() -> Vec<Self> {
        let day = |key: &str, hours: &str| Day { key: key.into(), hours: hours.into() };
        let office = "09:00-13:00, 14:00-18:00";
        let days =
            ["mon", "tue", "wed", "thu", "fri"].map(|key| day(key, office)).into_iter().chain(["sat", "sun"].map(|key| day(key, "")));
        let target = |value: &str, file: &str, own: &str| Target {
            name: format!("by_{value}"),
            label: Some(Text::key(format!("work_order.priority.{value}"))),
            file: file.into(),
            own: own.into(),
        };
        let level = LevelForm {
            id: "resolution".into(),
            name: Text::key("wf.work_order.sla.resolution"),
            clock: "business".into(),
            version: 2,
            targets: vec![target("critical", "PT4H", "PT2H"), target("low", "P5D", "")],
            warn: Some(WarnAt { file: 80, own: "120".into() }),
            errors: errors([("warn", "1 мен 99 аралығында болуы керек.")]),
        };
        let plain = LevelForm {
            id: "response".into(),
            name: Text::raw("First answer"),
            clock: "wall".into(),
            targets: vec![Target { name: "target".into(), label: None, file: "PT1H".into(), own: String::new() }],
            warn: None,
            errors: errors([]),
            ..level.clone()
        };
        let full = Self {
            base: "/steppe/service-levels".into(),
            version: 3,
            zone: "Asia/Almaty".into(),
            days: days.collect(),
            holidays: "2026-03-08\n2026-03-21".into(),
            can_change: true,
            errors: errors([("hours", "Бұл күн сағаттары емес: 9-18.")]),
            levels: vec![level, plain],
        };
        let seen = Self { can_change: false, levels: Vec::new(), errors: errors([]), ..full.clone() };
        vec![full, seen]
    }
}
