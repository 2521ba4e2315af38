//! The company's working hours, on which business time is counted.

use std::collections::BTreeMap;

use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use workflows::calendar::{Calendar, CalendarError};
use workflows::{CalendarRef, Workflow};

use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Error, FieldError, Result};
use crate::kernel::permission::Permission;
use crate::kernel::tenant;

/// The calendar of files that name none.
const DEFAULT: &str = "default";

/// The key of the calendar a file counts on.
pub(super) fn named(workflow: &Workflow) -> &str {
    let CalendarRef::Tenant(key) = workflow.calendar();
    key
}

/// A calendar of the company; until it has written one, Monday to Friday, 9 to 18 with an hour at noon, in its own zone.
pub(super) async fn load(cx: &mut Cx<'_>, key: &str) -> Result<Calendar> {
    Ok(stored(cx, key).await?.map_or_else(|| usual(cx), |(calendar, _)| calendar))
}

/// A stored calendar, or the usual one.
pub(super) fn read(cx: &Cx<'_>, stored: Option<serde_json::Value>) -> Result<Calendar> {
    Ok(stored.map_or_else(|| Ok(usual(cx)), serde_json::from_value)?)
}

fn usual(cx: &Cx<'_>) -> Calendar {
    Calendar::office(cx.scope().company().zone)
}

async fn stored(cx: &mut Cx<'_>, key: &str) -> Result<Option<(Calendar, i32)>> {
    let row = sqlx::query!("SELECT calendar, version FROM calendars WHERE tenant_id = $1 AND key = $2", cx.tenant().uuid(), key)
        .fetch_optional(cx.conn())
        .await?;
    row.map(|row| Ok((serde_json::from_value(row.calendar)?, row.version))).transpose()
}

/// Working time as people write it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields, rename = "Calendar")]
pub struct WorkingHours {
    /// A zone of the tz database: `Asia/Almaty`.
    pub zone: String,
    /// Hours by day (`mon` … `sun`, or a range such as `mon-fri`): `["09:00-13:00", "14:00-18:00"]`. A day not named is a day off.
    pub hours: BTreeMap<String, Vec<String>>,
    /// Days off: `2026-03-22`. At most 2,000.
    #[serde(default)]
    #[oai(default)]
    pub holidays: Vec<String>,
}

impl WorkingHours {
    fn of(calendar: &Calendar) -> Result<Self> {
        Ok(serde_json::from_value(serde_json::to_value(calendar)?)?)
    }

    fn read(&self) -> Result<Calendar> {
        let hours = self.hours.iter().map(|(days, shifts)| (days.as_str(), shifts.iter().map(String::as_str).collect()));
        let read = Calendar::read(&self.zone, hours, self.holidays.iter().map(String::as_str));
        let calendar = read.map_err(|error| Error::Invalid(vec![wrong(&error)]))?;
        // on it no deadline would ever come
        if calendar.longest_day() == 0 { Err(Error::field("hours", "no_hours")) } else { Ok(calendar) }
    }
}

fn wrong(error: &CalendarError) -> FieldError {
    match error {
        CalendarError::UnknownZone(_) => FieldError::new("zone", "bad_zone"),
        CalendarError::UnknownDay(day) => FieldError::new("hours", "unknown_day").with("day", day),
        CalendarError::BadShift(shift) => FieldError::new("hours", "bad_shift").with("shift", shift),
        CalendarError::BadDate(_) => FieldError::new("holidays", "not_a_date"),
        CalendarError::Overlap { first, second, .. } => {
            FieldError::new("hours", "shifts_overlap").with("first", first).with("second", second)
        }
        CalendarError::TooMany { what, limit } => {
            FieldError::new(if *what == "holidays" { "holidays" } else { "hours" }, "too_many").with("max", limit)
        }
    }
}

/// The company's calendar and its version; version 0 is the one it has not written itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(rename = "CompanyCalendar")]
pub struct CompanyCalendar {
    /// The working hours.
    pub calendar: WorkingHours,
    /// Its version, which a change must name.
    pub version: i32,
}

/// Reads the company's calendar.
#[derive(Debug, Clone)]
pub struct ShowCalendar;

impl Action for ShowCalendar {
    const NEEDS: Permission = Permission::Member;
    const ACCESS: tenant::Access = tenant::Access::Read;
    type Out = CompanyCalendar;

    async fn run(self, cx: &mut Cx<'_>) -> Result<CompanyCalendar> {
        let (calendar, version) = stored(cx, DEFAULT).await?.unwrap_or_else(|| (usual(cx), 0));
        Ok(CompanyCalendar { calendar: WorkingHours::of(&calendar)?, version })
    }
}

/// Writes the company's calendar. What runs already keeps the one it began with.
#[derive(Debug, Clone)]
pub struct ChangeCalendar {
    /// The version that was read.
    pub version: i32,
    /// The working hours.
    pub calendar: WorkingHours,
}

impl Action for ChangeCalendar {
    const NEEDS: Permission = Permission::CompanyManage;
    type Out = CompanyCalendar;

    async fn run(self, cx: &mut Cx<'_>) -> Result<CompanyCalendar> {
        cx.refuse_limited()?;
        let calendar = self.calendar.read()?;
        cx.hold("calendar").await?;
        let current = stored(cx, DEFAULT).await?.map_or(0, |(_, version)| version);
        if current != self.version {
            return Err(Error::Stale { current, state: None, changed_at: None, changed_by: None });
        }
        let version = sqlx::query_scalar!(
            "INSERT INTO calendars (tenant_id, id, key, calendar) VALUES ($1, $2, $3, $4)
             ON CONFLICT (tenant_id, key) DO UPDATE SET calendar = excluded.calendar RETURNING version",
            cx.tenant().uuid(),
            Uuid::now_v7(),
            DEFAULT,
            serde_json::to_value(&calendar)?,
        )
        .fetch_one(cx.conn())
        .await?;
        Ok(CompanyCalendar { calendar: WorkingHours::of(&calendar)?, version })
    }
}
