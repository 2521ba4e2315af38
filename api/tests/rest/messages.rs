//! Preferences, a company's texts, the log, rules for reminders.

use poem::http::Method;
use serde_json::json;

use crate::client::Edge;

#[tokio::test]
async fn members_choose_how_to_be_told() {
    let edge = Edge::new().await;
    let north = edge.world.company("north").await;
    let (tech, _) = edge.member(&north, "technician", "aru").await;
    let path = "/me/notification-preferences";
    let body = json!({ "preferences": [{ "kind": "work_order.completed", "channel": "email", "mode": "daily" }],
        "quiet_hours": { "from": "22:00", "until": "07:00" } });
    let chosen = tech.send(Method::PUT, path, &[], Some(body)).await.expect(200).json();
    assert_eq!(chosen["quiet_hours"], json!({ "from": "22:00", "until": "07:00", "zone": null }));
    let shown = tech.get(path).await.expect(200).json();
    assert_eq!(shown, chosen);
    let of = |kind: &str, channel: &str| {
        let all = shown["preferences"].as_array().expect("a list");
        all.iter().find(|one| one["kind"] == kind && one["channel"] == channel).expect("is listed").clone()
    };
    assert_eq!(of("work_order.completed", "email")["mode"], "daily");
    assert_eq!(of("work_order.approval_requested", "bell")["modes"], json!([]));
    let wrong = json!({ "preferences": [{ "kind": "work_order.approval_requested", "channel": "email", "mode": "off" }] });
    let refused = tech.send(Method::PUT, path, &[], Some(wrong)).await.expect(422).json();
    assert_eq!(
        (&refused["errors"][0]["pointer"], &refused["errors"][0]["code"]),
        (&json!("/preferences/0/mode"), &json!("mandatory_message"))
    );
}

#[tokio::test]
async fn texts_are_written_at_their_version_and_reset() {
    let edge = Edge::new().await;
    let north = edge.world.company("north").await;
    let admin = edge.admin(&north).await;
    let path = "/notification-texts/work_order.rejected/email/kk";
    assert_eq!(admin.get(path).await.expect(200).json(), json!({ "subject": "", "body": "", "version": 0 }));
    let body = json!({ "subject": "{{number}}", "body": "{{title}}" });
    admin.send(Method::PUT, path, &[], Some(body.clone())).await.expect(428);
    assert_eq!(admin.put(path, "\"0\"", body.clone()).await.expect(200).header("etag"), "\"1\"");
    admin.put(path, "\"0\"", body).await.expect(412);
    let wrong = admin.put(path, "\"1\"", json!({ "subject": "{{number}}", "body": "a\n{{x}}" })).await.expect(422).json();
    assert_eq!((&wrong["errors"][0]["pointer"], &wrong["errors"][0]["code"]), (&json!("/body"), &json!("unknown_placeholder")));
    assert_eq!(admin.get("/notification-texts").await.expect(200).json()[0]["kind"], "work_order.rejected");
    admin.send(Method::DELETE, path, &[("if-match", "\"1\"")], None).await.expect(204);
    admin.get("/notification-texts/work_order.rejected/email/de").await.expect(404);
    let (tech, _) = edge.member(&north, "technician", "aru").await;
    tech.get("/notification-texts").await.expect(403);
    tech.get("/notification-log").await.expect(403);
}

#[tokio::test]
async fn the_log_and_how_long_it_is_kept() {
    let edge = Edge::new().await;
    let north = edge.world.company("north").await;
    let admin = edge.admin(&north).await;
    let (tech, _) = edge.member(&north, "technician", "aru").await;
    let asset = admin.asset("P-1").await;
    tech.order(&asset, "Belt").await;
    let log = admin.get("/notification-log?channel=email").await.expect(200).json();
    assert_eq!((&log["data"][0]["state"], &log["data"][0]["kind"]), (&json!("pending"), &json!("work_order.approval_requested")));
    assert_eq!(admin.get("/notification-log?state=sent").await.expect(200).json()["data"], json!([]));
    assert_eq!(admin.get("/notification-retention").await.expect(200).json()["keep_days"], 90);
    assert_eq!(admin.put("/notification-retention", "\"0\"", json!({ "keep_days": 30 })).await.expect(200).json()["version"], 1);
    admin.put("/notification-retention", "\"1\"", json!({ "keep_days": 1 })).await.expect(422);
    admin.get("/platform/mail").await.expect(403);
}

#[tokio::test]
async fn rules_for_reminders_are_records_like_others() {
    let edge = Edge::new().await;
    let north = edge.world.company("north").await;
    let admin = edge.admin(&north).await;
    let rule = json!({ "name": "Due", "field": "work_order.due_at", "before_days": [1], "assignee": true });
    let key = [("idempotency-key", "rule-1")];
    let made = admin.send(Method::POST, "/reminder-rules", &key, Some(rule.clone())).await.expect(201);
    assert_eq!(admin.send(Method::POST, "/reminder-rules", &key, Some(rule.clone())).await.expect(201).id(), made.id());
    let path = format!("/reminder-rules/{}", made.id());
    assert_eq!(made.header("location"), format!("/api/v1{path}"));
    assert_eq!((&made.json()["at"], &made.json()["active"]), (&json!("08:00"), &json!(true)));
    let mut later = rule;
    later["at"] = json!("10:00");
    assert_eq!(admin.put(&path, "\"1\"", later.clone()).await.expect(200).json()["version"], 2);
    admin.put(&path, "\"1\"", later).await.expect(412);
    assert_eq!(admin.get("/reminder-rules").await.expect(200).json().as_array().map(Vec::len), Some(1));
    let south = edge.world.company("south").await;
    edge.admin(&south).await.get(&path).await.expect(404);
    admin.send(Method::DELETE, &path, &[("if-match", "\"2\"")], None).await.expect(204);
    admin.get(&path).await.expect(404);
}
