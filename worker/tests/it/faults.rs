//! Processes that stop, vanish and lose their database.

use std::sync::Arc;
use std::time::Duration;

use domain::kernel::jobs::{self, Lane, NewJob, Owner};
use tokio::sync::{Notify, mpsc};
use worker::queue::{self, LaneConfig, Timing};
use worker::registry::Registry;

use crate::support::{Db, Process, brisk, on_work, tenant, work};

fn quick() -> Registry {
    on_work(|_| async { Ok(()) })
}

/// Tells when it begins and ends when told.
fn gated() -> (Registry, mpsc::UnboundedReceiver<String>, Arc<Notify>) {
    let (begin, running) = mpsc::unbounded_channel();
    let gate = Arc::new(Notify::new());
    let open = gate.clone();
    let registry = on_work(move |label| {
        let (begin, open) = (begin.clone(), open.clone());
        async move {
            begin.send(label.to_string()).expect("the test listens");
            open.notified().await;
            Ok(())
        }
    });
    (registry, running, gate)
}

#[tokio::test]
async fn a_stop_lets_running_jobs_finish() {
    let db = Db::new().await;
    let id = db.enqueue(tenant(1), &work("x")).await;
    let (registry, mut running, gate) = gated();
    let process = Process::start(&db, registry);
    running.recv().await.expect("it runs");
    let stopping = tokio::spawn(process.stop());
    gate.notify_one();
    stopping.await.expect("a stop");
    assert_eq!(db.stored(id).await.state, "done");
}

#[tokio::test]
async fn a_stop_releases_what_did_not_finish_and_what_did_not_begin() {
    let db = Db::new().await;
    let jobs: Vec<NewJob> = (0..6).map(|i| NewJob::of(&work(&i)).expect("JSON")).collect();
    db.enqueue_all(tenant(1), &jobs).await;
    let (registry, mut running, _gate) = gated();
    let lane = LaneConfig { concurrency: 2, window: 6, batch: 1, ..LaneConfig::of(Lane::Interactive) };
    let timing = Timing { drain: Duration::from_millis(20), ..brisk() };
    let process = Process::start_with(&db, registry, timing, [lane]);
    running.recv().await.expect("one runs");
    running.recv().await.expect("another runs");
    assert_eq!(db.count("SELECT count(*) FROM queue.jobs WHERE state = 'running'").await, 6);
    process.stop().await;
    let untouched = "SELECT count(*) FROM queue.jobs WHERE state = 'ready' AND attempt = 0 AND crashes = 0 AND lease_token IS NULL";
    assert_eq!(db.count(untouched).await, 6);

    let process = Process::start(&db, quick());
    for job in &jobs {
        assert_eq!(db.reaches(job.id(), "done").await.attempt, 1);
    }
    process.stop().await;
}

#[tokio::test]
async fn an_idle_worker_stops_at_once_and_another_takes_over() {
    let db = Db::new().await;
    for n in 1..=3 {
        let process = Process::start(&db, quick());
        let id = db.enqueue(tenant(n), &work(&n)).await;
        db.reaches(id, "done").await;
        process.stop().await;
    }
}

#[tokio::test]
async fn a_claim_under_way_at_the_stop_strands_nothing() {
    let db = Db::new().await;
    let mut tx = db.owner.begin().await.expect("begin");
    sqlx::query("LOCK TABLE queue.jobs IN ACCESS EXCLUSIVE MODE").execute(&mut *tx).await.expect("a lock");
    let lane = LaneConfig::of(Lane::Interactive);
    let process = Process::start_with(&db, quick(), brisk(), [lane]);
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%RECURSIVE limited%'";
    while db.count(waiting).await == 0 {
        tokio::task::yield_now().await;
    }
    let stopping = tokio::spawn(process.stop());
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let job = NewJob::of(&work("x")).expect("JSON");
    db.become_tenant(&mut tx, tenant(1)).await;
    jobs::insert(&mut tx, Owner::Tenant, std::slice::from_ref(&job)).await.expect("added");
    tx.commit().await.expect("the claim goes on and finds a job");
    stopping.await.expect("a stop");
    let stored = db.stored(job.id()).await;
    assert_eq!((stored.state.as_str(), stored.attempt, stored.crashes), ("ready", 0, 0));
}

/// A process that vanishes: its runtime is torn down with everything in flight, and nothing is written any more.
struct Doomed(Option<tokio::runtime::Runtime>);

