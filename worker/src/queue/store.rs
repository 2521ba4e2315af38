//! All SQL over `queue.jobs`. Times are the database's.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::kernel::jobs::Lane;
use sqlx::PgExecutor;
use uuid::Uuid;

use super::MAX_CRASHES;

pub mod sql;

/// Names one claim of one job. A job claimed again bears another token, so that a late verdict finds no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The owner; nil for the platform.
    pub tenant: Uuid,
    /// The job.
    pub id: Uuid,
    /// The claim.
    pub token: Uuid,
}

/// A row as claimed.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    /// The owner; nil for the platform.
    pub tenant_id: Uuid,
    /// The job.
    pub id: Uuid,
    /// The name its handler is registered under.
    pub kind: String,
    /// Its arguments.
    pub payload: serde_json::Value,
    /// Their version.
    pub version: i16,
    /// The smaller runs first within the tenant.
    pub priority: i16,
    /// When it became due.
    pub run_at: DateTime<Utc>,
    /// This run's number, from 1.
    pub attempt: i32,
    /// Claims not returned from, this one included.
    pub crashes: i32,
    /// How far an earlier run had come.
    pub progress: Option<serde_json::Value>,
}

impl Row {
    /// Whether a worker died with this job before.
    pub fn is_suspect(&self) -> bool {
        self.crashes > 1
    }
}

/// What becomes of a claimed job.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Done.
    Done,
    /// Failed; again after the delay while attempts remain, else dead.
    Retry {
        /// What went wrong.
        error: String,
        /// The back-off.
        delay: Duration,
    },
    /// Put off by the other side; no attempt spent.
    Later {
        /// Why.
        error: String,
        /// For how long.
        delay: Duration,
    },
    /// Failed for good.
    Dead {
        /// What went wrong.
        error: String,
    },
    /// Stopped because somebody asked for it.
    Cancelled,
    /// Not begun, or cut short by our own stop: ready again, nothing charged.
    Released,
}

impl Verdict {
    /// The stored code, also a metric label.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Retry { .. } => "retry",
            Self::Later { .. } => "later",
            Self::Dead { .. } => "dead",
            Self::Cancelled => "cancelled",
            Self::Released => "released",
        }
    }

    fn delay(&self) -> Duration {
        match self {
            Self::Retry { delay, .. } | Self::Later { delay, .. } => *delay,
            Self::Done | Self::Dead { .. } | Self::Cancelled | Self::Released => Duration::ZERO,
        }
    }

    /// What is kept of the error: bounded, and free of the NUL that PostgreSQL refuses.
    fn error(&self) -> Option<String> {
        match self {
            Self::Retry { error, .. } | Self::Later { error, .. } | Self::Dead { error } => {
                Some(error.replace('\0', "").chars().take(2000).collect())
            }
            Self::Done | Self::Cancelled | Self::Released => None,
        }
    }
}

/// One claim.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// The lane to take from.
    pub lane: Lane,
    /// The first tenant whose turn it is; nil, the platform itself, begins a round.
    pub from: Uuid,
    /// Jobs wanted, at least 1.
    pub places: usize,
    /// Whether one job that outlived a worker may be among them, on top.
    pub suspect: bool,
    /// The token of this claim.
    pub token: Uuid,
    /// How long it holds unless renewed.
    pub lease: Duration,
    /// What a company may take, where it has no limits of its own.
    pub limits: Limits,
}

/// What one company may do in a lane. The platform's own work has no limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Jobs running at once, in all processes; any number where there is none.
    pub running: Option<u32>,
    /// Jobs begun a minute; any number where there is none.
    pub per_minute: Option<u32>,
}

/// What a claim found.
#[derive(Debug)]
pub struct Claimed {
    /// The jobs.
    pub rows: Vec<Row>,
    /// Whether no tenant behind these has work.
    pub round_over: bool,
}

#[derive(sqlx::FromRow)]
struct Taken {
    #[sqlx(flatten)]
    row: Row,
    round_over: bool,
}

/// Takes jobs in turn among the tenants that have ready ones.
pub async fn claim(db: impl PgExecutor<'_>, claim: Claim) -> sqlx::Result<Claimed> {
    let taken: Vec<Taken> = sqlx::query_as(sql::CLAIM)
        .bind(claim.lane.as_str())
        .bind(claim.from)
        .bind(count(claim.places))
        .bind(claim.token)
        .bind(claim.lease.as_secs_f64())
        .bind(i64::from(claim.suspect))
        .bind(claim.limits.running.map(limit))
        .bind(claim.limits.per_minute.map(limit))
        .fetch_all(db)
        .await?;
    let round_over = taken.first().is_none_or(|first| first.round_over);
    Ok(Claimed { rows: taken.into_iter().map(|taken| taken.row).collect(), round_over })
}

