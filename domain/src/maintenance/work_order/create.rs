//! Asking for work. Where the order begins, and who hears of it, the file says (46).

use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;
use workflows::{Money, Record, Value};

use super::model::{Input, SUBJECT, WorkOrder, spoken};
use super::store::{self, New, Stored, Writable};
use crate::assets::{Asset, place};
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Checks, Error, Result};
use crate::kernel::id::Id;
use crate::kernel::permission::Permission;
use crate::kernel::resource::Resource;
use crate::kernel::tenant::Access;
use crate::notify::reminder;
use crate::workflow;

/// Asks for work.
#[derive(Debug, Clone)]
pub struct Create(
    /// What was filled in.
    pub Input,
);

impl Action for Create {
    const NEEDS: Permission = Permission::WorkOrderCreate;
    type Out = WorkOrder;

    async fn run(self, cx: &mut Cx<'_>) -> Result<WorkOrder> {
        Ok(written(cx, &self.0, 0).await?.shown(cx))
    }
}

/// Writes an order where its file says it begins. Effects that create orders are `depth` deep in one another.
pub(super) async fn written(cx: &mut Cx<'_>, input: &Input, depth: usize) -> Result<Stored> {
    let mut checks = Checks::new();
    input.check(&mut checks);
    let estimate = checks.gather(input.estimate(&cx.scope().company().currency))?.flatten();
    let place = checks.gather(settle(cx, input.asset_id, input.location_id).await)?;
    let assignee = store::refuse_assignee(cx, "assignee_id", input.assignee_id, place.map(|(_, site)| site)).await;
    checks.gather(assignee)?;
    checks.done()?;
    let (location_id, site_id) = place.unwrap_or_default();
    let id = Id::<WorkOrder>::new();
    let doc = record(cx, input, location_id, estimate);
    let begun = workflow::begin::<WorkOrder>(cx, &doc, site_id).await?;
    let mut writable = Writable { assignee_id: input.assignee_id, due_at: input.due_at, ..Writable::default() };
    writable.set_all(&begun.entered.set, &cx.scope().company().currency)?;
    let created_at = cx.now();
    let new = New {
        id,
        title: input.title.trim(),
        description: &input.description,
        kind: &input.kind,
        priority: &input.priority,
        state: &begun.entered.state,
        category: begun.category,
        sla: begun.sla,
        definition: begun.workflow.hash(),
        asset_id: input.asset_id,
        location_id,
        site_id,
        vendor_id: input.vendor_id,
        scheduled_at: input.scheduled_at,
        estimated_cost: estimate,
        external_ref: None,
        created_at,
        writable,
    };
    let row = store::insert(cx, new).await?;
    let mention = json!({ "number": spoken(row.number), "title": row.title, "asset": row.asset_name });
    workflow::enter::<WorkOrder>(cx, id, (site_id, depth), &begun, &mention).await?;
    reminder::changed(cx, SUBJECT.key, id.uuid()).await?;
    Ok(row)
}

/// Whether an order the actor asks for would wait for a decision, as far as that is known before it is filled in.
#[derive(Debug, Clone)]
pub struct WouldWait;

impl Action for WouldWait {
    const NEEDS: Permission = Permission::WorkOrderCreate;
    const ACCESS: Access = Access::Read;
    type Out = bool;

    async fn run(self, cx: &mut Cx<'_>) -> Result<bool> {
        let doc = record(cx, &Input::blank(), Uuid::nil(), None);
        match workflow::begin::<WorkOrder>(cx, &doc, Uuid::nil()).await {
            Ok(begun) => Ok(begun.entered.opens.is_some()),
            Err(Error::Blocked(..)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Where the work is: where it was said to be, or where the asset stands.
pub(super) async fn settle(cx: &mut Cx<'_>, asset: Option<Uuid>, location: Option<Uuid>) -> Result<(Uuid, Uuid)> {
    let asset = match asset {
        Some(id) => Some(Asset::find(cx, id.into()).await?.ok_or_else(|| Error::field("asset_id", "unknown_reference"))?),
        None => None,
    };
    match (location, asset) {
        (Some(location), _) => Ok((location, place(cx, location).await?)),
        (None, Some(asset)) => Ok((asset.location_id, asset.site_id)),
        (None, None) => Err(Error::field("asset_id", "asset_or_location")),
    }
}

/// The order as guards see it before it exists.
pub(super) fn record(cx: &Cx<'_>, input: &Input, location: Uuid, estimate: Option<Decimal>) -> Record {
    let currency = cx.scope().company().currency.clone();
    let reference = |id: Option<Uuid>| id.map_or(Value::Null, Value::Ref);
    let mut doc = Record::default()
        .with("number", Value::Int(0))
        .with("title", Value::Text(input.title.clone()))
        .with("description", if input.description.is_empty() { Value::Null } else { Value::Text(input.description.clone()) })
        .with("priority", Value::Text(input.priority.clone()))
        .with("kind", Value::Text(input.kind.clone()))
        .with("asset", reference(input.asset_id))
        .with("location", Value::Ref(location))
        .with("vendor", reference(input.vendor_id))
        .with("assignee", reference(input.assignee_id))
        .with("due_at", input.due_at.map_or(Value::Null, Value::Time))
        .with("scheduled_at", input.scheduled_at.map_or(Value::Null, Value::Time))
        .with("estimated_cost", estimate.map_or(Value::Null, |amount| Value::Money(Money { amount, currency })))
        .with("created_by", Value::Ref(cx.scope().actor().id.uuid()))
        .with("created_at", Value::Time(cx.now()));
    for absent in ["started_at", "completed_at", "resolution", "meter_reading", "cost"] {
        doc.insert(absent, Value::Null);
    }
    doc
}
