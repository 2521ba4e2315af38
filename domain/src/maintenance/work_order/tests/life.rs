//! From asking to done: who decides, who is told, what is refused, and who wins a race.

use chrono::TimeDelta;
use serde_json::{Value as Json, json};

use super::{Yard, count, states, texts};
use crate::insight::Timeline;
use crate::kernel::error::{Error, Refused};
use crate::kernel::permission::Permission;
use crate::kernel::platform::Caller;
use crate::kernel::testing::{named, press};
use crate::maintenance::work_order::{Show, WorkOrder};
use crate::notify::telegram::AskLink;
use crate::workflow::{Explain, Fire, History};

const APPROVALS: &str = "SELECT count(*) FROM approvals WHERE record_id = $1 AND status = 'open'";
const MET: &str = "SELECT count(*) FROM approvals a JOIN approval_decisions d ON d.tenant_id = a.tenant_id AND d.approval_id = a.id
    WHERE a.record_id = $1 AND a.status = 'met'";
const VOID: &str = "SELECT count(*) FROM approvals WHERE record_id = $1 AND status = 'void'";
const JOBS: &str = "SELECT count(*) FROM notifications n
    JOIN deliveries d ON d.tenant_id = n.tenant_id AND d.notification_id = n.id AND d.state = 'pending'
    JOIN queue.jobs j ON j.tenant_id = d.tenant_id AND j.payload->>'delivery' = d.id::text AND j.kind = 'notify.' || d.channel AND j.state = 'ready'
    WHERE n.record_id = $1";

fn code(error: &Error) -> Option<&'static str> {
    match error {
        Error::Forbidden(Refused::Workflow(blocker, _)) => Some(blocker.code),
        _ => None,
    }
}

#[tokio::test]
async fn given_a_technician_when_they_ask_then_the_order_waits_and_those_who_may_approve_it_are_told() {
    let yard = Yard::new().await;
    let elsewhere = yard.world.location(yard.admin(), "South", None).await;
    yard.world.member_at(&yard.company, "manager", "saule", Some(vec![elsewhere.id])).await;
    let gone = yard.world.member(&yard.company, "manager", "gani").await;
    yard.change(&gone, "manager", false).await;
    let order = yard.asked().await;
    assert_eq!((order.state.as_str(), order.category.as_str(), order.number.as_str()), ("on_hold", "todo", "WO-1001"));
    let asked = "work_order.approval_requested";
    assert_eq!(yard.told(&order).await, texts(&[(asked, "Admin north"), (asked, "marat")]));
    let mut conn = yard.world.superuser().await;
    assert_eq!(count(&mut conn, JOBS, order.id).await, 2);
    assert_eq!(count(&mut conn, APPROVALS, order.id).await, 1);
    assert_eq!(states(&mut conn, order.id).await, ["on_hold"]);
}

#[tokio::test]
async fn given_a_waiting_order_when_a_manager_approves_then_it_opens_and_creator_and_assignee_are_told() {
    let yard = Yard::new().await;
    let assignee = yard.world.member(&yard.company, "technician", "askar").await;
    let input = json!({ "title": "Belt", "location_id": yard.company.site, "assignee_id": assignee.actor().id });
    let order = yard.world.order(&yard.technician, input).await.expect("asks");
    let fired = yard.world.press(&yard.manager, &order, "approve", json!({})).await.expect("approves");
    assert_eq!((fired.state.as_str(), fired.version), ("open", order.version + 1));
    let told = yard.told(&order).await;
    assert_eq!(told[2..], texts(&[("work_order.approved", "askar"), ("work_order.approved", "timur")]));
    let mut conn = yard.world.superuser().await;
    assert_eq!((count(&mut conn, MET, order.id).await, count(&mut conn, APPROVALS, order.id).await), (1, 0));
    let steps = yard.world.app.run(&yard.technician, History::<WorkOrder>(order.id.into())).await.expect("reads");
    let steps: Vec<_> = steps.iter().map(|s| (s.seq, s.transition.as_deref(), s.to_state.as_str(), s.actor.as_str())).collect();
    assert_eq!(steps, [(1, None, "on_hold", "timur"), (2, Some("approve"), "open", "marat")]);
    let happened = yard.world.app.run(&yard.technician, Timeline(order.id.into())).await.expect("reads");
    assert_eq!(happened.iter().map(|h| h.kind.as_str()).collect::<Vec<_>>(), ["workflow.moved", "workflow.created"]);
    assert_eq!(happened[0].data["number"], "WO-1001");
}

