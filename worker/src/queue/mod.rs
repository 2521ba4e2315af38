//! The worker's side of `queue.jobs`: who runs what, and what becomes of it.
//!
//! apalis runs the handlers; around its worker stand plain tokio tasks, because an outage of the database must stall the queue
//! and never end it. A [`claim`] loop takes jobs fairly among tenants and stamps a lease; a [`renewal`] loop keeps the leases of
//! whatever this process holds; an [`acks`] loop writes verdicts down in batches, fenced by the lease's token. [`upkeep`], in one
//! process at a time, makes waiting jobs ready, rescues those of vanished workers, prunes finished ones and measures.
//!
//! A [`lease::Lease`] that is dropped without a verdict releases its job uncharged; hence shutdown is a matter of dropping things.

pub mod acks;
pub mod backend;
pub mod claim;
pub mod desk;
pub mod failure;
pub mod lane;
pub mod leader;
pub mod lease;
pub mod listen;
pub mod measure;
pub mod pool;
pub mod renewal;
pub mod sample;
pub mod signals;
pub mod store;
pub mod upkeep;
pub mod watch;

use std::sync::Arc;
use std::time::Duration;

use domain::kernel::jobs::Lane;
use sqlx::PgPool;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

pub use self::store::Limits;
use crate::registry::Registry;

/// How one lane works.
#[derive(Clone, Copy, Debug)]
pub struct LaneConfig {
    /// The lane.
    pub lane: Lane,
    /// Handlers running at once in this process.
    pub concurrency: usize,
    /// Jobs held at once, running or about to. It bounds what a newcomer waits behind a flood.
    pub window: usize,
    /// Claims are made only for at least so many free places, so that a busy lane claims in batches.
    pub batch: usize,
    /// A handler running longer is stopped, which counts as a failed attempt.
    pub timeout: Duration,
    /// What a company may do, unless its plan says otherwise.
    pub limits: Limits,
}

impl LaneConfig {
    /// The figures a small installation runs well with.
    pub const fn of(lane: Lane) -> Self {
        match lane {
            // fewer than there are hands: a company whose mail server hangs leaves some to the others
            Lane::Interactive => {
                let limits = Limits { running: Some(24), per_minute: None };
                Self { lane, concurrency: 32, window: 64, batch: 32, timeout: Duration::from_mins(1), limits }
            }
            // no buffer: an export taken early would only keep another process from it
            Lane::Bulk => {
                let limits = Limits { running: Some(3), per_minute: None };
                Self { lane, concurrency: 4, window: 4, batch: 1, timeout: Duration::from_mins(30), limits }
            }
        }
    }
}

/// The clocks of the queue.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// How long a job stays with a worker that no longer renews. Renewed every third of it.
    pub lease: Duration,
    /// How often an idle lane looks for jobs it was not told of.
    pub poll: Duration,
    /// How often the elected process promotes scheduled jobs.
    pub promote: Duration,
    /// How often the elected process looks for expired leases.
    pub rescue: Duration,
    /// How often the elected process removes finished rows.
    pub prune: Duration,
    /// How often a lane stores the progress of its handlers and looks who is to stop.
    pub watch: Duration,
    /// How long a statement may take: on a half-open connection no answer ever comes.
    pub statement: Duration,
    /// How often the elected process measures the queue.
    pub sample: Duration,
    /// How long running handlers may go on after a stop was asked for.
    pub drain: Duration,
    /// How long a job that succeeded stays readable.
    pub keep_done: Duration,
    /// How long a dead job stays for the operator.
    pub keep_dead: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        const DAY: Duration = Duration::from_hours(24);
        Self {
            lease: Duration::from_secs(30),
            poll: Duration::from_secs(1),
            promote: Duration::from_millis(250),
            rescue: Duration::from_secs(2),
            prune: Duration::from_mins(1),
            watch: Duration::from_millis(500),
            statement: Duration::from_secs(10),
            sample: Duration::from_secs(15),
            drain: Duration::from_secs(25),
            keep_done: DAY,
            keep_dead: 90 * DAY,
        }
    }
}

/// Crashes that quarantine a job.
pub const MAX_CRASHES: i32 = 3;

/// Works the lanes, the upkeep and the listener until `stop`, and returns when everything is drained.
pub async fn serve(pool: PgPool, registry: Registry, lanes: &[LaneConfig], timing: Timing, stop: CancellationToken) {
    let registry = Arc::new(registry);
    let suspects = Arc::new(Semaphore::new(1));
    let bells: listen::Bells = lanes.iter().map(|l| (l.lane, Arc::default())).collect();
    let listener = AbortOnDropHandle::new(tokio::spawn(listen::run(pool.clone(), bells.clone())));
    let upkeep = tokio::spawn(leader::lead(pool.clone(), upkeep::Upkeep::new(timing), stop.clone()));
    let mut running = JoinSet::new();
    for config in lanes {
        let runner = lane::LaneRunner {
            pool: pool.clone(),
            config: *config,
            timing,
            registry: registry.clone(),
            bell: bells[&config.lane].clone(),
            suspects: suspects.clone(),
        };
        running.spawn(runner.run(stop.clone()));
    }
    running.join_all().await;
    let _ = upkeep.await;
    drop(listener);
}
