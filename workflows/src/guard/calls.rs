//! Operators and functions: what they take and give, and what a test tells about emptiness.

use cel::common::ast::{CallExpr, Expr, IdedExpr, LiteralValue, operators as op};
use cel::common::types::CelInt;

use super::Slot;
use super::check::{Checker, path_text};
use super::lookup::LookupKind;
use super::types::{FUNCTIONS, Type, Typed};
use crate::diagnostic::nearest;
use crate::duration::Span;
use crate::value::{Money, Value};

impl Checker<'_> {
    pub(super) fn call(&mut self, node: &IdedExpr, call: &CallExpr) -> Typed {
        match (call.func_name.as_str(), call.target.as_deref(), call.args.as_slice()) {
            (op::LOGICAL_AND, None, [left, right]) => self.both(left, right, true),
            (op::LOGICAL_OR, None, [left, right]) => self.both(left, right, false),
            (op::LOGICAL_NOT, None, [inner]) => {
                self.condition(inner);
                Typed::of(Type::Bool)
            }
            (op::CONDITIONAL, None, [test, yes, no]) => self.conditional(node, test, yes, no),
            (op::EQUALS | op::NOT_EQUALS, None, [left, right]) => self.equality(node, &call.func_name, left, right),
            (op::IN, None, [item, list]) => self.membership(node, item, list),
            (op::NEGATE, None, [inner]) => match self.value(inner) {
                ty @ (Type::Int | Type::Any) => Typed::of(ty),
                other => self.no_operator(node, "-", &[other]),
            },
            (name, None, [left, right]) if arithmetic(name).is_some() => self.binary(node, name, left, right),
            ("can", Some(target), [permission]) if matches!(&target.expr, Expr::Ident(name) if name == "actor") => {
                self.permission(node, permission)
            }
            ("money", None, [text]) => self.money(node, text),
            ("duration", None, [text]) => self.duration(node, text),
            ("date", None, [of]) => match self.value(of) {
                Type::Time | Type::Any => Typed::of(Type::Date),
                other => self.no_operator(node, "date", &[other]),
            },
            ("size", None, [of]) | ("size", Some(of), []) => match self.value(of) {
                Type::Text | Type::Choice(_) | Type::List(_) | Type::Any => Typed::of(Type::Int),
                other => self.no_operator(node, "size", &[other]),
            },
            ("startsWith" | "endsWith" | "contains", Some(target), [part]) => {
                let types = [self.value(target), self.value(part)];
                if types.iter().all(|ty| ty.fits(&Type::Text)) {
                    Typed::of(Type::Bool)
                } else {
                    self.no_operator(node, &call.func_name, &types)
                }
            }
            (name, None, args) if LookupKind::named(name).is_some() => self.lookup(node, name, args),
            (name, ..) => self.unknown_function(node, name),
        }
    }

    fn unknown_function(&mut self, node: &IdedExpr, name: &str) -> Typed {
        let known: Vec<&str> = FUNCTIONS.into_iter().chain(super::LOOKUPS.iter().map(|lookup| lookup.name)).collect();
        self.report(node, "WF323", &[("name", name.trim_matches(['_', '@'])), ("known", &known.join(", "))])
    }

    pub(super) fn no_operator(&mut self, node: &IdedExpr, operator: &str, types: &[Type]) -> Typed {
        let types = types.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
        self.report(node, "WF301", &[("operator", operator.trim_matches(['_', '@'])), ("types", &types)])
    }

    /// `&&` and `||`: the right side is read only where the left one has not decided.
    fn both(&mut self, left: &IdedExpr, right: &IdedExpr, and: bool) -> Typed {
        self.condition(left);
        self.knowing(left, and, |checker| checker.condition(right));
        Typed::of(Type::Bool)
    }

    fn conditional(&mut self, node: &IdedExpr, test: &IdedExpr, yes: &IdedExpr, no: &IdedExpr) -> Typed {
        self.condition(test);
        let yes = self.knowing(test, true, |checker| checker.infer(yes));
        let no = self.knowing(test, false, |checker| checker.infer(no));
        let nullable = yes.nullable || no.nullable || yes.ty == Type::Null || no.ty == Type::Null;
        let ty = match (yes.ty, no.ty) {
            (Type::Null | Type::Any, other) | (other, Type::Null | Type::Any) => other,
            (Type::List(of), other) if of.ty == Type::Any => other,
            (yes, no) if yes.fits(&no) => yes,
            (yes, no) => return self.no_operator(node, "? :", &[yes, no]),
        };
        Typed { ty, nullable }
    }

    /// Runs `then` knowing that `test` came out as `outcome`.
    fn knowing<T>(&mut self, test: &IdedExpr, outcome: bool, then: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.known.len();
        narrow(test, outcome, &mut self.known);
        let result = then(self);
        self.known.truncate(before);
        result
    }

    fn equality(&mut self, node: &IdedExpr, operator: &str, left: &IdedExpr, right: &IdedExpr) -> Typed {
        if let Some(tested) = null_tested(left, right) {
            let typed = self.infer(tested);
            if !typed.nullable && typed.ty != Type::Any {
                let name = path_text(&tested.expr).unwrap_or_else(|| "this".to_owned());
                self.report(node, "WF320", &[("name", &name)]);
            }
            return Typed::of(Type::Bool);
        }
        let (a, b) = self.operands(left, right);
        if matches!(a, Type::List(_) | Type::Object(_) | Type::Null) || !a.fits(&b) {
            return self.no_operator(node, operator, &[a, b]);
        }
        self.possible(&a, left, right);
        self.possible(&b, right, left);
        self.differ(node, left, right);
        Typed::of(Type::Bool)
    }

    /// A closed list compared with a text it never holds.
    fn possible(&mut self, ty: &Type, of: &IdedExpr, literal: &IdedExpr) {
        if let (Type::Choice(options), Some(text)) = (ty, literal_text(literal))
            && !options.iter().any(|option| option == text)
        {
            let name = path_text(&of.expr).unwrap_or_else(|| "this".to_owned());
            self.report(literal, "WF321", &[("name", &name), ("value", text), ("options", &options.join(", "))]);
        }
    }

    fn differ(&mut self, node: &IdedExpr, left: &IdedExpr, right: &IdedExpr) {
        if path_text(&left.expr).is_some_and(|path| path_text(&right.expr) == Some(path)) {
            self.report(node, "WF322", &[]);
        }
    }

    fn membership(&mut self, node: &IdedExpr, item: &IdedExpr, list: &IdedExpr) -> Typed {
        let (ty, of) = (self.value(item), self.value(list));
        match &of {
            Type::Any => {}
            Type::List(of) if of.ty.fits(&ty) => {}
            _ => return self.no_operator(node, "in", &[ty, of]),
        }
        if let Expr::List(literals) = &list.expr {
            for literal in &literals.elements {
                self.possible(&ty, item, literal);
            }
        }
        Typed::of(Type::Bool)
    }

    fn binary(&mut self, node: &IdedExpr, operator: &str, left: &IdedExpr, right: &IdedExpr) -> Typed {
        let (a, b) = self.operands(left, right);
        if a == Type::Any || b == Type::Any {
            return Typed::ANY;
        }
        if let (Some(Value::Money(a)), Some(Value::Money(b))) = (self.constant_of(left), self.constant_of(right))
            && a.currency != b.currency
        {
            let (a, b) = (a.currency.clone(), b.currency.clone());
            return self.report(node, "WF324", &[("a", &a), ("b", &b)]);
        }
        match arithmetic(operator).and_then(|result| result(&a, &b)) {
            Some(ty) => {
                if ty == Type::Bool {
                    self.differ(node, left, right);
                }
                Typed::of(ty)
            }
            None => self.no_operator(node, operator, &[a, b]),
        }
    }

    /// Both operands; a whole number written next to a decimal is one.
    fn operands(&mut self, left: &IdedExpr, right: &IdedExpr) -> (Type, Type) {
        let (a, b) = (self.value(left), self.value(right));
        match (&a, &b) {
            (Type::Decimal, Type::Int) if self.as_decimal(right) => (Type::Decimal, Type::Decimal),
            (Type::Int, Type::Decimal) if self.as_decimal(left) => (Type::Decimal, Type::Decimal),
            _ => (a, b),
        }
    }

    /// Turns a written whole number into a decimal.
    pub(super) fn as_decimal(&mut self, node: &IdedExpr) -> bool {
        let Expr::Literal(LiteralValue::Int(number)) = &node.expr else { return false };
        self.constant(node, Value::Decimal((*CelInt::inner(number)).into()), Type::Decimal);
        true
    }

    fn permission(&mut self, node: &IdedExpr, argument: &IdedExpr) -> Typed {
        let Some(permission) = literal_text(argument) else {
            return self.report(argument, "WF313", &[("name", "actor.can")]);
        };
        if !self.names.vocabulary.permissions.contains(&permission) {
            let hint = nearest(permission, self.names.vocabulary.permissions.iter().copied());
            self.report(argument, "WF201", &[("name", permission), ("hint", &hint)]);
        }
        self.replace(node, Slot::Can(permission.to_owned()));
        Typed::of(Type::Bool)
    }

    fn money(&mut self, node: &IdedExpr, argument: &IdedExpr) -> Typed {
        let Some(text) = literal_text(argument) else { return self.report(argument, "WF313", &[("name", "money")]) };
        match text.parse::<Money>() {
            Ok(money) => self.constant(node, Value::Money(money), Type::Money),
            Err(_) => self.report(argument, "WF311", &[("value", text), ("what", "an amount, such as `500000 KZT`")]),
        }
    }

    fn duration(&mut self, node: &IdedExpr, argument: &IdedExpr) -> Typed {
        let Some(text) = literal_text(argument) else { return self.report(argument, "WF313", &[("name", "duration")]) };
        match Span::parse(text) {
            Some(span) => self.constant(node, Value::Duration(span.wall()), Type::Duration),
            None => self.report(argument, "WF311", &[("value", text), ("what", "a length of time, such as `PT4H` or `P2D`")]),
        }
    }
}

