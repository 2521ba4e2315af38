//! Deciding: where a record begins, what a press does, what stands in the way of each.

mod approval;
mod effects;
mod guards;
mod lookups;
mod timed;

use std::collections::BTreeMap;

use crate::decision::{Blocker, Decided, Entered, Explained, GuardValue, Move, Progress, Refusal, Step};
use crate::definition::{To, Transition, Workflow};
use crate::facts::{Approval, Facts, Input};
use crate::form::{self, Filled};
use crate::guard::Scope;
use crate::value::Value;
use approval::{Pending, Seat};
use effects::carry_out;
use guards::{chosen, test};

/// How deep `transition` effects may nest; a deeper one fails the step.
pub const MAX_NESTED: usize = 5;

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
            let done = carry_out(self, &entry.effects, &scope)?;
            let doc = done.record(scope.doc, &entry.to);
            let opens = self.opening(&entry.to, &Scope { doc: &doc, ..scope });
            let slas = self.sla_changes(None, &entry.to, &doc, done.slas);
            return Ok(Entered {
                state: entry.to.clone(),
                set: done.set,
                assign: done.assign,
                db: done.db,
                slas,
                outbox: done.outbox,
                webhooks: done.webhooks,
                guards,
                opens,
            });
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
        let scope = Scope { facts: *facts, input: &NO_INPUT, doc: facts.doc };
        let pending = transition.approvals.as_ref().and_then(|approvals| Pending::of(approvals, transition, approval, &scope));
        let rejecting = self.rejecting(transition, approval, &scope);
        permitted(transition, facts, pending.as_ref(), rejecting)?;
        let seat = match &pending {
            Some(pending) => pending.eligible(&scope)?,
            None => rejecting.unwrap_or_default(),
        };
        let Filled { values, reason } = form::read(transition, facts, input).map_err(Refusal::Invalid)?;
        let scope = Scope { input: &values, ..scope };
        let (guards, blockers) = test(transition, &scope, false);
        if !blockers.is_empty() {
            return Err(Refusal::GuardFailed(blockers));
        }
        let mut decided = None;
        if let Some(pending) = pending {
            let progress = Progress { have: pending.have + 1, ..pending.progress() };
            let complete = progress.have >= progress.need;
            if !complete || pending.next.is_some() {
                let opens = pending.next.filter(|_| complete).map(|next| pending.ask(next, &scope));
                return Ok(Step::Decided(Decided { progress, on_behalf_of: seat.on_behalf_of, opens }));
            }
            decided = Some(progress.level);
        }
        let moved = self.carry(transition, &scope, guards, reason).map_err(Refusal::GuardFailed)?;
        Ok(Step::Moved(Box::new(Move { input: values, decided, on_behalf_of: seat.on_behalf_of, ..moved })))
    }

    /// Every transition as `facts.actor` finds it now, in file order, those that do not leave this state too.
    pub fn explain<'w>(&'w self, facts: &Facts<'_>, approval: Option<&Approval>) -> Vec<Explained<'w>> {
        self.transitions.values().map(|transition| self.explain_one(transition, facts, approval)).collect()
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
        let done = carry_out(self, &transition.effects, scope)?;
        let (opens, slas) = if stays {
            (None, done.slas)
        } else {
            let doc = done.record(scope.doc, to);
            (self.opening(to, &Scope { doc: &doc, ..*scope }), self.sla_changes(Some(from), to, &doc, done.slas))
        };
        Ok(Move {
            transition: transition.id.clone(),
            from: from.to_owned(),
            to: to.to_owned(),
            set: done.set,
            assign: done.assign,
            db: done.db,
            slas,
            outbox: done.outbox,
            webhooks: done.webhooks,
            guards,
            input: BTreeMap::new(),
            reason,
            opens,
            decided: None,
            on_behalf_of: None,
            closes_request: !stays && self.approval_in(from).is_some(),
        })
    }
}

fn in_state(transition: &Transition, facts: &Facts<'_>) -> Result<(), Refusal> {
    let state = facts.doc.state();
    if transition.from.contains(state) {
        return Ok(());
    }
    Err(Refusal::WrongState { state: state.to_owned(), from: transition.from.states().to_vec() })
}

/// The file's permission, of the person or, for a decision, of somebody they may decide for.
fn permitted(transition: &Transition, facts: &Facts<'_>, pending: Option<&Pending<'_>>, rejecting: Option<Seat>) -> Result<(), Refusal> {
    let actor = facts.actor;
    let for_others = || {
        let decides = pending.is_some_and(|pending| pending.request.is_some());
        decides && actor.on_behalf_of.iter().any(|principal| principal.permissions.contains(&transition.permission))
    };
    match (actor.system, transition.system) {
        (true, true) => Ok(()),
        (true, false) => Err(Refusal::NotForSystem),
        (false, _) if actor.can(&transition.permission) || rejecting.is_some() || for_others() => Ok(()),
        (false, _) => Err(Refusal::Forbidden { permission: transition.permission.clone() }),
    }
}

impl Workflow {
    fn explain_one<'w>(&'w self, transition: &'w Transition, facts: &Facts<'_>, approval: Option<&Approval>) -> Explained<'w> {
        let scope = Scope { facts: *facts, input: &NO_INPUT, doc: facts.doc };
        let state = in_state(transition, facts);
        let in_state = state.is_ok();
        let pending = transition.approvals.as_ref().and_then(|approvals| Pending::of(approvals, transition, approval, &scope));
        let permitted = permitted(transition, facts, pending.as_ref(), self.rejecting(transition, approval, &scope));
        let mut blockers: Vec<Blocker> =
            [state, permitted].into_iter().filter_map(Result::err).flat_map(|refusal| refusal.blockers()).collect();
        // elsewhere there is no request to decide, and saying so as well would only be noise
        if let (true, Some(Err(refusal))) = (in_state, pending.as_ref().map(|pending| pending.eligible(&scope))) {
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
