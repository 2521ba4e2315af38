//! Addresses a mail server refused. The people page says so, until a letter passes or the address is another; of one that is
//! refused again and again whoever looks after the company is told, once, and once when letters arrive again.

use chrono::{DateTime, Utc};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::outage;
use crate::identity::Member;
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::Result;
use crate::kernel::id::Id;
use crate::kernel::permission::Permission;
use crate::kernel::tenant::Access;

/// A refused address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The address.
    pub address: String,
    /// What the server said.
    pub reason: String,
    /// When.
    pub refused_at: DateTime<Utc>,
}

/// Whether letters to a member's present address are refused.
#[derive(Debug, Clone)]
pub struct RefusalOf(
    /// The member.
    pub Id<Member>,
);

impl Action for RefusalOf {
    const NEEDS: Permission = Permission::MemberView;
    const ACCESS: Access = Access::Read;
    type Out = Option<Refusal>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Option<Refusal>> {
        Ok(sqlx::query_as!(
            Refusal,
            "SELECT r.address, r.reason, r.refused_at FROM mail_refusals r
             JOIN members m ON m.tenant_id = r.tenant_id AND m.id = r.member_id AND m.email = r.address
             WHERE r.tenant_id = $1 AND r.member_id = $2",
            cx.tenant().uuid(),
            self.0.uuid(),
        )
        .fetch_optional(cx.conn())
        .await?)
    }
}

/// Writes down what a mail server said of a member's address.
#[derive(Debug, Clone)]
pub struct NoteAddress {
    /// The member.
    pub member: Uuid,
    /// The address.
    pub address: String,
    /// Why it was refused; nothing when a letter passed.
    pub refused: Option<String>,
}

impl Action for NoteAddress {
    const NEEDS: Permission = Permission::Member;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        match &self.refused {
            Some(reason) => self.refused(cx, reason).await,
            None => self.accepted(cx).await,
        }
    }
}

/// So many letters refused one after another are no accident.
const REPEATEDLY: i32 = 3;

impl NoteAddress {
    async fn refused(&self, cx: &mut Cx<'_>, reason: &str) -> Result<()> {
        let (tenant, now) = (cx.tenant().uuid(), cx.now());
        let reason: String = reason.replace('\0', "").chars().take(500).collect();
        let noted = sqlx::query!(
            "INSERT INTO mail_refusals AS r (tenant_id, id, member_id, address, reason, refused_at)
             SELECT $1, $2, m.id, $4, $5, $6 FROM members m WHERE m.tenant_id = $1 AND m.id = $3
             ON CONFLICT (tenant_id, member_id) DO UPDATE SET address = $4, reason = $5, refused_at = $6,
               times = CASE WHEN r.address = $4 THEN r.times + 1 ELSE 1 END, told_at = CASE WHEN r.address = $4 THEN r.told_at END
             RETURNING id, times, told_at",
            tenant,
            Uuid::now_v7(),
            self.member,
            self.address,
            reason,
            now,
        )
        .fetch_optional(cx.conn())
        .await?;
        let Some(noted) = noted.filter(|noted| noted.times >= REPEATEDLY && noted.told_at.is_none()) else { return Ok(()) };
        sqlx::query!("UPDATE mail_refusals SET told_at = $3 WHERE tenant_id = $1 AND id = $2", tenant, noted.id, now)
            .execute(cx.conn())
            .await?;
        self.say(cx, "channel.address_refused", &json!({ "reason": reason })).await
    }

    async fn accepted(&self, cx: &mut Cx<'_>) -> Result<()> {
        let told = sqlx::query_scalar!(
            r#"DELETE FROM mail_refusals WHERE tenant_id = $1 AND member_id = $2 RETURNING told_at IS NOT NULL AS "told!""#,
            cx.tenant().uuid(),
            self.member,
        )
        .fetch_optional(cx.conn())
        .await?;
        if told == Some(true) { self.say(cx, "channel.address_accepted", &json!({})).await } else { Ok(()) }
    }

    /// Tells whoever looks after the company, whose letters these are.
    async fn say(&self, cx: &mut Cx<'_>, text: &str, more: &Json) -> Result<()> {
        let name = sqlx::query_scalar!("SELECT name FROM members WHERE tenant_id = $1 AND id = $2", cx.tenant().uuid(), self.member)
            .fetch_optional(cx.conn())
            .await?;
        let mut mention = json!({ "person": name.unwrap_or_default(), "address": self.address });
        if let (Some(mention), Some(more)) = (mention.as_object_mut(), more.as_object()) {
            mention.extend(more.clone());
        }
        let dedupe = format!("{text}:{}", Uuid::now_v7());
        outage::say(cx, text, self.member, &mention, dedupe).await
    }
}
