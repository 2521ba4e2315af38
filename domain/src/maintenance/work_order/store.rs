//! All the SQL of work orders, save their list's.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use sqlx::Error as Sql;
use uuid::Uuid;
use workflows::Recipient;
use workflows::sla::Health;

use super::model::{WorkOrder, spoken};
use crate::kernel::action::Cx;
use crate::kernel::error::{Error, OrField, Result};
use crate::kernel::id::Id;
use crate::kernel::money::Money;
use crate::kernel::permission::Permission;
use crate::workflow::Writes;

/// Broken constraints, as fields.
const REFUSALS: &[(&str, &str, &str)] = &[
    ("work_orders_asset", "asset_id", "unknown_reference"),
    ("work_orders_location", "location_id", "unknown_reference"),
    ("work_orders_vendor", "vendor_id", "unknown_reference"),
    ("work_orders_assignee", "assignee_id", "unknown_reference"),
    ("work_orders_external_ref", "external_ref", "taken"),
];

/// A row as it is stored.
#[derive(Clone)]
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
    pub sla_status: Option<String>,
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
            sla_status: self.sla_status,
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

/// A statement that answers a [`Stored`] of `work_orders o`. Names are subqueries rather than joins: PostgreSQL asks them again of
/// the row it waited for, where a join would keep the names of the row as it was.
macro_rules! stored {
    ($before:literal, $after:literal, $($argument:expr),+ $(,)?) => {
        sqlx::query_as!(
            Stored,
            $before
                + r#" o.id, o.number, o.title, o.description, o.kind, o.priority, o.state, o.category, o.entry_seq, o.sla_status, o.definition, o.asset_id,
              (SELECT a.name FROM assets a WHERE a.tenant_id = o.tenant_id AND a.id = o.asset_id) AS "asset_name?",
              (SELECT a.tag FROM assets a WHERE a.tenant_id = o.tenant_id AND a.id = o.asset_id) AS "asset_tag?", o.location_id,
              (SELECT l.path FROM locations l WHERE l.tenant_id = o.tenant_id AND l.id = o.location_id) AS "location_path!", o.site_id,
              o.vendor_id, (SELECT v.name FROM vendors v WHERE v.tenant_id = o.tenant_id AND v.id = o.vendor_id) AS "vendor?",
              o.assignee_id, (SELECT m.name FROM members m WHERE m.tenant_id = o.tenant_id AND m.id = o.assignee_id) AS "assignee?",
              o.due_at, o.scheduled_at, o.started_at, o.completed_at, o.resolution, o.meter_reading, o.estimated_cost, o.cost,
              o.external_ref, o.created_by AS "created_by_id!",
              (SELECT m.name FROM members m WHERE m.tenant_id = o.tenant_id AND m.id = o.created_by) AS "created_by!", o.created_at,
              o.updated_at, (SELECT m.name FROM members m WHERE m.tenant_id = o.tenant_id AND m.id = o.updated_by) AS "updated_by?",
              o.version "# + $after,
            $($argument),+
        )
    };
}

pub(super) async fn find(cx: &mut Cx<'_>, id: Id<WorkOrder>) -> Result<Option<Stored>> {
    Ok(stored!("SELECT", "FROM work_orders o WHERE o.tenant_id = $1 AND o.id = $2", cx.tenant().uuid(), id.uuid())
        .fetch_optional(cx.conn())
        .await?)
}

/// The order people call by this number.
pub(super) async fn by_number(cx: &mut Cx<'_>, number: i32) -> Result<Option<Id<WorkOrder>>> {
    let found = sqlx::query_scalar!("SELECT id FROM work_orders WHERE tenant_id = $1 AND number = $2", cx.tenant().uuid(), number)
        .fetch_optional(cx.conn())
        .await?;
    Ok(found.map(Id::from))
}

/// As [`find`], and nobody else changes it until the transaction ends.
pub(super) async fn lock(cx: &mut Cx<'_>, id: Id<WorkOrder>) -> Result<Option<Stored>> {
    Ok(stored!("SELECT", "FROM work_orders o WHERE o.tenant_id = $1 AND o.id = $2 FOR UPDATE", cx.tenant().uuid(), id.uuid())
        .fetch_optional(cx.conn())
        .await?)
}

/// What a new row holds.
pub(super) struct New<'a> {
    pub id: Id<WorkOrder>,
    pub title: &'a str,
    pub description: &'a str,
    pub kind: &'a str,
    pub priority: &'a str,
    pub state: &'a str,
    pub category: &'a str,
    pub sla: Option<Health>,
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
pub struct Writable {
    pub assignee_id: Option<Uuid>,
    pub due_at: Option<DateTime<Utc>>,
    pub started_at: Option<DateTime<Utc>>,
    pub completed_at: Option<DateTime<Utc>>,
    pub resolution: Option<String>,
    pub meter_reading: Option<i64>,
    pub cost: Option<Decimal>,
}

/// Inserts an order under the company's next number. The counter's row is held until the transaction ends, so this comes late.
pub(super) async fn insert(cx: &mut Cx<'_>, new: New<'_>) -> Result<Stored> {
    let w = &new.writable;
    stored!(
        "WITH counter AS (INSERT INTO counters AS c (tenant_id, name, value) VALUES ($1, 'work_order', 1001)
           ON CONFLICT (tenant_id, name) DO UPDATE SET value = c.value + 1 RETURNING value)
         INSERT INTO work_orders AS o (tenant_id, id, number, title, description, kind, priority, state, category, definition, asset_id,
           location_id, site_id, vendor_id, scheduled_at, estimated_cost, external_ref, created_at,
           assignee_id, due_at, started_at, completed_at, resolution, meter_reading, cost, sla_status)
         SELECT $1, $2, value, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25
         FROM counter RETURNING",
        "",
        cx.tenant().uuid(),
        new.id.uuid(),
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
        new.sla.map(Health::as_str),
    )
    .fetch_one(cx.conn())
    .await
    .or_field(REFUSALS)
}

