//! A step, from the press to its last row: the same for people, for the clock and for other records' effects.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;
use uuid::Uuid;
use workflows::sla::Cause;
use workflows::{Decided, Facts, FieldProblem, Input, Move, Record, Refusal, Value, Workflow};

use super::approval::{self, Request};
use super::begin::{About, by, category, merged};
use super::effects;
use super::explain::{hidden, redacted};
use super::fire::Fired;
use super::history::{self, NewStep};
use super::lookups;
use super::reask::{Edit, reask};
use super::sla::{Runs, Turning};
use super::subject::{Access, Routed, Routing, Writes, actor_facts};
use super::timers::{self, Entry, Since, Standing};
use crate::kernel::action::Cx;
use crate::kernel::error::{Error, FieldError, File, Refused, Result};
use crate::kernel::event::Event;
use crate::kernel::id::Id;

/// A press of a button, whoever presses.
pub(super) struct Press<'a, S> {
    pub id: Id<S>,
    pub transition: &'a str,
    pub input: &'a Input,
    /// The version the presser read; without it the newest is moved.
    pub version: Option<i32>,
    /// How many steps of other records led here.
    pub depth: usize,
}

/// Locks a record and moves it.
pub(super) async fn press<S: Routed>(cx: &mut Cx<'_>, press: Press<'_, S>) -> Result<Fired> {
    let before = S::load(cx, press.id, Access::Lock).await?.ok_or(Error::NotFound)?;
    refuse_stale(press.version, &before)?;
    let app = cx.app();
    let workflow = app.definitions().of(cx.conn(), &before.definition).await?;
    pressed(cx, &press, &before, &workflow).await
}

/// Moves a record that is locked.
pub(super) async fn pressed<S: Routed>(
    cx: &mut Cx<'_>,
    press: &Press<'_, S>,
    before: &Routing<S>,
    workflow: &Arc<Workflow>,
) -> Result<Fired> {
    let asked = approval::find(cx, workflow, before, press.id.uuid()).await?;
    let (mut actor, tenant) = actor_facts(cx.scope());
    // an effect presses as the system where the file lets the system press
    actor.system |= press.depth > 0 && workflow.transition(press.transition).is_some_and(|transition| transition.system);
    asked.seat(cx, workflow, &before.doc, &mut actor).await?;
    let facts = Facts::new(&before.doc, &actor, cx.now(), &tenant);
    let lookups = lookups::answered(cx, workflow.lookups_needed(&facts, press.transition, press.input), press.id.uuid()).await?;
    let facts = facts.with_lookups(&lookups);
    let approval = asked.request.as_ref().map(|request| &request.approval);
    match workflow.fire(&facts, approval, press.transition, press.input) {
        Err(refusal) => Err(refused(refusal, before, workflow, &hidden::<S>(cx.scope()))),
        Ok(workflows::Step::Decided(decided)) => decide(cx, press, before, workflow, asked.request, &decided).await,
        Ok(workflows::Step::Moved(step)) => carry_out(cx, press, before, asked.request, workflow, *step).await,
    }
}

fn refuse_stale<S: Routed>(version: Option<i32>, before: &Routing<S>) -> Result<()> {
    match version {
        Some(version) if version != before.version => Err(Error::Stale {
            current: before.version,
            state: Some(before.doc.state().to_owned()),
            changed_at: Some(before.changed_at),
            changed_by: before.changed_by.clone(),
        }),
        _ => Ok(()),
    }
}

