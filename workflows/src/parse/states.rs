//! `states` and `initial`.

use indexmap::IndexMap;

use super::effects;
use super::reader::Reader;
use crate::definition::{Category, Initial, State, Tone};
use crate::guard::{Compiler, Guard, Names};
use crate::yaml::Node;

const MOST: usize = 60;
const KEYS: [&str; 4] = ["category", "tone", "flags", "terminal"];

pub(super) fn states(reader: &mut Reader<'_>, node: &Node) -> IndexMap<String, State> {
    let mut states = IndexMap::new();
    let Some(map) = reader.map(node) else { return states };
    if map.entries.len() > MOST {
        reader.report(map.at, "WF009", &[("limit", &MOST.to_string()), ("what", "states")]);
        return states;
    }
    for entry in &map.entries {
        if reader.check_id(entry.at, entry.key) {
            reader.places.insert(format!("state.{}", entry.key), entry.at);
            // a state with mistakes still exists, so that what refers to it is not reported as well
            let blank =
                State { id: entry.key.to_owned(), category: Category::Todo, tone: Tone::Neutral, flags: Vec::new(), terminal: false };
            states.insert(entry.key.to_owned(), state(reader, entry.node, blank.clone()).unwrap_or(blank));
        }
    }
    states
}

fn state(reader: &mut Reader<'_>, node: &Node, blank: State) -> Option<State> {
    let mut map = reader.map(node)?;
    let category = reader.required(&mut map, "category").and_then(|node| reader.word(node, Category::parse, Category::WORDS));
    let tone = match map.take("tone") {
        Some(node) => reader.word(node, Tone::parse, Tone::WORDS),
        None => Some(Tone::Neutral),
    };
    let flags = map.take("flags").map_or(&[][..], |node| reader.list(node, 20, "flags"));
    let flags = flags.iter().filter_map(|node| reader.id(node).map(str::to_owned)).collect();
    let terminal = reader.flag(map.take("terminal"));
    reader.close(&map, &KEYS);
    let (category, tone) = (category.unwrap_or(blank.category), tone.unwrap_or(blank.tone));
    Some(State { category, tone, flags, terminal, ..blank })
}

pub(super) fn initial(reader: &mut Reader<'_>, node: &Node) -> Vec<Initial> {
    let items = reader.list(node, 20, "entries");
    if items.is_empty() {
        reader.report(node.at, "WF106", &[]);
    }
    let names = reader.names();
    let mut entries = Vec::new();
    for (i, item) in items.iter().enumerate() {
        let Some(mut map) = reader.map(item) else { continue };
        let at = map.at;
        let to = reader.required(&mut map, "to").and_then(|node| reader.state(node));
        let when = map.take("when");
        last_is_open(reader, item, i + 1 == items.len(), when);
        let when = when.and_then(|node| guard(reader, node, names));
        let effects = map.take("effects").map(|node| effects::effects(reader, node, names)).unwrap_or_default();
        reader.close(&map, &["when", "to", "effects"]);
        if let Some(to) = to {
            reader.places.insert(format!("initial.{}", entries.len()), at);
            entries.push(Initial { to, when, effects });
        }
    }
    entries
}

/// In a list tried in order the last entry, and only the last, goes without a condition.
pub(super) fn last_is_open(reader: &mut Reader<'_>, item: &Node, last: bool, when: Option<&Node>) {
    if last == when.is_some() {
        reader.report(when.map_or(item.at, |when| when.at), "WF106", &[]);
    }
}

/// A condition.
pub(super) fn guard(reader: &mut Reader<'_>, node: &Node, names: Names<'_>) -> Option<Guard> {
    let written = reader.written(node)?;
    Compiler { names, found: &mut reader.found }.guard(written.as_text())
}
