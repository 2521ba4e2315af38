//! The way in: with the business data or not at all.

use domain::kernel::jobs::{self, NewJob, Notifier, Owner};
use sqlx::{Executor, PgConnection};
use std::time::Duration;

use crate::support::{Db, Process, brisk, keyed, on_work, tenant, work};
use domain::kernel::jobs::Lane;
use worker::queue::{LaneConfig, Timing};

const JOBS: &str = "SELECT count(*) FROM queue.jobs";

async fn add(conn: &mut PgConnection, job: &crate::support::Work) -> sqlx::Result<u64> {
    jobs::insert(conn, Owner::Tenant, &[NewJob::of(job).expect("JSON")]).await
}

#[tokio::test]
async fn a_job_is_committed_with_its_transaction_or_not_at_all() {
    let db = Db::new().await;
    let mut tx = db.begin(tenant(1)).await;
    assert_eq!(add(&mut tx, &work("lost")).await.expect("added"), 1);
    tx.rollback().await.expect("rollback");
    assert_eq!(db.count(JOBS).await, 0);

    let mut tx = db.begin(tenant(1)).await;
    add(&mut tx, &work("kept")).await.expect("added");
    tx.commit().await.expect("commit");
    let (owner, state, payload): (uuid::Uuid, String, serde_json::Value) =
        sqlx::query_as("SELECT tenant_id, state, payload FROM queue.jobs").fetch_one(&db.owner).await.expect("one job");
    assert_eq!((owner, state.as_str()), (tenant(1), "ready"));
    assert_eq!(payload["label"], "kept");
}

#[tokio::test]
async fn a_duplicate_leaves_the_transaction_alive() {
    let db = Db::new().await;
    db.owner.execute("CREATE TABLE orders (n int); GRANT INSERT ON orders TO millwright_tenant").await.expect("a table");
    let mut tx = db.begin(tenant(1)).await;
    tx.execute("INSERT INTO orders VALUES (1)").await.expect("the first write");
    assert_eq!(add(&mut tx, &keyed("first", "k")).await.expect("added"), 1);
    assert_eq!(add(&mut tx, &keyed("second", "k")).await.expect("left out"), 0);
    tx.execute("INSERT INTO orders VALUES (2)").await.expect("the second write");
    tx.commit().await.expect("commit");
    assert_eq!(db.count("SELECT count(*) FROM orders").await, 2);
    assert_eq!(db.count(JOBS).await, 1);
}

#[tokio::test]
async fn a_key_binds_one_company_while_its_job_lives() {
    let db = Db::new().await;
    let first = db.enqueue(tenant(1), &keyed("a", "k")).await;
    let jobs = [keyed("b", "k"), keyed("c", "other")].map(|job| NewJob::of(&job).expect("JSON"));
    assert_eq!(db.enqueue_all(tenant(1), &jobs).await, 1, "the taken key is left out, the other added");
    assert_eq!(db.enqueue_all(tenant(2), &jobs[..1]).await, 1, "another company's key");

    let process = Process::start(&db, on_work(|_| async { Ok(()) }));
    db.reaches(first, "done").await;
    process.stop().await;
    db.enqueue(tenant(1), &keyed("again", "k")).await;
    let again = db.count("SELECT count(*) FROM queue.jobs WHERE payload->>'label' = 'again'").await;
    assert_eq!(again, 1, "a finished job frees its key");
}

#[tokio::test]
async fn only_a_tenants_transaction_has_a_tenants_job() {
    let db = Db::new().await;
    let mut tx = db.owner.begin().await.expect("begin");
    tx.execute("SET LOCAL ROLE millwright_tenant").await.expect("role");
    let error = add(&mut tx, &work("whose")).await.expect_err("no tenant");
    assert_eq!(code(&error), "42501");

    for (role, sql) in [
        ("tenant", "SELECT 1 FROM queue.jobs"),
        ("tenant", "SELECT queue.enqueue_platform('k', 'bulk', '{}', 1::smallint, now(), NULL, 1, gen_random_uuid())"),
        ("app", "SELECT 1 FROM queue.jobs"),
        ("app", "SELECT queue.enqueue('k', 'bulk', '{}', 1::smallint, now(), NULL, 1, gen_random_uuid())"),
        ("app", "SELECT queue.insert_job(gen_random_uuid(), 'k', 'bulk', '{}', 1::smallint, now(), NULL, 1, gen_random_uuid())"),
        ("worker", "UPDATE queue.jobs SET payload = '{}'"),
        ("worker", "UPDATE queue.jobs SET tenant_id = gen_random_uuid()"),
        ("worker", "INSERT INTO queue.jobs SELECT * FROM queue.jobs"),
    ] {
        let mut tx = db.owner.begin().await.expect("begin");
        match role {
            "tenant" => tx.execute("SET LOCAL ROLE millwright_tenant"),
            "app" => tx.execute("SET LOCAL ROLE millwright_app"),
            _ => tx.execute("SET LOCAL ROLE millwright_worker"),
        }
        .await
        .expect("role");
        let error = tx.execute(sql).await.expect_err(sql);
        assert_eq!(code(&error), "42501", "{role}: {sql}");
    }
}

#[tokio::test]
async fn the_platforms_job_bears_the_nil_tenant() {
    let db = Db::new().await;
    let mut tx = db.owner.begin().await.expect("begin");
    tx.execute("SET LOCAL ROLE millwright_app").await.expect("role");
    let job = NewJob::of(&work("sign-up mail")).expect("JSON");
    assert_eq!(jobs::insert(&mut tx, Owner::Platform, &[job]).await.expect("added"), 1);
    tx.commit().await.expect("commit");
    assert_eq!(db.count("SELECT count(*) FROM queue.jobs WHERE tenant_id = '00000000-0000-0000-0000-000000000000'").await, 1);
}

#[tokio::test]
async fn a_delayed_job_waits_and_is_promoted() {
    let db = Db::new().await;
    let job = NewJob::of(&work("later")).expect("JSON").after(Duration::from_hours(1));
    db.enqueue_all(tenant(1), std::slice::from_ref(&job)).await;
    let stored = db.stored(job.id()).await;
    assert_eq!(stored.state, "scheduled");
    assert!((3590.0..=3600.0).contains(&stored.due_in), "{stored:?}");

    let process = Process::start(&db, on_work(|_| async { Ok(()) }));
    db.pass_back_off(job.id()).await;
    db.reaches(job.id(), "done").await;
    process.stop().await;
}

#[tokio::test]
async fn a_hint_wakes_an_idle_lane_long_before_it_polls() {
    let db = Db::new().await;
    let hour = Duration::from_hours(1);
    let timing = Timing { poll: hour, promote: hour, ..brisk() };
    let process = Process::start_with(&db, on_work(|_| async { Ok(()) }), timing, Lane::ALL.map(LaneConfig::of));
    let first = db.enqueue(tenant(1), &work("a")).await;
    let notifier = Notifier::start(db.owner.clone());
    // the listener may still be on its way: hint until heard, as commits do
    let heard = async {
        while db.stored(first).await.state != "done" {
            notifier.wake([Lane::Interactive]);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), heard).await.expect("a hint is heard");
    let second = db.enqueue(tenant(1), &work("b")).await;
    notifier.wake([Lane::Interactive]);
    db.reaches(second, "done").await;
    process.stop().await;
}

fn code(error: &sqlx::Error) -> String {
    let database = error.as_database_error().unwrap_or_else(|| panic!("{error}"));
    database.code().unwrap_or_default().into_owned()
}
