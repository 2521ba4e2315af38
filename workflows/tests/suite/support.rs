//! A subject, a vocabulary, people and records for the tests.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::json;
use uuid::Uuid;
use workflows::{
    Actor, Approval, Diagnostic, Facts, Field, Input, Kind, Mode, Move, Record, Refusal, SHIPPED, Step, Subject, TenantFacts, Value,
    Vocabulary, Vote, Workflow,
};

const fn field(name: &'static str, kind: Kind, nullable: bool, writable: bool) -> Field {
    Field { name, kind, nullable, writable }
}

const TASK: &[Field] = &[
    field("done", Kind::Bool, false, false),
    field("mandatory", Kind::Bool, false, false),
    field("minutes", Kind::Int, true, false),
    field("name", Kind::Text, false, false),
];

const LINE: &[Field] = &[
    field("part", Kind::Ref("part"), false, false),
    field("qty", Kind::Decimal, false, false),
    field("location", Kind::Ref("location"), true, false),
];

const TRUCK: &[Field] = &[field("meter", Kind::Int, false, false), field("driver", Kind::Ref("member"), true, false)];

pub const PRIORITIES: &[&str] = &["low", "medium", "high", "critical"];

/// The work order, and a few fields more, so that every type is there.
pub const SUBJECT: Subject = Subject {
    key: "work_order",
    fields: &[
        field("number", Kind::Int, false, false),
        field("title", Kind::Text, false, false),
        field("description", Kind::Text, true, false),
        field("priority", Kind::Choice(PRIORITIES), false, true),
        field("asset", Kind::Ref("asset"), true, false),
        field("assignee", Kind::Ref("member"), true, true),
        field("due_at", Kind::Time, true, true),
        field("started_at", Kind::Time, true, true),
        field("completed_at", Kind::Time, true, true),
        field("resolution", Kind::Text, true, true),
        field("meter_reading", Kind::Int, true, true),
        field("estimated_cost", Kind::Money, true, false),
        field("cost", Kind::Money, true, true),
        field("created_by", Kind::Ref("member"), false, false),
        field("created_at", Kind::Time, false, false),
        field("state", Kind::Text, false, false),
        field("qty", Kind::Decimal, false, true),
        field("urgent", Kind::Bool, false, true),
        field("day", Kind::Date, true, false),
        field("tasks", Kind::List(&Kind::Object(TASK)), false, false),
        field("tags", Kind::List(&Kind::Text), false, false),
        field("parts", Kind::List(&Kind::Object(LINE)), false, false),
        field("location", Kind::Ref("location"), false, false),
        field("truck", Kind::Link { subject: "asset", fields: TRUCK }, true, false),
        field("crew", Kind::List(&Kind::Ref("member")), false, false),
        field("site", Kind::Object(&[field("open", Kind::Bool, false, false), field("capacity", Kind::Int, true, false)]), true, false),
    ],
};

/// What a scenario may name besides: every effect.
pub const SCENARIO: Vocabulary<'static> = Vocabulary { mode: Mode::Scenario, ..VOCABULARY };

pub const VOCABULARY: Vocabulary<'static> = Vocabulary {
    mode: Mode::Live,
    variables: &[],
    custom: &[],
    subjects: &[],
    creatable: &[],
    languages: &[],
    labelled: &[],
    permissions: &[
        "work_order.view",
        "work_order.create",
        "work_order.edit",
        "work_order.execute",
        "work_order.approve",
        "work_order.manage",
        "work_order.cancel",
        "work_order.import",
    ],
    roles: &["admin", "manager", "technician", "viewer", "operations", "finance", "fleet_manager", "driver", "dispatcher", "storekeeper"],
    texts: &[
        "work_order.approval_requested",
        "work_order.approved",
        "work_order.rejected",
        "work_order.assigned",
        "work_order.completed",
        "work_order.reopened",
        "work_order.cancelled",
        "work_order.due_soon",
        "work_order.overdue",
        "work_order.sla_warning",
        "work_order.sla_breach",
    ],
};

pub fn load(source: &str) -> Result<Workflow, Vec<Diagnostic>> {
    Workflow::load(source, "test.yml", &SUBJECT, &VOCABULARY)
}

