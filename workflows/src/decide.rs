//! Deciding: where a record begins, what a press does, what stands in the way of each.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::decision::{Blocker, Entered, Explained, GuardValue, Move, Notify, Opening, Outbound, Progress, Recipient, Refusal, Step};
use crate::definition::{Action, Approvals, Effect, Level, Target, To, Transition, Who, Workflow};
use crate::facts::{Approval, Facts, Input};
use crate::form::{self, Filled};
use crate::guard::{Guard, Scope};
use crate::value::{Record, Value};

static NO_INPUT: BTreeMap<String, Value> = BTreeMap::new();

impl Workflow {
    /// Where a new record begins: the first entry of `initial` whose condition holds. `facts.doc` is the record as it will be written, without a state.
    ///
    /// # Errors
    ///
    /// A condition or an effect has no value on this record (two currencies compared, a number too large): blockers of code `guard_error`.
    pub fn initial(&self, facts: &Facts<'_>) -> Result<Entered, Vec<Blocker>> {
        let scope = Scope { facts: *facts, input: &NO_INPUT, doc: facts.doc };
        let mut guards = Vec::new();
        for entry in &self.initial {
            if !chosen(entry.when.as_ref(), &scope, &mut guards)? {
                continue;
            }
            let done = carry_out(&entry.effects, &scope)?;
            let opens = self.opening(&entry.to, &scope, &done);
            return Ok(Entered { state: entry.to.clone(), set: done.set, assign: done.assign, outbox: done.outbox, guards, opens });
        }
        Err(vec![Blocker::new("guard_error")])
    }

    /// A press of `transition` by `facts.actor`. `approval` is the request open on the record, if there is one.
    ///
    /// # Errors
    ///
    /// The first kind of [`Refusal`] that applies, with everything of that kind.
    pub fn fire(&self, facts: &Facts<'_>, approval: Option<&Approval>, transition: &str, input: &Input) -> Result<Step, Refusal> {
        let transition = self.transition(transition).ok_or(Refusal::UnknownTransition)?;
        in_state(transition, facts)?;
        permitted(transition, facts)?;
        let scope = Scope { facts: *facts, input: &NO_INPUT, doc: facts.doc };
        let pending = transition.approvals.as_ref().and_then(|approvals| Pending::of(approvals, transition, approval, &scope));
        if let Some(pending) = &pending {
            pending.eligible(facts)?;
        }
        let Filled { values, reason } = form::read(transition, facts, input).map_err(Refusal::Invalid)?;
        let scope = Scope { input: &values, ..scope };
        let (guards, blockers) = test(transition, &scope, false);
        if !blockers.is_empty() {
            return Err(Refusal::GuardFailed(blockers));
        }
        let mut decided = None;
        if let Some(pending) = pending {
            let progress = Progress { have: pending.have + 1, ..pending.progress() };
            let last = progress.have >= progress.need && !pending.more;
            if !last {
                return Ok(Step::Decided(progress));
            }
            decided = Some(progress.level);
        }
        let moved = self.carry(transition, &scope, guards, reason).map_err(Refusal::GuardFailed)?;
        Ok(Step::Moved(Box::new(Move { input: values, decided, ..moved })))
    }

    /// Every transition as `facts.actor` finds it now, in file order, those that do not leave this state too.
    pub fn explain<'w>(&'w self, facts: &Facts<'_>, approval: Option<&Approval>) -> Vec<Explained<'w>> {
        self.transitions.values().map(|transition| explain(transition, facts, approval)).collect()
    }

