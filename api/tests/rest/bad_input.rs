//! Bad input: the right status, a translated sentence that names the field, nothing lost, no 500.

use poem::http::Method;
use serde_json::{Value, json};

use crate::client::{Answer, Edge};

fn errors(answer: &Answer) -> Vec<(String, String)> {
    let errors = answer.json()["errors"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    errors.iter().map(|error| (text(&error["pointer"]), text(&error["code"]))).collect()
}

#[tokio::test]
async fn every_wrong_field_is_named_in_the_language_asked_for() {
    let edge = Edge::new().await;
    let company = edge.world.company("north").await;
    let admin = edge.admin(&company).await;
    let body = json!({ "title": "", "priority": "urgent", "due_at": "tomorrow", "approved_by": "me", "tenant_id": 1 });
    let answer = admin.send(Method::POST, "/work-orders", &[("accept-language", "kk")], Some(body)).await.expect(422);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.header("content-language"), "kk");
    let found = errors(&answer);
    for (pointer, code) in [("/due_at", "not_a_time"), ("/approved_by", "unknown_field"), ("/tenant_id", "unknown_field")] {
        assert!(found.contains(&(pointer.into(), code.into())), "{found:?}");
    }
    let message = answer.json()["errors"][0]["message"].as_str().expect("a sentence").to_owned();
    assert!(message.chars().any(|c| ('а'..='я').contains(&c)), "{message}");
}

#[tokio::test]
async fn bodies_that_cannot_be_read() {
    let edge = Edge::new().await;
    let company = edge.world.company("north").await;
    let admin = edge.admin(&company).await;
    let bearer = format!("Bearer {}", admin.token);
    let send = async |body: Option<Vec<u8>>, content_type: &str| {
        edge.send_bytes(Method::POST, "/api/v1/vendors", &[("authorization", &bearer), ("content-type", content_type)], body).await
    };
    assert_eq!(send(Some(Vec::new()), "application/json").await.expect(400).json()["code"], "malformed");
    assert_eq!(send(Some(b"{\"name\": ".to_vec()), "application/json").await.expect(400).json()["code"], "malformed");
    assert_eq!(send(Some(vec![b' '; 11 * 1024 * 1024]), "application/json").await.expect(413).json()["code"], "payload_too_large");
    let plain = edge.http.post("/api/v1/vendors").header("authorization", &bearer).content_type("text/plain").body("x").send().await;
    assert_eq!(plain.0.status(), 415);
    assert_eq!(errors(&send(Some(b"[]".to_vec()), "application/json").await.expect(422)), [("/".to_owned(), "wrong_type".to_owned())]);
    assert_eq!(send(Some(b"{\"name\": \"a\\u0000b\"}".to_vec()), "application/json").await.expect(422).status, 422);
}

#[tokio::test]
async fn addresses_that_lead_nowhere() {
    let edge = Edge::new().await;
    let company = edge.world.company("north").await;
    let admin = edge.admin(&company).await;
    assert_eq!(admin.get("/nothing").await.expect(404).json()["code"], "not_found");
    assert_eq!(admin.send(Method::DELETE, "/me", &[], None).await.expect(405).json()["code"], "method_not_allowed");
    assert!(matches!(admin.get("/vendors/not-an-id").await.status.as_u16(), 400 | 404));
}

#[tokio::test]
async fn list_parameters_are_checked_by_name() {
    let edge = Edge::new().await;
    let company = edge.world.company("north").await;
    let admin = edge.admin(&company).await;
    for (query, field) in [
        ("limit=1000", "/limit"),
        ("sort=cost;drop", "/sort"),
        ("colour=red", "/colour"),
        ("priority=urgent", "/priority"),
        ("due.lt=soon", "/due.lt"),
        ("due.lt=-9999-01-01", "/due.lt"),
        ("completed.lt=%2B262142-01-01", "/completed.lt"),
        ("assignee=somebody", "/assignee"),
        ("q=ab", "/q"),
        ("cursor=%22", "/cursor"),
        ("state=a'b", "/state"),
    ] {
        let answer = admin.get(&format!("/work-orders?{query}")).await.expect(422);
        assert_eq!(errors(&answer)[0].0, field, "{query}");
    }
}

