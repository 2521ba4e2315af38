//! The figures a day begins with: what is open, late, waiting; what was asked for and done, week by week.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use poem_openapi::Object;
use serde::Serialize;

use crate::kernel::action::{Action, Cx};
use crate::kernel::error::Result;
use crate::kernel::permission::Permission;
use crate::kernel::tenant::Access;

/// The figures, over the orders the actor may see.
#[derive(Debug, Clone, Serialize, Object)]
pub struct Figures {
    /// Orders not finished.
    pub open: i64,
    /// Of these, past their due time.
    pub overdue: i64,
    /// Of these, waiting for an approval.
    pub waiting_approval: i64,
    /// Of these, given to the actor.
    pub mine: i64,
    /// Of these, given to nobody.
    pub unassigned: i64,
    /// Of these, what somebody must see to: overdue, given to nobody, or waiting for a decision the actor may take.
    pub attention: i64,
    /// Orders completed in the range.
    pub completed: i64,
    /// Orders completed in the range of the same length before.
    pub completed_before: i64,
    /// The weeks of the range, oldest first.
    pub weeks: Vec<Week>,
}

/// One week.
#[derive(Debug, Clone, Serialize, Object)]
pub struct Week {
    /// Its Monday, in the company's zone.
    pub starts_on: NaiveDate,
    /// Orders asked for.
    pub created: i64,
    /// Orders completed.
    pub completed: i64,
}

/// Reads the figures of the last so many days.
#[derive(Debug, Clone)]
pub struct Dashboard {
    /// Days looked back, 7 to 365.
    pub days: i64,
}

impl Action for Dashboard {
    const NEEDS: Permission = Permission::WorkOrderView;
    const ACCESS: Access = Access::Read;
    type Out = Figures;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Figures> {
        let days = TimeDelta::days(self.days.clamp(7, 365));
        let now = cx.now();
        let since = midnight(cx.scope().company().zone, now - days);
        let totals = sqlx::query!(
            r#"SELECT
                 count(*) FILTER (WHERE o.category IN ('todo', 'doing', 'waiting')) AS "open!",
                 count(*) FILTER (WHERE o.category IN ('todo', 'doing', 'waiting') AND o.due_at < $2) AS "overdue!",
                 count(*) FILTER (WHERE o.category IN ('todo', 'doing', 'waiting') AND o.assignee_id = $3) AS "mine!",
                 count(*) FILTER (WHERE o.category IN ('todo', 'doing', 'waiting') AND o.assignee_id IS NULL) AS "unassigned!",
                 count(*) FILTER (WHERE o.category IN ('todo', 'doing', 'waiting') AND (o.due_at < $2 OR o.assignee_id IS NULL
                   OR ($6 AND EXISTS (SELECT FROM approvals a WHERE a.tenant_id = $1 AND a.record_id = o.id AND a.status = 'open')))) AS "attention!",
                 count(*) FILTER (WHERE o.completed_at >= $4 AND o.completed_at < $2) AS "completed!",
                 count(*) FILTER (WHERE o.completed_at >= $5 AND o.completed_at < $4) AS "completed_before!"
               FROM work_orders o WHERE o.tenant_id = $1 AND (o.category IN ('todo', 'doing', 'waiting') OR o.completed_at >= $5)"#,
            cx.tenant().uuid(),
            now,
            cx.scope().actor().id.uuid(),
            since,
            since - days,
            cx.scope().can(Permission::WorkOrderApprove),
        )
        .fetch_one(cx.conn())
        .await?;
        let waiting_approval = sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!" FROM approvals a JOIN work_orders o ON o.tenant_id = a.tenant_id AND o.id = a.record_id
               WHERE a.tenant_id = $1 AND a.status = 'open'"#,
            cx.tenant().uuid(),
        )
        .fetch_one(cx.conn())
        .await?;
        Ok(Figures {
            open: totals.open,
            overdue: totals.overdue,
            waiting_approval,
            mine: totals.mine,
            unassigned: totals.unassigned,
            attention: totals.attention,
            completed: totals.completed,
            completed_before: totals.completed_before,
            weeks: weeks(cx, since, now).await?,
        })
    }
}

/// When the day of a moment began in a zone.
fn midnight(zone: Tz, moment: DateTime<Utc>) -> DateTime<Utc> {
    let day = moment.with_timezone(&zone).date_naive();
    zone.from_local_datetime(&day.and_time(NaiveTime::MIN)).earliest().map_or(moment, |begun| begun.to_utc())
}

async fn weeks(cx: &mut Cx<'_>, since: DateTime<Utc>, now: DateTime<Utc>) -> Result<Vec<Week>> {
    let zone = cx.scope().company().zone.name();
    Ok(sqlx::query_as!(
        Week,
        r#"WITH weeks AS (
             SELECT generate_series(date_trunc('week', $2 AT TIME ZONE $4), date_trunc('week', $3 AT TIME ZONE $4), interval '1 week') AS monday),
           happened AS (
             SELECT date_trunc('week', o.created_at AT TIME ZONE $4) AS monday, 1 AS created, 0 AS completed
               FROM work_orders o WHERE o.tenant_id = $1 AND o.created_at >= $2
             UNION ALL
             SELECT date_trunc('week', o.completed_at AT TIME ZONE $4), 0, 1
               FROM work_orders o WHERE o.tenant_id = $1 AND o.completed_at >= $2)
           SELECT w.monday::date AS "starts_on!", coalesce(sum(h.created), 0) AS "created!", coalesce(sum(h.completed), 0) AS "completed!"
           FROM weeks w LEFT JOIN happened h ON h.monday = w.monday GROUP BY w.monday ORDER BY w.monday"#,
        cx.tenant().uuid(),
        since,
        now,
        zone,
    )
    .fetch_all(cx.conn())
    .await?)
}
