//! `effects`: the registry of what a file may have done.

use super::reader::{Map, Reader};
use super::states::guard;
use crate::definition::{Action, Channel, Effect, Target};
use crate::diagnostic::nearest;
use crate::guard::{Compiler, Names, Type, Typed};
use crate::yaml::{At, Node};

const MOST: usize = 30;
/// Effects that can be carried out today.
const BUILT: [&str; 3] = ["set", "assign", "notify"];
/// Effects of the language whose machinery does not exist yet.
const LATER: [&str; 11] = [
    "create",
    "webhook",
    "transition",
    "purge",
    "start_sla",
    "stop_sla",
    "stock.reserve",
    "stock.release",
    "stock.consume",
    "stock.move",
    "stock.write_off",
];

pub(super) fn effects(reader: &mut Reader<'_>, node: &Node, names: Names<'_>) -> Vec<Effect> {
    let items = reader.list(node, MOST, "effects");
    items.iter().filter_map(|item| effect(reader, item, names)).collect()
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
    let action = match key {
        "set" => set(reader, body, names),
        "assign" => assign(reader, at, body, names),
        "notify" => notify(reader, body, names),
        later if LATER.contains(&later) => {
            reader.report(at, "WF200", &[("key", later)]);
            None
        }
        unknown => {
            let hint = nearest(unknown, BUILT.into_iter().chain(LATER));
            reader.report(at, "WF203", &[("name", unknown), ("hint", &hint)]);
            None
        }
    };
    Some(Effect { when, action: action? })
}

/// `set: {field: expression}`
fn set(reader: &mut Reader<'_>, node: &Node, names: Names<'_>) -> Option<Action> {
    let map = reader.map(node)?;
    let mut fields = Vec::with_capacity(map.entries.len());
    for entry in &map.entries {
        let Some(field) = writable(reader, entry.at, entry.key) else { continue };
        if let Some(written) = reader.written(entry.node) {
            let expression = Compiler { names, found: &mut reader.found }.expression(written.as_text(), &field);
            fields.extend(expression.map(|expression| (entry.key.to_owned(), expression)));
        }
    }
    if map.entries.is_empty() {
        reader.report(node.at, "WF003", &[("expected", "fields to write"), ("found", "none")]);
    }
    Some(Action::Set(fields))
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

/// `assign: expression`, a member or `null`, for the record's `assignee`.
fn assign(reader: &mut Reader<'_>, at: At, node: &Node, names: Names<'_>) -> Option<Action> {
    let field = writable(reader, at, "assignee")?;
    let written = reader.written(node)?;
    Compiler { names, found: &mut reader.found }.expression(written.as_text(), &field).map(Action::Assign)
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
    reader.close(&map, &["text", "to", "channels"], &[]);
    Some(Action::Notify { text: text?, to, channels })
}

fn targets(reader: &mut Reader<'_>, map: &mut Map<'_>, names: Names<'_>) -> Vec<Target> {
    let Some(node) = reader.required(map, "to") else { return Vec::new() };
    let items = reader.list(node, 20, "recipients");
    if items.is_empty() {
        reader.report(node.at, "WF003", &[("expected", "somebody to tell"), ("found", "nobody")]);
    }
    items.iter().filter_map(|item| target(reader, item, names)).collect()
}

fn target(reader: &mut Reader<'_>, node: &Node, names: Names<'_>) -> Option<Target> {
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
    let (found, target) = if let Some(name) = text.strip_prefix("doc.") {
        let Some(field) = reader.subject.field(name) else {
            let hint = nearest(name, reader.subject.fields.iter().map(|field| field.name));
            let entity = reader.subject.key;
            reader.report(node.at, "WF204", &[("entity", entity), ("name", name), ("hint", &hint)]);
            return None;
        };
        (Some(Type::from(&field.kind)), Target::Doc(name.to_owned()))
    } else if let Some(name) = text.strip_prefix("input.") {
        let Some(field) = names.form.iter().find(|field| field.name == name) else {
            let hint = nearest(name, names.form.iter().map(|field| field.name.as_str()));
            reader.report(node.at, "WF211", &[("name", name), ("hint", &hint)]);
            return None;
        };
        (Some(Type::from(&field.kind)), Target::Input(name.to_owned()))
    } else {
        (None, Target::Actor)
    };
    if found != Some(Type::Ref("member".to_owned())) {
        reader.report(node.at, "WF210", &[("name", text)]);
        return None;
    }
    Some(target)
}
