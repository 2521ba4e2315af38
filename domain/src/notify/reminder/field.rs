//! The dates people may be reminded of.

use chrono::NaiveDate;
use sqlx::FromRow;
use uuid::Uuid;

use crate::kernel::action::Cx;
use crate::kernel::error::Result;

/// A date of a sort of record.
#[derive(Debug)]
pub struct Field {
    /// `<subject>.<column>`; its name is `reminder_field.<key>` in the locale files.
    pub key: &'static str,
    /// The sort of record.
    pub subject: &'static str,
    /// The kind of message that tells of it.
    pub kind: &'static str,
    /// Whether somebody does the work on such a record, who may be told.
    pub assignee: bool,
    /// The records that have the date and are still of interest: `id, site_id, day, title, number, assignee`. `$1` is the company,
    /// `$2` its zone, `$3` one record or none for all; `$4` and `$5` bound the day.
    records: &'static str,
}

/// The assets in use with the date in this column.
macro_rules! assets {
    ($column:literal) => {
        concat!(
            "SELECT a.id, a.site_id, a.",
            $column,
            " AS day, a.name || ' · ' || a.tag AS title, NULL::text AS number, NULL::uuid AS assignee
             FROM assets a WHERE a.tenant_id = $1 AND $2::text IS NOT NULL AND ($3::uuid IS NULL OR a.id = $3) AND a.active
               AND a.",
            $column,
            " BETWEEN $4 AND $5"
        )
    };
}

/// The work orders under way with the moment in this column.
macro_rules! work_orders {
    ($column:literal) => {
        concat!(
            "SELECT o.id, o.site_id, (o.", $column, " AT TIME ZONE $2)::date AS day, o.title, 'WO-' || o.number AS number, o.assignee_id AS assignee
             FROM work_orders o WHERE o.tenant_id = $1 AND ($3::uuid IS NULL OR o.id = $3) AND o.category IN ('todo', 'doing', 'waiting')
               AND (o.", $column, " AT TIME ZONE $2)::date BETWEEN $4 AND $5"
        )
    };
}

/// Every date.
pub const FIELDS: &[Field] = &[
    Field { key: "asset.warranty_until", subject: "asset", kind: "asset.reminder", assignee: false, records: assets!("warranty_until") },
    Field { key: "asset.purchased_on", subject: "asset", kind: "asset.reminder", assignee: false, records: assets!("purchased_on") },
    Field { key: "work_order.due_at", subject: "work_order", kind: "work_order.reminder", assignee: true, records: work_orders!("due_at") },
    Field {
        key: "work_order.scheduled_at",
        subject: "work_order",
        kind: "work_order.reminder",
        assignee: true,
        records: work_orders!("scheduled_at"),
    },
];

/// A record with its date.
#[derive(Debug, FromRow)]
pub(super) struct Dated {
    pub id: Uuid,
    pub site_id: Uuid,
    pub day: NaiveDate,
    pub title: String,
    pub number: Option<String>,
    pub assignee: Option<Uuid>,
}

impl Field {
    /// The date of a stored key; nothing for one of another version.
    pub fn find(key: &str) -> Option<&'static Self> {
        FIELDS.iter().find(|field| field.key == key)
    }

    /// The records with the date between two days, or one of them.
    pub(super) async fn records(&self, cx: &mut Cx<'_>, record: Option<Uuid>, from: NaiveDate, to: NaiveDate) -> Result<Vec<Dated>> {
        let zone = cx.scope().company().zone;
        Ok(sqlx::query_as(self.records)
            .bind(cx.tenant().uuid())
            .bind(zone.name())
            .bind(record)
            .bind(from)
            .bind(to)
            .fetch_all(cx.conn())
            .await?)
    }
}
