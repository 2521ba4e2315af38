//! Schedules added, changed, stopped. An owner sees and changes their own; whoever manages the company, everybody's.

use chrono::{DateTime, NaiveTime, Utc};
use serde_json::json;
use uuid::Uuid;
use workflows::Recipient;

use super::TIMER;
use super::model::{EVERY, ExportSchedule, Schedule, ScheduleInput};
use super::rhythm::Every;
use crate::exports::lists;
use crate::exports::request::wrong_in;
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Checks, Error, FieldError, Result};
use crate::kernel::id::Id;
use crate::kernel::permission::Permission;
use crate::kernel::tenant::Access;
use crate::notify::{Telling, Words, tell};

/// Schedules of a company.
const MOST: i64 = 100;
/// People a schedule sends to.
const RECIPIENTS: usize = 50;

/// The schedules the actor may see, by name.
#[derive(Debug, Clone)]
pub struct ListSchedules;

impl Action for ListSchedules {
    const NEEDS: Permission = Permission::ExportRun;
    const ACCESS: Access = Access::Read;
    type Out = Vec<Schedule>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Vec<Schedule>> {
        schedules(cx, None).await
    }
}

async fn schedules(cx: &mut Cx<'_>, id: Option<Uuid>) -> Result<Vec<Schedule>> {
    let everybodys = cx.scope().can(Permission::CompanyManage);
    Ok(sqlx::query_as!(
        Schedule,
        r#"SELECT s.id, s.name, s.member_id, o.name AS member, s.list, s.query, s.columns, s.format, s.every, s.weekday, s.month_day,
             to_char(s.at, 'HH24:MI') AS "at!", s.recipients,
             ARRAY(SELECT r.name FROM members r WHERE r.tenant_id = s.tenant_id AND r.id = ANY (s.recipients) ORDER BY r.name) AS "recipient_names!",
             s.active, s.stopped, t.due_at AS next_at, s.version
           FROM export_schedules s JOIN members o ON o.tenant_id = s.tenant_id AND o.id = s.member_id
           LEFT JOIN timers t ON t.tenant_id = s.tenant_id AND t.record_id = s.id AND t.key = $5
           WHERE s.tenant_id = $1 AND ($2::uuid IS NULL OR s.id = $2) AND ($3 OR s.member_id = $4) ORDER BY s.name, s.id LIMIT 200"#,
        cx.tenant().uuid(),
        id,
        everybodys,
        cx.scope().actor().id.uuid(),
        TIMER,
    )
    .fetch_all(cx.conn())
    .await?)
}

/// Reads one of them.
#[derive(Debug, Clone)]
pub struct ShowSchedule(
    /// Which.
    pub Id<ExportSchedule>,
);

impl Action for ShowSchedule {
    const NEEDS: Permission = Permission::ExportRun;
    const ACCESS: Access = Access::Read;
    type Out = Schedule;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Schedule> {
        find(cx, self.0).await
    }
}

async fn find(cx: &mut Cx<'_>, id: Id<ExportSchedule>) -> Result<Schedule> {
    schedules(cx, Some(id.uuid())).await?.pop().ok_or(Error::NotFound)
}

/// The people a list may be sent to: those whose role lets them see it, by name.
#[derive(Debug, Clone)]
pub struct Recipients {
    /// The list.
    pub list: String,
}

impl Action for Recipients {
    const NEEDS: Permission = Permission::ExportRun;
    const ACCESS: Access = Access::Read;
    type Out = Vec<(Uuid, String)>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Vec<(Uuid, String)>> {
        let list = lists::find(&self.list).ok_or(Error::NotFound)?;
        cx.scope().need(list.reads())?;
        let rows = sqlx::query!(
            "SELECT m.id, m.name FROM members m JOIN roles r ON r.tenant_id = m.tenant_id AND r.id = m.role_id
             WHERE m.tenant_id = $1 AND m.kind = 'person' AND m.active AND $2 = ANY (r.permissions) ORDER BY m.name, m.id LIMIT 1000",
            cx.tenant().uuid(),
            list.reads().key(),
        )
        .fetch_all(cx.conn())
        .await?;
        Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
    }
}

