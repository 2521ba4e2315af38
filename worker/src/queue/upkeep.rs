//! What keeps the queue moving, done by one elected process: due jobs become ready, those of vanished workers are taken back,
//! finished ones are pruned, and so is what else has had its time: sessions, throttles, keys.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::kernel::jobs::{CHANNEL, Lane};
use sqlx::PgConnection;
use tokio::time::Instant;

use super::leader::Duty;
use super::pool::within;
use super::{Timing, store};

/// Rows a statement, so that none runs long.
const BATCH: i64 = 1000;
const LIMIT: Duration = Duration::from_secs(10);

/// The duty, with what is due when.
#[derive(Debug)]
pub struct Upkeep {
    timing: Timing,
    rescue_at: Instant,
    prune_at: Instant,
}

impl Upkeep {
    /// Everything is due at once.
    pub fn new(timing: Timing) -> Self {
        let now = Instant::now();
        Self { timing, rescue_at: now, prune_at: now }
    }

    async fn rescue(&mut self, conn: &mut PgConnection) -> sqlx::Result<Vec<Lane>> {
        self.rescue_at = Instant::now() + self.timing.rescue;
        let lanes = within(LIMIT, store::rescue(&mut *conn, BATCH)).await?;
        if !lanes.is_empty() {
            metrics::counter!("millwright_jobs_rescued_total").increment(lanes.len() as u64);
            tracing::warn!(jobs = lanes.len(), "took jobs back from a worker that vanished");
        }
        Ok(lanes)
    }

    async fn prune(&mut self, conn: &mut PgConnection) -> sqlx::Result<()> {
        let mut gone = 0;
        for (state, keep) in [("done", self.timing.keep_done), ("dead", self.timing.keep_dead)] {
            gone += within(LIMIT, store::prune(&mut *conn, state, keep, BATCH)).await?;
        }
        // while there is more, the next round goes on
        if gone < BATCH.unsigned_abs() {
            within(LIMIT, store::house(&mut *conn)).await?;
            self.prune_at = Instant::now() + self.timing.prune;
        }
        Ok(())
    }
}

impl Duty for Upkeep {
    const LOCK: i64 = 0x4d69_6c6c_0001;
    const NAME: &'static str = "upkeep of the queue";

    async fn round(&mut self, conn: &mut PgConnection) -> sqlx::Result<Duration> {
        let mut woken = within(LIMIT, store::promote(&mut *conn, BATCH)).await?;
        let more = woken.len() as u64 >= BATCH.unsigned_abs();
        if Instant::now() >= self.rescue_at {
            woken.extend(self.rescue(conn).await?);
        }
        if Instant::now() >= self.prune_at {
            self.prune(conn).await?;
        }
        for lane in woken.into_iter().collect::<BTreeSet<_>>() {
            let hint = sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(lane.as_str());
            within(LIMIT, hint.execute(&mut *conn)).await?;
        }
        Ok(if more { Duration::ZERO } else { self.timing.promote })
    }
}
