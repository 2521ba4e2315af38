//! Playing a test: each step against the engine, then against what it should come to.

use std::collections::BTreeMap;

use super::budget::Budget;
use super::clock::{self, TooMuch};
use super::judge::judge;
use super::refused::Denied;
use super::script::{Act, Denial, SYSTEM, Scenario, Script, Step, Verdict};
use super::seen::Seen;
use super::values::neutral_record;
use super::world::{World, written};
use crate::decision::{Decided, Move, Step as Decision};
use crate::definition::Workflow;
use crate::diagnostic::Diagnostic;
use crate::facts::{Actor, Facts, Input, Lookups, Vote};
use crate::form;
use crate::guard::Scope;
use crate::sla::Cause;
use crate::subject::Subject;
use crate::value::{Record, Value};
use crate::yaml::At;

static NO_INPUT: BTreeMap<String, Value> = BTreeMap::new();

/// Plays one test up to the first step with which something is wrong; gives what is. Notes what it comes by and what it costs.
pub(super) fn play(
    workflow: &Workflow,
    subject: &Subject,
    script: &Script,
    scenario: &Scenario,
    (seen, budget): (&mut Seen, &mut Budget),
) -> Vec<Diagnostic> {
    let mut world = World::new(workflow, subject, &scenario.given, &script.names, (seen, budget));
    for step in &scenario.steps {
        let mut wrong = world.step(step);
        wrong.extend(invariants(&world, script, step.at));
        if !wrong.is_empty() {
            return wrong;
        }
    }
    Vec::new()
}

fn invariants(world: &World<'_>, script: &Script, at: At) -> Vec<Diagnostic> {
    let Some(doc) = &world.state.doc else { return Vec::new() };
    let broken = script.invariants.iter().filter_map(|invariant| match invariant.holds(&world.state.ledger, doc) {
        Some(true) => None,
        Some(false) => Some(("WF956", invariant)),
        None => Some(("WF957", invariant)),
    });
    broken.map(|(code, invariant)| Diagnostic::new(code, at).with("condition", invariant.source.as_str())).collect()
}

