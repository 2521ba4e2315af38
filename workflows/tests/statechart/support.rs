//! A subject of bare data, and charts around it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;
use uuid::Uuid;
use workflows::{
    Actor, Blocker, Facts, Field, Input, Kind, Lookups, Mode, Record, Refusal, Step, Subject, TenantFacts, Value, Vocabulary, Workflow,
};

const fn field(name: &'static str, kind: Kind, nullable: bool) -> Field {
    Field { name, kind, nullable, writable: true }
}

const ITEM: &[Field] = &[field("n", Kind::Int, false), field("name", Kind::Text, true)];

pub const CHART: Subject = Subject {
    key: "chart",
    fields: &[
        field("state", Kind::Text, false),
        field("created_by", Kind::Ref("member"), false),
        field("i", Kind::Int, false),
        field("x", Kind::Int, false),
        field("n", Kind::Int, true),
        field("q", Kind::Decimal, false),
        field("r", Kind::Decimal, true),
        field("s", Kind::Text, false),
        field("t", Kind::Text, true),
        field("b", Kind::Bool, false),
        field("c", Kind::Choice(&["low", "high"]), false),
        field("m", Kind::Money, true),
        field("at", Kind::Time, false),
        field("later", Kind::Time, true),
        field("day", Kind::Date, true),
        field("who", Kind::Ref("member"), true),
        field("list", Kind::List(&Kind::Int), false),
        field("items", Kind::List(&Kind::Object(ITEM)), false),
    ],
};

pub const VOCABULARY: Vocabulary<'static> = Vocabulary {
    mode: Mode::Scenario,
    permissions: &["chart.press", "chart.other"],
    roles: &["presser"],
    texts: &["chart.told"],
    variables: &[],
    custom: &[],
    subjects: &[],
    creatable: &[],
    languages: &[],
    labelled: &[],
};

pub fn roles() -> BTreeMap<String, BTreeSet<String>> {
    BTreeMap::from([("presser".to_owned(), BTreeSet::from(["chart.press".to_owned()]))])
}

pub fn loaded(file: &str, source: &str) -> Workflow {
    Workflow::load(source, file, &CHART, &VOCABULARY).unwrap_or_else(|found| panic!("{}", workflows::render(&found)))
}

pub fn with_facts<T>(doc: &Record, then: impl FnOnce(&Facts<'_>) -> T) -> T {
    let tenant = TenantFacts { currency: "KZT".to_owned(), zone: chrono_tz::Asia::Almaty };
    let actor = Actor {
        id: Uuid::from_u128(1),
        role: "presser".to_owned(),
        permissions: BTreeSet::from(["chart.press".to_owned()]),
        ..Actor::default()
    };
    let now = "2026-03-02T09:00:00Z".parse::<DateTime<chrono::Utc>>().expect("a moment");
    then(&Facts { doc, actor: &actor, now, tenant: &tenant, lookups: &Lookups::default() })
}

pub fn fire(workflow: &Workflow, doc: &Record, transition: &str) -> Result<Step, Refusal> {
    with_facts(doc, |facts| workflow.fire(facts, None, transition, &Input::default()))
}

/// What a condition comes to on a record; the code of what keeps it from coming to anything.
pub fn holds(condition: &str, doc: &Record) -> Result<bool, &'static str> {
    let quoted = serde_json::to_string(condition).expect("a string is JSON");
    let workflow = loaded("cel.yml", &around(&quoted));
    match fire(&workflow, doc, "go") {
        Ok(_) => Ok(true),
        Err(Refusal::GuardFailed(blockers)) => match blockers.iter().find(|blocker: &&Blocker| blocker.code == "guard_error") {
            Some(blocker) => Err(blocker.code),
            None => Ok(false),
        },
        Err(other) => panic!("{condition}: {other:?}"),
    }
}

/// The codes with which a condition is refused.
pub fn refused(condition: &str) -> Vec<&'static str> {
    let quoted = serde_json::to_string(condition).expect("a string is JSON");
    let found = Workflow::load(&around(&quoted), "cel.yml", &CHART, &VOCABULARY).err().unwrap_or_default();
    found.iter().map(|finding| finding.code).collect()
}

fn around(condition: &str) -> String {
    format!(
        "workflow: chart\nversion: 1\nentity: chart\ninitial: [{{to: a}}]\nstates:\n  a: {{category: todo}}\n  b: {{category: done, terminal: true}}\n\
         transitions:\n  go: {{from: a, to: b, permission: chart.press, when: {condition}}}\n"
    )
}

pub fn record(state: &str) -> Record {
    let item = |n: i64, name: Value| Value::Object(BTreeMap::from([("n".to_owned(), Value::Int(n)), ("name".to_owned(), name)]));
    let time = |text: &str| Value::Time(text.parse().expect("a moment"));
    let decimal = |text: &str| Value::Decimal(text.parse().expect("a decimal"));
    Record::default()
        .with("state", Value::Text(state.to_owned()))
        .with("created_by", Value::Ref(Uuid::from_u128(1)))
        .with("i", Value::Int(3))
        .with("x", Value::Int(-7))
        .with("q", decimal("2.50"))
        .with("s", Value::Text("Насос №4".to_owned()))
        .with("b", Value::Bool(true))
        .with("c", Value::Text("high".to_owned()))
        .with("m", Value::Money("900.50 KZT".parse().expect("money")))
        .with("at", time("2026-03-02T08:30:00Z"))
        .with("day", Value::Date("2026-03-02".parse().expect("a day")))
        .with("who", Value::Ref(Uuid::from_u128(1)))
        .with("list", Value::List(vec![Value::Int(1), Value::Int(2), Value::Int(3)]))
        .with("items", Value::List(vec![item(1, Value::Text("a".to_owned())), item(2, Value::Null)]))
}
