//! The world a test runs in: one record and all that hangs on it. It does with values what the product does with rows.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::budget::{Budget, Deadlines};
use super::ledger::{Figure, Ledger};
use super::names::Names;
use super::script::{ANYBODY, Given, Person, SYSTEM};
use super::seen::Seen;
use crate::decision::{DbEffect, DbOp, Opening, Outbound, Outcome, Place, Reasked, Recipient, Scoped, SlaChange, SlaChangeKind, Webhook};
use crate::definition::Workflow;
use crate::duration::Span;
use crate::facts::{Actor, Approval, Call, Facts, Lookups, Principal};
use crate::sla::{Cause, Phase, Run};
use crate::subject::Subject;
use crate::value::{Record, Value};

/// What a test moves: everything that a refused step leaves as it was.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub now: DateTime<Utc>,
    /// `None` before it is created.
    pub doc: Option<Record>,
    pub ledger: Ledger,
    pub request: Option<Request>,
    /// The entry of the state whose request was met: it is not asked again.
    pub met: u32,
    /// Who asked for what the record is.
    pub requester: Uuid,
    /// When the state was entered, and the how manieth entry it was.
    pub entered: DateTime<Utc>,
    pub entry: u32,
    /// SLA → its runs, the newest last.
    pub runs: BTreeMap<String, Vec<Run>>,
    /// Deadlines that have been seen to, by rule, entry or value, and moment.
    pub done: BTreeSet<String>,
    /// Meter reminders whose condition held when last looked at.
    pub held: BTreeSet<String>,
    /// Who decides for whom: (deputy, principal).
    pub delegations: Vec<(String, String)>,
    pub purged: bool,
}

/// The approval request open on the record.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub approval: Approval,
    /// The level last asked, when, and after how much business time more people are.
    pub level: String,
    pub asked: DateTime<Utc>,
    pub escalate_after: Option<Span>,
}

/// What was heard of in one step.
#[derive(Clone, Debug, Default)]
pub(super) struct Heard {
    /// Message → to whom.
    pub told: Vec<(String, BTreeSet<String>)>,
    pub moved: Vec<(String, String)>,
    pub created: Vec<String>,
    pub webhooks: Vec<String>,
    pub fired: Vec<String>,
}

/// A test under way.
pub(super) struct World<'a> {
    pub workflow: &'a Workflow,
    pub subject: &'a Subject,
    pub given: &'a Given,
    pub names: &'a Names,
    pub state: State,
    pub heard: Heard,
    pub seen: &'a mut Seen,
    pub budget: &'a mut Budget,
    pub deadlines: Deadlines,
}

/// The names of the fields that are written.
pub(super) fn written<'s>(set: &'s [(String, Value)], assign: Option<&Value>) -> Vec<&'s str> {
    set.iter().map(|(field, _)| field.as_str()).chain(assign.map(|_| "assignee")).collect()
}

/// Why an effect could not be carried out.
pub(super) type Fault = String;

impl<'a> World<'a> {
    pub fn new(
        workflow: &'a Workflow,
        subject: &'a Subject,
        given: &'a Given,
        names: &'a Names,
        (seen, budget): (&'a mut Seen, &'a mut Budget),
    ) -> Self {
        let state = State {
            now: given.start,
            doc: None,
            ledger: Ledger::default(),
            request: None,
            met: 0,
            requester: Uuid::nil(),
            entered: given.start,
            entry: 0,
            runs: BTreeMap::new(),
            done: BTreeSet::new(),
            held: BTreeSet::new(),
            delegations: Vec::new(),
            purged: false,
        };
        Self { workflow, subject, given, names, state, heard: Heard::default(), seen, budget, deadlines: Deadlines::default() }
    }

