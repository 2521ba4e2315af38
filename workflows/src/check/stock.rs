//! What is reserved is used or given back, whichever way a record goes.

use std::collections::BTreeSet;

use super::targets;
use crate::definition::{Action, Effect, Protocol, To, Workflow};
use crate::diagnostic::Diagnostic;

pub(super) fn stock(workflow: &Workflow, found: &mut Vec<Diagnostic>) {
    for (id, effects) in workflow.steps() {
        for (i, effect) in effects.iter().enumerate().filter(|(_, effect)| effect.kind.protocol == Some(Protocol::Reserve)) {
            if effects[i + 1..].iter().any(settles) {
                continue;
            }
            let starts: Vec<&str> = match workflow.transition(id) {
                Some(transition) if matches!(transition.to, To::Same) => transition.from.states().iter().map(String::as_str).collect(),
                Some(transition) => targets(transition).collect(),
                None => workflow
                    .initial
                    .iter()
                    .filter(|entry| std::ptr::eq(entry.effects.as_slice(), effects))
                    .map(|entry| entry.to.as_str())
                    .collect(),
            };
            let name = if id.is_empty() { "initial" } else { id };
            if let Some(path) = starts.into_iter().find_map(|start| unsettled(workflow, start)) {
                let path = std::iter::once(name).chain(path).collect::<Vec<_>>().join(" → ");
                found.push(Diagnostic::new("WF801", effect.at).with("transition", name).with("path", path));
            }
        }
    }
}

/// Whether an effect uses or gives back what was reserved.
fn settles(effect: &Effect) -> bool {
    match (&effect.action, effect.kind.protocol) {
        (Action::Purge, _) | (_, Some(Protocol::Consume | Protocol::Release)) => true,
        (Action::Stock(action), _) => action.consume_reservation,
        _ => false,
    }
}

/// The transitions by which a record comes from `start` to an end without any that settles.
fn unsettled<'w>(workflow: &'w Workflow, start: &'w str) -> Option<Vec<&'w str>> {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<(&str, Vec<&str>)> = vec![(start, Vec::new())];
    while let Some((state, path)) = open.pop() {
        if !seen.insert(state) {
            continue;
        }
        if workflow.state(state).is_some_and(|state| state.terminal) {
            return Some(path);
        }
        for transition in workflow.transitions.values().filter(|transition| transition.from.contains(state)) {
            if !transition.effects.iter().any(settles) {
                let further: Vec<&str> = path.iter().copied().chain([transition.id.as_str()]).collect();
                open.extend(targets(transition).map(|to| (to, further.clone())));
            }
        }
    }
    None
}
