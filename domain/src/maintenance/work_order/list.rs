//! The list of work orders.

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use uuid::Uuid;

use super::model::{KINDS, PRIORITIES, WorkOrder, heard, spoken};
use crate::kernel::listing::{By, Called, Cell, Column, Filter, Listing, Sort};
use crate::kernel::money::parse;
use crate::kernel::permission::Permission;
use crate::kernel::scope::Scope;

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object, FromRow)]
#[oai(rename = "WorkOrderRow")]
pub struct Row {
    /// Its id.
    pub id: Uuid,
    /// Its number in the company.
    pub number: i32,
    /// What is wrong, or to be done.
    pub title: String,
    /// The kind of work.
    pub kind: String,
    /// How urgent.
    pub priority: String,
    /// The state.
    pub state: String,
    /// The state's category.
    pub category: String,
    /// How its service levels stand, the worst of them: `ok`, `warning` or `critical`; absent where none applies.
    pub sla_status: Option<String>,
    /// The asset it is for.
    pub asset_id: Option<Uuid>,
    /// The asset's name.
    pub asset: Option<String>,
    /// Where the work is.
    pub location: String,
    /// Who does it.
    pub assignee_id: Option<Uuid>,
    /// Their name.
    pub assignee: Option<String>,
    /// When it should be done.
    pub due_at: Option<DateTime<Utc>>,
    /// When work ended.
    pub completed_at: Option<DateTime<Utc>>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// What it cost, a decimal string; left out without `cost.view`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[oai(skip_serializing_if_is_none)]
    pub cost: Option<String>,
    /// The currency of the company's books.
    pub currency: String,
    /// Its version.
    pub version: i32,
}

impl Row {
    /// Its number as people say it, `WO-1042`.
    pub fn spoken(&self) -> String {
        spoken(self.number)
    }
}

const CALLED: Called = Called {
    search: "o.id=app.search_work_orders",
    number: "SELECT n.id FROM work_orders n WHERE n.tenant_id = app.tenant_id() AND n.number = ",
    heard,
};

impl Listing for WorkOrder {
    type Row = Row;
    const NAME: &'static str = "work_orders";
    const READ: Permission = Permission::WorkOrderView;
    const SELECT: &'static str = "o.id, o.number, o.title, o.kind, o.priority, o.state, o.category, o.sla_status, o.asset_id, a.name AS asset, \
        l.name AS location, o.assignee_id, m.name AS assignee, o.due_at, o.completed_at, o.created_at, o.cost::text AS cost, t.currency, o.version";
    const FROM: &'static str = "work_orders o \
        JOIN platform.tenants t ON t.id = o.tenant_id \
        JOIN locations l ON l.tenant_id = o.tenant_id AND l.id = o.location_id \
        LEFT JOIN assets a ON a.tenant_id = o.tenant_id AND a.id = o.asset_id \
        LEFT JOIN members m ON m.tenant_id = o.tenant_id AND m.id = o.assignee_id";
    const ALIAS: &'static str = "o";
    const SORTS: &'static [Sort] = &[
        Sort { name: "number", sql: "o.number", cast: "int", nullable: false, descending: true },
        Sort { name: "due", sql: "o.due_at", cast: "timestamptz", nullable: true, descending: false },
        Sort { name: "completed_at", sql: "o.completed_at", cast: "timestamptz", nullable: true, descending: true },
        Sort { name: "created_at", sql: "o.created_at", cast: "timestamptz", nullable: false, descending: true },
        Sort { name: "title", sql: "(o.title COLLATE app.names)", cast: "text", nullable: false, descending: false },
    ];
    const FILTERS: &'static [Filter] = &[
        Filter { name: "q", by: By::Called(CALLED) },
        Filter { name: "state", by: By::Word("o.state") },
        Filter { name: "category", by: By::Choice("o.category", &["todo", "doing", "waiting", "done", "cancelled"]) },
        Filter { name: "sla", by: By::Choice("o.sla_status", &["ok", "warning", "critical"]) },
        Filter { name: "priority", by: By::Choice("o.priority", PRIORITIES) },
        Filter { name: "kind", by: By::Choice("o.kind", KINDS) },
        Filter { name: "assignee", by: By::Reference("o.assignee_id", "members") },
        Filter { name: "asset", by: By::Reference("o.asset_id", "assets") },
        Filter { name: "site", by: By::Reference("o.site_id", "locations") },
        Filter { name: "vendor", by: By::Reference("o.vendor_id", "vendors") },
        Filter { name: "due.lt", by: By::Before("o.due_at") },
        Filter { name: "due.gte", by: By::From("o.due_at") },
        Filter { name: "completed.lt", by: By::Before("o.completed_at") },
        Filter { name: "completed.gte", by: By::From("o.completed_at") },
        Filter { name: "overdue", by: By::Flag("o.category IN ('todo', 'doing', 'waiting') AND o.due_at < {now}") },
        Filter { name: "active", by: By::Flag("o.category IN ('todo', 'doing', 'waiting')") },
    ];
    const COLUMNS: &'static [Column<Row>] = &[
        Column::new("number", |o: &Row| Cell::Text(spoken(o.number))).sorted("number"),
        Column::new("title", |o: &Row| Cell::text(&*o.title)).sorted("title"),
        Column::new("state", |o: &Row| Cell::Key(format!("wf.work_order.state.{}", o.state))),
        Column::new("sla_status", |o: &Row| Cell::maybe(o.sla_status.as_deref(), |health| Cell::Key(format!("sla.health.{health}")))),
        Column::new("priority", |o: &Row| Cell::Key(format!("work_order.priority.{}", o.priority))),
        Column::new("kind", |o: &Row| Cell::Key(format!("work_order.kind.{}", o.kind))),
        Column::new("asset", |o: &Row| Cell::maybe(o.asset.clone(), Cell::Text)),
        Column::new("location", |o: &Row| Cell::text(&*o.location)),
        Column::new("assignee", |o: &Row| Cell::maybe(o.assignee.clone(), Cell::Text)),
        Column::new("due_at", |o: &Row| Cell::maybe(o.due_at, Cell::Time)).sorted("due"),
        Column::new("created_at", |o: &Row| Cell::Time(o.created_at)).sorted("created_at").hidden(),
        Column::new("completed_at", |o: &Row| Cell::maybe(o.completed_at, Cell::Time)).sorted("completed_at").hidden(),
        Column::new("cost", |o: &Row| Cell::maybe(o.cost.as_deref().and_then(parse), |cost| Cell::Money(cost, o.currency.clone())))
            .hidden()
            .needs(Permission::CostView),
    ];

    /// An order's fields have one set of names, those workflow forms use.
    fn label(column: &str) -> String {
        format!("wf.work_order.field.{column}")
    }

    fn conceal(row: &mut Row, reader: &Scope) {
        row.cost = row.cost.take().filter(|_| reader.can(Permission::CostView));
    }
}
