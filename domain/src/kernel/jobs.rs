//! The way into the job queue: a job is inserted by the transaction that wants it, and waits in `queue.jobs` for the worker.
//!
//! A feature declares its arguments in its own `jobs.rs` as a [`Job`]; an action hands them to its context, which erases them
//! to [`NewJob`]s and writes them with [`insert`] before it commits. After the commit the [`Notifier`] tells idle workers;
//! should that hint be lost, their polling finds the job.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{PgConnection, PgPool};
use tokio::sync::mpsc;
use uuid::Uuid;

/// The channel on which workers listen for fresh jobs; the payload is a [`Lane`]'s name.
pub const CHANNEL: &str = "millwright_jobs";

/// Pause between two hints: what commits meanwhile shares the next one, because a NOTIFY serialises commits.
const HINT_GAP: Duration = Duration::from_millis(5);

/// The two lanes of the queue; each has its own workers, so that an export never delays a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// Somebody waits for it: mail, Telegram, notifications.
    Interactive,
    /// Heavy work that may take minutes: exports, imports, documents.
    Bulk,
}

impl Lane {
    /// Both lanes.
    pub const ALL: [Self; 2] = [Self::Interactive, Self::Bulk];

    /// The name stored in `queue.jobs.queue`, sent on [`CHANNEL`] and used as a metric label.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Interactive => "interactive",
            Self::Bulk => "bulk",
        }
    }

    /// The lane of a stored name; `None` for a name of another version.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lane| lane.as_str() == name)
    }
}

/// The arguments of one kind of background work. Small: ids rather than records, since the record may change meanwhile.
///
/// A job runs at least once. Whatever it does must be harmless when done twice.
pub trait Job: Serialize + DeserializeOwned + Send + 'static {
    /// The stored name, `area.verb`; never reused for other arguments, since rows outlive a deployment.
    const KIND: &'static str;
    /// The lane it runs in.
    const QUEUE: Lane;
    /// Runs allowed before the job is dead, at least 1. Crashes and deferrals are not counted.
    const MAX_ATTEMPTS: u16 = 10;
    /// The version of the arguments, stored beside them. Raise it when their meaning changes, and teach [`Job::read`] the older ones.
    const VERSION: u16 = 1;

    /// While a job of this kind and tenant bearing this key waits or runs, another is not added. At most 300 characters.
    fn unique_key(&self) -> Option<String> {
        None
    }

    /// Reads arguments stored by this program or an older one. An older version is tried as it is unless a kind converts it here.
    ///
    /// # Errors
    /// What is not understood, as a sentence for the operator.
    fn read(_version: u16, payload: serde_json::Value) -> Result<Self, String> {
        serde_json::from_value(payload).map_err(|error| error.to_string())
    }
}

/// A job with its type erased, ready to be inserted.
#[derive(Clone, Debug)]
pub struct NewJob {
    id: Uuid,
    kind: &'static str,
    lane: Lane,
    payload: serde_json::Value,
    version: u16,
    priority: i16,
    delay: Duration,
    unique_key: Option<String>,
    max_attempts: u16,
}

impl NewJob {
    /// The priority of a job that asks for none; a smaller one runs first among its tenant's.
    pub const PRIORITY: i16 = 100;

    /// Erases `job`.
    ///
    /// # Errors
    /// When the arguments are not expressible as JSON (a map whose keys are no strings).
    pub fn of<J: Job>(job: &J) -> serde_json::Result<Self> {
        Ok(Self {
            id: Uuid::now_v7(),
            kind: J::KIND,
            lane: J::QUEUE,
            payload: serde_json::to_value(job)?,
            version: J::VERSION,
            priority: Self::PRIORITY,
            delay: Duration::ZERO,
            unique_key: job.unique_key(),
            max_attempts: J::MAX_ATTEMPTS,
        })
    }

    /// Runs no sooner than this after the transaction began, by the database's clock. For minutes, not for months: what people
    /// see and may move is a timer.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Runs before or after its tenant's other ready jobs; smaller is sooner, [`NewJob::PRIORITY`] is usual.
    #[must_use]
    pub fn with_priority(mut self, priority: i16) -> Self {
        self.priority = priority;
        self
    }

