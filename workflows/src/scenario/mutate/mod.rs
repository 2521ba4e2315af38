//! Mutants: the workflow with one thing wrong. A test that matters fails on it; a mutant no test notices shows what is not tested.

mod steps;
mod time;

use super::sites::{self, Site};
use crate::definition::{Action, Workflow};
use crate::diagnostic::Diagnostic;
use crate::yaml::At;

/// A workflow made wrong in one place.
pub(super) struct Mutant {
    /// What it says if no test notices.
    pub survived: Diagnostic,
    change: Box<dyn Fn(&mut Workflow)>,
}

impl Mutant {
    fn new(at: At, code: &'static str, params: &[(&'static str, &str)], change: impl Fn(&mut Workflow) + 'static) -> Self {
        let survived = params.iter().fold(Diagnostic::new(code, at), |finding, (name, value)| finding.with(name, *value));
        Self { survived, change: Box::new(change) }
    }

    /// The workflow with the mistake in it.
    pub fn apply(&self, workflow: &Workflow) -> Workflow {
        let mut wrong = workflow.clone();
        (self.change)(&mut wrong);
        wrong
    }
}

/// Every mutant of a workflow, in a fixed order.
pub(super) fn mutants(workflow: &Workflow) -> Vec<Mutant> {
    let mut scratch = workflow.clone();
    let mut mutants = steps::mutants(workflow);
    mutants.extend(conditions(workflow, &mut scratch));
    mutants.extend(effects(&mut scratch));
    mutants.extend(time::mutants(workflow));
    mutants.sort_by_key(|mutant| (mutant.survived.line, mutant.survived.column));
    mutants
}

/// Each part of each condition turned round, and left out; each side of a `||` left out.
fn conditions(workflow: &Workflow, scratch: &mut Workflow) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for (n, (site, guard)) in sites::guards(scratch).into_iter().enumerate() {
        for i in 0..guard.conjuncts.len() {
            let source = guard.conjuncts[i].expression.source.clone();
            let at = place(workflow, &site, &source);
            let params = [("condition", source.as_str()), ("where", site.owner.as_str())];
            mutants.push(Mutant::new(at, "WF980", &params, on_guard(n, move |guard| guard.negate(i))));
            if sites::says_nothing(workflow, &site, &source) {
                continue;
            }
            mutants.push(Mutant::new(at, "WF981", &params, on_guard(n, move |guard| guard.drop_part(i))));
            let sides = guard.sides(i);
            for side in (0..sides).filter(|_| sides > 1) {
                let number = (side + 1).to_string();
                let params = [params[0], params[1], ("side", number.as_str())];
                mutants.push(Mutant::new(at, "WF982", &params, on_guard(n, move |guard| guard.drop_side(i, side))));
            }
        }
    }
    mutants
}

fn on_guard(n: usize, change: impl Fn(&mut crate::guard::Guard) + 'static) -> impl Fn(&mut Workflow) {
    move |workflow| {
        if let Some((_, guard)) = sites::guards(workflow).into_iter().nth(n) {
            change(guard);
        }
    }
}

fn place(workflow: &Workflow, site: &Site, source: &str) -> At {
    sites::find(workflow, sites::place(workflow, &site.owner), source)
}

/// Each effect left out; each of several people not told; each of several fields not written.
fn effects(scratch: &mut Workflow) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for (n, (owner, effects)) in sites::effects(scratch).into_iter().enumerate() {
        for (i, effect) in effects.iter().enumerate() {
            let name = sites::named(effect);
            let params = [("effect", name.as_str()), ("where", owner.as_str())];
            let without = on_effects(n, move |effects| drop(effects.remove(i)));
            mutants.push(Mutant::new(effect.at, "WF983", &params, without));
            let (several, code): (usize, _) = match &effect.action {
                Action::Notify { to, .. } => (to.len(), "WF984"),
                Action::Set(fields) => (fields.len(), "WF985"),
                _ => (0, ""),
            };
            for part in (0..several).filter(|_| several > 1) {
                let number = (part + 1).to_string();
                let params = [params[0], params[1], ("number", number.as_str())];
                let change = on_effects(n, move |effects| match &mut effects[i].action {
                    Action::Notify { to, .. } => drop(to.remove(part)),
                    Action::Set(fields) => drop(fields.remove(part)),
                    _ => {}
                });
                mutants.push(Mutant::new(effect.at, code, &params, change));
            }
        }
    }
    mutants
}

fn on_effects(n: usize, change: impl Fn(&mut Vec<crate::definition::Effect>) + 'static) -> impl Fn(&mut Workflow) {
    move |workflow| {
        if let Some((_, effects)) = sites::effects(workflow).into_iter().nth(n) {
            change(effects);
        }
    }
}
