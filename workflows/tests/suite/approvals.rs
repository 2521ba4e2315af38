//! Levels in order, seats, delegates, places, escalation, edits that void.

use std::collections::BTreeSet;

use serde_json::json;
use workflows::{Actor, Approval, Decided, Principal, Recipient, Refusal, Scoped, Step, Value, Vote, Workflow};

use crate::support::{Press, id, loaded, money, person, record, request};

const LEVELS: &str = "workflow: work_order
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
    approvals:
      on_reject: refuse
      void_on_change: [cost, priority]
      levels:
        - {id: first, perm: work_order.approve, scope: doc.location, escalate: {after: PT8H, to: ['role:operations', doc.crew]}}
        - {id: finance, role: finance, need: 2, when: \"doc.cost != null && doc.cost > money('100 KZT')\"}
        - {id: last, role: admin}
  refuse: {from: asked, to: refused, permission: work_order.approve, reason: required}
";

fn doc() -> workflows::Record {
    record("asked").with("cost", money("500 KZT")).with("location", Value::Ref(id(100))).with("crew", Value::List(vec![Value::Ref(id(31))]))
}

fn lead(number: u128) -> Actor {
    person(number, "manager", &["work_order.view", "work_order.approve"])
}

fn finance(number: u128) -> Actor {
    person(number, "finance", &["work_order.view"])
}

fn press<'w>(workflow: &'w Workflow, actor: Actor, votes: &[(u128, &str)]) -> Press<'w> {
    Press { workflow, doc: doc(), actor, approval: Some(request(votes)) }
}

fn decided(press: &Press<'_>) -> Decided {
    match press.fire("approve", &json!({}), None) {
        Ok(Step::Decided(decided)) => decided,
        other => panic!("not a vote: {other:?}"),
    }
}

#[test]
fn levels_are_decided_in_order_and_each_is_asked_when_the_one_before_is_complete() {
    let workflow = loaded(LEVELS);
    let vote = decided(&press(&workflow, lead(10), &[]));
    assert_eq!((vote.progress.level.as_str(), vote.progress.have, vote.progress.need), ("first", 1, 1));
    let next = vote.opens.expect("the next level is asked");
    assert_eq!((next.level.as_str(), next.need, next.to), ("finance", 2, vec![Recipient::Role("finance".to_owned())]));
    assert!(matches!(press(&workflow, finance(11), &[]).refused("approve"), Refusal::NotEligible { level, .. } if level == "first"));
    let half = decided(&press(&workflow, finance(11), &[(10, "first")]));
    assert_eq!((half.progress.have, half.opens), (1, None));
    let full = decided(&press(&workflow, finance(12), &[(10, "first"), (11, "finance")]));
    assert_eq!(full.opens.map(|next| next.level), Some("last".to_owned()));
    let all = [(10, "first"), (11, "finance"), (12, "finance")];
    let moved = press(&workflow, person(13, "admin", &["work_order.view"]), &all).moved("approve", &json!({}), None);
    assert_eq!((moved.to.as_str(), moved.decided.as_deref(), moved.closes_request), ("granted", Some("last"), true));
}

#[test]
fn a_level_whose_condition_does_not_hold_is_passed_over() {
    let workflow = loaded(LEVELS);
    let cheap = Press { doc: doc().with("cost", money("5 KZT")), ..press(&workflow, lead(10), &[]) };
    assert_eq!(decided(&cheap).opens.map(|next| next.level), Some("last".to_owned()));
}

#[test]
fn nobody_decides_twice_whatever_their_roles() {
    let workflow = loaded(LEVELS);
    let both = person(10, "finance", &["work_order.view", "work_order.approve"]);
    assert_eq!(press(&workflow, both, &[(10, "first")]).refused("approve"), Refusal::AlreadyDecided);
    let mut requester = lead(1);
    assert_eq!(press(&workflow, requester.clone(), &[]).refused("approve"), Refusal::OwnRequest);
    requester.on_behalf_of = vec![principal(20, "manager", &["work_order.approve"])];
    assert_eq!(press(&workflow, requester, &[]).refused("approve"), Refusal::OwnRequest, "nor for another");
}

fn principal(number: u128, role: &str, permissions: &[&str]) -> Principal {
    let permissions = permissions.iter().map(|&permission| permission.to_owned()).collect();
    Principal { member: id(number), role: role.to_owned(), permissions, sites: None }
}

#[test]
fn a_delegate_counts_for_one_principal_and_one_human_fills_one_seat() {
    let workflow = loaded(LEVELS);
    let votes = [(10, "first")];
    let mut clerk = person(40, "technician", &["work_order.view"]);
    clerk.on_behalf_of = vec![principal(11, "finance", &[]), principal(12, "finance", &[])];
    let vote = decided(&press(&workflow, clerk.clone(), &votes));
    assert_eq!((vote.on_behalf_of, vote.progress.have), (Some(id(11)), 1));

    let given =
        |member, on_behalf_of: Option<u128>| Vote { member: id(member), level: "finance".to_owned(), on_behalf_of: on_behalf_of.map(id) };
    let with = |actor: Actor, extra: Vote| {
        let mut asked = request(&votes);
        asked.votes.push(extra);
        Press { approval: Some(asked), ..press(&workflow, actor, &[]) }
    };
    assert_eq!(
        with(clerk.clone(), given(40, Some(11))).refused("approve"),
        Refusal::AlreadyDecided,
        "not for the second principal as well"
    );
    assert_eq!(with(finance(11), given(40, Some(11))).refused("approve"), Refusal::AlreadyDecided, "the principal's seat is filled");
    let second = decided(&with(clerk.clone(), given(11, None)));
    assert_eq!(second.on_behalf_of, Some(id(12)), "whose principal has decided stands in for the other");

    clerk.on_behalf_of = vec![principal(1, "manager", &["work_order.approve"])];
    assert_eq!(press(&workflow, clerk.clone(), &[]).refused("approve"), Refusal::OwnRequest, "the requester's delegate is the requester");
    clerk.permissions = BTreeSet::new();
    clerk.on_behalf_of = vec![principal(11, "finance", &["work_order.view"])];
    assert_eq!(decided(&press(&workflow, clerk, &votes)).on_behalf_of, Some(id(11)), "with the principal's right to see it");
}

