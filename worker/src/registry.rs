//! Which handler runs which kind of job.

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;

use domain::kernel::jobs::Job;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::queue::failure::Failure;
use crate::queue::signals::Signals;
use crate::queue::store::Row;

/// What a handler answers.
pub type Outcome = Result<(), Failure>;

/// What a handler knows of its job beside the arguments. Whose it is comes from the row, never from the payload.
#[derive(Clone, Debug)]
pub struct JobContext {
    /// The job.
    pub id: Uuid,
    /// The company it is done for; `None` for the platform's own work.
    pub tenant: Option<Uuid>,
    /// This run's number, from 1. Runs cut short by a crash are not counted.
    pub attempt: i32,
    signals: Signals,
    reached: Option<Value>,
}

impl JobContext {
    /// Cancelled when somebody wants the job stopped. A handler that looks has a second to tidy up and answer an error; one that does
    /// not is stopped. One that answers no error was quick enough to be done.
    pub fn cancelled(&self) -> &CancellationToken {
        &self.signals.cancel
    }

    /// Says how far the job has come: shown to the operator, and told to the next run should this one be cut short. Cheap: notes are
    /// stored twice a second at most, and only while the job is this process's.
    pub fn progress(&self, progress: Value) {
        self.signals.note(progress);
    }

    /// How far the run before this one had come.
    pub fn reached(&self) -> Option<&Value> {
        self.reached.as_ref()
    }
}

type Running = Pin<Box<dyn Future<Output = Outcome> + Send>>;
type Handler = Box<dyn Fn(Row, Signals) -> Running + Send + Sync>;

/// The handlers of this process, by kind.
#[derive(Default)]
pub struct Registry(HashMap<&'static str, Handler>);

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Registry {
    /// No handler yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs jobs of type `J` with `handler`.
    ///
    /// # Panics
    /// When the kind is taken: two handlers for one kind is a mistake in the program.
    #[must_use]
    pub fn on<J, F, Fut>(mut self, handler: F) -> Self
    where
        J: Job,
        F: Fn(JobContext, J) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Outcome> + Send + 'static,
    {
        let handler: Handler = Box::new(move |row, signals| {
            let tenant = (!row.tenant_id.is_nil()).then_some(row.tenant_id);
            let context = JobContext { id: row.id, tenant, attempt: row.attempt, signals, reached: row.progress };
            match read::<J>(row.version, row.payload) {
                Ok(job) => Box::pin(handler(context, job)),
                Err(failure) => Box::pin(async { Err(failure) }),
            }
        });
        assert!(self.0.insert(J::KIND, handler).is_none(), "two handlers for {}", J::KIND);
        self
    }

    /// The kinds there are handlers for.
    pub fn kinds(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }

    /// The kind as a metric's label.
    pub fn label(&self, kind: &str) -> &'static str {
        self.0.get_key_value(kind).map_or("unknown", |(kind, _)| *kind)
    }

    /// Runs a job. A kind nobody handles is given up: it was written by a program that is no longer, or not yet, running here.
    pub fn run(&self, row: Row, signals: Signals) -> Running {
        if let Some(handler) = self.0.get(row.kind.as_str()) {
            return handler(row, signals);
        }
        let reason = format!("no handler for jobs of kind {}", row.kind);
        Box::pin(async { Err(Failure::GiveUp(reason)) })
    }
}

/// Reads the arguments. Those of a newer version wait for the newer program: while a deployment is under way, one may run beside us.
fn read<J: Job>(version: i16, payload: Value) -> Result<J, Failure> {
    let version = version.unsigned_abs();
    if version > J::VERSION {
        let (kind, known) = (J::KIND, J::VERSION);
        return Err(Failure::Retry(format!("the arguments of {kind} are of version {version}; this program knows versions up to {known}")));
    }
    J::read(version, payload).map_err(|error| {
        let of = if version < J::VERSION { format!(" of version {version}") } else { String::new() };
        Failure::GiveUp(format!("the arguments{of} of {} are not understood: {error}", J::KIND))
    })
}
