//! How many presses and explanations a second one core decides: an eight-state flow with three conditions a step, around which one record goes.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::io::Write as _;
use std::time::{Duration, Instant};

use uuid::Uuid;
use workflows::{Actor, Facts, Field, Input, Kind, Record, Step, Subject, TenantFacts, Value, Vocabulary, Workflow};

const fn field(name: &'static str, kind: Kind, nullable: bool) -> Field {
    Field { name, kind, nullable, writable: nullable }
}

const SUBJECT: Subject = Subject {
    key: "job",
    fields: &[
        field("state", Kind::Text, false),
        field("priority", Kind::Choice(&["low", "high"]), false),
        field("assignee", Kind::Ref("member"), true),
        field("cost", Kind::Money, true),
        field("number", Kind::Int, false),
    ],
};

const STATES: usize = 8;

/// The flow: a ring, in which each step asks for the same three things, and a way out.
fn flow() -> String {
    let states: Vec<String> = (0..STATES).map(|i| format!("  s{i}: {{category: doing}}\n")).collect();
    let step = |i| {
        let to = (i + 1) % STATES;
        format!(
            "  go{i}:\n    from: s{i}\n    to: s{to}\n    permission: job.move\n    require: [doc.assignee]\n    \
             when: doc.priority == 'high' && doc.assignee == actor.id && (doc.cost == null || doc.cost <= money('500 KZT'))\n"
        )
    };
    let (states, steps) = (states.concat(), (0..STATES).map(step).collect::<Vec<_>>().concat());
    format!(
        "workflow: job\nversion: 1\nentity: job\ninitial: [{{to: s0}}]\nstates:\n{states}  over: {{category: done, terminal: true}}\n\
         transitions:\n{steps}  end: {{from: '*', to: over, permission: job.end}}\n"
    )
}

/// Runs `turn` for two seconds and tells how often a second.
fn rate(mut turn: impl FnMut()) -> f64 {
    let (start, mut times) = (Instant::now(), 0_u32);
    while start.elapsed() < Duration::from_secs(2) {
        for _ in 0..100 {
            turn();
        }
        times += 100;
    }
    f64::from(times) / start.elapsed().as_secs_f64()
}

fn main() -> std::io::Result<()> {
    let vocabulary = Vocabulary { permissions: &["job.move", "job.end"], ..Vocabulary::default() };
    let workflow =
        Workflow::load(&flow(), "job.yml", &SUBJECT, &vocabulary).unwrap_or_else(|found| panic!("{}", workflows::render(&found)));
    let permissions: BTreeSet<String> = ["job.move".to_owned()].into();
    let actor = Actor { id: Uuid::from_u128(1), role: "technician".to_owned(), permissions, ..Actor::default() };
    let tenant = TenantFacts { currency: "KZT".to_owned(), zone: chrono_tz::Asia::Almaty };
    let input = Input::default();
    let steps: Vec<String> = (0..STATES).map(|i| format!("go{i}")).collect();
    let mut doc = Record::default()
        .with("state", Value::Text("s0".to_owned()))
        .with("priority", Value::Text("high".to_owned()))
        .with("assignee", Value::Ref(actor.id))
        .with("cost", Value::Money("120.50 KZT".parse().expect("an amount")))
        .with("number", Value::Int(7));

    let mut at = 0;
    let moves = rate(|| {
        let facts = Facts::new(&doc, &actor, chrono::DateTime::UNIX_EPOCH, &tenant);
        let Ok(Step::Moved(moved)) = workflow.fire(&facts, None, &steps[at], &input) else { panic!("the press was refused") };
        doc.insert("state", Value::Text(moved.to.clone()));
        black_box(&moved);
        at = (at + 1) % STATES;
    });
    let refused =
        doc.clone().with("priority", Value::Text("low".to_owned())).with("cost", Value::Money("900 KZT".parse().expect("an amount")));
    let facts = Facts::new(&refused, &actor, chrono::DateTime::UNIX_EPOCH, &tenant);
    let refusals = rate(|| {
        let refusal = workflow.fire(&facts, None, &steps[at], &input).expect_err("two conditions fail");
        assert_eq!(refusal.blockers().len(), 2);
        black_box(refusal);
    });
    let explained = rate(|| {
        black_box(workflow.explain(&facts, None));
    });
    writeln!(
        std::io::stdout(),
        "{moves:.0} transitions/s, {refusals:.0} refusals with every reason/s, {explained:.0} records explained/s ({:.0} transitions explained/s)",
        explained * f64::from(u32::try_from(STATES + 1).unwrap_or(u32::MAX))
    )
}