    /// The job's id in the queue.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// The job's kind.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// The lane it runs in.
    pub fn lane(&self) -> Lane {
        self.lane
    }

    /// The lane to wake once the transaction is committed; `None` while the job is to wait.
    pub fn wakes(&self) -> Option<Lane> {
        self.delay.is_zero().then_some(self.lane)
    }
}

/// Whose work a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The tenant of the current transaction, as its `app.tenant_id` says.
    Tenant,
    /// The platform itself: sign-up mail, schedules.
    Platform,
}

const ENQUEUE: &str = "
SELECT count(*) FILTER (WHERE queue.enqueue(
         j.kind, j.queue, j.payload, j.priority, now() + make_interval(secs => j.delay), j.unique_key, j.max_attempts, j.id, j.version))
FROM unnest($1::text[], $2::text[], $3::jsonb[], $4::smallint[], $5::float8[], $6::text[], $7::integer[], $8::uuid[], $9::smallint[])
  AS j (kind, queue, payload, priority, delay, unique_key, max_attempts, id, version)";

const ENQUEUE_PLATFORM: &str = "
SELECT count(*) FILTER (WHERE queue.enqueue_platform(
         j.kind, j.queue, j.payload, j.priority, now() + make_interval(secs => j.delay), j.unique_key, j.max_attempts, j.id, j.version))
FROM unnest($1::text[], $2::text[], $3::jsonb[], $4::smallint[], $5::float8[], $6::text[], $7::integer[], $8::uuid[], $9::smallint[])
  AS j (kind, queue, payload, priority, delay, unique_key, max_attempts, id, version)";

/// Adds the jobs to the queue within the caller's transaction, in one round trip, and answers how many were added: one whose
/// unique key a live job bears already is left out, and the transaction goes on.
///
/// # Errors
/// The database's. For [`Owner::Tenant`] outside a tenant's transaction: `insufficient_privilege`.
pub async fn insert(conn: &mut PgConnection, owner: Owner, jobs: &[NewJob]) -> sqlx::Result<u64> {
    if jobs.is_empty() {
        return Ok(0);
    }
    let sql = match owner {
        Owner::Tenant => ENQUEUE,
        Owner::Platform => ENQUEUE_PLATFORM,
    };
    let added: i64 = sqlx::query_scalar(sql)
        .bind(column(jobs, |j| j.kind))
        .bind(column(jobs, |j| j.lane.as_str()))
        .bind(column(jobs, |j| j.payload.clone()))
        .bind(column(jobs, |j| j.priority))
        .bind(column(jobs, |j| j.delay.as_secs_f64()))
        .bind(column(jobs, |j| j.unique_key.clone()))
        .bind(column(jobs, |j| i32::from(j.max_attempts)))
        .bind(column(jobs, |j| j.id))
        .bind(column(jobs, |j| small(j.version)))
        .fetch_one(conn)
        .await?;
    Ok(added.unsigned_abs())
}

fn small(version: u16) -> i16 {
    i16::try_from(version).unwrap_or(i16::MAX)
}

/// What became of a wish to cancel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancelled {
    /// It had not begun, and will not.
    Waiting,
    /// It runs, and is told to stop.
    Running,
    /// It is over already, or never was.
    Over,
}

impl Cancelled {
    /// What the queue's functions answer.
    pub(crate) fn of(state: Option<&str>) -> Self {
        match state {
            Some("running") => Self::Running,
            Some(_) => Self::Waiting,
            None => Self::Over,
        }
    }
}

/// Cancels a job of the transaction's company.
///
/// # Errors
/// The database's.
pub async fn cancel(conn: &mut PgConnection, job: Uuid) -> sqlx::Result<Cancelled> {
    let state: Option<String> = sqlx::query_scalar("SELECT queue.cancel($1)").bind(job).fetch_one(conn).await?;
    Ok(Cancelled::of(state.as_deref()))
}

