//! All the SQL of work orders, save their list's.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sqlx::Error as Sql;
use uuid::Uuid;

use super::model::{WorkOrder, spoken};
use crate::kernel::action::Cx;
use crate::kernel::error::{Error, OrField, Result};
use crate::kernel::id::Id;
use crate::kernel::money::Money;
use crate::kernel::permission::Permission;

/// Broken constraints, as fields.
const REFUSALS: &[(&str, &str, &str)] = &[
    ("work_orders_asset", "asset_id", "unknown_reference"),
    ("work_orders_location", "location_id", "unknown_reference"),
    ("work_orders_vendor", "vendor_id", "unknown_reference"),
    ("work_orders_assignee", "assignee_id", "unknown_reference"),
    ("work_orders_external_ref", "external_ref", "taken"),
];

/// A row as it is stored.
pub(super) struct Stored {
    pub id: Uuid,
    pub number: i32,
    pub title: String,
    pub description: String,
    pub kind: String,
    pub priority: String,
    pub state: String,
    pub category: String,
    pub entry_seq: i32,
    pub definition: String,
    pub asset_id: Option<Uuid>,
    pub asset_name: Option<String>,
    pub asset_tag: Option<String>,
    pub location_id: Uuid,
    pub location_path: Vec<String>,
    pub site_id: Uuid,
    pub vendor_id: Option<Uuid>,
    pub vendor: Option<String>,
    pub assignee_id: Option<Uuid>,
    pub assignee: Option<String>,
    pub due_at: Option<DateTime<Utc>>,
    pub scheduled_at: Option<DateTime<Utc>>,
    pub started_at: Option<DateTime<Utc>>,
    pub completed_at: Option<DateTime<Utc>>,
    pub resolution: Option<String>,
    pub meter_reading: Option<i64>,
    pub estimated_cost: Option<Decimal>,
    pub cost: Option<Decimal>,
    pub external_ref: Option<String>,
    pub created_by_id: Uuid,
    pub created_by: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub updated_by: Option<String>,
    pub version: i32,
}

impl Stored {
    /// As the actor may see it.
    pub(super) fn shown(self, cx: &Cx<'_>) -> WorkOrder {
        let currency = &cx.scope().company().currency;
        let costs = cx.scope().can(Permission::CostView);
        let asset = self.asset_name.zip(self.asset_tag).map(|(name, tag)| format!("{name} · {tag}"));
        WorkOrder {
            id: self.id,
            number: spoken(self.number),
            title: self.title,
            description: self.description,
            kind: self.kind,
            priority: self.priority,
            state: self.state,
            category: self.category,
            asset_id: self.asset_id,
            asset,
            location_id: self.location_id,
            location: self.location_path.join(" / "),
            site_id: self.site_id,
            vendor_id: self.vendor_id,
            vendor: self.vendor,
            assignee_id: self.assignee_id,
            assignee: self.assignee,
            due_at: self.due_at,
            scheduled_at: self.scheduled_at,
            started_at: self.started_at,
            completed_at: self.completed_at,
            resolution: self.resolution,
            meter_reading: self.meter_reading,
            estimated_cost: Money::stored(self.estimated_cost.filter(|_| costs), currency),
            cost: Money::stored(self.cost.filter(|_| costs), currency),
            external_ref: self.external_ref,
            created_by_id: self.created_by_id,
            created_by: self.created_by,
            created_at: self.created_at,
            updated_at: self.updated_at,
            version: self.version,
        }
    }
}

/// Which order is meant.
#[derive(Debug, Clone, Copy)]
pub(super) enum Key {
    Id(Id<WorkOrder>),
    Number(i32),
}

