//! Reading `tests` and `invariants`: every mistake with its place, several in one go.

mod expect;
mod given;
mod step;

use std::collections::{BTreeMap, BTreeSet};

use super::invariant::Invariant;
use super::script::{Scenario, Script};
use crate::definition::Workflow;
use crate::parse::reader::Reader;
use crate::subject::Subject;
use crate::yaml::Node;

/// The most steps of a test.
const MAX_STEPS: usize = 200;
/// Longest name of a test, in characters.
const MAX_NAME: usize = 200;

/// What tests are read against.
#[derive(Clone, Copy)]
pub(super) struct Ground<'a> {
    pub workflow: &'a Workflow,
    pub subject: &'a Subject,
    /// Role → its permissions.
    pub roles: &'a BTreeMap<String, BTreeSet<String>>,
}

/// Reads the tests and invariants of a file. What is wrong is in the reader afterwards.
pub(super) fn script(reader: &mut Reader<'_>, ground: Ground<'_>, tests: &[Node], invariants: &[Node]) -> Script {
    reader.states = ground.workflow.states.values().map(|state| (state.id.clone(), state.terminal)).collect();
    reader.transitions = ground.workflow.transitions.keys().cloned().collect();
    let mut script = Script::default();
    for item in invariants {
        let Some(text) = reader.text(item) else { continue };
        match Invariant::compile(text, ground.subject) {
            Ok(invariant) => script.invariants.push(invariant),
            Err((code, params)) => {
                let params: Vec<_> = params.iter().map(|(name, value)| (*name, value.as_str())).collect();
                reader.report(item.at, code, &params);
            }
        }
    }
    for item in tests {
        if let Some(scenario) = scenario(reader, ground, item, &mut script) {
            script.scenarios.push(scenario);
        }
    }
    script
}

fn scenario(reader: &mut Reader<'_>, ground: Ground<'_>, node: &Node, script: &mut Script) -> Option<Scenario> {
    let mut map = reader.map(node)?;
    let name_node = reader.required(&mut map, "name");
    let name = name_node.and_then(|node| reader.text(node));
    if let (Some(node), Some(name)) = (name_node, name) {
        if name.chars().count() > MAX_NAME {
            reader.report(node.at, "WF009", &[("limit", &MAX_NAME.to_string()), ("what", "characters")]);
        }
        if script.scenarios.iter().any(|scenario| scenario.name == name) {
            reader.report(node.at, "WF900", &[("name", name)]);
        }
    }
    let given = map.take("given");
    let steps_node = reader.required(&mut map, "steps");
    reader.close(&map, &["name", "given", "steps"]);
    let mut setting = given::setting(reader, ground, given, &mut script.names)?;
    let items = steps_node.map_or(&[][..], |node| reader.list(node, MAX_STEPS, "steps"));
    if let (Some(node), true) = (steps_node, items.is_empty()) {
        reader.report(node.at, "WF003", &[("expected", "a step"), ("found", "none")]);
    }
    let mut steps = Vec::with_capacity(items.len());
    for (i, item) in items.iter().enumerate() {
        steps.extend(step::step(reader, ground, item, &mut setting, i == 0));
    }
    Some(Scenario { at: name_node.map_or(node.at, |node| node.at), name: name?.to_owned(), given: setting.into_given(), steps })
}
