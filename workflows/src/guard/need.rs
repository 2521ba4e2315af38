//! What a condition asks for, in terms a person understands: the shape of each conjunct, turned into a blocker when it does not hold.

use cel::common::ast::{Expr, IdedExpr, LiteralValue, operators as op};
use cel::common::types::{CelBool, CelInt};

use super::calls::literal_text;
use super::check::Checker;
use super::eval::Scope;
use super::{Path, Root, Slot};
use crate::decision::Blocker;
use crate::value::Value;

/// The shape of a condition.
#[derive(Clone, Debug)]
pub(super) enum Need {
    /// `actor.can("…")`
    Permission(String),
    /// `doc.field == actor.id`
    Person(Path),
    /// `doc.field != null`
    Present(Path),
    /// `doc.field` against something, under the code that says how.
    Compare(&'static str, Path, Operand),
    /// `a || b`
    AnyOf(Vec<Need>),
    /// `a && b` inside something else
    AllOf(Vec<Need>),
    /// Anything else: told as it is written.
    Written,
}

/// What a field is compared with.
#[derive(Clone, Debug)]
pub(super) enum Operand {
    Value(Value),
    Path(Path),
}

/// The shape of `node`.
pub(super) fn of(node: &IdedExpr, checker: &Checker<'_>) -> Need {
    if let Some(Slot::Can(permission)) = slot(node, checker) {
        return Need::Permission(permission.clone());
    }
    if let Some(path) = record_path(node, checker) {
        return Need::Compare("must_be", path, Operand::Value(Value::Bool(true)));
    }
    let Expr::Call(call) = &node.expr else { return Need::Written };
    match (call.func_name.as_str(), call.args.as_slice()) {
        (op::LOGICAL_OR, [left, right]) => Need::AnyOf([left, right].into_iter().flat_map(|side| sides(of(side, checker), true)).collect()),
        (op::LOGICAL_AND, [left, right]) => {
            Need::AllOf([left, right].into_iter().flat_map(|side| sides(of(side, checker), false)).collect())
        }
        (op::LOGICAL_NOT, [inner]) => match record_path(inner, checker) {
            Some(path) => Need::Compare("must_be", path, Operand::Value(Value::Bool(false))),
            None => Need::Written,
        },
        (operator, [left, right]) => comparison(operator, left, right, checker).unwrap_or(Need::Written),
        _ => Need::Written,
    }
}

/// The parts of a nested `||` (or `&&`), as parts of the outer one.
fn sides(need: Need, any: bool) -> Vec<Need> {
    match need {
        Need::AnyOf(parts) if any => parts,
        Need::AllOf(parts) if !any => parts,
        other => vec![other],
    }
}

fn comparison(operator: &str, left: &IdedExpr, right: &IdedExpr, checker: &Checker<'_>) -> Option<Need> {
    let (code, flipped) = match operator {
        op::EQUALS => ("must_be", "must_be"),
        op::NOT_EQUALS => ("must_not_be", "must_not_be"),
        op::LESS => ("must_be_less", "must_be_more"),
        op::LESS_EQUALS => ("must_be_at_most", "must_be_at_least"),
        op::GREATER => ("must_be_more", "must_be_less"),
        op::GREATER_EQUALS => ("must_be_at_least", "must_be_at_most"),
        _ => return None,
    };
    let (code, path, other) = match (record_path(left, checker), record_path(right, checker)) {
        (Some(path), _) => (code, path, operand(right, checker)?),
        (None, Some(path)) => (flipped, path, operand(left, checker)?),
        (None, None) => return None,
    };
    Some(match (code, other) {
        ("must_be", Operand::Path(other)) if other.root == Root::ActorId => Need::Person(path),
        ("must_not_be", Operand::Value(Value::Null)) => Need::Present(path),
        (code, other) => Need::Compare(code, path, other),
    })
}

fn slot<'c>(node: &IdedExpr, checker: &'c Checker<'_>) -> Option<&'c Slot> {
    checker.slots.get(*checker.replaced.get(&node.id)?)
}

fn record_path(node: &IdedExpr, checker: &Checker<'_>) -> Option<Path> {
    match slot(node, checker) {
        Some(Slot::Path(path)) if matches!(path.root, Root::Doc | Root::Input) => Some(path.clone()),
        _ => None,
    }
}

fn operand(node: &IdedExpr, checker: &Checker<'_>) -> Option<Operand> {
    match slot(node, checker) {
        Some(Slot::Path(path)) => return Some(Operand::Path(path.clone())),
        Some(Slot::Const(value)) => return Some(Operand::Value(value.clone())),
        Some(Slot::Can(_) | Slot::Lookup(..)) => return None,
        None => {}
    }
    if let Some(text) = literal_text(node) {
        return Some(Operand::Value(Value::Text(text.to_owned())));
    }
    match &node.expr {
        Expr::Literal(LiteralValue::Int(number)) => Some(Operand::Value(Value::Int(*CelInt::inner(number)))),
        Expr::Literal(LiteralValue::Boolean(value)) => Some(Operand::Value(Value::Bool(*CelBool::inner(value)))),
        Expr::Literal(LiteralValue::Null) => Some(Operand::Value(Value::Null)),
        _ => None,
    }
}

impl Need {
    /// The path a `!= null` asks for.
    pub fn present(&self) -> Option<&Path> {
        if let Self::Present(path) = self { Some(path) } else { None }
    }

    /// The reason a condition of this shape does not hold. `source` is the condition as written.
    pub fn blocker(&self, source: &str, scope: &Scope<'_>) -> Blocker {
        let about = |code, path: &Path, need| Blocker {
            need,
            have: scope.look_up(path).into_owned(),
            field: Some(path.text.trim_start_matches("doc.").to_owned()),
            ..Blocker::new(code)
        };
        match self {
            Self::Permission(permission) => Blocker { need: Value::Text(permission.clone()), ..Blocker::new("permission") },
            Self::Person(path) => about("only_person", path, Value::Ref(scope.facts.actor.id)),
            Self::Present(path) => about("required", path, Value::Null),
            Self::Compare(code, path, Operand::Value(value)) => about(code, path, value.clone()),
            Self::Compare(code, path, Operand::Path(other)) => about(code, path, scope.look_up(other).into_owned()),
            Self::AnyOf(parts) => Self::several("any_of", parts, source, scope),
            Self::AllOf(parts) => Self::several("all_of", parts, source, scope),
            Self::Written => Blocker { need: Value::Text(source.to_owned()), ..Blocker::new("guard") },
        }
    }

    fn several(code: &'static str, parts: &[Self], source: &str, scope: &Scope<'_>) -> Blocker {
        let written = parts.iter().any(|part| matches!(part, Self::Written));
        if written {
            // one part can only be told as written: then the whole is, once
            return Self::Written.blocker(source, scope);
        }
        Blocker { alternatives: parts.iter().map(|part| part.blocker(source, scope)).collect(), ..Blocker::new(code) }
    }
}