pub(super) async fn find(cx: &mut Cx<'_>, key: Key) -> Result<Option<Stored>> {
    let (id, number) = match key {
        Key::Id(id) => (Some(id.uuid()), None),
        Key::Number(number) => (None, Some(number)),
    };
    Ok(sqlx::query_as!(
        Stored,
        r#"SELECT o.id, o.number, o.title, o.description, o.kind, o.priority, o.state, o.category, o.entry_seq, o.definition,
             o.asset_id, a.name AS "asset_name?", a.tag AS "asset_tag?", o.location_id, l.path AS location_path, o.site_id,
             o.vendor_id, v.name AS "vendor?", o.assignee_id, m.name AS "assignee?", o.due_at, o.scheduled_at, o.started_at, o.completed_at,
             o.resolution, o.meter_reading, o.estimated_cost, o.cost, o.external_ref, o.created_by AS "created_by_id!", c.name AS created_by,
             o.created_at, o.updated_at, u.name AS "updated_by?", o.version
           FROM work_orders o
           JOIN locations l ON l.tenant_id = o.tenant_id AND l.id = o.location_id
           JOIN members c ON c.tenant_id = o.tenant_id AND c.id = o.created_by
           LEFT JOIN assets a ON a.tenant_id = o.tenant_id AND a.id = o.asset_id
           LEFT JOIN vendors v ON v.tenant_id = o.tenant_id AND v.id = o.vendor_id
           LEFT JOIN members m ON m.tenant_id = o.tenant_id AND m.id = o.assignee_id
           LEFT JOIN members u ON u.tenant_id = o.tenant_id AND u.id = o.updated_by
           WHERE o.tenant_id = $1 AND (o.id = $2 OR o.number = $3)"#,
        cx.tenant().uuid(),
        id,
        number,
    )
    .fetch_optional(cx.conn())
    .await?)
}

/// Locks the row until the transaction ends.
pub(super) async fn lock(cx: &mut Cx<'_>, id: Id<WorkOrder>) -> Result<()> {
    sqlx::query!("SELECT id FROM work_orders WHERE tenant_id = $1 AND id = $2 FOR UPDATE", cx.tenant().uuid(), id.uuid())
        .fetch_optional(cx.conn())
        .await?;
    Ok(())
}

/// The next number of the company. The counter's row is held until the transaction ends, so it is taken late.
pub(super) async fn next_number(cx: &mut Cx<'_>) -> Result<i32> {
    let next = sqlx::query_scalar!(
        "INSERT INTO counters AS c (tenant_id, name, value) VALUES ($1, 'work_order', 1001)
         ON CONFLICT (tenant_id, name) DO UPDATE SET value = c.value + 1 RETURNING value",
        cx.tenant().uuid(),
    )
    .fetch_one(cx.conn())
    .await?;
    i32::try_from(next).map_err(|error| Error::Internal(error.to_string()))
}

/// What a new row holds.
pub(super) struct New<'a> {
    pub id: Id<WorkOrder>,
    pub number: i32,
    pub title: &'a str,
    pub description: &'a str,
    pub kind: &'a str,
    pub priority: &'a str,
    pub state: &'a str,
    pub category: &'a str,
    pub definition: &'a str,
    pub asset_id: Option<Uuid>,
    pub location_id: Uuid,
    pub site_id: Uuid,
    pub vendor_id: Option<Uuid>,
    pub scheduled_at: Option<DateTime<Utc>>,
    pub estimated_cost: Option<Decimal>,
    pub external_ref: Option<&'a str>,
    pub created_at: DateTime<Utc>,
    pub writable: Writable,
}

/// What steps may write.
#[derive(Debug, Clone, Default)]
pub(super) struct Writable {
    pub assignee_id: Option<Uuid>,
    pub due_at: Option<DateTime<Utc>>,
    pub started_at: Option<DateTime<Utc>>,
    pub completed_at: Option<DateTime<Utc>>,
    pub resolution: Option<String>,
    pub meter_reading: Option<i64>,
    pub cost: Option<Decimal>,
}

