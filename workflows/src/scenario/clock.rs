//! Time going by: whatever becomes due on the way happens at its moment, in order.

use chrono::{DateTime, Utc};

use super::budget::Spent;
use super::script::SYSTEM;
use super::sites::Site;
use super::world::World;
use crate::decision::{Fires, Outcome};
use crate::definition::{ReminderRule, TimerAction, Workflow};
use crate::diagnostic::Diagnostic;
use crate::duration::Span;
use crate::facts::{Facts, Input, Lookups};
use crate::guard::Scope;
use crate::sla::{Cause, Event};
use crate::value::Value;
use crate::yaml::At;

/// The most things that may happen in one step.
const MOST: usize = 2_000;

/// Why time does not go on.
#[derive(Debug)]
pub(super) enum TooMuch {
    /// More happens in one step than may, or the calendar ends.
    Events,
    /// The tests of the file have cost what they may.
    Effort,
}

impl TooMuch {
    pub fn finding(&self, at: At) -> Diagnostic {
        match self {
            Self::Events => Diagnostic::new("WF958", at).with("limit", MOST.to_string()),
            Self::Effort => Diagnostic::new("WF910", at),
        }
    }
}

impl From<Spent> for TooMuch {
    fn from(_: Spent) -> Self {
        Self::Effort
    }
}

/// Something that becomes due. In the order in which things due at one moment happen.
enum Due {
    Sla(String, Event),
    Timer(String),
    Reminder(String),
    Escalation,
}

/// Moves the clock on.
pub(super) fn advance(world: &mut World<'_>, span: Span) -> Result<(), TooMuch> {
    let Some(until) = world.state.now.checked_add_signed(span.wall()) else { return Err(TooMuch::Events) };
    for _ in 0..MOST {
        let first = next(world, until)?;
        let Some((at, key, due)) = first else {
            world.state.now = until;
            return Ok(());
        };
        world.state.now = at.max(world.state.now);
        world.state.done.insert(key);
        happen(world, &due);
        meters(world);
        world.budget.press(world.state.doc.as_ref())?;
    }
    Err(TooMuch::Events)
}

/// What is due first, by `until` and not before, with the key that makes it happen once.
fn next(world: &mut World<'_>, until: DateTime<Utc>) -> Result<Option<Found>, Spent> {
    let mut all = slas(world)?;
    all.extend(timers(world)?);
    all.extend(reminders(world)?);
    all.extend(escalation(world)?);
    let open = all.into_iter().filter(|(at, key, _)| *at <= until && !world.state.done.contains(key));
    // of several at one moment the first in the order above
    Ok(open.min_by_key(|(at, ..)| (*at).max(world.state.now)))
}

type Found = (DateTime<Utc>, String, Due);

fn slas(world: &mut World<'_>) -> Result<Vec<Found>, Spent> {
    let mut found = Vec::new();
    for (id, runs) in &world.state.runs {
        let Some((run, event)) = runs.last().and_then(|run| Some((run, run.awaited()?))) else { continue };
        let Some(segment) = run.segments().last() else { continue };
        let key = format!("sla {id} {} {event}", run.number);
        let (cost, due) = world.deadlines.of(key.clone(), segment.from, run.segments().len(), || run.moment(event));
        world.budget.spend(cost)?;
        found.extend(due.map(|at| (at, key, Due::Sla(id.clone(), event))));
    }
    Ok(found)
}

fn timers(world: &mut World<'_>) -> Result<Vec<Found>, Spent> {
    let Some(doc) = world.state.doc.as_ref().filter(|_| !world.state.purged) else { return Ok(Vec::new()) };
    let (workflow, calendar) = (world.workflow, &world.given.calendar);
    let mut found = Vec::new();
    for timer in workflow.timers_in(doc.state()) {
        let Some(from) = timer.from(world.state.entered, doc, calendar) else { continue };
        let (cost, due) = world.deadlines.of(format!("timer {}", timer.id), from, 0, || timer.clock.add(from, timer.after, calendar));
        world.budget.spend(cost)?;
        if let Some(at) = due {
            found.push((at, format!("timer {} {} {at}", timer.id, world.state.entry), Due::Timer(timer.id.clone())));
        }
    }
    Ok(found)
}

/// Messages whose moment has passed while the record was elsewhere are not sent late.
fn reminders(world: &mut World<'_>) -> Result<Vec<Found>, Spent> {
    let Some(doc) = world.state.doc.as_ref().filter(|_| !world.state.purged) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for reminder in world.workflow.reminders_in(doc.state()) {
        let ReminderRule::Date { field, .. } = &reminder.rule else { continue };
        let value = doc.at(field);
        let offsets = reminder.offsets(value, world.given.calendar.zone());
        world.budget.spend(1 + offsets.len())?;
        for offset in offsets {
            if offset.at >= world.state.now {
                let key = format!("reminder {} {value} {}", reminder.id, offset.offset);
                found.push((offset.at, key, Due::Reminder(reminder.id.clone())));
            }
        }
    }
    Ok(found)
}

fn escalation(world: &mut World<'_>) -> Result<Option<Found>, Spent> {
    let Some((request, after)) = world.state.request.as_ref().and_then(|request| Some((request, request.escalate_after?))) else {
        return Ok(None);
    };
    let calendar = &world.given.calendar;
    let count = || calendar.add(request.asked, after.on(calendar)?);
    let (cost, due) = world.deadlines.of(format!("escalation {}", request.level), request.asked, 0, count);
    world.budget.spend(cost)?;
    let key = format!("escalation {} {} {}", request.level, world.state.entry, request.asked);
    Ok(due.map(|at| (at, key, Due::Escalation)))
}

