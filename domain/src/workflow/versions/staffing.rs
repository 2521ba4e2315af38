//! Whether a company has the people a file asks for, as its roles and members stand now: looked up whenever it is shown, so that who
//! comes or goes changes it.

use std::sync::Arc;

use workflows::{Diagnostic, Staffed, Who, Workflow};

use super::text::staffed;
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::Result;
use crate::kernel::permission::Permission;
use crate::kernel::tenant::Access;

/// What a company has too few people for.
#[derive(Debug, Clone, Default)]
pub struct Unstaffed {
    /// All of it, as check says it of the file.
    pub findings: Vec<Diagnostic>,
    /// The levels of approvals among it.
    pub levels: Vec<ShortLevel>,
}

/// A level of an approval that cannot be met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShortLevel {
    /// The transition it is about.
    pub transition: String,
    /// The level.
    pub level: String,
    /// Who decides there.
    pub who: Who,
    /// How many must agree.
    pub need: u32,
    /// How many people there are.
    pub have: u32,
}

/// Looks up what the company has too few people for to live by a file; tells only those who can invite people or change the file.
#[derive(Debug, Clone)]
pub struct Staffing(
    /// The file.
    pub Arc<Workflow>,
);

impl Action for Staffing {
    const NEEDS: Permission = Permission::Member;
    const ACCESS: Access = Access::Read;
    type Out = Unstaffed;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Unstaffed> {
        if ![Permission::MemberManage, Permission::WorkflowManage].into_iter().any(|permission| cx.scope().can(permission)) {
            return Ok(Unstaffed::default());
        }
        let roles = staffed(cx).await?;
        Ok(Unstaffed { findings: self.0.staffing(&roles), levels: levels(&self.0, &roles) })
    }
}

fn levels(workflow: &Workflow, roles: &[Staffed]) -> Vec<ShortLevel> {
    let people = |who: &Who| -> u32 {
        let fits = |role: &&Staffed| match who {
            Who::Permission(permission) => role.permissions.contains(permission),
            Who::Role(key) => role.role == *key,
        };
        roles.iter().filter(fits).map(|role| role.members).sum()
    };
    let asked = workflow.transitions().filter_map(|transition| Some((transition, transition.approvals.as_ref()?)));
    let levels = asked.flat_map(|(transition, approvals)| approvals.levels.iter().map(move |level| (transition, level)));
    levels
        .map(|(transition, level)| ShortLevel {
            transition: transition.id.clone(),
            level: level.id.clone(),
            who: level.who.clone(),
            need: level.need,
            have: people(&level.who),
        })
        .filter(|level| level.have < level.need)
        .collect()
}
