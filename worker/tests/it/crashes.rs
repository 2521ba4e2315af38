//! Processes of their own that are killed, stopped and starved, and the same database's next process.

use std::time::{Duration, Instant};

use domain::kernel::jobs::{Lane, NewJob};
use sqlx::Executor;
use uuid::Uuid;
use worker::queue::store;
use worker::queue::{LaneConfig, Timing};

use crate::support::{Child, Db, Process, brisk, eventually, on_work, tenant, work};

/// Milliseconds a job stays with a process that says nothing any more.
const LEASE: u64 = 600;
/// How soon the job of a process that died is done by the next: its lease, and five seconds.
const RESCUED: Duration = Duration::from_millis(LEASE + 5000);

/// A database whose jobs leave a trace: one row a key, with how often it was tried.
async fn traced() -> Db {
    let db = Db::new().await;
    db.owner.execute("CREATE TABLE effects (key text PRIMARY KEY, tries int NOT NULL DEFAULT 1)").await.expect("a table");
    db
}

async fn tries(db: &Db, key: &str) -> Option<i32> {
    sqlx::query_scalar("SELECT tries FROM effects WHERE key = $1").bind(key).fetch_optional(&db.owner).await.expect("is read")
}

async fn add(db: &Db, label: &str) -> Uuid {
    db.enqueue(tenant(1), &work(label)).await
}

/// The next process, started at once, does the job in time and once.
async fn next_does(db: &Db, id: Uuid, died: Instant) -> Child {
    let mut next = Child::start(db, LEASE, 4).await;
    // where it pauses by its label it is let on
    next.go_on().await;
    let stored = db.reaches(id, "done").await;
    assert!(died.elapsed() < RESCUED, "{:?}", died.elapsed());
    assert_eq!((stored.attempt, stored.crashes), (1, 1), "a run cut short is a crash and no attempt");
    next
}

#[tokio::test]
async fn killed_before_it_began_a_job_is_done_by_the_next_process() {
    let db = traced().await;
    let mut child = Child::start(&db, LEASE, 1).await;
    let first = add(&db, "first@began").await;
    child.says("first began").await;
    let second = add(&db, "second").await;
    db.reaches(second, "running").await;
    child.kill().await;
    let died = Instant::now();
    assert!(!child.has_said("second began"), "claimed, and waiting behind the other");
    let _next = next_does(&db, second, died).await;
    db.reaches(first, "done").await;
    assert_eq!((tries(&db, "first").await, tries(&db, "second").await), (Some(1), Some(1)));
}

#[tokio::test]
async fn killed_before_its_effect_a_job_has_it_once() {
    let db = traced().await;
    let mut child = Child::start(&db, LEASE, 4).await;
    let id = add(&db, "a@began").await;
    child.says("a began").await;
    child.kill().await;
    let _next = next_does(&db, id, Instant::now()).await;
    assert_eq!(tries(&db, "a").await, Some(1));
}

#[tokio::test]
async fn killed_after_its_effect_a_job_is_run_again_and_its_effect_stays_one() {
    let db = traced().await;
    let mut child = Child::start(&db, LEASE, 4).await;
    let id = add(&db, "a@effected").await;
    child.says("a effected").await;
    child.kill().await;
    let _next = next_does(&db, id, Instant::now()).await;
    assert_eq!(tries(&db, "a").await, Some(2), "twice tried, one row");
}

/// Verdicts that wait for a row.
const WAITS: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%a.verdict%'";

