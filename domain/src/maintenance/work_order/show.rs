//! Reading one order, by its id or by the number people say.

use super::model::{WorkOrder, heard};
use super::store;
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Id;
use crate::kernel::permission::Permission;
use crate::kernel::tenant::Access;

/// Reads an order.
#[derive(Debug, Clone)]
pub struct Show(
    /// Which.
    pub Id<WorkOrder>,
);

impl Action for Show {
    const NEEDS: Permission = Permission::WorkOrderView;
    const ACCESS: Access = Access::Read;
    type Out = WorkOrder;

    async fn run(self, cx: &mut Cx<'_>) -> Result<WorkOrder> {
        let row = store::find(cx, self.0).await?.ok_or(Error::NotFound)?;
        Ok(row.shown(cx))
    }
}

/// Reads an order by its number: `WO-1042` or `1042`.
#[derive(Debug, Clone)]
pub struct Numbered(
    /// The number, as somebody wrote it.
    pub String,
);

impl Action for Numbered {
    const NEEDS: Permission = Permission::WorkOrderView;
    const ACCESS: Access = Access::Read;
    type Out = WorkOrder;

    async fn run(self, cx: &mut Cx<'_>) -> Result<WorkOrder> {
        let number = heard(&self.0).ok_or(Error::NotFound)?;
        let id = store::by_number(cx, number).await?.ok_or(Error::NotFound)?;
        Show(id).run(cx).await
    }
}