    /// Somebody, as the engine knows them; the system under its own name.
    pub fn actor(&self, name: &str) -> Actor {
        let Some(person) = self.given.people.get(name).filter(|_| name != SYSTEM) else {
            return Actor { system: true, ..Actor::default() };
        };
        let granted = |person: &Person| {
            let mut permissions = person.permissions.clone();
            permissions.insert(ANYBODY.to_owned());
            permissions
        };
        let principals = self.state.delegations.iter().filter(|(deputy, _)| deputy == name);
        let on_behalf_of = principals.filter_map(|(_, principal)| self.given.people.get(principal)).map(|principal| Principal {
            member: principal.id,
            role: principal.role.clone(),
            permissions: granted(principal),
            sites: principal.sites.clone(),
        });
        Actor {
            id: person.id,
            role: person.role.clone(),
            permissions: granted(person),
            system: false,
            sites: person.sites.clone(),
            on_behalf_of: on_behalf_of.collect(),
        }
    }

    /// What a decision by `actor` is made from.
    pub fn facts<'f>(&'f self, doc: &'f Record, actor: &'f Actor, lookups: &'f Lookups) -> Facts<'f> {
        Facts::new(doc, actor, self.state.now, &self.given.tenant).with_lookups(lookups)
    }

    /// Answers to lookups: what the test gives, what it has booked, what lies in its stock.
    pub fn answers(&self, calls: Vec<Call>) -> Lookups {
        let mut lookups = Lookups::default();
        for call in calls {
            if let Some(answer) = self.answer(&call) {
                lookups.insert(call, answer);
            }
        }
        lookups
    }

    fn answer(&self, call: &Call) -> Option<Value> {
        if let Some(answer) = self.given.lookups.get(call.name) {
            return Some(answer.clone());
        }
        let id = |i: usize| call.args.get(i).and_then(Value::as_ref_id);
        let booked = |subject: &Value, of: Uuid| {
            let subject = subject.as_text().unwrap_or_default().to_owned();
            self.given.bookings.iter().filter(move |booking| booking.subject == subject && booking.of == of)
        };
        match (call.name, call.args.as_slice()) {
            ("overlaps", [subject, _, from, to]) => {
                let (from, to) = (self.given.moment(from, false)?, self.given.moment(to, true)?);
                Some(Value::Bool(booked(subject, id(1)?).any(|booking| booking.from < to && from < booking.to)))
            }
            ("open_records", [subject, _]) => {
                let open = booked(subject, id(1)?).filter(|booking| booking.to > self.state.now).count();
                Some(Value::Int(i64::try_from(open).unwrap_or(i64::MAX)))
            }
            ("available", [_, _]) => {
                let place = Place::Location(id(1)?);
                Some(Value::Decimal(self.state.ledger.figure(Some(id(0)?), Some(&place), Figure::Available)))
            }
            _ => None,
        }
    }

    /// Tells people something, each once; nobody what they did themselves.
    pub fn tell(&mut self, text: &str, to: &[Recipient], except: Option<Uuid>, scope: Option<Scoped>) {
        let there = |person: &Person| match (scope, &person.sites) {
            (None, _) | (_, None) => true,
            (Some(Scoped::Everywhere), Some(_)) => false,
            (Some(Scoped::At(site)), Some(sites)) => sites.contains(&site),
        };
        let mut people = BTreeSet::new();
        for recipient in to {
            if let Recipient::Member(id) = recipient {
                people.extend((Some(*id) != except).then(|| self.names.name(*id)));
                continue;
            }
            let meant = self.given.people.iter().filter(|(_, person)| person.is(recipient) && there(person) && Some(person.id) != except);
            people.extend(meant.map(|(name, _)| name.clone()));
        }
        self.heard.told.push((text.to_owned(), people));
    }

    /// Opens a request, or asks its next level.
    pub fn open(&mut self, opening: &Opening) {
        let votes = match self.state.request.take() {
            Some(request) if request.approval.transition == opening.transition => request.approval,
            _ => Approval { transition: opening.transition.clone(), requested_by: self.state.requester, ..Approval::default() },
        };
        self.state.request =
            Some(Request { approval: votes, level: opening.level.clone(), asked: self.state.now, escalate_after: opening.escalate_after });
        let except = (!opening.own).then_some(self.state.requester);
        self.tell(&opening.text, &opening.to, except, opening.scope);
    }

