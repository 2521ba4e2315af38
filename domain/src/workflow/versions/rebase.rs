//! A newer shipped version comes under a company's own text: what only one side changed is taken, what both changed differently
//! is a conflict, told at its line, and nothing is written.

use workflows::{Diagnostic, overlay};

use super::check::newest;
use super::draft::{Draft, ReadDraft};
use super::model::TextKind;
use super::store::{self, StoredDraft};
use super::text::{base, subject};
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Error, Result};
use crate::kernel::history::stale;
use crate::kernel::id::Id;
use crate::kernel::permission::Permission;

/// Merges the newest shipped version into the draft; without one, into a new draft of what new records follow.
#[derive(Debug, Clone)]
pub struct Rebase {
    /// The workflow.
    pub workflow: String,
    /// The draft's version the caller read; 0 for none.
    pub version: i32,
}

impl Action for Rebase {
    const NEEDS: Permission = Permission::WorkflowManage;
    /// The merged draft, or every conflict.
    type Out = Result<Draft, Vec<Diagnostic>>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Self::Out> {
        cx.refuse_limited()?;
        subject(&self.workflow)?;
        let mine = ReadDraft(self.workflow.clone()).read(cx).await?;
        let new_base = newest(cx, &self.workflow)?;
        if mine.base >= new_base {
            return Err(Error::Conflict("newest_base"));
        }
        let (old, new) = (base(cx, &self.workflow, mine.base).await?, base(cx, &self.workflow, new_base).await?);
        match merged(&self.workflow, &mine, &old, (&new, new_base)) {
            Ok(source) => self.keep(cx, mine.kind, new_base, source).await.map(Ok),
            Err(found) => Ok(Err(found)),
        }
    }
}

impl Rebase {
    async fn keep(&self, cx: &mut Cx<'_>, kind: TextKind, base: i32, source: String) -> Result<Draft> {
        let written = match store::draft(cx, &self.workflow).await? {
            None if self.version == 0 => store::begin_draft(cx, &self.workflow, kind, base, &source).await?,
            None => return Err(Error::Stale { current: 0, state: None, changed_at: None, changed_by: None }),
            Some(draft) => {
                let (id, current) = (Id::<Draft>::from(draft.id), draft.version);
                let written = StoredDraft { base, source, version: self.version, ..draft };
                match store::rewrite_draft(cx, &written).await? {
                    Some(version) => Some(version),
                    None => return Err(stale(cx, id, current).await),
                }
            }
        };
        // somebody else began one in the same moment
        let begun = written.and(store::draft(cx, &self.workflow).await?);
        begun.map(Draft::from).ok_or(Error::Stale { current: 1, state: None, changed_at: None, changed_by: None })
    }
}

/// The company's text over the new base.
fn merged(workflow: &str, mine: &Draft, old: &str, (new, version): (&str, i32)) -> Result<String, Vec<Diagnostic>> {
    let (own, before, after) =
        (format!("{workflow}.yml"), format!("{workflow}.yml ({})", mine.base), format!("{workflow}.yml ({version})"));
    let (old, new) = (overlay::File { name: &before, source: old }, overlay::File { name: &after, source: new });
    match mine.kind {
        TextKind::Overlay => overlay::merge3(old, new, overlay::File { name: &own, source: &mine.source }).map(|merged| merged.overlay),
        TextKind::Full => {
            let patch = overlay::diff(old, overlay::File { name: &own, source: &mine.source })?;
            overlay::merge3(old, new, overlay::File { name: &own, source: &patch }).map(|merged| merged.applied.text)
        }
    }
}