    /// Does what a transition does, once nothing stands in its way.
    fn carry(
        &self,
        transition: &Transition,
        scope: &Scope<'_>,
        mut guards: Vec<GuardValue>,
        reason: Option<String>,
    ) -> Result<Move, Vec<Blocker>> {
        let from = scope.doc.state();
        let to = match &transition.to {
            To::State(state) => state.as_str(),
            To::Same => from,
            To::First(branches) => {
                let mut found = None;
                for branch in branches {
                    if chosen(branch.when.as_ref(), scope, &mut guards)? {
                        found = Some(branch.state.as_str());
                        break;
                    }
                }
                found.ok_or_else(|| vec![Blocker::new("guard_error")])?
            }
        };
        let stays = matches!(transition.to, To::Same);
        let done = carry_out(&transition.effects, scope)?;
        let opens = if stays { None } else { self.opening(to, scope, &done) };
        Ok(Move {
            transition: transition.id.clone(),
            from: from.to_owned(),
            to: to.to_owned(),
            set: done.set,
            assign: done.assign,
            outbox: done.outbox,
            guards,
            input: BTreeMap::new(),
            reason,
            opens,
            decided: None,
            closes_request: !stays && self.approval_in(from).is_some(),
        })
    }

    /// The request that opens on entering `state` with what the effects wrote; none when every level is skipped.
    fn opening(&self, state: &str, scope: &Scope<'_>, done: &Done) -> Option<Opening> {
        let (transition, approvals) = self.approval_in(state)?;
        let doc = done.record(scope.doc, state);
        let scope = &Scope { doc: &doc, ..*scope };
        let level = approvals.levels.iter().find(|level| level.applies(scope))?;
        let to = match &level.who {
            Who::Permission(permission) => Recipient::Permission(permission.clone()),
            Who::Role(role) => Recipient::Role(role.clone()),
        };
        Some(Opening {
            transition: transition.id.clone(),
            level: level.id.clone(),
            text: approvals.text.clone(),
            to: vec![to],
            own: approvals.own,
        })
    }
}

impl Level {
    /// Whether the level takes part. One whose condition has no value on this record does: a doubt asks somebody.
    fn applies(&self, scope: &Scope<'_>) -> bool {
        self.when.as_ref().is_none_or(|guard| guard.conjuncts.iter().all(|conjunct| conjunct.expression.holds(scope).unwrap_or(true)))
    }
}

fn in_state(transition: &Transition, facts: &Facts<'_>) -> Result<(), Refusal> {
    let state = facts.doc.state();
    if transition.from.contains(state) {
        return Ok(());
    }
    Err(Refusal::WrongState { state: state.to_owned(), from: transition.from.states().to_vec() })
}

fn permitted(transition: &Transition, facts: &Facts<'_>) -> Result<(), Refusal> {
    match (facts.actor.system, transition.system) {
        (true, true) => Ok(()),
        (true, false) => Err(Refusal::NotForSystem),
        (false, _) if facts.actor.can(&transition.permission) => Ok(()),
        (false, _) => Err(Refusal::Forbidden { permission: transition.permission.clone() }),
    }
}

/// The level that is to be decided.
struct Pending<'a> {
    level: &'a Level,
    own: bool,
    request: Option<&'a Approval>,
    have: u32,
    /// Whether another level waits behind it.
    more: bool,
}

impl<'a> Pending<'a> {
    fn of(approvals: &'a Approvals, transition: &Transition, approval: Option<&'a Approval>, scope: &Scope<'_>) -> Option<Self> {
        let request = approval.filter(|approval| approval.transition == transition.id);
        let votes = |level: &Level| request.map_or(0, |request| request.votes.iter().filter(|vote| vote.level == level.id).count());
        let mut waiting = approvals.levels.iter().filter(|level| level.applies(scope) && votes(level) < level.need as usize);
        let level = waiting.next()?;
        let have = u32::try_from(votes(level)).unwrap_or(u32::MAX);
        Some(Self { level, own: approvals.own, request, have, more: waiting.next().is_some() })
    }