/// A vote that was not the last one needed: the state stays, and perhaps it is the next level's turn.
async fn decide<S: Routed>(
    cx: &mut Cx<'_>,
    press: &Press<'_, S>,
    before: &Routing<S>,
    workflow: &Workflow,
    request: Option<Request>,
    decided: &Decided,
) -> Result<Fired> {
    let request = request.ok_or_else(|| Error::Internal("a vote without a request".to_owned()))?;
    let progress = &decided.progress;
    approval::vote(cx, request.id, &progress.level, decided.on_behalf_of).await?;
    if let Some(next) = &decided.opens {
        let mention = by(cx, &before.mention);
        let about = About::new(press.id, before.site, workflow, before.entry_seq, request.id.to_string(), &mention);
        let rows = approval::ask(cx, &about, (request.id, approval::ASKED), next, request.approval.requested_by).await?;
        timers::add(cx, S::SUBJECT.key, press.id.uuid(), &rows).await?;
    }
    let said = json!({ "transition": press.transition, "have": progress.have, "need": progress.need });
    cx.emit(Event::new("workflow.voted", S::SUBJECT.key, press.id).with(merged(&before.mention, &said)));
    Ok(Fired {
        state: before.doc.state().to_owned(),
        version: before.version,
        votes: Some(progress.have),
        votes_needed: Some(progress.need),
    })
}

async fn carry_out<S: Routed>(
    cx: &mut Cx<'_>,
    press: &Press<'_, S>,
    before: &Routing<S>,
    request: Option<Request>,
    workflow: &Workflow,
    mut step: Move,
) -> Result<Fired> {
    let request = close(cx, request, &step).await?;
    let set = fields(cx, before, &mut step).await?;
    let doc = after(&before.doc, &step.to, &set);
    let runs = turn(cx, press.id.uuid(), workflow, &doc, &step).await?;
    let sla = runs.as_ref().map_or(before.sla, |runs| runs.health(cx.now()));
    let happening = Uuid::now_v7();
    let seq = history::write(cx, happening, &written(press, before, &step)).await?;
    let entered = step.to != step.from;
    let entry_seq = if entered { seq } else { before.entry_seq };
    let changed: Vec<&str> = set.iter().map(|(field, _)| field.as_str()).collect();
    let writes = Writes { state: step.to.clone(), category: category(workflow, &step.to), entry_seq, sla, set: set.clone() };
    let version = S::write(cx, press.id, before.held.clone(), writes).await?;
    effects::carry_out(cx, &step.db, press.depth).await?;
    let said = json!({ "transition": step.transition, "from": step.from, "to": step.to, "reason": step.reason });
    cx.emit(Event::new("workflow.moved", S::SUBJECT.key, press.id).with(merged(&before.mention, &said)));
    let mention = merged(&by(cx, &before.mention), &json!({ "reason": step.reason }));
    let about = About::new(press.id, before.site, workflow, entry_seq, happening.to_string(), &mention);
    let mut rows = match &runs {
        Some(runs) => runs.save(cx, S::SUBJECT.key, press.id.uuid(), entry_seq).await?,
        None => Vec::new(),
    };
    if step.opens.is_some() {
        let requester = requester(cx, press.id.uuid(), (entry_seq, before.requested_by)).await?;
        rows.extend(approval::open(cx, &about, step.opens.as_ref(), requester).await?);
    } else if !entered && step.decided.is_none() {
        let edit = Edit { was: &before.doc, now: &doc, changed: &changed, created_by: before.requested_by };
        rows.extend(reask(cx, &about, workflow, edit, request).await?);
    }
    let since = Since { entered: entered.then_some(Entry::From(&step.from)), changed: &changed };
    timers::arrange(cx, workflow, Standing { subject: S::SUBJECT.key, record: press.id.uuid(), doc: &doc, entry_seq }, since, rows).await?;
    effects::send(cx, &about, &step.outbox).await?;
    Ok(Fired { state: step.to, version, votes: None, votes_needed: None })
}

/// The press was the request's last vote, or the record leaves the state in which it was open; otherwise it stays open.
async fn close(cx: &mut Cx<'_>, request: Option<Request>, step: &Move) -> Result<Option<Request>> {
    let Some(request) = request else { return Ok(None) };
    if let Some(level) = &step.decided {
        approval::vote(cx, request.id, level, step.on_behalf_of).await?;
        approval::close(cx, request.id, "met").await?;
    } else if step.closes_request {
        approval::close(cx, request.id, "void").await?;
    } else {
        return Ok(Some(request));
    }
    Ok(None)
}

