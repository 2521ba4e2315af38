//! Running a checked expression.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::code::{Code, Fold, Operator};
use super::{Expression, FUEL, MAX_LIST, MAX_RESULT, Path, Root};
use crate::facts::Facts;
use crate::value::{CHARACTERS, Money, Record, Value};

/// What an expression reads: the facts, the form, and what effects before it have written.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub facts: Facts<'a>,
    pub input: &'a BTreeMap<String, Value>,
    /// The record; the facts' own until an effect has written to it.
    pub doc: &'a Record,
}

/// Why an expression has no value: an empty field in an operation, an overflow, a list too long, two currencies, an unanswered lookup, no fuel left.
#[derive(Debug)]
pub(crate) struct EvalError;

type Found<'v> = Result<Cow<'v, Value>, EvalError>;

impl Scope<'_> {
    pub(super) fn look_up(&self, path: &Path) -> Cow<'_, Value> {
        let (value, rest) = match (path.root, path.segments.split_first()) {
            (Root::Doc, Some((first, rest))) => (self.doc.get(first), rest),
            (Root::Input, Some((first, rest))) => (self.input.get(first).unwrap_or(&Value::Null), rest),
            (Root::Doc | Root::Input, None) => return Cow::Owned(Value::Null),
            (Root::ActorId, _) => return Cow::Owned(Value::Ref(self.facts.actor.id)),
            (Root::ActorRole, _) => return Cow::Owned(Value::Text(self.facts.actor.role.clone())),
            (Root::Now, _) => return Cow::Owned(Value::Time(self.facts.now)),
            (Root::Currency, _) => return Cow::Owned(Value::Text(self.facts.tenant.currency.clone())),
            (Root::Zone, _) => return Cow::Owned(Value::Text(self.facts.tenant.zone.name().to_owned())),
        };
        Cow::Borrowed(rest.iter().fold(value, |value, segment| value.field(segment)))
    }

    /// The arguments of a lookup; `None` when one has no value.
    pub(super) fn arguments(&self, args: &[Code]) -> Option<Vec<Value>> {
        let mut run = Run { scope: self, fuel: FUEL };
        let mut value = |arg| run.owned(arg, None).ok().filter(|value| !value.is_null());
        args.iter().map(|arg| value(arg).map(plain)).collect()
    }
}

/// A value as it is written to a field: a reference without its record's fields.
fn plain(value: Value) -> Value {
    match value {
        Value::Link(link) => Value::Ref(link.id),
        other => other,
    }
}

/// One evaluation.
struct Run<'s, 'a> {
    scope: &'s Scope<'a>,
    fuel: u32,
}

impl Expression {
    /// Its value.
    pub fn evaluate(&self, scope: &Scope<'_>) -> Result<Value, EvalError> {
        let value = Run { scope, fuel: FUEL }.owned(&self.code, None)?;
        // what is written is kept in rows and told in histories
        if value.weight(MAX_RESULT) > MAX_RESULT { Err(EvalError) } else { Ok(plain(value)) }
    }

    /// Its value as a condition.
    pub fn holds(&self, scope: &Scope<'_>) -> Result<bool, EvalError> {
        Run { scope, fuel: FUEL }.test(&self.code, None)
    }

    /// What it reads, path → value, for the history and for whoever asks why.
    pub fn read(&self, scope: &Scope<'_>) -> BTreeMap<String, Value> {
        self.paths.iter().map(|path| (path.text.clone(), scope.look_up(path).into_owned())).collect()
    }
}

