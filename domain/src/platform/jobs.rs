//! The operator's jobs: what failed and why, and once more, away with it, stop.

use std::fmt;

use chrono::{DateTime, Utc};
use poem_openapi::{Enum, Object};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::veil;
use crate::identity::Tenant;
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Id;
use crate::kernel::platform::{PlatformAction, Px, Standing};

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "snake_case")]
#[oai(rename = "JobState", rename_all = "snake_case")]
pub enum State {
    /// Waits for its time, or for its next try.
    Scheduled,
    /// Waits for a worker.
    Ready,
    /// Is being done.
    Running,
    /// Is done.
    Done,
    /// Failed for good.
    Dead,
    /// Was cancelled.
    Cancelled,
}

impl State {
    /// All of them, those first that want looking after.
    pub const ALL: [Self; 6] = [Self::Dead, Self::Running, Self::Ready, Self::Scheduled, Self::Cancelled, Self::Done];

    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of a stored name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }
}

/// Whose a job is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Object)]
#[oai(rename = "JobCompany")]
pub struct Company {
    /// The company's id; nil for the platform's own work.
    pub id: Uuid,
    /// Its name; none for the platform's own work.
    pub name: Option<String>,
}

/// A job, as operators see it.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(rename = "Job")]
pub struct Job {
    /// Its id.
    pub id: Uuid,
    /// Whose it is.
    pub company: Company,
    /// `interactive` or `bulk`.
    pub lane: String,
    /// What is to be done, such as `notify.email`.
    pub kind: String,
    /// Where it stands.
    pub state: State,
    /// Its arguments; whatever may be personal or secret is veiled.
    pub arguments: Value,
    /// The version of the arguments.
    pub version: i16,
    /// The smaller runs first within its company.
    pub priority: i16,
    /// Tries begun.
    pub attempt: i32,
    /// Tries allowed.
    pub max_attempts: i32,
    /// Workers that vanished while they ran it; three end it.
    pub crashes: i32,
    /// When it is or was due.
    pub run_at: DateTime<Utc>,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Whether somebody wants it stopped.
    pub cancel_requested: bool,
    /// How far it has come, as it says itself.
    pub progress: Option<Value>,
    /// Why it failed the last time; whatever may be personal or secret is veiled.
    pub reason: Option<String>,
}

/// Which jobs.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// In this state.
    pub state: Option<State>,
    /// Of the kinds that begin so.
    pub kind: Option<String>,
    /// Of this company; nil for the platform's own.
    pub company: Option<Uuid>,
}

/// Where the page before ended: when its last job was added, and its id. Written as microseconds and id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    at: DateTime<Utc>,
    id: Uuid,
}

impl Cursor {
    /// Behind this job.
    pub fn behind(job: &Job) -> Self {
        Self { at: job.created_at, id: job.id }
    }

    /// Reads a cursor.
    ///
    /// # Errors
    /// A wrong `cursor` when it is none of ours.
    pub fn read(text: &str) -> Result<Self> {
        let read = text.split_once('_').and_then(|(at, id)| {
            let at = DateTime::from_timestamp_micros(at.parse().ok()?)?;
            Some(Self { at, id: Uuid::parse_str(id).ok()? })
        });
        read.ok_or_else(|| Error::field("cursor", "bad_cursor"))
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.at.timestamp_micros(), self.id)
    }
}

/// Jobs, newest first.
#[derive(Debug, Clone, Default)]
pub struct List {
    /// Which.
    pub filter: Filter,
    /// Only those behind this.
    pub before: Option<Cursor>,
    /// How many, at most 200.
    pub limit: i32,
}

impl PlatformAction for List {
    const NEEDS: Standing = Standing::Operator;
    type Out = Vec<Job>;

    async fn run(self, px: &mut Px<'_>) -> Result<Vec<Job>> {
        let Filter { state, kind, company } = self.filter;
        select(px, state, kind, company, None, self.before, self.limit.clamp(1, 200)).await
    }
}

/// A job, by its company and id.
#[derive(Debug, Clone, Copy)]
pub struct Named {
    /// The company; nil for the platform's own.
    pub company: Uuid,
    /// The job.
    pub id: Uuid,
}

/// Reads a job.
#[derive(Debug, Clone, Copy)]
pub struct Show(
    /// Which.
    pub Named,
);

impl PlatformAction for Show {
    const NEEDS: Standing = Standing::Operator;
    type Out = Job;

    async fn run(self, px: &mut Px<'_>) -> Result<Job> {
        find(px, self.0).await
    }
}

/// Has a job done again from the beginning, with all its tries: one that is dead or cancelled, or waits for its next try.
#[derive(Debug, Clone, Copy)]
pub struct Retry(
    /// Which.
    pub Named,
);

