//! Who gets what: fairness, fencing, quarantine, pruning, plans.

use std::time::Duration;

use domain::kernel::jobs::{self, Lane, NewJob, Owner};
use uuid::Uuid;
use worker::queue::store::{self, Claim, Key, Limits, Row, Verdict, sql};

use crate::support::{Db, Heavy, tenant, work};

const LEASE: Duration = Duration::from_secs(30);

async fn claim(db: &Db, from: Uuid, places: usize, suspect: bool) -> (Uuid, Vec<Row>) {
    let token = Uuid::now_v7();
    let claim = Claim { lane: Lane::Interactive, from, places, suspect, token, lease: LEASE, limits: Limits::default() };
    (token, store::claim(&db.worker, claim).await.expect("a claim").rows)
}

fn key(row: &Row, token: Uuid) -> Key {
    Key { tenant: row.tenant_id, id: row.id, token }
}

fn many(n: usize) -> Vec<NewJob> {
    (0..n).map(|i| NewJob::of(&work(&i)).expect("JSON")).collect()
}

fn tenants(rows: &[Row]) -> Vec<u128> {
    let mut all: Vec<u128> = rows.iter().map(|r| r.tenant_id.as_u128()).collect();
    all.sort_unstable();
    all
}

#[tokio::test]
async fn a_flood_leaves_every_other_company_its_place() {
    let db = Db::new().await;
    db.enqueue_all(tenant(1), &many(500)).await;
    for n in 2..=9 {
        db.enqueue_all(tenant(n), &many(1)).await;
    }
    let (_, rows) = claim(&db, Uuid::nil(), 64, false).await;
    let small = tenants(&rows).into_iter().filter(|t| *t != 1).collect::<Vec<_>>();
    assert_eq!(small, (2..=9).collect::<Vec<_>>(), "one claim reaches all of them");
    assert_eq!(rows.len(), 8 + 8, "an equal share of 64 among nine, rounded up");
}

#[tokio::test]
async fn the_platforms_own_jobs_have_their_turn_and_no_more() {
    let db = Db::new().await;
    let mut conn = db.owner.acquire().await.expect("a connection");
    jobs::insert(&mut conn, Owner::Platform, &many(3)).await.expect("enqueued");
    db.enqueue_all(tenant(1), &many(1)).await;
    let (_, first) = claim(&db, Uuid::nil(), 2, false).await;
    assert_eq!(tenants(&first), [0, 1]);
    let (_, beyond) = claim(&db, tenant(1), 2, false).await;
    assert!(beyond.is_empty(), "its turn is past");
    let (_, rest) = claim(&db, Uuid::nil(), 2, false).await;
    assert_eq!(tenants(&rest), [0, 0]);
}

#[tokio::test]
async fn companies_take_turns_when_places_are_few() {
    let db = Db::new().await;
    for n in 1..=10 {
        db.enqueue_all(tenant(n), &many(2)).await;
    }
    let (_, first) = claim(&db, Uuid::nil(), 4, false).await;
    assert_eq!(tenants(&first), [1, 2, 3, 4]);
    let (_, second) = claim(&db, tenant(5), 4, false).await;
    assert_eq!(tenants(&second), [5, 6, 7, 8]);
    let (_, third) = claim(&db, tenant(9), 4, false).await;
    assert_eq!(tenants(&third), [9, 9, 10, 10], "the rest of the round shares the places");
}

#[tokio::test]
async fn within_a_company_priority_then_age_decides() {
    let db = Db::new().await;
    let jobs: Vec<NewJob> = many(3).into_iter().zip([100, 5, 100]).map(|(j, p)| j.with_priority(p)).collect();
    db.enqueue_all(tenant(1), &jobs).await;
    let mut order = Vec::new();
    for _ in 0..3 {
        let (_, rows) = claim(&db, Uuid::nil(), 1, false).await;
        order.push(rows[0].id);
    }
    assert_eq!(order, [jobs[1].id(), jobs[0].id(), jobs[2].id()]);
}

#[tokio::test]
async fn a_lane_takes_only_its_own() {
    let db = Db::new().await;
    db.enqueue(tenant(1), &Heavy).await;
    let (_, rows) = claim(&db, Uuid::nil(), 8, true).await;
    assert!(rows.is_empty());
}

#[tokio::test]
async fn a_late_verdict_is_refused() {
    let db = Db::new().await;
    let id = db.enqueue(tenant(1), &work("slow")).await;
    let (old, rows) = claim(&db, Uuid::nil(), 1, false).await;
    let late = key(&rows[0], old);
    db.expire(id).await;
    assert_eq!(store::rescue(&db.worker, 10).await.expect("rescue"), [Lane::Interactive]);
    let (new, rows) = claim(&db, Uuid::nil(), 1, true).await;
    let held = key(&rows[0], new);
    assert_eq!((rows[0].attempt, rows[0].crashes), (1, 2), "a run cut short is no attempt");

    let renewed = store::renew(&db.worker, &[late, held], LEASE).await.expect("renewal");
    assert_eq!(renewed, [held]);
    let written = store::acknowledge(&db.worker, &[(late, Verdict::Done)]).await.expect("answer");
    assert_eq!((written, db.stored(id).await.state.as_str()), (0, "running"));
    let batch = [(late, Verdict::Released), (held, Verdict::Done)];
    assert_eq!(store::acknowledge(&db.worker, &batch).await.expect("answer"), 1);
    assert_eq!(db.stored(id).await.state, "done");
}

