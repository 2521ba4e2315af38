//! Messages to groups on their way out. A group is told of a happening once, to however many people it was told.

use serde_json::Value as Json;
use uuid::Uuid;

use super::delivery::{Message, Outcome};
use super::jobs;
use super::kinds::{Channel, Kind};
use super::tell::Telling;
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::Result;
use crate::kernel::permission::Permission;
use crate::kernel::tenant::Access;

/// Writes a message for every group that is told of this kind and of this place.
pub(super) async fn tell(cx: &mut Cx<'_>, telling: &Telling<'_>, kind: &Kind, mention: &Json) -> Result<()> {
    let chosen = telling.channels.is_empty() || telling.channels.contains(&Channel::Telegram);
    if !kind.suits_groups() || !chosen {
        return Ok(());
    }
    let (tenant, now) = (cx.tenant().uuid(), cx.now());
    let groups = sqlx::query_scalar!(
        "SELECT id FROM telegram_groups WHERE tenant_id = $1 AND $2 = ANY (kinds) AND (about_site IS NULL OR about_site = $3) ORDER BY id",
        tenant,
        kind.key,
        telling.site,
    )
    .fetch_all(cx.conn())
    .await?;
    if groups.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = groups.iter().map(|_| Uuid::now_v7()).collect();
    let fresh = sqlx::query_scalar!(
        "INSERT INTO group_messages (tenant_id, id, group_id, kind, subject, record_id, params, at, dedupe)
         SELECT $1, m.id, m.group_id, $4, $5, $6, $7, $8, $9 FROM unnest($2::uuid[], $3::uuid[]) AS m (id, group_id)
         ON CONFLICT (tenant_id, group_id, dedupe) DO NOTHING RETURNING id",
        tenant,
        &ids,
        &groups,
        kind.key,
        telling.subject,
        telling.record,
        mention,
        now,
        telling.dedupe,
    )
    .fetch_all(cx.conn())
    .await?;
    fresh.into_iter().try_for_each(|message| cx.enqueue(&jobs::Group { message }))
}

/// A message to a group.
#[derive(Debug, Clone)]
pub struct ToGroup {
    /// The chat.
    pub chat: i64,
    /// What it says. It is for no member, and greets nobody.
    pub message: Message,
}

/// Loads a message to a group that is still to be sent; nothing when it was, or the group is no more.
#[derive(Debug, Clone)]
pub struct LoadToGroup(
    /// The message.
    pub Uuid,
);

impl Action for LoadToGroup {
    const NEEDS: Permission = Permission::Member;
    const ACCESS: Access = Access::Read;
    type Out = Option<ToGroup>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Option<ToGroup>> {
        let row = sqlx::query!(
            r#"SELECT m.id, g.chat, g.locale, m.kind, m.subject, m.record_id, m.params, x.subject AS "own_subject?", x.body AS "own_body?"
               FROM group_messages m
               JOIN telegram_groups g ON g.tenant_id = m.tenant_id AND g.id = m.group_id
               LEFT JOIN notification_texts x
                 ON x.tenant_id = m.tenant_id AND x.kind = m.kind AND x.channel = 'telegram' AND x.locale = g.locale
               WHERE m.tenant_id = $1 AND m.id = $2 AND m.state = 'pending'"#,
            cx.tenant().uuid(),
            self.0,
        )
        .fetch_optional(cx.conn())
        .await?;
        Ok(row.map(|row| ToGroup {
            chat: row.chat,
            message: Message {
                delivery: row.id,
                member: Uuid::nil(),
                name: String::new(),
                locale: row.locale,
                is_letter: false,
                address: row.chat.to_string(),
                kind: row.kind,
                subject: row.subject,
                record: row.record_id,
                params: row.params,
                own_subject: row.own_subject,
                own_body: row.own_body,
            },
        }))
    }
}

/// Records how a try to send to a group ended.
#[derive(Debug, Clone)]
pub struct RecordToGroup {
    /// The message.
    pub message: Uuid,
    /// How it ended.
    pub outcome: Outcome,
}

impl Action for RecordToGroup {
    const NEEDS: Permission = Permission::Member;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        let (state, reason, tries) = self.outcome.columns();
        let now = cx.now();
        sqlx::query!(
            "UPDATE group_messages SET state = $3, reason = $4, attempts = attempts + $5,
               sent_at = CASE WHEN $3 = 'pending' THEN NULL ELSE $6::timestamptz END
             WHERE tenant_id = $1 AND id = $2 AND state = 'pending'",
            cx.tenant().uuid(),
            self.message,
            state,
            reason,
            tries,
            now,
        )
        .execute(cx.conn())
        .await?;
        Ok(())
    }
}
