//! Whatever is put in, nothing panics; and the answers are those of a naive reading.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::json;
use workflows::{Record, Refusal, Step, Value, Workflow};

use crate::support::{PRIORITIES, Press, at, guarded, id, load, loaded, manager, money, record, technician};

/// A condition of the language, with its meaning.
#[derive(Clone, Debug)]
enum Condition {
    Urgent,
    Number(&'static str, i64),
    Priority(usize, bool),
    Overdue,
    Costs(u32),
    Manager,
    Not(Box<Condition>),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
    If(Box<Condition>, Box<Condition>, Box<Condition>),
}

/// What the conditions read.
#[derive(Clone, Debug)]
struct Sample {
    urgent: bool,
    number: i64,
    priority: usize,
    due: Option<bool>,
    cost: Option<u32>,
    manager: bool,
}

impl Condition {
    fn write(&self) -> String {
        match self {
            Self::Urgent => "doc.urgent".to_owned(),
            Self::Number(operator, than) => format!("doc.number {operator} {than}"),
            Self::Priority(which, true) => format!("doc.priority == \"{}\"", PRIORITIES[*which]),
            Self::Priority(which, false) => format!("!(doc.priority in [\"{}\"])", PRIORITIES[*which]),
            Self::Overdue => "(doc.due_at != null && doc.due_at < now)".to_owned(),
            Self::Costs(than) => format!("(doc.cost == null || doc.cost <= money('{than} KZT'))"),
            Self::Manager => "actor.can('work_order.manage')".to_owned(),
            Self::Not(inner) => format!("!({})", inner.write()),
            Self::And(left, right) => format!("({}) && ({})", left.write(), right.write()),
            Self::Or(left, right) => format!("({}) || ({})", left.write(), right.write()),
            Self::If(test, yes, no) => format!("({}) ? ({}) : ({})", test.write(), yes.write(), no.write()),
        }
    }

    fn meaning(&self, sample: &Sample) -> bool {
        match self {
            Self::Urgent => sample.urgent,
            Self::Number(operator, than) => match *operator {
                "<" => sample.number < *than,
                "<=" => sample.number <= *than,
                ">" => sample.number > *than,
                ">=" => sample.number >= *than,
                "==" => sample.number == *than,
                _ => sample.number != *than,
            },
            Self::Priority(which, is) => (sample.priority == *which) == *is,
            Self::Overdue => sample.due == Some(true),
            Self::Costs(than) => sample.cost.is_none_or(|cost| cost <= *than),
            Self::Manager => sample.manager,
            Self::Not(inner) => !inner.meaning(sample),
            Self::And(left, right) => left.meaning(sample) && right.meaning(sample),
            Self::Or(left, right) => left.meaning(sample) || right.meaning(sample),
            Self::If(test, yes, no) => {
                if test.meaning(sample) {
                    yes.meaning(sample)
                } else {
                    no.meaning(sample)
                }
            }
        }
    }
}

impl Sample {
    fn record(&self) -> Record {
        let due = self.due.map(|past| Value::Time(at(if past { "2026-03-01T00:00:00Z" } else { "2026-04-01T00:00:00Z" })));
        record("a")
            .with("urgent", Value::Bool(self.urgent))
            .with("number", Value::Int(self.number))
            .with("priority", Value::Text(PRIORITIES[self.priority].to_owned()))
            .with("due_at", due.unwrap_or_default())
            .with("cost", self.cost.map(|cost| money(&format!("{cost} KZT"))).unwrap_or_default())
    }
}

fn condition() -> impl Strategy<Value = Condition> {
    let leaf = prop_oneof![
        Just(Condition::Urgent),
        (prop::sample::select(vec!["<", "<=", ">", ">=", "==", "!="]), -3..4_i64)
            .prop_map(|(operator, than)| Condition::Number(operator, than)),
        (0..PRIORITIES.len(), any::<bool>()).prop_map(|(which, is)| Condition::Priority(which, is)),
        Just(Condition::Overdue),
        (0..5_u32).prop_map(Condition::Costs),
        Just(Condition::Manager),
    ];
    leaf.prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|a| Condition::Not(Box::new(a))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Condition::And(Box::new(a), Box::new(b))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Condition::Or(Box::new(a), Box::new(b))),
            (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| Condition::If(Box::new(a), Box::new(b), Box::new(c))),
        ]
    })
}

