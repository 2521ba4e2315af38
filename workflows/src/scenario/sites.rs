//! Where a workflow holds conditions and effects: one walk for coverage and for mutants, so that both speak of the same places.

use crate::definition::{Action, Effect, Effects, ReminderRule, TimerAction, To, Workflow};
use crate::guard::Guard;
use crate::yaml::At;

/// The owner of a condition or a list of effects: `transition.start`, `level.approve.first`, `sla.resolution.warn`, `initial.0`, ….
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Site {
    /// The owner.
    pub owner: String,
    /// For a condition of a branch or an effect: its place in the owner's list.
    pub branch: Option<usize>,
    pub effect: Option<usize>,
}

impl Site {
    pub fn of(owner: impl Into<String>) -> Self {
        Self { owner: owner.into(), branch: None, effect: None }
    }

    pub fn branch(owner: impl Into<String>, branch: usize) -> Self {
        Self { branch: Some(branch), ..Self::of(owner) }
    }

    pub fn effect(owner: impl Into<String>, effect: usize) -> Self {
        Self { effect: Some(effect), ..Self::of(owner) }
    }
}

/// Every list of effects, with its owner.
pub(super) fn effects(workflow: &mut Workflow) -> Vec<(String, &mut Vec<Effect>)> {
    let mut found = Vec::new();
    for (i, initial) in workflow.initial.iter_mut().enumerate() {
        found.push((format!("initial.{i}"), &mut initial.effects));
    }
    for (id, transition) in &mut workflow.transitions {
        found.push((format!("transition.{id}"), &mut transition.effects));
    }
    for (id, sla) in &mut workflow.slas {
        found.extend(sla.warn.as_mut().map(|warn| (format!("sla.{id}.warn"), &mut warn.effects)));
        for (i, breach) in sla.breach.iter_mut().enumerate() {
            found.push((format!("sla.{id}.breach.{i}"), &mut breach.effects));
        }
    }
    for (id, timer) in &mut workflow.timers {
        if let TimerAction::Effects(Effects(effects)) = &mut timer.action {
            found.push((format!("timer.{id}"), effects));
        }
    }
    for (id, reminder) in &mut workflow.reminders {
        found.push((format!("reminder.{id}"), &mut reminder.effects));
    }
    found
}

/// Every condition, with its site.
pub(super) fn guards(workflow: &mut Workflow) -> Vec<(Site, &mut Guard)> {
    let mut found = Vec::new();
    for (i, initial) in workflow.initial.iter_mut().enumerate() {
        let owner = format!("initial.{i}");
        found.extend(initial.when.as_mut().map(|guard| (Site::of(owner.as_str()), guard)));
        found.extend(of_effects(&owner, &mut initial.effects));
    }
    for (id, transition) in &mut workflow.transitions {
        let owner = format!("transition.{id}");
        found.extend(transition.when.as_mut().map(|guard| (Site::of(owner.as_str()), guard)));
        if let To::First(branches) = &mut transition.to {
            let branches = branches.iter_mut().enumerate();
            found.extend(branches.filter_map(|(i, branch)| Some((Site::branch(owner.as_str(), i), branch.when.as_mut()?))));
        }
        let levels = transition.approvals.iter_mut().flat_map(|approvals| &mut approvals.levels);
        found.extend(levels.filter_map(|level| Some((Site::of(format!("level.{id}.{}", level.id)), level.when.as_mut()?))));
        found.extend(of_effects(&owner, &mut transition.effects));
    }
    for (id, sla) in &mut workflow.slas {
        if let Some(warn) = &mut sla.warn {
            found.extend(of_effects(&format!("sla.{id}.warn"), &mut warn.effects));
        }
        for (i, breach) in sla.breach.iter_mut().enumerate() {
            found.extend(of_effects(&format!("sla.{id}.breach.{i}"), &mut breach.effects));
        }
    }
    for (id, timer) in &mut workflow.timers {
        let owner = format!("timer.{id}");
        found.extend(timer.when.as_mut().map(|guard| (Site::of(owner.as_str()), guard)));
        if let TimerAction::Effects(Effects(effects)) = &mut timer.action {
            found.extend(of_effects(&owner, effects));
        }
    }
    for (id, reminder) in &mut workflow.reminders {
        let owner = format!("reminder.{id}");
        found.extend(reminder.when.as_mut().map(|guard| (Site::of(owner.as_str()), guard)));
        if let ReminderRule::Meter(meter) = &mut reminder.rule {
            found.push((Site::branch(owner.as_str(), 0), &mut meter.0));
        }
        found.extend(of_effects(&owner, &mut reminder.effects));
    }
    found
}

fn of_effects<'e>(owner: &str, effects: &'e mut [Effect]) -> Vec<(Site, &'e mut Guard)> {
    let effects = effects.iter_mut().enumerate();
    effects.filter_map(|(i, effect)| Some((Site::effect(owner, i), effect.when.as_mut()?))).collect()
}

/// Where an owner is defined: the place of the nearest part that has one.
pub(super) fn place(workflow: &Workflow, owner: &str) -> At {
    let mut part = owner;
    loop {
        if let Some(at) = workflow.text.places.get(part) {
            return *at;
        }
        match part.rsplit_once('.') {
            Some((shorter, _)) => part = shorter,
            None => return At { line: 1, column: 1 },
        }
    }
}

/// Where `text` stands in the file, at or behind `from`; `from` itself where it is not found as it is written.
pub(super) fn find(workflow: &Workflow, from: At, text: &str) -> At {
    let first = from.line.saturating_sub(1) as usize;
    for (i, line) in workflow.text.source.lines().enumerate().skip(first) {
        let start = if i == first { from.column.saturating_sub(1) as usize } else { 0 };
        let behind = line.char_indices().nth(start).map_or("", |(at, _)| &line[at..]);
        if let Some(found) = behind.find(text) {
            let column = start + behind[..found].chars().count() + 1;
            let (line, column) = (u32::try_from(i + 1).unwrap_or(u32::MAX), u32::try_from(column).unwrap_or(u32::MAX));
            return At { line, column };
        }
    }
    from
}

/// Whether a part of a condition only says that the date a timer or a reminder goes by is there: without one it is never looked at.
pub(super) fn says_nothing(workflow: &Workflow, site: &Site, source: &str) -> bool {
    let field = match site.owner.split_once('.') {
        Some(("timer", id)) => workflow.timer(id).and_then(|timer| timer.at.as_deref()),
        Some(("reminder", id)) => workflow.reminder(id).and_then(|reminder| match &reminder.rule {
            ReminderRule::Date { field, .. } => Some(field.as_str()),
            ReminderRule::Meter(_) => None,
        }),
        _ => None,
    };
    site.effect.is_none() && field.is_some_and(|field| source == format!("doc.{field} != null"))
}

/// What an effect is, for people: its key in the file.
pub(super) fn named(effect: &Effect) -> String {
    match &effect.action {
        Action::Notify { text, .. } => format!("notify {text}"),
        Action::Set(fields) => format!("set {}", fields.iter().map(|(field, _)| field.as_str()).collect::<Vec<_>>().join(", ")),
        _ => effect.kind.name.to_owned(),
    }
}
