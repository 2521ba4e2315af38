//! Onboarding, over REST: an operator adds a company, its first person signs up in three steps, people are invited.

use domain::kernel::testing::PASSWORD;
use poem::http::Method;
use serde_json::json;

use crate::client::{Client, Edge};

async fn operator(edge: &Edge) -> Client<'_> {
    edge.world.app.create_operator("root@platform.example", "Operator", PASSWORD).await.expect("makes an operator");
    edge.login("root@platform.example").await
}

#[tokio::test]
async fn a_company_is_onboarded_and_its_people_come_in() {
    let edge = Edge::new().await;
    let root = operator(&edge).await;
    let onboarded = root
        .post("/platform/companies", json!({ "name": "Шығыс Болат", "contact_email": "Boss@Shygys.example", "seats": 5 }))
        .await
        .expect(201)
        .json();
    let key = onboarded["signup_key"].as_str().expect("a key").to_owned();
    assert_eq!(onboarded["company"]["status"], "pending");
    let opened =
        edge.send(Method::POST, "/api/v1/signup/key", &[], Some(&json!({ "email": "boss@shygys.example", "key": key }))).await.expect(200);
    assert_eq!(opened.json()["company"], "Шығыс Болат");
    let signup = json!({
        "email": "boss@shygys.example", "key": key, "name": "Болат", "password": PASSWORD,
        "locale": "kk", "time_zone": "Asia/Almaty", "currency": "KZT"
    });
    let token = edge.send(Method::POST, "/api/v1/signup", &[], Some(&signup)).await.expect(200);
    let boss = Client { edge: &edge, token: token.json()["access_token"].as_str().expect("a token").to_owned() };
    let roles = boss.get("/roles").await.expect(200).json();
    assert_eq!(roles.as_array().map(Vec::len), Some(10));
    assert_eq!(roles[0]["name"], "Әкімші");
    edge.send(Method::POST, "/api/v1/signup", &[], Some(&signup)).await.expect(422);
    let listed = root.get("/platform/companies?q=болат").await.expect(200).json();
    assert_eq!(listed["data"][0]["status"], "active");
    assert_eq!(listed["data"][0]["members"], 1);
}

#[tokio::test]
async fn a_suspended_company_is_closed_to_its_people() {
    let edge = Edge::new().await;
    let north = edge.world.company("north").await;
    let (root, admin) = (operator(&edge).await, edge.admin(&north).await);
    let id = root.get("/platform/companies").await.json()["data"][0]["id"].as_str().expect("an id").to_owned();
    let company = root.get(&format!("/platform/companies/{id}")).await.expect(200);
    let limits = json!({ "name": "Demo north", "seats": 9, "suspended": true });
    root.put(&format!("/platform/companies/{id}"), company.header("etag"), limits).await.expect(200);
    assert_eq!(admin.get("/me").await.expect(403).json()["code"], "suspended");
}

#[tokio::test]
async fn only_operators_see_companies() {
    let edge = Edge::new().await;
    let north = edge.world.company("north").await;
    let admin = edge.admin(&north).await;
    admin.get("/platform/companies").await.expect(403);
    admin.post("/platform/companies", json!({ "name": "x", "contact_email": "x@y.example", "seats": 1 })).await.expect(403);
}
