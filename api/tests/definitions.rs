//! The shipped files in four languages: every state, step, field, level and service level has a label, every message its words;
//! and nothing else has.

use std::collections::BTreeSet;

use domain::maintenance::work_order;
use domain::workflow::subjects::PLANNED;
use templates::Locale;
use templates::i18n::{exists, keys, t};
use workflows::{SHIPPED, Subject, Workflow};

/// Where each message is shown.
const PARTS: [&str; 3] = ["subject", "body", "notice"];

fn subject(key: &str) -> &'static Subject {
    let planned = PLANNED.iter().map(|planned| planned.subject).find(|subject| subject.key == key);
    planned.unwrap_or(&work_order::SUBJECT)
}

fn files() -> Vec<Workflow> {
    let read = |shipped: &workflows::Shipped| match domain::workflow::check(shipped.source, shipped.file, false) {
        Ok(checked) => checked.workflow,
        Err(found) => panic!("{}", workflows::render(&found)),
    };
    SHIPPED.iter().map(read).collect()
}

/// The labels of a file, without `wf.<workflow>.`.
fn labels(workflow: &Workflow) -> BTreeSet<String> {
    let mut labels: BTreeSet<String> = BTreeSet::from(["field.reason".to_owned()]);
    labels.extend(workflow.states().map(|state| format!("state.{}", state.id)));
    labels.extend(workflow.slas().map(|sla| format!("sla.{}", sla.id)));
    labels.extend(subject(workflow.entity()).fields.iter().map(|field| format!("field.{}", field.name)));
    for transition in workflow.transitions() {
        labels.insert(format!("transition.{}", transition.id));
        labels.extend(transition.form.iter().map(|field| format!("field.{}", field.name)));
        labels.extend(transition.approvals.iter().flat_map(|approvals| &approvals.levels).map(|level| format!("level.{}", level.id)));
    }
    labels
}

fn missing<'a>(prefix: &str, names: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    let keys: Vec<String> = names.into_iter().map(|name| format!("{prefix}{name}")).collect();
    let lacks = |key: &String| Locale::ALL.into_iter().filter(|&locale| !exists(locale, key)).map(Locale::as_str).collect::<Vec<_>>();
    keys.iter().filter(|key| !lacks(key).is_empty()).map(|key| format!("{key} in {}", lacks(key).join(", "))).collect()
}

fn left_over(prefix: &str, names: &BTreeSet<String>) -> Vec<String> {
    keys(Locale::En).into_iter().filter(|key| key.strip_prefix(prefix).is_some_and(|name| !names.contains(name))).collect()
}

#[test]
fn every_part_of_a_shipped_file_has_a_label_in_every_language_and_no_label_is_left_over() {
    let mut wrong = Vec::new();
    for workflow in files() {
        let (labels, prefix) = (labels(&workflow), format!("wf.{}.", workflow.key()));
        wrong.extend(missing(&prefix, &labels));
        // lists name their columns here as well
        wrong.extend(left_over(&prefix, &labels).into_iter().filter(|key| !key.starts_with(&format!("{prefix}field."))));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_message_of_a_planned_file_has_words_in_every_language_and_none_is_left_over() {
    let mut wrong = Vec::new();
    for planned in PLANNED {
        let prefix = format!("notify.{}.", planned.subject.key);
        let own = |text: &&str| text.split_once('.').map(|(_, own)| own.to_owned()).unwrap_or_default();
        let mut words: BTreeSet<String> = ["why", "button"].map(str::to_owned).into();
        words.extend(planned.texts.iter().flat_map(|text| PARTS.map(|part| format!("{}.{part}", own(text)))));
        wrong.extend(missing(&prefix, &words));
        wrong.extend(left_over(&prefix, &words));
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn a_message_mentions_only_what_every_message_is_given() {
    let given = ["number", "title", "actor", "company"];
    for planned in PLANNED {
        let prefix = format!("notify.{}.", planned.subject.key);
        for key in keys(Locale::En).iter().filter(|key| key.starts_with(&prefix)) {
            let text = t(Locale::En, key, &[]);
            let named = text.split("%{").skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name);
            let unknown: Vec<_> = named.filter(|name| !given.contains(name)).collect();
            assert!(unknown.is_empty(), "{key}: {unknown:?}");
        }
    }
}
