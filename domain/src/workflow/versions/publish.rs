//! Publishing: a text that check and its scenarios pass becomes a version, and new records follow it. Running ones do not move.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::check::newest;
use super::draft::{Draft, FILE, about, named};
use super::model::{TextKind, Version, VersionText};
use super::store::{self, NewVersion};
use super::text::{numbered, read, refused, rehearse, subject};
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Checks, Error, Result};
use crate::kernel::event::Event;
use crate::kernel::id::Id;
use crate::kernel::permission::Permission;

/// The longest note.
const NOTE: usize = 500;

/// Publishes the draft.
#[derive(Debug, Clone)]
pub struct Publish {
    /// The workflow.
    pub workflow: String,
    /// The draft's version the caller read.
    pub version: i32,
    /// What others should know of it.
    pub note: String,
}

impl Action for Publish {
    const NEEDS: Permission = Permission::WorkflowManage;
    type Out = Version;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Version> {
        cx.refuse_limited()?;
        cx.hold(&lock(&self.workflow)).await?;
        let draft = named(cx, &self.workflow, self.version).await?;
        let text = VersionText { number: 0, kind: draft.kind, base: draft.base, source: draft.source, merged: String::new() };
        let version = put(cx, &self.workflow, text, &self.note).await?;
        store::drop_draft(cx, draft.id).await?;
        cx.emit(Event::new("workflow_file.published", FILE, Id::<Draft>::from(draft.id)).with(about(&self.workflow, Some(version.number))));
        Ok(version)
    }
}

/// Publishes an older version's text again, as a new version.
#[derive(Debug, Clone)]
pub struct RollBack {
    /// The workflow.
    pub workflow: String,
    /// The version to go back to.
    pub number: i32,
    /// What others should know of it.
    pub note: String,
}

impl Action for RollBack {
    const NEEDS: Permission = Permission::WorkflowManage;
    type Out = Version;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Version> {
        cx.refuse_limited()?;
        subject(&self.workflow)?;
        cx.hold(&lock(&self.workflow)).await?;
        let text = store::text(cx, &self.workflow, self.number).await?.ok_or(Error::NotFound)?;
        let version = put(cx, &self.workflow, text, &self.note).await?;
        cx.emit(
            Event::new("workflow_file.rolled_back", FILE, Id::<Draft>::from(Uuid::now_v7()))
                .with(about(&self.workflow, Some(version.number))),
        );
        Ok(version)
    }
}

/// Follows the shipped file again: new records begin on it. Versions and running records stay.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Follow {
    /// The workflow.
    pub workflow: String,
}

impl Action for Follow {
    const NEEDS: Permission = Permission::WorkflowManage;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        cx.refuse_limited()?;
        subject(&self.workflow)?;
        cx.hold(&lock(&self.workflow)).await?;
        if store::give_back(cx, &self.workflow).await? {
            let number = newest(cx, &self.workflow)?;
            cx.emit(
                Event::new("workflow_file.followed", FILE, Id::<Draft>::from(Uuid::now_v7())).with(about(&self.workflow, Some(number))),
            );
        }
        Ok(())
    }
}

/// Versions of one workflow are numbered one after another.
pub(super) fn lock(workflow: &str) -> String {
    format!("workflow {workflow}")
}

/// Checks a text under its new number, writes it and lets new records follow it.
async fn put(cx: &mut Cx<'_>, workflow: &str, text: VersionText, note: &str) -> Result<Version> {
    Checks::new().max("note", note, NOTE).done()?;
    let subject = subject(workflow)?;
    let number = store::last_number(cx, workflow).await?.max(newest(cx, workflow)?).max(text.base) + 1;
    let source = renumbered(&text.source, number)?;
    let compiled = read(cx, subject, &source).await?.map_err(|found| refused(subject, found))?;
    // what runs stands on its own: it is read once more as the whole file it is kept as
    let merged = numbered(&compiled.merged, number)?;
    let compiled = read(cx, subject, &merged).await?.map_err(|found| refused(subject, found))?;
    let played = rehearse(cx, subject, &compiled.workflow).await?.map_err(|found| refused(subject, found))?;
    if !played.passed() {
        return Err(refused(subject, played.failures()));
    }
    let text = VersionText { number, source, merged, ..text };
    let new = NewVersion { id: Uuid::now_v7(), workflow, text: &text, definition: compiled.workflow.hash(), note: note.trim() };
    store::add(cx, &new).await
}

/// A whole file carries its number; a patch may leave it out.
fn renumbered(source: &str, number: i32) -> Result<String> {
    match TextKind::of(source) {
        TextKind::Full => numbered(source, number),
        TextKind::Overlay => Ok(numbered(source, number).unwrap_or_else(|_| source.to_owned())),
    }
}
