//! Lists as files, for programs.

use domain::exports::{Begin, End, Ended};
use domain::kernel::permission::Permission;
use poem::http::Method;
use serde_json::json;
use uuid::Uuid;

use crate::client::Edge;

#[tokio::test]
async fn an_export_is_asked_for_followed_fetched_and_taken_away() {
    let edge = Edge::new().await;
    let company = edge.world.company("north").await;
    let admin = edge.admin(&company).await;
    let asked = admin.post("/exports", json!({ "list": "vendors", "format": "csv", "query": "sort=-name", "columns": ["name"] })).await;
    let asked = asked.expect(202);
    let id = asked.id();
    assert_eq!(asked.header("location"), format!("/api/v1/exports/{id}"));
    assert_eq!(admin.get(&format!("/exports/{id}")).await.expect(200).json()["state"], "queued");
    admin.get(&format!("/exports/{id}/file")).await.expect(404);

    let (app, export) = (&edge.world.app, id.parse::<Uuid>().expect("an id"));
    let house = app.scope_of(company.admin.tenant().uuid(), None, edge.world.request()).await.expect("enters");
    let order = app.run(&house, Begin(export)).await.expect("begins").expect("is to be done");
    app.files(&house).replace(order.file, &b"name"[..], 100).await.expect("keeps");
    let how = Ended::done(&company.admin, 4, 0, false, vec![Permission::VendorView]);
    app.run(&house, End { export, run: order.run, how }).await.expect("ends");

    let list = admin.get("/exports?limit=1").await.expect(200).json();
    assert_eq!((list["data"][0]["id"].as_str(), list["data"][0]["state"].as_str()), (Some(&*id), Some("done")));
    let file = admin.get(&format!("/exports/{id}/file")).await.expect(200);
    assert_eq!((file.text().as_str(), file.header("content-type")), ("name", "text/csv; charset=utf-8"));
    assert!(file.header("content-disposition").starts_with("attachment"));
    admin.send(Method::DELETE, &format!("/exports/{id}"), &[], None).await.expect(204);
    admin.get(&format!("/exports/{id}")).await.expect(404);
}

#[tokio::test]
async fn a_wrong_wish_is_refused_by_name_and_a_waiting_one_is_cancelled() {
    let edge = Edge::new().await;
    let company = edge.world.company("north").await;
    let admin = edge.admin(&company).await;
    let wrong = admin.post("/exports", json!({ "list": "vendors", "format": "csv", "query": "colour=red" })).await.expect(422).json();
    assert_eq!(wrong["errors"][0]["pointer"], "/query/colour");
    let id = admin.post("/exports", json!({ "list": "vendors", "format": "pdf" })).await.expect(202).id();
    assert_eq!(admin.post(&format!("/exports/{id}/cancel"), json!({})).await.expect(200).json()["state"], "cancelled");
}

#[tokio::test]
async fn a_schedule_is_kept_by_programs_too() {
    let edge = Edge::new().await;
    let company = edge.world.company("north").await;
    let admin = edge.admin(&company).await;
    let me = company.admin.actor().id.uuid();
    let schedule = json!({ "name": "Daily", "list": "vendors", "format": "csv", "every": "day", "at": "07:15", "recipients": [me] });
    let added = admin.post("/export-schedules", schedule.clone()).await.expect(201);
    let (id, body) = (added.id(), added.json());
    assert_eq!((body["active"].as_bool(), body["at"].as_str(), body["next_at"].is_string()), (Some(true), Some("07:15"), true));
    assert_eq!(admin.get("/export-schedules").await.expect(200).json()[0]["id"].as_str(), Some(&*id));
    let mut paused = schedule;
    paused["active"] = json!(false);
    let at = format!("/export-schedules/{id}");
    let changed = admin.send(Method::PUT, &at, &[("if-match", "\"1\"")], Some(paused)).await.expect(200).json();
    assert_eq!((changed["active"].as_bool(), changed["next_at"].is_null()), (Some(false), true));
    admin.send(Method::DELETE, &at, &[("if-match", "\"2\"")], None).await.expect(204);
    admin.get(&at).await.expect(404);
}
