//! Levels in order, seats, conditions, and what an edit does to decisions.

use chrono::TimeDelta;
use serde_json::json;

use super::Shop;
use crate::kernel::error::{Error, Refused};
use crate::kernel::testing::read;
use crate::maintenance::work_order::Edit;

const ASKED: &str = "work_order.approval_requested";

fn code(error: &Error) -> &'static str {
    match error {
        Error::Forbidden(Refused::Workflow(blocker, _)) => blocker.code,
        other => other.code(),
    }
}

#[tokio::test]
async fn given_three_levels_when_they_agree_in_turn_then_each_is_told_at_its_turn_and_the_last_opens_the_order() {
    let shop = Shop::new().await;
    let (fatima, farid) = (shop.person("fleet_manager", "fatima").await, shop.person("fleet_manager", "farid").await);
    shop.person("dispatcher", "dana").await;
    let order = shop.asked(json!({})).await;
    assert_eq!(shop.told(&order, ASKED).await, ["marat"]);
    assert_eq!(code(&shop.press(&fatima, &order, "approve").await.expect_err("is not their turn")), "not_eligible_role");
    let asked = shop.explain(&fatima, &order).await.approval.expect("is open");
    let standing: Vec<_> = asked.levels.iter().map(|level| (level.id.as_str(), level.standing.as_str())).collect();
    assert_eq!(standing, [("lead", "waiting"), ("hurry", "skipped"), ("fleet", "later")], "what will be passed over is said before");
    let first = shop.press(&shop.manager, &order, "approve").await.expect("agrees");
    assert_eq!((first.state.as_str(), first.votes, first.votes_needed), ("asked", Some(1), Some(1)));
    assert_eq!(shop.told(&order, ASKED).await, ["marat", "farid", "fatima"], "the level for urgent ones is skipped");
    let seen = shop.explain(&fatima, &order).await.approval.expect("is open");
    let standing: Vec<_> = seen.levels.iter().map(|level| (level.id.as_str(), level.standing.as_str(), level.have, level.need)).collect();
    assert_eq!(standing, [("lead", "agreed", 1, 1), ("hurry", "skipped", 0, 1), ("fleet", "waiting", 0, 2)]);
    assert_eq!((seen.level.as_str(), seen.have, seen.need, seen.deciders), ("fleet", 0, 2, vec!["fleet_manager".to_owned()]));
    assert_eq!(code(&shop.press(&shop.manager, &order, "approve").await.expect_err("had their say")), "not_eligible_role");
    shop.press(&fatima, &order, "approve").await.expect("agrees");
    assert_eq!(code(&shop.press(&fatima, &order, "approve").await.expect_err("has voted")), "already_decided");
    let last = shop.press(&farid, &order, "approve").await.expect("agrees");
    assert_eq!((last.state.as_str(), last.votes), ("open", None));
    assert_eq!(shop.count("SELECT count(*) FROM workflow_history WHERE record_id = $1", &order).await, 2);
    assert!(shop.explain(&farid, &order).await.approval.is_none());
}

#[tokio::test]
async fn given_an_urgent_order_when_the_first_level_agrees_then_the_level_for_urgent_ones_is_next() {
    let shop = Shop::new().await;
    shop.person("dispatcher", "dana").await;
    let order = shop.asked(json!({ "priority": "critical" })).await;
    shop.press(&shop.manager, &order, "approve").await.expect("agrees");
    assert_eq!(shop.told(&order, ASKED).await, ["marat", "dana"]);
}

#[tokio::test]
async fn given_a_manager_of_another_site_when_they_would_decide_then_they_are_neither_told_nor_heard() {
    let shop = Shop::new().await;
    let south = shop.world.location(&shop.company.admin, "South", None).await;
    let hall = shop.world.location(&shop.company.admin, "Hall", Some(shop.company.site)).await;
    let (_, near) = shop.world.member_at(&shop.company, "manager", "nurlan", Some(vec![shop.company.site])).await;
    shop.world.member_at(&shop.company, "manager", "saule", Some(vec![south.id])).await;
    let order = shop.asked(json!({ "location_id": hall.id })).await;
    assert_eq!(shop.told(&order, ASKED).await, ["marat", "nurlan"]);
    shop.press(&near, &order, "approve").await.expect("the hall is of their site");
}

#[tokio::test]
async fn given_a_decision_when_a_field_it_rests_on_is_edited_then_it_is_void_and_the_first_level_is_asked_again() {
    let shop = Shop::new().await;
    let fatima = shop.person("fleet_manager", "fatima").await;
    let order = shop.asked(json!({})).await;
    shop.press(&shop.manager, &order, "approve").await.expect("agrees");
    shop.world.clock.advance(TimeDelta::minutes(1));
    let edit = |title: &str, priority: &str, version| Edit {
        id: order.id.into(),
        version,
        input: read(json!({ "title": title, "location_id": shop.company.site, "priority": priority })),
    };
    let edited = shop.world.app.run(&shop.technician, edit("Belt", "high", order.version)).await.expect("edits");
    assert_eq!(shop.explain(&fatima, &order).await.approval.expect("is open").level, "fleet", "the priority decides nothing here");
    shop.world.app.run(&shop.technician, edit("Two belts", "high", edited.version)).await.expect("edits");
    assert_eq!(shop.told(&order, ASKED).await, ["marat", "fatima", "marat"]);
    assert_eq!(code(&shop.press(&fatima, &order, "approve").await.expect_err("waits for the first again")), "not_eligible_role");
    shop.press(&shop.manager, &order, "approve").await.expect("agrees again");
    let kept = "SELECT count(*) FROM approval_decisions d JOIN approvals a ON a.tenant_id = d.tenant_id AND a.id = d.approval_id WHERE a.record_id = $1";
    assert_eq!(shop.count(kept, &order).await, 2, "what was void stays on record");
}