    /// The record, which said what `was` does, says something else: perhaps others are asked.
    pub fn reask(&mut self, was: &Record, changed: &[&str]) {
        let (Some(doc), actor) = (self.state.doc.clone(), self.actor(SYSTEM)) else { return };
        let request = self.state.request.as_ref().map(|request| &request.approval);
        if changed.is_empty() || request.is_none() && self.state.met == self.state.entry {
            return;
        }
        let none = Lookups::none();
        let becomes = self.workflow.reasked(&self.facts(was, &actor, none), &self.facts(&doc, &actor, none), request, changed);
        match becomes {
            Reasked::Stands => {}
            Reasked::Passed(None) => {
                if let Some(request) = &mut self.state.request {
                    request.escalate_after = None;
                }
            }
            Reasked::Passed(Some(opening)) => self.open(&opening),
            Reasked::Anew(opening) => {
                self.state.request = None;
                if let Some(opening) = opening {
                    self.open(&opening);
                }
            }
        }
    }

    /// Writes fields of the record.
    pub fn write(&mut self, set: &[(String, Value)], assign: Option<&Value>) {
        let Some(doc) = &mut self.state.doc else { return };
        for (field, value) in set {
            doc.insert(field.clone(), value.clone());
        }
        if let Some(assignee) = assign {
            doc.insert("assignee", assignee.clone());
        }
    }

    /// Does what effects outside a transition come to.
    pub fn carry_out(&mut self, outcome: &Outcome, cause: &Cause) -> Result<(), Fault> {
        let was = self.doc();
        self.write(&outcome.set, outcome.assign.as_ref());
        self.effects(&outcome.db)?;
        self.clocks(&outcome.slas, cause);
        self.reask(&was, &written(&outcome.set, outcome.assign.as_ref()));
        self.send(&outcome.outbox, &outcome.webhooks, None);
        Ok(())
    }

    /// Runs the effects that belong to the transaction, in file order.
    pub fn effects(&mut self, effects: &[DbEffect]) -> Result<(), Fault> {
        for effect in effects {
            match &effect.op {
                DbOp::AssignTo(to) => self.assign_to(to),
                DbOp::Create { subject, .. } => self.heard.created.push(subject.clone()),
                DbOp::Transition { record, transition, .. } => {
                    self.heard.moved.push((self.names.name(*record), transition.clone()));
                }
                DbOp::Purge => self.state.purged = true,
                DbOp::Stock(stock) => {
                    self.state.ledger.carry_out(stock).map_err(|short| format!("effect {}: {short}", effect.index + 1))?;
                }
            }
        }
        Ok(())
    }

    /// The first who is meant, in the order of the test.
    fn assign_to(&mut self, to: &Recipient) {
        let member = self.given.people.values().find(|person| person.is(to));
        if let (Some(member), Some(doc)) = (member, &mut self.state.doc) {
            doc.insert("assignee", Value::Ref(member.id));
        }
    }

    /// Sends what is sent once everything is committed.
    pub fn send(&mut self, outbox: &[Outbound], webhooks: &[Webhook], except: Option<Uuid>) {
        for outbound in outbox {
            self.tell(&outbound.notify.text, &outbound.notify.to, except, None);
        }
        self.heard.webhooks.extend(webhooks.iter().map(|webhook| webhook.endpoint.clone()));
    }

    /// Starts, pauses, resumes and stops service levels.
    pub fn clocks(&mut self, changes: &[SlaChange], cause: &Cause) {
        for change in changes {
            let now = self.state.now;
            let runs = self.state.runs.entry(change.sla.clone()).or_default();
            let number = u32::try_from(runs.len() + 1).unwrap_or(u32::MAX);
            let running = runs.last_mut().filter(|run| run.phase() != Phase::Stopped);
            match (change.kind, running) {
                (SlaChangeKind::Start { target }, None) => {
                    if let Some(terms) = self.workflow.sla_terms(&change.sla, target, &self.given.calendar) {
                        runs.push(Run::start(number, terms, now, cause.clone()));
                        self.seen.sla(&change.sla);
                    }
                }
                (SlaChangeKind::Start { .. } | SlaChangeKind::Resume, Some(run)) => drop(run.resume(now, cause.clone())),
                (SlaChangeKind::Pause, Some(run)) => drop(run.pause(now, cause.clone())),
                (SlaChangeKind::Stop, Some(run)) => drop(run.stop(now, cause.clone())),
                (_, None) => {}
            }
        }
    }
}
