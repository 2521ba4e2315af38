//! Who is told how a run ended: whoever asked, or those a schedule sends to.

use serde_json::json;
use uuid::Uuid;
use workflows::Recipient;

use super::schedule;
use crate::kernel::action::Cx;
use crate::kernel::error::Result;
use crate::notify::{Telling, Words, tell};

/// Reasons that do not pass: a schedule stops.
const FINAL: [&str; 3] = ["forbidden", "member_gone", "bad_query"];

struct Over {
    member_id: Uuid,
    list: String,
    format: String,
    rows_done: i32,
    reason: Option<String>,
    schedule_id: Option<Uuid>,
    title: Option<String>,
}

/// Tells of an export that is over.
pub(super) async fn announce(cx: &mut Cx<'_>, export: Uuid) -> Result<()> {
    let over = sqlx::query_as!(
        Over,
        r#"SELECT e.member_id, e.list, e.format, e.rows_done, e.reason, e.schedule_id, s.name AS "title?"
           FROM exports e LEFT JOIN export_schedules s ON s.tenant_id = e.tenant_id AND s.id = e.schedule_id
           WHERE e.tenant_id = $1 AND e.id = $2"#,
        cx.tenant().uuid(),
        export,
    )
    .fetch_one(cx.conn())
    .await?;
    match (over.schedule_id, over.reason.as_deref()) {
        (Some(schedule), Some(reason)) if FINAL.contains(&reason) => schedule::stop(cx, schedule, reason).await,
        (Some(_), None) => send(cx, export, &over).await,
        (_, reason) => {
            let text = if reason.is_none() { "export.ready" } else { "export.failed" };
            say(cx, export, &over, text, &[over.member_id]).await
        }
    }
}

/// Tells those a schedule sends to, as far as they may be handed the file; it is kept for them alone.
async fn send(cx: &mut Cx<'_>, export: Uuid, over: &Over) -> Result<()> {
    let allowed = sqlx::query_scalar!(
        "SELECT m.id FROM exports e
         JOIN members m ON m.tenant_id = e.tenant_id AND m.id = ANY (e.recipients) AND m.kind = 'person' AND m.active
         JOIN roles r ON r.tenant_id = m.tenant_id AND r.id = m.role_id
         WHERE e.tenant_id = $1 AND e.id = $2 AND r.permissions @> e.needs AND (m.site_ids IS NULL OR m.site_ids @> e.sites)",
        cx.tenant().uuid(),
        export,
    )
    .fetch_all(cx.conn())
    .await?;
    sqlx::query!("UPDATE exports SET recipients = $3 WHERE tenant_id = $1 AND id = $2", cx.tenant().uuid(), export, &allowed)
        .execute(cx.conn())
        .await?;
    say(cx, export, over, "export.scheduled", &allowed).await
}

async fn say(cx: &mut Cx<'_>, export: Uuid, over: &Over, text: &str, to: &[Uuid]) -> Result<()> {
    let mention = json!({ "title": over.title, "list": over.list, "format": over.format, "rows": over.rows_done, "reason": over.reason });
    let to: Vec<Recipient> = to.iter().copied().map(Recipient::Member).collect();
    let telling = Telling {
        text,
        words: Words::new(),
        channels: &[],
        to: &to,
        subject: "export",
        record: export,
        site: None,
        mention: &mention,
        dedupe: format!("export:{export}:{text}"),
        except: None,
    };
    tell(cx, &telling).await
}