#[tokio::test]
async fn a_change_names_the_version_it_changes() {
    let edge = Edge::new().await;
    let company = edge.world.company("north").await;
    let admin = edge.admin(&company).await;
    let vendor = admin.post("/vendors", json!({ "name": "Қыран" })).await.expect(201);
    let path = format!("/vendors/{}", vendor.id());
    let without = admin.send(Method::PUT, &path, &[], Some(json!({ "name": "Қыран 2" }))).await.expect(428);
    assert_eq!(without.json()["code"], "precondition_required");
    let changed = admin.put(&path, vendor.header("etag"), json!({ "name": "Қыран 2" })).await.expect(200);
    assert_ne!(changed.header("etag"), vendor.header("etag"));
    let stale = admin.put(&path, vendor.header("etag"), json!({ "name": "Қыран 3" })).await.expect(412);
    let stale = stale.json();
    assert_eq!((&stale["code"], &stale["changed_by"]), (&json!("stale"), &json!("Admin north")));
    assert!(stale["changed_at"].is_string(), "{stale}");
    admin.put(&path, "latest", json!({ "name": "x" })).await.expect(422);
    assert_eq!(admin.get(&path).await.json()["name"], "Қыран 2");
}

#[tokio::test]
async fn a_repeated_request_is_answered_once_and_a_reused_key_refused() {
    let edge = Edge::new().await;
    let company = edge.world.company("north").await;
    let admin = edge.admin(&company).await;
    let key = [("idempotency-key", "order-7")];
    let first = admin.send(Method::POST, "/vendors", &key, Some(json!({ "name": "Алтын" }))).await.expect(201);
    let again = admin.send(Method::POST, "/vendors", &key, Some(json!({ "name": "Алтын" }))).await.expect(201);
    assert_eq!(first.id(), again.id());
    let other = admin.send(Method::POST, "/vendors", &key, Some(json!({ "name": "Күміс" }))).await.expect(422);
    assert_eq!(errors(&other)[0].1, "idempotency_mismatch");
    assert_eq!(admin.get("/vendors").await.json()["data"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn years_nobody_means_are_refused_by_the_field() {
    let edge = Edge::new().await;
    let company = edge.world.company("north").await;
    let admin = edge.admin(&company).await;
    let (kind, location) = (admin.first("/asset-types").await, admin.first("/locations").await);
    for year in ["-9999", "0001", "0024", "1899", "3000", "+262142"] {
        let body = json!({ "name": "x", "tag": "x", "type_id": kind, "location_id": location, "purchased_on": format!("{year}-01-01") });
        let refused = admin.post("/assets", body).await.expect(422);
        assert_eq!(errors(&refused), [("/purchased_on".to_owned(), "year_out_of_range".to_owned())], "{year}");
        let query = format!("/work-orders/download?format=csv&due.lt={}-01-01", year.replace('+', "%2B"));
        assert_eq!(errors(&admin.get(&query).await.expect(422))[0].0, "/due.lt", "{year}");
    }
    let asset = admin.asset("P-1").await;
    let late = json!({ "title": "x", "asset_id": asset, "due_at": "0024-05-01T00:00:00Z" });
    assert_eq!(errors(&admin.post("/work-orders", late).await.expect(422)), [("/due_at".to_owned(), "year_out_of_range".to_owned())]);
    for (title, amount, code) in [("x", "1.250", "ambiguous_number"), ("y", "1,250", "ambiguous_number"), ("z", "2_500", "bad_money")] {
        let body = json!({ "title": title, "asset_id": asset, "estimated_cost": { "amount": amount, "currency": "KZT" } });
        let refused = admin.post("/work-orders", body).await.expect(422);
        assert_eq!(errors(&refused), [("/estimated_cost/amount".to_owned(), code.to_owned())]);
    }
}
