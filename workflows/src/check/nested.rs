//! `transition` and `create` effects: one press may move other records and create them, but not in circles and not without end.

use crate::decide::MAX_NESTED;
use crate::definition::{Action, Workflow};
use crate::diagnostic::{Diagnostic, nearest};
use crate::yaml::At;

/// Reports what is wrong between files that move one another's records: unknown transitions, circles, chains too long. Each is located in its file.
pub fn together(workflows: &[&Workflow]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for workflow in workflows {
        for (at, subject, transition) in calls(workflow, None).filter(|(.., transition)| *transition != BEGINNING) {
            let mut others = of(workflows, subject).peekable();
            if others.peek().is_some() && of(workflows, subject).all(|other| other.transition(transition).is_none()) {
                let hint = nearest(transition, others.flat_map(|other| other.transitions.keys()).map(String::as_str));
                found.push(workflow.located(Diagnostic::new("WF207", at).with("name", transition).with("hint", hint)));
            }
        }
    }
    for workflow in workflows {
        let mut own = Vec::new();
        chains(workflows, workflow, &mut own);
        found.extend(own.into_iter().map(|finding| workflow.located(finding)));
    }
    found
}

/// The same within the files given, unlocated.
pub(super) fn nested(workflows: &[&Workflow], found: &mut Vec<Diagnostic>) {
    for workflow in workflows {
        chains(workflows, workflow, found);
        for (at, _, transition) in calls(workflow, None).filter(|(_, subject, _)| *subject == workflow.entity) {
            if transition != BEGINNING && workflow.transition(transition).is_none() {
                let hint = nearest(transition, workflow.transitions.keys().map(String::as_str));
                found.push(Diagnostic::new("WF207", at).with("name", transition).with("hint", hint));
            }
        }
    }
}

/// How [`Workflow::steps`] calls the creation of a record.
const BEGINNING: &str = "";

/// The workflows of a kind of record: there may be several.
fn of<'w>(workflows: &[&'w Workflow], subject: &str) -> impl Iterator<Item = &'w Workflow> {
    workflows.iter().filter(move |workflow| workflow.entity == subject).copied()
}

/// Where effects move other records or create them: place, kind, transition.
fn calls<'w>(workflow: &'w Workflow, of: Option<&str>) -> impl Iterator<Item = (At, &'w str, &'w str)> {
    let of = of.map(str::to_owned);
    let effects = workflow.steps().filter(move |(id, _)| of.as_deref().is_none_or(|of| of == *id)).flat_map(|(_, effects)| effects);
    effects.filter_map(|effect| match &effect.action {
        Action::Transition { subject, transition, .. } => Some((effect.at, subject.as_str(), transition.as_str())),
        Action::Create { subject, .. } => Some((effect.at, subject.as_str(), BEGINNING)),
        _ => None,
    })
}

/// Reports the circles and the long chains that begin in a workflow.
fn chains(workflows: &[&Workflow], workflow: &Workflow, found: &mut Vec<Diagnostic>) {
    for (id, _) in workflow.steps() {
        for (at, subject, transition) in calls(workflow, Some(id)) {
            let start = (workflow.entity.as_str(), id);
            let mut path = vec![start, (subject, transition)];
            if let Some(code) = follow(workflows, &mut path) {
                let named = |id: &&str| if *id == BEGINNING { "initial".to_owned() } else { (*id).to_owned() };
                let path = path.iter().map(|(subject, id)| format!("{subject}.{}", named(id))).collect::<Vec<_>>().join(" → ");
                let limit = MAX_NESTED.to_string();
                found.push(Diagnostic::new(code, at).with("path", path).with("limit", limit));
            }
        }
    }
}

/// Goes on from the last step of a path until it closes on itself, grows too long, or ends.
fn follow<'w>(workflows: &[&'w Workflow], path: &mut Vec<(&'w str, &'w str)>) -> Option<&'static str> {
    let &last = path.last()?;
    if path[..path.len() - 1].contains(&last) {
        return Some("WF109");
    }
    if path.len() > MAX_NESTED + 1 {
        return Some("WF110");
    }
    let next: Vec<_> = of(workflows, last.0).flat_map(|workflow| calls(workflow, Some(last.1))).collect();
    for (_, subject, transition) in next {
        path.push((subject, transition));
        if let Some(code) = follow(workflows, path) {
            return Some(code);
        }
        path.pop();
    }
    None
}