/// A schedule that can be kept.
struct Sound {
    input: ScheduleInput,
    every: Every,
    at: NaiveTime,
}

/// Refuses a wrong schedule, naming every wrong part.
async fn sound(cx: &mut Cx<'_>, mut input: ScheduleInput) -> Result<Sound> {
    input.recipients.sort_unstable();
    input.recipients.dedup();
    // the day of another rhythm means nothing
    input.weekday = input.weekday.filter(|_| input.every == EVERY[1]);
    input.month_day = input.month_day.filter(|_| input.every == EVERY[2]);
    let mut checks = Checks::new();
    checks.text("name", &input.name, 120).one_of("every", &input.every, &EVERY);
    for error in wrong_in(&input.export(), cx.scope())? {
        checks.push(error);
    }
    let every = Every::of(&input.every, input.weekday, input.month_day);
    if every.is_none() && EVERY.contains(&&*input.every) {
        let (field, last) = if input.every == EVERY[1] { ("weekday", 7) } else { ("month_day", 31) };
        checks.push(FieldError::new(field, "out_of_range").with("min", 1).with("max", last));
    }
    let at = NaiveTime::parse_from_str(input.at.trim(), "%H:%M").ok();
    if at.is_none() {
        checks.push(FieldError::new("at", "not_an_hour"));
    }
    match input.recipients.len() {
        0 => checks.push(FieldError::new("recipients", "required")),
        1..=RECIPIENTS if unknown(cx, &input.recipients).await? => checks.push(FieldError::new("recipients", "unknown_reference")),
        1..=RECIPIENTS => &mut checks,
        _ => checks.push(FieldError::new("recipients", "too_many").with("max", RECIPIENTS)),
    };
    checks.done()?;
    let (Some(every), Some(at)) = (every, at) else { return Err(Error::field("at", "not_an_hour")) };
    Ok(Sound { input, every, at })
}

async fn unknown(cx: &mut Cx<'_>, members: &[Uuid]) -> Result<bool> {
    let known = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM members WHERE tenant_id = $1 AND id = ANY ($2) AND kind = 'person'"#,
        cx.tenant().uuid(),
        members
    )
    .fetch_one(cx.conn())
    .await?;
    Ok(usize::try_from(known).is_ok_and(|known| known < members.len()))
}

/// Adds a schedule of the actor's own.
#[derive(Debug, Clone)]
pub struct CreateSchedule(
    /// What it says.
    pub ScheduleInput,
);

impl Action for CreateSchedule {
    const NEEDS: Permission = Permission::ExportRun;
    type Out = Schedule;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Schedule> {
        let Sound { input, every, at } = sound(cx, self.0).await?;
        cx.hold("export_schedules").await?;
        let kept = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM export_schedules WHERE tenant_id = $1"#, cx.tenant().uuid())
            .fetch_one(cx.conn())
            .await?;
        if kept >= MOST {
            return Err(Error::Conflict("too_many_schedules"));
        }
        let id = Id::<ExportSchedule>::new();
        sqlx::query!(
            "INSERT INTO export_schedules
               (tenant_id, id, name, member_id, list, query, columns, format, every, weekday, month_day, at, recipients, active)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            cx.tenant().uuid(),
            id.uuid(),
            input.name.trim(),
            cx.scope().actor().id.uuid(),
            input.list,
            input.query,
            &input.columns,
            input.format,
            input.every,
            input.weekday,
            input.month_day,
            at,
            &input.recipients,
            input.active,
        )
        .execute(cx.conn())
        .await?;
        arrange(cx, id.uuid(), input.active.then_some((every, at))).await?;
        find(cx, id).await
    }
}

/// Changes a schedule; whose it is stays. One that stopped of itself and is in force again is tried anew.
#[derive(Debug, Clone)]
pub struct ChangeSchedule {
    /// Which.
    pub id: Id<ExportSchedule>,
    /// The version that was read.
    pub version: i32,
    /// What it says from now on.
    pub input: ScheduleInput,
}