/// Everything the step writes into its record, in order.
async fn fields<S: Routed>(cx: &mut Cx<'_>, before: &Routing<S>, step: &mut Move) -> Result<Vec<(String, Value)>> {
    let mut set = std::mem::take(&mut step.set);
    set.extend(step.assign.take().map(|assignee| ("assignee".to_owned(), assignee)));
    set.extend(effects::assigned::<S>(cx, &step.db, before.site).await?);
    Ok(set)
}

/// The record as it will stand.
pub(super) fn after(doc: &Record, state: &str, set: &[(String, Value)]) -> Record {
    let mut doc = doc.clone().with("state", Value::Text(state.to_owned()));
    for (field, value) in set {
        doc.insert(field.clone(), value.clone());
    }
    doc
}

/// What the step does to the record's service levels; nothing is read where it does nothing.
async fn turn(cx: &mut Cx<'_>, record: Uuid, workflow: &Workflow, doc: &Record, step: &Move) -> Result<Option<Runs>> {
    if step.slas.is_empty() {
        return Ok(None);
    }
    let cause = if step.to == step.from { Cause::Effect(step.transition.clone()) } else { Cause::State(step.to.clone()) };
    let mut runs = Runs::load(cx, record).await?;
    runs.turn(cx, Turning { workflow, doc, cause: &cause }, &step.slas).await?;
    Ok(Some(runs))
}

/// Who asks for the decision a record waits for: whoever brought it there. The clock asks in the name of who did last.
async fn requester(cx: &mut Cx<'_>, record: Uuid, (entry_seq, created_by): (i32, Uuid)) -> Result<Uuid> {
    let actor = cx.scope().actor();
    if actor.system { approval::last_person(cx, record, entry_seq, created_by).await } else { Ok(actor.id.uuid()) }
}

fn written<'a, S: Routed>(press: &Press<'_, S>, before: &'a Routing<S>, step: &'a Move) -> NewStep<'a> {
    NewStep {
        subject: S::SUBJECT.key,
        record: press.id.uuid(),
        definition: &before.definition,
        transition: Some(&step.transition),
        from: Some(&step.from),
        to: &step.to,
        on_behalf_of: step.on_behalf_of,
        reason: step.reason.as_deref(),
        input: json!(step.input),
        guards: &step.guards,
    }
}

impl<'a> About<'a> {
    /// A record of a kind, in the state it entered with `entry_seq`.
    pub(super) fn new<S: Routed>(
        record: Id<S>,
        site: Uuid,
        workflow: &'a Workflow,
        entry_seq: i32,
        happening: String,
        mention: &'a serde_json::Value,
    ) -> Self {
        Self { subject: S::SUBJECT.key, record: record.uuid(), site, file: workflow, entry_seq, happening, mention }
    }
}

fn refused<S: Routed>(refusal: Refusal, before: &Routing<S>, workflow: &Arc<Workflow>, hidden: &[&str]) -> Error {
    let file = File(workflow.clone());
    match refusal {
        Refusal::UnknownTransition => Error::NotFound,
        Refusal::WrongState { state, .. } => {
            Error::WrongState { state, changed_at: before.changed_at, changed_by: before.changed_by.clone(), file }
        }
        Refusal::Forbidden { permission } => Error::Forbidden(Refused::Named(permission)),
        Refusal::AlreadyDecided => Error::Conflict("already_decided"),
        Refusal::Invalid(problems) => Error::Invalid(problems.into_iter().map(field_error).collect()),
        Refusal::GuardFailed(blockers) => Error::Blocked(blockers.into_iter().map(|blocker| redacted(blocker, hidden)).collect(), file),
        other => match other.blockers().pop() {
            Some(blocker) => Error::Forbidden(Refused::Workflow(Box::new(blocker), file)),
            None => Error::Internal(format!("a refusal without a reason: {other:?}")),
        },
    }
}

fn field_error(problem: FieldProblem) -> FieldError {
    let params: BTreeMap<_, _> = problem.params;
    FieldError {
        field: problem.field,
        code: problem.code.into(),
        params: params.into_iter().map(|(name, value)| (name.into(), value)).collect(),
    }
}