#[tokio::test]
async fn killed_before_its_verdict_was_stored_a_job_is_run_again() {
    let db = traced().await;
    let mut child = Child::start(&db, LEASE, 4).await;
    let id = add(&db, "a@effected").await;
    child.says("a effected").await;
    let mut tx = db.owner.begin().await.expect("begin");
    sqlx::query("SELECT FROM queue.jobs WHERE id = $1 FOR UPDATE").bind(id).execute(&mut *tx).await.expect("held");
    child.go_on().await;
    db.becomes(WAITS, 1).await;
    child.kill().await;
    let died = Instant::now();
    // the server carries out what a dead client asked for unless it is told otherwise
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'doomed'";
    sqlx::query(cut).execute(&db.owner).await.expect("cut");
    db.becomes(WAITS, 0).await;
    tx.rollback().await.expect("let go");
    assert_eq!(db.stored(id).await.state, "running");
    let _next = next_does(&db, id, died).await;
    assert_eq!(tries(&db, "a").await, Some(2));
}

#[tokio::test]
async fn a_process_that_stood_still_past_its_lease_comes_too_late_and_goes_on() {
    let db = traced().await;
    let mut sleeper = Child::start(&db, LEASE, 4).await;
    let id = add(&db, "a@began").await;
    sleeper.says("a began").await;
    sleeper.signal("STOP").await;
    // it holds the election too: another process has to be elected before anybody is rescued
    let mut other = Child::start(&db, LEASE, 4).await;
    other.says("a began").await;
    other.go_on().await;
    let done = db.reaches(id, "done").await;
    assert_eq!((done.attempt, done.crashes), (1, 1));
    sleeper.signal("CONT").await;
    sleeper.go_on().await;
    other.kill().await;
    let next = add(&db, "b").await;
    sleeper.says("b effected").await;
    db.reaches(next, "done").await;
    let still = db.stored(id).await;
    assert_eq!((still.state.as_str(), still.attempt, still.crashes), ("done", 1, 1), "the late verdict changed nothing");
    assert!(sqlx::query("SELECT FROM effects WHERE key = 'a'").fetch_all(&db.owner).await.expect("is read").len() == 1);
}

#[tokio::test]
async fn jobs_that_take_the_process_down_are_dead_after_three_crashes_and_their_neighbours_finish() {
    let db = traced().await;
    let jobs: Vec<NewJob> = ["a", "abort", "b", "hungry", "c"].map(|label| NewJob::of(&work(label)).expect("JSON")).into();
    db.enqueue_all(tenant(1), &jobs).await;
    let settled = "SELECT count(*) FROM queue.jobs WHERE state IN ('done', 'dead')";
    let mut lives = 0;
    while db.count(settled).await < 5 {
        lives += 1;
        assert!(lives < 12, "no end of it");
        let mut child = Child::limited(&db, LEASE, 4, "2000000").await;
        tokio::select! {
            well = child.ends() => assert!(!well),
            () = db.becomes(settled, 5) => {}
        }
    }
    for (job, label) in jobs.iter().zip(["a", "abort", "b", "hungry", "c"]) {
        let stored = db.stored(job.id()).await;
        if ["abort", "hungry"].contains(&label) {
            assert_eq!((stored.state.as_str(), stored.crashes), ("dead", 3), "{label}");
            assert_eq!(stored.last_error.as_deref(), Some("quarantined: 3 workers vanished while running it"));
        } else {
            assert_eq!(stored.state, "done", "{label}");
            assert!(stored.crashes <= 1, "{label} was charged for its neighbours once at most: {stored:?}");
        }
    }
}

#[tokio::test]
async fn an_export_killed_at_half_goes_on() {
    let db = traced().await;
    let id = add(&db, "export").await;
    let mut child = Child::start(&db, LEASE, 4).await;
    child.says("export page 5").await;
    eventually("page five is stored", async || db.progress(id).await.filter(|progress| progress["page"] == 5)).await;
    child.kill().await;
    let next = Child::start(&db, LEASE, 4).await;
    db.reaches(id, "done").await;
    assert!(next.has_said("export page 6") && !next.has_said("export page 5"));
}

