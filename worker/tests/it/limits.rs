//! What one company may do at once, and in a minute.

use std::time::Duration;

use domain::kernel::jobs::{self, Lane, NewJob, Owner};
use tokio::sync::mpsc;
use uuid::Uuid;
use worker::queue::LaneConfig;
use worker::queue::store::{self, Claim, Key, Limits, Row, Verdict};

use crate::support::{Db, Process, brisk, on_work, tenant, work};

fn many(n: usize) -> Vec<NewJob> {
    (0..n).map(|i| NewJob::of(&work(&i)).expect("JSON")).collect()
}

async fn claim_from(db: &Db, from: Uuid, places: usize, limits: Limits) -> Vec<(u128, Key)> {
    let token = Uuid::now_v7();
    let claim = Claim { lane: Lane::Interactive, from, places, suspect: false, token, lease: Duration::from_secs(30), limits };
    let rows = store::claim(&db.worker, claim).await.expect("a claim").rows;
    let key = |row: &Row| Key { tenant: row.tenant_id, id: row.id, token };
    let mut taken: Vec<_> = rows.iter().map(|row| (row.tenant_id.as_u128(), key(row))).collect();
    taken.sort_by_key(|(tenant, _)| *tenant);
    taken
}

async fn claim(db: &Db, limits: Limits) -> Vec<(u128, Key)> {
    claim_from(db, Uuid::nil(), 16, limits).await
}

fn owners(taken: &[(u128, Key)]) -> Vec<u128> {
    taken.iter().map(|(tenant, _)| *tenant).collect()
}

fn running(cap: u32) -> Limits {
    Limits { running: Some(cap), per_minute: None }
}

fn per_minute(rate: u32) -> Limits {
    Limits { running: None, per_minute: Some(rate) }
}

#[tokio::test]
async fn a_company_at_its_cap_is_passed_over_until_one_of_its_jobs_is_over() {
    let db = Db::new().await;
    db.enqueue_all(tenant(1), &many(5)).await;
    db.enqueue_all(tenant(2), &many(1)).await;
    let taken = claim(&db, running(2)).await;
    assert_eq!(owners(&taken), [1, 1, 2]);
    db.enqueue_all(tenant(2), &many(1)).await;
    assert_eq!(owners(&claim(&db, running(2)).await), [2], "the first waits, the second goes on");
    store::acknowledge(&db.worker, &[(taken[0].1, Verdict::Done)]).await.expect("written");
    assert_eq!(owners(&claim(&db, running(2)).await), [1]);
}

#[tokio::test]
async fn companies_that_may_not_take_no_places_from_those_that_may() {
    let db = Db::new().await;
    for n in 1..=5 {
        db.enqueue_all(tenant(n), &many(3)).await;
    }
    for n in 1..=4 {
        let taken = claim_from(&db, tenant(n), 1, running(1)).await;
        assert_eq!(owners(&taken), [n]);
    }
    assert_eq!(owners(&claim_from(&db, Uuid::nil(), 1, running(1)).await), [5]);
    assert!(claim(&db, running(1)).await.is_empty(), "everybody is at the cap");
    assert_eq!(owners(&claim_from(&db, Uuid::nil(), 10, running(2)).await), [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn a_companys_own_limits_come_before_the_configurations() {
    let db = Db::new().await;
    for n in 1..=3 {
        db.enqueue_all(tenant(n), &many(6)).await;
    }
    let sql = "INSERT INTO queue.limits (tenant_id, queue, running, per_minute) VALUES
      ($1, 'interactive', 5, NULL), ($2, 'interactive', NULL, 1), ($2, 'bulk', 6, 6)";
    sqlx::query(sql).bind(tenant(1)).bind(tenant(2)).execute(&db.owner).await.expect("a plan");
    let taken = owners(&claim(&db, running(2)).await);
    assert_eq!(taken, [1, 1, 1, 1, 1, 2, 3, 3]);
    assert!(claim(&db, running(2)).await.is_empty());
}

#[tokio::test]
async fn a_company_begins_so_many_jobs_a_minute() {
    let db = Db::new().await;
    db.enqueue_all(tenant(1), &many(9)).await;
    db.enqueue_all(tenant(2), &many(1)).await;
    assert_eq!(owners(&claim(&db, per_minute(3)).await), [1, 1, 1, 2]);
    assert!(claim(&db, per_minute(3)).await.is_empty());
    let pass = async |seconds: f64| {
        let sql = "UPDATE queue.pace SET full_at = full_at - make_interval(secs => $1) WHERE tenant_id = $2";
        sqlx::query(sql).bind(seconds).bind(tenant(1)).execute(&db.owner).await.expect("time passes");
    };
    pass(21.0).await;
    assert_eq!(owners(&claim(&db, per_minute(3)).await), [1], "one every twenty seconds");
    assert!(claim(&db, per_minute(3)).await.is_empty());
    pass(3600.0).await;
    assert_eq!(owners(&claim(&db, per_minute(3)).await), [1, 1, 1], "what was not used is not saved up");
}

#[tokio::test]
async fn the_platforms_own_work_has_no_limits() {
    let db = Db::new().await;
    let mut conn = db.owner.acquire().await.expect("a connection");
    jobs::insert(&mut conn, Owner::Platform, &many(4)).await.expect("enqueued");
    let limits = Limits { running: Some(1), per_minute: Some(1) };
    assert_eq!(owners(&claim(&db, limits).await), [0, 0, 0, 0]);
    assert_eq!(db.count("SELECT count(*) FROM queue.pace").await, 0);
}

#[tokio::test]
async fn jobs_that_hang_fill_their_own_companys_share_and_no_more() {
    let db = Db::new().await;
    let (begin, mut begun) = mpsc::unbounded_channel();
    let registry = on_work(move |label| {
        begin.send(label.to_string()).expect("the test listens");
        async move { if &*label == "quick" { Ok(()) } else { std::future::pending().await } }
    });
    let lane = LaneConfig { concurrency: 4, window: 8, batch: 1, limits: running(3), ..LaneConfig::of(Lane::Interactive) };
    db.enqueue_all(tenant(1), &many(20)).await;
    let timing = worker::queue::Timing { drain: Duration::ZERO, ..brisk() };
    let process = Process::start_with(&db, registry, timing, [lane]);
    for _ in 0..3 {
        begun.recv().await.expect("one hangs");
    }
    let other = db.enqueue(tenant(2), &work("quick")).await;
    db.reaches(other, "done").await;
    assert_eq!(db.count("SELECT count(*) FROM queue.jobs WHERE state = 'running'").await, 3);
    process.stop().await;
}
