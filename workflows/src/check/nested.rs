//! `transition` and `create` effects: one press may move other records and create them, but not in circles and not without end.

use std::collections::{HashMap, HashSet};

use super::targets;
use crate::decide::MAX_NESTED;
use crate::definition::{Action, Effect, TimerAction, Workflow};
use crate::diagnostic::{Diagnostic, nearest};
use crate::yaml::At;

/// Reports what is wrong between files that move one another's records: unknown transitions, circles, chains too long. Each is located in its file.
pub fn together(workflows: &[&Workflow]) -> Vec<Diagnostic> {
    let web = Web::new(workflows);
    let mut found = Vec::new();
    for workflow in workflows {
        let mut own = Vec::new();
        unknown(workflow, workflows, |_| true, &mut own);
        web.chains(workflow, &mut own);
        web.endless(workflow, &mut own);
        found.extend(own.into_iter().map(|finding| workflow.located(finding)));
    }
    found
}

/// The same within one file, unlocated.
pub(super) fn nested(workflow: &Workflow, found: &mut Vec<Diagnostic>) {
    let web = Web::new(&[workflow]);
    web.chains(workflow, found);
    web.endless(workflow, found);
    unknown(workflow, &[workflow], |subject| subject == workflow.entity, found);
}

/// Reports transitions asked of other records that no file of their kind has.
fn unknown(workflow: &Workflow, workflows: &[&Workflow], among: impl Fn(&str) -> bool, found: &mut Vec<Diagnostic>) {
    for effect in workflow.all_effects() {
        let Action::Transition { subject, transition, .. } = &effect.action else { continue };
        let mut others = workflows.iter().filter(|other| other.entity == *subject && among(subject)).peekable();
        if others.peek().is_none() || others.clone().any(|other| other.transition(transition).is_some()) {
            continue;
        }
        let hint = nearest(transition, others.flat_map(|other| other.transitions.keys()).map(String::as_str));
        found.push(Diagnostic::new("WF207", effect.at).with("name", transition).with("hint", hint));
    }
}

