//! A work order, as the workflow engine reads and writes it.

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;
use workflows::sla::Health;
use workflows::{Money, Recipient, Record, Value};

use super::create;
use super::model::{Input, SUBJECT, WorkOrder, spoken};
use super::store::{self, Stored, Writable};
use crate::kernel::action::Cx;
use crate::kernel::error::{Error, FieldError, Result};
use crate::kernel::id::Id;
use crate::kernel::money;
use crate::kernel::permission::Permission;
use crate::workflow::{Access, Routed, Routing, Writes};

impl Routed for WorkOrder {
    const SUBJECT: &'static workflows::Subject = &SUBJECT;
    const READ: Permission = Permission::WorkOrderView;
    const HIDDEN: &'static [(&'static str, Permission)] = &[("estimated_cost", Permission::CostView), ("cost", Permission::CostView)];

    type Held = Writable;

    async fn load(cx: &mut Cx<'_>, id: Id<Self>, access: Access) -> Result<Option<Routing<Self>>> {
        let found = match access {
            Access::Read => store::find(cx, id).await?,
            Access::Lock => store::lock(cx, id).await?,
        };
        Ok(found.map(|row| routing(row, &cx.scope().company().currency)))
    }

    async fn write(cx: &mut Cx<'_>, id: Id<Self>, held: Writable, writes: Writes) -> Result<i32> {
        let before = held.assignee_id;
        let mut writable = held;
        writable.set_all(&writes.set, &cx.scope().company().currency)?;
        if writable.assignee_id != before {
            let site = store::site(cx, id).await?;
            store::refuse_assignee(cx, "assignee", writable.assignee_id, Some(site)).await?;
        }
        store::step(cx, id, &writes, &writable).await
    }

    async fn mark(cx: &mut Cx<'_>, id: Id<Self>, sla: Option<Health>) -> Result<()> {
        store::mark(cx, id, sla).await
    }

    async fn open_records(cx: &mut Cx<'_>, of: Uuid, except: Uuid) -> Result<i64> {
        store::open_records(cx, of, except).await
    }

    async fn make(cx: &mut Cx<'_>, fields: &[(String, Value)], depth: usize) -> Result<()> {
        let input = input(fields, &cx.scope().company().currency)?;
        create::written(cx, &input, depth).await.map(drop)
    }

    async fn least_busy(cx: &mut Cx<'_>, who: &Recipient, site: Uuid) -> Result<Option<Uuid>> {
        store::least_busy(cx, who, site).await
    }
}

/// What an effect fills in of an order; see [`super::CREATABLE`].
fn input(fields: &[(String, Value)], currency: &str) -> Result<Input> {
    let mut input = Input::blank();
    for (field, value) in fields {
        match field.as_str() {
            "title" => input.title = text(value)?.unwrap_or_default(),
            "description" => input.description = text(value)?.unwrap_or_default(),
            "priority" => input.priority = text(value)?.unwrap_or_default(),
            "kind" => input.kind = text(value)?.unwrap_or_default(),
            "asset" => input.asset_id = reference(value)?,
            "location" => input.location_id = reference(value)?,
            "vendor" => input.vendor_id = reference(value)?,
            "assignee" => input.assignee_id = reference(value)?,
            "due_at" => input.due_at = time(value)?,
            "scheduled_at" => input.scheduled_at = time(value)?,
            "estimated_cost" => input.estimated_cost = money::Money::stored(amount(field, value, currency)?, currency),
            _ => return Err(wrong(field, value)),
        }
    }
    Ok(input)
}

/// A row as the engine reads it.
pub(super) fn routing(row: Stored, currency: &str) -> Routing<WorkOrder> {
    Routing {
        doc: record(&row, currency),
        mention: json!({ "number": spoken(row.number), "title": row.title, "asset": row.asset_name }),
        definition: row.definition,
        entry_seq: row.entry_seq,
        version: row.version,
        site: row.site_id,
        requested_by: row.created_by_id,
        changed_at: row.updated_at,
        changed_by: row.updated_by,
        sla: row.sla_status.as_deref().and_then(health),
        held: Writable {
            assignee_id: row.assignee_id,
            due_at: row.due_at,
            started_at: row.started_at,
            completed_at: row.completed_at,
            resolution: row.resolution,
            meter_reading: row.meter_reading,
            cost: row.cost,
        },
    }
}

