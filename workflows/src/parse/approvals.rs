//! `approvals`: who must agree.

use super::effects;
use super::reader::{Map, Reader};
use super::states::guard;
use crate::definition::{Approvals, Escalate, Level, Target, Who};
use crate::guard::{Names, Type};
use crate::yaml::{Node, NodeKind};

/// `place` is the ids of the workflow and of the transition.
pub(super) fn approvals(reader: &mut Reader<'_>, node: &Node, names: Names<'_>, place: (&str, &str)) -> Option<Approvals> {
    let mut map = reader.map(node)?;
    let on_reject = map.take("on_reject").and_then(|node| reader.transition(node));
    let own = reader.flag(map.take("self"));
    let (at, text) = match map.take("text") {
        Some(node) => (node.at, reader.text(node)?.to_owned()),
        None => (map.at, format!("{}.approval_requested", place.0)),
    };
    let text = reader.message(at, &text);
    let void_on_change = map.take("void_on_change").map(|node| fields(reader, node)).unwrap_or_default();
    let levels_node = reader.required(&mut map, "levels");
    reader.close(&map, &["levels", "on_reject", "self", "text", "void_on_change"]);
    let items = levels_node.map_or(&[][..], |node| reader.list(node, 20, "levels"));
    if let (Some(node), true) = (levels_node, items.is_empty()) {
        reader.report(node.at, "WF003", &[("expected", "a level"), ("found", "none")]);
    }
    let mut levels: Vec<Level> = Vec::with_capacity(items.len());
    for item in items {
        let Some(level) = level(reader, item, names) else { continue };
        if levels.iter().any(|other| other.id == level.id) {
            reader.report(item.at, "WF011", &[("value", &level.id)]);
        }
        reader.places.insert(format!("level.{}.{}", place.1, level.id), item.at);
        levels.push(level);
    }
    Some(Approvals { on_reject, own, text: text?, void_on_change, levels })
}

/// Record fields by their plain names.
fn fields(reader: &mut Reader<'_>, node: &Node) -> Vec<String> {
    let mut fields = Vec::new();
    for item in reader.list(node, 40, "fields") {
        let Some(name) = reader.text(item) else { continue };
        let name = name.strip_prefix("doc.").unwrap_or(name);
        if reader.field(item.at, name).is_some() {
            fields.push(name.to_owned());
        }
    }
    fields
}

fn level(reader: &mut Reader<'_>, node: &Node, names: Names<'_>) -> Option<Level> {
    let mut map = reader.map(node)?;
    let id = reader.required(&mut map, "id").and_then(|node| reader.id(node));
    let who = who(reader, &mut map);
    let need = map.take("need").map_or(Some(1), |node| reader.number(node, 1, 20));
    let when = map.take("when").and_then(|node| guard(reader, node, names));
    let scope = map.take("scope").and_then(|node| scope(reader, node));
    let escalate = map.take("escalate").and_then(|node| escalate(reader, node, names));
    reader.close(&map, &["id", "perm", "role", "need", "when", "scope", "escalate"]);
    Some(Level { id: id?.to_owned(), who: who?, need: need?, scope, escalate, when })
}

/// `perm` or `role`, and only one of them.
pub(super) fn who(reader: &mut Reader<'_>, map: &mut Map<'_>) -> Option<Who> {
    match (map.take("perm"), map.take("role")) {
        (Some(node), None) => reader.text(node).and_then(|name| reader.permission(node.at, name)).map(Who::Permission),
        (None, Some(node)) => reader.text(node).and_then(|name| reader.role(node.at, name)).map(Who::Role),
        (Some(node), Some(_)) => {
            reader.report(node.at, "WF003", &[("expected", "`perm` or `role`"), ("found", "both")]);
            None
        }
        (None, None) => {
            reader.report(map.at, "WF005", &[("key", "perm")]);
            None
        }
    }
}

/// A field that names a place.
fn scope(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let (path, typed) = reader.doc_path(node)?;
    if !matches!(typed.ty.refers_to(), Some("site" | "location")) {
        let found = typed.ty.to_string();
        reader.report(node.at, "WF309", &[("expected", "ref(location) or ref(site)"), ("found", &found)]);
        return None;
    }
    Some(path)
}

/// `{after: PT8H, to: 'role:manager'}`, or a list of whom.
fn escalate(reader: &mut Reader<'_>, node: &Node, names: Names<'_>) -> Option<Escalate> {
    let mut map = reader.map(node)?;
    let after = reader.required(&mut map, "after").and_then(|node| reader.span(node));
    let to_node = reader.required(&mut map, "to");
    reader.close(&map, &["after", "to"]);
    let items = match to_node.map(|node| (node, &node.kind)) {
        Some((_, NodeKind::List(items))) => items.iter().collect(),
        Some((node, _)) => vec![node],
        None => Vec::new(),
    };
    let mut to = Vec::with_capacity(items.len());
    for item in items {
        match effects::target(reader, item, names) {
            // whoever asked, or pressed last, does not decide because time has passed
            Some(Target::Actor | Target::Input(_)) => reader.report(item.at, "WF210", &[("name", item.describe())]),
            Some(target) => to.push(target),
            None => {}
        }
    }
    Some(Escalate { after: after?, to })
}

/// Whether a type is that of a member, or of several.
pub(super) fn is_people(ty: &Type) -> bool {
    match ty {
        Type::List(of) => of.ty.refers_to() == Some("member"),
        other => other.refers_to() == Some("member"),
    }
}