impl Action for ChangeSchedule {
    const NEEDS: Permission = Permission::ExportRun;
    type Out = Schedule;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Schedule> {
        let before = find(cx, self.id).await?;
        let Sound { input, every, at } = sound(cx, self.input).await?;
        let changed = sqlx::query!(
            "UPDATE export_schedules SET name = $4, list = $5, query = $6, columns = $7, format = $8, every = $9, weekday = $10,
               month_day = $11, at = $12, recipients = $13, active = $14, stopped = CASE WHEN NOT $14 THEN stopped END
             WHERE tenant_id = $1 AND id = $2 AND version = $3",
            cx.tenant().uuid(),
            self.id.uuid(),
            self.version,
            input.name.trim(),
            input.list,
            input.query,
            &input.columns,
            input.format,
            input.every,
            input.weekday,
            input.month_day,
            at,
            &input.recipients,
            input.active,
        )
        .execute(cx.conn())
        .await?
        .rows_affected();
        if changed == 0 {
            return Err(stale(&before));
        }
        arrange(cx, self.id.uuid(), input.active.then_some((every, at))).await?;
        find(cx, self.id).await
    }
}

fn stale(before: &Schedule) -> Error {
    Error::Stale { current: before.version, state: None, changed_at: None, changed_by: None }
}

/// Removes a schedule. Files it has made are kept as long as others.
#[derive(Debug, Clone)]
pub struct DeleteSchedule {
    /// Which.
    pub id: Id<ExportSchedule>,
    /// The version that was read.
    pub version: i32,
}

impl Action for DeleteSchedule {
    const NEEDS: Permission = Permission::ExportRun;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        let before = find(cx, self.id).await?;
        let gone = sqlx::query!(
            "DELETE FROM export_schedules WHERE tenant_id = $1 AND id = $2 AND version = $3",
            cx.tenant().uuid(),
            self.id.uuid(),
            self.version
        )
        .execute(cx.conn())
        .await?
        .rows_affected();
        if gone == 0 {
            return Err(stale(&before));
        }
        arrange(cx, self.id.uuid(), None).await
    }
}

/// Writes down when a schedule comes next; none where it does not.
async fn arrange(cx: &mut Cx<'_>, schedule: Uuid, comes: Option<(Every, NaiveTime)>) -> Result<()> {
    let next: Option<DateTime<Utc>> = comes.and_then(|(every, at)| every.next(at, cx.scope().company().zone, cx.now()));
    let tenant = cx.tenant().uuid();
    let Some(next) = next else {
        sqlx::query!("DELETE FROM timers WHERE tenant_id = $1 AND record_id = $2 AND key = $3", tenant, schedule, TIMER)
            .execute(cx.conn())
            .await?;
        return Ok(());
    };
    sqlx::query!(
        "INSERT INTO timers (tenant_id, id, subject, record_id, kind, rule, key, entry_seq, due_at, wake_at)
         VALUES ($1, $2, 'export_schedule', $3, $4, '', $4, 0, $5, $5)
         ON CONFLICT (tenant_id, record_id, key) DO UPDATE SET due_at = excluded.due_at, wake_at = excluded.wake_at",
        tenant,
        Uuid::now_v7(),
        schedule,
        TIMER,
        next,
    )
    .execute(cx.conn())
    .await?;
    Ok(())
}

/// Stops a schedule whose files can no longer be made, and tells its owner and those who manage the company.
pub(in crate::exports) async fn stop(cx: &mut Cx<'_>, schedule: Uuid, reason: &str) -> Result<()> {
    let row = sqlx::query!(
        "UPDATE export_schedules SET active = false, stopped = $3 WHERE tenant_id = $1 AND id = $2 AND active
         RETURNING name, list, member_id, version",
        cx.tenant().uuid(),
        schedule,
        reason,
    )
    .fetch_optional(cx.conn())
    .await?;
    let Some(row) = row else { return Ok(()) };
    arrange(cx, schedule, None).await?;
    let mention = json!({ "title": row.name, "list": row.list, "reason": reason });
    let telling = Telling {
        text: "export.stopped",
        words: Words::new(),
        channels: &[],
        to: &[Recipient::Permission(Permission::CompanyManage.key().to_owned()), Recipient::Member(row.member_id)],
        subject: "export_schedule",
        record: schedule,
        site: None,
        mention: &mention,
        dedupe: format!("export_schedule:{schedule}:{}", row.version),
        except: None,
    };
    tell(cx, &telling).await
}
