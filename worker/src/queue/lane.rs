//! One lane at work: a claim loop, an apalis worker, and the writer of verdicts, from start to drain.

use std::sync::Arc;
use std::time::Duration;

use apalis::layers::WorkerBuilderExt;
use apalis::layers::tracing::{DefaultOnFailure, TraceLayer};
use apalis_core::error::WorkerError;
use apalis_core::task::Task;
use apalis_core::worker::builder::WorkerBuilder;
use apalis_core::worker::context::WorkerContext;
use sqlx::PgPool;
use tokio::sync::{Notify, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use uuid::Uuid;

use super::backend::PgQueue;
use super::claim::Claimer;
use super::desk::Desk;
use super::lease::Claimed;
use super::measure::Measure;
use super::{LaneConfig, Timing, acks, renewal, watch};
use crate::registry::Registry;

/// How long verdicts may take to be stored after the last handler ended. Leases that are not acknowledged run out instead.
const FLUSH: Duration = Duration::from_secs(4);

/// What a lane works with.
#[derive(Clone, Debug)]
pub struct LaneRunner {
    /// The queue's connections.
    pub pool: PgPool,
    /// How the lane works.
    pub config: LaneConfig,
    /// The queue's clocks.
    pub timing: Timing,
    /// Who does the work.
    pub registry: Arc<Registry>,
    /// Rung when the lane has work.
    pub bell: Arc<Notify>,
    /// See [`Claimer::suspects`].
    pub suspects: Arc<Semaphore>,
}

impl LaneRunner {
    /// Works until stopped; then claims nothing more, lets running handlers finish for a while and releases the rest. A worker that
    /// ends by itself is replaced.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            self.live(&stop).await;
        }
    }

    /// One worker's life, under a name of its own.
    async fn live(&self, stop: &CancellationToken) {
        let LaneConfig { lane, window, batch, .. } = self.config;
        let desk = Arc::new(Desk::new(window, batch, self.bell.clone()));
        let (out, jobs) = mpsc::channel(window + 1);
        let (acks, verdicts) = mpsc::unbounded_channel();
        let ended = CancellationToken::new();
        let writer = tokio::spawn(acks::run(self.pool.clone(), desk.clone(), verdicts, self.timing));
        let heart = renewal::run(self.pool.clone(), desk.clone(), self.timing);
        let heart = AbortOnDropHandle::new(tokio::spawn(heart));
        let watch = AbortOnDropHandle::new(tokio::spawn(watch::run(self.pool.clone(), desk.clone(), self.timing)));
        let (pool, config, timing, suspects) = (self.pool.clone(), self.config, self.timing, self.suspects.clone());
        let claimer = Claimer { pool, config, timing, desk, out, acks, suspects };
        let claimer = tokio::spawn(claimer.run(ended.clone()));

        self.work(&format!("{}-{}", lane.as_str(), Uuid::now_v7()), jobs, stop, &ended).await;

        // with the claim loop and the worker gone, only leases of aborted handlers keep the writer waiting
        let _ = claimer.await;
        if tokio::time::timeout(FLUSH, writer).await.is_err() {
            tracing::warn!(lane = lane.as_str(), "some verdicts were not stored; their leases will run out");
        }
        drop((heart, watch));
    }

    /// Runs the worker until it ends, or until `stop` and the drain after it. `ended` stops the claim loop at the right moment.
    async fn work(&self, name: &str, jobs: mpsc::Receiver<Claimed>, stop: &CancellationToken, ended: &CancellationToken) {
        let context = WorkerContext::new(name);
        let mut worker = spawn_worker(&context, self.config, self.registry.clone(), jobs);
        let finished = tokio::select! {
            end = &mut worker => Some(end),
            () = stop.cancelled() => None,
        };
        ended.cancel();
        let finished = if finished.is_some() {
            finished
        } else {
            // an error means it never started; then it ends with the claim loop
            let _ = context.stop();
            tokio::time::timeout(self.timing.drain, &mut worker).await.ok()
        };
        match finished {
            Some(Ok(Ok(()))) if stop.is_cancelled() => tracing::info!(name, "drained"),
            Some(end) => tracing::error!(name, ?end, "the worker ended and is replaced"),
            None => tracing::warn!(name, "handlers still running were stopped; their jobs go back"),
        }
    }
}

fn spawn_worker(
    context: &WorkerContext,
    config: LaneConfig,
    registry: Arc<Registry>,
    jobs: mpsc::Receiver<Claimed>,
) -> AbortOnDropHandle<Result<(), WorkerError>> {
    let lane = config.lane.as_str();
    let trace = TraceLayer::new()
        .make_span_with(move |task: &Task<Claimed>| {
            let row = &task.args.row;
            tracing::info_span!("job", lane, kind = row.kind, id = %row.id, tenant = %row.tenant_id, attempt = row.attempt)
        })
        .on_failure(DefaultOnFailure::new().level(tracing::Level::WARN));
    let worker = WorkerBuilder::new(context)
        .backend(PgQueue::new(jobs))
        .concurrency(config.concurrency)
        .timeout(config.timeout)
        .layer(trace)
        .layer(Measure::new(config.lane, registry.clone()))
        .catch_panic()
        .build(move |job: Claimed| registry.run(job.row, job.signals));
    AbortOnDropHandle::new(tokio::spawn(worker.run()))
}
