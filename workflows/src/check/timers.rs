//! What timers fire, and whether they ever stop.

use crate::definition::{Reason, Timer, TimerAction, Transition, Workflow};
use crate::diagnostic::Diagnostic;

use super::targets;

pub(super) fn timers(workflow: &Workflow, found: &mut Vec<Diagnostic>) {
    for timer in workflow.timers.values() {
        if let Some(transition) = fired(workflow, timer) {
            fireable(workflow, timer, transition, found);
        }
    }
    ambiguous(workflow, found);
    circles(workflow, found);
}

fn fired<'w>(workflow: &'w Workflow, timer: &Timer) -> Option<&'w Transition> {
    if let TimerAction::Do(id) = &timer.action { workflow.transition(id) } else { None }
}

/// The system can fire the transition, from each of the timer's states, with nothing in its hands.
fn fireable(workflow: &Workflow, timer: &Timer, transition: &Transition, found: &mut Vec<Diagnostic>) {
    let at = workflow.place(&format!("timer_do.{}", timer.id));
    let report = |code| Diagnostic::new(code, at).with("timer", &timer.id).with("transition", &transition.id);
    if !transition.system {
        found.push(report("WF111"));
    }
    let asks = transition.reason == Reason::Required || transition.form.iter().any(|field| field.required);
    if asks || transition.approvals.is_some() {
        found.push(report("WF113"));
    }
    found.extend(timer.states.iter().filter(|state| !transition.from.contains(state)).map(|state| report("WF112").with("state", state)));
}

/// Two transitions that are due in one state at the same moment.
fn ambiguous(workflow: &Workflow, found: &mut Vec<Diagnostic>) {
    let exits: Vec<&Timer> = workflow.timers.values().filter(|timer| matches!(timer.action, TimerAction::Do(_))).collect();
    for (i, second) in exits.iter().enumerate() {
        for first in &exits[..i] {
            let together = first.at == second.at && first.after == second.after && first.clock == second.clock;
            let told_apart = first.when.is_some() && second.when.is_some();
            let Some(state) = first.states.iter().find(|state| second.states.contains(state)).filter(|_| together && !told_apart) else {
                continue;
            };
            let at = workflow.place(&format!("timer.{}", second.id));
            found.push(Diagnostic::new("WF108", at).with("first", &first.id).with("second", &second.id).with("state", state));
        }
    }
}

/// States that timers alone lead through for ever.
fn circles(workflow: &Workflow, found: &mut Vec<Diagnostic>) {
    let mut told: Vec<&str> = Vec::new();
    for start in workflow.states.keys() {
        if told.contains(&start.as_str()) {
            continue;
        }
        if let Some(path) = circle(workflow, start) {
            let timer = workflow.timers_in(start).find(|timer| fired(workflow, timer).is_some());
            let at = timer.map_or_else(Default::default, |timer| workflow.place(&format!("timer.{}", timer.id)));
            found.push(Diagnostic::new("WF107", at).with("path", path.join(" → ")));
            told.extend(path);
        }
    }
}

/// The way timers lead from a state back to it.
fn circle<'w>(workflow: &'w Workflow, start: &'w str) -> Option<Vec<&'w str>> {
    let mut open = vec![vec![start]];
    let mut seen: Vec<&str> = Vec::new();
    while let Some(path) = open.pop() {
        let state = path.last().copied().unwrap_or(start);
        let exits = workflow.timers_in(state).filter_map(|timer| fired(workflow, timer)).flat_map(targets);
        for to in exits {
            let further = path.iter().copied().chain([to]).collect();
            if to == start {
                return Some(further);
            }
            if !seen.contains(&to) {
                seen.push(to);
                open.push(further);
            }
        }
    }
    None
}
