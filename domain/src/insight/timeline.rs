//! What happened (34): to one record, or in the whole company.

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde::Serialize;
use serde_json::Value as Json;
use uuid::Uuid;

use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Id;
use crate::kernel::permission::Permission;
use crate::kernel::resource::Resource;
use crate::kernel::tenant;
use crate::maintenance::work_order::WorkOrder;
use crate::workflow::{Access, Routed};

/// Something that happened.
#[derive(Debug, Clone, Serialize, Object)]
pub struct Happening {
    /// Its id.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// Who, by name.
    pub actor: String,
    /// The key of its sentence.
    pub kind: String,
    /// The kind of record.
    pub subject: String,
    /// The record.
    pub record_id: Uuid,
    /// What the sentence mentions.
    pub data: Json,
}

/// What happened to a work order, newest first.
#[derive(Debug, Clone)]
pub struct Timeline(
    /// The order.
    pub Id<WorkOrder>,
);

impl Action for Timeline {
    const NEEDS: Permission = Permission::WorkOrderView;
    const ACCESS: tenant::Access = tenant::Access::Read;
    type Out = Vec<Happening>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Vec<Happening>> {
        // the record's own policies decide whether its life may be seen
        WorkOrder::load(cx, self.0, Access::Read).await?.ok_or(Error::NotFound)?;
        Ok(sqlx::query_as!(
            Happening,
            r#"SELECT e.id, e.at, m.name AS actor, e.kind, e.subject, e.record_id, e.data
               FROM events e JOIN members m ON m.tenant_id = e.tenant_id AND m.id = e.actor
               WHERE e.tenant_id = $1 AND e.subject = 'work_order' AND e.record_id = $2 ORDER BY e.id DESC LIMIT 500"#,
            cx.tenant().uuid(),
            self.0.uuid(),
        )
        .fetch_all(cx.conn())
        .await?)
    }
}

/// What happened to a record of a catalogue, newest first.
#[derive(Debug)]
pub struct Life<R: Resource>(
    /// The record.
    pub Id<R>,
);

impl<R: Resource> Clone for Life<R> {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

impl<R: Resource> Action for Life<R> {
    const NEEDS: Permission = R::READ;
    const ACCESS: tenant::Access = tenant::Access::Read;
    type Out = Vec<Happening>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Vec<Happening>> {
        // the record's own policies decide whether its life may be seen
        R::find(cx, self.0).await?.ok_or(Error::NotFound)?;
        Ok(sqlx::query_as!(
            Happening,
            r#"SELECT e.id, e.at, m.name AS actor, e.kind, e.subject, e.record_id, e.data
               FROM events e JOIN members m ON m.tenant_id = e.tenant_id AND m.id = e.actor
               WHERE e.tenant_id = $1 AND e.subject = $2 AND e.record_id = $3 ORDER BY e.id DESC LIMIT 50"#,
            cx.tenant().uuid(),
            R::NAME,
            self.0.uuid(),
        )
        .fetch_all(cx.conn())
        .await?)
    }
}

/// What happened lately to work orders the actor may see, newest first.
#[derive(Debug, Clone)]
pub struct Recent {
    /// How many, at most 50.
    pub limit: i64,
}

impl Action for Recent {
    const NEEDS: Permission = Permission::WorkOrderView;
    const ACCESS: tenant::Access = tenant::Access::Read;
    type Out = Vec<Happening>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Vec<Happening>> {
        // the join leaves out orders of sites the actor is not limited to: the policy of work_orders applies to it
        Ok(sqlx::query_as!(
            Happening,
            r#"SELECT e.id, e.at, m.name AS actor, e.kind, e.subject, e.record_id, e.data
               FROM events e
               JOIN members m ON m.tenant_id = e.tenant_id AND m.id = e.actor
               JOIN work_orders o ON o.tenant_id = e.tenant_id AND o.id = e.record_id
               WHERE e.tenant_id = $1 AND e.subject = 'work_order' AND e.kind <> 'workflow.imported' ORDER BY e.at DESC, e.id DESC LIMIT $2"#,
            cx.tenant().uuid(),
            self.limit.clamp(1, 50),
        )
        .fetch_all(cx.conn())
        .await?)
    }
}