impl Doomed {
    /// Runs until `die` is called by a handler.
    fn live(db: &Db, registry: impl FnOnce(Arc<Notify>) -> Registry) -> (Self, Arc<Notify>) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let died = Arc::new(Notify::new());
        let registry = registry(died.clone());
        let guard = runtime.enter();
        let pool = db.another_pool();
        drop(guard);
        runtime.spawn(async move {
            // no upkeep here: the dead do not rescue themselves
            let timing = Timing { promote: Duration::from_hours(1), ..brisk() };
            let lanes = [LaneConfig::of(Lane::Interactive)];
            queue::serve(pool, registry, &lanes, timing, tokio_util::sync::CancellationToken::new()).await;
        });
        (Self(Some(runtime)), died)
    }
}

impl Drop for Doomed {
    fn drop(&mut self) {
        self.0.take().expect("once").shutdown_background();
    }
}

#[tokio::test]
async fn a_poisonous_job_is_contained_and_its_neighbours_finish() {
    let db = Db::new().await;
    let mut jobs: Vec<NewJob> = (0..5).map(|i| NewJob::of(&work(&i)).expect("JSON")).collect();
    jobs.insert(2, NewJob::of(&work("poison")).expect("JSON"));
    db.enqueue_all(tenant(1), &jobs).await;
    let poison = jobs[2].id();
    for life in 1..=3 {
        let (process, died) = Doomed::live(&db, |died| {
            on_work(move |label| {
                let died = died.clone();
                async move {
                    if &*label == "poison" {
                        died.notify_one();
                        std::future::pending::<()>().await;
                    } else if life == 1 {
                        // in the first life the neighbours are still at it when the process dies
                        std::future::pending::<()>().await;
                    }
                    Ok(())
                }
            })
        });
        died.notified().await;
        drop(process);
        sqlx::query("UPDATE queue.jobs SET lease_until = now() - interval '1 s' WHERE state = 'running'")
            .execute(&db.owner)
            .await
            .expect("time passes");
        while !queue::store::rescue(&db.worker, 100).await.expect("rescue").is_empty() {}
    }
    let stored = db.stored(poison).await;
    assert_eq!((stored.state.as_str(), stored.crashes), ("dead", 3), "{stored:?}");
    let process = Process::start(&db, quick());
    for neighbour in jobs.iter().filter(|job| job.id() != poison) {
        let stored = db.reaches(neighbour.id(), "done").await;
        assert!(stored.crashes <= 1, "charged once at most: {stored:?}");
    }
    process.stop().await;
}

#[tokio::test]
async fn a_vanished_workers_job_is_rescued_by_the_next() {
    let db = Db::new().await;
    let id = db.enqueue(tenant(1), &work("x")).await;
    let (process, died) = Doomed::live(&db, |died| {
        on_work(move |_| {
            died.notify_one();
            std::future::pending()
        })
    });
    died.notified().await;
    drop(process);
    db.expire(id).await;
    let process = Process::start(&db, quick());
    let stored = db.reaches(id, "done").await;
    assert_eq!((stored.attempt, stored.crashes), (1, 1));
    process.stop().await;
}

struct Dropped(mpsc::UnboundedSender<()>);

impl Drop for Dropped {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

#[tokio::test]
async fn a_handler_whose_lease_is_lost_is_stopped() {
    let db = Db::new().await;
    let id = db.enqueue(tenant(1), &work("x")).await;
    let (ended, mut saw_end) = mpsc::unbounded_channel();
    let (begin, mut running) = mpsc::unbounded_channel();
    let registry = on_work(move |_| {
        let guard = Dropped(ended.clone());
        begin.send(()).expect("the test listens");
        async move {
            let _guard = guard;
            std::future::pending().await
        }
    });
    let timing = Timing { lease: Duration::from_millis(300), rescue: Duration::from_hours(1), ..brisk() };
    let process = Process::start_with(&db, registry, timing, [LaneConfig::of(Lane::Interactive)]);
    running.recv().await.expect("it runs");
    sqlx::query("UPDATE queue.jobs SET lease_token = gen_random_uuid(), lease_until = now() + interval '1 h' WHERE id = $1")
        .bind(id)
        .execute(&db.owner)
        .await
        .expect("another process has it");
    tokio::time::timeout(Duration::from_secs(10), saw_end.recv()).await.expect("stopped by the next renewal");
    process.stop().await;
    assert_eq!(db.stored(id).await.state, "running", "the other process's claim stands");
}

#[tokio::test]
async fn leases_outlast_their_span_while_renewed() {
    let db = Db::new().await;
    let id = db.enqueue(tenant(1), &work("long")).await;
    let (registry, mut running, gate) = gated();
    let timing = Timing { lease: Duration::from_millis(300), ..brisk() };
    let process = Process::start_with(&db, registry, timing, [LaneConfig::of(Lane::Interactive)]);
    running.recv().await.expect("it runs");
    let first = lease_until(&db, id).await;
    let renewed = async {
        while lease_until(&db, id).await <= first + chrono::TimeDelta::milliseconds(400) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), renewed).await.expect("renewed again and again");
    gate.notify_one();
    let stored = db.reaches(id, "done").await;
    assert_eq!((stored.attempt, stored.crashes), (1, 0), "never rescued");
    process.stop().await;
}