/// What two types give under an operator.
type Arithmetic = fn(&Type, &Type) -> Option<Type>;

fn arithmetic(operator: &str) -> Option<Arithmetic> {
    match operator {
        op::LESS | op::LESS_EQUALS | op::GREATER | op::GREATER_EQUALS => Some(|a, b| {
            let ordered = matches!(a, Type::Int | Type::Decimal | Type::Time | Type::Date | Type::Duration | Type::Money);
            (ordered && a == b).then_some(Type::Bool)
        }),
        op::ADD => Some(|a, b| match (a, b) {
            (Type::Int | Type::Decimal | Type::Money | Type::Duration, _) if a == b => Some(a.clone()),
            (Type::Time, Type::Duration) | (Type::Duration, Type::Time) => Some(Type::Time),
            (Type::Date, Type::Duration) | (Type::Duration, Type::Date) => Some(Type::Date),
            (Type::List(of), Type::List(_)) if of.ty == Type::Any => Some(b.clone()),
            (Type::List(_), Type::List(_)) if a.fits(b) => Some(a.clone()),
            _ => None,
        }),
        op::SUBSTRACT => Some(|a, b| match (a, b) {
            (Type::Int | Type::Decimal | Type::Money | Type::Duration, _) if a == b => Some(a.clone()),
            (Type::Time, Type::Duration) => Some(Type::Time),
            (Type::Date, Type::Duration) => Some(Type::Date),
            (Type::Time, Type::Time) | (Type::Date, Type::Date) => Some(Type::Duration),
            _ => None,
        }),
        op::MULTIPLY => Some(|a, b| match (a, b) {
            (Type::Int | Type::Decimal, _) if a == b => Some(a.clone()),
            (Type::Money, Type::Int | Type::Decimal) | (Type::Int | Type::Decimal, Type::Money) => Some(Type::Money),
            _ => None,
        }),
        op::DIVIDE | op::MODULO => Some(|a, b| (a == b && *a == Type::Int).then_some(Type::Int)),
        _ => None,
    }
}

