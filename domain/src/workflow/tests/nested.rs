//! A step that moves another record: both move or neither.

use serde_json::json;
use uuid::Uuid;

use super::{FILE, Shop};
use crate::kernel::error::Error;

#[tokio::test]
async fn given_a_step_that_closes_another_order_when_pressed_then_the_system_closes_it_in_the_same_transaction() {
    let shop = Shop::new().await;
    let (first, second) = (shop.open(json!({})).await, shop.open(json!({})).await);
    for step in ["start", "finish"] {
        shop.press(&shop.manager, &second, step).await.expect("moves");
    }
    // the technician may not close, the file lets the system do it
    let form = json!({ "other": second.id, "due_at": "2026-03-09T08:00:00Z" });
    shop.world.press(&shop.technician, &first, "close_other", form).await.expect("closes the other");
    assert_eq!((shop.show(&second).await.state.as_str(), shop.show(&first).await.state.as_str()), ("closed", "open"));
    assert_eq!(
        shop.count("SELECT count(*) FROM timers WHERE record_id = $1 AND kind IN ('timer', 'escalation') AND wake_at IS NOT NULL", &second)
            .await,
        0
    );
}

#[tokio::test]
async fn given_a_condition_on_other_orders_when_pressed_then_those_not_finished_are_counted() {
    let shop = Shop::new().await;
    let busy = json!({ "assignee_id": shop.technician.actor().id });
    let order = shop.open(busy.clone()).await;
    let other = shop.asked(busy.clone()).await;
    shop.world.press(&shop.manager, &order, "start", json!({})).await.expect("one other is allowed");
    let third = shop.open(busy).await;
    let refused = shop.press(&shop.manager, &third, "start").await.expect_err("two others are too many");
    assert!(matches!(refused, Error::Blocked(..)), "{refused:?}");
    let start = shop.explain(&shop.manager, &third).await.transitions.into_iter().find(|step| step.name == "start").expect("is there");
    assert!(!start.allowed);
    shop.world.press(&shop.company.admin, &other, "refuse", json!({ "reason": "No" })).await.expect("is over");
    shop.press(&shop.manager, &third, "start").await.expect("one is left");
}

#[tokio::test]
async fn given_another_order_that_cannot_be_moved_when_pressed_then_the_effect_is_named_and_nothing_stays() {
    let shop = Shop::new().await;
    let (first, second) = (shop.open(json!({})).await, shop.open(json!({})).await);
    let before = shop.world.snapshot(&shop.company.admin).await;
    for other in [second.id, first.id, Uuid::now_v7()] {
        let refused = shop.world.press(&shop.manager, &first, "close_other", json!({ "other": other })).await.expect_err("is not done");
        assert!(matches!(refused, Error::Effect { index: 2, .. }), "{refused:?}");
        assert_eq!(refused.code(), "effect_failed");
    }
    assert_eq!(shop.world.snapshot(&shop.company.admin).await, before);
}

/// The shop's file with a step that asks for another order.
fn following_up() -> String {
    let step = "  follow_up:
    from: [open, working]
    to: same
    permission: work_order.view
    form: {what: {type: text, required: true}, due_at: {type: time}}
    effects:
      - create: {subject: work_order, set: {title: input.what, location: doc.location, priority: '\"high\"', assignee: doc.assignee}}
      - {set: {due_at: input.due_at}, when: input.due_at != null}
";
    FILE.replacen("transitions:\n", &format!("transitions:\n{step}"), 1)
}

#[tokio::test]
async fn given_a_step_that_asks_for_more_work_when_pressed_then_an_order_begins_where_the_file_says_in_the_same_transaction() {
    let shop = Shop::of(&following_up()).await;
    let order = shop.open(json!({ "assignee_id": shop.technician.actor().id })).await;
    shop.world.press(&shop.technician, &order, "follow_up", json!({ "what": "Align the rollers" })).await.expect("asks for more");
    let made: (String, String, String, Uuid, Option<Uuid>) =
        sqlx::query_as("SELECT title, state, priority, created_by, assignee_id FROM work_orders WHERE id <> $1")
            .bind(order.id)
            .fetch_one(&mut shop.world.superuser().await)
            .await
            .expect("is there");
    let technician = shop.technician.actor().id.uuid();
    assert_eq!(made, ("Align the rollers".into(), "asked".into(), "high".into(), technician, Some(technician)));
    let asked: i64 = sqlx::query_scalar("SELECT count(*) FROM approvals a JOIN work_orders o ON o.id = a.record_id WHERE o.title = 'Align the rollers' AND a.status = 'open'")
        .fetch_one(&mut shop.world.superuser().await)
        .await
        .expect("counts");
    assert_eq!(asked, 1, "its approval is asked for as of any other");

    let before = shop.world.snapshot(&shop.company.admin).await;
    let refused =
        shop.world.press(&shop.technician, &order, "follow_up", json!({ "what": "x".repeat(300), "due_at": "2026-03-09T08:00:00Z" })).await;
    assert!(matches!(refused, Err(Error::Effect { index: 0, .. })), "{refused:?}");
    assert_eq!(shop.world.snapshot(&shop.company.admin).await, before, "neither the order nor the step");
}

#[test]
fn what_an_effect_may_fill_in_is_known_before_it_is_pressed() {
    let codes = |from: &str, to: &str| {
        let text = following_up().replacen(from, to, 1);
        let found = crate::workflow::load_definition(&text, "work_order.yml").err().unwrap_or_default();
        found.iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    assert_eq!(codes("title: input.what", "title: input.what"), [""; 0]);
    assert_eq!(codes("title: input.what, ", ""), ["WF005"], "what must be there");
    assert_eq!(codes("title: input.what", "title: input.what, state: '\"open\"'"), ["WF208"], "where it begins its file says");
    assert_eq!(codes("title: input.what", "title: input.what, colour: input.what"), ["WF204"]);
    assert_eq!(codes("subject: work_order", "subject: dispatch"), ["WF218"], "a kind of record that is not kept here");
    let endless = "initial: [{to: asked, effects: [{create: {subject: work_order, set: {title: doc.title}}}]}]";
    assert!(codes("initial: [{to: asked}]", endless).contains(&"WF109"), "an order that begins by asking for another never ends");
}
