//! Coverage: what the tests of a file have come by.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::sites::{self, Site};
use crate::definition::{Action, Effect, To, Transition, Workflow};
use crate::diagnostic::Diagnostic;
use crate::guard::{Guard, Scope};
use crate::yaml::At;

/// What has been seen so far.
#[derive(Debug, Default)]
pub(super) struct Seen {
    begun: BTreeSet<usize>,
    fired: BTreeSet<String>,
    /// Part of a condition → whether it was true, whether it was false.
    branches: BTreeMap<(Site, usize), (bool, bool)>,
    /// (transition, level)
    levels: BTreeSet<(String, String)>,
    slas: BTreeSet<String>,
    timers: BTreeSet<String>,
    reminders: BTreeSet<String>,
}

/// What the tests of a file have come by, and what they have not.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Coverage {
    /// Of each kind of thing: how many there are and how many were seen.
    pub counts: Vec<Count>,
    /// What was not seen, in file order.
    pub missing: Vec<Diagnostic>,
}

/// How many of a kind there are, and how many were seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// `transitions`, `guard_branches`, `levels`, `slas`, `timers`, `reminders`.
    pub what: &'static str,
    /// How many were seen.
    pub seen: usize,
    /// How many there are.
    pub all: usize,
}

impl Seen {
    pub fn fire(&mut self, transition: &str) {
        self.fired.insert(transition.to_owned());
    }

    pub fn level(&mut self, transition: &str, level: &str) {
        self.levels.insert((transition.to_owned(), level.to_owned()));
    }

    pub fn sla(&mut self, sla: &str) {
        self.slas.insert(sla.to_owned());
    }

    pub fn timer(&mut self, timer: &str) {
        self.timers.insert(timer.to_owned());
    }

    pub fn reminder(&mut self, reminder: &str) {
        self.reminders.insert(reminder.to_owned());
    }

    /// Notes what the parts of a condition come to. Whether all of them hold.
    pub fn guard(&mut self, site: &Site, guard: Option<&Guard>, scope: &Scope<'_>) -> bool {
        let mut all = true;
        for (i, conjunct) in guard.iter().flat_map(|guard| &guard.conjuncts).enumerate() {
            let Ok(holds) = conjunct.expression.holds(scope) else { return false };
            let seen = self.branches.entry((site.clone(), i)).or_default();
            if holds {
                seen.0 = true;
            } else {
                seen.1 = true;
            }
            all &= holds;
        }
        all
    }

    /// Notes which entry of `initial` is taken.
    pub fn begin(&mut self, workflow: &Workflow, scope: &Scope<'_>) {
        for (i, initial) in workflow.initial.iter().enumerate() {
            let owner = format!("initial.{i}");
            if self.guard(&Site::of(owner.as_str()), initial.when.as_ref(), scope) {
                self.begun.insert(i);
                self.effects(&owner, &initial.effects, scope);
                return;
            }
        }
    }

    /// Notes what a press of a transition meets.
    pub fn press(&mut self, transition: &Transition, scope: &Scope<'_>) {
        self.guard(&Site::of(format!("transition.{}", transition.id)), transition.when.as_ref(), scope);
        for level in transition.approvals.iter().flat_map(|approvals| &approvals.levels) {
            self.guard(&Site::of(format!("level.{}.{}", transition.id, level.id)), level.when.as_ref(), scope);
        }
    }

    /// Notes what a transition that goes through comes by.
    pub fn go(&mut self, transition: &Transition, scope: &Scope<'_>) {
        let owner = format!("transition.{}", transition.id);
        if let To::First(branches) = &transition.to {
            for (i, branch) in branches.iter().enumerate() {
                if self.guard(&Site::branch(owner.as_str(), i), branch.when.as_ref(), scope) {
                    break;
                }
            }
        }
        self.effects(&owner, &transition.effects, scope);
    }

