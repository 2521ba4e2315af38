//! Decisions the shipped files do not need yet: quorums, roles, branches on the form, explanations.

use serde_json::json;
use workflows::{Decided, Explained, Progress, Recipient, Refusal, Step, Value, Who};

use crate::support::{Press, around, id, loaded, manager, person, record, request, shipped, technician};

const QUORUM: &str = "workflow: work_order
version: 1
entity: work_order
initial: [{to: asked}]
states:
  asked: {category: todo}
  granted: {category: done, terminal: true}
  refused: {category: cancelled, terminal: true}
transitions:
  approve:
    from: asked
    to: granted
    permission: work_order.view
    when: doc.urgent
    approvals: {on_reject: refuse, levels: [{id: money, role: finance, need: 2, when: doc.number > 100}]}
  refuse: {from: asked, to: refused, permission: work_order.view, reason: required}
";

#[test]
fn a_quorum_counts_people_and_the_last_vote_fires() {
    let workflow = loaded(QUORUM);
    let finance = |number| person(number, "finance", &["work_order.view"]);
    let press = |actor, votes| Press { workflow: &workflow, doc: record("asked"), actor, approval: Some(request(votes)) };
    let first = press(finance(11), &[]).fire("approve", &json!({}), None);
    let progress = Progress { level: "money".to_owned(), have: 1, need: 2 };
    assert_eq!(first, Ok(Step::Decided(Decided { progress, on_behalf_of: None, opens: None })));
    assert_eq!(press(finance(11), &[(11, "money")]).refused("approve"), Refusal::AlreadyDecided);
    let moved = press(finance(12), &[(11, "money")]).moved("approve", &json!({}), None);
    assert_eq!((moved.to.as_str(), moved.decided.as_deref()), ("granted", Some("money")));
    let refusal = press(manager(), &[]).refused("approve");
    assert_eq!(refusal, Refusal::NotEligible { level: "money".to_owned(), who: Who::Role("finance".to_owned()) });
    assert_eq!(refusal.blockers()[0].code, "not_eligible_role");
}

#[test]
fn the_last_vote_tests_the_conditions_again() {
    let workflow = loaded(QUORUM);
    let doc = record("asked").with("urgent", Value::Bool(false));
    let press =
        Press { workflow: &workflow, doc, actor: person(12, "finance", &["work_order.view"]), approval: Some(request(&[(11, "money")])) };
    let Refusal::GuardFailed(blockers) = press.refused("approve") else { panic!("not urgent any more") };
    assert_eq!((blockers[0].code, blockers[0].field.as_deref()), ("must_be", Some("urgent")));
}

#[test]
fn a_level_whose_condition_is_false_is_skipped_and_not_asked() {
    let workflow = loaded(QUORUM);
    let doc = record("asked").with("number", Value::Int(5));
    let press = Press { workflow: &workflow, doc, actor: technician(), approval: None };
    assert_eq!(press.with_facts(|facts| workflow.initial(facts)).expect("a state").opens, None);
    assert_eq!(press.moved("approve", &json!({}), None).to, "granted");
    let asked = Press { doc: record(""), ..press };
    let opens = asked.with_facts(|facts| workflow.initial(facts)).expect("a state").opens.expect("a request");
    assert_eq!(opens.to, [Recipient::Role("finance".to_owned())]);
}

#[test]
fn a_request_for_something_else_does_not_count() {
    let workflow = loaded(QUORUM);
    let mut other = request(&[(11, "money")]);
    other.transition = "refuse".to_owned();
    let press =
        Press { workflow: &workflow, doc: record("asked"), actor: person(12, "finance", &["work_order.view"]), approval: Some(other) };
    assert_eq!(press.refused("approve"), Refusal::NoRequest);
}

#[test]
fn refusals_come_in_their_order() {
    let workflow = shipped();
    let press = Press { workflow: &workflow, doc: record("closed"), actor: person(9, "viewer", &[]), approval: None };
    assert_eq!(press.refused("fly"), Refusal::UnknownTransition);
    assert_eq!(press.refused("start"), Refusal::WrongState { state: "closed".to_owned(), from: vec!["open".to_owned()] });
    let blocker = &press.refused("start").blockers()[0];
    assert_eq!(
        (blocker.code, blocker.need.to_string(), blocker.have.to_string()),
        ("wrong_state", "[\"open\"]".to_owned(), "closed".to_owned())
    );
}

const BRANCHES: &str = "to: [{when: input.qty == doc.qty, state: a}, {state: b}]
form: {qty: {type: decimal, required: true, min: 0, max: doc.qty}, why: {type: text}}
effects:
  - set: {qty: doc.qty - input.qty}
  - set: {meter_reading: '1', urgent: doc.qty > 1}
  - assign: null
  - notify: {text: work_order.assigned, to: [doc.assignee, doc.created_by, doc.created_by, 'role:finance', actor], channels: [email, in_app]}
  - notify: {text: work_order.approved, to: [doc.assignee]}";

