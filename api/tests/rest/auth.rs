//! Logging in, and what a token opens.

use chrono::TimeDelta;
use domain::kernel::testing::PASSWORD;
use poem::http::Method;
use serde_json::json;

use crate::client::Edge;

#[tokio::test]
async fn a_token_opens_one_company_for_half_an_hour() {
    let edge = Edge::new().await;
    let company = edge.world.company("north").await;
    let admin = edge.admin(&company).await;
    let me = admin.get("/me").await.expect(200).json();
    assert_eq!(me["company"], "north");
    assert_eq!(me["currency"], "KZT");
    edge.world.clock.advance(TimeDelta::minutes(31));
    let late = admin.get("/me").await.expect(401);
    assert_eq!(late.json()["code"], "unauthenticated");
    assert_eq!(late.header("www-authenticate"), "Bearer");
}

#[tokio::test]
async fn logging_out_ends_the_token() {
    let edge = Edge::new().await;
    let company = edge.world.company("north").await;
    let admin = edge.admin(&company).await;
    admin.post("/auth/logout", json!({})).await.expect(204);
    admin.get("/me").await.expect(401);
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_answered_alike() {
    let edge = Edge::new().await;
    edge.world.company("north").await;
    let mut answers = Vec::new();
    for email in ["admin@north.example", "nobody@north.example"] {
        let body = json!({ "email": email, "password": "not it, not at all" });
        let answer = edge.send(Method::POST, "/api/v1/auth/login", &[("accept-language", "ru")], Some(&body)).await.expect(422);
        let mut said = answer.json();
        said["request_id"].take();
        answers.push(said);
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0]["errors"][0]["pointer"], "/password");
}

#[tokio::test]
async fn somebody_of_two_companies_names_one() {
    let edge = Edge::new().await;
    let (north, south) = (edge.world.company("north").await, edge.world.company("south").await);
    edge.world.member(&north, "technician", "aru").await;
    let invite = json!({
        "email": "aru@north.example", "name": "Ару", "role_id": south.role("viewer"), "all_sites": true, "locale": "kk"
    });
    edge.admin(&south).await.post("/invitations", invite).await.expect(201);
    let token = edge.world.letter(&south, "aru@north.example").await;
    let accept = json!({ "token": token, "password": PASSWORD });
    edge.send(Method::POST, "/api/v1/invitations/accept", &[], Some(&accept)).await.expect(200);
    let login = json!({ "email": "aru@north.example", "password": PASSWORD });
    let several = edge.send(Method::POST, "/api/v1/auth/login", &[], Some(&login)).await.expect(422);
    assert_eq!(several.json()["errors"][0]["pointer"], "/company");
    let login = json!({ "email": "aru@north.example", "password": PASSWORD, "company": "south" });
    let chosen = edge.send(Method::POST, "/api/v1/auth/login", &[], Some(&login)).await.expect(200);
    assert_eq!(chosen.json()["company"], "south");
}

#[tokio::test]
async fn a_token_beside_a_cookie_is_refused() {
    let edge = Edge::new().await;
    let company = edge.world.company("north").await;
    let admin = edge.admin(&company).await;
    let both = admin.send(Method::GET, "/me", &[("cookie", "session=x")], None).await.expect(400);
    assert_eq!(both.json()["code"], "two_credentials");
}