impl<'s> Run<'s, '_> {
    fn spend(&mut self, cost: usize) -> Result<(), EvalError> {
        self.fuel = u32::try_from(cost).ok().and_then(|cost| self.fuel.checked_sub(cost)).ok_or(EvalError)?;
        Ok(())
    }

    fn test(&mut self, code: &Code, element: Option<&Value>) -> Result<bool, EvalError> {
        match self.eval(code, element)?.as_ref() {
            Value::Bool(value) => Ok(*value),
            _ => Err(EvalError),
        }
    }

    /// A value of its own: what is copied for that costs as much as it holds.
    fn owned<'v>(&mut self, code: &'v Code, element: Option<&'v Value>) -> Result<Value, EvalError>
    where
        's: 'v,
    {
        match self.eval(code, element)? {
            Cow::Owned(value) => Ok(value),
            Cow::Borrowed(value) => self.copy(value),
        }
    }

    fn copy(&mut self, value: &Value) -> Result<Value, EvalError> {
        self.spend(value.weight(self.left()))?;
        Ok(value.clone())
    }

    /// The fuel that is left.
    fn left(&self) -> usize {
        self.fuel as usize
    }

    fn eval<'v>(&mut self, code: &'v Code, element: Option<&'v Value>) -> Found<'v>
    where
        's: 'v,
    {
        self.spend(1)?;
        let truth = |value| Ok(Cow::Owned(Value::Bool(value)));
        match code {
            Code::Const(value) => Ok(Cow::Borrowed(value)),
            Code::Path(path) => self.bounded(self.scope.look_up(path)),
            Code::Can(permission) => truth(self.scope.facts.actor.can(permission)),
            Code::Element => self.bounded(Cow::Borrowed(element.ok_or(EvalError)?)),
            Code::Field(owner, name) => Ok(match self.eval(owner, element)? {
                Cow::Borrowed(owner) => Cow::Borrowed(owner.field(name)),
                Cow::Owned(owner) => Cow::Owned(self.copy(owner.field(name))?),
            }),
            Code::List(parts) => {
                let values = parts.iter().map(|part| self.owned(part, element)).collect::<Result<_, _>>()?;
                Ok(Cow::Owned(Value::List(values)))
            }
            Code::Lookup(lookup, args) => {
                let args = self.scope.arguments(args).ok_or(EvalError)?;
                self.scope.facts.lookups.get(lookup.name, &args).map(Cow::Borrowed).ok_or(EvalError)
            }
            Code::Not(inner) => truth(!self.test(inner, element)?),
            Code::And(left, right) => truth(self.test(left, element)? && self.test(right, element)?),
            Code::Or(left, right) => truth(self.test(left, element)? || self.test(right, element)?),
            Code::If(parts) => {
                let [test, yes, no] = &**parts;
                let chosen = if self.test(test, element)? { yes } else { no };
                self.eval(chosen, element)
            }
            Code::Negate(inner) => match self.eval(inner, element)?.as_ref() {
                Value::Int(value) => value.checked_neg().map(|value| Cow::Owned(Value::Int(value))).ok_or(EvalError),
                _ => Err(EvalError),
            },
            Code::Day(inner) => match self.eval(inner, element)?.as_ref() {
                Value::Time(time) => Ok(Cow::Owned(Value::Date(time.with_timezone(&self.scope.facts.tenant.zone).date_naive()))),
                _ => Err(EvalError),
            },
            Code::Size(inner) => {
                let size = match self.eval(inner, element)?.as_ref() {
                    Value::Text(text) => text.chars().count(),
                    Value::List(values) => values.len(),
                    _ => return Err(EvalError),
                };
                i64::try_from(size).map(|size| Cow::Owned(Value::Int(size))).map_err(|_| EvalError)
            }
            Code::Binary(operator, parts) => {
                let (left, right) = (self.eval(&parts[0], element)?, self.eval(&parts[1], element)?);
                // lists are compared and joined by all they hold
                for list in [&left, &right].into_iter().filter(|value| matches!(value.as_ref(), Value::List(_))) {
                    self.spend(list.weight(self.left()))?;
                }
                binary(*operator, &left, &right).map(Cow::Owned).ok_or(EvalError)
            }
            Code::Fold(fold, list, parts) => self.fold(*fold, list, parts, element),
        }
    }

    /// A value out of the record or of a list in it, which nobody has bounded: a list too long has no value, and a text costs by its length.
    fn bounded<'v>(&mut self, value: Cow<'v, Value>) -> Found<'v> {
        match value.as_ref() {
            Value::List(values) if values.len() > MAX_LIST => return Err(EvalError),
            Value::Text(text) => self.spend(text.len() / CHARACTERS)?,
            _ => {}
        }
        Ok(value)
    }

    fn fold<'v>(&mut self, fold: Fold, list: &'v Code, [taken, each]: &'v [Code; 2], element: Option<&'v Value>) -> Found<'v>
    where
        's: 'v,
    {
        let list = self.eval(list, element)?;
        let Value::List(items) = list.as_ref() else { return Err(EvalError) };
        let (mut held, mut collected) = (0_usize, Vec::new());
        for item in items {
            if fold == Fold::Collect {
                if self.test(taken, Some(item))? {
                    collected.push(self.owned(each, Some(item))?);
                }
                continue;
            }
            let holds = self.test(each, Some(item))?;
            held += usize::from(holds);
            if (fold == Fold::All && !holds) || (fold == Fold::Exists && holds) {
                break;
            }
        }
        Ok(Cow::Owned(match fold {
            Fold::All => Value::Bool(held == items.len()),
            Fold::Exists => Value::Bool(held > 0),
            Fold::ExistsOne => Value::Bool(held == 1),
            Fold::Collect => Value::List(collected),
        }))
    }
}

