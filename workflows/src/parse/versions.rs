//! What concerns versions of a file: its calendar, what overlays must not weaken, how records come over.

use std::collections::{BTreeMap, BTreeSet};

use super::reader::Reader;
use crate::definition::{CalendarRef, Migrate};
use crate::yaml::{Node, NodeKind};

/// `calendar: tenant.<name>`
pub(super) fn calendar(reader: &mut Reader<'_>, node: Option<&Node>) -> CalendarRef {
    let name = node.and_then(|node| {
        let text = reader.text(node)?;
        let name = text.strip_prefix("tenant.");
        if name.is_none() {
            reader.report(node.at, "WF003", &[("expected", "`tenant.<name>`"), ("found", &format!("`{text}`"))]);
        }
        name.filter(|name| reader.check_id(node.at, name))
    });
    CalendarRef::Tenant(name.unwrap_or("default").to_owned())
}

/// `locked: [transitions.approve.approvals]`
pub(super) fn locked(reader: &mut Reader<'_>, node: &Node, document: &Node) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for item in reader.list(node, 200, "parts") {
        let Some(path) = reader.text(item) else { continue };
        if path.split('.').try_fold(document, part).is_some() {
            paths.insert(path.to_owned());
        } else {
            reader.report(item.at, "WF219", &[("name", path)]);
        }
    }
    paths
}

/// The part of a node under a key; of a list, the entry with that `id`.
fn part<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    let is = |node: &Node| matches!(&node.kind, NodeKind::Text(text) if text == name);
    match &node.kind {
        NodeKind::Map(entries) => entries.iter().find(|(key, _)| is(key)).map(|(_, value)| value),
        NodeKind::List(items) => items.iter().find(|item| {
            matches!(&item.kind, NodeKind::Map(entries) if entries.iter().any(|(key, value)| matches!(&key.kind, NodeKind::Text(key) if key == "id") && is(value)))
        }),
        _ => None,
    }
}

/// `migrate: {from: 3, states: {old: new}}`
pub(super) fn migrate(reader: &mut Reader<'_>, node: &Node, version: u32) -> Option<Migrate> {
    let mut map = reader.map(node)?;
    let from = reader.required(&mut map, "from").and_then(|node| reader.number(node, 1, version.saturating_sub(1).max(1)));
    let mut states = BTreeMap::new();
    let mapped = map.take("states").and_then(|node| reader.map(node));
    for entry in mapped.iter().flat_map(|mapped| &mapped.entries) {
        if reader.check_id(entry.at, entry.key)
            && let Some(state) = reader.state(entry.node)
        {
            states.insert(entry.key.to_owned(), state);
        }
    }
    reader.close(&map, &["from", "states"]);
    Some(Migrate { from: from?, states })
}
