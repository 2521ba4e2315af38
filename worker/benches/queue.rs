//! How fast jobs come in, are done, and are picked up by an idle worker and in another company's flood. `infra/bench jobs` runs it
//! beside other queues; `BENCH_JOBS` and `BENCH_FLOOD` say how many.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use domain::kernel::jobs::{self, Job, Lane, NewJob, Notifier, Owner};
use domain::kernel::testing::World;
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgPoolOptions;
use sqlx::{Executor, PgPool};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use worker::queue::{self, LaneConfig, Limits, Timing};
use worker::registry::Registry;

/// Does nothing, but says when it began.
#[derive(Serialize, Deserialize)]
struct Noop {
    probe: Option<Uuid>,
}

impl Job for Noop {
    const KIND: &'static str = "bench.noop";
    const QUEUE: Lane = Lane::Interactive;
}

/// Connections and transactions at once of those who enqueue.
const WRITERS: usize = 16;
/// Jobs a probe of the flood follows another by.
const GAP: Duration = Duration::from_millis(20);

struct Bench {
    world: World,
    /// As the application's owner, who may be any company.
    pool: PgPool,
    notifier: Notifier,
    ran: Arc<AtomicUsize>,
    begun: Arc<Mutex<HashMap<Uuid, Instant>>>,
}