#[test]
fn a_level_with_a_place_is_decided_by_those_who_act_there() {
    let workflow = loaded(LEVELS);
    let at = |sites: &[u128]| Actor { sites: Some(sites.iter().map(|&site| id(site)).collect()), ..lead(10) };
    assert_eq!(decided(&press(&workflow, at(&[7, 100]), &[])).progress.have, 1);
    let refusal = press(&workflow, at(&[7]), &[]).refused("approve");
    assert_eq!(refusal, Refusal::NotAtSite { level: "first".to_owned(), site: Some(id(100)) });
    assert_eq!((refusal.blockers()[0].code, &refusal.blockers()[0].need), ("not_at_site", &Value::Ref(id(100))));
    let nowhere = |actor| Press { doc: doc().with("location", Value::Null), ..press(&workflow, actor, &[]) };
    assert_eq!(nowhere(at(&[100])).refused("approve"), Refusal::NotAtSite { level: "first".to_owned(), site: None });
    assert_eq!(decided(&nowhere(lead(10))).progress.have, 1);
    let opening = press(&workflow, lead(1), &[]);
    let opening = opening.with_facts(|facts| workflow.initial(facts)).expect("a state").opens.expect("a request");
    assert_eq!(opening.scope, Some(Scoped::At(id(100))));
    assert_eq!(opening.escalate_after.map(|span| span.to_string()), Some("PT8H".to_owned()));
}

#[test]
fn escalation_asks_more_people_and_decides_nothing() {
    let workflow = loaded(LEVELS);
    let operations = person(30, "operations", &["work_order.view"]);
    assert!(matches!(press(&workflow, operations.clone(), &[]).refused("approve"), Refusal::NotEligible { .. }));
    let asked = press(&workflow, operations.clone(), &[]);
    let more = asked.with_facts(|facts| workflow.escalation(facts, &request(&[]), "first")).expect("the level waits");
    assert_eq!(more.to, [Recipient::Role("operations".to_owned()), Recipient::Member(id(31))]);
    assert_eq!(asked.with_facts(|facts| workflow.escalation(facts, &request(&[(10, "first")]), "first")), None, "it has been decided");
    for actor in [operations, person(31, "driver", &["work_order.view"]), lead(10)] {
        let escalated = Approval { escalated: vec!["first".to_owned()], ..request(&[]) };
        let press = Press { approval: Some(escalated), ..press(&workflow, actor, &[]) };
        assert_eq!(decided(&press).progress.have, 1);
    }
}

#[test]
fn an_edit_voids_decisions_and_the_first_level_is_asked_again() {
    let workflow = loaded(LEVELS);
    let asked = request(&[(10, "first")]);
    for (changed, voids) in [(&["cost"][..], true), (&["title", "priority"], true), (&["title"], false), (&[], false)] {
        assert_eq!(workflow.voided_by(&asked, changed), voids, "{changed:?}");
    }
    let press = press(&workflow, lead(10), &[]);
    let level = |asked: &Approval| press.with_facts(|facts| workflow.pending(facts, asked)).map(|opening| opening.level);
    assert_eq!(level(&asked), Some("finance".to_owned()));
    assert_eq!(level(&request(&[])), Some("first".to_owned()));
    assert_eq!(level(&request(&[(10, "first"), (11, "finance"), (12, "finance"), (13, "last")])), None);
}

#[test]
fn whoever_the_request_waits_for_may_reject_it() {
    let workflow = loaded(LEVELS);
    let reject = |actor, votes: &[(u128, &str)]| press(&workflow, actor, votes).fire("refuse", &json!({}), Some("Too dear"));
    assert!(matches!(reject(finance(11), &[(10, "first")]), Ok(Step::Moved(moved)) if moved.to == "refused" && moved.closes_request));
    assert_eq!(reject(finance(11), &[]), Err(Refusal::Forbidden { permission: "work_order.approve".to_owned() }), "not their turn");
    let shown = press(&workflow, finance(11), &[(10, "first")]);
    let explained =
        shown.with_facts(|facts| workflow.explain(facts, shown.approval.as_ref()).iter().map(|one| one.allowed).collect::<Vec<_>>());
    assert_eq!(explained, [true, true]);
    assert!(matches!(reject(lead(10), &[]), Ok(Step::Moved(_))), "and whoever holds the permission");
}

#[test]
fn the_system_decides_on_nothing() {
    let workflow = loaded(
        &LEVELS
            .replace("    permission: work_order.view\n    approvals", "    permission: work_order.view\n    system: true\n    approvals"),
    );
    let system = Actor { system: true, ..Actor::default() };
    assert!(matches!(press(&workflow, system, &[]).refused("approve"), Refusal::NotEligible { .. }));
}