#[tokio::test]
async fn given_a_waiting_order_when_it_is_rejected_then_a_reason_is_asked_and_the_creator_reads_it() {
    let yard = Yard::new().await;
    let order = yard.asked().await;
    for blank in [json!({}), json!({ "reason": "  " })] {
        let refused = named(yard.world.press(&yard.manager, &order, "reject", blank).await);
        assert_eq!(refused, [("reason".to_owned(), "required".to_owned())]);
    }
    let reason = json!({ "reason": "Тозған жоқ" });
    let fired = yard.world.press(&yard.manager, &order, "reject", reason).await.expect("rejects");
    assert_eq!(fired.state, "rejected");
    let mut conn = yard.world.superuser().await;
    let (name, params): (String, Json) = sqlx::query_as(
        "SELECT m.name, n.params FROM notifications n JOIN members m ON m.id = n.member_id WHERE n.record_id = $1 AND n.kind = 'work_order.rejected'",
    )
    .bind(order.id)
    .fetch_one(&mut conn)
    .await
    .expect("somebody was told");
    assert_eq!((name.as_str(), &params["reason"], &params["number"]), ("timur", &json!("Тозған жоқ"), &json!("WO-1001")));
    assert_eq!((count(&mut conn, VOID, order.id).await, count(&mut conn, APPROVALS, order.id).await), (1, 0));
    let again = yard.world.press(&yard.manager, &order, "approve", json!({})).await.expect_err("is over");
    assert!(
        matches!(again, Error::WrongState { ref state, ref changed_by, .. } if state == "rejected" && changed_by.as_deref() == Some("marat")),
        "{again:?}"
    );
}

#[tokio::test]
async fn given_a_technician_when_they_would_approve_then_they_are_refused_and_told_who_can() {
    let yard = Yard::new().await;
    let order = yard.asked().await;
    let refused = yard.world.press(&yard.technician, &order, "approve", json!({})).await.expect_err("may not");
    assert_eq!(code(&refused), Some("not_eligible_permission"));
    let explained = yard.world.app.run(&yard.technician, Explain::<WorkOrder>(order.id.into())).await.expect("explains");
    let approve = explained.transitions.iter().find(|t| t.name == "approve").expect("is in the file");
    assert!(approve.in_state && !approve.allowed);
    assert_eq!(approve.blockers[0].who_can, ["admin", "manager", "fleet_manager"]);
    let reject = explained.transitions.iter().find(|t| t.name == "reject").expect("is in the file");
    assert_eq!((reject.allowed, reject.blockers[0].blocker.code), (false, "permission"));
    let approval = explained.approval.expect("a request is open");
    assert_eq!((approval.have, approval.need, approval.on_reject.as_deref()), (0, 1, Some("reject")));
    let for_manager = yard.world.app.run(&yard.manager, Explain::<WorkOrder>(order.id.into())).await.expect("explains");
    let allowed: Vec<_> = for_manager.transitions.iter().filter(|t| t.allowed).map(|t| t.name.as_str()).collect();
    assert_eq!(allowed, ["approve", "reject", "cancel"]);
}

#[tokio::test]
async fn given_an_own_request_when_its_creator_has_become_a_manager_then_somebody_else_must_decide() {
    let yard = Yard::new().await;
    let order = yard.asked().await;
    let promoted = yard.change(&yard.technician, "manager", true).await.expect("is still here");
    let refused = yard.world.press(&promoted, &order, "approve", json!({})).await.expect_err("is their own");
    assert_eq!(code(&refused), Some("own_request"));
    yard.world.press(&yard.manager, &order, "approve", json!({})).await.expect("somebody else decides");
}

#[tokio::test]
async fn given_a_manager_when_they_ask_then_the_order_opens_at_once_and_only_its_assignee_is_told() {
    let yard = Yard::new().await;
    let input = json!({ "title": "Belt", "location_id": yard.company.site, "assignee_id": yard.technician.actor().id });
    let order = yard.world.order(&yard.manager, input).await.expect("asks");
    assert_eq!(order.state, "open");
    assert_eq!(yard.told(&order).await, texts(&[("work_order.assigned", "timur")]));
    assert_eq!(count(&mut yard.world.superuser().await, APPROVALS, order.id).await, 0);
}