#[tokio::test]
async fn sigterm_lets_a_running_job_finish_and_gives_the_waiting_one_back() {
    let db = traced().await;
    let mut child = Child::start(&db, 30_000, 1).await;
    let running = add(&db, "running@began").await;
    child.says("running began").await;
    let waiting = add(&db, "waiting").await;
    db.reaches(waiting, "running").await;
    child.signal("TERM").await;
    child.go_on().await;
    assert!(child.ends().await);
    assert_eq!(db.stored(running).await.state, "done");
    let back = db.stored(waiting).await;
    // one that began meanwhile is done, one that did not was not charged
    let expected = if child.has_said("waiting began") { ("done", 1, 0) } else { ("ready", 0, 0) };
    assert_eq!((back.state.as_str(), back.attempt, back.crashes), expected);
}

#[tokio::test]
async fn a_connection_that_went_dead_without_a_word_is_replaced() {
    let db = Db::new().await;
    let (pool, door) = db.through_a_door(true).await;
    let (begin, mut running) = tokio::sync::mpsc::unbounded_channel();
    let gate = std::sync::Arc::new(tokio::sync::Notify::new());
    let open = gate.clone();
    let registry = on_work(move |label| {
        let (begin, open) = (begin.clone(), open.clone());
        async move {
            begin.send(()).expect("the test listens");
            if &*label == "slow" {
                open.notified().await;
            }
            Ok(())
        }
    });
    let timing = Timing { statement: Duration::from_millis(300), lease: Duration::from_mins(1), ..brisk() };
    let process = Process::start_over(pool, registry, timing, vec![LaneConfig::of(Lane::Interactive)]);
    let slow = add(&db, "slow").await;
    running.recv().await.expect("it runs");
    door.freeze();
    gate.notify_one();
    let stored = db.reaches(slow, "done").await;
    assert_eq!((stored.attempt, stored.crashes), (1, 0));
    let next = add(&db, "next").await;
    db.reaches(next, "done").await;
    process.stop().await;
    assert_eq!(db.count("SELECT count(*) FROM queue.jobs WHERE state = 'running'").await, 0);
}

#[tokio::test]
async fn an_applications_clock_that_is_wrong_changes_nothing() {
    let db = Db::new().await;
    let process = Process::start(&db, on_work(|_| async { Ok(()) }));
    for hours in [-1, 2] {
        db.world.clock.advance(chrono::TimeDelta::hours(hours));
        let (now, later) = (work("now"), NewJob::of(&work("later")).expect("JSON").after(Duration::from_millis(200)));
        let began = Instant::now();
        let now = db.enqueue(tenant(1), &now).await;
        db.enqueue_all(tenant(1), std::slice::from_ref(&later)).await;
        db.reaches(now, "done").await;
        db.reaches(later.id(), "done").await;
        assert!(began.elapsed() >= Duration::from_millis(200));
    }
    process.stop().await;
}

#[tokio::test]
async fn in_a_flood_everybody_else_is_served_among_the_first() {
    let db = Db::new().await;
    let flood: Vec<NewJob> = (0..3000).map(|i| NewJob::of(&work(&format!("flood {i}"))).expect("JSON")).collect();
    db.enqueue_all(tenant(1), &flood).await;
    for n in 2..=40 {
        db.enqueue_all(tenant(n), &[NewJob::of(&work("small")).expect("JSON")]).await;
    }
    let (done, mut order) = tokio::sync::mpsc::unbounded_channel();
    let process = Process::start(
        &db,
        on_work(move |label| {
            done.send(label.starts_with("small")).expect("the test listens");
            async { Ok(()) }
        }),
    );
    let mut before = 0;
    let mut small = 0;
    while small < 39 {
        if order.recv().await.expect("a job") { small += 1 } else { before += 1 }
    }
    assert!(before <= 128, "two claims' worth at most, of 3000: {before}");
    process.stop().await;
    // what is left goes back; nobody is charged
    assert_eq!(db.count("SELECT count(*) FROM queue.jobs WHERE state = 'running' OR crashes > 0").await, 0);
    assert!(store::rescue(&db.worker, 10).await.expect("rescue").is_empty());
}