pub fn loaded(source: &str) -> Workflow {
    load(source).unwrap_or_else(|found| panic!("{}", workflows::render(&found)))
}

pub fn shipped() -> Workflow {
    loaded(SHIPPED.iter().find(|shipped| shipped.entity == "work_order").expect("it ships").source)
}

/// Read for scenarios, which know every effect.
pub fn rehearsed(source: &str) -> Workflow {
    Workflow::load(source, "test.yml", &SUBJECT, &SCENARIO).unwrap_or_else(|found| panic!("{}", workflows::render(&found)))
}

/// A small workflow around one transition, `go`, whose body is given.
pub fn around(go: &str) -> String {
    let body = go.replace('\n', "\n    ");
    format!(
        "workflow: work_order\nversion: 1\nentity: work_order\ninitial: [{{to: a}}]\nstates:\n  a: {{category: todo}}\n  b: {{category: done, terminal: true}}\n\
         transitions:\n  go:\n    from: a\n    to: b\n    permission: work_order.view\n    {body}\n"
    )
}

/// The same with a condition on `go`.
pub fn guarded(condition: &str) -> String {
    around(&format!("when: {}", serde_json::to_string(condition).expect("a string is JSON")))
}

pub fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a moment")
}

pub fn person(number: u128, role: &str, permissions: &[&str]) -> Actor {
    let permissions: BTreeSet<String> = permissions.iter().map(|&permission| permission.to_owned()).collect();
    Actor { id: id(number), role: role.to_owned(), permissions, ..Actor::default() }
}

pub fn technician() -> Actor {
    person(1, "technician", &["work_order.view", "work_order.create", "work_order.execute"])
}

pub fn manager() -> Actor {
    person(2, "manager", VOCABULARY.permissions)
}

pub fn tenant() -> TenantFacts {
    TenantFacts { currency: "KZT".to_owned(), zone: chrono_tz::Asia::Almaty }
}

/// A record in `state`, created by the technician.
pub fn record(state: &str) -> Record {
    Record::default()
        .with("state", Value::Text(state.to_owned()))
        .with("number", Value::Int(1042))
        .with("title", Value::Text("Hydraulic leak".to_owned()))
        .with("priority", Value::Text("high".to_owned()))
        .with("qty", Value::Decimal("2.5".parse().expect("a decimal")))
        .with("urgent", Value::Bool(true))
        .with("created_by", Value::Ref(id(1)))
        .with("created_at", Value::Time(at("2026-03-02T08:00:00Z")))
        .with("tasks", Value::List(Vec::new()))
        .with("tags", Value::List(Vec::new()))
}

pub fn money(text: &str) -> Value {
    Value::Money(text.parse().expect("money"))
}

/// One press, with everything it needs.
pub struct Press<'a> {
    pub workflow: &'a Workflow,
    pub doc: Record,
    pub actor: Actor,
    pub approval: Option<Approval>,
}

impl Press<'_> {
    pub fn with_facts<T>(&self, then: impl FnOnce(&Facts<'_>) -> T) -> T {
        let tenant = tenant();
        then(&Facts::new(&self.doc, &self.actor, at("2026-03-02T09:00:00Z"), &tenant))
    }

    pub fn fire(&self, transition: &str, form: &serde_json::Value, reason: Option<&str>) -> Result<Step, Refusal> {
        let fields = form.as_object().expect("a form is an object").iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let input = Input { fields, reason: reason.map(str::to_owned) };
        self.with_facts(|facts| self.workflow.fire(facts, self.approval.as_ref(), transition, &input))
    }

    pub fn moved(&self, transition: &str, form: &serde_json::Value, reason: Option<&str>) -> Move {
        match self.fire(transition, form, reason) {
            Ok(Step::Moved(moved)) => *moved,
            other => panic!("{transition} did not move: {other:?}"),
        }
    }

    pub fn refused(&self, transition: &str) -> Refusal {
        self.fire(transition, &json!({}), None).expect_err("a refusal")
    }
}

pub fn request(votes: &[(u128, &str)]) -> Approval {
    let votes = votes.iter().map(|&(member, level)| Vote { member: id(member), level: level.to_owned(), on_behalf_of: None }).collect();
    Approval { transition: "approve".to_owned(), requested_by: id(1), votes, escalated: Vec::new() }
}
