//! How many presses and explanations a second one core decides, on the shipped work order.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::time::{Duration, Instant};

use uuid::Uuid;
use workflows::{Actor, Facts, Field, Input, Kind, Record, SHIPPED, Subject, TenantFacts, Value, Vocabulary, Workflow};

const fn field(name: &'static str, kind: Kind, nullable: bool) -> Field {
    Field { name, kind, nullable, writable: nullable }
}

const SUBJECT: Subject = Subject {
    key: "work_order",
    fields: &[
        field("state", Kind::Text, false),
        field("assignee", Kind::Ref("member"), true),
        field("created_by", Kind::Ref("member"), false),
        field("started_at", Kind::Time, true),
        field("completed_at", Kind::Time, true),
        field("resolution", Kind::Text, true),
        field("cost", Kind::Money, true),
        field("meter_reading", Kind::Int, true),
    ],
};

const PERMISSIONS: &[&str] = &["work_order.view", "work_order.execute", "work_order.approve", "work_order.manage", "work_order.cancel"];
const TEXTS: &[&str] = &[
    "work_order.approval_requested",
    "work_order.approved",
    "work_order.rejected",
    "work_order.assigned",
    "work_order.completed",
    "work_order.reopened",
    "work_order.cancelled",
];

/// Runs `press` for two seconds and tells how often a second.
fn rate(mut press: impl FnMut() -> bool) -> f64 {
    let (start, mut times) = (Instant::now(), 0_u32);
    while start.elapsed() < Duration::from_secs(2) {
        for _ in 0..200 {
            assert!(press(), "the press was refused");
        }
        times += 200;
    }
    f64::from(times) / start.elapsed().as_secs_f64()
}

fn main() -> std::io::Result<()> {
    let vocabulary = Vocabulary { permissions: PERMISSIONS, roles: &[], texts: TEXTS };
    let workflow = Workflow::load(SHIPPED[0].source, SHIPPED[0].file, &SUBJECT, &vocabulary).expect("the shipped file loads");
    let permissions: BTreeSet<String> = PERMISSIONS.iter().map(|&permission| permission.to_owned()).collect();
    let actor = Actor { id: Uuid::from_u128(1), role: "technician".to_owned(), permissions, system: false };
    let tenant = TenantFacts { currency: "KZT".to_owned(), zone: chrono_tz::Asia::Almaty };
    let doc = Record::default()
        .with("state", Value::Text("open".to_owned()))
        .with("assignee", Value::Ref(actor.id))
        .with("created_by", Value::Ref(Uuid::from_u128(2)));
    let facts = Facts { doc: &doc, actor: &actor, now: chrono::DateTime::UNIX_EPOCH, tenant: &tenant };
    let input = Input::default();
    let fires = rate(|| workflow.fire(&facts, None, "start", &input).is_ok());
    let explains = rate(|| !workflow.explain(&facts, None).is_empty());
    writeln!(std::io::stdout(), "{fires:.0} transitions/s, {explains:.0} records explained/s")
}
