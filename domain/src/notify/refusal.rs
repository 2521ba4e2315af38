//! Addresses a mail server refused. The people page says so, until a letter passes or the address is another.

use chrono::{DateTime, Utc};
use uuid::Uuid;

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
        let (tenant, now) = (cx.tenant().uuid(), cx.now());
        let Some(reason) = self.refused else {
            sqlx::query!("DELETE FROM mail_refusals WHERE tenant_id = $1 AND member_id = $2", tenant, self.member)
                .execute(cx.conn())
                .await?;
            return Ok(());
        };
        let reason: String = reason.replace('\0', "").chars().take(500).collect();
        sqlx::query!(
            "INSERT INTO mail_refusals (tenant_id, id, member_id, address, reason, refused_at)
             SELECT $1, $2, m.id, $4, $5, $6 FROM members m WHERE m.tenant_id = $1 AND m.id = $3
             ON CONFLICT (tenant_id, member_id) DO UPDATE SET address = $4, reason = $5, refused_at = $6 RETURNING id",
            tenant,
            Uuid::now_v7(),
            self.member,
            self.address,
            reason,
            now,
        )
        .fetch_optional(cx.conn())
        .await?;
        Ok(())
    }
}