async fn lease_until(db: &Db, id: uuid::Uuid) -> chrono::DateTime<chrono::Utc> {
    sqlx::query_scalar("SELECT lease_until FROM queue.jobs WHERE id = $1").bind(id).fetch_one(&db.owner).await.expect("running")
}

const CUT: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";

#[tokio::test]
async fn a_cut_connection_loses_nothing() {
    let db = Db::new().await;
    let first = db.enqueue(tenant(1), &work("under way")).await;
    let (registry, mut running, gate) = gated();
    let process = Process::start(&db, registry);
    running.recv().await.expect("it runs");
    sqlx::query(CUT).execute(&db.owner).await.expect("every other connection is cut");
    gate.notify_one();
    assert_eq!(db.reaches(first, "done").await.attempt, 1, "the verdict is stored over a new connection");
    let second = db.enqueue(tenant(1), &work("after")).await;
    running.recv().await.expect("claimed by the same process");
    sqlx::query(CUT).execute(&db.owner).await.expect("again");
    gate.notify_one();
    db.reaches(second, "done").await;
    process.stop().await;
    assert_eq!(db.count("SELECT count(*) FROM queue.jobs WHERE state = 'running'").await, 0);
}

#[tokio::test]
async fn one_process_does_the_upkeep_and_is_succeeded() {
    let db = Db::new().await;
    let first = Process::start(&db, quick());
    let second = Process::start(&db, quick());
    let later = || NewJob::of(&work("later")).expect("JSON").after(Duration::from_millis(50));
    let job = later();
    db.enqueue_all(tenant(1), std::slice::from_ref(&job)).await;
    db.reaches(job.id(), "done").await;
    let holders = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    assert_eq!(db.count(holders).await, 1);
    first.stop().await;
    let job = later();
    db.enqueue_all(tenant(1), std::slice::from_ref(&job)).await;
    db.reaches(job.id(), "done").await;
    assert_eq!(db.count(holders).await, 1);
    second.stop().await;
}

#[tokio::test]
async fn a_worker_that_starts_without_its_database_waits_for_it() {
    let db = Db::new().await;
    let id = db.enqueue(tenant(1), &work("x")).await;
    let (pool, door) = db.through_a_door(false).await;
    let process = Process::start_over(pool, quick(), brisk(), Lane::ALL.map(LaneConfig::of).into());
    door.turns_away(5).await;
    door.open();
    db.reaches(id, "done").await;
    process.stop().await;
}

#[tokio::test]
async fn an_outage_delays_verdicts_and_loses_none() {
    let db = Db::new().await;
    let ids = [db.enqueue(tenant(1), &work("a")).await, db.enqueue(tenant(1), &work("b")).await];
    let (pool, door) = db.through_a_door(true).await;
    let (registry, mut running, gate) = gated();
    let process = Process::start_over(pool, registry, brisk(), Lane::ALL.map(LaneConfig::of).into());
    running.recv().await.expect("one runs");
    running.recv().await.expect("another runs");
    door.shut();
    gate.notify_one();
    gate.notify_one();
    door.turns_away(5).await;
    assert_eq!(db.stored(ids[0]).await.state, "running");
    door.open();
    for id in ids {
        let stored = db.reaches(id, "done").await;
        assert_eq!((stored.attempt, stored.crashes), (1, 0));
    }
    process.stop().await;
}
