//! The one action behind every button.

use std::collections::BTreeMap;

use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;
use workflows::{Facts, FieldProblem, Input, Move, Progress, Refusal, Workflow};

use super::approval::{self, Request};
use super::begin::{About, by, category, merged, open, send};
use super::explain::{hidden, redacted};
use super::history::{self, NewStep};
use super::subject::{Access, Routed, Routing, Writes, actor_facts};
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Error, FieldError, Refused, Result};
use crate::kernel::event::Event;
use crate::kernel::id::Id;
use crate::kernel::permission::Permission;

/// Moves a record by a transition its definition names.
pub struct Fire<S> {
    /// The record.
    pub id: Id<S>,
    /// The transition.
    pub transition: String,
    /// What was typed.
    pub input: Input,
    /// The version the caller read; without it the newest is moved.
    pub version: Option<i32>,
}

impl<S> Clone for Fire<S> {
    fn clone(&self) -> Self {
        Self { id: self.id, transition: self.transition.clone(), input: self.input.clone(), version: self.version }
    }
}

/// What a press did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
pub struct Fired {
    /// The record's state now.
    pub state: String,
    /// Its version now.
    pub version: i32,
    /// For a vote that was not the last one needed: votes so far.
    pub votes: Option<u32>,
    /// And votes needed.
    pub votes_needed: Option<u32>,
}

impl<S: Routed> Action for Fire<S> {
    const NEEDS: Permission = S::READ;
    type Out = Fired;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Fired> {
        let before = S::load(cx, self.id, Access::Lock).await?.ok_or(Error::NotFound)?;
        self.refuse_stale(&before)?;
        let app = cx.app();
        let workflow = app.definitions().of(cx.conn(), &before.definition).await?;
        let request = approval::find(cx, &workflow, &before, self.id.uuid()).await?;
        let (actor, tenant) = actor_facts(cx.scope());
        let facts = Facts { doc: &before.doc, actor: &actor, now: cx.now(), tenant: &tenant };
        let approval = request.as_ref().map(|request| &request.approval);
        match workflow.fire(&facts, approval, &self.transition, &self.input) {
            Err(refusal) => Err(refused(refusal, &before, &hidden::<S>(cx.scope()))),
            Ok(workflows::Step::Decided(progress)) => self.decide(cx, &before, request, progress).await,
            Ok(workflows::Step::Moved(step)) => self.carry_out(cx, &before, request, &workflow, *step).await,
        }
    }
}

impl<S: Routed> Fire<S> {
    fn refuse_stale(&self, before: &Routing<S>) -> Result<()> {
        match self.version {
            Some(version) if version != before.version => Err(Error::Stale {
                current: before.version,
                state: Some(before.doc.state().to_owned()),
                changed_at: Some(before.changed_at),
                changed_by: before.changed_by.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// A vote that was not the last one needed: the state stays.
    async fn decide(&self, cx: &mut Cx<'_>, before: &Routing<S>, request: Option<Request>, progress: Progress) -> Result<Fired> {
        let request = request.ok_or_else(|| Error::Internal("a vote without a request".to_owned()))?;
        approval::vote(cx, request.id, &progress.level).await?;
        let said = json!({ "transition": self.transition, "have": progress.have, "need": progress.need });
        cx.emit(Event::new("workflow.voted", S::SUBJECT.key, self.id).with(merged(&before.mention, &said)));
        Ok(Fired {
            state: before.doc.state().to_owned(),
            version: before.version,
            votes: Some(progress.have),
            votes_needed: Some(progress.need),
        })
    }

    async fn carry_out(
        &self,
        cx: &mut Cx<'_>,
        before: &Routing<S>,
        request: Option<Request>,
        workflow: &Workflow,
        mut step: Move,
    ) -> Result<Fired> {
        if let Some(request) = request {
            close(cx, &request, &step).await?;
        }
        if let Some(assignee) = step.assign.take() {
            step.set.push(("assignee".to_owned(), assignee));
        }
        let step_id = Uuid::now_v7();
        let seq = history::write(cx, step_id, &self.step(before, &step)).await?;
        let entry_seq = if step.to == step.from { before.entry_seq } else { seq };
        let set = std::mem::take(&mut step.set);
        let writes = Writes { state: step.to.clone(), category: category(workflow, &step.to), entry_seq, set };
        let version = S::write(cx, self.id, before.held.clone(), writes).await?;
        let said = json!({ "transition": step.transition, "from": step.from, "to": step.to, "reason": step.reason });
        let mention = merged(&by(cx, &before.mention), &json!({ "reason": step.reason }));
        cx.emit(Event::new("workflow.moved", S::SUBJECT.key, self.id).with(merged(&before.mention, &said)));
        let about = About { subject: S::SUBJECT.key, record: self.id.uuid(), site: before.site, step: step_id, entry_seq, mention: &mention };
        open(cx, &about, step.opens.as_ref(), before.requested_by).await?;
        send(cx, &about, &step.outbox).await?;
        Ok(Fired { state: step.to, version, votes: None, votes_needed: None })
    }

    fn step<'a>(&'a self, before: &'a Routing<S>, step: &'a Move) -> NewStep<'a> {
        NewStep {
            subject: S::SUBJECT.key,
            record: self.id.uuid(),
            definition: &before.definition,
            transition: Some(&step.transition),
            from: Some(&step.from),
            to: &step.to,
            reason: step.reason.as_deref(),
            input: json!(step.input),
            guards: &step.guards,
        }
    }
}

/// The press was the request's last vote, or the record leaves the state in which it was open.
async fn close(cx: &mut Cx<'_>, request: &Request, step: &Move) -> Result<()> {
    if let Some(level) = &step.decided {
        approval::vote(cx, request.id, level).await?;
        approval::close(cx, request.id, "met").await
    } else if step.closes_request {
        approval::close(cx, request.id, "void").await
    } else {
        Ok(())
    }
}

fn refused<S: Routed>(refusal: Refusal, before: &Routing<S>, hidden: &[&str]) -> Error {
    match refusal {
        Refusal::UnknownTransition => Error::NotFound,
        Refusal::WrongState { state, .. } => {
            Error::WrongState { state, changed_at: before.changed_at, changed_by: before.changed_by.clone() }
        }
        Refusal::Forbidden { permission } => Error::Forbidden(Refused::Named(permission)),
        Refusal::AlreadyDecided => Error::Conflict("already_decided"),
        Refusal::Invalid(problems) => Error::Invalid(problems.into_iter().map(field_error).collect()),
        Refusal::GuardFailed(blockers) => Error::Blocked(blockers.into_iter().map(|blocker| redacted(blocker, hidden)).collect()),
        other => match other.blockers().pop() {
            Some(blocker) => Error::Forbidden(Refused::Workflow(Box::new(blocker))),
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