#[tokio::test]
async fn three_crashes_quarantine_a_job() {
    let db = Db::new().await;
    let id = db.enqueue(tenant(1), &work("poison")).await;
    for crash in 1..=3 {
        let (_, rows) = claim(&db, Uuid::nil(), 1, true).await;
        assert_eq!((rows.len(), rows[0].crashes), (1, crash));
        db.expire(id).await;
        store::rescue(&db.worker, 10).await.expect("rescue");
    }
    let stored = db.stored(id).await;
    assert_eq!((stored.state.as_str(), stored.crashes), ("dead", 3));
    assert_eq!(stored.last_error.as_deref(), Some("quarantined: 3 workers vanished while running it"));
    assert!(claim(&db, Uuid::nil(), 1, true).await.1.is_empty());
}

#[tokio::test]
async fn jobs_that_outlived_a_worker_come_one_at_a_time() {
    let db = Db::new().await;
    db.enqueue_all(tenant(1), &many(3)).await;
    let (_, rows) = claim(&db, Uuid::nil(), 8, false).await;
    for row in &rows {
        db.expire(row.id).await;
    }
    assert_eq!(store::rescue(&db.worker, 10).await.expect("rescue").len(), 3);
    assert!(claim(&db, Uuid::nil(), 8, false).await.1.is_empty(), "one is under way elsewhere in the process");
    db.enqueue_all(tenant(2), &many(2)).await;
    let (_, rows) = claim(&db, Uuid::nil(), 8, true).await;
    assert_eq!(rows.iter().filter(|r| r.is_suspect()).count(), 1);
    assert_eq!(rows.len(), 3, "beside fresh ones");
}

#[tokio::test]
async fn released_jobs_are_charged_nothing() {
    let db = Db::new().await;
    let id = db.enqueue(tenant(1), &work("x")).await;
    let (token, rows) = claim(&db, Uuid::nil(), 1, false).await;
    let released = [(key(&rows[0], token), Verdict::Released)];
    assert_eq!(store::acknowledge(&db.worker, &released).await.expect("answer"), 1);
    let stored = db.stored(id).await;
    assert_eq!((stored.state.as_str(), stored.attempt, stored.crashes), ("ready", 0, 0));
}

#[tokio::test]
async fn finished_rows_are_pruned_by_age() {
    let db = Db::new().await;
    let jobs = many(5);
    db.enqueue_all(tenant(1), &jobs).await;
    sqlx::query(
        "UPDATE queue.jobs SET state = v.state, finished_at = now() - v.age::interval
         FROM unnest($1::uuid[], ARRAY['done','done','dead','dead'], ARRAY['2 h','0','2 h','0']) v (id, state, age)
         WHERE jobs.id = v.id",
    )
    .bind(jobs[..4].iter().map(NewJob::id).collect::<Vec<_>>())
    .execute(&db.owner)
    .await
    .expect("aged");
    let hour = Duration::from_hours(1);
    assert_eq!(store::prune(&db.worker, "done", hour, 100).await.expect("prune"), 1);
    assert_eq!(store::prune(&db.worker, "dead", 3 * hour, 100).await.expect("prune"), 0);
    assert_eq!(store::prune(&db.worker, "dead", hour, 100).await.expect("prune"), 1);
    assert_eq!(db.count("SELECT count(*) FROM queue.jobs").await, 3);
}

/// Statistics taken while the table was empty, then a flood: every statement must still go through its index.
#[tokio::test]
async fn plans_hold_under_stale_statistics() {
    let db = Db::new().await;
    sqlx::query("ANALYZE queue.jobs").execute(&db.owner).await.expect("analyze");
    db.enqueue_all(tenant(1), &many(3000)).await;
    let mut conn = db.worker.acquire().await.expect("a connection");
    let statements = [
        ("claim", sql::CLAIM, "'interactive', '00000000-0000-0000-0000-000000000000', 64, gen_random_uuid(), 30, 1, NULL, NULL"),
        ("claim_limited", sql::CLAIM, "'interactive', '00000000-0000-0000-0000-000000000000', 64, gen_random_uuid(), 30, 1, 24, 600"),
        ("acknowledge", sql::ACKNOWLEDGE, "'{}', '{}', '{}', '{}', '{}', '{}'"),
        ("renew", sql::RENEW, "'{}', '{}', '{}', 30"),
        ("report", sql::REPORT, "'{}', '{}', '{}', '{}'"),
        ("cancels", sql::CANCELS, ""),
        ("promote", sql::PROMOTE, "100"),
        ("rescue", sql::RESCUE, "100, 3"),
        ("prune", sql::PRUNE, "'done', 60, 100"),
    ];
    for (name, statement, values) in statements {
        let types = if name.starts_with("claim") { "(text, uuid, int, uuid, float8, bigint, int, int)" } else { "" };
        sqlx::raw_sql(text(format!("PREPARE p_{name}{types} AS {statement}"))).execute(&mut *conn).await.expect(name);
        let values = if values.is_empty() { String::new() } else { format!("({values})") };
        let explain = text(format!("EXPLAIN (COSTS OFF) EXECUTE p_{name}{values}"));
        let plan: Vec<String> = sqlx::query_scalar(explain).persistent(false).fetch_all(&mut *conn).await.expect(name);
        let plan = plan.join("\n");
        assert!(plan.contains("Index"), "{name}:\n{plan}");
        assert!(!plan.contains("Seq Scan on jobs"), "{name}:\n{plan}");
        assert!(!plan.contains("jobs_unique"), "{name}:\n{plan}");
        // once, to stamp what was found; to find it, it would go through all that is done
        assert!(plan.matches("jobs_pkey").count() <= 1, "{name}:\n{plan}");
    }
}

#[expect(clippy::disallowed_types, reason = "EXPLAIN takes no parameters; the texts are our own")]
fn text(sql: String) -> sqlx::AssertSqlSafe<String> {
    sqlx::AssertSqlSafe(sql)
}