fn happen(world: &mut World<'_>, due: &Due) {
    match due {
        Due::Sla(id, event) => sla(world, id, *event),
        Due::Timer(id) => timer(world, id),
        Due::Reminder(id) => remind(world, id),
        Due::Escalation => escalate(world),
    }
}

/// Asks the engine what comes of it, as the system, and does that. What cannot be carried out is left, as the product leaves it.
fn outcome<E>(world: &mut World<'_>, cause: &Cause, ask: impl FnOnce(&Workflow, &Facts<'_>) -> Result<Option<Outcome>, E>) {
    let (doc, actor) = (world.doc(), world.actor(SYSTEM));
    let answered = ask(world.workflow, &world.facts(&doc, &actor, Lookups::none()));
    let Ok(Some(outcome)) = answered else { return };
    let (state, heard) = (world.state.clone(), world.heard.clone());
    if world.carry_out(&outcome, cause).is_err() {
        world.state = state;
        world.heard = heard;
    }
}

fn sla(world: &mut World<'_>, id: &str, event: Event) {
    let now = world.state.now;
    let run = world.state.runs.get_mut(id).and_then(|runs| runs.last_mut());
    if !run.is_some_and(|run| run.deliver(event, now)) {
        return;
    }
    let sla = world.workflow.sla(id);
    let (owner, effects) = match event {
        Event::Warn => (format!("sla.{id}.warn"), sla.and_then(|sla| sla.warn.as_ref()).map(|warn| &warn.effects)),
        Event::Breach(step) => {
            (format!("sla.{id}.breach.{step}"), sla.and_then(|sla| sla.breach.get(usize::from(step))).map(|step| &step.effects))
        }
    };
    note(world, |world, scope| world.effects(&owner, effects.map_or(&[], Vec::as_slice), scope));
    outcome(world, &Cause::Effect(format!("{id}.{event}")), |workflow, facts| workflow.sla_event(facts, id, event).map(Some));
}

fn timer(world: &mut World<'_>, id: &str) {
    let Some(timer) = world.workflow.timer(id) else { return };
    world.seen.timer(id);
    let owner = format!("timer.{id}");
    note(world, |seen, scope| {
        if seen.guard(&Site::of(owner.as_str()), timer.when.as_ref(), scope)
            && let TimerAction::Effects(effects) = &timer.action
        {
            seen.effects(&owner, &effects.0, scope);
        }
    });
    let (doc, actor) = (world.doc(), world.actor(SYSTEM));
    match world.workflow.timer_fires(&world.facts(&doc, &actor, Lookups::none()), id) {
        Ok(Fires::Transition(transition)) => fire(world, &transition),
        Ok(Fires::Effects(done)) => outcome::<()>(world, &Cause::Effect(owner), |_, _| Ok(Some(*done))),
        Ok(Fires::Nothing) | Err(_) => {}
    }
}

fn fire(world: &mut World<'_>, transition: &str) {
    let (state, heard) = (world.state.clone(), world.heard.clone());
    if world.press(transition, SYSTEM, &Input::default()).is_ok() {
        world.heard.fired.push(transition.to_owned());
    } else {
        world.state = state;
        world.heard = heard;
    }
}

fn remind(world: &mut World<'_>, id: &str) {
    let Some(reminder) = world.workflow.reminder(id) else { return };
    world.seen.reminder(id);
    let owner = format!("reminder.{id}");
    note(world, |seen, scope| {
        if seen.guard(&Site::of(owner.as_str()), reminder.when.as_ref(), scope) {
            seen.effects(&owner, &reminder.effects, scope);
        }
    });
    outcome(world, &Cause::Effect(owner), |workflow, facts| workflow.reminds(facts, id));
}

fn escalate(world: &mut World<'_>) {
    let (doc, actor) = (world.doc(), world.actor(SYSTEM));
    let Some(request) = world.state.request.clone() else { return };
    let Some(opening) = world.workflow.escalation(&world.facts(&doc, &actor, Lookups::none()), &request.approval, &request.level) else {
        return;
    };
    if let Some(request) = &mut world.state.request {
        request.approval.escalated.push(opening.level.clone());
    }
    let except = (!opening.own).then_some(request.approval.requested_by);
    world.tell(&opening.text, &opening.to, except, opening.scope);
}

/// Sends the reminders whose meter condition has come to hold. What one writes may concern another: they are looked at again, though not for ever.
pub(super) fn meters(world: &mut World<'_>) {
    let meters = world.workflow.reminders.values().filter_map(|reminder| match &reminder.rule {
        ReminderRule::Meter(meter) => Some((reminder, meter)),
        ReminderRule::Date { .. } => None,
    });
    let meters: Vec<_> = meters.collect();
    for _ in 0..=meters.len() {
        let mut sent = false;
        for (reminder, meter) in &meters {
            let site = Site::branch(format!("reminder.{}", reminder.id), 0);
            let holds = note(world, |seen, scope| {
                let alive = reminder.states.iter().any(|state| state == scope.doc.state());
                alive && seen.guard(&site, Some(&meter.0), scope)
            });
            if !holds {
                world.state.held.remove(&reminder.id);
            } else if world.state.held.insert(reminder.id.clone()) {
                remind(world, &reminder.id);
                sent = true;
            }
        }
        if !sent {
            return;
        }
    }
}

/// Looks at conditions as the system finds them.
fn note<T>(world: &mut World<'_>, look: impl FnOnce(&mut super::seen::Seen, &Scope<'_>) -> T) -> T {
    let (doc, actor) = (world.doc(), world.actor(SYSTEM));
    let facts = Facts::new(&doc, &actor, world.state.now, &world.given.tenant);
    let input = std::collections::BTreeMap::<String, Value>::new();
    look(world.seen, &Scope { facts, input: &input, doc: &doc })
}
