//! What may be asked for, and who may change it afterwards.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::Yard;
use crate::kernel::error::{Error, Refused, Result};
use crate::kernel::permission::Permission;
use crate::kernel::scope::Scope;
use crate::kernel::testing::{named, read};
use crate::maintenance::work_order::{Edit, Show, WorkOrder};

async fn edit(yard: &Yard, scope: &Scope, order: &WorkOrder, input: Json) -> Result<WorkOrder> {
    yard.world.app.run(scope, Edit { id: order.id.into(), version: order.version, input: read(input) }).await
}

fn fields(refused: &[(String, String)]) -> Vec<(&str, &str)> {
    refused.iter().map(|(field, code)| (field.as_str(), code.as_str())).collect()
}

#[tokio::test]
async fn given_wrong_fields_when_asking_then_all_of_them_are_named() {
    let yard = Yard::new().await;
    let site = yard.company.site;
    let input = json!({ "title": " ", "kind": "magic", "priority": "now", "description": "x".repeat(10_001), "location_id": site });
    let refused = named(yard.world.order(&yard.manager, input).await);
    assert_eq!(fields(&refused), [("title", "required"), ("description", "too_long"), ("kind", "not_one_of"), ("priority", "not_one_of")]);
    for (more, field, code) in [
        (json!({ "title": "a\u{0}b" }), "title", "control_characters"),
        (json!({ "location_id": null }), "asset_id", "asset_or_location"),
        (json!({ "location_id": Uuid::now_v7() }), "location_id", "unknown_reference"),
        (json!({ "asset_id": Uuid::now_v7() }), "asset_id", "unknown_reference"),
        (json!({ "vendor_id": Uuid::now_v7() }), "vendor_id", "unknown_reference"),
        (json!({ "assignee_id": Uuid::now_v7() }), "assignee_id", "unknown_reference"),
        (json!({ "estimated_cost": { "amount": "1.00", "currency": "USD" } }), "estimated_cost/currency", "currency_mismatch"),
        (json!({ "estimated_cost": { "amount": "1.005", "currency": "KZT" } }), "estimated_cost/amount", "bad_money"),
        (json!({ "estimated_cost": { "amount": "-1", "currency": "KZT" } }), "estimated_cost/amount", "too_small"),
    ] {
        let mut input = json!({ "title": "Belt", "location_id": site });
        input.as_object_mut().expect("is one").extend(more.as_object().expect("is one").clone());
        assert_eq!(fields(&named(yard.world.order(&yard.manager, input).await)), [(field, code)]);
    }
    let system: Uuid = sqlx::query_scalar("SELECT id FROM members WHERE kind = 'system'")
        .fetch_one(&mut yard.world.superuser().await)
        .await
        .expect("is there");
    let input = json!({ "title": "Belt", "location_id": site, "assignee_id": system });
    assert_eq!(fields(&named(yard.world.order(&yard.manager, input).await)), [("assignee_id", "unknown_reference")]);
    let orders: i64 =
        sqlx::query_scalar("SELECT count(*) FROM work_orders").fetch_one(&mut yard.world.superuser().await).await.expect("counts");
    assert_eq!(orders, 0);
}

#[tokio::test]
async fn given_an_asset_when_asking_without_a_place_then_the_work_is_where_it_stands() {
    let yard = Yard::new().await;
    let hall = yard.world.location(yard.admin(), "Hall", Some(yard.company.site)).await;
    let asset = yard.world.asset(yard.admin(), "press", hall.id).await;
    let order = yard.world.order(&yard.technician, json!({ "title": "Leaks", "asset_id": asset.id })).await.expect("asks");
    assert_eq!((order.location_id, order.site_id), (hall.id, yard.company.site));
    assert_eq!(order.asset.as_deref(), Some("press · T-press"));
}

#[tokio::test]
async fn given_a_waiting_order_when_its_creator_or_an_editor_changes_it_then_it_is_changed_and_others_are_refused() {
    let yard = Yard::new().await;
    let other = yard.world.member(&yard.company, "technician", "askar").await;
    let dispatcher = yard.world.member(&yard.company, "dispatcher", "dana").await;
    let order = yard.asked().await;
    let input = json!({ "title": "Bearing screams", "location_id": yard.company.site, "priority": "critical" });
    let refused = edit(&yard, &other, &order, input.clone()).await.expect_err("is not theirs");
    assert!(matches!(refused, Error::Forbidden(Refused::Permission(Permission::WorkOrderEdit))), "{refused:?}");
    let changed = edit(&yard, &yard.technician, &order, input.clone()).await.expect("changes");
    assert_eq!((changed.title.as_str(), changed.priority.as_str(), changed.version), ("Bearing screams", "critical", order.version + 1));
    let stale = edit(&yard, &dispatcher, &order, input.clone()).await.expect_err("moved on");
    assert!(matches!(stale, Error::Stale { current: 2, ref changed_by, .. } if changed_by.as_deref() == Some("timur")), "{stale:?}");
    let changed =
        edit(&yard, &dispatcher, &changed, json!({ "title": "Bearing", "location_id": yard.company.site })).await.expect("changes");
    assert_eq!(changed.priority, "medium");
    let diff: Json = sqlx::query_scalar("SELECT diff FROM audit_log WHERE row_id = $1 AND op = 'update' ORDER BY at, txid LIMIT 1")
        .bind(order.id)
        .fetch_one(&mut yard.world.superuser().await)
        .await
        .expect("is audited");
    assert_eq!(diff, json!({ "title": ["Bearing hums", "Bearing screams"], "priority": ["medium", "critical"] }));
}

