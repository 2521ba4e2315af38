//! Service levels that never start, or never stop.

use std::collections::BTreeSet;

use super::targets;
use crate::definition::{Action, Effect, Sla, To, Workflow};
use crate::diagnostic::Diagnostic;

pub(super) fn slas(workflow: &Workflow, found: &mut Vec<Diagnostic>) {
    for sla in workflow.slas.values() {
        let at = workflow.place(&format!("sla.{}", sla.id));
        if sla.is_manual() && !workflow.starts(&sla.id) {
            found.push(Diagnostic::new("WF603", at).with("sla", &sla.id));
        }
        let running = runs(workflow, sla);
        let ends = workflow.states.values().filter(|state| state.terminal && running.contains(&(state.id.as_str(), true)));
        found.extend(ends.map(|state| Diagnostic::new("WF601", at).with("sla", &sla.id).with("state", &state.id)));
    }
}

/// Every state a record can come to, with whether the service level may be running (or paused) there.
fn runs<'w>(workflow: &'w Workflow, sla: &Sla) -> BTreeSet<(&'w str, bool)> {
    let mut open: Vec<(&str, bool)> = Vec::new();
    for entry in &workflow.initial {
        open.extend(driven(sla, &entry.effects, false).into_iter().map(|runs| (entry.to.as_str(), enter(sla, &entry.to, runs))));
    }
    let mut found = BTreeSet::new();
    while let Some((state, runs)) = open.pop() {
        if !found.insert((state, runs)) {
            continue;
        }
        for transition in workflow.transitions.values().filter(|transition| transition.from.contains(state)) {
            for after in driven(sla, &transition.effects, runs) {
                if matches!(transition.to, To::Same) {
                    open.push((state, after));
                }
                open.extend(targets(transition).map(|to| (to, if to == state { after } else { enter(sla, to, after) })));
            }
        }
    }
    found
}

/// What the effects of a step may leave: an effect with a condition may be left out.
fn driven(sla: &Sla, effects: &[Effect], runs: bool) -> Vec<bool> {
    let mut outcomes = vec![runs];
    for effect in effects {
        if let Action::Sla { sla: id, start } = &effect.action
            && *id == sla.id
        {
            if effect.when.is_none() {
                outcomes.clear();
            }
            if !outcomes.contains(start) {
                outcomes.push(*start);
            }
        }
    }
    outcomes
}

fn enter(sla: &Sla, to: &str, runs: bool) -> bool {
    let has = |states: &[String]| states.iter().any(|id| id == to);
    !has(&sla.stop) && (runs || has(&sla.start))
}
