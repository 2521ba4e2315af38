//! A schedule whose moment has come.

use uuid::Uuid;

use super::rhythm::Every;
use crate::exports::Input;
use crate::exports::request::{Asker, insert};
use crate::kernel::action::Cx;
use crate::kernel::error::Result;

/// Queues the export of a schedule and sets its row to the next time: of times missed while nobody worked, one is made up for.
/// Whether the owner may still have the list is looked at by the run. `refused` only notes why nothing came of it.
pub(crate) async fn come(cx: &mut Cx<'_>, timer: Uuid, schedule: Uuid, refused: Option<&str>) -> Result<()> {
    let tenant = cx.tenant().uuid();
    // the schedule's lock first, as whoever changes it
    let kept = sqlx::query!(
        "SELECT s.list, s.query, s.columns, s.format, s.every, s.weekday, s.month_day, s.at, s.recipients, s.member_id, o.locale
         FROM export_schedules s JOIN members o ON o.tenant_id = s.tenant_id AND o.id = s.member_id
         WHERE s.tenant_id = $1 AND s.id = $2 AND s.active FOR UPDATE OF s",
        tenant,
        schedule,
    )
    .fetch_optional(cx.conn())
    .await?;
    let row = sqlx::query!(
        r#"SELECT due_at AS "due_at!" FROM timers WHERE tenant_id = $1 AND id = $2 AND wake_at IS NOT NULL AND due_at IS NOT NULL FOR UPDATE"#,
        tenant,
        timer,
    )
    .fetch_optional(cx.conn())
    .await?;
    // stopped meanwhile, its row went with it
    let (Some(kept), Some(row)) = (kept, row) else { return Ok(()) };
    let (now, zone) = (cx.now(), cx.scope().company().zone);
    let early = row.due_at > now;
    let next = Every::of(&kept.every, kept.weekday, kept.month_day).and_then(|every| every.next(kept.at, zone, now));
    sqlx::query!(
        "UPDATE timers SET due_at = $3, wake_at = $3, fired_at = CASE WHEN $4 THEN fired_at ELSE $5 END, refused = $6
         WHERE tenant_id = $1 AND id = $2",
        tenant,
        timer,
        if early { Some(row.due_at) } else { next },
        early,
        now,
        refused,
    )
    .execute(cx.conn())
    .await?;
    if early || refused.is_some() {
        return Ok(());
    }
    let input = Input { list: kept.list, format: kept.format, query: kept.query, columns: kept.columns };
    let asker = Asker { member: kept.member_id, locale: kept.locale, schedule: Some(schedule), recipients: kept.recipients };
    insert(cx, &input, &asker).await.map(drop)
}
