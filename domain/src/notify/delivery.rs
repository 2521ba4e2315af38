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
    /// The text's key.
    pub kind: String,
    /// The kind of record it is about.
    pub subject: String,
    /// The record.
    pub record: Uuid,
    /// What the text mentions.
    pub params: Json,
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
            "SELECT d.id AS delivery, m.id AS member, m.name, m.locale, d.address, n.kind, n.subject, n.record_id AS record, n.params
             FROM deliveries d
             JOIN notifications n ON n.tenant_id = d.tenant_id AND n.id = d.notification_id
             JOIN members m ON m.tenant_id = n.tenant_id AND m.id = n.member_id AND m.active
             WHERE d.tenant_id = $1 AND d.id = $2 AND d.state = 'pending'",
            cx.tenant().uuid(),
            self.0,
        )
        .fetch_optional(cx.conn())
        .await?)
    }
}

/// How a message ended.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// The server took it.
    Sent,
    /// It will never arrive, for this reason.
    Refused(String),
}

/// Records how a message ended.
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
        let (state, reason) = match self.outcome {
            Outcome::Sent => ("sent", None),
            Outcome::Refused(reason) => ("refused", Some(reason)),
        };
        let now = cx.now();
        sqlx::query!(
            "UPDATE deliveries SET state = $3, reason = $4, sent_at = $5 WHERE tenant_id = $1 AND id = $2 AND state = 'pending'",
            cx.tenant().uuid(),
            self.delivery,
            state,
            reason,
            now,
        )
        .execute(cx.conn())
        .await?;
        Ok(())
    }
}
