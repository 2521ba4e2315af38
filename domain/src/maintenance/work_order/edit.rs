//! Changing what an order says. Its state moves by its steps only; what is finished is no longer edited.

use serde_json::json;
use uuid::Uuid;
use workflows::Recipient;

use super::create::settle;
use super::model::{Input, SUBJECT, WorkOrder, spoken};
use super::routed;
use super::store::{self, Edited};
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Checks, Error, Refused, Result};
use crate::kernel::event::Event;
use crate::kernel::id::Id;
use crate::kernel::permission::Permission;
use crate::kernel::scope::Scope;
use crate::notify::{self, Telling, Words};
use crate::workflow;

impl WorkOrder {
    /// Whether somebody may change what it says now: those who edit, and whoever asked for it while it `waits` for a decision.
    /// What was approved is no longer its creator's to change.
    pub fn editable_by(&self, scope: &Scope, waits: bool) -> bool {
        let may = scope.can(Permission::WorkOrderEdit) || waits && is_own(scope, self.created_by_id);
        may && !is_finished(&self.category)
    }
}

fn is_own(scope: &Scope, created_by: Uuid) -> bool {
    created_by == scope.actor().id.uuid()
}

fn is_finished(category: &str) -> bool {
    matches!(category, "done" | "cancelled")
}

/// Replaces what is filled in of an order.
#[derive(Debug, Clone)]
pub struct Edit {
    /// Which.
    pub id: Id<WorkOrder>,
    /// The version the caller read.
    pub version: i32,
    /// What was filled in.
    pub input: Input,
}

impl Action for Edit {
    const NEEDS: Permission = Permission::WorkOrderView;
    type Out = WorkOrder;

    async fn run(self, cx: &mut Cx<'_>) -> Result<WorkOrder> {
        let mut checks = Checks::new();
        self.input.check(&mut checks);
        let before = store::lock(cx, self.id).await?.ok_or(Error::NotFound)?;
        let workflow = cx.app().definitions().of(cx.conn(), &before.definition).await?;
        let waits = workflow.approval_in(&before.state).is_some();
        let own = waits && is_own(cx.scope(), before.created_by_id);
        if !own && !cx.scope().can(Permission::WorkOrderEdit) {
            return Err(Error::Forbidden(Refused::Permission(Permission::WorkOrderEdit)));
        }
        if is_finished(&before.category) {
            return Err(Error::Conflict("finished"));
        }
        let estimate = match checks.gather(self.input.estimate(&cx.scope().company().currency))?.flatten() {
            // who may not see it does not clear it, nor put another in the place of somebody else's
            None if !cx.scope().can(Permission::CostView) => before.estimated_cost,
            Some(_) if !cx.scope().can(Permission::CostView) && !own => before.estimated_cost,
            estimate => estimate,
        };
        let place = checks.gather(settle(cx, self.input.asset_id, self.input.location_id).await)?;
        let assigned = self.input.assignee_id != before.assignee_id;
        let assignee = match place {
            _ if assigned && !waits && !cx.scope().can(Permission::WorkOrderManage) => {
                Err(Error::field("assignee_id", "not_yours_to_assign"))
            }
            _ if assigned => store::refuse_assignee(cx, "assignee_id", self.input.assignee_id, place.map(|(_, site)| site)).await,
            // the order moves away from whoever has it
            Some((_, site)) if site != before.site_id => store::refuse_elsewhere(cx, "assignee_id", before.assignee_id, site).await,
            _ => Ok(()),
        };
        checks.gather(assignee)?;
        checks.done()?;
        let (location_id, site_id) = place.unwrap_or_default();
        let said = routed::record(&before, &cx.scope().company().currency);
        let edited = Edited { input: &self.input, location_id, site_id, estimated_cost: estimate };
        if !store::edit(cx, self.id, self.version, &edited).await? {
            return Err(Error::Stale {
                current: before.version,
                state: Some(before.state),
                changed_at: Some(before.updated_at),
                changed_by: before.updated_by,
            });
        }
        let row = store::find(cx, self.id).await?.ok_or(Error::NotFound)?;
        let now = routed::routing(row.clone(), &cx.scope().company().currency);
        let changed: Vec<&str> = SUBJECT.fields.iter().map(|field| field.name).filter(|name| said.get(name) != now.doc.get(name)).collect();
        workflow::edited(cx, self.id, &workflow, (&said, &now), &changed).await?;
        notify::reminder::changed(cx, SUBJECT.key, row.id).await?;
        // until it is decided nobody works on it; the approval tells the assignee
        if assigned && !waits {
            tell_assignee(cx, &row).await?;
        }
        cx.emit(Event::new("work_order.edited", "work_order", self.id).with(json!({ "number": spoken(row.number), "title": row.title })));
        Ok(row.shown(cx))
    }
}

/// As the step *assign* does: giving work away by an edit is heard of, too.
async fn tell_assignee(cx: &mut Cx<'_>, order: &store::Stored) -> Result<()> {
    let Some(assignee) = order.assignee_id else { return Ok(()) };
    let actor = cx.scope().actor();
    let mention = json!({
        "number": spoken(order.number), "title": order.title, "asset": order.asset_name, "actor": actor.name,
    });
    let telling = Telling {
        text: "work_order.assigned",
        words: Words::new(),
        channels: &[],
        to: &[Recipient::Member(assignee)],
        subject: SUBJECT.key,
        record: order.id,
        site: Some(order.site_id),
        mention: &mention,
        dedupe: format!("edit:{}:{}", order.id, order.version),
        except: Some(actor.id.uuid()),
    };
    notify::tell(cx, &telling).await
}
