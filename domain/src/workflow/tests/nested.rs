//! A step that moves another record: both move or neither.

use serde_json::json;

use super::Shop;
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
    assert!(matches!(refused, Error::Blocked(_)), "{refused:?}");
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
    for other in [second.id, first.id, uuid::Uuid::now_v7()] {
        let refused = shop.world.press(&shop.manager, &first, "close_other", json!({ "other": other })).await.expect_err("is not done");
        assert!(matches!(refused, Error::Effect { index: 2, .. }), "{refused:?}");
        assert_eq!(refused.code(), "effect_failed");
    }
    assert_eq!(shop.world.snapshot(&shop.company.admin).await, before);
}