/// What carries out effects: the creation of a record, a transition, or what time does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Owner<'w> {
    Beginning,
    Transition(&'w str),
    Timer(&'w str),
    Sla(&'w str),
    Reminder(&'w str),
}

/// An owner in the files of a kind of record.
type Step<'w> = (&'w str, Owner<'w>);

/// A step an effect leads to, and whether the effect creates a record unconditionally.
#[derive(Clone, Copy)]
struct Call<'w> {
    at: At,
    to: Step<'w>,
    creates: bool,
}

/// Which step leads to which: at once by effects, later by timers and service levels.
struct Web<'w> {
    calls: HashMap<Step<'w>, Vec<Call<'w>>>,
    later: HashMap<Step<'w>, Vec<Step<'w>>>,
}

impl<'w> Web<'w> {
    fn new(workflows: &[&'w Workflow]) -> Self {
        let mut web = Self { calls: HashMap::new(), later: HashMap::new() };
        for workflow in workflows {
            for (owner, effects) in owners(workflow) {
                web.calls.entry((&workflow.entity, owner)).or_default().extend(effects.iter().filter_map(call));
            }
            for (owner, then) in soon(workflow) {
                let then = then.into_iter().map(|owner| (workflow.entity.as_str(), owner));
                web.later.entry((&workflow.entity, owner)).or_default().extend(then);
            }
        }
        web
    }

    fn calls(&self, step: Step<'w>) -> &[Call<'w>] {
        self.calls.get(&step).map_or(&[], Vec::as_slice)
    }

    /// Reports the circles and the long chains that begin in a workflow.
    fn chains(&self, workflow: &'w Workflow, found: &mut Vec<Diagnostic>) {
        let mut known = HashMap::new();
        for (owner, _) in owners(workflow) {
            let start = (workflow.entity.as_str(), owner);
            let mut seen = HashSet::new();
            for call in self.calls(start) {
                // one finding for each step it should not lead to, whichever effect does
                if seen.insert(call.to)
                    && let Some((code, path)) = self.fault(start, call.to, &mut known)
                {
                    let limit = MAX_NESTED.to_string();
                    found.push(Diagnostic::new(code, call.at).with("path", named(&path)).with("limit", limit));
                }
            }
        }
    }

    /// The first way on from `start` over `next` that closes on itself or grows too long.
    fn fault(
        &self,
        start: Step<'w>,
        next: Step<'w>,
        known: &mut HashMap<(Step<'w>, usize), bool>,
    ) -> Option<(&'static str, Vec<Step<'w>>)> {
        let mut path = vec![start];
        let mut step = (next == start || self.goes_on(next, MAX_NESTED + 1, known)).then_some(next);
        while let Some(to) = step {
            let closed = path.contains(&to);
            path.push(to);
            if closed {
                return Some(("WF109", path));
            }
            let left = (MAX_NESTED + 2).saturating_sub(path.len());
            if left == 0 {
                return Some(("WF110", path));
            }
            step = self.calls(to).iter().map(|call| call.to).find(|next| path.contains(next) || self.goes_on(*next, left, known));
        }
        None
    }

    /// Whether some way from a step is `length` steps long, itself counted; one that reaches a circle is as long as one likes.
    fn goes_on(&self, step: Step<'w>, length: usize, known: &mut HashMap<(Step<'w>, usize), bool>) -> bool {
        if length <= 1 {
            return true;
        }
        if let Some(&found) = known.get(&(step, length)) {
            return found;
        }
        let found = self.calls(step).iter().any(|call| self.goes_on(call.to, length - 1, known));
        known.insert((step, length), found);
        found
    }

    /// Reports what creates records for ever with nobody's doing: each one created comes, by timers and service levels alone, to create the next.
    fn endless(&self, workflow: &'w Workflow, found: &mut Vec<Diagnostic>) {
        for (owner, _) in owners(workflow) {
            let start = (workflow.entity.as_str(), owner);
            for call in self.calls(start).iter().filter(|call| call.creates) {
                if let Some(path) = self.back(call.to, start) {
                    found.push(Diagnostic::new("WF109", call.at).with("path", named(&path)).with("limit", MAX_NESTED.to_string()));
                    break;
                }
            }
        }
    }

    /// A way from `from` to `to` in which time has a part.
    fn back(&self, from: Step<'w>, to: Step<'w>) -> Option<Vec<Step<'w>>> {
        let mut seen = HashSet::from([(from, false)]);
        let mut open = vec![(vec![to, from], false)];
        while let Some((path, waited)) = open.pop() {
            let last = path.last().copied().unwrap_or(from);
            if last == to && waited {
                return Some(path);
            }
            let at_once = self.calls(last).iter().filter(|call| call.creates).map(|call| (call.to, waited));
            let later = self.later.get(&last).into_iter().flatten().map(|next| (*next, true));
            for (next, waited) in at_once.chain(later) {
                if seen.insert((next, waited)) {
                    open.push((path.iter().copied().chain([next]).collect(), waited));
                }
            }
        }
        None
    }
}

/// Everything in a file that carries out effects.
fn owners(workflow: &Workflow) -> impl Iterator<Item = (Owner<'_>, &[Effect])> {
    let steps = workflow.steps().map(|(id, effects)| (if id.is_empty() { Owner::Beginning } else { Owner::Transition(id) }, effects));
    let timers = workflow.timers.values().filter_map(|timer| match &timer.action {
        TimerAction::Effects(effects) => Some((Owner::Timer(timer.id.as_str()), effects.0.as_slice())),
        TimerAction::Do(_) => None,
    });
    let slas = workflow.slas.values().flat_map(|sla| {
        let lists = sla.warn.iter().map(|warn| &warn.effects).chain(sla.breach.iter().map(|step| &step.effects));
        lists.map(|effects| (Owner::Sla(sla.id.as_str()), effects.as_slice()))
    });
    let reminders = workflow.reminders.values().map(|reminder| (Owner::Reminder(&reminder.id), reminder.effects.as_slice()));
    steps.chain(timers).chain(slas).chain(reminders)
}

fn call(effect: &Effect) -> Option<Call<'_>> {
    match &effect.action {
        Action::Transition { subject, transition, .. } => {
            Some(Call { at: effect.at, to: (subject, Owner::Transition(transition)), creates: false })
        }
        Action::Create { subject, .. } => Some(Call { at: effect.at, to: (subject, Owner::Beginning), creates: effect.when.is_none() }),
        _ => None,
    }
}

/// What time alone brings about in the states a step may lead to, unconditionally.
fn soon(workflow: &Workflow) -> impl Iterator<Item = (Owner<'_>, Vec<Owner<'_>>)> {
    let waiting = move |state: &str| {
        let timers = workflow.timers.values().filter(|timer| timer.when.is_none() && timer.states.iter().any(|id| id == state));
        let timers = timers.map(|timer| match &timer.action {
            TimerAction::Do(transition) => Owner::Transition(transition),
            TimerAction::Effects(_) => Owner::Timer(&timer.id),
        });
        let slas = workflow.slas.values().filter(|sla| sla.start.iter().any(|id| id == state)).map(|sla| Owner::Sla(&sla.id));
        timers.chain(slas).collect::<Vec<_>>()
    };
    let created = workflow.initial.iter().map(move |entry| (Owner::Beginning, waiting(&entry.to)));
    let moved = workflow.transitions.values().map(move |transition| {
        let then = targets(transition).flat_map(waiting).collect();
        (Owner::Transition(transition.id.as_str()), then)
    });
    created.chain(moved)
}

/// A way, for people: `work_order.finish → asset.retire`.
fn named(path: &[Step<'_>]) -> String {
    let step = |(subject, owner): &Step<'_>| match owner {
        Owner::Beginning => format!("{subject}.initial"),
        Owner::Transition(id) => format!("{subject}.{id}"),
        Owner::Timer(id) => format!("{subject}.timers.{id}"),
        Owner::Sla(id) => format!("{subject}.slas.{id}"),
        Owner::Reminder(id) => format!("{subject}.reminders.{id}"),
    };
    path.iter().map(step).collect::<Vec<_>>().join(" → ")
}
