//! What differs between two texts of a workflow.

use std::str::FromStr;

use workflows::compare::Change;
use workflows::overlay;

use super::draft::ReadDraft;
use super::lines::{self, Line};
use super::list::Read;
use super::model::Input;
use super::text::{Compiled, read, subject};
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Error, Result};
use crate::kernel::permission::Permission;
use crate::kernel::tenant::Access;

/// One of the texts to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The draft, or what a new one would begin with.
    Draft,
    /// The shipped file.
    Shipped,
    /// A version of the company.
    Version(i32),
}

impl FromStr for Side {
    type Err = Error;

    /// Reads `draft`, `shipped` or a number.
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "draft" => Ok(Self::Draft),
            "shipped" => Ok(Self::Shipped),
            number => number.parse().map(Self::Version).map_err(|_| Error::NotFound),
        }
    }
}

/// Compares two texts as they would run.
#[derive(Debug, Clone)]
pub struct Compare {
    /// The workflow.
    pub workflow: String,
    /// The first.
    pub from: Side,
    /// The second.
    pub to: Side,
}

/// How two texts differ.
#[derive(Debug, Clone)]
pub struct Compared {
    /// Part by part, in the order of a file; none where a text cannot be read, or is a patch that does not apply.
    pub changes: Option<Vec<Change>>,
    /// Line by line.
    pub lines: Vec<Line>,
}

impl Action for Compare {
    const NEEDS: Permission = Permission::WorkflowManage;
    const ACCESS: Access = Access::Read;
    type Out = Compared;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Compared> {
        subject(&self.workflow)?;
        let before = text(cx, &self.workflow, self.from).await?;
        let after = text(cx, &self.workflow, self.to).await?;
        Ok(Compared { changes: changes(&before, &after), lines: lines::compare(&before, &after) })
    }
}

/// Compares the draft, which somebody else has written, with a text that is kept nowhere.
#[derive(Debug, Clone)]
pub struct Against {
    /// The workflow.
    pub workflow: String,
    /// The text.
    pub source: String,
}

impl Action for Against {
    const NEEDS: Permission = Permission::WorkflowManage;
    const ACCESS: Access = Access::Read;
    /// From the draft, line by line, to the text.
    type Out = Vec<Line>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Vec<Line>> {
        subject(&self.workflow)?;
        Input { source: self.source.clone() }.refuse_unkept()?;
        let draft = ReadDraft(self.workflow).read(cx).await?;
        Ok(lines::compare(&draft.source, &self.source))
    }
}

fn changes(before: &str, after: &str) -> Option<Vec<Change>> {
    if [before, after].into_iter().any(|text| overlay::extends(text).is_some()) {
        return None;
    }
    let file = |source| overlay::File { name: "", source };
    workflows::compare::compare(file(before), file(after)).ok()
}

async fn text(cx: &mut Cx<'_>, workflow: &str, side: Side) -> Result<String> {
    let number = match side {
        Side::Shipped => None,
        Side::Version(number) => Some(number),
        Side::Draft => {
            let draft = ReadDraft(workflow.to_owned()).read(cx).await?;
            let read = read(cx, subject(workflow)?, &draft.source).await?;
            // a patch that does not apply is compared as it is written
            return Ok(read.map_or(draft.source, |Compiled { merged, .. }| merged));
        }
    };
    Ok(Read { workflow: workflow.to_owned(), number }.read(cx).await?.merged)
}
