//! Which lookups a decision will make, so that they can be answered before it.

use super::NO_INPUT;
use crate::definition::{Action, Approvals, Effect, Lines, PlaceOf, To, Transition, Workflow};
use crate::facts::{Call, Facts, Input};
use crate::form;
use crate::guard::{Expression, Guard, Scope};

impl Workflow {
    /// The lookups a press of `transition` may make. Answer them, put them into [`Facts::lookups`], then [`Workflow::fire`].
    pub fn lookups_needed(&self, facts: &Facts<'_>, transition: &str, input: &Input) -> Vec<Call> {
        let Some(transition) = self.transition(transition) else { return Vec::new() };
        // a form with mistakes is refused before any condition is tested
        let Ok(filled) = form::read(transition, facts, input) else { return Vec::new() };
        let mut asking = Asking { scope: Scope { facts: *facts, input: &filled.values, doc: facts.doc }, calls: Vec::new() };
        asking.transition(self, transition);
        asking.calls
    }

    /// The lookups [`Workflow::explain`] may make.
    pub fn lookups_explained(&self, facts: &Facts<'_>) -> Vec<Call> {
        let mut asking = Asking { scope: Scope { facts: *facts, input: &NO_INPUT, doc: facts.doc }, calls: Vec::new() };
        self.transitions.values().for_each(|transition| asking.transition(self, transition));
        asking.calls
    }

    /// The lookups [`Workflow::initial`] may make.
    pub fn lookups_initial(&self, facts: &Facts<'_>) -> Vec<Call> {
        let mut asking = Asking { scope: Scope { facts: *facts, input: &NO_INPUT, doc: facts.doc }, calls: Vec::new() };
        for entry in &self.initial {
            asking.guard(entry.when.as_ref());
            asking.effects(&entry.effects);
            asking.approvals(self.approval_in(&entry.to).map(|(_, approvals)| approvals));
        }
        asking.calls
    }
}

struct Asking<'a> {
    scope: Scope<'a>,
    calls: Vec<Call>,
}

impl Asking<'_> {
    fn transition(&mut self, workflow: &Workflow, transition: &Transition) {
        self.guard(transition.when.as_ref());
        self.effects(&transition.effects);
        self.approvals(transition.approvals.as_ref());
        let targets = match &transition.to {
            To::State(state) => vec![state],
            To::Same => Vec::new(),
            To::First(branches) => branches.iter().map(|branch| &branch.state).collect(),
        };
        for state in targets {
            self.approvals(workflow.approval_in(state).map(|(_, approvals)| approvals));
        }
        if let To::First(branches) = &transition.to {
            for branch in branches {
                self.guard(branch.when.as_ref());
            }
        }
    }

    fn approvals(&mut self, approvals: Option<&Approvals>) {
        approvals.iter().flat_map(|approvals| &approvals.levels).for_each(|level| self.guard(level.when.as_ref()));
    }

    fn guard(&mut self, guard: Option<&Guard>) {
        guard.iter().flat_map(|guard| &guard.conjuncts).for_each(|conjunct| self.expression(&conjunct.expression));
    }

    fn expression(&mut self, expression: &Expression) {
        expression.lookups(&self.scope, &mut self.calls);
    }

    fn effects(&mut self, effects: &[Effect]) {
        for effect in effects {
            self.guard(effect.when.as_ref());
            effect.action.expressions().into_iter().for_each(|expression| self.expression(expression));
        }
    }
}

impl Action {
    /// Every expression of it.
    fn expressions(&self) -> Vec<&Expression> {
        match self {
            Self::Set(fields) | Self::Create { fields, .. } | Self::Webhook { fields, .. } => {
                fields.iter().map(|(_, value)| value).collect()
            }
            Self::Assign(expression) => vec![expression],
            Self::Transition { record, input, .. } => std::iter::once(record).chain(input.iter().map(|(_, value)| value)).collect(),
            Self::Stock(stock) => {
                let lines = match &stock.lines {
                    Lines::One { part, qty } => vec![part, qty],
                    Lines::Field(_) => Vec::new(),
                };
                let places = [&stock.at, &stock.to].into_iter().flatten();
                let places = places.filter_map(|place| if let PlaceOf::Expression(place) = place { Some(place) } else { None });
                lines.into_iter().chain(places).collect()
            }
            Self::AssignTo(_) | Self::Notify { .. } | Self::Purge | Self::Sla { .. } => Vec::new(),
        }
    }
}
