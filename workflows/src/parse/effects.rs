//! `effects`: what a file may have done. The registry says what there is.

use super::approvals::{is_people, who};
use super::reader::{Map, Reader};
use super::states::guard;
use super::stock;
use crate::definition::{Action, Channel, EFFECTS, Effect, EffectKind, StockOp, Target};
use crate::diagnostic::nearest;
use crate::guard::{Compiler, Expression, Names, Type, Typed};
use crate::subject::{Kind, Mode};
use crate::yaml::{At, Node, NodeKind};

const MOST: usize = 30;

pub(super) fn effects(reader: &mut Reader<'_>, node: &Node, names: Names<'_>) -> Vec<Effect> {
    let items = reader.list(node, MOST, "effects");
    items.iter().filter_map(|item| effect(reader, item, names)).collect()
}

/// Effects written beside other keys, as in `warn: {at: 80%, notify: …}`, and those under `effects`.
pub(super) fn inline(reader: &mut Reader<'_>, map: &mut Map<'_>, names: Names<'_>) -> Vec<Effect> {
    let found: Vec<_> =
        map.entries.iter().filter(|entry| EffectKind::named(entry.key).is_some()).map(|entry| (entry.key, entry.at)).collect();
    let mut effects_found = Vec::new();
    for (key, at) in found {
        if let (Some(body), Some(kind)) = (map.take(key), EffectKind::named(key)) {
            effects_found.extend(action(reader, kind, at, body, names).map(|action| Effect { kind, when: None, action, at }));
        }
    }
    if let Some(node) = map.take("effects") {
        effects_found.extend(effects(reader, node, names));
    }
    effects_found
}

fn effect(reader: &mut Reader<'_>, node: &Node, names: Names<'_>) -> Option<Effect> {
    let mut map = reader.map(node)?;
    let condition = map.take("when");
    let when = condition.and_then(|node| guard(reader, node, names));
    let Some((key, at, body)) = map.entries.iter().find(|entry| entry.key != "when").map(|entry| (entry.key, entry.at, entry.node)) else {
        reader.report(map.at, "WF003", &[("expected", "an effect"), ("found", "none")]);
        return None;
    };
    map.take(key);
    if let Some(second) = map.entries.iter().find(|entry| entry.key != "when" && entry.key != key) {
        reader.report(second.at, "WF003", &[("expected", "one effect an entry"), ("found", &format!("`{key}` and `{}`", second.key))]);
        return None;
    }
    let Some(kind) = EffectKind::named(key) else {
        let hint = nearest(key, EFFECTS.iter().map(|row| row.name));
        reader.report(at, "WF203", &[("name", key), ("hint", &hint)]);
        return None;
    };
    action(reader, kind, at, body, names).map(|action| Effect { kind, when, action, at })
}

fn action(reader: &mut Reader<'_>, kind: &'static EffectKind, at: At, body: &Node, names: Names<'_>) -> Option<Action> {
    if !kind.built && reader.vocabulary.mode == Mode::Live {
        reader.report(at, "WF200", &[("key", kind.name)]);
        return None;
    }
    match kind.name {
        "set" => set(reader, body, names),
        "assign" => assign(reader, at, body, names),
        "create" => create(reader, body, names),
        "notify" => notify(reader, body, names),
        "webhook" => webhook(reader, body, names),
        "transition" => transition(reader, body, names),
        "purge" => purge(reader, body),
        "start_sla" | "stop_sla" => reader.sla(body).map(|sla| Action::Sla { sla, start: kind.name == "start_sla" }),
        "stock.reserve" => stock::stock(reader, kind, StockOp::Reserve, body, names),
        "stock.release" => stock::stock(reader, kind, StockOp::Release, body, names),
        "stock.consume" => stock::stock(reader, kind, StockOp::Consume, body, names),
        "stock.move" => stock::stock(reader, kind, StockOp::Move, body, names),
        _ => stock::stock(reader, kind, StockOp::WriteOff, body, names),
    }
}

/// `set: {field: expression}`
fn set(reader: &mut Reader<'_>, node: &Node, names: Names<'_>) -> Option<Action> {
    let map = reader.map(node)?;
    let mut fields = Vec::with_capacity(map.entries.len());
    for entry in &map.entries {
        let Some(field) = writable(reader, entry.at, entry.key) else { continue };
        fields.extend(expression(reader, entry.node, names, &field).map(|expression| (entry.key.to_owned(), expression)));
    }
    if map.entries.is_empty() {
        reader.report(node.at, "WF003", &[("expected", "fields to write"), ("found", "none")]);
    }
    Some(Action::Set(fields))
}

/// An expression whose value goes into something of type `expected`.
fn expression(reader: &mut Reader<'_>, node: &Node, names: Names<'_>, expected: &Typed) -> Option<Expression> {
    let written = reader.written(node)?;
    Compiler { names, found: &mut reader.found }.expression(written.as_text(), expected)
}

