//! Seats handed over: a delegate counts for one principal, and one human never fills two seats.

use chrono::TimeDelta;
use serde_json::json;

use super::Shop;
use crate::kernel::error::{Error, Refused};
use crate::kernel::scope::Scope;
use crate::kernel::testing::named;
use crate::maintenance::work_order::WorkOrder;
use crate::workflow::{Delegate, Delegations, Handover, History, TakeBack};

async fn hand(shop: &Shop, from: &Scope, to: &Scope, days: i64) -> uuid::Uuid {
    let now = shop.world.clock.now();
    let handover = Handover { delegate_id: to.actor().id.uuid(), starts_at: now, ends_at: now + TimeDelta::days(days) };
    shop.world.app.run(from, Delegate(handover)).await.expect("hands over")
}

#[tokio::test]
async fn given_a_seat_handed_over_when_the_delegate_agrees_then_it_counts_for_the_principal_and_both_are_named() {
    let shop = Shop::new().await;
    let deputy = shop.person("technician", "dina").await;
    hand(&shop, &shop.manager, &deputy, 7).await;
    let order = shop.asked(json!({})).await;
    assert_eq!(shop.told(&order, "work_order.approval_requested").await, ["dina", "marat"], "the deputy is told too");
    let fired = shop.press(&deputy, &order, "approve").await.expect("agrees in their place");
    assert_eq!(fired.votes, Some(1));
    let level = shop.explain(&shop.manager, &order).await.approval.expect("is open").levels.swap_remove(0);
    assert_eq!((level.voters[0].name.as_str(), level.voters[0].on_behalf_of.as_deref()), ("dina", Some("marat")));
    let (fatima, farid) = (shop.person("fleet_manager", "fatima").await, shop.person("fleet_manager", "farid").await);
    hand(&shop, &farid, &fatima, 7).await;
    shop.press(&fatima, &order, "approve").await.expect("agrees");
    let twice = shop.press(&fatima, &order, "approve").await.expect_err("one human, one seat");
    assert!(matches!(twice, Error::Conflict("already_decided")), "{twice:?}");
    let last = shop.person("fleet_manager", "fedor").await;
    let other = shop.person("driver", "denis").await;
    hand(&shop, &last, &other, 7).await;
    assert_eq!(shop.press(&other, &order, "approve").await.expect("is the last").state, "open");
    let steps = shop.world.app.run(&shop.manager, History::<WorkOrder>(order.id.into())).await.expect("reads");
    assert_eq!((steps[1].actor.as_str(), steps[1].on_behalf_of.as_deref()), ("denis", Some("fedor")));
}

#[tokio::test]
async fn given_a_seat_taken_back_or_expired_when_the_delegate_would_decide_then_it_is_no_longer_theirs() {
    let shop = Shop::new().await;
    let deputy = shop.person("technician", "dina").await;
    let order = shop.asked(json!({})).await;
    let refused = async || {
        let refused = shop.press(&deputy, &order, "approve").await.expect_err("has no seat");
        assert!(matches!(refused, Error::Forbidden(Refused::Workflow(ref b, _)) if b.code == "not_eligible_role"), "{refused:?}");
    };
    hand(&shop, &shop.manager, &deputy, 1).await;
    shop.world.clock.advance(TimeDelta::days(1));
    refused().await;
    let id = hand(&shop, &shop.manager, &deputy, 1).await;
    let stranger = shop.world.app.run(&deputy, TakeBack(id.into())).await.expect_err("is not theirs to take back");
    assert!(matches!(stranger, Error::NotFound), "{stranger:?}");
    assert_eq!(shop.world.app.run(&deputy, Delegations).await.expect("lists").len(), 1);
    shop.world.app.run(&shop.manager, TakeBack(id.into())).await.expect("takes back");
    refused().await;
    // whoever asked does not decide through somebody else's seat either
    hand(&shop, &shop.manager, &shop.technician, 1).await;
    let own = shop.press(&shop.technician, &order, "approve").await.expect_err("is their own");
    assert!(matches!(own, Error::Forbidden(Refused::Workflow(..))), "{own:?}");
}

#[tokio::test]
async fn given_wrong_handovers_when_asked_then_each_is_named() {
    let shop = Shop::new().await;
    let now = shop.world.clock.now();
    let give = |to: uuid::Uuid, from: i64, until: i64| {
        Delegate(Handover { delegate_id: to, starts_at: now + TimeDelta::days(from), ends_at: now + TimeDelta::days(until) })
    };
    let (me, other) = (shop.manager.actor().id.uuid(), shop.technician.actor().id.uuid());
    for (delegation, field, code) in [
        (give(me, 0, 1), "delegate_id", "own_seat"),
        (give(uuid::Uuid::now_v7(), 0, 1), "delegate_id", "unknown_reference"),
        (give(other, 2, 1), "ends_at", "before_start"),
        (give(other, -3, -1), "ends_at", "in_past"),
        (give(other, 0, 400), "ends_at", "too_late"),
    ] {
        assert_eq!(named(shop.world.app.run(&shop.manager, delegation).await), [(field.to_owned(), code.to_owned())]);
    }
}
