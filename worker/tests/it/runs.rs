//! What becomes of a job: done, tried again, put off, dead.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use domain::kernel::jobs::{Job, Lane};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use worker::queue::LaneConfig;
use worker::queue::failure::Failure;
use worker::registry::Registry;

use crate::support::{Db, Heavy, Process, Work, brisk, on_work, tenant, work};

#[tokio::test]
async fn a_handler_gets_its_arguments_and_whose_work_it_is() {
    let db = Db::new().await;
    let id = db.enqueue(tenant(7), &work("filter")).await;
    let (seen, mut saw) = mpsc::unbounded_channel();
    let registry = Registry::new().on(move |context, job: Work| {
        let seen = seen.clone();
        async move {
            seen.send((context, job)).expect("the test listens");
            Ok(())
        }
    });
    let process = Process::start(&db, registry);
    let (context, job) = saw.recv().await.expect("it ran");
    assert_eq!((context.id, context.tenant, context.attempt), (id, Some(tenant(7)), 1));
    assert_eq!(job, work("filter"));
    let stored = db.reaches(id, "done").await;
    assert_eq!((stored.attempt, stored.crashes, stored.last_error), (1, 0, None));
    process.stop().await;
}

#[tokio::test]
async fn a_failure_waits_its_back_off_in_the_table() {
    let db = Db::new().await;
    let id = db.enqueue(tenant(1), &work("flaky")).await;
    let tries = Arc::new(AtomicUsize::new(0));
    let process = Process::start(
        &db,
        on_work(move |_| {
            let failed = tries.fetch_add(1, Ordering::SeqCst) == 0;
            async move { if failed { Err(Failure::retry("server is down\0")) } else { Ok(()) } }
        }),
    );
    let stored = db.reaches(id, "scheduled").await;
    assert_eq!((stored.attempt, stored.crashes), (1, 0));
    assert_eq!(stored.last_error.as_deref(), Some("server is down"));
    assert!((1.5..=5.0).contains(&stored.due_in), "5 s less at most half of it: {stored:?}");
    db.pass_back_off(id).await;
    let stored = db.reaches(id, "done").await;
    assert_eq!((stored.attempt, stored.last_error), (2, None));
    process.stop().await;
}