    fn eligible(&self, facts: &Facts<'_>) -> Result<(), Refusal> {
        let request = self.request.ok_or(Refusal::NoRequest)?;
        let actor = facts.actor;
        let decides = !actor.system
            && match &self.level.who {
                Who::Permission(permission) => actor.can(permission),
                Who::Role(role) => actor.role == *role,
            };
        if !decides {
            return Err(Refusal::NotEligible { level: self.level.id.clone(), who: self.level.who.clone() });
        }
        if !self.own && request.requested_by == actor.id {
            return Err(Refusal::OwnRequest);
        }
        if request.votes.iter().any(|vote| vote.member == actor.id) {
            return Err(Refusal::AlreadyDecided);
        }
        Ok(())
    }

    fn progress(&self) -> Progress {
        Progress { level: self.level.id.clone(), have: self.have, need: self.level.need }
    }
}

fn explain<'w>(transition: &'w Transition, facts: &Facts<'_>, approval: Option<&Approval>) -> Explained<'w> {
    let scope = Scope { facts: *facts, input: &NO_INPUT, doc: facts.doc };
    let state = in_state(transition, facts);
    let in_state = state.is_ok();
    let mut blockers: Vec<Blocker> =
        [state, permitted(transition, facts)].into_iter().filter_map(Result::err).flat_map(|refusal| refusal.blockers()).collect();
    let pending = transition.approvals.as_ref().and_then(|approvals| Pending::of(approvals, transition, approval, &scope));
    // elsewhere there is no request to decide, and saying so as well would only be noise
    if let (true, Some(Err(refusal))) = (in_state, pending.as_ref().map(|pending| pending.eligible(facts))) {
        blockers.extend(refusal.blockers());
    }
    blockers.extend(test(transition, &scope, true).1);
    Explained {
        transition: &transition.id,
        to: leads_to(transition, &scope),
        in_state,
        allowed: blockers.is_empty(),
        blockers,
        form: &transition.form,
        reason: transition.reason,
        progress: pending.filter(|pending| pending.request.is_some()).map(|pending| pending.progress()),
    }
}

/// Where a transition would lead, as far as it is known before the form is filled.
fn leads_to<'w>(transition: &'w Transition, scope: &Scope<'_>) -> Option<&'w str> {
    match &transition.to {
        To::State(state) => Some(state),
        To::Same => transition.from.states().iter().find(|state| *state == scope.doc.state()).map(String::as_str),
        To::First(branches) => {
            for branch in branches {
                let Some(guard) = &branch.when else { return Some(&branch.state) };
                if guard.reads_input() {
                    return None;
                }
                if chosen(Some(guard), scope, &mut Vec::new()).ok()? {
                    return Some(&branch.state);
                }
            }
            None
        }
    }
}

/// Tests `require` and every conjunct of `when`, so that every reason is known. `before` the form is filled, what reads it is left out.
fn test(transition: &Transition, scope: &Scope<'_>, before: bool) -> (Vec<GuardValue>, Vec<Blocker>) {
    let missing: Vec<&String> = transition.require.iter().filter(|field| scope.doc.get(field).is_null()).collect();
    let mut blockers: Vec<Blocker> =
        missing.iter().map(|&field| Blocker { field: Some(field.clone()), ..Blocker::new("required") }).collect();
    let mut values = Vec::new();
    for conjunct in transition.when.iter().flat_map(|guard| &guard.conjuncts) {
        // about a field that is missing there is nothing to say but that it is
        if before && conjunct.expression.reads_input() || missing.iter().any(|field| conjunct.expression.reads_field(field)) {
            continue;
        }
        match conjunct.expression.holds(scope) {
            Ok(true) if before => {}
            Ok(holds) => {
                if !holds {
                    blockers.push(conjunct.blocker(scope));
                }
                if !before {
                    values.push(GuardValue { condition: conjunct.expression.source.clone(), holds, read: conjunct.expression.read(scope) });
                }
            }
            // a part that only makes sense once an earlier one holds: that one is the reason
            Err(_) if !blockers.is_empty() => {}
            Err(_) => blockers.push(guard_error(&conjunct.expression.source, conjunct.expression.read(scope))),
        }
    }
    (values, blockers)
}