pub(super) fn literal_text(node: &IdedExpr) -> Option<&str> {
    if let Expr::Literal(LiteralValue::String(text)) = &node.expr { Some(text.inner()) } else { None }
}

fn is_null(node: &IdedExpr) -> bool {
    matches!(node.expr, Expr::Literal(LiteralValue::Null))
}

/// What is compared with `null`.
fn null_tested<'e>(left: &'e IdedExpr, right: &'e IdedExpr) -> Option<&'e IdedExpr> {
    match (is_null(left), is_null(right)) {
        (false, true) => Some(left),
        (true, false) => Some(right),
        _ => None,
    }
}

/// Adds the paths that are not empty once `test` has come out as `outcome`.
pub(super) fn narrow(test: &IdedExpr, outcome: bool, known: &mut Vec<String>) {
    let Expr::Call(call) = &test.expr else { return };
    match (call.func_name.as_str(), call.args.as_slice()) {
        (op::LOGICAL_AND, [left, right]) if outcome => {
            narrow(left, true, known);
            narrow(right, true, known);
        }
        (op::LOGICAL_OR, [left, right]) if !outcome => {
            narrow(left, false, known);
            narrow(right, false, known);
        }
        (op::LOGICAL_NOT, [inner]) => narrow(inner, !outcome, known),
        (name @ (op::EQUALS | op::NOT_EQUALS), [left, right]) if (name == op::NOT_EQUALS) == outcome => {
            known.extend(null_tested(left, right).and_then(|tested| path_text(&tested.expr)));
        }
        _ => {}
    }
}
