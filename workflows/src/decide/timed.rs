//! What the passing of time comes to: clocks of service levels, timers, reminders.

use super::NO_INPUT;
use super::effects::carry_out;
use super::guards::chosen;
use crate::calendar::Calendar;
use crate::decision::{Blocker, Fires, Outcome, SlaChange, SlaChangeKind};
use crate::definition::{ReminderRule, Sla, TimerAction, Workflow};
use crate::duration::Span;
use crate::facts::Facts;
use crate::guard::Scope;
use crate::sla::{Clock, Event, Terms};
use crate::value::Record;

impl Workflow {
    /// What entering `to` does to the service levels, after what effects did: `doc` is the record as it will stand.
    pub(super) fn sla_changes(&self, from: Option<&str>, to: &str, doc: &Record, effects: Vec<SlaChange>) -> Vec<SlaChange> {
        let mut changes = effects;
        if from == Some(to) {
            return changes;
        }
        for sla in self.slas.values() {
            changes.extend(entering(sla, from, to, doc).map(|kind| SlaChange { sla: sla.id.clone(), kind }));
        }
        changes
    }

    /// What coming from another version to `to` does to the service levels. A clock that stood still goes on unless it stands still in `to`
    /// as well; one that only effects start is left as it is.
    pub fn sla_carried(&self, moved: bool, to: &str, doc: &Record) -> Vec<SlaChange> {
        let kind = |sla: &Sla| match entering(sla, None, to, doc) {
            Some(SlaChangeKind::Start { .. }) if !moved => SlaChangeKind::Resume,
            Some(kind) => kind,
            None => SlaChangeKind::Resume,
        };
        let stated = self.slas.values().filter(|sla| !sla.start.is_empty());
        stated.map(|sla| SlaChange { sla: sla.id.clone(), kind: kind(sla) }).collect()
    }

    /// The terms a run of a service level starts under, to be stored with it. `None` for one the file does not have.
    pub fn sla_terms(&self, sla: &str, target: Span, calendar: &Calendar) -> Option<Terms> {
        let sla = self.sla(sla)?;
        Some(Terms {
            format: Terms::FORMAT,
            sla: sla.id.clone(),
            definition: self.hash.clone(),
            clock: sla.clock,
            target,
            warn: sla.warn.as_ref().map(|warn| warn.percent),
            breach: sla.breach.iter().map(|step| step.after).collect(),
            calendar: (sla.clock == Clock::Business).then(|| calendar.clone()),
        })
    }

    /// What is to be done when a service level warns or has been breached, by the system. Nothing for one the file does not have.
    ///
    /// # Errors
    ///
    /// An effect has no value on this record: blockers of code `guard_error`.
    pub fn sla_event(&self, facts: &Facts<'_>, sla: &str, event: Event) -> Result<Outcome, Vec<Blocker>> {
        let sla = self.sla(sla);
        let effects = match event {
            Event::Warn => sla.and_then(|sla| sla.warn.as_ref()).map(|warn| &warn.effects),
            Event::Breach(step) => sla.and_then(|sla| sla.breach.get(usize::from(step))).map(|step| &step.effects),
        };
        carry_out(self, effects.map_or(&[], Vec::as_slice), &Scope { facts: *facts, input: &NO_INPUT, doc: facts.doc })
    }

    /// What a timer comes to whose time has come, by the system.
    ///
    /// # Errors
    ///
    /// Its condition or an effect has no value on this record: blockers of code `guard_error`.
    pub fn timer_fires(&self, facts: &Facts<'_>, timer: &str) -> Result<Fires, Vec<Blocker>> {
        let scope = Scope { facts: *facts, input: &NO_INPUT, doc: facts.doc };
        let Some(timer) = self.timer(timer) else { return Ok(Fires::Nothing) };
        let in_state = timer.states.iter().any(|state| state == facts.doc.state());
        if !in_state || !chosen(timer.when.as_ref(), &scope, &mut Vec::new())? {
            return Ok(Fires::Nothing);
        }
        match &timer.action {
            TimerAction::Do(transition) => Ok(Fires::Transition(transition.clone())),
            TimerAction::Effects(effects) => carry_out(self, &effects.0, &scope).map(|done| Fires::Effects(Box::new(done))),
        }
    }

    /// What a reminder sends now; `None` when the record has left its states, or its condition (for a meter: what the meter reads) does not hold.
    ///
    /// # Errors
    ///
    /// A condition or an effect has no value on this record: blockers of code `guard_error`.
    pub fn reminds(&self, facts: &Facts<'_>, reminder: &str) -> Result<Option<Outcome>, Vec<Blocker>> {
        let scope = Scope { facts: *facts, input: &NO_INPUT, doc: facts.doc };
        let Some(reminder) = self.reminder(reminder) else { return Ok(None) };
        let mut holds = reminder.states.iter().any(|state| state == facts.doc.state());
        holds = holds && chosen(reminder.when.as_ref(), &scope, &mut Vec::new())?;
        if let (true, ReminderRule::Meter(meter)) = (holds, &reminder.rule) {
            holds = chosen(Some(&meter.0), &scope, &mut Vec::new())?;
        }
        if holds { carry_out(self, &reminder.effects, &scope).map(Some) } else { Ok(None) }
    }
}

/// What entering a state does to one service level.
fn entering(sla: &Sla, from: Option<&str>, to: &str, doc: &Record) -> Option<SlaChangeKind> {
    let has = |states: &[String], state: &str| states.iter().any(|id| id == state);
    if has(&sla.stop, to) {
        return Some(SlaChangeKind::Stop);
    }
    if has(&sla.pause, to) {
        return Some(SlaChangeKind::Pause);
    }
    if has(&sla.start, to) {
        // one that does not apply to the record may have applied before
        return Some(sla.target_for(doc).map_or(SlaChangeKind::Stop, |target| SlaChangeKind::Start { target }));
    }
    from.is_some_and(|from| has(&sla.pause, from)).then_some(SlaChangeKind::Resume)
}
