//! The form in which a checked expression runs.

use std::collections::HashMap;

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, operators as op};
use cel::common::types::{CelBool, CelInt};

use super::eval::Scope;
use super::lookup::LookupKind;
use super::{Path, Slot};
use crate::facts::Call;
use crate::value::Value;

/// An expression whose names are resolved and whose types fit.
#[derive(Clone, Debug)]
pub(super) enum Code {
    Const(Value),
    Path(Path),
    Can(String),
    /// The element of the list being gone through.
    Element,
    Field(Box<Code>, String),
    List(Vec<Code>),
    Lookup(&'static LookupKind, Vec<Code>),
    Not(Box<Code>),
    Negate(Box<Code>),
    Day(Box<Code>),
    Size(Box<Code>),
    And(Box<Code>, Box<Code>),
    Or(Box<Code>, Box<Code>),
    If(Box<[Code; 3]>),
    Binary(Operator, Box<[Code; 2]>),
    Fold(Fold, Box<Code>, Box<[Code; 2]>),
}

/// An operator of two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Differs,
    Less,
    AtMost,
    More,
    AtLeast,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    In,
    StartsWith,
    EndsWith,
    Contains,
}

/// What is made of a list. The second code is what each element comes to; the first, for [`Fold::Collect`], whether it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fold {
    All,
    Exists,
    ExistsOne,
    Collect,
}

/// Turns a checked tree into code. `None` for a tree the checker should not have let through.
pub(super) struct Lowering<'a> {
    pub replaced: &'a HashMap<u64, usize>,
    pub slots: &'a [Slot],
    /// The name of the element, inside a macro.
    pub element: Option<&'a str>,
}

impl Lowering<'_> {
    pub fn lower(&self, node: &IdedExpr) -> Option<Code> {
        if let Some(slot) = self.replaced.get(&node.id) {
            return Some(match self.slots.get(*slot)? {
                Slot::Path(path) => Code::Path(path.clone()),
                Slot::Can(permission) => Code::Can(permission.clone()),
                Slot::Const(value) => Code::Const(value.clone()),
                Slot::Lookup(lookup, args) => Code::Lookup(lookup, args.iter().map(|arg| self.lower(arg)).collect::<Option<_>>()?),
            });
        }
        match &node.expr {
            Expr::Literal(LiteralValue::Boolean(value)) => Some(Code::Const(Value::Bool(*CelBool::inner(value)))),
            Expr::Literal(LiteralValue::Int(value)) => Some(Code::Const(Value::Int(*CelInt::inner(value)))),
            Expr::Literal(LiteralValue::String(value)) => Some(Code::Const(Value::Text(value.inner().to_owned()))),
            Expr::Literal(LiteralValue::Null) => Some(Code::Const(Value::Null)),
            Expr::Ident(name) => (self.element == Some(name.as_str())).then_some(Code::Element),
            Expr::Select(select) => Some(Code::Field(Box::new(self.lower(&select.operand)?), select.field.clone())),
            Expr::List(list) => list.elements.iter().map(|element| self.lower(element)).collect::<Option<_>>().map(Code::List),
            Expr::Call(call) => self.call(call),
            Expr::Comprehension(fold) => self.fold(fold),
            _ => None,
        }
    }

    fn boxed(&self, node: &IdedExpr) -> Option<Box<Code>> {
        self.lower(node).map(Box::new)
    }

    fn call(&self, call: &CallExpr) -> Option<Code> {
        Some(match (call.func_name.as_str(), call.target.as_deref(), call.args.as_slice()) {
            (op::LOGICAL_AND, None, [left, right]) => Code::And(self.boxed(left)?, self.boxed(right)?),
            (op::LOGICAL_OR, None, [left, right]) => Code::Or(self.boxed(left)?, self.boxed(right)?),
            (op::LOGICAL_NOT, None, [inner]) => Code::Not(self.boxed(inner)?),
            (op::NEGATE, None, [inner]) => Code::Negate(self.boxed(inner)?),
            (op::CONDITIONAL, None, [test, yes, no]) => Code::If(Box::new([self.lower(test)?, self.lower(yes)?, self.lower(no)?])),
            ("date", None, [of]) => Code::Day(self.boxed(of)?),
            ("size", None, [of]) | ("size", Some(of), []) => Code::Size(self.boxed(of)?),
            (name, None, [left, right]) | (name, Some(left), [right]) => {
                Code::Binary(operator(name)?, Box::new([self.lower(left)?, self.lower(right)?]))
            }
            _ => return None,
        })
    }

    /// A macro, by the shape the parser writes it out in.
    fn fold(&self, fold: &ComprehensionExpr) -> Option<Code> {
        let list = self.boxed(&fold.iter_range)?;
        let inner = Lowering { element: Some(&fold.iter_var), ..*self };
        let accumulated = |node: &IdedExpr| matches!(&node.expr, Expr::Ident(name) if *name == fold.accu_var);
        let always = || Code::Const(Value::Bool(true));
        let (taken, step) = match call(&fold.loop_step)? {
            (op::CONDITIONAL, [test, step, kept]) if accumulated(kept) => (inner.lower(test)?, step),
            _ => (always(), &fold.loop_step),
        };
        let (kind, taken, each) = match (call(step)?, &fold.accu_init.expr) {
            ((op::LOGICAL_AND, [so_far, each]), _) if accumulated(so_far) => (Fold::All, taken, inner.lower(each)?),
            ((op::LOGICAL_OR, [so_far, each]), _) if accumulated(so_far) => (Fold::Exists, taken, inner.lower(each)?),
            ((op::ADD, [so_far, _]), Expr::Literal(LiteralValue::Int(_))) if accumulated(so_far) => (Fold::ExistsOne, always(), taken),
            ((op::ADD, [so_far, added]), Expr::List(_)) if accumulated(so_far) => {
                let Expr::List(added) = &added.expr else { return None };
                (Fold::Collect, taken, inner.lower(added.elements.first()?)?)
            }
            _ => return None,
        };
        Some(Code::Fold(kind, list, Box::new([taken, each])))
    }
}

