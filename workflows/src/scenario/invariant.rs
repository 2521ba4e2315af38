//! `invariants`: conditions over the scenario's stock, read with CEL's grammar and run by a small interpreter of their own, for only here does
//! `stock` exist.

use cel::Program;
use cel::common::ast::{Expr, IdedExpr, LiteralValue, operators as op};
use cel::common::types::{CelBool, CelInt};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::ledger::{Figure, Ledger};
use super::names;
use crate::MAX_EXPRESSION_BYTES;
use crate::decision::Place;
use crate::subject::{Kind, Subject};
use crate::value::{Record, Value};

/// Depth of one condition's tree.
const MAX_DEPTH: usize = 24;
/// What an invariant may call.
const FUNCTIONS: &str =
    "stock.total, stock.on_hand, stock.reserved, stock.available, stock.opening, stock.consumed, stock.written_off (a part, a place)";

/// A condition that must hold after each step.
#[derive(Debug)]
pub(super) struct Invariant {
    pub source: String,
    term: Term,
}

#[derive(Debug)]
enum Term {
    Number(Decimal),
    Truth(bool),
    Name(Uuid),
    Account(String),
    Doc(Vec<String>),
    Stock { figure: Figure, part: Option<Box<Term>>, place: Option<Box<Term>> },
    Not(Box<Term>),
    Negative(Box<Term>),
    Both(&'static str, Box<Term>, Box<Term>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Number,
    Truth,
    Name,
}

/// Why an expression is no invariant: a code and what its sentence names.
pub(super) type Unfit = (&'static str, Vec<(&'static str, String)>);

enum Found {
    Number(Decimal),
    Truth(bool),
    Name(Uuid),
}

impl Invariant {
    /// Reads a condition over `subject`'s records.
    ///
    /// # Errors
    ///
    /// It is not CEL, or says what an invariant cannot.
    pub fn compile(source: &str, subject: &Subject) -> Result<Self, Unfit> {
        if source.len() > MAX_EXPRESSION_BYTES {
            return Err(("WF305", vec![("limit", MAX_EXPRESSION_BYTES.to_string())]));
        }
        let program = Program::compile(source).map_err(|errors| {
            let problem = errors.errors.first().map_or_else(|| "it is empty".to_owned(), |error| error.msg.clone());
            ("WF300", vec![("problem", problem)])
        })?;
        let (term, ty) = term(program.expression(), subject, 0)?;
        expect(ty, Type::Truth)?;
        Ok(Self { source: source.trim().to_owned(), term })
    }

    /// Whether it holds; `None` when it has no value, because a field it reads is empty.
    pub fn holds(&self, ledger: &Ledger, doc: &Record) -> Option<bool> {
        match evaluate(&self.term, ledger, doc)? {
            Found::Truth(truth) => Some(truth),
            Found::Number(_) | Found::Name(_) => None,
        }
    }
}

fn expect(found: Type, expected: Type) -> Result<(), Unfit> {
    let name = |ty| match ty {
        Type::Number => "number",
        Type::Truth => "bool",
        Type::Name => "ref",
    };
    if found == expected {
        return Ok(());
    }
    Err(("WF309", vec![("expected", name(expected).to_owned()), ("found", name(found).to_owned())]))
}

fn term(node: &IdedExpr, subject: &Subject, depth: usize) -> Result<(Term, Type), Unfit> {
    if depth > MAX_DEPTH {
        return Err(("WF306", vec![("limit", MAX_DEPTH.to_string()), ("what", "levels".to_owned())]));
    }
    match &node.expr {
        Expr::Literal(LiteralValue::Int(number)) => Ok((Term::Number((*CelInt::inner(number)).into()), Type::Number)),
        Expr::Literal(LiteralValue::Boolean(truth)) => Ok((Term::Truth(*CelBool::inner(truth)), Type::Truth)),
        Expr::Literal(LiteralValue::String(text)) => Ok((named(text.inner()), Type::Name)),
        Expr::Select(_) => {
            let path = path(node).ok_or_else(|| unfit("this field"))?;
            let ty = doc_type(&path, subject)?;
            Ok((Term::Doc(path), ty))
        }
        Expr::Call(call) => match (call.target.as_deref(), call.args.as_slice()) {
            (Some(target), args) if matches!(&target.expr, Expr::Ident(name) if name == "stock") => {
                stock(&call.func_name, args, subject, depth)
            }
            (None, [inner]) if call.func_name == op::LOGICAL_NOT => {
                Ok((Term::Not(Box::new(typed(inner, Type::Truth, subject, depth)?)), Type::Truth))
            }
            (None, [inner]) if call.func_name == op::NEGATE => {
                Ok((Term::Negative(Box::new(typed(inner, Type::Number, subject, depth)?)), Type::Number))
            }
            (None, [left, right]) => both(&call.func_name, left, right, subject, depth),
            _ => Err(("WF323", vec![("name", call.func_name.clone()), ("known", FUNCTIONS.to_owned())])),
        },
        Expr::Ident(name) => Err(("WF302", vec![("name", name.clone()), ("known", "doc, stock".to_owned())])),
        _ => Err(unfit("this")),
    }
}

