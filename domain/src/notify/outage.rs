//! How a company's own mail server does, as the worker finds it. Whoever looks after the company is told once of an outage that
//! lasts, and once when it is over.

use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;
use workflows::Recipient;

use super::mail_server::by_the_worker;
use super::{Telling, Words, tell};
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::Result;
use crate::kernel::permission::Permission;

/// Letters that wait for a moment are nobody's concern: an outage is one that lasts so long.
const LASTING: TimeDelta = TimeDelta::minutes(5);

/// Writes down how the company's mail server does: why it takes no letters, or that it does again.
#[derive(Debug, Clone)]
pub struct NoteMailServer(
    /// Why it takes none; nothing when it took one.
    pub Option<String>,
);

impl Action for NoteMailServer {
    const NEEDS: Permission = Permission::Member;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        by_the_worker(cx)?;
        match self.0 {
            Some(reason) => failing(cx, &reason).await,
            None => working(cx).await,
        }
    }
}

async fn failing(cx: &mut Cx<'_>, reason: &str) -> Result<()> {
    let now = cx.now();
    let reason: String = reason.replace('\0', "").chars().take(500).collect();
    let told = sqlx::query!(
        r#"UPDATE mail_servers m SET failure = $2, failing_since = coalesce(m.failing_since, $3),
             told_at = CASE WHEN m.failing_since <= $4 THEN coalesce(m.told_at, $3) ELSE m.told_at END
           FROM (SELECT id, told_at FROM mail_servers WHERE tenant_id = $1 FOR UPDATE) old
           WHERE m.tenant_id = $1 AND m.id = old.id AND (m.failure IS DISTINCT FROM $2 OR m.told_at IS NULL AND m.failing_since <= $4)
           RETURNING m.id, m.host, m.failing_since, (m.told_at IS NOT NULL AND old.told_at IS NULL) AS "fresh!""#,
        cx.tenant().uuid(),
        reason,
        now,
        now - LASTING,
    )
    .fetch_optional(cx.conn())
    .await?;
    match told {
        Some(row) if row.fresh => {
            let mention = json!({ "host": row.host, "reason": reason });
            let since = row.failing_since.unwrap_or(now).timestamp_millis();
            say(cx, "channel.mail_failing", row.id, &mention, format!("mail_failing:{}:{since}", row.id)).await
        }
        _ => Ok(()),
    }
}

async fn working(cx: &mut Cx<'_>) -> Result<()> {
    let over = sqlx::query!(
        r#"UPDATE mail_servers m SET failure = NULL, failing_since = NULL, told_at = NULL
           FROM (SELECT id, failing_since, told_at FROM mail_servers WHERE tenant_id = $1 FOR UPDATE) old
           WHERE m.tenant_id = $1 AND m.id = old.id AND m.failing_since IS NOT NULL
           RETURNING m.id, m.host, old.failing_since, old.told_at"#,
        cx.tenant().uuid(),
    )
    .fetch_optional(cx.conn())
    .await?;
    match over {
        Some(row) if row.told_at.is_some() => {
            let since = row.failing_since.unwrap_or(cx.now()).timestamp_millis();
            say(cx, "channel.mail_working", row.id, &json!({ "host": row.host }), format!("mail_working:{}:{since}", row.id)).await
        }
        _ => Ok(()),
    }
}

/// Tells whoever looks after the company.
pub(super) async fn say(cx: &mut Cx<'_>, text: &str, record: Uuid, mention: &serde_json::Value, dedupe: String) -> Result<()> {
    let to = [Recipient::Permission(Permission::CompanyManage.key().to_owned())];
    tell(
        cx,
        &Telling {
            text,
            words: Words::new(),
            channels: &[],
            to: &to,
            subject: "channel",
            record,
            site: None,
            mention,
            dedupe,
            except: None,
        },
    )
    .await
}
