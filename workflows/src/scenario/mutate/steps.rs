//! Mutants of the steps themselves: who may, who must agree, what is asked, where it leads.

use super::Mutant;
use crate::definition::{Approvals, Initial, Level, Reason, To, Transition, Workflow};
use crate::scenario::script::ANYBODY;
use crate::scenario::sites;
use crate::yaml::At;

pub(super) fn mutants(workflow: &Workflow) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for (i, initial) in workflow.initial.iter().enumerate() {
        mutants.extend(begins(workflow, i, initial));
    }
    for transition in workflow.transitions.values() {
        let at = workflow.place(&format!("transition.{}", transition.id));
        let mut of = Of { workflow, transition, at, mutants: Vec::new() };
        of.ways();
        of.asked();
        if let Some(approvals) = &transition.approvals {
            of.approvals(approvals);
        }
        mutants.extend(of.mutants);
    }
    mutants
}

/// Some other state.
fn other(workflow: &Workflow, state: &str) -> Option<String> {
    workflow.states.keys().find(|id| *id != state).cloned()
}

fn begins(workflow: &Workflow, i: usize, initial: &Initial) -> Option<Mutant> {
    let other = other(workflow, &initial.to)?;
    let at = sites::find(workflow, sites::find(workflow, At { line: 1, column: 1 }, "initial:"), &format!("to: {}", initial.to));
    let params = [("where", "initial"), ("state", initial.to.as_str()), ("other", other.as_str())];
    let to = other.clone();
    Some(Mutant::new(at, "WF986", &params, move |workflow| workflow.initial[i].to.clone_from(&to)))
}

struct Of<'w> {
    workflow: &'w Workflow,
    transition: &'w Transition,
    at: At,
    mutants: Vec<Mutant>,
}

impl Of<'_> {
    fn push(&mut self, needle: &str, code: &'static str, params: &[(&'static str, &str)], change: impl Fn(&mut Transition) + 'static) {
        let id = self.transition.id.clone();
        let at = sites::find(self.workflow, self.at, needle);
        let mut all = vec![("transition", id.as_str())];
        all.extend(params);
        let on = id.clone();
        self.mutants.push(Mutant::new(at, code, &all, move |workflow| {
            if let Some(transition) = workflow.transitions.get_mut(&on) {
                change(transition);
            }
        }));
    }

    fn ways(&mut self) {
        let transition = self.transition;
        match &transition.to {
            To::State(state) => {
                if let Some(other) = other(self.workflow, state) {
                    let params = [("state", state.as_str()), ("other", other.as_str())];
                    let to = other.clone();
                    self.push("to:", "WF987", &params, move |transition| transition.to = To::State(to.clone()));
                }
            }
            To::First(branches) => {
                for (i, branch) in branches.iter().enumerate() {
                    let Some(other) = other(self.workflow, &branch.state) else { continue };
                    let to = other.clone();
                    let params = [("state", branch.state.as_str()), ("other", other.as_str())];
                    self.push("to:", "WF987", &params, move |transition| {
                        if let To::First(branches) = &mut transition.to {
                            branches[i].state.clone_from(&to);
                        }
                    });
                }
            }
            To::Same => {}
        }
        let from = transition.from.states();
        for (i, state) in from.iter().enumerate().filter(|_| from.len() > 1) {
            self.push("from:", "WF988", &[("state", state)], move |transition| drop(transition.from.0.remove(i)));
        }
    }

    fn asked(&mut self) {
        let transition = self.transition;
        let permission = [("permission", transition.permission.as_str())];
        self.push("permission:", "WF989", &permission, |transition| ANYBODY.clone_into(&mut transition.permission));
        if transition.system {
            self.push("system:", "WF990", &[], |transition| transition.system = false);
        }
        if transition.reason == Reason::Required {
            self.push("reason:", "WF991", &[], |transition| transition.reason = Reason::Optional);
        }
        for (i, field) in transition.require.iter().enumerate() {
            self.push("require:", "WF992", &[("field", field)], move |transition| drop(transition.require.remove(i)));
        }
        for (i, field) in transition.form.iter().enumerate().filter(|(_, field)| field.required) {
            let needle = format!("{}:", field.name);
            self.push(&needle, "WF993", &[("field", &field.name)], move |transition| transition.form[i].required = false);
        }
    }

    fn approvals(&mut self, approvals: &Approvals) {
        self.push("approvals:", "WF994", &[], |transition| transition.approvals = None);
        let on = |change: fn(&mut Approvals, usize), i: usize| {
            move |transition: &mut Transition| {
                if let Some(approvals) = &mut transition.approvals {
                    change(approvals, i);
                }
            }
        };
        if !approvals.own {
            self.push("approvals:", "WF995", &[], on(|approvals, _| approvals.own = true, 0));
        }
        for (i, field) in approvals.void_on_change.iter().enumerate() {
            let change = on(|approvals, i| drop(approvals.void_on_change.remove(i)), i);
            self.push("void_on_change:", "WF996", &[("field", field)], change);
        }
        for (i, level) in approvals.levels.iter().enumerate() {
            self.level(level, approvals.levels.len() > 1, |change| on(change, i));
        }
    }

    fn level<C: Fn(&mut Transition) + 'static>(&mut self, level: &Level, several: bool, on: impl Fn(fn(&mut Approvals, usize)) -> C) {
        let (needle, params) = (format!("id: {}", level.id), [("level", level.id.as_str())]);
        if several {
            self.push(&needle, "WF997", &params, on(|approvals, i| drop(approvals.levels.remove(i))));
        }
        if level.need > 1 {
            self.push(&needle, "WF998", &params, on(|approvals, i| approvals.levels[i].need -= 1));
        }
        if level.scope.is_some() {
            self.push(&needle, "WF999", &params, on(|approvals, i| approvals.levels[i].scope = None));
        }
        if level.escalate.is_some() {
            self.push(&needle, "WF970", &params, on(|approvals, i| approvals.levels[i].escalate = None));
        }
    }
}