#[tokio::test]
async fn attempts_run_out() {
    let db = Db::new().await;
    let id = db.enqueue(tenant(1), &work("hopeless")).await;
    let process = Process::start(&db, on_work(|_| async { Err(Failure::retry("still down")) }));
    for _ in 1..Work::MAX_ATTEMPTS {
        db.reaches(id, "scheduled").await;
        db.pass_back_off(id).await;
        // the next run either waits again or is the last: leave the old state first
        while db.stored(id).await.due_in <= 0.0 && db.stored(id).await.state != "dead" {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    let stored = db.reaches(id, "dead").await;
    assert_eq!((stored.attempt, stored.last_error.as_deref()), (3, Some("still down")));
    process.stop().await;
}

#[tokio::test]
async fn what_is_given_up_is_dead_with_its_reason() {
    let db = Db::new().await;
    let id = db.enqueue(tenant(1), &work("unknown recipient")).await;
    let process = Process::start(&db, on_work(|_| async { Err(Failure::give_up("550 no such user")) }));
    let stored = db.reaches(id, "dead").await;
    assert_eq!((stored.attempt, stored.last_error.as_deref()), (1, Some("550 no such user")));
    process.stop().await;
}

#[tokio::test]
async fn being_put_off_spends_no_attempt() {
    let db = Db::new().await;
    let id = db.enqueue(tenant(1), &work("throttled")).await;
    let process =
        Process::start(&db, on_work(|_| async { Err(Failure::Later { reason: "429".into(), after: Duration::from_secs(10_072) }) }));
    let stored = db.reaches(id, "scheduled").await;
    assert_eq!((stored.attempt, stored.crashes), (0, 0));
    assert!((10_060.0..=10_072.0).contains(&stored.due_in), "{stored:?}");
    process.stop().await;
}

#[tokio::test]
async fn a_kind_nobody_handles_is_dead_and_says_so() {
    let db = Db::new().await;
    let id = db.enqueue(tenant(1), &Heavy).await;
    let process = Process::start(&db, on_work(|_| async { Ok(()) }));
    let stored = db.reaches(id, "dead").await;
    assert_eq!(stored.last_error.as_deref(), Some("no handler for jobs of kind test.heavy"));
    process.stop().await;
}

#[derive(Serialize, Deserialize)]
struct OldWork {
    name: String,
}

impl Job for OldWork {
    const KIND: &'static str = Work::KIND;
    const QUEUE: Lane = Lane::Interactive;
}

#[tokio::test]
async fn arguments_of_another_version_are_dead_and_say_so() {
    let db = Db::new().await;
    let id = db.enqueue(tenant(1), &OldWork { name: "x".into() }).await;
    let process = Process::start(&db, on_work(|_| async { Ok(()) }));
    let reason = db.reaches(id, "dead").await.last_error.expect("a reason");
    assert!(reason.starts_with("the arguments of test.work are not understood: missing field `label`"), "{reason}");
    process.stop().await;
}

/// [`Work`] as a newer program knows it.
#[derive(Serialize, Deserialize)]
struct NewWork {
    labels: Vec<String>,
}

impl Job for NewWork {
    const KIND: &'static str = Work::KIND;
    const QUEUE: Lane = Lane::Interactive;
    const VERSION: u16 = 3;

    fn read(version: u16, mut payload: serde_json::Value) -> Result<Self, String> {
        match version {
            1 => {
                let old: Work = serde_json::from_value(payload).map_err(|error| error.to_string())?;
                Ok(Self { labels: vec![old.label] })
            }
            3 => serde_json::from_value(payload.take()).map_err(|error| error.to_string()),
            _ => Err("nobody remembers it".into()),
        }
    }
}

#[tokio::test]
async fn arguments_of_an_older_version_are_understood_or_dead_and_their_neighbours_go_on() {
    let db = Db::new().await;
    let old = db.enqueue(tenant(1), &work("old")).await;
    let forgotten = db.enqueue(tenant(1), &work("forgotten")).await;
    sqlx::query("UPDATE queue.jobs SET version = 2 WHERE id = $1").bind(forgotten).execute(&db.owner).await.expect("as of long ago");
    let new = db.enqueue(tenant(1), &NewWork { labels: vec!["new".into()] }).await;
    let (seen, mut saw) = mpsc::unbounded_channel();
    let registry = Registry::new().on(move |_, job: NewWork| {
        seen.send(job.labels).expect("the test listens");
        async { Ok(()) }
    });
    let process = Process::start(&db, registry);
    let reason = db.reaches(forgotten, "dead").await.last_error;
    assert_eq!(reason.as_deref(), Some("the arguments of version 2 of test.work are not understood: nobody remembers it"));
    for id in [old, new] {
        db.reaches(id, "done").await;
    }
    process.stop().await;
    let mut labels = [saw.recv().await, saw.recv().await].map(|labels| labels.expect("ran").concat());
    labels.sort();
    assert_eq!(labels, ["new", "old"]);
}

#[tokio::test]
async fn arguments_of_a_newer_version_wait_for_the_newer_program() {
    let db = Db::new().await;
    let id = db.enqueue(tenant(1), &NewWork { labels: Vec::new() }).await;
    let older = Process::start(&db, on_work(|_| async { Ok(()) }));
    let stored = db.reaches(id, "scheduled").await;
    let reason = "the arguments of test.work are of version 3; this program knows versions up to 1";
    assert_eq!(stored.last_error.as_deref(), Some(reason));
    older.stop().await;
    db.pass_back_off(id).await;
    let newer = Process::start(&db, Registry::new().on(|_, _: NewWork| async { Ok(()) }));
    db.reaches(id, "done").await;
    newer.stop().await;
}

#[tokio::test]
async fn a_panic_is_a_failure_and_the_lane_goes_on() {
    let db = Db::new().await;
    let bad = db.enqueue(tenant(1), &work("bad")).await;
    let process = Process::start(
        &db,
        on_work(|label| async move {
            assert_ne!(&*label, "bad", "a mistake in the program");
            Ok(())
        }),
    );
    let stored = db.reaches(bad, "scheduled").await;
    assert!(stored.last_error.expect("a reason").contains("a mistake in the program"));
    assert_eq!((stored.attempt, stored.crashes), (1, 0), "a caught panic is no crash");
    let good = db.enqueue(tenant(1), &work("good")).await;
    db.reaches(good, "done").await;
    process.stop().await;
}

#[tokio::test]
async fn a_handler_that_hangs_is_stopped() {
    let db = Db::new().await;
    let id = db.enqueue(tenant(1), &work("hangs")).await;
    let lane = LaneConfig { timeout: Duration::from_millis(50), ..LaneConfig::of(Lane::Interactive) };
    let process = Process::start_with(&db, on_work(|_| std::future::pending()), brisk(), [lane]);
    let stored = db.reaches(id, "scheduled").await;
    assert_eq!((stored.attempt, stored.crashes), (1, 0));
    assert!(stored.last_error.is_some());
    process.stop().await;
}

#[tokio::test]
async fn a_busy_bulk_lane_does_not_delay_the_interactive_one() {
    let db = Db::new().await;
    let (begin, mut running) = mpsc::unbounded_channel();
    let registry = on_work(|_| async { Ok(()) }).on(move |_, _: Heavy| {
        begin.send(()).expect("the test listens");
        std::future::pending()
    });
    let lanes = [LaneConfig { concurrency: 1, window: 1, ..LaneConfig::of(Lane::Bulk) }, LaneConfig::of(Lane::Interactive)];
    let timing = worker::queue::Timing { drain: Duration::ZERO, ..brisk() };
    let process = Process::start_with(&db, registry, timing, lanes);
    let first = db.enqueue(tenant(1), &Heavy).await;
    let second = db.enqueue(tenant(1), &Heavy).await;
    running.recv().await.expect("one export runs");
    let mail = db.enqueue(tenant(1), &work("mail")).await;
    db.reaches(mail, "done").await;
    let states = [db.stored(first).await.state, db.stored(second).await.state];
    assert_eq!(states.iter().filter(|s| *s == "running").count(), 1, "{states:?}");
    process.stop().await;
}
