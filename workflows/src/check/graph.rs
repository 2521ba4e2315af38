//! States nobody reaches, states nobody leaves.

use std::collections::BTreeSet;

use crate::definition::{To, Transition, Workflow};
use crate::diagnostic::Diagnostic;

/// Reports every fault of the graph.
pub(super) fn graph(workflow: &Workflow, found: &mut Vec<Diagnostic>) {
    let mut report = |state: &str, code, params: &[(&'static str, &str)]| {
        let at = workflow.place(&format!("state.{state}"));
        found.push(params.iter().fold(Diagnostic::new(code, at).with("state", state), |finding, (name, value)| finding.with(name, *value)));
    };
    let reached = closure(workflow.initial.iter().map(|entry| entry.to.as_str()), |state| successors(workflow, state));
    let leaves =
        |id: &str| workflow.transitions.values().any(|transition| transition.from.contains(id) && targets(transition).any(|to| to != id));
    // a dead end is reported as one; what leads to it is not at fault
    let ends = workflow.states.values().filter(|state| state.terminal || !leaves(&state.id)).map(|state| state.id.as_str());
    let ending = closure(ends, |state| predecessors(workflow, state));
    for state in workflow.states.values() {
        let id = state.id.as_str();
        if !reached.contains(id) {
            report(id, "WF101", &[]);
        }
        let out: Vec<&Transition> = workflow.transitions.values().filter(|transition| transition.from.contains(id)).collect();
        if state.terminal {
            if let Some(transition) = out.iter().find(|transition| targets(transition).any(|to| to != id)) {
                report(id, "WF104", &[("transition", &transition.id)]);
            }
        } else if !leaves(id) {
            report(id, "WF102", &[]);
        } else if !ending.contains(id) {
            report(id, "WF103", &[]);
        }
        let mut approved = out.iter().filter(|transition| transition.approvals.is_some());
        if let (Some(first), Some(second)) = (approved.next(), approved.next()) {
            report(id, "WF105", &[("first", &first.id), ("second", &second.id)]);
        }
    }
}

/// The states a transition can lead to; none for `same`.
pub(crate) fn targets(transition: &Transition) -> Box<dyn Iterator<Item = &str> + '_> {
    match &transition.to {
        To::State(state) => Box::new(std::iter::once(state.as_str())),
        To::Same => Box::new(std::iter::empty()),
        To::First(branches) => Box::new(branches.iter().map(|branch| branch.state.as_str())),
    }
}

fn successors<'w>(workflow: &'w Workflow, state: &str) -> Vec<&'w str> {
    workflow.transitions.values().filter(|transition| transition.from.contains(state)).flat_map(targets).collect()
}

fn predecessors<'w>(workflow: &'w Workflow, state: &str) -> Vec<&'w str> {
    let leading = workflow.transitions.values().filter(|transition| targets(transition).any(|to| to == state));
    leading.flat_map(|transition| transition.from.states()).map(String::as_str).collect()
}

/// Everything that can be reached from `start` by `next`.
fn closure<'w>(start: impl Iterator<Item = &'w str>, next: impl Fn(&str) -> Vec<&'w str>) -> BTreeSet<&'w str> {
    let mut found: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&str> = start.collect();
    while let Some(state) = open.pop() {
        if found.insert(state) {
            open.extend(next(state));
        }
    }
    found
}
