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
    let seats = &listed["data"][0];
    assert_eq!((&seats["seats"], &seats["seats_used"], &seats["seats_left"]), (&json!(5), &json!(1), &json!(4)));
    assert_eq!(boss.get("/seats").await.expect(200).json(), json!({ "seats": 5, "used": 1, "left": 4 }));
}

#[tokio::test]
async fn a_suspended_company_is_closed_to_its_people() {
    let edge = Edge::new().await;
    let north = edge.world.company("north").await;
    let (root, admin) = (operator(&edge).await, edge.admin(&north).await);
    let id = root.get("/platform/companies").await.json()["data"][0]["id"].as_str().expect("an id").to_owned();
    let company = root.get(&format!("/platform/companies/{id}")).await.expect(200);
    let limits = json!({ "name": "Demo north", "contact_email": "admin@north.example", "seats": 9, "suspended": true });
    root.put(&format!("/platform/companies/{id}"), company.header("etag"), limits).await.expect(200);
    assert_eq!(admin.get("/me").await.expect(403).json()["code"], "suspended");
    // nobody gets a token that opens nothing
    for company in [json!(null), json!("north")] {
        let body = json!({ "email": "admin@north.example", "password": PASSWORD, "company": company });
        let refused = edge.send(Method::POST, "/api/v1/auth/login", &[], Some(&body)).await.expect(403);
        assert_eq!(refused.json()["code"], "suspended");
    }
}

#[tokio::test]
async fn what_is_asked_of_a_page_is_refused_by_its_name_as_lists_do() {
    let edge = Edge::new().await;
    let north = edge.world.company("north").await;
    let (root, admin) = (operator(&edge).await, edge.admin(&north).await);
    for (client, path) in [
        (&root, "/platform/companies"),
        (&root, "/platform/jobs"),
        (&admin, "/invitations"),
        (&admin, "/notifications"),
        (&admin, "/notification-log"),
        (&admin, "/vendors"),
    ] {
        client.get(&format!("{path}?limit=200")).await.expect(200);
        for (query, field) in
            [("limit=-5", "/limit"), ("limit=0", "/limit"), ("limit=201", "/limit"), ("limit=x", "/limit"), ("cursor=zzz", "/cursor")]
        {
            let refused = client.get(&format!("{path}?{query}")).await.expect(422).json();
            assert_eq!((&refused["code"], &refused["errors"][0]["pointer"]), (&json!("invalid"), &json!(field)), "{path}?{query}");
        }
    }
    assert_eq!(admin.get("/invitations?past=perhaps").await.expect(422).json()["errors"][0]["pointer"], "/past");
}

#[tokio::test]
async fn only_operators_see_companies() {
    let edge = Edge::new().await;
    let north = edge.world.company("north").await;
    let admin = edge.admin(&north).await;
    admin.get("/platform/companies").await.expect(403);
    admin.post("/platform/companies", json!({ "name": "x", "contact_email": "x@y.example", "seats": 1 })).await.expect(403);
}

#[tokio::test]
async fn a_key_is_sent_again_until_the_company_has_signed_up() {
    let edge = Edge::new().await;
    let root = operator(&edge).await;
    let made =
        root.post("/platform/companies", json!({ "name": "South", "contact_email": "a@south.example", "seats": 5, "locale": "tr" })).await;
    let id = made.expect(201).json()["company"]["id"].as_str().expect("an id").to_owned();
    root.post(&format!("/platform/companies/{id}/key/letter"), json!({})).await.expect(204);
    let north = edge.world.company("north").await;
    let signed_up = root.post(&format!("/platform/companies/{}/key/letter", north.admin.tenant()), json!({})).await.expect(409);
    assert_eq!(signed_up.json()["code"], "already_signed_up");
    edge.admin(&north).await.post(&format!("/platform/companies/{id}/key/letter"), json!({})).await.expect(403);
}

#[tokio::test]
async fn a_role_is_deleted_at_the_version_read_once_nobody_holds_it() {
    let edge = Edge::new().await;
    let north = edge.world.company("north").await;
    let admin = edge.admin(&north).await;
    let role = admin.post("/roles", json!({ "name": "Fitter", "level": 30, "permissions": [] })).await.expect(201);
    let input = json!({ "email": "zere@north.example", "name": "Zere", "role_id": role.id(), "all_sites": true, "locale": "kk" });
    let invitation = admin.post("/invitations", input).await.expect(201);
    let path = format!("/roles/{}", role.id());
    admin.send(Method::DELETE, &path, &[], None).await.expect(428);
    let tag = [("if-match", role.header("etag"))];
    let held = admin.send(Method::DELETE, &path, &tag, None).await.expect(422).json();
    assert_eq!((&held["errors"][0]["code"], &held["errors"][0]["pointer"]), (&json!("role_held"), &json!("/")));
    assert!(held["errors"][0]["message"].as_str().is_some_and(|message| message.contains("Zere")), "{held}");
    admin.send(Method::DELETE, &format!("/invitations/{}", invitation.id()), &[], None).await.expect(204);
    admin.send(Method::DELETE, &path, &tag, None).await.expect(204);
    admin.send(Method::DELETE, &path, &tag, None).await.expect(404);
    let past = admin.get("/invitations?past=true").await.expect(200).json();
    assert_eq!((&past["data"][0]["state"], &past["data"][0]["role"]), (&json!("revoked"), &json!("Fitter")));
    assert_eq!(admin.get("/invitations").await.expect(200).json()["data"], json!([]));
    let built_in = admin.send(Method::DELETE, &format!("/roles/{}", north.role("driver")), &[("if-match", "\"1\"")], None).await;
    assert_eq!(built_in.expect(409).json()["code"], "built_in_role");
}
