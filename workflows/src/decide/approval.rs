//! Who agrees: levels in order, seats, delegates, escalation.

use uuid::Uuid;

use super::NO_INPUT;
use super::effects::recipients;
use crate::decision::{Opening, Progress, Reasked, Recipient, Refusal, Scoped};
use crate::definition::{Approvals, Level, Target, Transition, Who, Workflow};
use crate::facts::{Approval, Facts};
use crate::guard::Scope;

impl Workflow {
    /// The request that opens on entering `state`; none when every level is skipped. `scope` reads the record as it will stand.
    pub(super) fn opening(&self, state: &str, scope: &Scope<'_>) -> Option<Opening> {
        let (transition, approvals) = self.approval_in(state)?;
        let level = approvals.levels.iter().find(|level| level.applies(scope))?;
        Some(ask(transition, approvals, level, scope))
    }

    /// The level an open request waits for, as it is to be asked; `None` when none is left. Ask again with this once decisions have been voided.
    pub fn pending(&self, facts: &Facts<'_>, request: &Approval) -> Option<Opening> {
        let transition = self.transition(&request.transition)?;
        let scope = Scope { facts: *facts, input: &NO_INPUT, doc: facts.doc };
        let pending = Pending::of(transition.approvals.as_ref()?, transition, Some(request), &scope)?;
        Some(pending.ask(pending.level, &scope))
    }

    /// The levels of an open request that would be passed over as the record stands.
    pub fn passed_over(&self, facts: &Facts<'_>, request: &Approval) -> Vec<&str> {
        let scope = Scope { facts: *facts, input: &NO_INPUT, doc: facts.doc };
        let approvals = self.transition(&request.transition).and_then(|transition| transition.approvals.as_ref());
        let levels = approvals.iter().flat_map(|approvals| &approvals.levels);
        levels.filter(|level| !level.applies(&scope)).map(|level| level.id.as_str()).collect()
    }

    /// Whether an edit of these fields voids the decisions of a request: then all of them go, and its first level is asked again.
    pub fn voided_by(&self, request: &Approval, changed: &[&str]) -> bool {
        let approvals = self.transition(&request.transition).and_then(|transition| transition.approvals.as_ref());
        let root = |field: &str| field.split('.').next().unwrap_or_default().to_owned();
        approvals.is_some_and(|approvals| {
            approvals.void_on_change.iter().any(|field| changed.iter().any(|name| *name == field || *name == root(field)))
        })
    }

    /// What becomes of the request of a record's state once the record, which said what `was` reads, says what `now` does. `changed` are the
    /// fields written; `None` for `request` where none is open, which is so when every level was skipped.
    pub fn reasked(&self, was: &Facts<'_>, now: &Facts<'_>, request: Option<&Approval>, changed: &[&str]) -> Reasked {
        let Some(request) = request else {
            let Some((transition, _)) = self.approval_in(now.doc.state()) else { return Reasked::Stands };
            let blank = Approval { transition: transition.id.clone(), ..Approval::default() };
            return self.pending(now, &blank).map_or(Reasked::Stands, |opening| Reasked::Anew(Some(opening)));
        };
        if self.voided_by(request, changed) {
            let blank = Approval { votes: Vec::new(), escalated: Vec::new(), ..request.clone() };
            return Reasked::Anew(self.pending(now, &blank));
        }
        let (before, after) = (self.pending(was, request), self.pending(now, request));
        let asked = |opening: &Option<Opening>| opening.as_ref().map(|opening| (opening.level.clone(), opening.scope));
        if asked(&before) == asked(&after) { Reasked::Stands } else { Reasked::Passed(after) }
    }

    /// Whom to ask as well once `level` has waited for its `escalate.after`; `None` when the request no longer waits for it. Add the level to
    /// [`Approval::escalated`] when they are told.
    pub fn escalation(&self, facts: &Facts<'_>, request: &Approval, level: &str) -> Option<Opening> {
        let opening = self.pending(facts, request).filter(|opening| opening.level == level)?;
        let approvals = self.transition(&request.transition)?.approvals.as_ref()?;
        let escalate = approvals.levels.iter().find(|other| other.id == level)?.escalate.as_ref()?;
        let scope = Scope { facts: *facts, input: &NO_INPUT, doc: facts.doc };
        Some(Opening { to: recipients(&escalate.to, &scope), escalate_after: None, ..opening })
    }

    /// The seat from which the actor may reject: that of somebody whom the open request, which `transition` rejects, waits for.
    pub(super) fn rejecting(&self, transition: &Transition, approval: Option<&Approval>, scope: &Scope<'_>) -> Option<Seat> {
        let request = approval?;
        let asked = self.transition(&request.transition)?;
        let approvals = asked.approvals.as_ref().filter(|approvals| approvals.on_reject.as_deref() == Some(transition.id.as_str()))?;
        Pending::of(approvals, asked, approval, scope)?.eligible(scope).ok()
    }
}

impl Level {
    /// Whether the level takes part. One whose condition has no value on this record does: a doubt asks somebody.
    fn applies(&self, scope: &Scope<'_>) -> bool {
        self.when.as_ref().is_none_or(|guard| guard.conjuncts.iter().all(|conjunct| conjunct.expression.holds(scope).unwrap_or(true)))
    }

    /// Where those who decide must be able to act.
    fn scoped(&self, scope: &Scope<'_>) -> Option<Scoped> {
        let field = self.scope.as_ref()?;
        Some(scope.doc.at(field).as_ref_id().map_or(Scoped::Everywhere, Scoped::At))
    }
}