#[tokio::test]
async fn given_a_level_nobody_answers_when_business_hours_have_passed_then_more_people_may_decide_and_nothing_is_decided() {
    let shop = Shop::new().await;
    // Monday 9:00 in Almaty, and work is over at 13:00 for an hour
    let order = shop.asked(json!({})).await;
    shop.advance(TimeDelta::minutes(119)).await;
    assert_eq!(code(&shop.press(&shop.company.admin, &order, "approve").await.expect_err("is not asked yet")), "not_eligible_role");
    shop.advance(TimeDelta::minutes(1)).await;
    assert_eq!(shop.told(&order, ASKED).await, ["marat", "Admin north"]);
    let seen = shop.explain(&shop.manager, &order).await;
    assert_eq!(seen.state, "asked", "escalation approves nothing");
    let level = &seen.approval.expect("is open").levels[0];
    assert_eq!((level.standing.as_str(), level.have, level.escalated), ("waiting", 0, true));
    shop.press(&shop.company.admin, &order, "approve").await.expect("may decide now");
    shop.advance(TimeDelta::days(5)).await;
    assert_eq!(shop.told(&order, ASKED).await.len(), 2, "nobody of the next level is there, and it does not escalate");
}

#[tokio::test]
async fn given_whoever_asked_when_they_would_decide_then_they_are_refused_even_as_a_manager() {
    let shop = Shop::new().await;
    let order = shop.world.work_order(&shop.manager, "Belt", shop.company.site).await;
    assert_eq!(code(&shop.press(&shop.manager, &order, "approve").await.expect_err("is their own")), "own_request");
    assert!(shop.told(&order, ASKED).await.is_empty());
    let rejected = shop.world.press(&shop.company.admin, &order, "refuse", json!({ "reason": "No" })).await.expect("refuses");
    assert_eq!(rejected.state, "refused");
    assert_eq!(shop.count("SELECT count(*) FROM approvals WHERE record_id = $1 AND status = 'open'", &order).await, 0);
}

/// Levels of which one or the other, or neither, concerns an order.
fn conditional() -> String {
    let (before, rest) = super::FILE.split_once("        - {id: lead").expect("has levels");
    let (_, after) = rest.split_once("    effects: [{notify: {text: work_order.approved").expect("has effects");
    let levels = "        - {id: money, role: fleet_manager, when: 'doc.estimated_cost != null', escalate: {after: PT2H, to: 'role:admin'}}
        - {id: hurry, role: dispatcher, when: doc.priority == \"critical\"}
";
    format!("{before}{levels}    effects: [{{notify: {{text: work_order.approved{after}")
}

#[tokio::test]
async fn given_an_order_nobody_is_asked_about_when_an_edit_makes_a_level_apply_then_it_is_asked_and_the_next_when_that_is_skipped() {
    let shop = Shop::of(&conditional()).await;
    let fatima = shop.person("fleet_manager", "fatima").await;
    let dana = shop.person("dispatcher", "dana").await;
    let order = shop.asked(json!({})).await;
    assert!(shop.told(&order, ASKED).await.is_empty());
    let edit = async |version: i32, more: serde_json::Value| -> i32 {
        let mut input = json!({ "title": "Belt", "location_id": shop.company.site });
        input.as_object_mut().expect("is one").extend(more.as_object().expect("is one").clone());
        shop.world.clock.advance(TimeDelta::minutes(1));
        let edit = Edit { id: order.id.into(), version, input: read(input) };
        shop.world.app.run(&shop.company.admin, edit).await.expect("edits").version
    };
    let version = edit(order.version, json!({ "estimated_cost": { "amount": "9000.00", "currency": "KZT" } })).await;
    assert_eq!(shop.told(&order, ASKED).await, ["fatima"]);
    assert_eq!(code(&shop.press(&shop.technician, &order, "approve").await.expect_err("is not for them")), "not_eligible_role");
    assert_eq!(code(&shop.press(&dana, &order, "approve").await.expect_err("is not their turn")), "not_eligible_role");
    let version = edit(version, json!({ "priority": "critical" })).await;
    assert_eq!(shop.told(&order, ASKED).await, ["fatima", "dana"], "the level that was asked is skipped now");
    let waits = "SELECT count(*) FROM timers WHERE record_id = $1 AND kind = 'escalation' AND wake_at IS NOT NULL";
    assert_eq!(shop.count(waits, &order).await, 0, "it does not escalate any more");
    let version = edit(version, json!({ "priority": "critical", "estimated_cost": { "amount": "9000.00", "currency": "KZT" } })).await;
    assert_eq!(shop.told(&order, ASKED).await, ["fatima", "dana", "fatima"], "and is asked again");
    assert_eq!(shop.count(waits, &order).await, 1);
    edit(version, json!({ "priority": "critical", "estimated_cost": { "amount": "9000.00", "currency": "KZT" }, "description": "Both" }))
        .await;
    assert_eq!(shop.told(&order, ASKED).await.len(), 3, "what decides nothing asks nobody");
    shop.press(&fatima, &order, "approve").await.expect("agrees");
    assert_eq!(shop.press(&dana, &order, "approve").await.expect("agrees").state, "open");
}