/// An expression of any type, with it.
pub(super) fn anything(reader: &mut Reader<'_>, node: &Node, names: Names<'_>) -> Option<(Expression, Typed)> {
    let written = reader.written(node)?;
    Compiler { names, found: &mut reader.found }.anything(written.as_text())
}

/// The type of a field effects may write.
fn writable(reader: &mut Reader<'_>, at: At, name: &str) -> Option<Typed> {
    let subject = reader.subject;
    match subject.field(name) {
        Some(field) if field.writable => Some(Typed::from(field)),
        Some(_) => {
            reader.report(at, "WF208", &[("name", name)]);
            None
        }
        None => {
            let hint = nearest(name, subject.fields.iter().filter(|field| field.writable).map(|field| field.name));
            reader.report(at, "WF204", &[("entity", subject.key), ("name", name), ("hint", &hint)]);
            None
        }
    }
}

/// `assign: expression`, a member or `null`, for the record's `assignee`; or `assign: {role: …}`, somebody of them.
fn assign(reader: &mut Reader<'_>, at: At, node: &Node, names: Names<'_>) -> Option<Action> {
    let field = writable(reader, at, "assignee")?;
    if matches!(node.kind, NodeKind::Map(_)) {
        let mut map = reader.map(node)?;
        let who = who(reader, &mut map);
        reader.close(&map, &["role", "perm"]);
        return who.map(Action::AssignTo);
    }
    expression(reader, node, names, &field).map(Action::Assign)
}

/// `create: {subject, set}`
fn create(reader: &mut Reader<'_>, node: &Node, names: Names<'_>) -> Option<Action> {
    let mut map = reader.map(node)?;
    let subject = reader.required(&mut map, "subject").and_then(|node| subject(reader, node));
    let fields = map.take("set").and_then(|node| reader.map(node));
    reader.close(&map, &["subject", "set"]);
    let subject = subject?;
    let known = reader.vocabulary.subjects.iter().find(|known| known.key == subject);
    let creatable = reader.vocabulary.creatable.iter().find(|creatable| creatable.subject == subject);
    let given = |name: &&&str| fields.iter().flat_map(|fields| &fields.entries).any(|entry| entry.key == **name);
    for name in creatable.iter().flat_map(|creatable| creatable.required).filter(|name| !given(name)) {
        reader.report(node.at, "WF005", &[("key", name)]);
    }
    let mut set = Vec::new();
    for entry in fields.iter().flat_map(|fields| &fields.entries) {
        let is_field = known.is_some_and(|known| known.field(entry.key).is_some());
        if is_field && creatable.is_some_and(|creatable| !creatable.fields.contains(&entry.key)) {
            reader.report(entry.at, "WF208", &[("name", entry.key)]);
            continue;
        }
        let value = match known.map(|known| (known, known.field(entry.key))) {
            None => anything(reader, entry.node, names).map(|(expression, _)| expression),
            Some((_, Some(field))) => expression(reader, entry.node, names, &Typed::from(field)),
            Some((known, None)) => {
                let hint = nearest(entry.key, known.fields.iter().map(|field| field.name));
                reader.report(entry.at, "WF204", &[("entity", known.key), ("name", entry.key), ("hint", &hint)]);
                None
            }
        };
        set.extend(value.map(|value| (entry.key.to_owned(), value)));
    }
    Some(Action::Create { subject, fields: set })
}

/// A kind of record.
fn subject(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let name = reader.id(node)?;
    let known = reader.vocabulary.subjects;
    if !known.is_empty() && !known.iter().any(|known| known.key == name) {
        let hint = nearest(name, known.iter().map(|known| known.key));
        reader.report(node.at, "WF218", &[("name", name), ("hint", &hint)]);
        return None;
    }
    Some(name.to_owned())
}

/// `notify: {text, to, channels}`
fn notify(reader: &mut Reader<'_>, node: &Node, names: Names<'_>) -> Option<Action> {
    let mut map = reader.map(node)?;
    let text = reader.required(&mut map, "text").and_then(|node| {
        let name = reader.text(node)?;
        reader.message(node.at, name)
    });
    let to = targets(reader, &mut map, names);
    let channels = map.take("channels").map_or(&[][..], |node| reader.list(node, 3, "channels"));
    let channels = channels.iter().filter_map(|node| reader.word(node, Channel::parse, Channel::WORDS)).collect();
    reader.close(&map, &["text", "to", "channels"]);
    Some(Action::Notify { text: text?, to, channels })
}

/// `webhook: {endpoint, fields: {name: expression}}`
fn webhook(reader: &mut Reader<'_>, node: &Node, names: Names<'_>) -> Option<Action> {
    let mut map = reader.map(node)?;
    let endpoint = reader.required(&mut map, "endpoint").and_then(|node| reader.id(node));
    let fields = map.take("fields").map(|node| expressions(reader, node, names)).unwrap_or_default();
    reader.close(&map, &["endpoint", "fields"]);
    Some(Action::Webhook { endpoint: endpoint?.to_owned(), fields })
}

