//! The queue as apalis sees it: a channel of claimed jobs, and a layer that acknowledges.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use apalis_core::backend::{Backend, BackendConfig, finalize::Ephemeral};
use apalis_core::error::BoxDynError;
use apalis_core::task::{Task, builder::TaskBuilder, task_id::TaskId};
use apalis_core::worker::context::WorkerContext;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;
use tower::{Layer, Service};
use uuid::Uuid;

use super::failure::{Failure, back_off};
use super::lease::{Claimed, Lease};
use super::store::Verdict;

/// What a handler that was asked to stop has to tidy up in.
const GRACE: Duration = Duration::from_secs(1);

/// The receiving end of a claim loop. It cannot fail: a backend error would end the worker.
#[derive(Debug)]
pub struct PgQueue {
    jobs: mpsc::Receiver<Claimed>,
    /// Claims so far. apalis wants ids that differ among the tasks in flight, and a released job may be claimed again at once.
    claims: u64,
}

impl PgQueue {
    /// Yields what comes through `jobs`.
    pub fn new(jobs: mpsc::Receiver<Claimed>) -> Self {
        Self { jobs, claims: 0 }
    }
}

impl Backend for PgQueue {
    type Task = Task<Claimed>;
    type Error = Infallible;

    fn poll_ready(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(&mut self, cx: &mut Context<'_>, _: &WorkerContext) -> Poll<Option<Result<Self::Task, Infallible>>> {
        self.jobs.poll_recv(cx).map(|claimed| {
            claimed.map(|claimed| {
                self.claims += 1;
                Ok(TaskBuilder::new(claimed).task_id(TaskId::from_int(self.claims)).build())
            })
        })
    }

    // Nothing to flush: what still waits in the channel releases itself as it is dropped.
    fn poll_close(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }
}

impl BackendConfig for PgQueue {
    type Args = Claimed;
    type Id = Uuid;
    type Kind = Ephemeral;
    type Config = ();
    type Layer = Acknowledge;

    fn config(&self) -> &() {
        &()
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> Acknowledge {
        Acknowledge
    }
}

/// Turns what a handler answers into the verdict of its lease.
#[derive(Clone, Copy, Debug)]
pub struct Acknowledge;

/// [`Acknowledge`] around a service.
#[derive(Clone, Debug)]
pub struct Acknowledged<S>(S);

impl<S> Layer<S> for Acknowledge {
    type Service = Acknowledged<S>;

    fn layer(&self, service: S) -> Acknowledged<S> {
        Acknowledged(service)
    }
}

type Answer<T> = Pin<Box<dyn Future<Output = Result<T, BoxDynError>> + Send>>;

impl<S> Service<Task<Claimed>> for Acknowledged<S>
where
    S: Service<Task<Claimed>>,
    S::Future: Send + 'static,
    S::Response: Send + 'static,
    S::Error: Into<BoxDynError> + 'static,
{
    type Response = S::Response;
    type Error = BoxDynError;
    type Future = Answer<S::Response>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxDynError>> {
        self.0.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, mut task: Task<Claimed>) -> Self::Future {
        let attempt = task.args.row.attempt;
        let Some(lease) = task.args.lease.take() else {
            return Box::pin(async { Err("a job came without its lease".into()) });
        };
        // A task of its own, so that a busy handler cannot starve its neighbours; the lease goes along, so that an aborted handler
        // is gone before its job is released.
        let run = tokio::spawn(settle(lease, attempt, self.0.call(task)));
        Box::pin(async move { AbortOnDropHandle::new(run).await? })
    }
}

async fn settle<T, E: Into<BoxDynError>>(lease: Lease, attempt: i32, run: impl Future<Output = Result<T, E>>) -> Result<T, BoxDynError> {
    match finish(&lease, run).await {
        End::Answered(answer) => {
            lease.settle(match &answer {
                Ok(_) => Verdict::Done,
                Err(error) => verdict(error, back_off(attempt, rand::random())),
            });
            answer
        }
        End::Cancelled => {
            lease.settle(Verdict::Cancelled);
            Err("cancelled".into())
        }
        End::Lost => Err("the lease was lost while the job ran".into()),
    }
}

/// How a run ends.
enum End<T> {
    Answered(Result<T, BoxDynError>),
    Cancelled,
    Lost,
}

/// Runs until the handler answers, the lease is lost, or the handler was asked to stop and had time to tidy up. What it did in that
/// time counts if it was all of it. However it ends, the handler is gone when this returns.
async fn finish<T, E: Into<BoxDynError>>(lease: &Lease, run: impl Future<Output = Result<T, E>>) -> End<T> {
    let mut run = std::pin::pin!(run);
    tokio::select! {
        answer = &mut run => return End::Answered(answer.map_err(Into::into)),
        () = lease.lost() => return End::Lost,
        () = lease.cancelled() => {}
    }
    tokio::select! {
        answer = &mut run => answer.map_or(End::Cancelled, |done| End::Answered(Ok(done))),
        () = lease.lost() => End::Lost,
        () = tokio::time::sleep(GRACE) => End::Cancelled,
    }
}

/// An error that is no [`Failure`] comes from a layer: a panic or a timeout, both worth another try.
fn verdict(error: &BoxDynError, delay: Duration) -> Verdict {
    match error.downcast_ref::<Failure>() {
        Some(Failure::Retry(reason)) => Verdict::Retry { error: reason.clone(), delay },
        Some(Failure::GiveUp(reason)) => Verdict::Dead { error: reason.clone() },
        Some(Failure::Later { reason, after }) => Verdict::Later { error: reason.clone(), delay: *after },
        None => Verdict::Retry { error: error.to_string(), delay },
    }
}
