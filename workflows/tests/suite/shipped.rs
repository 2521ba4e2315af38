//! The work order as it ships.

use serde_json::json;
use workflows::{Category, Recipient, Refusal, Step, Value, Who};

use crate::support::{Press, at, id, manager, person, record, request, shipped, technician};

#[test]
fn every_shipped_file_loads_and_says_what_it_is() {
    let workflow = shipped();
    assert_eq!((workflow.key(), workflow.version(), workflow.entity()), ("work_order", 2, "work_order"));
    assert_eq!(workflow.hash().len(), 64);
    assert_eq!(workflow.states().len(), 8);
    assert_eq!(workflow.transitions().len(), 10);
    assert_eq!(workflow.state("waiting_parts").map(|state| state.category), Some(Category::Waiting));
    let (transition, approvals) = workflow.approval_in("on_hold").expect("an approval");
    assert_eq!(transition.id, "approve");
    assert_eq!(approvals.levels[0].who, Who::Permission("work_order.approve".to_owned()));
    assert!(workflow.approval_in("open").is_none());
}

#[test]
fn a_technicians_order_waits_and_asks_those_who_approve() {
    let workflow = shipped();
    let press = Press { workflow: &workflow, doc: record(""), actor: technician(), approval: None };
    let entered = press.with_facts(|facts| workflow.initial(facts)).expect("a state");
    assert_eq!(entered.state, "on_hold");
    let opens = entered.opens.expect("a request");
    assert_eq!(
        (opens.transition.as_str(), opens.level.as_str(), opens.text.as_str()),
        ("approve", "first", "work_order.approval_requested")
    );
    assert_eq!(opens.to, [Recipient::Permission("work_order.approve".to_owned())]);
    assert!(!opens.own);
    assert!(entered.outbox.is_empty());
}

#[test]
fn a_managers_order_opens_at_once_and_tells_the_assignee() {
    let workflow = shipped();
    let doc = record("").with("assignee", Value::Ref(id(1)));
    let press = Press { workflow: &workflow, doc, actor: manager(), approval: None };
    let entered = press.with_facts(|facts| workflow.initial(facts)).expect("a state");
    assert_eq!(entered.state, "open");
    assert_eq!(entered.opens, None);
    assert_eq!(entered.outbox.len(), 1);
    assert_eq!(entered.outbox[0].notify.to, [Recipient::Member(id(1))]);
}

#[test]
fn approval_opens_the_order_and_tells_creator_and_assignee() {
    let workflow = shipped();
    let doc = record("on_hold").with("assignee", Value::Ref(id(7)));
    let press = Press { workflow: &workflow, doc, actor: manager(), approval: Some(request(&[])) };
    let moved = press.moved("approve", &json!({}), None);
    assert_eq!((moved.from.as_str(), moved.to.as_str(), moved.decided.as_deref()), ("on_hold", "open", Some("first")));
    assert!(moved.closes_request);
    assert_eq!(moved.outbox[0].notify.text, "work_order.approved");
    assert_eq!(moved.outbox[0].notify.to, [Recipient::Member(id(1)), Recipient::Member(id(7))]);
}

#[test]
fn only_those_of_the_level_decide_and_never_on_their_own_request() {
    let workflow = shipped();
    let press = |actor, approval| Press { workflow: &workflow, doc: record("on_hold"), actor, approval };
    assert!(matches!(press(technician(), Some(request(&[]))).refused("approve"), Refusal::NotEligible { level, .. } if level == "first"));
    let mut requester = manager();
    requester.id = id(1);
    assert_eq!(press(requester, Some(request(&[]))).refused("approve"), Refusal::OwnRequest);
    assert_eq!(press(manager(), None).refused("approve"), Refusal::NoRequest);
    let stranger = person(9, "viewer", &[]);
    assert_eq!(press(stranger, Some(request(&[]))).refused("approve"), Refusal::Forbidden { permission: "work_order.view".to_owned() });
}

#[test]
fn a_rejection_wants_a_reason_and_tells_the_creator() {
    let workflow = shipped();
    let press = Press { workflow: &workflow, doc: record("on_hold"), actor: manager(), approval: Some(request(&[])) };
    let Refusal::Invalid(problems) = press.refused("reject") else { panic!("a reason is required") };
    assert_eq!((problems[0].field.as_str(), problems[0].code), ("reason", "required"));
    let moved = press.moved("reject", &json!({}), Some("  Not this year "));
    assert_eq!((moved.to.as_str(), moved.reason.as_deref(), moved.closes_request), ("rejected", Some("Not this year"), true));
    assert_eq!(moved.outbox[0].notify.to, [Recipient::Member(id(1))]);
}

