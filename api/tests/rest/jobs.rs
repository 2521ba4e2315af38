//! The queue over REST: operators look, and have work done again, removed or stopped.

use domain::kernel::testing::PASSWORD;
use poem::http::Method;
use serde_json::json;
use uuid::Uuid;

use crate::client::{Client, Edge};

async fn operator(edge: &Edge) -> Client<'_> {
    edge.world.app.create_operator("root@platform.example", "Operator", PASSWORD).await.expect("makes an operator");
    edge.login("root@platform.example").await
}

/// A company with as many failed jobs, and nobody else's.
async fn failed(edge: &Edge, jobs: i32) -> (Client<'_>, Uuid) {
    let north = edge.world.company("north").await;
    let tenant = north.admin.tenant().uuid();
    let mut conn = edge.world.superuser().await;
    sqlx::query("DELETE FROM queue.jobs").execute(&mut conn).await.expect("begins empty");
    let sql = "INSERT INTO queue.jobs (tenant_id, id, queue, kind, payload, priority, run_at, state, max_attempts, finished_at, created_at, last_error)
      SELECT $1, gen_random_uuid(), 'bulk', 'export.run', '{\"name\": \"Madina\", \"rows\": 5}', 100, now(), 'dead', 3, now(), now() - n * interval '1 s', 'x@y.example said no'
      FROM generate_series(1, $2) n";
    sqlx::query(sql).bind(tenant).bind(jobs).execute(&mut conn).await.expect("are added");
    (edge.admin(&north).await, tenant)
}

#[tokio::test]
async fn jobs_are_read_done_again_cancelled_and_removed() {
    let edge = Edge::new().await;
    let (_, tenant) = failed(&edge, 1).await;
    let root = operator(&edge).await;
    let board = root.get("/platform/jobs/board").await.expect(200).json();
    assert_eq!(
        board["lanes"][1],
        json!({ "name": "bulk", "counts": { "ready": 0, "scheduled": 0, "running": 0, "dead": 1 }, "oldest_seconds": 0 })
    );
    assert_eq!(board["companies"][0]["company"], json!({ "id": tenant, "name": "Demo north" }));
    let listed = root.get("/platform/jobs?state=dead&kind=export").await.expect(200).json();
    let job = &listed["data"][0];
    assert_eq!((&job["arguments"], &job["reason"]), (&json!({ "name": "•••", "rows": 5 }), &json!("••• said no")));
    let path = format!("/platform/jobs/{tenant}/{}", job["id"].as_str().expect("an id"));
    assert_eq!(root.post(&format!("{path}/retry"), json!({})).await.expect(200).json()["state"], "ready");
    assert_eq!(root.post(&format!("{path}/retry"), json!({})).await.expect(409).json()["code"], "job_moved_on");
    assert_eq!(root.post(&format!("{path}/cancel"), json!({})).await.expect(200).json()["state"], "cancelled");
    assert_eq!(root.get(&path).await.expect(200).json()["state"], "cancelled");
    root.send(Method::DELETE, &path, &[], None).await.expect(204);
    root.get(&path).await.expect(404);
}

#[tokio::test]
async fn jobs_are_paged_by_cursor() {
    let edge = Edge::new().await;
    failed(&edge, 5).await;
    let root = operator(&edge).await;
    let mut seen = Vec::new();
    let mut path = "/platform/jobs?limit=2".to_owned();
    loop {
        let page = root.get(&path).await.expect(200).json();
        seen.extend(page["data"].as_array().expect("rows").iter().map(|job| job["id"].clone()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/platform/jobs?limit=2&cursor={cursor}");
    }
    assert_eq!(seen.len(), 5);
    seen.sort_by_key(ToString::to_string);
    seen.dedup();
    assert_eq!(seen.len(), 5);
    assert_eq!(root.get("/platform/jobs?cursor=x").await.expect(422).json()["errors"][0]["pointer"], "/cursor");
}

#[tokio::test]
async fn only_operators_look_and_act() {
    let edge = Edge::new().await;
    let (admin, tenant) = failed(&edge, 1).await;
    let id: Uuid = sqlx::query_scalar("SELECT id FROM queue.jobs").fetch_one(&mut edge.world.superuser().await).await.expect("one");
    let path = format!("/platform/jobs/{tenant}/{id}");
    for page in ["/platform/jobs", "/platform/jobs/board", &path] {
        admin.get(page).await.expect(403);
    }
    for act in ["retry", "cancel"] {
        admin.post(&format!("{path}/{act}"), json!({})).await.expect(403);
    }
    admin.send(Method::DELETE, &path, &[], None).await.expect(403);
}
