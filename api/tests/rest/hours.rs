//! Working hours, service levels and seats handed over.

use poem::http::Method;
use serde_json::json;

use crate::client::Edge;

#[tokio::test]
async fn the_company_writes_its_hours_at_the_version_it_read() {
    let edge = Edge::new().await;
    let north = edge.world.company("north").await;
    let admin = edge.admin(&north).await;
    let usual = admin.get("/calendar").await.expect(200).json();
    assert_eq!((&usual["version"], &usual["calendar"]["hours"]["fri"]), (&json!(0), &json!(["09:00-13:00", "14:00-18:00"])));
    let body = json!({ "zone": "Asia/Almaty", "hours": { "mon-fri": ["08:00-17:00"] }, "holidays": ["2026-03-22"] });
    assert_eq!(admin.put("/calendar", "\"0\"", body.clone()).await.expect(200).json()["version"], 1);
    admin.put("/calendar", "\"0\"", body).await.expect(412);
    let wrong = json!({ "zone": "Asia/Almaty", "hours": { "mon": ["17:00-08:00"] } });
    let refused = admin.put("/calendar", "\"1\"", wrong).await.expect(422).json();
    assert_eq!((&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]), (&json!("/hours"), &json!("bad_shift")));
}

#[tokio::test]
async fn an_order_shows_its_service_levels_and_the_company_sets_its_own_figures() {
    let edge = Edge::new().await;
    let north = edge.world.company("north").await;
    let admin = edge.admin(&north).await;
    let asset = admin.asset("P-1").await;
    let own = json!({ "by": { "medium": "PT4H" }, "warn": 50 });
    let set = admin.put("/work-orders/service-levels/resolution", "\"0\"", own).await.expect(200).json();
    assert_eq!((&set["own"]["by"]["medium"], &set["by"]["medium"], &set["warn"]), (&json!("PT4H"), &json!("P2D"), &json!(80)));
    let listed = admin.get("/work-orders/service-levels").await.expect(200).json();
    assert_eq!((&listed[0]["sla"], &listed[0]["version"]), (&json!("resolution"), &json!(1)));
    let order = admin.order(&asset, "Belt").await;
    assert_eq!(order["sla_status"], "ok");
    let id = order["id"].as_str().expect("an id");
    let runs = admin.get(&format!("/work-orders/{id}/service-levels")).await.expect(200).json();
    assert_eq!((&runs[0]["target"], &runs[0]["phase"], &runs[0]["segments"][0]["of"]), (&json!(14_400), &json!("running"), &json!("open")));
    assert_eq!(admin.get("/work-orders?sla=ok").await.expect(200).json()["data"][0]["sla_status"], "ok");
    assert!(admin.get("/work-orders?sla=critical").await.expect(200).json()["data"].as_array().is_some_and(Vec::is_empty));
}

#[tokio::test]
async fn a_right_to_decide_is_handed_over_and_taken_back() {
    let edge = Edge::new().await;
    let north = edge.world.company("north").await;
    let (manager, _) = edge.member(&north, "manager", "dana").await;
    let (technician, scope) = edge.member(&north, "technician", "aru").await;
    let asset = edge.admin(&north).await.asset("P-1").await;
    let (requester, _) = edge.member(&north, "technician", "timur").await;
    let order = requester.order(&asset, "Belt").await;
    technician.fire(&order, "approve", json!({})).await.expect(403);
    let body = json!({ "delegate_id": scope.actor().id, "starts_at": "2026-03-02T00:00:00Z", "ends_at": "2026-03-09T00:00:00Z" });
    let given = manager.post("/me/delegations", body).await.expect(200).json();
    assert_eq!((&given[0]["principal"], &given[0]["delegate"]), (&json!("dana"), &json!("aru")));
    assert_eq!(technician.fire(&order, "approve", json!({})).await.expect(200).json()["state"], "open");
    let id = order["id"].as_str().expect("an id");
    let steps = manager.get(&format!("/work-orders/{id}/history")).await.expect(200).json();
    assert_eq!((&steps[1]["actor"], &steps[1]["on_behalf_of"]), (&json!("aru"), &json!("dana")));
    let path = format!("/me/delegations/{}", given[0]["id"].as_str().expect("an id"));
    manager.send(Method::DELETE, &path, &[], None).await.expect(204);
    assert!(manager.get("/me/delegations").await.expect(200).json().as_array().is_some_and(Vec::is_empty));
}