impl World<'_> {
    fn step(&mut self, step: &Step) -> Vec<Diagnostic> {
        self.heard = super::world::Heard::default();
        let presses = step.act.as_ref().map_or(1, Act::presses);
        let spent = |_| TooMuch::Effort;
        let ready = (0..presses).try_for_each(|_| self.budget.press(self.state.doc.as_ref())).map_err(spent);
        if let Err(much) = ready.and_then(|()| step.advance.map_or(Ok(()), |span| clock::advance(self, span))) {
            return vec![much.finding(step.at)];
        }
        let (before, heard) = (self.state.clone(), self.heard.clone());
        let name = step.actor.as_deref().or(self.given.lead.as_deref()).unwrap_or(SYSTEM).to_owned();
        let done = step.act.as_ref().map_or(Ok(()), |act| self.act(act, &name));
        if done.is_err() {
            // a refused step leaves everything as it was
            self.state = before;
            self.heard = heard;
        }
        self.verdict(step, done)
    }

    fn verdict(&self, step: &Step, done: Result<(), (String, Denied)>) -> Vec<Diagnostic> {
        let named = || step.act.as_ref().map_or_else(|| "advance".to_owned(), Act::named);
        let (action, done) = match done {
            Ok(()) => (named(), Ok(())),
            Err((action, denied)) => (action, Err(denied)),
        };
        let finding = |at, code| Diagnostic::new(code, at).with("action", action.as_str());
        match (&step.verdict, done) {
            (Verdict::Expect(claims), Ok(())) => judge(self, claims),
            (Verdict::Expect(_), Err(denied)) => {
                vec![finding(step.at, "WF952").with("code", denied.code.as_str()).with("why", denied.why())]
            }
            (Verdict::Deny { at, code, .. }, Ok(())) => vec![finding(*at, "WF953").with("expected", code.as_str())],
            (Verdict::Deny { at, code, .. }, Err(denied)) if denied.code != *code => {
                let found = finding(*at, "WF954").with("expected", code.as_str());
                vec![found.with("code", denied.code.as_str()).with("why", denied.why())]
            }
            (Verdict::Deny { at, because: Some(because), .. }, Err(denied)) if !denied.speaks_of(because) => {
                vec![Diagnostic::new("WF955", *at).with("because", because.as_str()).with("why", denied.why())]
            }
            (Verdict::Deny { .. }, Err(_)) => Vec::new(),
        }
    }

    /// Does what a step says; or tells which part of it was refused.
    fn act(&mut self, act: &Act, name: &str) -> Result<(), (String, Denied)> {
        match act {
            Act::Create => self.create(name).map_err(|denied| (act.named(), denied))?,
            Act::Fire { transitions, input, reason } => {
                let input = Input { fields: input.clone(), reason: reason.clone() };
                for transition in transitions {
                    self.press(transition, name, &input).map_err(|denied| (transition.clone(), denied))?;
                }
            }
            Act::Edit(fields) => self.edit(fields),
            Act::Delegate(deputy) => self.state.delegations.push((deputy.clone(), name.to_owned())),
        }
        clock::meters(self);
        Ok(())
    }

    fn create(&mut self, name: &str) -> Result<(), Denied> {
        let actor = self.actor(name);
        let mut doc = neutral_record(self.subject, self.given, self.state.now);
        doc.insert("created_by", Value::Ref(actor.id));
        doc.insert("created_at", Value::Time(self.state.now));
        for (field, value) in &self.given.doc {
            doc.insert(field.clone(), value.clone());
        }
        let part = doc.get("part").as_ref_id();
        for lot in &self.given.stock {
            if let Some(part) = lot.part.or(part) {
                self.state.ledger.open(part, lot.place.clone(), lot.quantity);
            }
        }
        let lookups = self.answers(self.workflow.lookups_initial(&self.facts(&doc, &actor, Lookups::none())));
        let facts = Facts::new(&doc, &actor, self.state.now, &self.given.tenant).with_lookups(&lookups);
        let scope = Scope { facts, input: &NO_INPUT, doc: &doc };
        let entered = self.workflow.initial(&facts).map_err(|blockers| Denied::blocked(&blockers, None, &scope))?;
        self.seen.begin(self.workflow, &scope);
        self.state.requester = actor.id;
        self.state.doc = Some(doc.with("state", Value::Text(entered.state.clone())));
        self.state.entered = self.state.now;
        self.state.entry = 1;
        self.write(&entered.set, entered.assign.as_ref());
        self.effects(&entered.db).map_err(Denied::effect)?;
        self.clocks(&entered.slas, &Cause::State(entered.state));
        if let Some(opening) = &entered.opens {
            self.open(opening);
        }
        self.send(&entered.outbox, &entered.webhooks, Some(actor.id));
        Ok(())
    }

    /// A press of a transition by somebody; by the system for timers.
    pub fn press(&mut self, transition: &str, name: &str, input: &Input) -> Result<(), Denied> {
        let Some(doc) = self.state.doc.clone().filter(|_| !self.state.purged) else {
            return Err(Denied { code: Denial::State, reasons: vec!["there is no record".to_owned()] });
        };
        let actor = self.actor(name);
        let calls = self.workflow.lookups_needed(&self.facts(&doc, &actor, Lookups::none()), transition, input);
        let lookups = self.answers(calls);
        let facts = Facts::new(&doc, &actor, self.state.now, &self.given.tenant).with_lookups(&lookups);
        let approval = self.state.request.as_ref().map(|request| &request.approval);
        let decision = self.workflow.fire(&facts, approval, transition, input);
        let filled = self.workflow.transition(transition).and_then(|transition| form::read(transition, &facts, input).ok());
        let values = filled.map(|filled| filled.values).unwrap_or_default();
        let scope = Scope { facts, input: &values, doc: &doc };
        self.note(transition, &scope, &decision);
        match decision {
            Err(refusal) => Err(Denied::of(&refusal, self.workflow.transition(transition), &scope)),
            Ok(Decision::Decided(decided)) => {
                self.vote(&decided, &actor);
                Ok(())
            }
            Ok(Decision::Moved(moved)) => self.moved(&moved, &actor),
        }
    }

    /// What a press comes by, for coverage.
    fn note(&mut self, transition: &str, scope: &Scope<'_>, decision: &Result<Decision, crate::decision::Refusal>) {
        let Some(transition) = self.workflow.transition(transition) else { return };
        if transition.from.contains(scope.doc.state()) {
            self.seen.press(transition, scope);
        }
        match decision {
            Ok(Decision::Decided(decided)) => self.seen.level(&transition.id, &decided.progress.level),
            Ok(Decision::Moved(moved)) => {
                self.seen.fire(&transition.id);
                self.seen.go(transition, scope);
                if let Some(level) = &moved.decided {
                    self.seen.level(&transition.id, level);
                }
            }
            Err(_) => {}
        }
    }

    fn vote(&mut self, decided: &Decided, actor: &Actor) {
        if let Some(request) = &mut self.state.request {
            let level = decided.progress.level.clone();
            request.approval.votes.push(Vote { member: actor.id, level, on_behalf_of: decided.on_behalf_of });
        }
        if let Some(opening) = &decided.opens {
            self.open(opening);
        }
    }

    fn moved(&mut self, moved: &Move, actor: &Actor) -> Result<(), Denied> {
        let was = self.doc();
        if moved.decided.is_some() || moved.closes_request {
            self.state.request = None;
        }
        if moved.decided.is_some() {
            self.state.met = self.state.entry;
        }
        if moved.to != moved.from {
            self.state.entered = self.state.now;
            self.state.entry += 1;
            if !actor.system {
                self.state.requester = actor.id;
            }
        }
        self.write(&[("state".to_owned(), Value::Text(moved.to.clone()))], None);
        self.write(&moved.set, moved.assign.as_ref());
        self.effects(&moved.db).map_err(Denied::effect)?;
        let cause = if moved.to == moved.from { Cause::Effect(moved.transition.clone()) } else { Cause::State(moved.to.clone()) };
        self.clocks(&moved.slas, &cause);
        if let Some(opening) = &moved.opens {
            self.open(opening);
        } else if moved.to == moved.from {
            self.reask(&was, &written(&moved.set, moved.assign.as_ref()));
        }
        self.send(&moved.outbox, &moved.webhooks, (!actor.system).then_some(actor.id));
        Ok(())
    }

    /// Fields change outside any transition.
    fn edit(&mut self, fields: &[(String, Value)]) {
        let was = self.doc();
        self.write(fields, None);
        self.reask(&was, &written(fields, None));
    }

    /// The level the open request waits for, and its votes.
    pub fn pending(&self) -> Option<(String, usize)> {
        let (request, doc) = (self.state.request.as_ref()?, self.state.doc.as_ref()?);
        let actor = Actor { system: true, ..Actor::default() };
        let level = self.workflow.pending(&self.facts(doc, &actor, Lookups::none()), &request.approval)?.level;
        let votes = request.approval.votes.iter().filter(|vote| vote.level == level).count();
        Some((level, votes))
    }

    /// The record as it stands; empty before it is created.
    pub fn doc(&self) -> Record {
        self.state.doc.clone().unwrap_or_default()
    }
}

impl Act {
    fn presses(&self) -> usize {
        if let Self::Fire { transitions, .. } = self { transitions.len() } else { 1 }
    }

    fn named(&self) -> String {
        match self {
            Self::Create => "create".to_owned(),
            Self::Fire { transitions, .. } => transitions.join(", "),
            Self::Edit(_) => "edit".to_owned(),
            Self::Delegate(_) => "delegate".to_owned(),
        }
    }
}