fn sample() -> impl Strategy<Value = Sample> {
    (any::<bool>(), -3..4_i64, 0..PRIORITIES.len(), any::<Option<bool>>(), prop::option::of(0..5_u32), any::<bool>())
        .prop_map(|(urgent, number, priority, due, cost, manager)| Sample { urgent, number, priority, due, cost, manager })
}

/// A machine of up to six states as lists of edges: state → transitions (name, target, wants urgent).
fn machine() -> impl Strategy<Value = Vec<Vec<(usize, bool)>>> {
    prop::collection::vec(prop::collection::vec((0..6_usize, any::<bool>()), 0..4), 2..6)
}

/// The machine as a file. Every state may end at once by `end`, so that it always loads.
fn write(machine: &[Vec<(usize, bool)>]) -> String {
    let states = machine.len();
    let initial: Vec<String> = (0..states - 1).map(|state| format!("{{when: doc.number == {state}, to: s{state}}}, ")).collect();
    let names: Vec<String> = (0..states).map(|state| format!("  s{state}: {{category: doing}}\n")).collect();
    let edges = machine.iter().enumerate().flat_map(|(from, edges)| {
        edges.iter().enumerate().map(move |(i, (to, urgent))| {
            let guard = if *urgent { ", when: doc.urgent" } else { "" };
            format!("  t{from}_{i}: {{from: s{from}, to: s{}, permission: work_order.view{guard}}}\n", to % states)
        })
    });
    format!(
        "workflow: work_order\nversion: 1\nentity: work_order\ninitial: [{}{{to: s{}}}]\nstates:\n  over: {{category: done, terminal: true}}\n{}\
         transitions:\n  end: {{from: '*', to: over, permission: work_order.view}}\n{}",
        initial.concat(),
        states - 1,
        names.concat(),
        edges.collect::<String>()
    )
}

/// One press, read off the edges.
fn naive(machine: &[Vec<(usize, bool)>], state: &str, transition: &str, urgent: bool) -> Result<String, &'static str> {
    if transition == "end" {
        return if state == "over" { Err("state") } else { Ok("over".to_owned()) };
    }
    let (from, i) = transition[1..].split_once('_').expect("a name of ours");
    let (from, i): (usize, usize) = (from.parse().expect("a number"), i.parse().expect("a number"));
    let Some((to, wants)) = machine.get(from).and_then(|edges| edges.get(i)) else { return Err("unknown") };
    if state != format!("s{from}") {
        return Err("state");
    }
    if *wants && !urgent { Err("guard") } else { Ok(format!("s{}", to % machine.len())) }
}

