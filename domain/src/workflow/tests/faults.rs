//! A fault anywhere on the way leaves everything or nothing; of two conflicting presses one wins.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::json;
use sqlx::Connection;

use super::Shop;
use crate::kernel::action::IdempotencyKey;
use crate::kernel::error::Error;
use crate::kernel::testing::press;
use crate::maintenance::work_order::WorkOrder;

/// Every table a step writes, with the statement that is to fail.
const WRITTEN: &[(&str, &str)] = &[
    ("approval_decisions", "INSERT"),
    ("approvals", "UPDATE"),
    ("workflow_history", "INSERT"),
    ("work_orders", "UPDATE"),
    ("sla_runs", "INSERT"),
    ("timers", "INSERT"),
    ("notifications", "INSERT"),
    ("deliveries", "INSERT"),
    ("events", "INSERT"),
    ("audit_log", "INSERT"),
    // the request's own key and its answer, before everything and behind it
    ("idempotency_keys", "INSERT"),
    ("idempotency_keys", "UPDATE"),
    (JOBS, "INSERT"),
];

/// What outlives the step to be done after it.
const JOBS: &str = "queue.jobs";

/// Everything the database holds of the company, and how many jobs.
async fn all(shop: &Shop) -> BTreeMap<String, String> {
    let mut all = shop.world.snapshot(&shop.company.admin).await;
    let jobs: i64 =
        sqlx::query_scalar("SELECT count(*) FROM queue.jobs").fetch_one(&mut shop.world.superuser().await).await.expect("counts");
    all.insert(JOBS.to_owned(), jobs.to_string());
    all
}

/// The last vote: it decides, moves the order, starts its clocks, sets its reminders and tells people.
#[tokio::test]
async fn given_a_step_that_writes_everywhere_when_any_write_fails_or_the_server_dies_there_then_nothing_of_it_is_left() {
    let shop = Shop::new().await;
    let (fatima, farid) = (shop.person("fleet_manager", "fatima").await, shop.person("fleet_manager", "farid").await);
    let order = shop.asked(json!({ "due_at": shop.world.clock.now() + TimeDelta::days(9) })).await;
    for who in [&shop.manager, &fatima] {
        shop.press(who, &order, "approve").await.expect("agrees");
    }
    let mut conn = shop.world.superuser().await;
    for sql in [
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''on purpose''; END'",
        "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'",
    ] {
        sqlx::query(sql).execute(&mut conn).await.expect("prepares");
    }
    let key = || IdempotencyKey::new("k", &[b"approve"]).ok();
    let last_vote = async || shop.world.app.run_once(&farid, key(), press(order.id, "approve", json!({}))).await;
    let before = all(&shop).await;
    for (table, statement) in WRITTEN {
        for fault in ["fail", "die"] {
            let at = format!("CREATE TRIGGER fault AFTER {statement} ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {fault}()");
            sqlx::raw_sql(sqlx::AssertSqlSafe(at)).execute(&mut conn).await.expect("sets the fault");
            let failed = last_vote().await.expect_err("fails there");
            assert!(matches!(failed, Error::Internal(_) | Error::Unavailable(_)), "{table}: {failed:?}");
            sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP TRIGGER fault ON {table}"))).execute(&mut conn).await.expect("mends");
            assert_eq!(all(&shop).await, before, "{table} {statement} {fault}");
        }
    }
    let moved = last_vote().await.expect("moves");
    assert_eq!(moved.state, "open");
    let after = all(&shop).await;
    for (table, _) in WRITTEN {
        assert_ne!(before[*table], after[*table], "{table} is not written by this step, so its fault proves nothing");
    }
    // sent once more the request gets its answer, and does nothing
    assert_eq!(last_vote().await.expect("answers").state, "open");
    assert_eq!(all(&shop).await, after);
    conn.close().await.expect("closes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_two_conflicting_presses_at_once_when_raced_a_thousand_times_then_one_wins_and_the_history_has_one_row() {
    const RACES: usize = 1_000;
    // five orders go round between two states; each pair of presses is a race
    let file = "workflow: work_order\nversion: 9\nentity: work_order\ninitial: [{to: a}]\nstates:\n  a: {category: todo, tone: info}\n  b: {category: doing, tone: info}\n  c: {category: done, tone: success, terminal: true}\ntransitions:\n  on: {from: a, to: b, permission: work_order.view}\n  over: {from: a, to: b, permission: work_order.view, reason: optional}\n  back: {from: b, to: a, permission: work_order.view}\n  end: {from: b, to: c, permission: work_order.view}\n";
    let shop = Arc::new(Shop::of(file).await);
    let mut racing = Vec::new();
    for _ in 0..5 {
        let order = shop.asked(json!({})).await;
        racing.push(tokio::spawn(race(shop.clone(), order, RACES / 5)));
    }
    let mut won = 0;
    for race in racing {
        won += race.await.expect("races");
    }
    assert_eq!(won, RACES);
    let (rows, odd): (i64, i64) = sqlx::query_as("SELECT count(*), count(*) FILTER (WHERE from_state = to_state) FROM workflow_history")
        .fetch_one(&mut shop.world.superuser().await)
        .await
        .expect("counts");
    assert_eq!((rows, odd), (5 + 2 * 1_000, 0), "one row a race, one a way back, one a beginning");
}

async fn race(shop: Arc<Shop>, order: WorkOrder, rounds: usize) -> usize {
    let app = &shop.world.app;
    for round in 0..rounds {
        let (a, b) = tokio::join!(
            app.run(&shop.manager, press(order.id, "on", json!({}))),
            app.run(&shop.technician, press(order.id, "over", json!({})))
        );
        let lost = match (a, b) {
            (Ok(_), Err(lost)) | (Err(lost), Ok(_)) => lost,
            both => panic!("round {round}: {both:?}"),
        };
        assert!(matches!(lost, Error::WrongState { ref state, .. } if state == "b"), "round {round}: {lost:?}");
        app.run(&shop.manager, press(order.id, "back", json!({}))).await.expect("goes back");
    }
    rounds
}
