//! The words of the shipped files: every state, step, field and reason has its own in every language.

use std::collections::{BTreeMap, BTreeSet};

use workflows::{Blocker, FieldKind, SHIPPED, TenantFacts, Value};

use crate::support::{SUBJECT, shipped, tenant};

const LANGUAGES: [(&str, &str); 4] = [
    ("kk", include_str!("../../../locales/workflow.kk.yml")),
    ("ru", include_str!("../../../locales/workflow.ru.yml")),
    ("en", include_str!("../../../locales/workflow.en.yml")),
    ("tr", include_str!("../../../locales/workflow.tr.yml")),
];

/// The file as flat keys.
fn keys(source: &str) -> BTreeMap<String, String> {
    let tree: serde_json::Value = serde_saphyr::from_str(source).expect("YAML");
    let mut flat = BTreeMap::new();
    flatten("", &tree, &mut flat);
    flat.remove("_version");
    flat
}

fn flatten(prefix: &str, tree: &serde_json::Value, into: &mut BTreeMap<String, String>) {
    if let Some(object) = tree.as_object() {
        for (key, value) in object {
            flatten(&if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") }, value, into);
        }
    } else {
        into.insert(prefix.to_owned(), tree.as_str().unwrap_or_default().to_owned());
    }
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split("%{").skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name)).collect()
}

#[test]
fn every_word_is_there_in_every_language() {
    let workflow = shipped();
    let mut expected: BTreeSet<String> = Blocker::CODES.iter().map(|code| format!("blocker.{code}")).collect();
    expected.extend(workflow.states().map(|state| format!("wf.work_order.state.{}", state.id)));
    expected.extend(workflow.transitions().map(|transition| format!("wf.work_order.transition.{}", transition.id)));
    let asked = workflow.transitions().flat_map(|transition| &transition.form).map(|field| field.name.clone());
    expected.extend(asked.map(|name| format!("wf.work_order.field.{name}")));
    let english = keys(LANGUAGES[2].1);
    for (language, source) in LANGUAGES {
        let words = keys(source);
        let missing: Vec<_> = expected.iter().filter(|key| words.get(*key).is_none_or(String::is_empty)).collect();
        assert!(missing.is_empty(), "{language}: {missing:?}");
        assert_eq!(words.keys().collect::<Vec<_>>(), english.keys().collect::<Vec<_>>(), "{language}");
        for (key, text) in &words {
            assert_eq!(placeholders(text), placeholders(&english[key]), "{language} {key}");
        }
    }
}

#[test]
fn shipped_names_match_their_files() {
    for shipped in SHIPPED {
        let says = |key: &str| shipped.source.lines().any(|line| line == format!("{key}: {}", shipped.entity));
        assert!(says("workflow") && says("entity"), "{}", shipped.file);
        assert!(shipped.file.ends_with(&format!("/{}.yml", shipped.entity)));
    }
}

#[test]
fn a_workflow_is_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>(_: &T) {}
    shared(&shipped());
}

#[test]
fn values_read_back_what_they_write() {
    let tenant: TenantFacts = tenant();
    let written = serde_json::json!({
        "number": 7, "title": "Сорғы", "priority": "low", "due_at": "2026-03-02T09:00:00Z", "cost": {"amount": "-12.50", "currency": "USD"},
        "created_by": "00000000-0000-0000-0000-000000000001", "qty": "2.50", "urgent": true, "day": "2026-03-02", "tags": ["a", "b"],
        "site": {"open": true, "capacity": null},
    });
    for (name, json) in written.as_object().expect("an object") {
        let kind = &SUBJECT.field(name).expect("a field").kind;
        let value = Value::read(kind, json, &tenant).expect("a value");
        assert_eq!(&serde_json::to_value(&value).expect("JSON"), json, "{name}");
        assert_eq!(Value::read(kind, &serde_json::Value::Null, &tenant), Ok(Value::Null));
        assert!(Value::read(kind, &serde_json::json!({"no": {}}), &tenant).is_err() || name == "site", "{name}");
    }
    let complete = shipped();
    let form = &complete.transition("complete").expect("a transition").form;
    assert_eq!(form.iter().map(|field| &field.kind).collect::<Vec<_>>(), [&FieldKind::Text, &FieldKind::Money, &FieldKind::Int]);
}
