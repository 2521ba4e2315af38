//! Creation goes the same way as every later step: the file says where a record begins and who hears of it. An edit is no step,
//! but decisions and deadlines may hang on what it changes.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use uuid::Uuid;
use workflows::sla::{Cause, Health};
use workflows::{Entered, Facts, Record, SlaChangeKind, Workflow};

use super::history::{self, NewStep};
use super::reask::{Edit, reask};
use super::sla::{Runs, Turning};
use super::step::after;
use super::subject::{Routed, Routing, actor_facts};
use super::timers::{self, Entry, Since, Standing};
use super::{approval, effects, lookups};
use crate::kernel::action::Cx;
use crate::kernel::error::{Error, File, Result};
use crate::kernel::event::Event;
use crate::kernel::id::Id;

/// Where a new record begins.
pub struct Begun {
    /// What it follows from now on.
    pub workflow: Arc<Workflow>,
    /// The state, fields and messages of its first step.
    pub entered: Entered,
    /// The state's category.
    pub category: &'static str,
    /// How its service levels stand: those that start with it have all their time before them.
    pub sla: Option<Health>,
    doc: Record,
}

/// Asks the current definition where a record with these fields, at `site`, begins.
pub async fn begin<S: Routed>(cx: &mut Cx<'_>, doc: &Record, site: Uuid) -> Result<Begun> {
    let (definitions, company) = (cx.app().definitions(), cx.tenant());
    let workflow = definitions.current(cx.conn(), company, S::SUBJECT).await?;
    let (actor, tenant) = actor_facts(cx.scope());
    let facts = Facts::new(doc, &actor, cx.now(), &tenant);
    let lookups = lookups::answered(cx, workflow.lookups_initial(&facts), Uuid::nil()).await?;
    let mut entered = workflow.initial(&facts.with_lookups(&lookups)).map_err(|found| Error::Blocked(found, File(workflow.clone())))?;
    if let Some(assignee) = entered.assign.take() {
        entered.set.push(("assignee".to_owned(), assignee));
    }
    entered.set.extend(effects::assigned::<S>(cx, &entered.db, site).await?);
    let category = category(&workflow, &entered.state);
    let starts = entered.slas.iter().any(|change| matches!(change.kind, SlaChangeKind::Start { .. }));
    let doc = after(doc, &entered.state, &entered.set);
    Ok(Begun { workflow, entered, category, sla: starts.then_some(Health::Ok), doc })
}

/// Writes the first step of a record that was just inserted at a site, and tells whom the file names. One that an effect created is as
/// `depth` as that.
pub async fn enter<S: Routed>(cx: &mut Cx<'_>, id: Id<S>, (site, depth): (Uuid, usize), begun: &Begun, mention: &Json) -> Result<()> {
    let Begun { workflow, entered, doc, .. } = begun;
    let happening = Uuid::now_v7();
    let step = first::<S>(id, workflow, &entered.state);
    history::write(cx, happening, &NewStep { guards: &entered.guards, ..step }).await?;
    cx.emit(Event::new("workflow.created", S::SUBJECT.key, id).with(mention));
    effects::carry_out(cx, &entered.db, depth).await?;
    let mention = &by(cx, mention);
    let about = About::new(id, site, workflow, FIRST, happening.to_string(), mention);
    let mut rows = Vec::new();
    if !entered.slas.is_empty() {
        let mut runs = Runs::default();
        runs.turn(cx, Turning { workflow, doc, cause: &Cause::State(entered.state.clone()) }, &entered.slas).await?;
        rows.extend(runs.save(cx, S::SUBJECT.key, id.uuid(), FIRST).await?);
    }
    let requester = cx.scope().actor().id.uuid();
    rows.extend(approval::open(cx, &about, entered.opens.as_ref(), requester).await?);
    let standing = Standing { subject: S::SUBJECT.key, record: id.uuid(), doc, entry_seq: FIRST };
    timers::arrange(cx, workflow, standing, Since { entered: Some(Entry::New), changed: &[] }, rows).await?;
    effects::send(cx, &about, &entered.outbox).await
}