/// Whether an entry of an ordered list is the one. A condition without a value stops the choice: the entries behind it were not meant for it.
fn chosen(guard: Option<&Guard>, scope: &Scope<'_>, values: &mut Vec<GuardValue>) -> Result<bool, Vec<Blocker>> {
    for conjunct in guard.iter().flat_map(|guard| &guard.conjuncts) {
        let expression = &conjunct.expression;
        let read = || expression.read(scope);
        let holds = expression.holds(scope).map_err(|_| vec![guard_error(&expression.source, read())])?;
        values.push(GuardValue { condition: expression.source.clone(), holds, read: read() });
        if !holds {
            return Ok(false);
        }
    }
    Ok(true)
}

fn guard_error(source: &str, read: BTreeMap<String, Value>) -> Blocker {
    Blocker { need: Value::Text(source.to_owned()), read, ..Blocker::new("guard_error") }
}

/// What effects came to.
#[derive(Default)]
struct Done {
    set: Vec<(String, Value)>,
    assign: Option<Value>,
    outbox: Vec<Outbound>,
}

impl Done {
    /// The record as it will stand.
    fn record(&self, doc: &Record, state: &str) -> Record {
        let mut doc = doc.clone().with("state", Value::Text(state.to_owned()));
        for (field, value) in &self.set {
            doc.insert(field.clone(), value.clone());
        }
        if let Some(assignee) = &self.assign {
            doc.insert("assignee", assignee.clone());
        }
        doc
    }
}

/// Runs effects in file order; each sees what those before it wrote.
fn carry_out(effects: &[Effect], scope: &Scope<'_>) -> Result<Done, Vec<Blocker>> {
    let mut done = Done::default();
    let mut doc = Cow::Borrowed(scope.doc);
    for (index, effect) in effects.iter().enumerate() {
        let scope = Scope { doc: &doc, ..*scope };
        if !chosen(effect.when.as_ref(), &scope, &mut Vec::new())? {
            continue;
        }
        let evaluate = |expression: &crate::guard::Expression| {
            expression.evaluate(&scope).map_err(|_| vec![guard_error(&expression.source, expression.read(&scope))])
        };
        let mut written = Vec::new();
        match &effect.action {
            Action::Set(fields) => {
                for (field, expression) in fields {
                    written.push((field.clone(), evaluate(expression)?));
                }
                done.set.extend(written.iter().cloned());
            }
            Action::Assign(expression) => {
                let assignee = evaluate(expression)?;
                written.push(("assignee".to_owned(), assignee.clone()));
                done.assign = Some(assignee);
            }
            Action::Notify { text, to, channels } => {
                let to = recipients(to, &scope);
                if !to.is_empty() {
                    done.outbox.push(Outbound { index, notify: Notify { text: text.clone(), to, channels: channels.clone() } });
                }
            }
        }
        if index + 1 < effects.len() {
            for (field, value) in written {
                doc.to_mut().insert(field, value);
            }
        }
    }
    Ok(done)
}

/// The people of a message, each once, without those fields that are empty.
fn recipients(targets: &[Target], scope: &Scope<'_>) -> Vec<Recipient> {
    let mut found = Vec::with_capacity(targets.len());
    for target in targets {
        let recipient = match target {
            Target::Permission(permission) => Some(Recipient::Permission(permission.clone())),
            Target::Role(role) => Some(Recipient::Role(role.clone())),
            Target::Doc(field) => scope.doc.get(field).as_ref_id().map(Recipient::Member),
            Target::Input(field) => scope.input.get(field).and_then(Value::as_ref_id).map(Recipient::Member),
            Target::Actor => Some(Recipient::Member(scope.facts.actor.id)).filter(|_| !scope.facts.actor.system),
        };
        if let Some(recipient) = recipient.filter(|recipient| !found.contains(recipient)) {
            found.push(recipient);
        }
    }
    found
}