fn call(node: &IdedExpr) -> Option<(&str, &[IdedExpr])> {
    if let Expr::Call(call) = &node.expr { Some((&call.func_name, &call.args)) } else { None }
}

fn operator(name: &str) -> Option<Operator> {
    Some(match name {
        op::EQUALS => Operator::Equal,
        op::NOT_EQUALS => Operator::Differs,
        op::LESS => Operator::Less,
        op::LESS_EQUALS => Operator::AtMost,
        op::GREATER => Operator::More,
        op::GREATER_EQUALS => Operator::AtLeast,
        op::ADD => Operator::Add,
        op::SUBSTRACT => Operator::Subtract,
        op::MULTIPLY => Operator::Multiply,
        op::DIVIDE => Operator::Divide,
        op::MODULO => Operator::Remainder,
        op::IN => Operator::In,
        "startsWith" => Operator::StartsWith,
        "endsWith" => Operator::EndsWith,
        "contains" => Operator::Contains,
        _ => return None,
    })
}

impl Code {
    /// The codes directly inside.
    fn parts(&self) -> Vec<&Code> {
        match self {
            Self::Const(_) | Self::Path(_) | Self::Can(_) | Self::Element => Vec::new(),
            Self::Field(inner, _) | Self::Not(inner) | Self::Negate(inner) | Self::Day(inner) | Self::Size(inner) => vec![inner],
            Self::List(parts) | Self::Lookup(_, parts) => parts.iter().collect(),
            Self::And(left, right) | Self::Or(left, right) => vec![left, right],
            Self::If(parts) => parts.iter().collect(),
            Self::Binary(_, parts) => parts.iter().collect(),
            Self::Fold(_, list, parts) => std::iter::once(&**list).chain(parts.iter()).collect(),
        }
    }

    /// The lookups inside whose arguments have values.
    pub fn lookups(&self, scope: &Scope<'_>, calls: &mut Vec<Call>) {
        if let Self::Lookup(lookup, args) = self
            && let Some(args) = scope.arguments(args)
        {
            let call = Call { name: lookup.name, args };
            if !calls.contains(&call) {
                calls.push(call);
            }
        }
        self.parts().into_iter().for_each(|part| part.lookups(scope, calls));
    }
}
