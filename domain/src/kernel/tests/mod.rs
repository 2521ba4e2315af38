//! What the kernel promises to every feature.

mod actions;
pub(crate) mod conformance;
mod files;
mod idempotency;
mod lists;
pub(crate) mod walk;

use crate::kernel::action::{Action, Cx};
use crate::kernel::error::Result;
use crate::kernel::permission::Permission;
use crate::kernel::tenant::Access;

/// Runs a statement inside a company, as an action would, and reads the first column of its first row as text.
#[derive(Clone)]
pub(crate) struct Raw(pub &'static str);

impl Action for Raw {
    const NEEDS: Permission = Permission::Member;
    const ACCESS: Access = Access::Write;
    type Out = Option<String>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Option<String>> {
        Ok(sqlx::query_scalar(self.0).fetch_optional(cx.conn()).await?.flatten())
    }
}