impl PlatformAction for Retry {
    const NEEDS: Standing = Standing::Operator;
    type Out = Job;

    async fn run(self, px: &mut Px<'_>) -> Result<Job> {
        let before = find(px, self.0).await?;
        let became: Option<String> =
            sqlx::query_scalar("SELECT queue.board_retry($1, $2)").bind(self.0.company).bind(self.0.id).fetch_one(px.conn()).await?;
        match became.as_deref() {
            Some("ready") => note(px, "job.retried", &before).await?,
            Some(_) => return Err(Error::Conflict("job_duplicate")),
            None => return Err(Error::Conflict("job_moved_on")),
        }
        find(px, self.0).await
    }
}

/// Removes a job that is dead or cancelled.
#[derive(Debug, Clone, Copy)]
pub struct Discard(
    /// Which.
    pub Named,
);

impl PlatformAction for Discard {
    const NEEDS: Standing = Standing::Operator;
    type Out = ();

    async fn run(self, px: &mut Px<'_>) -> Result<()> {
        let before = find(px, self.0).await?;
        let gone: bool =
            sqlx::query_scalar("SELECT queue.board_discard($1, $2)").bind(self.0.company).bind(self.0.id).fetch_one(px.conn()).await?;
        if !gone {
            return Err(Error::Conflict("job_moved_on"));
        }
        note(px, "job.discarded", &before).await
    }
}

/// Cancels a job: one that waits at once, one that runs within two seconds.
#[derive(Debug, Clone, Copy)]
pub struct Cancel(
    /// Which.
    pub Named,
);

impl PlatformAction for Cancel {
    const NEEDS: Standing = Standing::Operator;
    type Out = Job;

    async fn run(self, px: &mut Px<'_>) -> Result<Job> {
        let before = find(px, self.0).await?;
        let became: Option<String> =
            sqlx::query_scalar("SELECT queue.board_cancel($1, $2)").bind(self.0.company).bind(self.0.id).fetch_one(px.conn()).await?;
        if became.is_none() {
            return Err(Error::Conflict("job_moved_on"));
        }
        note(px, "job.cancelled", &before).await?;
        find(px, self.0).await
    }
}

/// Writes down what an operator did with a job, and how it stood before.
async fn note(px: &mut Px<'_>, what: &str, job: &Job) -> Result<()> {
    let tenant = (!job.company.id.is_nil()).then(|| Id::<Tenant>::from(job.company.id));
    let data = json!({ "job": job.id, "kind": job.kind, "state": job.state, "attempt": job.attempt, "crashes": job.crashes, "reason": job.reason });
    px.log(what, tenant, data).await
}

async fn find(px: &mut Px<'_>, named: Named) -> Result<Job> {
    select(px, None, None, Some(named.company), Some(named.id), None, 1).await?.pop().ok_or(Error::NotFound)
}

#[derive(sqlx::FromRow)]
struct Row {
    tenant_id: Uuid,
    name: Option<String>,
    id: Uuid,
    queue: String,
    kind: String,
    payload: Value,
    version: i16,
    priority: i16,
    run_at: DateTime<Utc>,
    state: String,
    attempt: i32,
    crashes: i32,
    max_attempts: i32,
    cancel_requested: bool,
    progress: Option<Value>,
    last_error: Option<String>,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
}

impl From<Row> for Job {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            company: Company { id: row.tenant_id, name: row.name },
            lane: row.queue,
            kind: row.kind,
            state: State::parse(&row.state).unwrap_or(State::Dead),
            arguments: veil::arguments(&row.payload),
            version: row.version,
            priority: row.priority,
            attempt: row.attempt,
            max_attempts: row.max_attempts,
            crashes: row.crashes,
            run_at: row.run_at,
            created_at: row.created_at,
            finished_at: row.finished_at,
            cancel_requested: row.cancel_requested,
            progress: row.progress.as_ref().map(veil::arguments),
            reason: row.last_error.as_deref().map(veil::reason),
        }
    }
}

async fn select(
    px: &mut Px<'_>,
    state: Option<State>,
    kind: Option<String>,
    company: Option<Uuid>,
    id: Option<Uuid>,
    before: Option<Cursor>,
    limit: i32,
) -> Result<Vec<Job>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT b.*, t.name FROM queue.board($1, $2, $3, $4, $5, $6, $7) b LEFT JOIN platform.tenants t ON t.id = b.tenant_id
         ORDER BY b.created_at DESC, b.id DESC",
    )
    .bind(state.map(State::as_str))
    .bind(kind)
    .bind(company)
    .bind(id)
    .bind(before.map(|before| before.at))
    .bind(before.map(|before| before.id))
    .bind(limit)
    .fetch_all(px.conn())
    .await?;
    Ok(rows.into_iter().map(Job::from).collect())
}
