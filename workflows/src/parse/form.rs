//! `form`: what a transition asks.

use rust_decimal::Decimal;

use super::reader::Reader;
use crate::definition::{Bound, FieldKind, FormField};
use crate::guard::Type;
use crate::subject::Mode;
use crate::value::Value;
use crate::yaml::{Node, NodeKind};

const MOST: usize = 40;
const TYPES: [&str; 11] = ["text", "string", "int", "decimal", "bool", "date", "time", "choice", "ref(…)", "money", "files"];

pub(super) fn form(reader: &mut Reader<'_>, node: &Node) -> Vec<FormField> {
    let Some(map) = reader.map(node) else { return Vec::new() };
    if map.entries.len() > MOST {
        reader.report(map.at, "WF009", &[("limit", &MOST.to_string()), ("what", "fields")]);
        return Vec::new();
    }
    let mut fields = Vec::with_capacity(map.entries.len());
    for entry in &map.entries {
        if reader.check_id(entry.at, entry.key) {
            fields.extend(field(reader, entry.key, entry.node));
        }
    }
    fields
}

fn field(reader: &mut Reader<'_>, name: &str, node: &Node) -> Option<FormField> {
    let mut map = reader.map(node)?;
    let kind_node = reader.required(&mut map, "type");
    let options = map.take("options");
    let kind = kind_node.and_then(|node| kind(reader, node, options));
    let required = reader.flag(map.take("required"));
    let (min, max) = match &kind {
        Some(kind) if !matches!(kind, FieldKind::Bool | FieldKind::Choice(_) | FieldKind::Ref(_)) => {
            let min = map.take("min").and_then(|node| bound(reader, node, kind));
            (min, map.take("max").and_then(|node| bound(reader, node, kind)))
        }
        Some(_) => (None, None),
        None => {
            map.take("min");
            map.take("max");
            (None, None)
        }
    };
    reader.close(&map, &["type", "required", "min", "max", "options"]);
    Some(FormField { name: name.to_owned(), kind: kind?, required, min, max })
}

fn kind(reader: &mut Reader<'_>, node: &Node, options: Option<&Node>) -> Option<FieldKind> {
    let text = reader.text(node)?;
    if let (Some(options), true) = (options, text != "choice") {
        reader.report(options.at, "WF004", &[("key", "options"), ("known", "`options` only with `type: choice`")]);
    }
    match text {
        "text" => Some(FieldKind::Text),
        "string" => Some(FieldKind::String),
        "files" if reader.vocabulary.mode == Mode::Live => {
            reader.report(node.at, "WF200", &[("key", "type: files")]);
            None
        }
        "files" => Some(FieldKind::Files),
        "int" => Some(FieldKind::Int),
        "decimal" => Some(FieldKind::Decimal),
        "bool" => Some(FieldKind::Bool),
        "date" => Some(FieldKind::Date),
        "time" => Some(FieldKind::Time),
        "money" => Some(FieldKind::Money),
        "choice" => {
            let items = options.map_or(&[][..], |node| reader.list(node, 100, "options"));
            if items.is_empty() {
                reader.report(node.at, "WF005", &[("key", "options")]);
                return None;
            }
            Some(FieldKind::Choice(items.iter().filter_map(|item| reader.id(item).map(str::to_owned)).collect()))
        }
        _ => {
            if let Some(of) = text.strip_prefix("ref(").and_then(|rest| rest.strip_suffix(')')) {
                return reader.check_id(node.at, of).then(|| FieldKind::Ref(of.to_owned()));
            }
            reader.report(node.at, "WF006", &[("value", text), ("options", &TYPES.join(", "))]);
            None
        }
    }
}

/// A number, or `doc.<field>` of the same type.
fn bound(reader: &mut Reader<'_>, node: &Node, kind: &FieldKind) -> Option<Bound> {
    if let NodeKind::Text(text) = &node.kind
        && let Some(name) = text.strip_prefix("doc.")
    {
        return field_bound(reader, node, kind, name);
    }
    let value = match (kind, &node.kind) {
        (FieldKind::Int, NodeKind::Int(number)) => Some(Value::Int(*number)),
        (FieldKind::Text | FieldKind::String | FieldKind::Files, NodeKind::Int(number)) if (0..=100_000).contains(number) => {
            Some(Value::Int(*number))
        }
        (FieldKind::Decimal | FieldKind::Money, NodeKind::Int(number)) => Some(Value::Decimal((*number).into())),
        (FieldKind::Decimal | FieldKind::Money, NodeKind::Float(number)) => {
            Decimal::from_str_exact(&number.to_string()).ok().map(Value::Decimal)
        }
        _ => None,
    };
    if value.is_none() {
        let expected = if matches!(kind, FieldKind::Date | FieldKind::Time) { "`doc.<field>`" } else { "a number or `doc.<field>`" };
        reader.report(node.at, "WF003", &[("expected", expected), ("found", node.describe())]);
    }
    value.map(Bound::Literal)
}

fn field_bound(reader: &mut Reader<'_>, node: &Node, kind: &FieldKind, name: &str) -> Option<Bound> {
    let found = reader.field(node.at, name)?.ty;
    let wanted = Type::from(kind);
    if wanted != found || matches!(wanted, Type::Text | Type::List(_)) {
        reader.report(node.at, "WF309", &[("expected", &wanted.to_string()), ("found", &found.to_string())]);
        return None;
    }
    Some(Bound::Field(name.to_owned()))
}