fn pressed(workflow: &Workflow, state: &str, transition: &str, urgent: bool) -> Result<String, &'static str> {
    let doc = record(state).with("urgent", Value::Bool(urgent));
    let press = Press { workflow, doc, actor: technician(), approval: None };
    let answer = press.fire(transition, &json!({}), None);
    let allowed = press.with_facts(|facts| workflow.explain(facts, None)).into_iter().find(|explained| explained.transition == transition);
    assert_eq!(
        allowed.map(|explained| explained.allowed),
        if answer == Err(Refusal::UnknownTransition) { None } else { Some(answer.is_ok()) }
    );
    match answer {
        Ok(Step::Moved(moved)) => Ok(moved.to),
        Ok(Step::Decided(_)) => Err("decided"),
        Err(Refusal::UnknownTransition) => Err("unknown"),
        Err(Refusal::WrongState { .. }) => Err("state"),
        Err(Refusal::GuardFailed(_)) => Err("guard"),
        Err(other) => panic!("{other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn conditions_mean_what_they_mean(condition in condition(), samples in prop::collection::vec(sample(), 1..6)) {
        let written = condition.write();
        prop_assume!(written.len() <= workflows::MAX_EXPRESSION_BYTES);
        let workflow = match load(&guarded(&written)) {
            Ok(workflow) => workflow,
            Err(found) => {
                // the one thing the checker may mind here: emptiness tested where an earlier part has already told
                prop_assert!(found.iter().all(|finding| finding.code == "WF320"), "{}", workflows::render(&found));
                return Err(TestCaseError::reject("a constant test"));
            }
        };
        for sample in samples {
            let actor = if sample.manager { manager() } else { technician() };
            let press = Press { workflow: &workflow, doc: sample.record(), actor, approval: None };
            let fired = press.fire("go", &json!({}), None);
            prop_assert_eq!(fired.is_ok(), condition.meaning(&sample), "{} on {:?}: {:?}", written, sample, fired);
            if let Err(refusal) = fired {
                prop_assert!(!refusal.blockers().is_empty());
                prop_assert!(refusal.blockers().iter().all(|blocker| blocker.code != "guard_error"));
            }
        }
    }

    #[test]
    fn conditions_mean_what_they_mean_in_cel(condition in condition(), samples in prop::collection::vec(sample(), 1..6)) {
        let written = condition.write();
        // what only we have types for is out of its reach
        prop_assume!(written.len() <= workflows::MAX_EXPRESSION_BYTES && !["money", "actor", "due_at"].iter().any(|word| written.contains(word)));
        let workflow = loaded(&guarded(&written));
        let program = cel::Program::compile(&written).expect("it was read before");
        for sample in samples {
            let doc = json!({ "urgent": sample.urgent, "number": sample.number, "priority": PRIORITIES[sample.priority] });
            let mut context = cel::Context::default();
            context.add_variable("doc", doc).expect("plain values");
            let theirs = program.execute(&context).expect("a value");
            let press = Press { workflow: &workflow, doc: sample.record(), actor: technician(), approval: None };
            prop_assert_eq!(cel::Value::Bool(press.fire("go", &json!({}), None).is_ok()), theirs, "{}", written);
        }
    }

    #[test]
    fn machines_go_where_their_edges_lead(machine in machine(), presses in prop::collection::vec((0..6_usize, 0..4_usize, any::<bool>()), 1..20), begin in 0..6_i64) {
        let workflow = loaded(&write(&machine));
        let press = Press { workflow: &workflow, doc: record("").with("number", Value::Int(begin)), actor: technician(), approval: None };
        let mut state = press.with_facts(|facts| workflow.initial(facts)).expect("a state").state;
        prop_assert_eq!(&state, &format!("s{}", usize::try_from(begin).expect("not negative").min(machine.len() - 1)));
        for (from, i, urgent) in presses {
            let transition = if i == 3 && from == 5 { "end".to_owned() } else { format!("t{from}_{i}") };
            let expected = naive(&machine, &state, &transition, urgent);
            prop_assert_eq!(pressed(&workflow, &state, &transition, urgent), expected.clone());
            state = expected.unwrap_or(state);
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,400}") {
        let _ = load(&text);
    }

    #[test]
    fn any_condition_is_read_or_refused(text in r#"[a-z.()!&|<>=+'"\[\]{}?:, 0-9é]{0,80}"#) {
        if let Err(found) = load(&guarded(&text)) {
            prop_assert!(!workflows::render(&found).is_empty());
        }
    }

    #[test]
    fn a_damaged_file_is_read_or_refused(at in 0..3_000_usize, junk in "[ -~\n\t]{0,12}", cut in 0..20_usize) {
        let mut source = workflows::SHIPPED[0].source.to_owned();
        let at = at.min(source.len());
        let to = (at + cut).min(source.len());
        if source.is_char_boundary(at) && source.is_char_boundary(to) {
            source.replace_range(at..to, &junk);
            let _ = load(&source);
        }
    }

    #[test]
    fn any_form_is_taken_or_refused(fields in prop::collection::btree_map("resolution|cost|meter_reading|x", json_value(), 0..4), reason in prop::option::of(".{0,30}")) {
        static SHIPPED: LazyLock<Workflow> = LazyLock::new(crate::support::shipped);
        let workflow = &*SHIPPED;
        let doc = record("in_progress").with("assignee", Value::Ref(id(1)));
        let press = Press { workflow, doc, actor: technician(), approval: None };
        let fields: BTreeMap<String, serde_json::Value> = fields;
        let _ = press.fire("complete", &json!(fields), reason.as_deref());
    }
}

fn json_value() -> impl Strategy<Value = serde_json::Value> {
    prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|value| json!(value)),
        any::<i64>().prop_map(|value| json!(value)),
        any::<f64>().prop_map(|value| json!(value)),
        ".{0,20}".prop_map(|value| json!(value)),
        "[0-9. A-Z-]{0,20}".prop_map(|value| json!(value)),
        Just(json!({"amount": "1e9", "currency": "KZT"})),
        Just(json!([1, 2])),
    ]
}
