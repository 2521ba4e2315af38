//! PostgreSQL itself stops in the middle of everything, and comes back.

use std::sync::Arc;
use std::time::Duration;

use domain::kernel::jobs::{self, Lane, NewJob, Owner};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tokio::sync::{Notify, mpsc};
use uuid::Uuid;
use worker::queue::LaneConfig;

use crate::support::{OwnServer, Process, brisk, eventually, on_work, work};

async fn add(pool: &PgPool, label: &str) -> Uuid {
    let job = NewJob::of(&work(label)).expect("JSON");
    let mut conn = pool.acquire().await.expect("a connection");
    jobs::insert(&mut conn, Owner::Platform, std::slice::from_ref(&job)).await.expect("added");
    job.id()
}

async fn done(pool: &PgPool, id: Uuid) -> (i32, i32) {
    let sql = "SELECT attempt, crashes FROM queue.jobs WHERE id = $1 AND state = 'done'";
    eventually("done", async || sqlx::query_as(sql).bind(id).fetch_optional(pool).await.ok().flatten()).await
}

#[tokio::test]
async fn a_database_that_crashes_and_comes_back_finds_the_same_process_at_work_and_leaves_no_job_behind() {
    let server = OwnServer::start().await;
    domain::kernel::migrate::migrate(&server.url()).await.expect("migrates");
    let pool = |role: &'static str| {
        let options = PgPoolOptions::new().max_connections(8).acquire_timeout(Duration::from_secs(5));
        options
            .after_connect(move |conn, _| Box::pin(async move { sqlx::Executor::execute(conn, role).await.map(drop) }))
            .connect_lazy(&server.url())
            .expect("an address")
    };
    let owner = pool("SELECT 1");
    let (begin, mut running) = mpsc::unbounded_channel();
    let gate = Arc::new(Notify::new());
    let open = gate.clone();
    let registry = on_work(move |label| {
        let (begin, open) = (begin.clone(), open.clone());
        async move {
            begin.send(()).expect("the test listens");
            if &*label == "under way" {
                open.notified().await;
            }
            Ok(())
        }
    });
    let process = Process::start_over(pool("SET ROLE millwright_worker"), registry, brisk(), vec![LaneConfig::of(Lane::Interactive)]);
    let before = add(&owner, "before").await;
    running.recv().await.expect("it runs");
    done(&owner, before).await;
    let under_way = add(&owner, "under way").await;
    running.recv().await.expect("it runs");

    server.control("stop").await;
    // the handler ends while there is nobody to tell
    gate.notify_one();
    server.control("start").await;

    assert_eq!(done(&owner, under_way).await, (1, 0), "its verdict waited; it was not run again");
    let after = eventually("added", async || {
        let mut conn = owner.acquire().await.ok()?;
        let job = NewJob::of(&work("after")).expect("JSON");
        jobs::insert(&mut conn, Owner::Platform, std::slice::from_ref(&job)).await.ok().map(|_| job.id())
    })
    .await;
    assert_eq!(done(&owner, after).await, (1, 0));
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM queue.jobs WHERE state <> 'done'").fetch_one(&owner).await.expect("counts");
    assert_eq!(left, 0);
    process.stop().await;
}