fn ask(transition: &Transition, approvals: &Approvals, level: &Level, scope: &Scope<'_>) -> Opening {
    let to = match &level.who {
        Who::Permission(permission) => Recipient::Permission(permission.clone()),
        Who::Role(role) => Recipient::Role(role.clone()),
    };
    Opening {
        transition: transition.id.clone(),
        level: level.id.clone(),
        need: level.need,
        text: approvals.text.clone(),
        to: vec![to],
        own: approvals.own,
        scope: level.scoped(scope),
        escalate_after: level.escalate.as_ref().map(|escalate| escalate.after),
    }
}

/// The level that is to be decided.
pub(super) struct Pending<'a> {
    pub level: &'a Level,
    pub request: Option<&'a Approval>,
    pub have: u32,
    /// The level behind it.
    pub next: Option<&'a Level>,
    transition: &'a Transition,
    approvals: &'a Approvals,
}

/// From where somebody decides: their own seat, or that of one who has delegated to them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seat {
    pub on_behalf_of: Option<Uuid>,
}

/// Somebody who might decide: the person who presses, or one they stand in for.
struct Person<'a> {
    id: Uuid,
    role: &'a str,
    can: &'a dyn Fn(&str) -> bool,
    sites: Option<&'a std::collections::BTreeSet<Uuid>>,
}

impl<'a> Pending<'a> {
    pub fn of(approvals: &'a Approvals, transition: &'a Transition, approval: Option<&'a Approval>, scope: &Scope<'_>) -> Option<Self> {
        let request = approval.filter(|approval| approval.transition == transition.id);
        let votes = |level: &Level| request.map_or(0, |request| request.votes.iter().filter(|vote| vote.level == level.id).count());
        let mut waiting = approvals.levels.iter().filter(|level| votes(level) < level.need as usize && level.applies(scope));
        let level = waiting.next()?;
        let have = u32::try_from(votes(level)).unwrap_or(u32::MAX);
        Some(Self { level, request, have, next: waiting.next(), transition, approvals })
    }

    pub fn progress(&self) -> Progress {
        Progress { level: self.level.id.clone(), have: self.have, need: self.level.need }
    }

    /// The request, put to `level`.
    pub fn ask(&self, level: &Level, scope: &Scope<'_>) -> Opening {
        ask(self.transition, self.approvals, level, scope)
    }

    /// The seat the actor decides from. One human fills one seat of a request, and each seat is filled once.
    pub fn eligible(&self, scope: &Scope<'_>) -> Result<Seat, Refusal> {
        let request = self.request.ok_or(Refusal::NoRequest)?;
        let actor = scope.facts.actor;
        if actor.system {
            return Err(self.not_eligible());
        }
        let person = Person { id: actor.id, role: &actor.role, can: &|permission| actor.can(permission), sites: actor.sites.as_ref() };
        let mut refusal = match self.seat(request, &person, scope) {
            Ok(()) => return Ok(Seat::default()),
            Err(refusal) => refusal,
        };
        let asked = !self.approvals.own && request.requested_by == actor.id;
        let voted = request.votes.iter().any(|vote| vote.member == actor.id);
        for principal in &actor.on_behalf_of {
            let can = |permission: &str| principal.permissions.contains(permission);
            let person = Person { id: principal.member, role: &principal.role, can: &can, sites: principal.sites.as_ref() };
            match self.seat(request, &person, scope) {
                // whoever stands in for others is still one human, who has asked or decided already
                Ok(()) if asked => return Err(Refusal::OwnRequest),
                Ok(()) if voted => return Err(Refusal::AlreadyDecided),
                Ok(()) => return Ok(Seat { on_behalf_of: Some(principal.member) }),
                // what is nearest to a decision says most
                Err(found) if matches!(refusal, Refusal::NotEligible { .. }) => refusal = found,
                Err(_) => {}
            }
        }
        Err(refusal)
    }

    /// Whether somebody has a seat on the level that nobody has decided from.
    fn seat(&self, request: &Approval, person: &Person<'_>, scope: &Scope<'_>) -> Result<(), Refusal> {
        let level = self.level;
        let called = request.escalated.contains(&level.id)
            && level.escalate.as_ref().is_some_and(|more| more.to.iter().any(|to| names(to, person, scope)));
        let decides = match &level.who {
            Who::Permission(permission) => (person.can)(permission),
            Who::Role(role) => person.role == role,
        };
        if !decides && !called {
            return Err(self.not_eligible());
        }
        let acts = match (level.scoped(scope), person.sites) {
            (None, _) | (_, None) => true,
            (Some(Scoped::At(site)), Some(sites)) => sites.contains(&site),
            (Some(Scoped::Everywhere), Some(_)) => false,
        };
        if !acts {
            let site = match level.scoped(scope) {
                Some(Scoped::At(site)) => Some(site),
                _ => None,
            };
            return Err(Refusal::NotAtSite { level: level.id.clone(), site });
        }
        if !self.approvals.own && request.requested_by == person.id {
            return Err(Refusal::OwnRequest);
        }
        if request.votes.iter().any(|vote| vote.on_behalf_of.unwrap_or(vote.member) == person.id || vote.member == person.id) {
            return Err(Refusal::AlreadyDecided);
        }
        Ok(())
    }

    fn not_eligible(&self) -> Refusal {
        Refusal::NotEligible { level: self.level.id.clone(), who: self.level.who.clone() }
    }
}

/// Whether an escalation calls this person.
fn names(target: &Target, person: &Person<'_>, scope: &Scope<'_>) -> bool {
    match target {
        Target::Permission(permission) => (person.can)(permission),
        Target::Role(role) => person.role == role,
        other => recipients(std::slice::from_ref(other), scope).contains(&Recipient::Member(person.id)),
    }
}
