//! A message on its way out: load, send outside any transaction, record. The row is the claim: a message sent twice by the
//! queue finds its delivery sent and stops.

use serde_json::Value as Json;
use uuid::Uuid;

use crate::kernel::action::{Action, Cx};
use crate::kernel::error::Result;
use crate::kernel::permission::Permission;
use crate::kernel::tenant::Access;

/// What is needed to word and send a message.
#[derive(Debug, Clone)]
pub struct Message {
    /// The delivery.
    pub delivery: Uuid,
    /// Whom it is for.
    pub member: Uuid,
    /// Their name.
    pub name: String,
    /// Their language.
    pub locale: String,
    /// The address or chat.
    pub address: String,
    /// Whether it goes by mail.
    pub is_letter: bool,
    /// The text's key.
    pub kind: String,
    /// The kind of record it is about.
    pub subject: String,
    /// The record.
    pub record: Uuid,
    /// What the text mentions.
    pub params: Json,
    /// The company's own subject in the reader's language; nothing where ours is said.
    pub own_subject: Option<String>,
    /// The company's own text.
    pub own_body: Option<String>,
}

/// Loads a message that is still to be sent; nothing when it was sent or refused already, or its reader left.
#[derive(Debug, Clone)]
pub struct Load(
    /// The delivery.
    pub Uuid,
);

impl Action for Load {
    const NEEDS: Permission = Permission::Member;
    const ACCESS: Access = Access::Read;
    type Out = Option<Message>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Option<Message>> {
        Ok(sqlx::query_as!(
            Message,
            r#"SELECT d.id AS delivery, m.id AS member, m.name, m.locale, d.address, d.channel = 'email' AS "is_letter!", n.kind, n.subject, n.record_id AS record, n.params,
               x.subject AS "own_subject?", x.body AS "own_body?"
             FROM deliveries d
             JOIN notifications n ON n.tenant_id = d.tenant_id AND n.id = d.notification_id
             JOIN members m ON m.tenant_id = n.tenant_id AND m.id = n.member_id AND m.active
             LEFT JOIN notification_texts x
               ON x.tenant_id = d.tenant_id AND x.kind = n.kind AND x.channel = d.channel AND x.locale = m.locale
             WHERE d.tenant_id = $1 AND d.id = $2 AND d.state = 'pending'"#,
            cx.tenant().uuid(),
            self.0,
        )
        .fetch_optional(cx.conn())
        .await?)
    }
}

/// How a try to send ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server took it.
    Sent,
    /// It will never arrive, for this reason.
    Refused(String),
    /// It is tried again; this time it failed for this reason.
    Failed(String),
    /// It waits for its turn, which is no try.
    Delayed(String),
}

impl Outcome {
    /// State, reason, and what it counts as tries.
    pub(super) fn columns(self) -> (&'static str, Option<String>, i32) {
        let (state, reason, tries) = match self {
            Self::Sent => ("sent", None, 1),
            Self::Refused(reason) => ("refused", Some(reason), 1),
            Self::Failed(reason) => ("pending", Some(reason), 1),
            Self::Delayed(reason) => ("pending", Some(reason), 0),
        };
        (state, reason.map(|reason| reason.chars().take(REASON).collect()), tries)
    }
}

/// Longest reason kept: servers can be talkative.
const REASON: usize = 500;

/// Records how a try to send ended.
#[derive(Debug, Clone)]
pub struct Record {
    /// The delivery.
    pub delivery: Uuid,
    /// How it ended.
    pub outcome: Outcome,
}

impl Action for Record {
    const NEEDS: Permission = Permission::Member;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        record(cx, &[self.delivery], self.outcome).await
    }
}

async fn record(cx: &mut Cx<'_>, deliveries: &[Uuid], outcome: Outcome) -> Result<()> {
    let (state, reason, tries) = outcome.columns();
    let now = cx.now();
    sqlx::query!(
        "UPDATE deliveries SET state = $3, reason = $4, attempts = attempts + $5, sent_at = CASE WHEN $3 = 'pending' THEN NULL ELSE $6::timestamptz END
         WHERE tenant_id = $1 AND id = ANY ($2) AND state = 'pending'",
        cx.tenant().uuid(),
        deliveries,
        state,
        reason,
        tries,
        now,
    )
    .execute(cx.conn())
    .await?;
    Ok(())
}

/// A letter that lists several messages of one reader.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Whom it is for.
    pub member: Uuid,
    /// Their name.
    pub name: String,
    /// Their language.
    pub locale: String,
    /// Their address.
    pub address: String,
    /// What is listed, the oldest first.
    pub items: Vec<Item>,
}

/// A message listed in a letter.
#[derive(Debug, Clone)]
pub struct Item {
    /// The delivery.
    pub delivery: Uuid,
    /// The text's key.
    pub kind: String,
    /// The kind of record it is about.
    pub subject: String,
    /// The record.
    pub record: Uuid,
    /// What the text mentions.
    pub params: Json,
}

/// Loads a letter that is still to be sent.
#[derive(Debug, Clone)]
pub struct LoadLetter(
    /// The letter.
    pub Uuid,
);

impl Action for LoadLetter {
    const NEEDS: Permission = Permission::Member;
    const ACCESS: Access = Access::Read;
    type Out = Option<Letter>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Option<Letter>> {
        let rows = sqlx::query!(
            "SELECT d.id, m.id AS member, m.name, m.locale, coalesce(m.email, d.address) AS \"address!\", n.kind, n.subject, n.record_id, n.params
             FROM deliveries d
             JOIN notifications n ON n.tenant_id = d.tenant_id AND n.id = d.notification_id
             JOIN members m ON m.tenant_id = n.tenant_id AND m.id = n.member_id AND m.active
             WHERE d.tenant_id = $1 AND d.batch = $2 AND d.state = 'pending' ORDER BY n.id LIMIT 2000",
            cx.tenant().uuid(),
            self.0,
        )
        .fetch_all(cx.conn())
        .await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let (member, name, locale, address) = (first.member, first.name.clone(), first.locale.clone(), first.address.clone());
        let item = |delivery, kind, subject, record, params| Item { delivery, kind, subject, record, params };
        let items = rows.into_iter().map(|row| item(row.id, row.kind, row.subject, row.record_id, row.params)).collect();
        Ok(Some(Letter { member, name, locale, address, items }))
    }
}

/// Records how a try to send a letter ended, for all it lists.
#[derive(Debug, Clone)]
pub struct RecordLetter {
    /// What was listed.
    pub deliveries: Vec<Uuid>,
    /// How it ended.
    pub outcome: Outcome,
}

impl Action for RecordLetter {
    const NEEDS: Permission = Permission::Member;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        record(cx, &self.deliveries, self.outcome).await
    }
}