fn setting(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

fn report(name: &str, figure: f64) {
    writeln!(std::io::stdout(), "{name} {figure:.1}").expect("somebody reads");
}

#[expect(clippy::cast_precision_loss, reason = "counts of a benchmark")]
fn rate(jobs: usize, began: Instant) -> f64 {
    jobs as f64 / began.elapsed().as_secs_f64()
}

fn noop() -> NewJob {
    NewJob::of(&Noop { probe: None }).expect("is JSON")
}

impl Bench {
    async fn new() -> Self {
        let world = World::new().await;
        let pool = PgPoolOptions::new().max_connections(24).connect(&world.url).await.expect("connects");
        let notifier = Notifier::start(pool.clone());
        Self { world, pool, notifier, ran: Arc::default(), begun: Arc::default() }
    }

    /// Commits jobs of a company in one transaction, in the round trips of an action.
    async fn commit(pool: &PgPool, tenant: Uuid, jobs: &[NewJob]) {
        let mut tx = pool.begin().await.expect("begins");
        let enter = format!("SET LOCAL ROLE millwright_tenant; SET LOCAL app.tenant_id = '{tenant}'");
        tx.execute(sqlx::AssertSqlSafe(enter)).await.expect("enters");
        jobs::insert(&mut tx, Owner::Tenant, jobs).await.expect("adds");
        tx.commit().await.expect("commits");
    }

    /// So many jobs in transactions of so many each, by several writers; answers jobs a second.
    async fn enqueue(&self, jobs: usize, a_transaction: usize) -> f64 {
        let began = Instant::now();
        let mut writers = JoinSet::new();
        let left = Arc::new(AtomicUsize::new(jobs / a_transaction));
        for writer in 0..WRITERS {
            let (pool, left, notifier) = (self.pool.clone(), left.clone(), self.notifier.clone());
            writers.spawn(async move {
                while left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok() {
                    let jobs: Vec<NewJob> = (0..a_transaction).map(|_| noop()).collect();
                    Self::commit(&pool, Uuid::from_u128(writer as u128 + 1), &jobs).await;
                    notifier.wake([Lane::Interactive]);
                }
            });
        }
        writers.join_all().await;
        rate(jobs / a_transaction * a_transaction, began)
    }

    /// Puts jobs into the table, dealt out among so many companies, as fast as that goes.
    async fn fill(&self, jobs: usize, tenants: usize) {
        let sql = "INSERT INTO queue.jobs (tenant_id, id, queue, kind, payload, priority, run_at, state, max_attempts)
          SELECT lpad(to_hex(1 + n % $2), 32, '0')::uuid, gen_random_uuid(), 'interactive', 'bench.noop', '{\"probe\": null}', 100, now(), 'ready', 10
          FROM generate_series(1, $1) n";
        let count = |n: usize| i64::try_from(n).expect("fits");
        sqlx::query(sql).bind(count(jobs)).bind(count(tenants)).execute(&self.pool).await.expect("fills");
    }

    async fn empty(&self) {
        self.ran.store(0, Ordering::SeqCst);
        self.pool.execute("TRUNCATE queue.jobs").await.expect("empties");
        self.pool.execute("VACUUM ANALYZE queue.jobs").await.expect("vacuums");
        self.pool.execute("CHECKPOINT").await.expect("checkpoints");
    }

    /// A worker as a process runs it, with a wider window than an installation's.
    async fn worker(&self) -> (CancellationToken, JoinHandle<()>) {
        let (ran, begun) = (self.ran.clone(), self.begun.clone());
        let registry = Registry::new().on(move |_, job: Noop| {
            if let Some(probe) = job.probe {
                begun.lock().expect("whole").insert(probe, Instant::now());
            }
            ran.fetch_add(1, Ordering::Relaxed);
            async { Ok(()) }
        });
        let pool = self.world.app.queue_pool(8).await.expect("connects");
        let limits = Limits { running: Some(256), per_minute: None };
        let lane = LaneConfig { concurrency: 64, window: 256, batch: 128, limits, ..LaneConfig::of(Lane::Interactive) };
        let stop = CancellationToken::new();
        let ended = stop.clone();
        let running = tokio::spawn(async move { queue::serve(pool, registry, &[lane], Timing::default(), ended).await });
        (stop, running)
    }

    async fn left(&self) -> i64 {
        let sql = "SELECT count(*) FROM queue.jobs WHERE state IN ('ready', 'running')";
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.expect("counts")
    }

    /// Waits until so many have run and all verdicts are stored.
    async fn all_done(&self, jobs: usize) {
        while self.ran.load(Ordering::Relaxed) < jobs {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        while self.left().await > 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Jobs a second, from the start of the worker to the last verdict.
    async fn execute(&self, jobs: usize, tenants: usize) -> f64 {
        self.empty().await;
        self.fill(jobs, tenants).await;
        let began = Instant::now();
        let (stop, running) = self.worker().await;
        self.all_done(jobs).await;
        let rate = rate(jobs, began);
        stop.cancel();
        running.await.expect("ends");
        rate
    }

    /// Commits a probe of a company; answers its name and when it was committed.
    async fn probe(&self, tenant: u128) -> (Uuid, Instant) {
        let probe = Uuid::now_v7();
        let job = NewJob::of(&Noop { probe: Some(probe) }).expect("is JSON");
        Self::commit(&self.pool, Uuid::from_u128(tenant), &[job]).await;
        let at = Instant::now();
        self.notifier.wake([Lane::Interactive]);
        (probe, at)
    }

    /// How long probes waited, in milliseconds, in order.
    async fn waits(&self, probes: &[(Uuid, Instant)]) -> Vec<f64> {
        let wait =
            |(probe, at): &(Uuid, Instant)| self.begun.lock().expect("whole").get(probe).map(|began| began.saturating_duration_since(*at));
        while probes.iter().any(|probe| wait(probe).is_none()) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let mut waits: Vec<f64> = probes.iter().filter_map(wait).map(|wait| wait.as_secs_f64() * 1000.0).collect();
        waits.sort_by(f64::total_cmp);
        waits
    }

    /// Waits of probes that come one by one to a worker with nothing else to do.
    async fn idle(&self, probes: usize) -> Vec<f64> {
        self.empty().await;
        let (stop, running) = self.worker().await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        let mut sent = Vec::new();
        for _ in 0..probes {
            sent.push(self.probe(1).await);
            tokio::time::sleep(GAP).await;
        }
        let waits = self.waits(&sent).await;
        stop.cancel();
        running.await.expect("ends");
        waits
    }

    /// Waits of other companies' probes while one company's flood is worked off, and the flood's jobs a second.
    async fn flood(&self, jobs: usize) -> (Vec<f64>, f64) {
        self.empty().await;
        self.fill(jobs, 1).await;
        let began = Instant::now();
        let (stop, running) = self.worker().await;
        let mut sent = Vec::new();
        while self.ran.load(Ordering::Relaxed) + 2 * LaneConfig::of(Lane::Interactive).window < jobs {
            sent.push(self.probe(2 + sent.len() as u128 % 499).await);
            tokio::time::sleep(GAP).await;
        }
        self.all_done(jobs).await;
        let rate = rate(jobs + sent.len(), began);
        let waits = self.waits(&sent).await;
        stop.cancel();
        running.await.expect("ends");
        (waits, rate)
    }
}

/// The value below which this share of them lies.
fn percentile(sorted: &[f64], share: usize) -> f64 {
    sorted.get((sorted.len() * share / 100).min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}

#[tokio::main]
async fn main() {
    let (jobs, flood) = (setting("BENCH_JOBS", 20_000), setting("BENCH_FLOOD", 100_000));
    let bench = Bench::new().await;
    report("enqueue_1", bench.enqueue(jobs.min(10_000), 1).await);
    report("enqueue_100", bench.enqueue(jobs, 100).await);
    report("execute_1", bench.execute(jobs, 1).await);
    report("execute_500", bench.execute(jobs, 500).await);
    let idle = bench.idle(setting("BENCH_PROBES", 500)).await;
    report("idle_p50", percentile(&idle, 50));
    report("idle_p99", percentile(&idle, 99));
    let (waits, rate) = bench.flood(flood).await;
    report("flood_execute", rate);
    report("flood_p50", percentile(&waits, 50));
    report("flood_p99", percentile(&waits, 99));
}