#[tokio::test]
async fn given_an_open_order_when_its_assignee_works_then_times_resolution_and_cost_are_kept() {
    let yard = Yard::new().await;
    let other = yard.world.member(&yard.company, "technician", "askar").await;
    let order = yard.world.work_order(&yard.manager, "Belt", yard.company.site).await;
    let unassigned = yard.world.press(&yard.technician, &order, "start", json!({})).await.expect_err("is nobody's");
    let Error::Blocked(blockers, _) = unassigned else { panic!("{unassigned:?}") };
    assert_eq!((blockers[0].code, blockers[0].field.as_deref()), ("required", Some("assignee")));
    yard.world.press(&yard.manager, &order, "assign", json!({ "assignee": yard.technician.actor().id })).await.expect("assigns");
    let foreign = yard.world.press(&other, &order, "start", json!({})).await.expect_err("is somebody else's");
    assert!(matches!(foreign, Error::Blocked(..)), "{foreign:?}");
    yard.world.clock.advance(TimeDelta::hours(1));
    let started_at = yard.world.clock.now();
    yard.world.press(&yard.technician, &order, "start", json!({})).await.expect("starts");
    yard.world.clock.advance(TimeDelta::hours(2));
    let refused = named(yard.world.press(&yard.technician, &order, "complete", json!({ "meter_reading": -1 })).await);
    assert_eq!(
        refused.iter().map(|(field, code)| (field.as_str(), code.as_str())).collect::<Vec<_>>(),
        [("resolution", "required"), ("meter_reading", "out_of_range")]
    );
    let form = json!({ "resolution": "Айырбасталды", "cost": { "amount": "-12.30", "currency": "KZT" }, "meter_reading": 4200 });
    yard.world.press(&yard.technician, &order, "complete", form).await.expect("completes");
    let done = yard.world.app.run(&yard.manager, Show(order.id.into())).await.expect("shows");
    assert_eq!((done.state.as_str(), done.category.as_str()), ("completed", "done"));
    assert_eq!((done.started_at, done.completed_at), (Some(started_at), Some(started_at + TimeDelta::hours(2))));
    assert_eq!((done.resolution.as_deref(), done.meter_reading), (Some("Айырбасталды"), Some(4200)));
    assert_eq!(done.cost.map(|cost| cost.amount).as_deref(), Some("-12.30"));
    assert_eq!(yard.told(&order).await, texts(&[("work_order.assigned", "timur"), ("work_order.completed", "marat")]));
    yard.world.press(&yard.manager, &order, "reopen", json!({ "reason": "Hums again" })).await.expect("reopens");
    let reopened = yard.world.app.run(&yard.manager, Show(order.id.into())).await.expect("shows");
    assert_eq!((reopened.started_at, reopened.completed_at), (None, None));
    assert_eq!(states(&mut yard.world.superuser().await, order.id).await, ["open", "open", "in_progress", "completed", "open"]);
}

#[tokio::test]
async fn given_amounts_the_books_cannot_hold_when_completing_then_the_field_is_named_and_nothing_moves() {
    let yard = Yard::new().await;
    let input = json!({ "title": "Belt", "location_id": yard.company.site, "assignee_id": yard.manager.actor().id });
    let order = yard.world.order(&yard.manager, input).await.expect("asks");
    yard.world.press(&yard.manager, &order, "start", json!({})).await.expect("starts");
    for (amount, currency, code) in [
        ("5.00", "USD", "currency_mismatch"),
        ("5.005", "KZT", "ambiguous_number"),
        ("9999999999999", "KZT", "bad_money"),
        ("x", "KZT", "bad_money"),
    ] {
        let form = json!({ "resolution": "Done", "cost": { "amount": amount, "currency": currency } });
        let refused = named(yard.world.press(&yard.manager, &order, "complete", form).await);
        assert_eq!(refused, [("cost".to_owned(), code.to_owned())], "{amount} {currency}");
    }
    let nul = json!({ "resolution": "a\u{0}b" });
    assert!(!named(yard.world.press(&yard.manager, &order, "complete", nul).await).is_empty());
    let reason = yard.world.press(&yard.manager, &order, "cancel", json!({ "reason": "a\u{0}b" })).await;
    assert_eq!(named(reason)[0].1, "control_characters");
    assert_eq!(states(&mut yard.world.superuser().await, order.id).await, ["open", "in_progress"]);
}

#[tokio::test]
async fn given_rights_a_file_asks_for_when_somebody_lacks_them_then_the_step_is_refused() {
    let yard = Yard::new().await;
    let viewer = yard.world.member(&yard.company, "viewer", "vera").await;
    let refused = yard.world.order(&viewer, json!({ "title": "Belt", "location_id": yard.company.site })).await.expect_err("may not ask");
    assert!(matches!(refused, Error::Forbidden(Refused::Permission(Permission::WorkOrderCreate))), "{refused:?}");
    let order = yard.world.work_order(&yard.manager, "Belt", yard.company.site).await;
    let form = json!({ "assignee": yard.technician.actor().id });
    let refused = yard.world.press(&yard.technician, &order, "assign", form).await.expect_err("may not assign");
    assert!(matches!(refused, Error::Forbidden(Refused::Named(ref p)) if p == "work_order.manage"), "{refused:?}");
    let unknown = yard.world.press(&yard.manager, &order, "explode", json!({})).await.expect_err("is not in the file");
    assert!(matches!(unknown, Error::NotFound), "{unknown:?}");
    let stranger = uuid::Uuid::now_v7();
    let refused = named(yard.world.press(&yard.manager, &order, "assign", json!({ "assignee": stranger })).await);
    assert_eq!(refused, [("assignee".to_owned(), "unknown_reference".to_owned())]);
    yard.change(&yard.technician, "technician", false).await;
    let refused = named(yard.world.press(&yard.manager, &order, "assign", json!({ "assignee": yard.technician.actor().id })).await);
    assert_eq!(refused, [("assignee".to_owned(), "unknown_reference".to_owned())]);
}

