//! Work orders the whole way, over REST.

use poem::http::Method;
use serde_json::json;

use crate::client::Edge;

#[tokio::test]
async fn a_technicians_order_is_approved_started_and_completed() {
    let edge = Edge::new().await;
    let north = edge.world.company("north").await;
    let admin = edge.admin(&north).await;
    let (technician, scope) = edge.member(&north, "technician", "aru").await;
    let (manager, _) = edge.member(&north, "manager", "dana").await;
    let asset = admin.asset("P-1").await;
    let body = json!({ "title": "Май ағып тұр", "asset_id": asset, "assignee_id": scope.actor().id, "priority": "high" });
    let order = technician.post("/work-orders", body).await.expect(201).json();
    assert_eq!(order["state"], "on_hold");
    assert_eq!(manager.get("/notifications/unread").await.json()["unread"], 1);
    let id = order["id"].as_str().expect("an id");
    let explained = technician.get(&format!("/work-orders/{id}/transitions")).await.expect(200).json();
    let approve =
        explained["transitions"].as_array().expect("steps").iter().find(|step| step["name"] == "approve").expect("approve").clone();
    assert_eq!(approve["allowed"], false);
    assert!(approve["blockers"][0]["who_can"].as_array().is_some_and(|roles| roles.contains(&json!("manager"))), "{approve}");
    technician.fire(&order, "approve", json!({})).await.expect(403);
    assert_eq!(manager.fire(&order, "approve", json!({})).await.expect(200).json()["state"], "open");
    assert_eq!(technician.get("/notifications").await.json()["data"][0]["kind"], "work_order.approved");
    technician.fire(&order, "start", json!({})).await.expect(200);
    let asked = technician.fire(&order, "complete", json!({})).await.expect(422);
    assert_eq!(asked.json()["errors"][0]["pointer"], "/resolution");
    technician.fire(&order, "complete", json!({ "input": { "resolution": "Тығыздағыш ауыстырылды" } })).await.expect(200);
    let done = technician.get(&format!("/work-orders/{id}")).await.expect(200).json();
    assert_eq!(done["state"], "completed");
    assert_eq!(done["completed_at"], "2026-03-02T04:00:00Z");
    let history = technician.get(&format!("/work-orders/{id}/history")).await.expect(200).json();
    let steps: Vec<_> =
        history.as_array().expect("steps").iter().map(|step| step["to_state"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(steps, ["on_hold", "open", "in_progress", "completed"]);
}

#[tokio::test]
async fn a_rejection_needs_its_reason_and_tells_the_creator() {
    let edge = Edge::new().await;
    let north = edge.world.company("north").await;
    let asset = edge.admin(&north).await.asset("P-1").await;
    let (technician, _) = edge.member(&north, "technician", "aru").await;
    let (manager, _) = edge.member(&north, "manager", "dana").await;
    let order = technician.order(&asset, "Жаңа орындық").await;
    let refused = manager.fire(&order, "reject", json!({})).await.expect(422);
    assert_eq!(refused.json()["errors"][0]["pointer"], "/reason");
    assert_eq!(manager.fire(&order, "reject", json!({ "reason": "Бюджет жоқ" })).await.expect(200).json()["state"], "rejected");
    let told = technician.get("/notifications").await.json();
    assert_eq!(told["data"][0]["params"]["reason"], "Бюджет жоқ");
}

#[tokio::test]
async fn a_press_out_of_turn_says_where_the_order_is_and_who_moved_it() {
    let edge = Edge::new().await;
    let north = edge.world.company("north").await;
    let admin = edge.admin(&north).await;
    let asset = admin.asset("P-1").await;
    let order = admin.order(&asset, "Own").await;
    assert_eq!(order["state"], "open");
    let late = admin.fire(&order, "approve", json!({})).await.expect(409).json();
    assert_eq!((late["code"].as_str(), late["state"].as_str()), (Some("wrong_state"), Some("open")));
    assert_eq!(late["changed_by"], "Admin north");
    let id = order["id"].as_str().expect("an id");
    let path = format!("/work-orders/{id}/transitions/cancel");
    let stale = admin.send(Method::POST, &path, &[("if-match", "\"77\"")], Some(json!({ "reason": "x" }))).await.expect(412).json();
    assert_eq!(stale["state"], "open");
    assert_eq!(admin.fire(&order, "no_such_step", json!({})).await.expect(404).json()["code"], "not_found");
}

#[tokio::test]
async fn orders_are_found_filtered_and_sorted() {
    let edge = Edge::new().await;
    let north = edge.world.company("north").await;
    let admin = edge.admin(&north).await;
    let asset = admin.asset("KZ-77").await;
    for (title, due) in [
        ("Сорғы дірілдейді", json!("2026-03-05T00:00:00Z")),
        ("Есік сықырлайды", json!(null)),
        ("Сүзгі ауыстыру", json!("2026-03-01T00:00:00Z")),
    ] {
        admin.post("/work-orders", json!({ "title": title, "asset_id": asset, "due_at": due })).await.expect(201);
    }
    let titles = async |query: &str| -> Vec<String> {
        let page = admin.get(&format!("/work-orders?{query}")).await.expect(200).json();
        page["data"].as_array().expect("rows").iter().map(|row| row["title"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(titles("sort=due").await, ["Сүзгі ауыстыру", "Сорғы дірілдейді", "Есік сықырлайды"]);
    assert_eq!(titles("q=дірілд").await, ["Сорғы дірілдейді"]);
    assert_eq!(titles("q=SN-KZ-77&sort=title").await.len(), 3);
    assert_eq!(titles("overdue=true").await, ["Сүзгі ауыстыру"]);
    assert_eq!(titles("assignee=none&due.lt=2026-03-02").await, ["Сүзгі ауыстыру"]);
    assert_eq!(titles("state=completed").await, Vec::<String>::new());
    let csv = admin.get("/work-orders/download?format=csv&sort=due").await.expect(200).text();
    assert!(csv.lines().nth(1).is_some_and(|line| line.contains("Сүзгі ауыстыру")), "{csv}");
}

#[tokio::test]
async fn finished_work_is_imported_once_with_its_own_dates() {
    let edge = Edge::new().await;
    let north = edge.world.company("north").await;
    let admin = edge.admin(&north).await;
    let asset = admin.asset("EX-A").await;
    let row = json!({
        "external_ref": "mine:17", "title": "BUCKET WON'T OPEN", "asset_id": asset,
        "created_at": "2004-07-01T00:00:00Z", "completed_at": "2004-07-01T00:00:00Z",
        "cost": { "amount": "-183.05", "currency": "KZT" }
    });
    let first = admin.post("/work-orders/import", row.clone()).await.expect(200).json();
    assert_eq!(first["added"], true);
    let again = admin.post("/work-orders/import", row.clone()).await.expect(200).json();
    assert_eq!((again["added"].as_bool(), &again["id"]), (Some(false), &first["id"]));
    let order = admin.get(&format!("/work-orders/{}", first["id"].as_str().expect("an id"))).await.expect(200).json();
    assert_eq!((order["state"].as_str(), order["cost"]["amount"].as_str()), (Some("completed"), Some("-183.05")));
    assert_eq!(order["created_at"], "2004-07-01T00:00:00Z");
    let (technician, _) = edge.member(&north, "technician", "aru").await;
    technician.post("/work-orders/import", row).await.expect(403);
    let seen = technician.get(&format!("/work-orders/{}", first["id"].as_str().expect("an id"))).await.expect(200).json();
    assert!(seen.get("cost").is_none_or(serde_json::Value::is_null), "a technician sees no cost: {seen}");
}