/// The site an order is at.
pub(super) async fn site(cx: &mut Cx<'_>, id: Id<WorkOrder>) -> Result<Uuid> {
    Ok(sqlx::query_scalar!("SELECT site_id FROM work_orders WHERE tenant_id = $1 AND id = $2", cx.tenant().uuid(), id.uuid())
        .fetch_one(cx.conn())
        .await?)
}

/// Writes a step; answers the new version.
pub(super) async fn step(cx: &mut Cx<'_>, id: Id<WorkOrder>, writes: &Writes, w: &Writable) -> Result<i32> {
    sqlx::query_scalar!(
        "UPDATE work_orders SET state = $3, category = $4, entry_seq = $5, assignee_id = $6, due_at = $7, started_at = $8,
           completed_at = $9, resolution = $10, meter_reading = $11, cost = $12, sla_status = $13
         WHERE tenant_id = $1 AND id = $2 RETURNING version",
        cx.tenant().uuid(),
        id.uuid(),
        writes.state,
        writes.category,
        writes.entry_seq,
        w.assignee_id,
        w.due_at,
        w.started_at,
        w.completed_at,
        w.resolution,
        w.meter_reading,
        w.cost,
        writes.sla.map(Health::as_str),
    )
    .fetch_one(cx.conn())
    .await
    .or_field(REFUSALS)
}

/// Writes how the order's service levels stand.
pub(super) async fn mark(cx: &mut Cx<'_>, id: Id<WorkOrder>, sla: Option<Health>) -> Result<()> {
    sqlx::query!(
        "UPDATE work_orders SET sla_status = $3 WHERE tenant_id = $1 AND id = $2",
        cx.tenant().uuid(),
        id.uuid(),
        sla.map(Health::as_str),
    )
    .execute(cx.conn())
    .await?;
    Ok(())
}

/// Unfinished orders, other than `except`, that are for an asset, at a location, with a vendor or with somebody.
pub(super) async fn open_records(cx: &mut Cx<'_>, of: Uuid, except: Uuid) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM work_orders o WHERE o.tenant_id = $1 AND o.id <> $3 AND o.category IN ('todo', 'doing', 'waiting')
           AND (o.asset_id = $2 OR o.location_id = $2 OR o.vendor_id = $2 OR o.assignee_id = $2 OR o.created_by = $2)"#,
        cx.tenant().uuid(),
        of,
        except,
    )
    .fetch_one(cx.conn())
    .await?)
}

/// Whoever of these people has the fewest orders that are not finished; of several, the one whose name comes first.
pub(super) async fn least_busy(cx: &mut Cx<'_>, who: &Recipient, site: Uuid) -> Result<Option<Uuid>> {
    let (permission, role, member) = match who {
        Recipient::Permission(permission) => (Some(permission), None, None),
        Recipient::Role(role) => (None, Some(role), None),
        Recipient::Member(member) => (None, None, Some(*member)),
    };
    Ok(sqlx::query_scalar!(
        "SELECT m.id FROM members m JOIN roles r ON r.tenant_id = m.tenant_id AND r.id = m.role_id
         WHERE m.tenant_id = $1 AND m.kind = 'person' AND m.active AND (m.site_ids IS NULL OR $5 = ANY (m.site_ids))
           AND ($2 = ANY (r.permissions) OR r.key = $3 OR m.id = $4)
         ORDER BY (SELECT count(*) FROM work_orders o WHERE o.tenant_id = $1 AND o.assignee_id = m.id
           AND o.category IN ('todo', 'doing', 'waiting')), m.name, m.id LIMIT 1",
        cx.tenant().uuid(),
        permission.map(String::as_str),
        role.map(String::as_str),
        member,
        site,
    )
    .fetch_optional(cx.conn())
    .await?)
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

/// Refuses somebody work at a site cannot be given to: unknown, gone, the system itself, or limited to other sites, whom the order
/// would not be shown to. Where the site is not known yet, the person has to be there.
pub(super) async fn refuse_assignee(cx: &mut Cx<'_>, field: &str, assignee: Option<Uuid>, site: Option<Uuid>) -> Result<()> {
    let Some(assignee) = assignee else { return Ok(()) };
    let there = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM members WHERE tenant_id = $1 AND id = $2 AND kind = 'person' AND active) AS "there!""#,
        cx.tenant().uuid(),
        assignee,
    )
    .fetch_one(cx.conn())
    .await?;
    match site {
        _ if !there => Err(Error::field(field, "unknown_reference")),
        Some(site) => refuse_elsewhere(cx, field, Some(assignee), site).await,
        None => Ok(()),
    }
}

/// Refuses somebody limited to other sites.
pub(super) async fn refuse_elsewhere(cx: &mut Cx<'_>, field: &str, assignee: Option<Uuid>, site: Uuid) -> Result<()> {
    let elsewhere = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM members WHERE tenant_id = $1 AND id = $2 AND NOT $3 = ANY (site_ids)) AS "elsewhere!""#,
        cx.tenant().uuid(),
        assignee,
        site,
    )
    .fetch_one(cx.conn())
    .await?;
    if elsewhere { Err(Error::field(field, "not_at_the_site")) } else { Ok(()) }
}
