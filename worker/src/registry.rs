//! Which handler runs which kind of job.

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;

use domain::kernel::jobs::Job;
use uuid::Uuid;

use crate::queue::failure::Failure;
use crate::queue::store::Row;

/// What a handler answers.
pub type Outcome = Result<(), Failure>;

/// What a handler knows of its job beside the arguments. Whose it is comes from the row, never from the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JobContext {
    /// The job.
    pub id: Uuid,
    /// The company it is done for; `None` for the platform's own work.
    pub tenant: Option<Uuid>,
    /// This run's number, from 1. Runs cut short by a crash are not counted.
    pub attempt: i32,
}

type Running = Pin<Box<dyn Future<Output = Outcome> + Send>>;
type Handler = Box<dyn Fn(Row) -> Running + Send + Sync>;

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
        let handler: Handler = Box::new(move |row| {
            let context = JobContext { id: row.id, tenant: (!row.tenant_id.is_nil()).then_some(row.tenant_id), attempt: row.attempt };
            match serde_json::from_value(row.payload) {
                Ok(job) => Box::pin(handler(context, job)),
                Err(error) => {
                    let reason = format!("the arguments of {} are not understood: {error}", J::KIND);
                    Box::pin(async { Err(Failure::GiveUp(reason)) })
                }
            }
        });
        assert!(self.0.insert(J::KIND, handler).is_none(), "two handlers for {}", J::KIND);
        self
    }

    /// The kinds there are handlers for.
    pub fn kinds(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().copied()
    }

    /// Runs a job. A kind nobody handles is given up: it was written by a program that is no longer, or not yet, running here.
    pub fn run(&self, row: Row) -> Running {
        if let Some(handler) = self.0.get(row.kind.as_str()) {
            return handler(row);
        }
        let reason = format!("no handler for jobs of kind {}", row.kind);
        Box::pin(async { Err(Failure::GiveUp(reason)) })
    }
}