fn health(word: &str) -> Option<Health> {
    [Health::Ok, Health::Warning, Health::Critical].into_iter().find(|health| health.as_str() == word)
}

impl Writable {
    /// Applies what a step sets. The file was checked against [`SUBJECT`], so another field or type is a fault of ours; an
    /// amount the company's books cannot hold is the person's.
    pub(super) fn set_all(&mut self, set: &[(String, Value)], currency: &str) -> Result<()> {
        for (field, value) in set {
            match field.as_str() {
                "assignee" => self.assignee_id = reference(value)?,
                "due_at" => self.due_at = time(value)?,
                "started_at" => self.started_at = time(value)?,
                "completed_at" => self.completed_at = time(value)?,
                "resolution" => self.resolution = text(value)?,
                "meter_reading" => self.meter_reading = whole(value)?,
                "cost" => self.cost = amount(field, value, currency)?,
                _ => return Err(wrong(field, value)),
            }
        }
        Ok(())
    }
}

fn wrong(what: &str, value: &Value) -> Error {
    Error::Internal(format!("a step wrote {value:?} as {what}"))
}

fn reference(value: &Value) -> Result<Option<Uuid>> {
    if value.is_null() { Ok(None) } else { value.as_ref_id().map(Some).ok_or_else(|| wrong("a reference", value)) }
}

fn time(value: &Value) -> Result<Option<DateTime<Utc>>> {
    match value {
        Value::Null => Ok(None),
        Value::Time(time) => Ok(Some(*time)),
        other => Err(wrong("a time", other)),
    }
}

fn text(value: &Value) -> Result<Option<String>> {
    match value {
        Value::Null => Ok(None),
        Value::Text(text) => Ok(Some(text.clone())),
        other => Err(wrong("a text", other)),
    }
}

fn whole(value: &Value) -> Result<Option<i64>> {
    match value {
        Value::Null => Ok(None),
        Value::Int(number) => Ok(Some(*number)),
        other => Err(wrong("a number", other)),
    }
}

fn amount(field: &str, value: &Value, currency: &str) -> Result<Option<rust_decimal::Decimal>> {
    match value {
        Value::Null => Ok(None),
        Value::Money(money) if money.currency != currency => {
            Err(Error::Invalid(vec![FieldError::new(field, "currency_mismatch").with("expected", currency)]))
        }
        Value::Money(money) if !money::fits(money.amount) => Err(Error::field(field, "bad_money")),
        Value::Money(money) => Ok(Some(money.amount)),
        other => Err(wrong("an amount", other)),
    }
}

/// Every field of [`SUBJECT`].
pub(super) fn record(row: &Stored, currency: &str) -> Record {
    let money = |amount: Option<rust_decimal::Decimal>| {
        amount.map_or(Value::Null, |amount| Value::Money(Money { amount, currency: currency.to_owned() }))
    };
    let reference = |id: Option<Uuid>| id.map_or(Value::Null, Value::Ref);
    let time = |time: Option<DateTime<Utc>>| time.map_or(Value::Null, Value::Time);
    let text = |text: &str| if text.is_empty() { Value::Null } else { Value::Text(text.to_owned()) };
    Record::default()
        .with("number", Value::Int(row.number.into()))
        .with("title", Value::Text(row.title.clone()))
        .with("description", text(&row.description))
        .with("priority", Value::Text(row.priority.clone()))
        .with("kind", Value::Text(row.kind.clone()))
        .with("asset", reference(row.asset_id))
        .with("location", Value::Ref(row.location_id))
        .with("vendor", reference(row.vendor_id))
        .with("assignee", reference(row.assignee_id))
        .with("due_at", time(row.due_at))
        .with("scheduled_at", time(row.scheduled_at))
        .with("started_at", time(row.started_at))
        .with("completed_at", time(row.completed_at))
        .with("resolution", row.resolution.as_deref().map_or(Value::Null, text))
        .with("meter_reading", row.meter_reading.map_or(Value::Null, Value::Int))
        .with("estimated_cost", money(row.estimated_cost))
        .with("cost", money(row.cost))
        .with("created_by", Value::Ref(row.created_by_id))
        .with("created_at", Value::Time(row.created_at))
        .with("state", Value::Text(row.state.clone()))
}
