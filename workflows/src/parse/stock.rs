//! Effects on stock.

use super::effects::{anything, is_line};
use super::reader::{Map, Reader};
use crate::decision::OnShort;
use crate::definition::{Action, EffectKind, Lines, PlaceOf, StockAction, StockOp};
use crate::guard::{Expression, Names, Type};
use crate::subject::Kind;
use crate::yaml::{Node, NodeKind};

/// `{lines}` or `{part, qty, at}`, and what each effect has besides.
pub(super) fn stock(reader: &mut Reader<'_>, kind: &EffectKind, op: StockOp, node: &Node, names: Names<'_>) -> Option<Action> {
    let mut map = reader.map(node)?;
    let lines = lines(reader, &mut map, names);
    let from = if op == StockOp::Move { "from" } else { "at" };
    let at = match (&lines, map.take(from)) {
        (_, Some(node)) => place(reader, node, names),
        (Some(Lines::One { .. }), None) => {
            reader.report(map.at, "WF005", &[("key", from)]);
            None
        }
        _ => None,
    };
    let to = if op == StockOp::Move { reader.required(&mut map, "to").and_then(|node| place(reader, node, names)) } else { None };
    let on_short = if op == StockOp::Reserve { map.take("on_short") } else { None };
    let on_short = on_short.and_then(|node| reader.word(node, short, &["fail", "partial"])).unwrap_or_default();
    let consume_reservation = op == StockOp::Move && reader.flag(map.take("consume_reservation"));
    reader.close(&map, kind.params);
    if op == StockOp::Move && to.is_none() {
        return None;
    }
    Some(Action::Stock(Box::new(StockAction { op, lines: lines?, at, to, on_short, consume_reservation })))
}

fn short(word: &str) -> Option<OnShort> {
    match word {
        "fail" => Some(OnShort::Fail),
        "partial" => Some(OnShort::Partial),
        _ => None,
    }
}

fn lines(reader: &mut Reader<'_>, map: &mut Map<'_>, names: Names<'_>) -> Option<Lines> {
    if let Some(node) = map.take("lines") {
        let (path, typed) = reader.doc_path(node)?;
        let field = reader.subject.field(&path).map(|field| field.kind);
        if !matches!(field, Some(Kind::List(of)) if is_line(of)) {
            reader.report(node.at, "WF309", &[("expected", "a list of objects with `part` and `qty`"), ("found", &typed.ty.to_string())]);
            return None;
        }
        return Some(Lines::Field(path));
    }
    let part = reader.required(map, "part").and_then(|node| value(reader, node, names, "ref(part)", |ty| ty.refers_to() == Some("part")));
    let qty =
        reader.required(map, "qty").and_then(|node| value(reader, node, names, "decimal", |ty| matches!(ty, Type::Decimal | Type::Int)));
    Some(Lines::One { part: part?, qty: qty? })
}

/// An expression that is never empty and of a type that fits.
fn value(reader: &mut Reader<'_>, node: &Node, names: Names<'_>, expected: &str, fits: fn(&Type) -> bool) -> Option<Expression> {
    let (expression, typed) = anything(reader, node, names)?;
    if !fits(&typed.ty) {
        reader.report(node.at, "WF309", &[("expected", expected), ("found", &typed.ty.to_string())]);
    } else if typed.nullable {
        reader.report(node.at, "WF310", &[("name", &expression.source)]);
    }
    Some(expression)
}

/// A location, or `virtual.<account>`.
fn place(reader: &mut Reader<'_>, node: &Node, names: Names<'_>) -> Option<PlaceOf> {
    if let NodeKind::Text(text) = &node.kind
        && let Some(account) = text.strip_prefix("virtual.")
    {
        return reader.check_id(node.at, account).then(|| PlaceOf::Virtual(account.to_owned()));
    }
    value(reader, node, names, "ref(location)", |ty| ty.refers_to() == Some("location")).map(PlaceOf::Expression)
}
