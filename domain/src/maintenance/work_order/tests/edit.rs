//! What may be asked for, and who may change it afterwards.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::Yard;
use crate::identity::member::Choices;
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
        (json!({ "due_at": "0024-05-01T00:00:00Z" }), "due_at", "year_out_of_range"),
        (json!({ "scheduled_at": "3000-01-01T00:00:00Z" }), "scheduled_at", "year_out_of_range"),
        (json!({ "asset_id": Uuid::now_v7() }), "asset_id", "unknown_reference"),
        (json!({ "vendor_id": Uuid::now_v7() }), "vendor_id", "unknown_reference"),
        (json!({ "assignee_id": Uuid::now_v7() }), "assignee_id", "unknown_reference"),
        (json!({ "estimated_cost": { "amount": "1.00", "currency": "USD" } }), "estimated_cost/currency", "currency_mismatch"),
        (json!({ "estimated_cost": { "amount": "1.005", "currency": "KZT" } }), "estimated_cost/amount", "ambiguous_number"),
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

#[tokio::test]
async fn given_somebody_limited_to_other_sites_when_work_is_given_to_them_then_it_is_refused_however_it_comes() {
    let yard = Yard::new().await;
    let far = yard.world.location(yard.admin(), "Far", None).await;
    let (_, local) = yard.world.member_at(&yard.company, "technician", "lena", Some(vec![yard.company.site])).await;
    let lena = local.actor().id.uuid();
    let there = |title: &str| json!({ "title": title, "location_id": far.id });
    let here = json!({ "title": "Near", "location_id": yard.company.site, "assignee_id": lena });
    // asking
    let mut asked = there("Far");
    asked["assignee_id"] = json!(lena);
    let refused = named(yard.world.order(&yard.manager, asked.clone()).await);
    assert_eq!(fields(&refused), [("assignee_id", "not_at_the_site")]);
    let near = yard.world.order(&yard.manager, here).await.expect("works here");
    // editing: given to them, and moved away from them
    let order = yard.world.order(&yard.manager, there("Far")).await.expect("asks");
    let refused = named(edit(&yard, &yard.manager, &order, asked.clone()).await);
    assert_eq!(fields(&refused), [("assignee_id", "not_at_the_site")]);
    let refused = named(edit(&yard, &yard.manager, &near, asked).await);
    assert_eq!(fields(&refused), [("assignee_id", "not_at_the_site")]);
    // the step
    let refused = named(yard.world.press(&yard.manager, &order, "assign", json!({ "assignee": lena })).await);
    assert_eq!(fields(&refused), [("assignee", "not_at_the_site")]);
    yard.world.press(&yard.manager, &near, "assign", json!({ "assignee": yard.technician.actor().id })).await.expect("assigns");
    yard.world.press(&yard.manager, &near, "assign", json!({ "assignee": lena })).await.expect("assigns");
}

#[tokio::test]
async fn given_an_assignee_who_left_when_the_title_changes_then_they_stay_and_are_still_offered() {
    let yard = Yard::new().await;
    let dispatcher = yard.world.member(&yard.company, "dispatcher", "dana").await;
    let timur = yard.technician.actor().id.uuid();
    let input = json!({ "title": "Belt", "location_id": yard.company.site, "assignee_id": timur });
    let order = yard.world.order(&yard.manager, input.clone()).await.expect("asks");
    yard.change(&yard.technician, "technician", false).await;
    let offered = async |choices: Choices| {
        let people = yard.world.app.run(&dispatcher, choices).await.expect("lists");
        people.into_iter().map(|person| person.name).collect::<Vec<_>>()
    };
    assert!(!offered(Choices::default()).await.contains(&"timur".to_owned()));
    assert!(offered(Choices { chosen: Some(timur), ..Choices::default() }).await.contains(&"timur".to_owned()));
    let (_, local) = yard.world.member_at(&yard.company, "technician", "lena", Some(vec![yard.company.site])).await;
    let far = yard.world.location(yard.admin(), "Far", None).await;
    assert!(offered(Choices { site: Some(yard.company.site), chosen: None }).await.contains(&local.actor().name));
    assert!(!offered(Choices { site: Some(far.id), chosen: None }).await.contains(&local.actor().name));
    let mut renamed = input;
    renamed["title"] = json!("Belt and pulley");
    assert_eq!(edit(&yard, &dispatcher, &order, renamed).await.expect("edits").assignee_id, Some(timur));
}

#[tokio::test]
async fn given_wrong_values_of_every_kind_when_asking_then_they_are_named_at_once() {
    let yard = Yard::new().await;
    let input = json!({
        "title": "x".repeat(201), "asset_id": Uuid::now_v7(), "assignee_id": Uuid::now_v7(),
        "estimated_cost": { "amount": "1_000", "currency": "KZT" }
    });
    let refused = named(yard.world.order(&yard.manager, input).await);
    let expected = [
        ("title", "too_long"),
        ("estimated_cost/amount", "bad_money"),
        ("asset_id", "unknown_reference"),
        ("assignee_id", "unknown_reference"),
    ];
    assert_eq!(fields(&refused), expected);
}
