//! Changing what an order says. Its state moves by its steps only; what is finished is no longer edited.

use serde_json::json;
use uuid::Uuid;

use super::create::settle;
use super::model::{Input, WorkOrder};
use super::store::{self, Edited};
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Error, Refused, Result};
use crate::kernel::event::Event;
use crate::kernel::id::Id;
use crate::kernel::permission::Permission;
use crate::kernel::scope::Scope;

impl WorkOrder {
    /// Whether somebody may change what it says now: those who edit, and whoever asked for it until work is due to begin.
    pub fn editable_by(&self, scope: &Scope) -> bool {
        let may = scope.can(Permission::WorkOrderEdit) || is_own(scope, self.created_by_id, &self.category);
        may && !is_finished(&self.category)
    }
}

fn is_own(scope: &Scope, created_by: Uuid, category: &str) -> bool {
    created_by == scope.actor().id.uuid() && category == "todo"
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
        self.input.check()?;
        let before = store::lock(cx, self.id).await?.ok_or(Error::NotFound)?;
        let own = is_own(cx.scope(), before.created_by_id, &before.category);
        if !own && !cx.scope().can(Permission::WorkOrderEdit) {
            return Err(Error::Forbidden(Refused::Permission(Permission::WorkOrderEdit)));
        }
        if is_finished(&before.category) {
            return Err(Error::Conflict("finished"));
        }
        let estimate = match self.input.estimate(&cx.scope().company().currency)? {
            // who may not see it does not clear it, nor put another in the place of somebody else's
            None if !cx.scope().can(Permission::CostView) => before.estimated_cost,
            Some(_) if !cx.scope().can(Permission::CostView) && !own => before.estimated_cost,
            estimate => estimate,
        };
        let (location_id, site_id) = settle(cx, self.input.asset_id, self.input.location_id).await?;
        if self.input.assignee_id != before.assignee_id {
            store::refuse_assignee(cx, "assignee_id", self.input.assignee_id).await?;
        }
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
        cx.emit(
            Event::new("work_order.edited", "work_order", self.id)
                .with(json!({ "number": super::model::spoken(row.number), "title": row.title })),
        );
        Ok(row.shown(cx))
    }
}