fn unfit(what: &str) -> Unfit {
    ("WF304", vec![("what", what.to_owned())])
}

fn typed(node: &IdedExpr, expected: Type, subject: &Subject, depth: usize) -> Result<Term, Unfit> {
    let (term, found) = term(node, subject, depth + 1)?;
    expect(found, expected)?;
    Ok(term)
}

/// `"main"` is the place or part of that name, `"virtual.transit"` an account of the ledger.
fn named(text: &str) -> Term {
    match text.strip_prefix("virtual.") {
        Some(account) => Term::Account(account.to_owned()),
        None => Term::Name(names::id(text)),
    }
}

fn stock(name: &str, args: &[IdedExpr], subject: &Subject, depth: usize) -> Result<(Term, Type), Unfit> {
    let figure = if name == "total" { Some(Figure::OnHand) } else { Figure::parse(name) };
    let most = match figure {
        Some(figure) if figure.is_local() && name != "total" => 2,
        Some(_) => 1,
        None => 0,
    };
    let Some(figure) = figure.filter(|_| args.len() <= most) else {
        return Err(("WF323", vec![("name", format!("stock.{name}")), ("known", FUNCTIONS.to_owned())]));
    };
    let mut of = args.iter().map(|arg| typed(arg, Type::Name, subject, depth).map(Box::new));
    let (part, place) = (of.next().transpose()?, of.next().transpose()?);
    Ok((Term::Stock { figure, part, place }, Type::Number))
}

fn both(operator: &str, left: &IdedExpr, right: &IdedExpr, subject: &Subject, depth: usize) -> Result<(Term, Type), Unfit> {
    const OPERATORS: [(&str, Option<Type>, Type); 11] = [
        (op::LOGICAL_AND, Some(Type::Truth), Type::Truth),
        (op::LOGICAL_OR, Some(Type::Truth), Type::Truth),
        (op::EQUALS, None, Type::Truth),
        (op::NOT_EQUALS, None, Type::Truth),
        (op::LESS, Some(Type::Number), Type::Truth),
        (op::LESS_EQUALS, Some(Type::Number), Type::Truth),
        (op::GREATER, Some(Type::Number), Type::Truth),
        (op::GREATER_EQUALS, Some(Type::Number), Type::Truth),
        (op::ADD, Some(Type::Number), Type::Number),
        (op::SUBSTRACT, Some(Type::Number), Type::Number),
        (op::MULTIPLY, Some(Type::Number), Type::Number),
    ];
    let known = OPERATORS.into_iter().find(|(name, ..)| *name == operator);
    let Some((operator, takes, gives)) = known else { return Err(unfit("this operator")) };
    let (left, found) = term(left, subject, depth + 1)?;
    expect(found, takes.unwrap_or(found))?;
    let right = typed(right, found, subject, depth)?;
    Ok((Term::Both(operator, Box::new(left), Box::new(right)), gives))
}

/// The names of `doc.a.b`, without `doc`.
fn path(node: &IdedExpr) -> Option<Vec<String>> {
    let Expr::Select(select) = &node.expr else { return None };
    if select.test {
        return None;
    }
    match &select.operand.expr {
        Expr::Ident(root) if root == "doc" => Some(vec![select.field.clone()]),
        Expr::Select(_) => {
            let mut path = path(&select.operand)?;
            path.push(select.field.clone());
            Some(path)
        }
        _ => None,
    }
}

