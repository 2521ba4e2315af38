//! Questions conditions ask of other records, fields of linked records and of the company's own.

use serde_json::json;
use workflows::{Call, CustomField, FieldKind, Input, Link, Lookups, Refusal, Value, Vocabulary, Workflow};

use crate::support::{Press, SCENARIO, SUBJECT, VOCABULARY, around, at, guarded, id, load, loaded, record, rehearsed, technician};

const BOOKED: &str = "require: [doc.asset, doc.due_at]\nwhen: '!overlaps(\"dispatch\", doc.asset, now, doc.due_at) && open_records(\"work_order\", doc.asset) < 3'";

fn booked() -> workflows::Record {
    record("a").with("asset", Value::Ref(id(9))).with("due_at", Value::Time(at("2026-03-05T00:00:00Z")))
}

#[test]
fn a_lookup_is_named_before_the_decision_and_answered_in_it() {
    let workflow = rehearsed(&around(BOOKED));
    let (doc, actor, tenant) = (booked(), technician(), crate::support::tenant());
    let facts = workflows::Facts::new(&doc, &actor, at("2026-03-02T09:00:00Z"), &tenant);
    let calls = workflow.lookups_needed(&facts, "go", &Input::default());
    let overlaps = Call {
        name: "overlaps",
        args: vec![Value::Text("dispatch".to_owned()), Value::Ref(id(9)), Value::Time(facts.now), doc.get("due_at").clone()],
    };
    let open = Call { name: "open_records", args: vec![Value::Text("work_order".to_owned()), Value::Ref(id(9))] };
    assert_eq!(calls, [overlaps.clone(), open.clone()]);
    assert_eq!(workflow.lookups_explained(&facts), calls);
    assert_eq!(workflow.lookups_initial(&facts), []);

    let answered = |busy: bool, count: i64| {
        let mut lookups = Lookups::default();
        lookups.insert(overlaps.clone(), Value::Bool(busy));
        lookups.insert(open.clone(), Value::Int(count));
        workflow.fire(&facts.with_lookups(&lookups), None, "go", &Input::default()).map(|_| ())
    };
    assert_eq!(answered(false, 2), Ok(()));
    let codes =
        |answer: Result<(), Refusal>| answer.expect_err("a refusal").blockers().iter().map(|blocker| blocker.code).collect::<Vec<_>>();
    assert_eq!(codes(answered(true, 2)), ["guard"]);
    assert_eq!(codes(answered(true, 3)), ["guard", "guard"]);
    let unanswered = workflow.fire(&facts, None, "go", &Input::default()).map(|_| ());
    assert_eq!(codes(unanswered), ["guard_error"], "without an answer the condition has no value");
}

#[test]
fn what_is_missing_is_not_asked_about() {
    let workflow = rehearsed(&around(BOOKED));
    let press = Press { workflow: &workflow, doc: record("a"), actor: technician(), approval: None };
    assert_eq!(press.with_facts(|facts| workflow.lookups_needed(facts, "go", &Input::default())).len(), 0);
    assert_eq!(press.with_facts(|facts| workflow.lookups_needed(facts, "fly", &Input::default())), []);
    let Refusal::GuardFailed(blockers) = press.refused("go") else { panic!("fields are missing") };
    assert_eq!(blockers.iter().map(|blocker| blocker.code).collect::<Vec<_>>(), ["required", "required"]);
}

#[test]
fn live_files_ask_only_what_is_answered() {
    for (condition, expected) in [
        ("open_records('work_order', doc.created_by) == 0", &[][..]),
        ("!overlaps('dispatch', doc.created_by, now, now)", &["WF200"]),
        ("available(doc.created_by, doc.location) > 3", &["WF200"]),
    ] {
        let codes: Vec<_> = load(&guarded(condition)).err().unwrap_or_default().iter().map(|finding| finding.code).collect();
        assert_eq!(codes, expected, "{condition}");
    }
}