/// Writes verdicts down and answers how many were still ours to give.
pub async fn acknowledge(db: impl PgExecutor<'_>, acks: &[(Key, Verdict)]) -> sqlx::Result<u64> {
    let (tenants, ids, tokens) = columns(acks.iter().map(|(key, _)| *key));
    let verdicts: Vec<&str> = acks.iter().map(|(_, v)| v.code()).collect();
    let delays: Vec<f64> = acks.iter().map(|(_, v)| v.delay().as_secs_f64()).collect();
    let errors: Vec<Option<String>> = acks.iter().map(|(_, v)| v.error()).collect();
    let written =
        sqlx::query(sql::ACKNOWLEDGE).bind(tenants).bind(ids).bind(tokens).bind(verdicts).bind(delays).bind(errors).execute(db).await?;
    Ok(written.rows_affected())
}

/// Extends leases and answers the claims that are still ours.
pub async fn renew(db: impl PgExecutor<'_>, keys: &[Key], lease: Duration) -> sqlx::Result<Vec<Key>> {
    let (tenants, ids, tokens) = columns(keys.iter().copied());
    let rows: Vec<(Uuid, Uuid, Uuid)> =
        sqlx::query_as(sql::RENEW).bind(tenants).bind(ids).bind(tokens).bind(lease.as_secs_f64()).fetch_all(db).await?;
    Ok(rows.into_iter().map(|(tenant, id, token)| Key { tenant, id, token }).collect())
}

/// Stores how far jobs have come, where the claims are still ours.
pub async fn report(db: impl PgExecutor<'_>, reports: &[(Key, serde_json::Value)]) -> sqlx::Result<()> {
    let (tenants, ids, tokens) = columns(reports.iter().map(|(key, _)| *key));
    let progress: Vec<&serde_json::Value> = reports.iter().map(|(_, progress)| progress).collect();
    sqlx::query(sql::REPORT).bind(tenants).bind(ids).bind(tokens).bind(progress).execute(db).await?;
    Ok(())
}

/// The running jobs, of any process, that somebody wants stopped.
pub async fn cancels(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<Key>> {
    let rows: Vec<(Uuid, Uuid, Uuid)> = sqlx::query_as(sql::CANCELS).fetch_all(db).await?;
    Ok(rows.into_iter().map(|(tenant, id, token)| Key { tenant, id, token }).collect())
}

/// Makes due jobs ready, at most `limit`; answers the lane of each.
pub async fn promote(db: impl PgExecutor<'_>, limit: i64) -> sqlx::Result<Vec<Lane>> {
    let lanes: Vec<String> = sqlx::query_scalar(sql::PROMOTE).bind(limit).fetch_all(db).await?;
    Ok(lanes.iter().filter_map(|lane| Lane::parse(lane)).collect())
}

/// Takes jobs back from workers that stopped renewing, at most `limit`; answers the lane of each.
pub async fn rescue(db: impl PgExecutor<'_>, limit: i64) -> sqlx::Result<Vec<Lane>> {
    let lanes: Vec<String> = sqlx::query_scalar(sql::RESCUE).bind(limit).bind(MAX_CRASHES).fetch_all(db).await?;
    Ok(lanes.iter().filter_map(|lane| Lane::parse(lane)).collect())
}

/// Removes rows that ended in `state` longer than `keep` ago, at most `limit`; answers how many.
pub async fn prune(db: impl PgExecutor<'_>, state: &str, keep: Duration, limit: i64) -> sqlx::Result<u64> {
    let gone = sqlx::query(sql::PRUNE).bind(state).bind(keep.as_secs_f64()).bind(limit).execute(db).await?;
    Ok(gone.rows_affected())
}

/// Jobs of one company, lane and state.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Load {
    /// The lane's name.
    pub queue: String,
    /// Their state; what is done is not counted.
    pub state: String,
    /// How many.
    pub jobs: i64,
    /// How long the oldest has been due, in seconds; negative while it is not.
    pub age: f64,
}

/// What there is, by lane and state.
pub async fn load(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<Load>> {
    sqlx::query_as(
        "SELECT l.queue, l.state, sum(l.jobs)::bigint AS jobs, extract(epoch FROM now() - min(l.oldest))::float8 AS age
         FROM queue.load() l GROUP BY 1, 2",
    )
    .fetch_all(db)
    .await
}

/// The dead, by kind.
pub async fn dead(db: impl PgExecutor<'_>) -> sqlx::Result<Vec<(String, i64)>> {
    sqlx::query_as("SELECT kind, count(*) FROM queue.jobs WHERE state = 'dead' GROUP BY kind").fetch_all(db).await
}

fn columns(keys: impl Iterator<Item = Key>) -> (Vec<Uuid>, Vec<Uuid>, Vec<Uuid>) {
    let mut columns = (Vec::new(), Vec::new(), Vec::new());
    for key in keys {
        columns.0.push(key.tenant);
        columns.1.push(key.id);
        columns.2.push(key.token);
    }
    columns
}

fn count(places: usize) -> i32 {
    i32::try_from(places).unwrap_or(i32::MAX)
}

fn limit(figure: u32) -> i32 {
    i32::try_from(figure).unwrap_or(i32::MAX)
}
