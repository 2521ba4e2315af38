//! All SQL over `queue.jobs`. Times are the database's.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::kernel::jobs::Lane;
use sqlx::PgExecutor;
use uuid::Uuid;

use super::MAX_CRASHES;

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
    /// The smaller runs first within the tenant.
    pub priority: i16,
    /// When it became due.
    pub run_at: DateTime<Utc>,
    /// This run's number, from 1.
    pub attempt: i32,
    /// Claims not returned from, this one included.
    pub crashes: i32,
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
            Self::Released => "released",
        }
    }

    fn delay(&self) -> Duration {
        match self {
            Self::Retry { delay, .. } | Self::Later { delay, .. } => *delay,
            Self::Done | Self::Dead { .. } | Self::Released => Duration::ZERO,
        }
    }

    /// What is kept of the error: bounded, and free of the NUL that PostgreSQL refuses.
    fn error(&self) -> Option<String> {
        match self {
            Self::Retry { error, .. } | Self::Later { error, .. } | Self::Dead { error } => {
                Some(error.replace('\0', "").chars().take(2000).collect())
            }
            Self::Done | Self::Released => None,
        }
    }
}

/// The statements, for the test that looks at their plans.
pub mod sql {
    /// Lane, tenant to start from, free places, token, lease in seconds, suspects wanted (0 or 1).
    pub const CLAIM: &str = "
WITH RECURSIVE tenants AS (
  (SELECT j.tenant_id, 1 AS n FROM queue.jobs j
   WHERE j.queue = $1 AND j.state = 'ready' AND j.crashes = 0 AND j.tenant_id >= $2 ORDER BY j.tenant_id LIMIT 1)
  UNION ALL
  SELECT following.tenant_id, t.n + 1 FROM tenants t CROSS JOIN LATERAL (
    SELECT j.tenant_id FROM queue.jobs j
    WHERE j.queue = $1 AND j.state = 'ready' AND j.crashes = 0 AND j.tenant_id > t.tenant_id
    ORDER BY j.tenant_id LIMIT 1) following
  WHERE t.n < $3
), share AS (
  SELECT greatest(1, ceil($3::numeric / greatest(1, (SELECT count(*) FROM tenants)))::int) AS places
), fair AS (
  SELECT p.tenant_id, p.id FROM tenants t CROSS JOIN share CROSS JOIN LATERAL (
    SELECT j.tenant_id, j.id FROM queue.jobs j
    WHERE j.queue = $1 AND j.state = 'ready' AND j.crashes = 0 AND j.tenant_id = t.tenant_id
    ORDER BY j.priority, j.run_at, j.id LIMIT share.places FOR UPDATE SKIP LOCKED) p
), suspect AS (
  SELECT j.tenant_id, j.id FROM queue.jobs j WHERE j.queue = $1 AND j.state = 'ready' AND j.crashes > 0
  ORDER BY j.run_at, j.id LIMIT $6 FOR UPDATE SKIP LOCKED
), picked AS (
  SELECT tenant_id, id FROM suspect UNION ALL (SELECT tenant_id, id FROM fair LIMIT $3)
)
UPDATE queue.jobs j
SET state = 'running', attempt = j.attempt + 1, crashes = j.crashes + 1,
    lease_token = $4, lease_until = now() + make_interval(secs => $5)
FROM picked p WHERE j.tenant_id = p.tenant_id AND j.id = p.id
RETURNING j.tenant_id, j.id, j.kind, j.payload, j.priority, j.run_at, j.attempt, j.crashes,
          (SELECT count(*) FROM tenants) < $3 AS round_over";

    /// Tenants, ids, tokens, verdicts, delays in seconds, errors. No test of `state`: with stale statistics it costs a scan.
    pub const ACKNOWLEDGE: &str = "
UPDATE queue.jobs j
SET state = CASE
      WHEN a.verdict = 'retry' AND j.attempt >= j.max_attempts THEN 'dead'
      WHEN a.verdict IN ('retry', 'later') THEN 'scheduled'
      WHEN a.verdict = 'released' THEN 'ready'
      ELSE a.verdict END,
    attempt = CASE WHEN a.verdict IN ('later', 'released') THEN j.attempt - 1 ELSE j.attempt END,
    crashes = greatest(0, j.crashes - 1),
    run_at = CASE WHEN a.verdict IN ('retry', 'later') THEN now() + make_interval(secs => a.delay) ELSE j.run_at END,
    last_error = coalesce(a.error, CASE WHEN a.verdict = 'released' THEN j.last_error END),
    finished_at = CASE
      WHEN a.verdict IN ('done', 'dead') OR (a.verdict = 'retry' AND j.attempt >= j.max_attempts) THEN now() END,
    lease_token = NULL, lease_until = NULL
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::float8[], $6::text[])
  AS a (tenant_id, id, token, verdict, delay, error)
WHERE j.tenant_id = a.tenant_id AND j.id = a.id AND j.lease_token = a.token";

    /// Tenants, ids, tokens, lease in seconds. Answers those still ours.
    pub const RENEW: &str = "
UPDATE queue.jobs j SET lease_until = now() + make_interval(secs => $4)
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS a (tenant_id, id, token)
WHERE j.tenant_id = a.tenant_id AND j.id = a.id AND j.lease_token = a.token
RETURNING j.tenant_id, j.id, j.lease_token";

    /// Rows at most. Answers the lanes that have work now.
    pub const PROMOTE: &str = "
WITH due AS (
  SELECT tenant_id, id FROM queue.jobs WHERE state = 'scheduled' AND run_at <= now()
  ORDER BY run_at LIMIT $1 FOR UPDATE SKIP LOCKED)
UPDATE queue.jobs j SET state = 'ready' FROM due WHERE j.tenant_id = due.tenant_id AND j.id = due.id RETURNING j.queue";

    /// Rows at most, crashes that quarantine. The run that was cut short is not counted among the attempts.
    pub const RESCUE: &str = "
WITH lost AS (
  SELECT tenant_id, id FROM queue.jobs WHERE state = 'running' AND lease_until < now()
  ORDER BY lease_until LIMIT $1 FOR UPDATE SKIP LOCKED)
UPDATE queue.jobs j
SET state = CASE WHEN j.crashes >= $2 THEN 'dead' ELSE 'ready' END,
    attempt = j.attempt - 1,
    last_error = CASE WHEN j.crashes >= $2 THEN 'quarantined: ' || j.crashes || ' workers vanished while running it'
                      ELSE 'the worker vanished while running it' END,
    finished_at = CASE WHEN j.crashes >= $2 THEN now() END,
    lease_token = NULL, lease_until = NULL
FROM lost WHERE j.tenant_id = lost.tenant_id AND j.id = lost.id RETURNING j.queue";

    /// State, age in seconds, rows at most.
    pub const PRUNE: &str = "
WITH old AS (
  SELECT tenant_id, id FROM queue.jobs
  WHERE state IN ('done', 'dead') AND state = $1 AND finished_at < now() - make_interval(secs => $2)
  ORDER BY finished_at LIMIT $3 FOR UPDATE SKIP LOCKED)
DELETE FROM queue.jobs j USING old WHERE j.tenant_id = old.tenant_id AND j.id = old.id";
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

/// Prunes what else has had its time and makes next month's partition of the audit log.
pub async fn house(db: impl PgExecutor<'_>) -> sqlx::Result<()> {
    sqlx::query("SELECT app.upkeep()").execute(db).await?;
    Ok(())
}