    /// Notes the conditions of effects; each sees what those before it wrote.
    pub fn effects(&mut self, owner: &str, effects: &[Effect], scope: &Scope<'_>) {
        let mut doc = Cow::Borrowed(scope.doc);
        for (i, effect) in effects.iter().enumerate() {
            let scope = Scope { doc: &doc, ..*scope };
            if !self.guard(&Site::effect(owner, i), effect.when.as_ref(), &scope) {
                continue;
            }
            let written: Vec<_> = match &effect.action {
                Action::Set(fields) => {
                    let values = fields.iter().map(|(field, value)| (field.clone(), value.evaluate(&scope).unwrap_or_default()));
                    values.collect()
                }
                Action::Assign(value) => vec![("assignee".to_owned(), value.evaluate(&scope).unwrap_or_default())],
                _ => Vec::new(),
            };
            for (field, value) in written {
                doc.to_mut().insert(field, value);
            }
        }
    }

    /// What there is beside what was seen.
    pub fn coverage(&self, workflow: &Workflow) -> Coverage {
        let mut coverage = Coverage::default();
        let gap = |at: At, code, name: &str| workflow.located(Diagnostic::new(code, at).with("name", name));
        for (i, initial) in workflow.initial.iter().enumerate().filter(|(i, _)| !self.begun.contains(i)) {
            let at = sites::find(workflow, At { line: 1, column: 1 }, "initial:");
            let finding = Diagnostic::new("WF967", at).with("name", initial.to.as_str()).with("number", (i + 1).to_string());
            coverage.missing.push(workflow.located(finding));
        }
        for (what, code, part, ids, seen) in [
            ("transitions", "WF960", "transition", workflow.transitions.keys().collect::<Vec<_>>(), &self.fired),
            ("slas", "WF964", "sla", workflow.slas.keys().collect(), &self.slas),
            ("timers", "WF965", "timer", workflow.timers.keys().collect(), &self.timers),
            ("reminders", "WF966", "reminder", workflow.reminders.keys().collect(), &self.reminders),
        ] {
            let unseen: Vec<_> = ids.iter().filter(|id| !seen.contains(**id)).collect();
            coverage.counts.push(Count { what, seen: ids.len() - unseen.len(), all: ids.len() });
            coverage.missing.extend(unseen.into_iter().map(|id| gap(workflow.place(&format!("{part}.{id}")), code, id)));
        }
        self.levels_covered(workflow, &mut coverage);
        self.branches_covered(workflow, &mut coverage);
        coverage.missing.sort_by_key(|gap| (gap.line, gap.column));
        coverage
    }

    fn levels_covered(&self, workflow: &Workflow, coverage: &mut Coverage) {
        let (mut seen, mut all) = (0, 0);
        for transition in workflow.transitions.values() {
            for level in transition.approvals.iter().flat_map(|approvals| &approvals.levels) {
                all += 1;
                if self.levels.contains(&(transition.id.clone(), level.id.clone())) {
                    seen += 1;
                } else {
                    let at = workflow.place(&format!("level.{}.{}", transition.id, level.id));
                    coverage.missing.push(workflow.located(Diagnostic::new("WF963", at).with("name", level.id.as_str())));
                }
            }
        }
        coverage.counts.push(Count { what: "levels", seen, all });
    }

    fn branches_covered(&self, workflow: &Workflow, coverage: &mut Coverage) {
        let (mut seen, mut all) = (0, 0);
        let mut scratch = workflow.clone();
        for (site, guard) in sites::guards(&mut scratch) {
            for (i, conjunct) in guard.conjuncts.iter().enumerate() {
                let (yes, no) = self.branches.get(&(site.clone(), i)).copied().unwrap_or_default();
                let source = conjunct.expression.source.as_str();
                let always = sites::says_nothing(workflow, &site, source);
                for (held, code) in [(yes, "WF961"), (no || always, "WF962")] {
                    all += 1;
                    seen += usize::from(held);
                    if !held {
                        let at = sites::find(workflow, sites::place(workflow, &site.owner), source);
                        coverage.missing.push(workflow.located(Diagnostic::new(code, at).with("condition", source)));
                    }
                }
            }
        }
        coverage.counts.push(Count { what: "guard_branches", seen, all });
    }
}