fn expressions(reader: &mut Reader<'_>, node: &Node, names: Names<'_>) -> Vec<(String, Expression)> {
    let Some(map) = reader.map(node) else { return Vec::new() };
    let mut found = Vec::with_capacity(map.entries.len());
    for entry in &map.entries {
        if reader.check_id(entry.at, entry.key) {
            found.extend(anything(reader, entry.node, names).map(|(expression, _)| (entry.key.to_owned(), expression)));
        }
    }
    found
}

/// `transition: {record, do, input, reason}`
fn transition(reader: &mut Reader<'_>, node: &Node, names: Names<'_>) -> Option<Action> {
    let mut map = reader.map(node)?;
    let record_node = reader.required(&mut map, "record");
    let record = record_node.and_then(|node| anything(reader, node, names));
    let transition = reader.required(&mut map, "do").and_then(|node| reader.id(node));
    let input = map.take("input").map(|node| expressions(reader, node, names)).unwrap_or_default();
    let reason = map.take("reason").and_then(|node| reader.text(node)).map(str::to_owned);
    reader.close(&map, &["record", "do", "input", "reason"]);
    let (record, typed) = record?;
    let at = record_node.map_or(node.at, |node| node.at);
    let Some(subject) = typed.ty.refers_to().map(str::to_owned) else {
        reader.report(at, "WF309", &[("expected", "a reference"), ("found", &typed.ty.to_string())]);
        return None;
    };
    if typed.nullable {
        reader.report(at, "WF310", &[("name", &record.source)]);
    }
    // a scenario may move records that have no table yet
    let known = reader.vocabulary.subjects;
    if reader.vocabulary.mode == Mode::Live && !known.is_empty() && !known.iter().any(|known| known.key == subject) {
        let hint = nearest(&subject, known.iter().map(|known| known.key));
        reader.report(at, "WF218", &[("name", &subject), ("hint", &hint)]);
        return None;
    }
    Some(Action::Transition { subject, record, transition: transition?.to_owned(), input, reason })
}

/// `purge: {}` or `purge: true`
fn purge(reader: &mut Reader<'_>, node: &Node) -> Option<Action> {
    match &node.kind {
        NodeKind::Bool(true) | NodeKind::Null => {}
        NodeKind::Map(entries) if entries.is_empty() => {}
        _ => {
            reader.report(node.at, "WF003", &[("expected", "`{}`"), ("found", node.describe())]);
            return None;
        }
    }
    Some(Action::Purge)
}

fn targets(reader: &mut Reader<'_>, map: &mut Map<'_>, names: Names<'_>) -> Vec<Target> {
    let Some(node) = reader.required(map, "to") else { return Vec::new() };
    let items = reader.list(node, 20, "recipients");
    if items.is_empty() {
        reader.report(node.at, "WF003", &[("expected", "somebody to tell"), ("found", "nobody")]);
    }
    items.iter().filter_map(|item| target(reader, item, names)).collect()
}

pub(super) fn target(reader: &mut Reader<'_>, node: &Node, names: Names<'_>) -> Option<Target> {
    let text = reader.text(node)?;
    if text == "actor" {
        return Some(Target::Actor);
    }
    if let Some(role) = text.strip_prefix("role:") {
        return reader.role(node.at, role).map(Target::Role);
    }
    if let Some(permission) = text.strip_prefix("perm:") {
        return reader.permission(node.at, permission).map(Target::Permission);
    }
    let (people, target) = if let Some(path) = text.strip_prefix("doc.") {
        let typed = reader.field(node.at, path)?;
        (is_people(&typed.ty), Target::Doc(path.to_owned()))
    } else if let Some(name) = text.strip_prefix("input.") {
        let Some(field) = names.form.iter().find(|field| field.name == name) else {
            let hint = nearest(name, names.form.iter().map(|field| field.name.as_str()));
            reader.report(node.at, "WF211", &[("name", name), ("hint", &hint)]);
            return None;
        };
        (is_people(&Type::from(&field.kind)), Target::Input(name.to_owned()))
    } else {
        (false, Target::Actor)
    };
    if !people {
        reader.report(node.at, "WF210", &[("name", text)]);
        return None;
    }
    Some(target)
}

/// Whether a kind is that of a record's line of stock: a part and a quantity.
pub(super) fn is_line(kind: &Kind) -> bool {
    let Kind::Object(fields) = kind else { return false };
    let has = |name: &str, fits: fn(&Type) -> bool| fields.iter().any(|field| field.name == name && fits(&Type::from(&field.kind)));
    has("part", |ty| ty.refers_to() == Some("part")) && has("qty", |ty| matches!(ty, Type::Int | Type::Decimal))
}