pub(super) async fn insert(cx: &mut Cx<'_>, new: New<'_>) -> Result<()> {
    let w = &new.writable;
    sqlx::query!(
        "INSERT INTO work_orders (tenant_id, id, number, title, description, kind, priority, state, category, definition, asset_id,
           location_id, site_id, vendor_id, scheduled_at, estimated_cost, external_ref, created_at,
           assignee_id, due_at, started_at, completed_at, resolution, meter_reading, cost)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)",
        cx.tenant().uuid(),
        new.id.uuid(),
        new.number,
        new.title,
        new.description,
        new.kind,
        new.priority,
        new.state,
        new.category,
        new.definition,
        new.asset_id,
        new.location_id,
        new.site_id,
        new.vendor_id,
        new.scheduled_at,
        new.estimated_cost,
        new.external_ref,
        new.created_at,
        w.assignee_id,
        w.due_at,
        w.started_at,
        w.completed_at,
        w.resolution,
        w.meter_reading,
        w.cost,
    )
    .execute(cx.conn())
    .await
    .or_field(REFUSALS)?;
    Ok(())
}

/// Writes a step; answers the new version.
pub(super) async fn step(cx: &mut Cx<'_>, id: Id<WorkOrder>, state: &str, category: &str, entry_seq: i32, w: &Writable) -> Result<i32> {
    sqlx::query_scalar!(
        "UPDATE work_orders SET state = $3, category = $4, entry_seq = $5, assignee_id = $6, due_at = $7, started_at = $8,
           completed_at = $9, resolution = $10, meter_reading = $11, cost = $12
         WHERE tenant_id = $1 AND id = $2 RETURNING version",
        cx.tenant().uuid(),
        id.uuid(),
        state,
        category,
        entry_seq,
        w.assignee_id,
        w.due_at,
        w.started_at,
        w.completed_at,
        w.resolution,
        w.meter_reading,
        w.cost,
    )
    .fetch_one(cx.conn())
    .await
    .or_field(REFUSALS)
}

/// What an edit changes.
pub(super) struct Edited<'a> {
    pub input: &'a super::model::Input,
    pub location_id: Uuid,
    pub site_id: Uuid,
    pub estimated_cost: Option<Decimal>,
}

/// Answers whether the row was still at the version.
pub(super) async fn edit(cx: &mut Cx<'_>, id: Id<WorkOrder>, version: i32, edited: &Edited<'_>) -> Result<bool> {
    let i = edited.input;
    let done = sqlx::query!(
        "UPDATE work_orders SET title = $4, description = $5, kind = $6, priority = $7, asset_id = $8, location_id = $9, site_id = $10,
           vendor_id = $11, assignee_id = $12, due_at = $13, scheduled_at = $14, estimated_cost = $15
         WHERE tenant_id = $1 AND id = $2 AND version = $3",
        cx.tenant().uuid(),
        id.uuid(),
        version,
        i.title.trim(),
        i.description,
        i.kind,
        i.priority,
        i.asset_id,
        edited.location_id,
        edited.site_id,
        i.vendor_id,
        i.assignee_id,
        i.due_at,
        i.scheduled_at,
        edited.estimated_cost,
    )
    .execute(cx.conn())
    .await
    .or_field(REFUSALS)?;
    Ok(done.rows_affected() == 1)
}

/// The order an import brought under this reference.
pub(super) async fn by_external_ref(cx: &mut Cx<'_>, reference: &str) -> Result<Option<(Uuid, i32)>, Sql> {
    let row = sqlx::query!("SELECT id, number FROM work_orders WHERE tenant_id = $1 AND external_ref = $2", cx.tenant().uuid(), reference)
        .fetch_optional(cx.conn())
        .await?;
    Ok(row.map(|row| (row.id, row.number)))
}

/// Refuses somebody work cannot be given to: unknown, gone, or the system itself.
pub(super) async fn refuse_assignee(cx: &mut Cx<'_>, field: &str, assignee: Option<Uuid>) -> Result<()> {
    let Some(assignee) = assignee else { return Ok(()) };
    let there = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM members WHERE tenant_id = $1 AND id = $2 AND kind = 'person' AND active) AS "there!""#,
        cx.tenant().uuid(),
        assignee,
    )
    .fetch_one(cx.conn())
    .await?;
    if there { Ok(()) } else { Err(Error::field(field, "unknown_reference")) }
}
