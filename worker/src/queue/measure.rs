//! The layer that measures: how often handlers run, how that ends and how long it takes, by lane and kind.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use apalis_core::error::BoxDynError;
use apalis_core::task::Task;
use domain::kernel::jobs::Lane;
use tower::{Layer, Service};

use super::failure::Failure;
use super::lease::Claimed;
use crate::registry::Registry;

/// The histogram of how long handlers take, in seconds.
pub const SECONDS: &str = "millwright_job_seconds";
/// The counter of runs.
pub const ATTEMPTS: &str = "millwright_job_attempts_total";

/// Measures what passes.
#[derive(Clone, Debug)]
pub struct Measure {
    lane: &'static str,
    registry: Arc<Registry>,
}

impl Measure {
    /// For a lane. Kinds without a handler share a label, or whoever writes rows could make labels.
    pub fn new(lane: Lane, registry: Arc<Registry>) -> Self {
        Self { lane: lane.as_str(), registry }
    }
}

/// [`Measure`] around a service.
#[derive(Clone, Debug)]
pub struct Measured<S> {
    inner: S,
    measure: Measure,
}

impl<S> Layer<S> for Measure {
    type Service = Measured<S>;

    fn layer(&self, inner: S) -> Measured<S> {
        Measured { inner, measure: self.clone() }
    }
}

type Answer<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

impl<S> Service<Task<Claimed>> for Measured<S>
where
    S: Service<Task<Claimed>>,
    S::Future: Send + 'static,
    S::Error: Into<BoxDynError>,
{
    type Response = S::Response;
    type Error = BoxDynError;
    type Future = Answer<S::Response, BoxDynError>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxDynError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, task: Task<Claimed>) -> Self::Future {
        let lane = self.measure.lane;
        let kind = self.measure.registry.label(&task.args.row.kind);
        let run = self.inner.call(task);
        let began = Instant::now();
        Box::pin(async move {
            let answer = run.await.map_err(Into::into);
            let outcome = outcome(&answer);
            metrics::counter!(ATTEMPTS, "lane" => lane, "kind" => kind, "outcome" => outcome).increment(1);
            metrics::histogram!(SECONDS, "lane" => lane, "kind" => kind).record(began.elapsed());
            answer
        })
    }
}

fn outcome<T>(answer: &Result<T, BoxDynError>) -> &'static str {
    match answer {
        Ok(_) => "done",
        Err(error) => match error.downcast_ref::<Failure>() {
            Some(Failure::Retry(_)) => "retry",
            Some(Failure::GiveUp(_)) => "given_up",
            Some(Failure::Later { .. }) => "later",
            // a panic or a timeout
            None => "broken",
        },
    }
}
