//! Words: every state, step and field has its own in every language asked for.

use std::collections::BTreeMap;

use crate::definition::Workflow;
use crate::diagnostic::Diagnostic;
use crate::subject::Vocabulary;

pub(super) fn labels(workflow: &Workflow, vocabulary: &Vocabulary<'_>, found: &mut Vec<Diagnostic>) {
    for language in vocabulary.languages {
        for (what, own, ids) in parts(workflow) {
            let words = own.get(*language);
            for (id, part) in ids {
                let has = words.is_some_and(|words| words.contains_key(id));
                let key = format!("wf.{}.{what}.{id}", workflow.key);
                if !has && !vocabulary.labelled.contains(&key.as_str()) {
                    let at = workflow.place(&part);
                    found.push(Diagnostic::new("WF401", at).with("what", what).with("name", id).with("language", *language));
                }
            }
        }
        texts(workflow, language, found);
    }
}

type Own = BTreeMap<String, BTreeMap<String, String>>;

/// Kind of part, its own labels, and the ids with their places.
type Parts<'w> = (&'static str, &'w Own, Vec<(&'w str, String)>);

fn parts(workflow: &Workflow) -> [Parts<'_>; 3] {
    let labels = &workflow.labels;
    let states = workflow.states.keys().map(|id| (id.as_str(), format!("state.{id}"))).collect();
    let transitions = workflow.transitions.keys().map(|id| (id.as_str(), format!("transition.{id}"))).collect();
    let mut fields: Vec<(&str, String)> = Vec::new();
    for transition in workflow.transitions.values() {
        for field in &transition.form {
            if !fields.iter().any(|(name, _)| *name == field.name) {
                fields.push((&field.name, format!("transition.{}", transition.id)));
            }
        }
    }
    [("state", &labels.states, states), ("transition", &labels.transitions, transitions), ("field", &labels.fields, fields)]
}

/// A text of the file's own in one language is there in every language asked for.
fn texts(workflow: &Workflow, language: &str, found: &mut Vec<Diagnostic>) {
    let here = workflow.texts.get(language);
    let mut names: Vec<&String> = workflow.texts.values().flat_map(BTreeMap::keys).collect();
    names.sort_unstable();
    names.dedup();
    for name in names.into_iter().filter(|name| here.is_none_or(|texts| !texts.contains_key(*name))) {
        found.push(Diagnostic::new("WF402", workflow.place("texts")).with("name", name).with("language", language));
    }
}
