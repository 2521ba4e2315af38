//! A database a test, and a worker over it.

mod bot_api;
mod child;
mod company;
mod db;
mod proxy;
mod server;
mod smtp;

pub use bot_api::{BotApi, button};
pub use child::Child;
pub use company::Firm;
pub use db::Db;
pub use server::OwnServer;
pub use smtp::Smtp;

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::kernel::jobs::{Job, Lane};
use serde::{Deserialize, Serialize};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use worker::queue::{self, LaneConfig, Timing};
use worker::registry::Registry;

/// Asks until there is an answer; fails the test after half a minute.
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The job of most tests.
#[derive(Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Work {
    pub label: String,
    pub key: Option<String>,
}

impl Job for Work {
    const KIND: &'static str = "test.work";
    const QUEUE: Lane = Lane::Interactive;
    const MAX_ATTEMPTS: u16 = 3;
    fn unique_key(&self) -> Option<String> {
        self.key.clone()
    }
}

pub fn work<L: ToString + ?Sized>(label: &L) -> Work {
    Work { label: label.to_string(), key: None }
}

pub fn keyed(label: &str, key: &str) -> Work {
    Work { label: label.into(), key: Some(key.into()) }
}

/// The heavy lane's job.
#[derive(Serialize, Deserialize, Debug)]
pub struct Heavy;

impl Job for Heavy {
    const KIND: &'static str = "test.heavy";
    const QUEUE: Lane = Lane::Bulk;
}

pub fn tenant(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

/// Clocks that do not make a test wait. The lease stays long: tests move it in the table.
pub fn brisk() -> Timing {
    Timing {
        poll: Duration::from_millis(20),
        promote: Duration::from_millis(20),
        rescue: Duration::from_millis(20),
        watch: Duration::from_millis(20),
        drain: Duration::from_secs(20),
        ..Timing::default()
    }
}

/// A worker process, as far as the database can tell.
pub struct Process {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Process {
    pub fn start(db: &Db, registry: Registry) -> Self {
        Self::start_with(db, registry, brisk(), Lane::ALL.map(LaneConfig::of))
    }

    pub fn start_with(db: &Db, registry: Registry, timing: Timing, lanes: impl Into<Vec<LaneConfig>>) -> Self {
        Self::start_over(db.worker.clone(), registry, timing, lanes.into())
    }

    pub fn start_over(pool: sqlx::PgPool, registry: Registry, timing: Timing, lanes: Vec<LaneConfig>) -> Self {
        let stop = CancellationToken::new();
        let token = stop.clone();
        let task = tokio::spawn(async move {
            queue::serve(pool, registry, &lanes, timing, token).await;
        });
        Self { stop, task }
    }

    /// Stops it as SIGTERM does.
    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.expect("a worker ends without a panic");
    }
}

/// Runs `Work` with a function of the label.
pub fn on_work<F, Fut>(handler: F) -> Registry
where
    F: Fn(Arc<str>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = worker::registry::Outcome> + Send + 'static,
{
    Registry::new().on(move |_, job: Work| handler(job.label.into()))
}
