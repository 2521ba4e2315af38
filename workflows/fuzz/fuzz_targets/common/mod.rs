//! A subject with a field of every kind, and a press on one of its records.

use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;
use uuid::Uuid;
use workflows::{Actor, Facts, Field, Input, Kind, Lookups, Mode, Money, Record, Subject, TenantFacts, Value, Vocabulary, Workflow};

const fn field(name: &'static str, kind: Kind, nullable: bool, writable: bool) -> Field {
    Field { name, kind, nullable, writable }
}

const PART: &[Field] = &[
    field("part", Kind::Ref("part"), false, false),
    field("qty", Kind::Decimal, false, false),
    field("done", Kind::Bool, false, false),
    field("note", Kind::Text, true, false),
];

pub const SUBJECT: Subject = Subject {
    key: "work_order",
    fields: &[
        field("state", Kind::Text, false, false),
        field("number", Kind::Int, false, true),
        field("qty", Kind::Decimal, false, true),
        field("title", Kind::Text, false, true),
        field("note", Kind::Text, true, true),
        field("urgent", Kind::Bool, false, true),
        field("priority", Kind::Choice(&["low", "high"]), false, true),
        field("day", Kind::Date, true, true),
        field("due_at", Kind::Time, true, true),
        field("cost", Kind::Money, true, true),
        field("assignee", Kind::Ref("member"), true, true),
        field("created_by", Kind::Ref("member"), false, false),
        field("asset", Kind::Link { subject: "asset", fields: &[field("meter", Kind::Int, true, false)] }, true, true),
        field("parts", Kind::List(&Kind::Object(PART)), false, false),
        field("tags", Kind::List(&Kind::Text), false, false),
    ],
};

pub const VOCABULARY: Vocabulary<'static> = Vocabulary {
    mode: Mode::Scenario,
    permissions: &["p.view", "p.edit"],
    roles: &["admin", "worker"],
    texts: &["t.one", "work_order.approval_requested"],
    variables: &[],
    custom: &[],
    subjects: &[],
    creatable: &[],
    languages: &[],
    labelled: &[],
};

fn record(state: &str) -> Record {
    let id = |number| Value::Ref(Uuid::from_u128(number));
    let time = Value::Time(DateTime::from_timestamp(1_772_000_000, 0).unwrap_or_default());
    let cost = "900.50 KZT".parse::<Money>().map_or(Value::Null, Value::Money);
    let part = BTreeMap::from([
        ("part".to_owned(), id(7)),
        ("qty".to_owned(), Value::Decimal(2.into())),
        ("done".to_owned(), Value::Bool(true)),
        ("note".to_owned(), Value::Null),
    ]);
    [
        ("state", Value::Text(state.to_owned())),
        ("number", Value::Int(i64::MAX)),
        ("qty", Value::Decimal((-3).into())),
        ("title", Value::Text("Насос".to_owned())),
        ("urgent", Value::Bool(true)),
        ("priority", Value::Text("high".to_owned())),
        ("due_at", time),
        ("cost", cost),
        ("assignee", id(1)),
        ("created_by", id(2)),
        ("parts", Value::List(vec![Value::Object(part)])),
        ("tags", Value::List(vec![Value::Text("a".to_owned())])),
    ]
    .into_iter()
    .collect()
}

/// Asks everything there is to ask of a workflow, in each of its states. Answers do not matter; that there are answers does.
pub fn press(workflow: &Workflow) {
    let tenant = TenantFacts { currency: "KZT".to_owned(), zone: chrono_tz::Asia::Almaty };
    let actor = Actor {
        id: Uuid::from_u128(1),
        role: "worker".to_owned(),
        permissions: BTreeSet::from(["p.view".to_owned(), "p.edit".to_owned()]),
        ..Actor::default()
    };
    let now = DateTime::from_timestamp(1_772_500_000, 0).unwrap_or_default();
    let lookups = Lookups::default();
    let input = Input { fields: BTreeMap::from([("x".to_owned(), serde_json::json!("1"))]), reason: Some("because".to_owned()) };
    let states: Vec<String> = workflow.states().map(|state| state.id.clone()).collect();
    for state in states.iter().map(String::as_str).chain([""]) {
        let doc = record(state);
        let facts = Facts { doc: &doc, actor: &actor, now, tenant: &tenant, lookups: &lookups };
        if state.is_empty() {
            let _ = workflow.initial(&facts);
            continue;
        }
        let _ = workflow.explain(&facts, None);
        for transition in workflow.transitions() {
            let _ = workflow.fire(&facts, None, &transition.id, &input);
        }
        for reminder in workflow.reminders() {
            let _ = workflow.reminds(&facts, &reminder.id);
        }
        for timer in workflow.timers() {
            let _ = workflow.timer_fires(&facts, &timer.id);
        }
    }
}