#[test]
fn lookups_are_typed() {
    let codes = |condition: &str| {
        let read = Workflow::load(&guarded(condition), "t", &SUBJECT, &SCENARIO);
        read.err().unwrap_or_default().iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    for (condition, expected) in [
        ("overlaps('dispatch', doc.created_by, now, now + duration('P1D'))", &[][..]),
        ("overlaps('dispatch', doc.created_by, now)", &["WF309"]),
        ("overlaps(doc.title, doc.created_by, now, now)", &["WF313"]),
        ("overlaps('dispatch', doc.asset, now, now)", &["WF310"]),
        ("overlaps('dispatch', doc.title, now, doc.number)", &["WF309", "WF309"]),
        ("overlap('dispatch', doc.created_by, now, now)", &["WF323"]),
        ("open_records('work_order', doc.created_by)", &["WF309"]),
        ("available(doc.created_by, doc.location) > 3", &["WF309"]),
        ("doc.crew.all(m, open_records('work_order', m) == 0)", &["WF304"]),
    ] {
        assert_eq!(codes(condition), expected, "{condition}");
    }
    let known = Vocabulary { subjects: &[&SUBJECT], ..VOCABULARY };
    let found = Workflow::load(&guarded("open_records('work_ordr', doc.created_by) == 0"), "t", &SUBJECT, &known).expect_err("a finding");
    assert_eq!((found[0].code, found[0].help().as_str()), ("WF218", "did you mean `work_order`?"));
}

#[test]
fn a_linked_record_is_a_reference_with_fields() {
    let body = "require: [doc.truck]\nwhen: doc.truck.meter > 10 && (doc.truck.driver == null || doc.truck.driver == actor.id)\nform: {odometer: {type: int, min: doc.truck.meter}}\n\
                effects: [{notify: {text: work_order.approved, to: [doc.truck.driver]}}, {transition: {record: doc.truck, do: park}}]";
    let workflow = loaded(&around(body));
    let truck = |meter| {
        let fields = [("meter".to_owned(), Value::Int(meter)), ("driver".to_owned(), Value::Ref(id(1)))];
        Value::Link(Link { id: id(50), fields: fields.into_iter().collect() })
    };
    let press = |meter| Press { workflow: &workflow, doc: record("a").with("truck", truck(meter)), actor: technician(), approval: None };
    let moved = press(90).moved("go", &json!({"odometer": 95}), None);
    assert_eq!(moved.outbox[0].notify.to, [workflows::Recipient::Member(id(1))]);
    assert!(matches!(&moved.db[0].op, workflows::DbOp::Transition { subject, record, .. } if subject == "asset" && *record == id(50)));
    let Err(Refusal::Invalid(problems)) = press(90).fire("go", &json!({"odometer": 80}), None) else { panic!("the meter ran backwards") };
    assert_eq!(problems[0].params["min"], "90");
    let Refusal::GuardFailed(blockers) = press(9).refused("go") else { panic!("too little") };
    assert_eq!((blockers[0].code, blockers[0].field.as_deref(), &blockers[0].have), ("must_be_more", Some("truck.meter"), &Value::Int(9)));
    assert_eq!(serde_json::to_value(truck(9)).expect("JSON"), json!(id(50)), "as JSON it is the id");

    for (body, expected) in [
        ("when: doc.truck.meter > 10", &["WF310"][..]),
        ("require: [doc.truck]\nwhen: doc.truck.wheels > 10", &["WF303"]),
        ("require: [doc.truck]\nwhen: doc.truck == actor.id", &["WF301"]),
        ("require: [doc.truck, doc.truck.driver]\nwhen: doc.truck.driver == actor.id", &[]),
        ("require: [doc.truck.meter]\nwhen: doc.urgent", &[]),
        ("require: [doc.truck.wheels]", &["WF204"]),
        ("effects: [{notify: {text: work_order.approved, to: [doc.truck]}}]", &["WF210"]),
        ("effects: [{notify: {text: work_order.approved, to: [doc.crew]}}]", &[]),
    ] {
        let codes: Vec<_> = load(&around(body)).err().unwrap_or_default().iter().map(|finding| finding.code).collect();
        assert_eq!(codes, expected, "{body}");
    }
}

#[test]
fn a_companys_own_fields_are_typed_as_it_says() {
    let custom = [
        CustomField { name: "warranty_until".to_owned(), kind: FieldKind::Date },
        CustomField { name: "grade".to_owned(), kind: FieldKind::Choice(vec!["a".to_owned(), "b".to_owned()]) },
    ];
    let vocabulary = Vocabulary { custom: &custom, ..VOCABULARY };
    let read = |body: &str| Workflow::load(&around(body), "t", &SUBJECT, &vocabulary);
    let codes = |body: &str| read(body).err().unwrap_or_default().iter().map(|finding| finding.code).collect::<Vec<_>>();
    for (body, expected) in [
        ("when: doc.custom.warranty_until < date(now)", &["WF310"][..]),
        ("when: doc.custom.grade == 'c'", &["WF310", "WF321"]),
        ("when: doc.custom.colour == 'c'", &["WF303"]),
        ("require: [doc.custom.colour]", &["WF204"]),
    ] {
        assert_eq!(codes(body), expected, "{body}");
    }
    let workflow = read("require: [doc.custom.warranty_until]\nwhen: doc.custom.warranty_until >= date(now)").expect("it is sound");
    let with = |day: Value| record("a").with("custom", Value::Object([("warranty_until".to_owned(), day)].into_iter().collect()));
    let press = |doc| Press { workflow: &workflow, doc, actor: technician(), approval: None };
    let day = |text: &str| Value::Date(text.parse().expect("a day"));
    assert_eq!(press(with(day("2026-03-02"))).moved("go", &json!({}), None).to, "b");
    assert_eq!(press(with(day("2026-03-01"))).refused("go").blockers()[0].code, "guard", "what is compared with a call is told as written");
    assert_eq!(press(with(Value::Null)).refused("go").blockers()[0].field.as_deref(), Some("custom.warranty_until"));
}

#[test]
fn amounts_in_two_currencies_are_never_mixed() {
    let found = load(&guarded("doc.urgent && money('5 KZT') < money('6 USD')")).expect_err("two currencies");
    assert_eq!(found[0].code, "WF324");
    assert_eq!(found[0].message(), "amounts in KZT and USD cannot be mixed");
}