/// Writes the only step of a record that was finished elsewhere. Nobody is told.
pub async fn import<S: Routed>(cx: &mut Cx<'_>, id: Id<S>, workflow: &Workflow, state: &str, mention: &Json) -> Result<()> {
    let step = NewStep { input: json!({ "imported": true }), ..first::<S>(id, workflow, state) };
    history::write(cx, Uuid::now_v7(), &step).await?;
    cx.emit(Event::new("workflow.imported", S::SUBJECT.key, id).with(mention));
    Ok(())
}

/// Told that fields of a record, which stood as `was`, stands as `now` and is locked, were written outside any step: others may have
/// to decide on it, decisions taken on what it said before may be void, and deadlines that hang on it move.
pub async fn edited<S: Routed>(
    cx: &mut Cx<'_>,
    id: Id<S>,
    workflow: &Workflow,
    (was, now): (&Record, &Routing<S>),
    changed: &[&str],
) -> Result<()> {
    let mut rows = Vec::new();
    if !changed.is_empty() && workflow.approval_in(now.doc.state()).is_some() {
        let request = approval::find(cx, workflow, now, id.uuid()).await?.request;
        let mention = by(cx, &now.mention);
        let about = About::new(id, now.site, workflow, now.entry_seq, Uuid::now_v7().to_string(), &mention);
        let edit = Edit { was, now: &now.doc, changed, created_by: now.requested_by };
        rows = reask(cx, &about, workflow, edit, request).await?;
    }
    let standing = Standing { subject: S::SUBJECT.key, record: id.uuid(), doc: &now.doc, entry_seq: now.entry_seq };
    timers::arrange(cx, workflow, standing, Since { entered: None, changed }, rows).await
}

/// Told that a record, which stands as `now` and is locked, follows another file from now on: its timers and reminders are those of
/// that file. Service levels that run keep what they began with.
pub async fn migrated<S: Routed>(cx: &mut Cx<'_>, id: Id<S>, workflow: &Workflow, now: &Routing<S>) -> Result<()> {
    let standing = Standing { subject: S::SUBJECT.key, record: id.uuid(), doc: &now.doc, entry_seq: now.entry_seq };
    timers::arrange(cx, workflow, standing, Since { entered: Some(Entry::Migrated), changed: &[] }, Vec::new()).await
}

/// The number of a record's first step.
const FIRST: i32 = 1;

fn first<'a, S: Routed>(id: Id<S>, workflow: &'a Workflow, state: &'a str) -> NewStep<'a> {
    NewStep {
        subject: S::SUBJECT.key,
        record: id.uuid(),
        definition: workflow.hash(),
        transition: None,
        from: None,
        to: state,
        on_behalf_of: None,
        reason: None,
        input: json!({}),
        guards: &[],
    }
}

/// The record messages are about.
pub(super) struct About<'a> {
    pub subject: &'static str,
    pub record: Uuid,
    pub site: Uuid,
    /// The file whose messages they are.
    pub file: &'a Workflow,
    pub entry_seq: i32,
    /// What happened, so that nobody is told of it twice.
    pub happening: String,
    pub mention: &'a Json,
}

/// What messages mention, and who did it.
pub(super) fn by(cx: &Cx<'_>, mention: &Json) -> Json {
    merged(mention, &json!({ "actor": cx.scope().actor().name }))
}

/// Both, the second prevailing; what is null is left out.
pub(super) fn merged(mention: &Json, more: &Json) -> Json {
    let mut all = mention.clone();
    if let (Some(all), Some(more)) = (all.as_object_mut(), more.as_object()) {
        all.extend(more.iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.clone(), value.clone())));
    }
    all
}

pub(super) fn category(workflow: &Workflow, state: &str) -> &'static str {
    workflow.state(state).map_or("todo", |state| state.category.as_str())
}