#[tokio::test]
async fn given_a_step_of_another_state_or_version_when_pressed_then_the_present_one_is_named() {
    let yard = Yard::new().await;
    let order = yard.asked().await;
    let wrong = yard.world.press(&yard.manager, &order, "start", json!({})).await.expect_err("is on hold");
    assert!(matches!(wrong, Error::WrongState { ref state, .. } if state == "on_hold"), "{wrong:?}");
    yard.world.press(&yard.manager, &order, "approve", json!({})).await.expect("approves");
    let old = Fire { version: Some(order.version), ..press(order.id, "cancel", json!({ "reason": "Twice" })) };
    let stale = yard.world.app.run(&yard.manager, old).await.expect_err("moved on");
    assert!(
        matches!(stale, Error::Stale { current, ref state, ref changed_by, .. }
            if current == order.version + 1 && state.as_deref() == Some("open") && changed_by.as_deref() == Some("marat")),
        "{stale:?}"
    );
    assert_eq!(states(&mut yard.world.superuser().await, order.id).await, ["on_hold", "open"]);
}

#[tokio::test]
async fn given_a_linked_chat_when_something_is_told_then_mail_and_telegram_both_go_out_once() {
    let yard = Yard::new().await;
    let code = yard.world.app.platform(&Caller::anyone(yard.world.request()), AskLink(&yard.manager)).await.expect("makes a code");
    assert!(yard.world.app.link_telegram(code.reveal(), 42).await.expect("links").is_some());
    assert!(yard.world.app.link_telegram(code.reveal(), 43).await.expect("answers").is_none(), "a code links once");
    let order = yard.asked().await;
    let channels: Vec<(String, String)> = sqlx::query_as(
        "SELECT d.channel, d.address FROM deliveries d JOIN notifications n ON n.tenant_id = d.tenant_id AND n.id = d.notification_id
         JOIN members m ON m.id = n.member_id AND m.name = 'marat' WHERE n.record_id = $1 ORDER BY 1",
    )
    .bind(order.id)
    .fetch_all(&mut yard.world.superuser().await)
    .await
    .expect("reads deliveries");
    assert_eq!(channels, texts(&[("email", "marat@north.example"), ("telegram", "42")]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_two_managers_when_one_approves_and_one_rejects_at_once_then_exactly_one_wins_a_hundred_times() {
    let yard = Yard::new().await;
    let mut approved = 0;
    for round in 0..100 {
        let order = yard.asked().await;
        let (app, manager, admin) = (yard.world.app.clone(), yard.manager.clone(), yard.admin().clone());
        let approve = press(order.id, "approve", json!({}));
        let reject = press(order.id, "reject", json!({ "reason": "No" }));
        let other = app.clone();
        let (a, b) = tokio::join!(
            tokio::spawn(async move { app.run(&manager, approve).await }),
            tokio::spawn(async move { other.run(&admin, reject).await })
        );
        let (a, b) = (a.expect("does not panic"), b.expect("does not panic"));
        let loser = match (a, b) {
            (Ok(won), Err(lost)) => {
                assert_eq!(won.state, "open");
                approved += 1;
                lost
            }
            (Err(lost), Ok(won)) => {
                assert_eq!(won.state, "rejected");
                lost
            }
            other => panic!("round {round}: {other:?}"),
        };
        assert!(matches!(loser, Error::WrongState { .. }), "round {round}: {loser:?}");
    }
    let (most, least, open): (i64, i64, i64) = sqlx::query_as(
        "SELECT max(n), min(n), (SELECT count(*) FROM approvals WHERE status = 'open') FROM (SELECT count(*) AS n FROM workflow_history GROUP BY record_id) AS steps",
    )
    .fetch_one(&mut yard.world.superuser().await)
    .await
    .expect("counts");
    assert_eq!((most, least, open), (2, 2, 0), "{approved} approved");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_one_manager_when_they_press_approve_twice_at_once_then_the_order_opens_once() {
    let yard = Yard::new().await;
    let order = yard.asked().await;
    let press = || press(order.id, "approve", json!({}));
    let (a, b) = tokio::join!(yard.world.app.run(&yard.manager, press()), yard.world.app.run(&yard.manager, press()));
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
    let mut conn = yard.world.superuser().await;
    assert_eq!(states(&mut conn, order.id).await, ["on_hold", "open"]);
    assert_eq!(count(&mut conn, MET, order.id).await, 1);
}
