//! What a company is writing: one text a workflow, whoever writes it.

use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use workflows::overlay;

use super::check::newest;
use super::model::{Input, TextKind};
use super::store::{self, StoredDraft};
use super::text::subject;
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Error, Result};
use crate::kernel::event::Event;
use crate::kernel::history::stale;
use crate::kernel::id::Id;
use crate::kernel::permission::Permission;
use crate::kernel::tenant::Access;

/// A draft, or what a new one would begin with.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[oai(rename = "WorkflowDraft")]
pub struct Draft {
    /// A whole file, or a patch of the shipped one.
    pub kind: TextKind,
    /// The shipped version it was taken from, or patches.
    pub base: i32,
    /// The text.
    pub source: String,
    /// Its version, which a change must name; 0 for one not saved yet.
    pub version: i32,
}

impl From<StoredDraft> for Draft {
    fn from(draft: StoredDraft) -> Self {
        Self { kind: draft.kind, base: draft.base, source: draft.source, version: draft.version }
    }
}

/// Reads the draft; without one, the text new records follow, to begin with.
#[derive(Debug, Clone)]
pub struct ReadDraft(
    /// The workflow.
    pub String,
);

impl Action for ReadDraft {
    const NEEDS: Permission = Permission::WorkflowManage;
    const ACCESS: Access = Access::Read;
    type Out = Draft;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Draft> {
        self.read(cx).await
    }
}

impl ReadDraft {
    /// Others begin with the same text.
    pub(super) async fn read(&self, cx: &mut Cx<'_>) -> Result<Draft> {
        let subject = subject(&self.0)?;
        if let Some(draft) = store::draft(cx, &self.0).await? {
            return Ok(draft.into());
        }
        let current = store::versions(cx, &self.0).await?.into_iter().find(|version| version.shown.current);
        if let Some(current) = current {
            let text = store::text(cx, &self.0, current.shown.number).await?.ok_or(Error::NotFound)?;
            return Ok(Draft { kind: text.kind, base: text.base, source: text.source, version: 0 });
        }
        let base = cx.app().definitions().base(subject)?;
        Ok(Draft { kind: TextKind::Full, base: newest(cx, &self.0)?, source: base.source.clone(), version: 0 })
    }
}

/// Keeps a text as the draft, whatever check says of it.
#[derive(Debug, Clone)]
pub struct SaveDraft {
    /// The workflow.
    pub workflow: String,
    /// The version the caller read; 0 for a new draft.
    pub version: i32,
    /// The text.
    pub input: Input,
}

impl Action for SaveDraft {
    const NEEDS: Permission = Permission::WorkflowManage;
    type Out = Draft;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Draft> {
        cx.refuse_limited()?;
        self.input.refuse_unkept()?;
        subject(&self.workflow)?;
        let Input { source } = self.input;
        let kind = TextKind::of(&source);
        let before = store::draft(cx, &self.workflow).await?;
        let version = match before {
            None if self.version == 0 => {
                let base = base_of(cx, &self.workflow, &source).await?;
                store::begin_draft(cx, &self.workflow, kind, base, &source).await?
            }
            // somebody published or discarded it meanwhile: what was typed may begin a new one
            None => return Err(Error::Stale { current: 0, state: None, changed_at: None, changed_by: None }),
            Some(draft) => {
                let (id, current) = (Id::<Draft>::from(draft.id), draft.version);
                let base = named_base(cx, &self.workflow, &source).await?.unwrap_or(draft.base);
                let written = StoredDraft { kind, base, source, version: self.version, ..draft };
                match store::rewrite_draft(cx, &written).await? {
                    Some(version) => Some(version),
                    None => return Err(stale(cx, id, current).await),
                }
            }
        };
        if version.is_none() {
            return Err(Error::Stale { current: 1, state: None, changed_at: None, changed_by: None });
        }
        store::draft(cx, &self.workflow).await?.map(Draft::from).ok_or(Error::NotFound)
    }
}

/// The base of a new draft: the one a patch names; else that of the company's own whole file, if it goes on with that; else the
/// newest.
async fn base_of(cx: &mut Cx<'_>, workflow: &str, source: &str) -> Result<i32> {
    if let Some(base) = named_base(cx, workflow, source).await? {
        return Ok(base);
    }
    let current = store::versions(cx, workflow).await?.into_iter().find(|version| version.shown.current);
    current.map_or_else(|| newest(cx, workflow), |version| Ok(version.shown.base))
}

/// The shipped version a patch names, if there is one: a slip of the pen in it is a finding, and the draft's base stays.
async fn named_base(cx: &mut Cx<'_>, workflow: &str, source: &str) -> Result<Option<i32>> {
    let Some(version) = overlay::extends(source).and_then(|(_, version)| i32::try_from(version).ok()) else { return Ok(None) };
    Ok(store::shipped_text(cx, workflow, version).await?.map(|_| version))
}

/// Throws the draft away.
#[derive(Debug, Clone)]
pub struct Discard {
    /// The workflow.
    pub workflow: String,
    /// The version the caller read.
    pub version: i32,
}

impl Action for Discard {
    const NEEDS: Permission = Permission::WorkflowManage;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        cx.refuse_limited()?;
        let draft = named(cx, &self.workflow, self.version).await?;
        store::drop_draft(cx, draft.id).await?;
        cx.emit(Event::new("workflow_file.discarded", FILE, Id::<Draft>::from(draft.id)).with(about(&self.workflow, None)));
        Ok(())
    }
}

/// The draft, if it is still the one the caller read.
pub(super) async fn named(cx: &mut Cx<'_>, workflow: &str, version: i32) -> Result<StoredDraft> {
    subject(workflow)?;
    let draft = store::draft(cx, workflow).await?.ok_or(Error::NotFound)?;
    if draft.version != version {
        return Err(stale(cx, Id::<Draft>::from(draft.id), draft.version).await);
    }
    Ok(draft)
}

/// The subject of what happens to a company's files.
pub(super) const FILE: &str = "workflow_file";

/// What is said of a happening: the workflow, and the version it came to.
pub(super) fn about(workflow: &str, number: Option<i32>) -> Value {
    json!({ "workflow": workflow, "number": number })
}
