//! The bell (111): what a person was told, newest first, and how much of it is unread.

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde::Serialize;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::kernel::action::{Action, Cx};
use crate::kernel::error::Result;
use crate::kernel::permission::Permission;
use crate::kernel::tenant::Access;

/// A notification, as its reader sees it.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(rename = "Notification")]
pub struct Listed {
    /// Its id.
    pub id: Uuid,
    /// The text's key.
    pub kind: String,
    /// The kind of record it is about.
    pub subject: String,
    /// The record.
    pub record_id: Uuid,
    /// What the text mentions.
    pub params: Json,
    /// When it was told.
    pub at: DateTime<Utc>,
    /// When it was read.
    pub read_at: Option<DateTime<Utc>>,
}

/// The actor's notifications, newest first.
#[derive(Debug, Clone)]
pub struct Mine {
    /// Only unread ones.
    pub unread: bool,
    /// Only of this kind.
    pub kind: Option<String>,
    /// Only those older than this one: where the next page begins.
    pub before: Option<Uuid>,
    /// How many, at most 200.
    pub limit: i64,
}

impl Action for Mine {
    const NEEDS: Permission = Permission::Member;
    const ACCESS: Access = Access::Read;
    type Out = Vec<Listed>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Vec<Listed>> {
        Ok(sqlx::query_as!(
            Listed,
            "SELECT id, kind, subject, record_id, params, at, read_at FROM notifications
             WHERE tenant_id = $1 AND member_id = $2 AND shown AND (NOT $3 OR read_at IS NULL) AND ($4::uuid IS NULL OR id < $4)
               AND ($6::text IS NULL OR kind = $6)
             ORDER BY id DESC LIMIT $5",
            cx.tenant().uuid(),
            cx.scope().actor().id.uuid(),
            self.unread,
            self.before,
            self.limit.clamp(1, 200),
            self.kind,
        )
        .fetch_all(cx.conn())
        .await?)
    }
}

/// How many of the actor's notifications are unread.
#[derive(Debug, Clone)]
pub struct Unread;

impl Action for Unread {
    const NEEDS: Permission = Permission::Member;
    const ACCESS: Access = Access::Read;
    type Out = i64;

    async fn run(self, cx: &mut Cx<'_>) -> Result<i64> {
        Ok(sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!" FROM notifications WHERE tenant_id = $1 AND member_id = $2 AND shown AND read_at IS NULL"#,
            cx.tenant().uuid(),
            cx.scope().actor().id.uuid(),
        )
        .fetch_one(cx.conn())
        .await?)
    }
}

/// Marks one of the actor's notifications as read, or all of them.
#[derive(Debug, Clone)]
pub struct MarkRead(
    /// One; all without.
    pub Option<Uuid>,
);

impl Action for MarkRead {
    const NEEDS: Permission = Permission::Member;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        let now = cx.now();
        let marked = sqlx::query!(
            "UPDATE notifications SET read_at = coalesce(read_at, $4)
             WHERE tenant_id = $1 AND member_id = $2 AND (id = $3 OR ($3::uuid IS NULL AND read_at IS NULL))",
            cx.tenant().uuid(),
            cx.scope().actor().id.uuid(),
            self.0,
            now,
        )
        .execute(cx.conn())
        .await?
        .rows_affected();
        let reader = cx.scope().actor().id.uuid();
        cx.ring(reader);
        if self.0.is_some() && marked == 0 { Err(crate::kernel::error::Error::NotFound) } else { Ok(()) }
    }
}
