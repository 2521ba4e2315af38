//! What check says of a text, before anybody depends on it.

use workflows::Diagnostic;
use workflows::scenario::Report;

use super::model::Input;
use super::text::{read, rehearse, subject};
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::Result;
use crate::kernel::permission::Permission;
use crate::kernel::tenant::Access;

/// Checks a text as publishing would, and keeps nothing.
#[derive(Debug, Clone)]
pub struct Check {
    /// The workflow it is for.
    pub workflow: String,
    /// The text.
    pub input: Input,
}

/// What was found, and the file if nothing was.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// Everything wrong, in the order of the text.
    pub found: Vec<Diagnostic>,
    /// What the company has nobody for. People come and go, so this keeps nobody from publishing.
    pub warnings: Vec<Diagnostic>,
    /// The version of the shipped file, which a patch extends.
    pub base: i32,
}

impl Action for Check {
    const NEEDS: Permission = Permission::WorkflowManage;
    const ACCESS: Access = Access::Read;
    type Out = Checked;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Checked> {
        self.input.refuse_unkept()?;
        let subject = subject(&self.workflow)?;
        let base = newest(cx, &self.workflow)?;
        Ok(match read(cx, subject, &self.input.source).await? {
            Ok(compiled) => Checked { found: Vec::new(), warnings: compiled.unstaffed, base },
            Err(found) => Checked { found, warnings: Vec::new(), base },
        })
    }
}

/// Plays the tests of a text with the company's roles, and keeps nothing.
#[derive(Debug, Clone)]
pub struct Rehearse {
    /// The workflow it is for.
    pub workflow: String,
    /// The text.
    pub input: Input,
}

impl Action for Rehearse {
    const NEEDS: Permission = Permission::WorkflowManage;
    const ACCESS: Access = Access::Read;
    /// How the tests went, or why there is nothing to play: what is wrong with the file or its tests.
    type Out = Result<Report, Vec<Diagnostic>>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Self::Out> {
        self.input.refuse_unkept()?;
        let subject = subject(&self.workflow)?;
        match read(cx, subject, &self.input.source).await? {
            Ok(compiled) => rehearse(cx, subject, &compiled.workflow).await,
            Err(found) => Ok(Err(found)),
        }
    }
}

/// The version of the file this program came with.
pub(super) fn newest(cx: &Cx<'_>, workflow: &str) -> Result<i32> {
    let shipped = cx.app().definitions().shipped(subject(workflow)?)?;
    Ok(i32::try_from(shipped.version()).unwrap_or(i32::MAX))
}