/// Two values under an operator; `None` where they come to nothing.
fn binary(operator: Operator, left: &Value, right: &Value) -> Option<Value> {
    let order = || order(left, right);
    Some(match (operator, left, right) {
        (Operator::Equal, ..) => Value::Bool(equal(left, right)),
        (Operator::Differs, ..) => Value::Bool(!equal(left, right)),
        (Operator::Less, ..) => Value::Bool(order()?.is_lt()),
        (Operator::AtMost, ..) => Value::Bool(order()?.is_le()),
        (Operator::More, ..) => Value::Bool(order()?.is_gt()),
        (Operator::AtLeast, ..) => Value::Bool(order()?.is_ge()),
        (Operator::In, item, Value::List(items)) => Value::Bool(items.iter().any(|other| equal(item, other))),
        (Operator::StartsWith, Value::Text(text), Value::Text(part)) => Value::Bool(text.starts_with(part.as_str())),
        (Operator::EndsWith, Value::Text(text), Value::Text(part)) => Value::Bool(text.ends_with(part.as_str())),
        (Operator::Contains, Value::Text(text), Value::Text(part)) => Value::Bool(text.contains(part.as_str())),
        (Operator::Add, Value::List(a), Value::List(b)) if a.len() + b.len() <= MAX_LIST => {
            Value::List(a.iter().chain(b).cloned().collect())
        }
        (Operator::Add, ..) => add(left, right).or_else(|| add(right, left))?,
        (Operator::Subtract, ..) => subtract(left, right)?,
        (Operator::Multiply, ..) => multiply(left, right).or_else(|| multiply(right, left))?,
        (Operator::Divide, Value::Int(a), Value::Int(b)) => Value::Int(a.checked_div(*b)?),
        (Operator::Remainder, Value::Int(a), Value::Int(b)) => Value::Int(a.checked_rem(*b)?),
        _ => return None,
    })
}

/// References are equal by their ids, whatever is known of their records.
fn equal(left: &Value, right: &Value) -> bool {
    match (left.as_ref_id(), right.as_ref_id()) {
        (Some(left), Some(right)) => left == right,
        _ => left == right,
    }
}

fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Decimal(a), Value::Decimal(b)) => Some(a.cmp(b)),
        (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
        (Value::Money(a), Value::Money(b)) if a.currency == b.currency => Some(a.amount.cmp(&b.amount)),
        _ => None,
    }
}

fn money(a: &Money, amount: Decimal) -> Value {
    Value::Money(Money { amount, currency: a.currency.clone() })
}

fn add(left: &Value, right: &Value) -> Option<Value> {
    Some(match (left, right) {
        (Value::Int(a), Value::Int(b)) => Value::Int(a.checked_add(*b)?),
        (Value::Decimal(a), Value::Decimal(b)) => Value::Decimal(a.checked_add(*b)?),
        (Value::Duration(a), Value::Duration(b)) => Value::Duration(a.checked_add(b)?),
        (Value::Time(a), Value::Duration(b)) => Value::Time(a.checked_add_signed(*b)?),
        (Value::Date(a), Value::Duration(b)) => Value::Date(a.checked_add_signed(*b)?),
        (Value::Money(a), Value::Money(b)) if a.currency == b.currency => money(a, a.amount.checked_add(b.amount)?),
        _ => return None,
    })
}

fn subtract(left: &Value, right: &Value) -> Option<Value> {
    Some(match (left, right) {
        (Value::Int(a), Value::Int(b)) => Value::Int(a.checked_sub(*b)?),
        (Value::Decimal(a), Value::Decimal(b)) => Value::Decimal(a.checked_sub(*b)?),
        (Value::Duration(a), Value::Duration(b)) => Value::Duration(a.checked_sub(b)?),
        (Value::Time(a), Value::Duration(b)) => Value::Time(a.checked_sub_signed(*b)?),
        (Value::Date(a), Value::Duration(b)) => Value::Date(a.checked_sub_signed(*b)?),
        (Value::Time(a), Value::Time(b)) => Value::Duration(*a - *b),
        (Value::Date(a), Value::Date(b)) => Value::Duration(a.signed_duration_since(*b)),
        (Value::Money(a), Value::Money(b)) if a.currency == b.currency => money(a, a.amount.checked_sub(b.amount)?),
        _ => return None,
    })
}

fn multiply(left: &Value, right: &Value) -> Option<Value> {
    Some(match (left, right) {
        (Value::Int(a), Value::Int(b)) => Value::Int(a.checked_mul(*b)?),
        (Value::Decimal(a), Value::Decimal(b)) => Value::Decimal(a.checked_mul(*b)?),
        (Value::Money(a), Value::Int(b)) => money(a, a.amount.checked_mul((*b).into())?),
        (Value::Money(a), Value::Decimal(b)) => money(a, a.amount.checked_mul(*b)?),
        _ => return None,
    })
}
