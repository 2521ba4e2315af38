//! Catalogue tables: one test covers them all, since one piece of code serves them all.

use poem::http::Method;
use serde_json::{Value, json};

use crate::client::{Client, Edge};

/// Every catalogue table, with an input and another name for it.
async fn inputs(admin: &Client<'_>) -> Vec<(&'static str, Value)> {
    let (kind, location) = (admin.first("/asset-types").await, admin.first("/locations").await);
    vec![
        ("/vendors", json!({ "name": "Шығыс Сервис", "kind": "service", "email": "a@b.example" })),
        ("/locations", json!({ "name": "Цех 2", "parent_id": location })),
        ("/assets", json!({ "name": "Компрессор", "tag": "C-3", "type_id": kind, "location_id": location })),
        ("/asset-types", json!({ "name": "Экскаватор" })),
        ("/categories", json!({ "name": "Өлшеу құралдары" })),
    ]
}

#[tokio::test]
async fn records_are_made_read_changed_listed_downloaded_and_removed() {
    let edge = Edge::new().await;
    let company = edge.world.company("north").await;
    let admin = edge.admin(&company).await;
    for (path, input) in inputs(&admin).await {
        let made = admin.post(path, input.clone()).await.expect(201);
        let at = made.header("location").trim_start_matches("/api/v1").to_owned();
        let read = admin.get(&at).await.expect(200);
        assert_eq!(read.json(), made.json(), "{path}");
        let mut changed = input.clone();
        changed["name"] = json!("Жаңа атау");
        let changed = admin.put(&at, read.header("etag"), changed).await.expect(200);
        assert_eq!(changed.json()["name"], "Жаңа атау", "{path}");
        let listed = admin.get(&format!("{path}?limit=200")).await.expect(200).json();
        assert!(listed["data"].as_array().is_some_and(|rows| rows.contains(&changed.json())), "{path}");
        let csv = admin.get(&format!("{path}/download?format=csv")).await.expect(200);
        assert!(csv.body.starts_with(&[0xEF, 0xBB, 0xBF]) && csv.text().contains("Жаңа атау"), "{path}");
        let xlsx = admin.get(&format!("{path}/download?format=xlsx")).await.expect(200);
        assert!(xlsx.body.starts_with(b"PK"), "{path}");
        admin.get(&format!("{path}/download?format=pdf")).await.expect(422);
        admin.send(Method::DELETE, &at, &[("if-match", changed.header("etag"))], None).await.expect(204);
        admin.get(&at).await.expect(404);
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_a_gap() {
    let edge = Edge::new().await;
    let company = edge.world.company("north").await;
    let admin = edge.admin(&company).await;
    for n in 0..7 {
        admin.post("/vendors", json!({ "name": format!("Vendor {n}") })).await.expect(201);
    }
    let mut names = Vec::new();
    let mut path = "/vendors?limit=3&sort=-name".to_owned();
    loop {
        let page = admin.get(&path).await.expect(200);
        names.extend(page.json()["data"].as_array().expect("rows").iter().map(|row| row["name"].as_str().unwrap_or_default().to_owned()));
        let link = page.header("link").to_owned();
        let Some(next) = link.strip_prefix("</api/v1").and_then(|link| link.split('>').next()) else { break };
        next.clone_into(&mut path);
    }
    assert_eq!(names, (0..7).rev().map(|n| format!("Vendor {n}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_download_holds_no_formula() {
    let edge = Edge::new().await;
    let company = edge.world.company("north").await;
    let admin = edge.admin(&company).await;
    admin.post("/vendors", json!({ "name": "=HYPERLINK(\"http://evil.example\")", "phone": "-5" })).await.expect(201);
    let csv = admin.get("/vendors/download?format=csv").await.expect(200).text();
    assert!(csv.contains("'=HYPERLINK"), "{csv}");
    assert!(csv.contains(",-5,"), "{csv}");
}

#[tokio::test]
async fn what_is_referred_to_stays() {
    let edge = Edge::new().await;
    let company = edge.world.company("north").await;
    let admin = edge.admin(&company).await;
    admin.asset("P-1").await;
    let location = admin.get(&format!("/locations/{}", admin.first("/locations").await)).await;
    let refused = admin
        .send(Method::DELETE, &format!("/locations/{}", location.id()), &[("if-match", location.header("etag"))], None)
        .await
        .expect(409);
    assert_eq!(refused.json()["code"], "in_use");
}
