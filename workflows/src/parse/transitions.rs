//! `transitions`, their `to`, `require` and `approvals`.

use indexmap::IndexMap;

use super::reader::Reader;
use super::states::{guard, last_is_open};
use super::{approvals, effects, form};
use crate::definition::{Branch, FormField, FromStates, Reason, To, Transition};
use crate::guard::Names;
use crate::yaml::{At, Node, NodeKind};

const MOST: usize = 120;
const KEYS: [&str; 11] = ["from", "except", "to", "permission", "when", "require", "form", "reason", "system", "approvals", "effects"];

pub(super) fn transitions(reader: &mut Reader<'_>, node: &Node, workflow: &str) -> IndexMap<String, Transition> {
    let mut transitions = IndexMap::new();
    let Some(map) = reader.map(node) else { return transitions };
    if map.entries.len() > MOST {
        reader.report(map.at, "WF009", &[("limit", &MOST.to_string()), ("what", "transitions")]);
        return transitions;
    }
    for entry in &map.entries {
        if reader.check_id(entry.at, entry.key)
            && let Some(transition) = transition(reader, entry.key, entry.node, workflow)
        {
            transitions.insert(entry.key.to_owned(), transition);
        }
    }
    rejections(reader, &transitions);
    transitions
}

fn transition(reader: &mut Reader<'_>, id: &str, node: &Node, workflow: &str) -> Option<Transition> {
    let mut map = reader.map(node)?;
    let form = map.take("form").map(|node| form::form(reader, node)).unwrap_or_default();
    let require = map.take("require").map(|node| require(reader, node)).unwrap_or_default();
    let names = Names { subject: reader.subject, vocabulary: reader.vocabulary, form: &form, required: &require };
    let when = map.take("when").and_then(|node| guard(reader, node, names));
    let to_node = reader.required(&mut map, "to");
    let to = to_node.and_then(|node| to(reader, node, names));
    let from_node = reader.required(&mut map, "from");
    let except = map.take("except");
    let from = from_node.map(|node| from(reader, node, except, to.as_ref()));
    let permission = reader.required(&mut map, "permission").and_then(|node| {
        let name = reader.text(node)?;
        reader.permission(node.at, name)
    });
    let reason = map.take("reason").and_then(|node| reader.word(node, asked, &["required", "optional"])).unwrap_or(Reason::None);
    let system = reader.flag(map.take("system"));
    let approvals_node = map.take("approvals");
    let approvals = approvals_node.and_then(|node| approvals::approvals(reader, node, names, (workflow, id)));
    let effects = map.take("effects").map(|node| effects::effects(reader, node, names)).unwrap_or_default();
    reader.close(&map, &KEYS);
    if let Some(node) = approvals_node {
        fit_for_approval(reader, id, node.at, &form, to.as_ref());
    }
    let (from, to, permission) = (FromStates(from?), to?, permission?);
    Some(Transition { id: id.to_owned(), from, to, permission, require, form, reason, system, approvals, when, effects })
}

fn asked(word: &str) -> Option<Reason> {
    Reason::parse(word).filter(|reason| *reason != Reason::None)
}

/// The votes of a request carry no form, and a request is closed by leaving its state.
fn fit_for_approval(reader: &mut Reader<'_>, id: &str, at: At, form: &[FormField], to: Option<&To>) {
    if !form.is_empty() {
        reader.report(at, "WF214", &[]);
    }
    if matches!(to, Some(To::Same)) {
        reader.report(at, "WF215", &[("name", id)]);
    }
}

/// `from`: a state, a list, or `"*"`, which is every state that does not end the record's life, without those under `except` and the target.
fn from(reader: &mut Reader<'_>, node: &Node, except: Option<&Node>, to: Option<&To>) -> Vec<String> {
    let everywhere = matches!(&node.kind, NodeKind::Text(text) if text == "*");
    if let (false, Some(except)) = (everywhere, except) {
        reader.report(except.at, "WF004", &[("key", "except"), ("known", "`except` only with `from: \"*\"`")]);
    }
    if everywhere {
        let without = except.map(|node| some_states(reader, node)).unwrap_or_default();
        let target = if let Some(To::State(state)) = to { Some(state) } else { None };
        let open = reader.states.iter().filter(|(id, terminal)| !terminal && !without.contains(id) && Some(id) != target);
        return open.map(|(id, _)| id.clone()).collect();
    }
    some_states(reader, node)
}

/// A state or a list of states.
pub(super) fn some_states(reader: &mut Reader<'_>, node: &Node) -> Vec<String> {
    if matches!(node.kind, NodeKind::Text(_)) {
        return reader.state(node).into_iter().collect();
    }
    let mut states = Vec::new();
    let items = reader.list(node, 60, "states");
    if items.is_empty() {
        reader.report(node.at, "WF003", &[("expected", "a state or a list of states"), ("found", node.describe())]);
    }
    for item in items {
        states.extend(reader.state(item).filter(|state| !states.contains(state)));
    }
    states
}

fn to(reader: &mut Reader<'_>, node: &Node, names: Names<'_>) -> Option<To> {
    match &node.kind {
        NodeKind::Text(text) if text == "same" => Some(To::Same),
        NodeKind::Text(_) => reader.state(node).map(To::State),
        _ => {
            let items = reader.list(node, 20, "branches");
            if items.is_empty() {
                reader.report(node.at, "WF003", &[("expected", "a state, `same` or a list of branches"), ("found", node.describe())]);
            }
            let mut branches = Vec::with_capacity(items.len());
            for (i, item) in items.iter().enumerate() {
                let mut map = reader.map(item)?;
                let state = reader.required(&mut map, "state").and_then(|node| reader.state(node));
                let when = map.take("when");
                last_is_open(reader, item, i + 1 == items.len(), when);
                let when = when.and_then(|node| guard(reader, node, names));
                reader.close(&map, &["when", "state"]);
                branches.push(Branch { state: state?, when });
            }
            (!branches.is_empty()).then_some(To::First(branches))
        }
    }
}

/// Record fields that must be filled, as `doc.<path>`.
fn require(reader: &mut Reader<'_>, node: &Node) -> Vec<String> {
    let mut fields: Vec<String> = Vec::new();
    for item in reader.list(node, 40, "fields") {
        let Some((path, typed)) = reader.doc_path(item) else { continue };
        if typed.nullable {
            fields.push(path);
        } else {
            reader.report(item.at, "WF320", &[("name", &format!("doc.{path}"))]);
        }
    }
    fields
}

/// What a rejection fires must be able to answer for it: from the state of the request, with a reason, at once.
fn rejections(reader: &mut Reader<'_>, transitions: &IndexMap<String, Transition>) {
    for transition in transitions.values() {
        let Some(name) = transition.approvals.as_ref().and_then(|approvals| approvals.on_reject.as_deref()) else { continue };
        let Some(rejection) = transitions.get(name) else { continue };
        let at = reader.places.get(&format!("transition.{name}")).copied().unwrap_or_default();
        if rejection.reason != Reason::Required {
            reader.report(at, "WF213", &[("name", name)]);
        }
        if rejection.approvals.is_some() {
            reader.report(at, "WF216", &[("name", name)]);
        }
        for state in transition.from.states().iter().filter(|state| !rejection.from.contains(state)) {
            reader.report(at, "WF212", &[("name", name), ("state", state)]);
        }
    }
}
