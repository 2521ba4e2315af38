//! What a running job and the people who wait for it tell each other: how far it has come, and that it is not wanted any more.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use domain::kernel::jobs::{Cancelled, Lane, NewJob};
use serde_json::{Value, json};
use tokio::sync::{Notify, mpsc};
use worker::queue::failure::Failure;
use worker::queue::store::{self, Claim, Limits};
use worker::queue::{LaneConfig, Timing};
use worker::registry::{JobContext, Outcome, Registry};

use crate::support::{Db, Process, Work, brisk, eventually, on_work, tenant, work};

fn on_context<F, Fut>(handler: F) -> Registry
where
    F: Fn(JobContext) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Outcome> + Send + 'static,
{
    Registry::new().on(move |context, _: Work| handler(context))
}

#[tokio::test]
async fn progress_is_stored_while_the_job_runs() {
    let db = Db::new().await;
    let id = db.enqueue(tenant(1), &work("export")).await;
    let go = Arc::new(Notify::new());
    let gate = go.clone();
    let process = Process::start(
        &db,
        on_context(move |context| {
            let gate = gate.clone();
            async move {
                for page in 1..=3 {
                    context.progress(json!({ "rows": page * 100 }));
                    gate.notified().await;
                }
                Ok(())
            }
        }),
    );
    for page in 1..=3 {
        let rows = json!({ "rows": page * 100 });
        eventually("progress", async || db.progress(id).await.filter(|stored| *stored == rows)).await;
        go.notify_one();
    }
    db.reaches(id, "done").await;
    process.stop().await;
}

#[tokio::test]
async fn the_next_run_goes_on_where_the_last_one_stopped() {
    let db = Db::new().await;
    let id = db.enqueue(tenant(1), &work("export")).await;
    let (say, mut said) = mpsc::unbounded_channel::<Option<Value>>();
    let process = Process::start(
        &db,
        on_context(move |context| {
            say.send(context.reached().cloned()).expect("the test listens");
            async move {
                if context.reached().is_none() {
                    // noted and failed in the same breath: the note is stored before the verdict
                    context.progress(json!({ "rows": 500 }));
                    return Err(Failure::retry("the disk is full"));
                }
                Ok(())
            }
        }),
    );
    db.reaches(id, "scheduled").await;
    db.pass_back_off(id).await;
    db.reaches(id, "done").await;
    process.stop().await;
    assert_eq!([said.recv().await, said.recv().await], [Some(None), Some(Some(json!({ "rows": 500 })))]);
}

#[tokio::test]
async fn a_late_report_is_refused() {
    let db = Db::new().await;
    let id = db.enqueue(tenant(1), &work("x")).await;
    let (token, lane, places) = (uuid::Uuid::now_v7(), Lane::Interactive, 1);
    let (lease, limits) = (Duration::from_secs(30), Limits::default());
    let claim = Claim { lane, from: uuid::Uuid::nil(), places, suspect: false, token, lease, limits };
    store::claim(&db.worker, claim).await.expect("a claim");
    let key = store::Key { tenant: tenant(1), id, token };
    store::report(&db.worker, &[(key, json!(1))]).await.expect("stored");
    assert_eq!(db.progress(id).await, Some(json!(1)));
    db.expire(id).await;
    store::rescue(&db.worker, 10).await.expect("rescue");
    store::report(&db.worker, &[(key, json!(2))]).await.expect("hits nothing");
    assert_eq!(db.progress(id).await, Some(json!(1)));
}

#[tokio::test]
async fn what_waits_is_cancelled_at_once_and_by_its_company_alone() {
    let db = Db::new().await;
    let ready = db.enqueue(tenant(1), &work("ready")).await;
    let later = NewJob::of(&work("later")).expect("JSON").after(Duration::from_hours(1));
    db.enqueue_all(tenant(1), std::slice::from_ref(&later)).await;
    assert_eq!(db.cancel(tenant(2), ready).await, Cancelled::Over, "another company's is none of its business");
    assert_eq!(db.stored(ready).await.state, "ready");
    for id in [ready, later.id()] {
        assert_eq!(db.cancel(tenant(1), id).await, Cancelled::Waiting);
        assert_eq!(db.stored(id).await.state, "cancelled");
        assert_eq!(db.cancel(tenant(1), id).await, Cancelled::Over);
    }
    let process = Process::start(&db, on_work(|label| async move { panic!("{label} runs") }));
    let after = db.enqueue(tenant(1), &crate::support::Heavy).await;
    db.reaches(after, "dead").await;
    process.stop().await;
    assert_eq!(db.stored(ready).await.state, "cancelled");
}