#[test]
fn work_is_started_by_its_assignee_or_a_manager() {
    let workflow = shipped();
    let press = |doc, actor| Press { workflow: &workflow, doc, actor, approval: None };
    let assigned = || record("open").with("assignee", Value::Ref(id(1)));
    let moved = press(assigned(), technician()).moved("start", &json!({}), None);
    assert_eq!(moved.set, [("started_at".to_owned(), Value::Time(at("2026-03-02T09:00:00Z")))]);
    assert_eq!(press(assigned(), manager()).moved("start", &json!({}), None).to, "in_progress");

    let Refusal::GuardFailed(blockers) = press(record("open"), technician()).refused("start") else { panic!("nobody is assigned") };
    assert_eq!(blockers.len(), 1, "{blockers:?}");
    assert_eq!((blockers[0].code, blockers[0].field.as_deref()), ("required", Some("assignee")));

    let other = person(5, "technician", &["work_order.view", "work_order.execute"]);
    let Refusal::GuardFailed(blockers) = press(assigned(), other).refused("start") else { panic!("somebody else is assigned") };
    assert_eq!(blockers[0].code, "any_of");
    let codes: Vec<_> = blockers[0].alternatives.iter().map(|blocker| blocker.code).collect();
    assert_eq!(codes, ["only_person", "permission"]);
    assert_eq!(blockers[0].alternatives[0].have, Value::Ref(id(1)));
    assert_eq!(blockers[0].read.get("doc.assignee"), Some(&Value::Ref(id(1))));
}

#[test]
fn completing_asks_for_what_was_done_and_writes_it() {
    let workflow = shipped();
    let doc = record("in_progress").with("assignee", Value::Ref(id(1)));
    let press = Press { workflow: &workflow, doc, actor: technician(), approval: None };
    let Refusal::Invalid(problems) = press.refused("complete") else { panic!("a resolution is required") };
    assert_eq!((problems[0].field.as_str(), problems[0].code), ("resolution", "required"));

    let moved = press.moved("complete", &json!({"resolution": "Hose replaced", "cost": "1200.50", "meter_reading": ""}), None);
    let written: Vec<&str> = moved.set.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(written, ["completed_at", "resolution", "cost"]);
    assert_eq!(moved.set[2].1.to_string(), "1200.50 KZT");

    let Err(Refusal::Invalid(problems)) = press.fire("complete", &json!({"resolution": "ok", "meter_reading": -1, "colour": "red"}), None)
    else {
        panic!("a bad form");
    };
    let codes: Vec<_> = problems.iter().map(|problem| (problem.field.as_str(), problem.code)).collect();
    assert_eq!(codes, [("colour", "unknown_field"), ("meter_reading", "out_of_range")]);
}

#[test]
fn assigning_keeps_the_state_and_tells_the_new_assignee() {
    let workflow = shipped();
    let press = Press { workflow: &workflow, doc: record("open"), actor: manager(), approval: None };
    let moved = press.moved("assign", &json!({"assignee": id(7)}), None);
    assert_eq!((moved.from.as_str(), moved.to.as_str()), ("open", "open"));
    assert_eq!(moved.assign, Some(Value::Ref(id(7))));
    assert!(!moved.closes_request && moved.opens.is_none());
    assert_eq!(moved.outbox[0].index, 1);
    assert_eq!(moved.outbox[0].notify.to, [Recipient::Member(id(7))]);
}

#[test]
fn resuming_goes_back_to_where_the_work_was() {
    let workflow = shipped();
    let press = |doc| Press { workflow: &workflow, doc, actor: technician(), approval: None };
    assert_eq!(press(record("waiting_parts")).moved("resume", &json!({}), None).to, "open");
    let begun = record("waiting_parts").with("started_at", Value::Time(at("2026-03-01T09:00:00Z")));
    let moved = press(begun).moved("resume", &json!({}), None);
    assert_eq!(moved.to, "in_progress");
    assert_eq!(moved.guards[0].condition, "doc.started_at != null");
    assert!(moved.guards[0].holds);
}

#[test]
fn the_system_fires_what_is_marked_for_it_and_nothing_else() {
    let workflow = shipped();
    let mut system = person(0, "", &[]);
    system.system = true;
    let press = Press { workflow: &workflow, doc: record("completed"), actor: system, approval: None };
    assert!(matches!(press.fire("close", &json!({}), None), Ok(Step::Moved(_))));
    assert_eq!(press.refused("reopen"), Refusal::NotForSystem);
}

#[test]
fn pictures_show_every_state_and_way() {
    let workflow = shipped();
    let mermaid = workflow.mermaid();
    assert!(mermaid.starts_with("stateDiagram-v2\n    [*] --> open\n"), "{mermaid}");
    assert!(mermaid.contains("    on_hold --> open: approve (first"), "{mermaid}");
    assert!(mermaid.contains("    cancelled --> [*]\n"), "{mermaid}");
    let svg = workflow.svg(Some("open"), &|label| format!("<{label:?}>"));
    assert_eq!(svg.matches("<rect").count(), 8);
    assert_eq!(svg.matches("wf-current").count(), 1);
    assert!(svg.contains("&lt;State(&quot;on_hold&quot;)&gt;") && !svg.contains("<State"), "labels are escaped");
}
