//! Finished work brought in from elsewhere.

use chrono::TimeDelta;
use serde_json::{Value as Json, json};

use super::{Yard, states};
use crate::insight::Timeline;
use crate::kernel::error::{Error, Refused, Result};
use crate::kernel::permission::Permission;
use crate::kernel::scope::Scope;
use crate::kernel::testing::{START, named, read};
use crate::maintenance::work_order::{Import, Imported, Show};

async fn import(yard: &Yard, scope: &Scope, more: Json) -> Result<Imported> {
    let mut input = json!({
        "external_ref": "excavators:17", "title": "Hydraulics", "location_id": yard.company.site,
        "created_at": "2004-06-01T08:00:00Z", "completed_at": "2004-06-03T10:30:00Z",
        "cost": { "amount": "-431.52", "currency": "KZT" },
    });
    input.as_object_mut().expect("is one").extend(more.as_object().expect("is one").clone());
    yard.world.app.run(scope, Import(read(input))).await
}

#[tokio::test]
async fn given_finished_work_when_imported_then_its_dates_and_credit_stay_and_nobody_is_told() {
    let yard = Yard::new().await;
    let mut conn = yard.world.superuser().await;
    let jobs = "SELECT count(*) FROM queue.jobs";
    let before: i64 = sqlx::query_scalar(jobs).fetch_one(&mut conn).await.expect("counts");
    let imported = import(&yard, yard.admin(), json!({})).await.expect("imports");
    assert!(imported.added);
    let order = yard.world.app.run(yard.admin(), Show(imported.id.into())).await.expect("shows");
    assert_eq!((order.state.as_str(), order.category.as_str(), order.number.as_str()), ("completed", "done", "WO-1001"));
    assert_eq!(order.created_at.to_rfc3339(), "2004-06-01T08:00:00+00:00");
    assert_eq!(order.completed_at.map(|at| at.to_rfc3339()).as_deref(), Some("2004-06-03T10:30:00+00:00"));
    assert_eq!(order.cost.as_ref().map(|cost| cost.amount.as_str()), Some("-431.52"));
    assert_eq!(yard.told(&order).await, []);
    assert_eq!(states(&mut conn, order.id).await, ["completed"]);
    let happened = yard.world.app.run(yard.admin(), Timeline(order.id.into())).await.expect("reads");
    assert_eq!(happened.iter().map(|h| h.kind.as_str()).collect::<Vec<_>>(), ["workflow.imported"]);
    let (approvals, after): (i64, i64) = sqlx::query_as("SELECT (SELECT count(*) FROM approvals), (SELECT count(*) FROM queue.jobs)")
        .fetch_one(&mut conn)
        .await
        .expect("counts");
    assert_eq!((approvals, after), (0, before));
    yard.world.press(yard.admin(), &order, "reopen", json!({ "reason": "Came back" })).await.expect("lives on like any other");
}

#[tokio::test]
async fn given_a_reference_already_brought_when_imported_again_then_nothing_is_added() {
    let yard = Yard::new().await;
    let first = import(&yard, yard.admin(), json!({})).await.expect("imports");
    let before = yard.world.snapshot(yard.admin()).await;
    let again = import(&yard, yard.admin(), json!({ "title": "Another title" })).await.expect("answers");
    assert_eq!((again.id, again.number.as_str(), again.added), (first.id, first.number.as_str(), false));
    assert_eq!(yard.world.snapshot(yard.admin()).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_one_row_sent_twice_at_once_when_imported_then_one_is_added_and_both_name_it() {
    let yard = Yard::new().await;
    for round in 0..10 {
        let row = || json!({ "external_ref": format!("row {round}") });
        let (a, b) = tokio::join!(import(&yard, yard.admin(), row()), import(&yard, yard.admin(), row()));
        let (a, b) = (a.expect("answers"), b.expect("answers"));
        assert_eq!(a.id, b.id);
        assert!(a.added != b.added, "round {round}: {a:?} {b:?}");
    }
}

#[tokio::test]
async fn given_wrong_dates_names_or_money_when_imported_then_each_is_named() {
    let yard = Yard::new().await;
    let later = (*START + TimeDelta::seconds(1)).to_rfc3339();
    for (more, expected) in [
        (json!({ "created_at": later, "completed_at": later }), vec![("created_at", "in_future"), ("completed_at", "in_future")]),
        (json!({ "completed_at": "2004-05-31T08:00:00Z" }), vec![("completed_at", "before_start")]),
        (json!({ "cost": { "amount": "1", "currency": "USD" } }), vec![("cost/currency", "currency_mismatch")]),
        (json!({ "external_ref": "", "title": "" }), vec![("external_ref", "required"), ("title", "required")]),
        (json!({ "location_id": null }), vec![("asset_id", "asset_or_location")]),
        (json!({ "asset_id": uuid::Uuid::now_v7() }), vec![("asset_id", "unknown_reference")]),
    ] {
        let refused = named(import(&yard, yard.admin(), more).await);
        assert_eq!(refused.iter().map(|(field, code)| (field.as_str(), code.as_str())).collect::<Vec<_>>(), expected);
    }
    let orders: i64 =
        sqlx::query_scalar("SELECT count(*) FROM work_orders").fetch_one(&mut yard.world.superuser().await).await.expect("counts");
    assert_eq!(orders, 0);
}

#[tokio::test]
async fn given_no_right_to_import_when_a_manager_tries_then_they_are_refused() {
    let yard = Yard::new().await;
    let refused = import(&yard, &yard.manager, json!({})).await.expect_err("may not backdate");
    assert!(matches!(refused, Error::Forbidden(Refused::Permission(Permission::WorkOrderImport))), "{refused:?}");
}
