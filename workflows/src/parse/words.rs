//! `labels` and `texts`: the words a company's own file brings along.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use super::reader::Reader;
use crate::definition::{Labels, Transition};
use crate::diagnostic::nearest;
use crate::yaml::{At, Node, NodeKind};

const LANGUAGES: [&str; 4] = ["kk", "ru", "en", "tr"];
/// Longest label, in characters.
const MAX_LABEL: usize = 80;
/// Longest message, in characters.
const MAX_TEXT: usize = 2_000;

type Words = BTreeMap<String, String>;

/// `texts: {<language>: {<key>: <message>}}`
pub(super) fn texts(reader: &mut Reader<'_>, node: &Node) -> BTreeMap<String, Words> {
    let mut texts = BTreeMap::new();
    for (language, node) in languages(reader, node) {
        let Some(map) = reader.map(node) else { continue };
        let mut words = Words::new();
        for entry in &map.entries {
            if let NodeKind::Text(text) = &entry.node.kind {
                placeholders(reader, entry.node, text);
            }
            let sound = entry.key.split('.').all(|part| reader.check_id(entry.at, part));
            if let (true, Some(text)) = (sound, worded(reader, entry.node, MAX_TEXT)) {
                words.insert(entry.key.to_owned(), text);
            }
        }
        texts.insert(language, words);
    }
    texts
}

/// The `%{name}` of a message are things messages may mention.
fn placeholders(reader: &mut Reader<'_>, node: &Node, text: &str) {
    let known = reader.vocabulary.variables;
    if known.is_empty() {
        return;
    }
    for name in text.split("%{").skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name)) {
        if !known.contains(&name) {
            let hint = nearest(name, known.iter().copied());
            reader.report(node.at, "WF221", &[("name", name), ("hint", &hint)]);
        }
    }
}

/// `labels: {<language>: {states: …, transitions: …, fields: …}}`
pub(super) fn labels(reader: &mut Reader<'_>, node: &Node, transitions: &IndexMap<String, Transition>) -> Labels {
    let states: Vec<String> = reader.states.iter().map(|(id, _)| id.clone()).collect();
    let ids = reader.transitions.clone();
    let fields: Vec<String> = transitions.values().flat_map(|transition| &transition.form).map(|field| field.name.clone()).collect();
    let levels = transitions.values().filter_map(|transition| transition.approvals.as_ref()).flat_map(|approvals| &approvals.levels);
    let levels: Vec<String> = levels.map(|level| level.id.clone()).collect();
    let slas = reader.slas.clone();
    let mut labels = Labels::default();
    for (language, node) in languages(reader, node) {
        let Some(mut map) = reader.map(node) else { continue };
        for (key, code, known, into) in [
            ("states", "WF205", &states, &mut labels.states),
            ("transitions", "WF207", &ids, &mut labels.transitions),
            ("fields", "WF211", &fields, &mut labels.fields),
            ("levels", "WF220", &levels, &mut labels.levels),
            ("slas", "WF217", &slas, &mut labels.slas),
        ] {
            if let Some(node) = map.take(key) {
                into.insert(language.clone(), section(reader, node, code, known));
            }
        }
        reader.close(&map, &["states", "transitions", "fields", "levels", "slas"]);
    }
    labels
}

fn section(reader: &mut Reader<'_>, node: &Node, code: &'static str, known: &[String]) -> Words {
    let mut words = Words::new();
    let Some(map) = reader.map(node) else { return words };
    for entry in &map.entries {
        if !known.iter().any(|id| id == entry.key) {
            unknown(reader, entry.at, code, entry.key, known);
        } else if let Some(text) = worded(reader, entry.node, MAX_LABEL) {
            words.insert(entry.key.to_owned(), text);
        }
    }
    words
}

fn unknown(reader: &mut Reader<'_>, at: At, code: &'static str, name: &str, known: &[String]) {
    let hint = nearest(name, known.iter().map(String::as_str));
    reader.report(at, code, &[("name", name), ("hint", &hint)]);
}

fn languages<'n>(reader: &mut Reader<'_>, node: &'n Node) -> Vec<(String, &'n Node)> {
    let Some(map) = reader.map(node) else { return Vec::new() };
    let mut found = Vec::with_capacity(map.entries.len());
    for entry in &map.entries {
        if LANGUAGES.contains(&entry.key) {
            found.push((entry.key.to_owned(), entry.node));
        } else {
            reader.report(entry.at, "WF006", &[("value", entry.key), ("options", &LANGUAGES.join(", "))]);
        }
    }
    found
}

fn worded(reader: &mut Reader<'_>, node: &Node, longest: usize) -> Option<String> {
    let text = reader.text(node)?;
    if text.chars().count() > longest {
        reader.report(node.at, "WF009", &[("limit", &longest.to_string()), ("what", "characters")]);
        return None;
    }
    Some(text.to_owned())
}