#[test]
fn the_form_chooses_the_branch_and_effects_see_what_was_written_before() {
    let source = around(BRANCHES).replacen("    to: b\n", "", 1);
    let workflow = loaded(&source);
    let doc = record("a").with("assignee", Value::Ref(id(5)));
    let press = Press { workflow: &workflow, doc, actor: technician(), approval: None };
    assert_eq!(press.moved("go", &json!({"qty": "2.5"}), None).to, "a");
    let moved = press.moved("go", &json!({"qty": "2"}), None);
    assert_eq!(moved.to, "b");
    let set: Vec<_> = moved.set.iter().map(|(field, value)| (field.as_str(), value.to_string())).collect();
    assert_eq!(set, [("qty", "0.5".to_owned()), ("meter_reading", "1".to_owned()), ("urgent", "false".to_owned())]);
    assert_eq!(moved.assign, Some(Value::Null));
    assert_eq!(moved.outbox.len(), 1, "a message to nobody is none");
    assert_eq!(moved.outbox[0].index, 3);
    assert_eq!(moved.outbox[0].notify.to, [Recipient::Member(id(1)), Recipient::Role("finance".to_owned())]);
    assert_eq!(moved.guards[0].condition, "input.qty == doc.qty");
    let Err(Refusal::Invalid(problems)) = press.fire("go", &json!({"qty": 3}), None) else { panic!("more than there is") };
    assert_eq!((problems[0].code, problems[0].params["max"].as_str()), ("out_of_range", "2.5"));
}

fn explained<'a>(all: &'a [Explained<'_>], transition: &str) -> &'a Explained<'a> {
    all.iter().find(|explained| explained.transition == transition).expect("every transition is explained")
}

#[test]
fn everything_is_explained_the_possible_and_the_impossible() {
    let workflow = shipped();
    let press = Press { workflow: &workflow, doc: record("open"), actor: technician(), approval: None };
    let all = press.with_facts(|facts| workflow.explain(facts, None));
    assert_eq!(all.len(), workflow.transitions().len());
    let start = explained(&all, "start");
    assert!(start.in_state && !start.allowed);
    assert_eq!(start.to, Some("in_progress"));
    assert_eq!(start.blockers[0].field.as_deref(), Some("assignee"));
    let wait = explained(&all, "await_parts");
    assert!(wait.allowed && wait.blockers.is_empty());
    let cancel = explained(&all, "cancel");
    assert_eq!((cancel.blockers[0].code, cancel.blockers[0].need.to_string()), ("permission", "work_order.cancel".to_owned()));
    let complete = explained(&all, "complete");
    let codes: Vec<_> = complete.blockers.iter().map(|blocker| blocker.code).collect();
    assert_eq!(codes, ["wrong_state", "required"]);
    assert_eq!(complete.form.len(), 3);
    assert_eq!(explained(&all, "assign").to, Some("open"));
    assert_eq!(explained(&all, "resume").to, Some("open"));
    assert_eq!(explained(&all, "approve").blockers.iter().map(|blocker| blocker.code).collect::<Vec<_>>(), ["wrong_state"]);
}

#[test]
fn a_request_is_explained_with_its_progress() {
    let workflow = loaded(QUORUM);
    let votes = request(&[(11, "money")]);
    let explain = |actor| {
        let press = Press { workflow: &workflow, doc: record("asked"), actor, approval: Some(votes.clone()) };
        press.with_facts(|facts| {
            let all = workflow.explain(facts, press.approval.as_ref());
            let approve = explained(&all, "approve");
            (approve.allowed, approve.progress.clone(), approve.blockers.iter().map(|blocker| blocker.code).collect::<Vec<_>>())
        })
    };
    let progress = Some(Progress { level: "money".to_owned(), have: 1, need: 2 });
    assert_eq!(explain(person(12, "finance", &["work_order.view"])), (true, progress.clone(), vec![]));
    assert_eq!(explain(person(11, "finance", &["work_order.view"])), (false, progress.clone(), vec!["already_decided"]));
    assert_eq!(explain(technician()), (false, progress, vec!["not_eligible_role"]));
}

#[test]
fn what_depends_on_the_form_is_left_open_until_it_is_filled() {
    let source = around(&format!("{BRANCHES}\nwhen: input.qty > 0 && doc.urgent")).replacen("    to: b\n", "", 1);
    let workflow = loaded(&source);
    let press = Press { workflow: &workflow, doc: record("a"), actor: technician(), approval: None };
    let (to, allowed) = press.with_facts(|facts| {
        let all = workflow.explain(facts, None);
        (explained(&all, "go").to.map(str::to_owned), explained(&all, "go").allowed)
    });
    assert_eq!((to, allowed), (None, true));
    let Err(Refusal::GuardFailed(blockers)) = press.fire("go", &json!({"qty": 0}), None) else { panic!("nothing received") };
    assert_eq!((blockers[0].code, blockers[0].field.as_deref()), ("must_be_more", Some("input.qty")));
}

#[test]
fn blockers_and_guard_values_are_plain_json() {
    let workflow = shipped();
    let doc = record("open").with("assignee", Value::Ref(id(1)));
    let press = Press { workflow: &workflow, doc, actor: person(5, "technician", &["work_order.execute"]), approval: None };
    let json = serde_json::to_value(&press.refused("start").blockers()[0]).expect("JSON");
    assert_eq!(json["code"], "any_of");
    assert_eq!(json["read"]["doc.assignee"], id(1).to_string());
    assert_eq!(json["alternatives"][1]["need"], "work_order.manage");
}
