//! The application: its pool, clock, secrets, files and compiled workflows. Cheap to clone; one a process.

use std::sync::Arc;

use sqlx::PgPool;

use super::bell::{Bells, Hearing, Whose};
use super::clock::Clock;
use super::error::Result;
use super::files::{Files, TenantFiles};
use super::jobs::{NewJob, Notifier};
use super::scope::Scope;
use super::secret::Secret;
use super::tenant::{self, Role};
use crate::exports::Limits;
use crate::workflow::Definitions;

/// What a process needs to know to start.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `postgres://…`
    pub database_url: String,
    /// Upper bound of open connections.
    pub max_connections: u32,
    /// Signs tokens and links; at least 32 bytes.
    pub secret: Secret,
    /// Where people reach the service, without a trailing slash.
    pub public_url: String,
    /// The folder workflow files are read from in development; the embedded ones otherwise.
    pub workflows: Option<std::path::PathBuf>,
    /// Where files are kept.
    pub files: Files,
    /// What exports may cost.
    pub exports: Limits,
}

/// The application.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    pool: PgPool,
    clock: Clock,
    settings: Settings,
    definitions: Definitions,
    notifier: Notifier,
    bells: Bells,
    hashing: tokio::sync::Semaphore,
}

impl App {
    /// Connects, refuses a role that bypasses the policies, and publishes the shipped workflow files.
    pub async fn connect(settings: Settings, clock: Clock) -> Result<Self> {
        let pool = tenant::connect(&settings.database_url, settings.max_connections, Role::App).await?;
        let definitions = Definitions::ship(&pool, settings.workflows.as_deref()).await?;
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Ok(Self(Arc::new(Inner {
            notifier: Notifier::start(pool.clone()),
            bells: Bells::start(pool.clone()),
            pool,
            clock,
            settings,
            definitions,
            hashing: tokio::sync::Semaphore::new(cores),
        })))
    }

    /// A pool for the queue's own work, as the worker's role.
    pub async fn queue_pool(&self, max_connections: u32) -> Result<PgPool> {
        tenant::connect(&self.0.settings.database_url, max_connections, Role::Worker).await
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The settings it was started with.
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The secret that signs tokens and links.
    pub fn secret(&self) -> &Secret {
        &self.0.settings.secret
    }

    /// An absolute address of this service.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.0.settings.public_url)
    }

    /// The files of the scope's company.
    pub fn files(&self, scope: &Scope) -> TenantFiles {
        self.0.settings.files.of(scope)
    }

    /// Whether the database and the file store answer.
    pub async fn ready(&self) -> Result<()> {
        sqlx::query!("SELECT 1 AS one").fetch_one(self.pool()).await?;
        self.0.settings.files.ready().await
    }

    /// Compiled workflow files.
    pub fn definitions(&self) -> &Definitions {
        &self.0.definitions
    }

    /// Bounds how many passwords are hashed at once: each takes 19 MiB.
    pub(crate) fn hashing_places(&self) -> &tokio::sync::Semaphore {
        &self.0.hashing
    }

    pub(crate) fn pool(&self) -> &PgPool {
        &self.0.pool
    }

    /// Hears the bell of the scope's actor: rings whenever their notifications changed, in whichever process.
    pub fn hear_bell(&self, scope: &Scope) -> Result<Hearing> {
        self.0.bells.hear((scope.tenant().uuid(), scope.actor().id.uuid()))
    }

    /// Ends every stream that hears a bell: the process is stopping.
    pub fn close_bells(&self) {
        self.0.bells.close();
    }

    /// Rings the bells of members, after a commit.
    pub(crate) fn ring(&self, members: Vec<Whose>) {
        self.0.bells.ring(members);
    }

    /// Hints to idle workers, after a commit.
    pub(crate) fn wake(&self, jobs: &[NewJob]) {
        self.0.notifier.wake(jobs.iter().filter_map(NewJob::wakes));
    }
}