fn doc_type(path: &[String], subject: &Subject) -> Result<Type, Unfit> {
    let unknown = || ("WF204", vec![("entity", subject.key.to_string()), ("name", path.join(".")), ("hint", String::new())]);
    let [field] = path else { return Err(unknown()) };
    match subject.field(field).map(|field| &field.kind) {
        None => Err(unknown()),
        Some(Kind::Int | Kind::Decimal) => Ok(Type::Number),
        Some(Kind::Bool) => Ok(Type::Truth),
        Some(Kind::Ref(_) | Kind::Link { .. }) => Ok(Type::Name),
        Some(_) => Err(unfit("a field of this type")),
    }
}

fn evaluate(term: &Term, ledger: &Ledger, doc: &Record) -> Option<Found> {
    Some(match term {
        Term::Number(number) => Found::Number(*number),
        Term::Truth(truth) => Found::Truth(*truth),
        Term::Name(id) => Found::Name(*id),
        Term::Account(_) => return None,
        Term::Doc(path) => match doc.get(path.first()?) {
            Value::Int(number) => Found::Number((*number).into()),
            Value::Decimal(number) => Found::Number(*number),
            Value::Bool(truth) => Found::Truth(*truth),
            value => Found::Name(value.as_ref_id()?),
        },
        Term::Stock { figure, part, place } => {
            let part = match part.as_deref() {
                Some(part) => Some(name(part, ledger, doc)?),
                None => None,
            };
            let place = match place.as_deref() {
                Some(Term::Account(account)) => Some(Place::Virtual(account.clone())),
                Some(place) => Some(Place::Location(name(place, ledger, doc)?)),
                None => None,
            };
            Found::Number(ledger.figure(part, place.as_ref(), *figure))
        }
        Term::Not(inner) => Found::Truth(!truth(inner, ledger, doc)?),
        Term::Negative(inner) => Found::Number(-number(inner, ledger, doc)?),
        Term::Both(operator, left, right) => operate(operator, left, right, ledger, doc)?,
    })
}

fn operate(operator: &str, left: &Term, right: &Term, ledger: &Ledger, doc: &Record) -> Option<Found> {
    let numbers = || Some((number(left, ledger, doc)?, number(right, ledger, doc)?));
    Some(match operator {
        op::LOGICAL_AND => Found::Truth(truth(left, ledger, doc)? && truth(right, ledger, doc)?),
        op::LOGICAL_OR => Found::Truth(truth(left, ledger, doc)? || truth(right, ledger, doc)?),
        op::EQUALS | op::NOT_EQUALS => {
            let same = match (evaluate(left, ledger, doc)?, evaluate(right, ledger, doc)?) {
                (Found::Number(a), Found::Number(b)) => a == b,
                (Found::Truth(a), Found::Truth(b)) => a == b,
                (Found::Name(a), Found::Name(b)) => a == b,
                _ => return None,
            };
            Found::Truth(same == (operator == op::EQUALS))
        }
        op::LESS => Found::Truth(numbers().map(|(a, b)| a < b)?),
        op::LESS_EQUALS => Found::Truth(numbers().map(|(a, b)| a <= b)?),
        op::GREATER => Found::Truth(numbers().map(|(a, b)| a > b)?),
        op::GREATER_EQUALS => Found::Truth(numbers().map(|(a, b)| a >= b)?),
        op::ADD => Found::Number(numbers().and_then(|(a, b)| a.checked_add(b))?),
        op::SUBSTRACT => Found::Number(numbers().and_then(|(a, b)| a.checked_sub(b))?),
        _ => Found::Number(numbers().and_then(|(a, b)| a.checked_mul(b))?),
    })
}

fn number(term: &Term, ledger: &Ledger, doc: &Record) -> Option<Decimal> {
    if let Found::Number(number) = evaluate(term, ledger, doc)? { Some(number) } else { None }
}

fn truth(term: &Term, ledger: &Ledger, doc: &Record) -> Option<bool> {
    if let Found::Truth(truth) = evaluate(term, ledger, doc)? { Some(truth) } else { None }
}

fn name(term: &Term, ledger: &Ledger, doc: &Record) -> Option<Uuid> {
    if let Found::Name(id) = evaluate(term, ledger, doc)? { Some(id) } else { None }
}
