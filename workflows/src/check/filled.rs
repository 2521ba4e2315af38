//! What timers and reminders count from must be there: a field that may be empty is filled on every way into their states, or tested.

use std::collections::{BTreeMap, BTreeSet};

use super::targets;
use crate::definition::{Action, Effect, ReminderRule, To, Transition, Workflow};
use crate::diagnostic::Diagnostic;
use crate::guard::{Guard, field_type};
use crate::subject::{Subject, Vocabulary};

type Fields = BTreeSet<String>;

pub(super) fn filled(workflow: &Workflow, subject: &Subject, vocabulary: &Vocabulary<'_>, found: &mut Vec<Diagnostic>) {
    let timers = workflow.timers.values().filter_map(|timer| {
        let field = timer.at.as_ref()?;
        Some((format!("timer.{}", timer.id), field, &timer.states, timer.when.as_ref()))
    });
    let reminders = workflow.reminders.values().filter_map(|reminder| match &reminder.rule {
        ReminderRule::Date { field, .. } => Some((format!("reminder.{}", reminder.id), field, &reminder.states, reminder.when.as_ref())),
        ReminderRule::Meter(_) => None,
    });
    let mut sure: Option<BTreeMap<&str, Fields>> = None;
    for (part, field, states, when) in timers.chain(reminders) {
        let nullable = field_type(subject, vocabulary, field).is_some_and(|typed| typed.nullable);
        if !nullable || when.is_some_and(|when| when.requires(field)) {
            continue;
        }
        let sure = sure.get_or_insert_with(|| certain(workflow));
        let everywhere = states.iter().all(|state| sure.get(state.as_str()).is_some_and(|fields| fields.contains(field)));
        if !everywhere {
            found.push(Diagnostic::new("WF602", workflow.place(&part)).with("field", field));
        }
    }
}

/// The fields that are filled in each state, whichever way a record has come.
fn certain(workflow: &Workflow) -> BTreeMap<&str, Fields> {
    let mut sure: BTreeMap<&str, Fields> = BTreeMap::new();
    let mut open: Vec<&str> = Vec::new();
    for entry in &workflow.initial {
        let fields = after(&entry.effects, entry.when.iter().flat_map(Guard::required).collect());
        arrive(&mut sure, &mut open, &entry.to, &fields);
    }
    // each round only takes fields away, so this ends
    while let Some(state) = open.pop() {
        for transition in workflow.transitions.values().filter(|transition| transition.from.contains(state)) {
            let fields = leaving(transition, sure.get(state).cloned().unwrap_or_default());
            let stays = matches!(transition.to, To::Same).then_some(state);
            for to in targets(transition).chain(stays) {
                let to = workflow.states.get_key_value(to).map_or("", |(id, _)| id.as_str());
                arrive(&mut sure, &mut open, to, &fields);
            }
        }
    }
    sure
}

fn arrive<'w>(sure: &mut BTreeMap<&'w str, Fields>, open: &mut Vec<&'w str>, state: &'w str, fields: &Fields) {
    match sure.get_mut(state) {
        None => {
            sure.insert(state, fields.clone());
            open.push(state);
        }
        Some(known) => {
            let before = known.len();
            known.retain(|field| fields.contains(field));
            if known.len() < before {
                open.push(state);
            }
        }
    }
}

fn leaving(transition: &Transition, mut fields: Fields) -> Fields {
    fields.extend(transition.require.iter().cloned());
    fields.extend(transition.when.iter().flat_map(Guard::required));
    after(&transition.effects, fields)
}

/// What effects leave filled.
fn after(effects: &[Effect], mut fields: Fields) -> Fields {
    for effect in effects {
        let written: Vec<(&str, bool)> = match &effect.action {
            Action::Set(set) => set.iter().map(|(field, value)| (field.as_str(), value.nullable)).collect(),
            Action::Assign(value) => vec![("assignee", value.nullable)],
            _ => Vec::new(),
        };
        for (field, nullable) in written {
            if nullable {
                fields.remove(field);
            } else if effect.when.is_none() {
                fields.insert(field.to_owned());
            }
        }
    }
    fields
}
