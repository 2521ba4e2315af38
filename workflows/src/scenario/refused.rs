//! Why a step was refused, in words a test can look for.

use super::script::Denial;
use super::world::Fault;
use crate::decision::{Blocker, Refusal};
use crate::definition::{Transition, Who};
use crate::guard::Scope;

/// A refused step.
#[derive(Debug)]
pub(super) struct Denied {
    pub code: Denial,
    /// What stands in the way: conditions as written, paths they read, permissions, roles, fields.
    pub reasons: Vec<String>,
}

impl Denied {
    pub fn effect(fault: Fault) -> Self {
        Self { code: Denial::Effect, reasons: vec![fault] }
    }

    /// A refusal of `transition`, on what `scope` reads.
    pub fn of(refusal: &Refusal, transition: Option<&Transition>, scope: &Scope<'_>) -> Self {
        let one = |code, reason: &str| Self { code, reasons: vec![reason.to_owned()] };
        match refusal {
            Refusal::UnknownTransition => one(Denial::State, "unknown transition"),
            Refusal::WrongState { state, .. } => one(Denial::State, state),
            Refusal::NotForSystem => one(Denial::System, "not for the system"),
            Refusal::Forbidden { permission } => one(Denial::Permission, permission),
            Refusal::NoRequest => one(Denial::NoRequest, "no request is open"),
            Refusal::NotEligible { level, who: Who::Permission(name) | Who::Role(name) } => {
                Self { code: Denial::NotEligible, reasons: vec![name.clone(), level.clone()] }
            }
            Refusal::NotAtSite { level, .. } => Self { code: Denial::NotEligible, reasons: vec!["site".to_owned(), level.clone()] },
            Refusal::OwnRequest => one(Denial::OwnRequest, "own request"),
            Refusal::AlreadyDecided => one(Denial::AlreadyDecided, "already decided"),
            Refusal::Invalid(problems) => {
                let reasons = problems.iter().map(|problem| format!("{}: {}", problem.field, problem.code)).collect();
                Self { code: Denial::Form, reasons }
            }
            Refusal::GuardFailed(blockers) => Self::blocked(blockers, transition, scope),
        }
    }

    /// Conditions that do not hold.
    pub fn blocked(blockers: &[Blocker], transition: Option<&Transition>, scope: &Scope<'_>) -> Self {
        let mut reasons = Vec::new();
        for conjunct in transition.iter().filter_map(|transition| transition.when.as_ref()).flat_map(|guard| &guard.conjuncts) {
            if !conjunct.expression.holds(scope).unwrap_or(false) {
                reasons.push(conjunct.expression.source.clone());
            }
        }
        for blocker in blockers {
            tell(blocker, &mut reasons);
        }
        let mut told: Vec<String> = Vec::with_capacity(reasons.len());
        for reason in reasons {
            if !told.contains(&reason) {
                told.push(reason);
            }
        }
        Self { code: Denial::Guard, reasons: told }
    }

    /// Whether a reason contains `text`.
    pub fn speaks_of(&self, text: &str) -> bool {
        self.reasons.iter().any(|reason| reason.contains(text))
    }

    /// All of it.
    pub fn why(&self) -> String {
        self.reasons.join("; ")
    }
}

fn tell(blocker: &Blocker, reasons: &mut Vec<String>) {
    if blocker.code == "required" {
        reasons.extend(blocker.field.iter().map(|field| format!("required doc.{field}")));
    }
    if blocker.code == "guard_error" {
        reasons.push(format!("no value: {}", blocker.need));
    }
    reasons.extend(blocker.read.keys().cloned());
    for alternative in &blocker.alternatives {
        tell(alternative, reasons);
    }
}