/// With the clocks of an installation.
fn usual() -> Timing {
    Timing { drain: Duration::ZERO, watch: Timing::default().watch, ..brisk() }
}

#[tokio::test]
async fn what_runs_is_stopped_within_two_seconds_and_frees_its_place() {
    let db = Db::new().await;
    let (begin, mut begun) = mpsc::unbounded_channel();
    let registry = on_work(move |label| {
        begin.send(()).expect("the test listens");
        async move { if &*label == "deaf" { std::future::pending().await } else { Ok(()) } }
    });
    let lane = LaneConfig { concurrency: 1, window: 1, batch: 1, ..LaneConfig::of(Lane::Interactive) };
    let process = Process::start_with(&db, registry, usual(), [lane]);
    let deaf = db.enqueue(tenant(1), &work("deaf")).await;
    begun.recv().await.expect("it runs");
    let next = db.enqueue(tenant(1), &work("next")).await;
    let asked = Instant::now();
    assert_eq!(db.cancel(tenant(1), deaf).await, Cancelled::Running);
    let stored = db.reaches(deaf, "cancelled").await;
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    assert_eq!((stored.attempt, stored.crashes), (1, 0));
    db.reaches(next, "done").await;
    process.stop().await;
}

#[tokio::test]
async fn a_handler_that_listens_tidies_up() {
    let db = Db::new().await;
    let (begin, mut begun) = mpsc::unbounded_channel();
    let tidy = Arc::new(AtomicBool::new(false));
    let tidied = tidy.clone();
    let registry = on_context(move |context| {
        begin.send(()).expect("the test listens");
        let tidied = tidied.clone();
        async move {
            context.cancelled().cancelled().await;
            tokio::task::yield_now().await;
            tidied.store(true, Ordering::SeqCst);
            Err(Failure::retry("stopped half-way"))
        }
    });
    let process = Process::start(&db, registry);
    let id = db.enqueue(tenant(1), &work("export")).await;
    begun.recv().await.expect("it runs");
    db.cancel(tenant(1), id).await;
    db.reaches(id, "cancelled").await;
    assert!(tidy.load(Ordering::SeqCst));
    process.stop().await;
}

#[tokio::test]
async fn a_job_that_was_done_before_it_heard_is_done() {
    let db = Db::new().await;
    let (begin, mut begun) = mpsc::unbounded_channel();
    let registry = on_context(move |context| {
        begin.send(()).expect("the test listens");
        async move {
            context.cancelled().cancelled().await;
            Ok(())
        }
    });
    let process = Process::start(&db, registry);
    let id = db.enqueue(tenant(1), &work("quick")).await;
    begun.recv().await.expect("it runs");
    db.cancel(tenant(1), id).await;
    db.reaches(id, "done").await;
    process.stop().await;
}

#[tokio::test]
async fn a_cancelled_job_whose_worker_vanished_does_not_come_back() {
    let db = Db::new().await;
    let id = db.enqueue(tenant(1), &work("x")).await;
    let (token, lane, places) = (uuid::Uuid::now_v7(), Lane::Interactive, 1);
    let (lease, limits) = (Duration::from_secs(30), Limits::default());
    let claim = Claim { lane, from: uuid::Uuid::nil(), places, suspect: false, token, lease, limits };
    store::claim(&db.worker, claim).await.expect("a claim");
    assert_eq!(db.cancel(tenant(1), id).await, Cancelled::Running);
    db.expire(id).await;
    store::rescue(&db.worker, 10).await.expect("rescue");
    assert_eq!(db.stored(id).await.state, "cancelled");
}
