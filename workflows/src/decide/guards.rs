//! Testing conditions, and keeping what they read.

use std::collections::BTreeMap;

use crate::decision::{Blocker, GuardValue};
use crate::definition::Transition;
use crate::guard::{Guard, Scope};
use crate::value::Value;

/// Tests `require` and every conjunct of `when`, so that every reason is known. `before` the form is filled, what reads it is left out.
pub(super) fn test(transition: &Transition, scope: &Scope<'_>, before: bool) -> (Vec<GuardValue>, Vec<Blocker>) {
    let missing: Vec<&String> = transition.require.iter().filter(|field| scope.doc.at(field).is_null()).collect();
    let mut blockers: Vec<Blocker> =
        missing.iter().map(|&field| Blocker { field: Some(field.clone()), ..Blocker::new("required") }).collect();
    let mut values = Vec::new();
    for conjunct in transition.when.iter().flat_map(|guard| &guard.conjuncts) {
        // about a field that is missing there is nothing to say but that it is
        if before && conjunct.expression.reads_input() || missing.iter().any(|field| conjunct.expression.reads_field(field)) {
            continue;
        }
        match conjunct.expression.holds(scope) {
            Ok(true) if before => {}
            Ok(holds) => {
                if !holds {
                    blockers.push(conjunct.blocker(scope));
                }
                if !before {
                    values.push(GuardValue { condition: conjunct.expression.source.clone(), holds, read: conjunct.expression.read(scope) });
                }
            }
            // a part that only makes sense once an earlier one holds: that one is the reason
            Err(_) if !blockers.is_empty() => {}
            Err(_) => blockers.push(guard_error(&conjunct.expression.source, conjunct.expression.read(scope))),
        }
    }
    (values, blockers)
}

/// Whether an entry of an ordered list is the one. A condition without a value stops the choice: the entries behind it were not meant for it.
pub(super) fn chosen(guard: Option<&Guard>, scope: &Scope<'_>, values: &mut Vec<GuardValue>) -> Result<bool, Vec<Blocker>> {
    for conjunct in guard.iter().flat_map(|guard| &guard.conjuncts) {
        let expression = &conjunct.expression;
        let read = || expression.read(scope);
        let holds = expression.holds(scope).map_err(|_| vec![guard_error(&expression.source, read())])?;
        values.push(GuardValue { condition: expression.source.clone(), holds, read: read() });
        if !holds {
            return Ok(false);
        }
    }
    Ok(true)
}

pub(super) fn guard_error(source: &str, read: BTreeMap<String, Value>) -> Blocker {
    Blocker { need: Value::Text(source.to_owned()), read, ..Blocker::new("guard_error") }
}