#[tokio::test]
async fn given_a_finished_order_when_somebody_would_change_it_then_it_stays() {
    let yard = Yard::new().await;
    let order = yard.asked().await;
    yard.world.press(&yard.manager, &order, "reject", json!({ "reason": "No" })).await.expect("rejects");
    let order = yard.world.app.run(&yard.manager, Show(order.id.into())).await.expect("shows");
    let refused =
        edit(&yard, &yard.manager, &order, json!({ "title": "Belt", "location_id": yard.company.site })).await.expect_err("is over");
    assert!(matches!(refused, Error::Conflict("finished")), "{refused:?}");
}

#[tokio::test]
async fn given_an_estimate_when_somebody_who_cannot_see_it_changes_the_order_then_it_survives() {
    let yard = Yard::new().await;
    let dispatcher = yard.world.member(&yard.company, "dispatcher", "dana").await;
    let estimate = json!({ "amount": "700.00", "currency": "KZT" });
    let input = json!({ "title": "Belt", "location_id": yard.company.site, "estimated_cost": estimate });
    let order = yard.world.order(&yard.technician, input).await.expect("asks");
    assert_eq!(order.estimated_cost, None, "a technician sees no costs, their own estimates included");
    let plain = json!({ "title": "Belt torn", "location_id": yard.company.site });
    let order = edit(&yard, &yard.technician, &order, plain).await.expect("changes");
    let meddled = json!({ "title": "Belt", "location_id": yard.company.site, "estimated_cost": { "amount": "1.00", "currency": "KZT" } });
    let order = edit(&yard, &dispatcher, &order, meddled).await.expect("changes");
    let seen = yard.world.app.run(&yard.manager, Show(order.id.into())).await.expect("shows");
    assert_eq!(seen.estimated_cost.map(|money| money.amount).as_deref(), Some("700.00"));
    let cleared = edit(&yard, &yard.manager, &order, json!({ "title": "Belt", "location_id": yard.company.site })).await.expect("changes");
    assert_eq!(cleared.estimated_cost, None);
    let shown = yard.world.app.run(&yard.manager, Show(order.id.into())).await.expect("shows");
    assert_eq!(shown.estimated_cost, None, "who sees it may clear it");
}

#[tokio::test]
async fn given_an_approved_order_when_its_creator_would_change_it_then_it_is_no_longer_theirs() {
    let yard = Yard::new().await;
    let order = yard.asked().await;
    yard.world.press(&yard.manager, &order, "approve", json!({})).await.expect("approves");
    let order = yard.world.app.run(&yard.manager, Show(order.id.into())).await.expect("shows");
    assert!(!order.editable_by(&yard.technician, false) && order.editable_by(&yard.manager, false));
    let input = json!({ "title": "Bearing screams", "location_id": yard.company.site });
    let refused = edit(&yard, &yard.technician, &order, input).await.expect_err("is approved");
    assert!(matches!(refused, Error::Forbidden(Refused::Permission(Permission::WorkOrderEdit))), "{refused:?}");
}

#[tokio::test]
async fn given_an_edit_that_gives_the_work_away_when_it_is_approved_then_only_who_may_assign_does_and_the_assignee_hears_of_it() {
    let yard = Yard::new().await;
    let dispatcher = yard.world.member(&yard.company, "dispatcher", "dana").await;
    let order = yard.asked().await;
    let to = |assignee: Option<Uuid>| json!({ "title": "Bearing hums", "location_id": yard.company.site, "assignee_id": assignee });
    let technician = Some(yard.technician.actor().id.uuid());
    let told = async || {
        let heard = "SELECT count(*) FROM notifications WHERE kind = 'work_order.assigned' AND member_id = $1";
        let told: i64 = sqlx::query_scalar(heard).bind(technician).fetch_one(&mut yard.world.superuser().await).await.expect("counts");
        told
    };
    let waiting = edit(&yard, &dispatcher, &order, to(technician)).await.expect("waits still");
    assert_eq!(told().await, 0, "the approval will tell them");
    yard.world.press(&yard.manager, &waiting, "approve", json!({})).await.expect("approves");
    let order = yard.world.app.run(&yard.manager, Show(order.id.into())).await.expect("shows");
    let refused = named(edit(&yard, &dispatcher, &order, to(None)).await);
    assert_eq!(fields(&refused), [("assignee_id", "not_yours_to_assign")]);
    let order = edit(&yard, &yard.manager, &order, to(None)).await.expect("takes it back");
    let order = edit(&yard, &yard.manager, &order, to(technician)).await.expect("gives it away");
    assert_eq!((order.assignee_id, told().await), (technician, 1));
    let same = edit(&yard, &yard.manager, &order, to(technician)).await.expect("changes nothing");
    assert_eq!(told().await, 1, "who had it already is not told again");
    let own = edit(&yard, &yard.manager, &same, to(Some(yard.manager.actor().id.uuid()))).await.expect("takes it on");
    assert_eq!(own.assignee_id, Some(yard.manager.actor().id.uuid()));
}