/// A tick of a schedule, for those it is for.
#[derive(Clone, Copy, Debug)]
pub struct Tick<'a> {
    /// The schedule.
    pub name: &'a str,
    /// The companies of this IANA zone; the platform itself where there is none.
    pub zone: Option<&'a str>,
    /// The moment.
    pub at: DateTime<Utc>,
}

/// Queues a job for at most `cap` of those the tick is for and who do not have it yet; answers how many got one. For the worker.
///
/// # Errors
/// The database's.
pub async fn tick(conn: &mut PgConnection, tick: Tick<'_>, job: &NewJob, cap: i32) -> sqlx::Result<i64> {
    sqlx::query_scalar("SELECT queue.tick($1, $2, $3, $4, $5, $6, $7, $8, $9)")
        .bind(tick.name)
        .bind(tick.zone)
        .bind(tick.at)
        .bind(job.kind)
        .bind(job.lane.as_str())
        .bind(&job.payload)
        .bind(i32::from(job.max_attempts))
        .bind(small(job.version))
        .bind(cap)
        .fetch_one(conn)
        .await
}

fn column<T>(jobs: &[NewJob], value: impl Fn(&NewJob) -> T) -> Vec<T> {
    jobs.iter().map(value).collect()
}

/// Tells idle workers, after a commit, that a lane has work. One task and one connection at a time send for the whole process.
#[derive(Clone, Debug)]
pub struct Notifier {
    hints: mpsc::Sender<Lane>,
}

impl Notifier {
    /// Starts the sending task on the current runtime; it ends with the last clone of the handle.
    pub fn start(pool: PgPool) -> Self {
        let (hints, mut pending) = mpsc::channel(64);
        tokio::spawn(async move {
            let mut batch = Vec::new();
            while pending.recv_many(&mut batch, 64).await > 0 {
                for lane in batch.drain(..).collect::<BTreeSet<_>>() {
                    send_hint(&pool, lane).await;
                }
                tokio::time::sleep(HINT_GAP).await;
            }
        });
        Self { hints }
    }

    /// Wakes the lanes. Never waits and never fails: with a full channel a hint is on its way already, and polling is the guarantee.
    pub fn wake(&self, lanes: impl IntoIterator<Item = Lane>) {
        for lane in lanes.into_iter().collect::<BTreeSet<_>>() {
            let _ = self.hints.try_send(lane);
        }
    }
}

async fn send_hint(pool: &PgPool, lane: Lane) {
    let sent = sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(lane.as_str()).execute(pool).await;
    if let Err(error) = sent {
        tracing::debug!(%error, lane = lane.as_str(), "workers were not told of a job; they will find it by polling");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Serialize, Deserialize)]
    struct Remind {
        order: Uuid,
    }

    impl Job for Remind {
        const KIND: &'static str = "test.remind";
        const QUEUE: Lane = Lane::Bulk;
        const MAX_ATTEMPTS: u16 = 3;
        fn unique_key(&self) -> Option<String> {
            Some(self.order.to_string())
        }
    }

    #[test]
    fn erasing_keeps_everything_the_row_needs() {
        let order = Uuid::from_u128(7);
        let job = NewJob::of(&Remind { order }).expect("plain arguments are JSON").with_priority(5);
        assert_eq!((job.kind, job.lane, job.priority, job.max_attempts), ("test.remind", Lane::Bulk, 5, 3));
        assert_eq!(job.payload, serde_json::json!({ "order": order }));
        assert_eq!(job.unique_key.as_deref(), Some("00000000-0000-0000-0000-000000000007"));
    }

    #[test]
    fn only_a_job_due_now_wakes_its_lane() {
        let job = NewJob::of(&Remind { order: Uuid::nil() }).expect("plain arguments are JSON");
        assert_eq!(job.wakes(), Some(Lane::Bulk));
        assert_eq!(job.after(Duration::from_mins(1)).wakes(), None);
    }

    #[test]
    fn lane_names_read_back() {
        for lane in Lane::ALL {
            assert_eq!(Lane::parse(lane.as_str()), Some(lane));
        }
        assert_eq!(Lane::parse("slow"), None);
    }
}
