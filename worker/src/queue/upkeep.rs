//! What keeps the queue moving, done by one elected process: due jobs become ready, those of vanished workers are taken back,
//! finished ones are pruned, and what there is of each is measured.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::kernel::jobs::Lane;
use sqlx::PgConnection;
use tokio::time::Instant;

use super::leader::Duty;
use super::pool::within;
use super::sample::Sample;
use super::{Timing, listen, store};

/// Rows a statement, so that none runs long.
const BATCH: i64 = 1000;

/// The duty, with what is due when.
#[derive(Debug)]
pub struct Upkeep {
    timing: Timing,
    rescue_at: Instant,
    prune_at: Instant,
    sample_at: Instant,
    sample: Sample,
}

impl Upkeep {
    /// Everything is due at once.
    pub fn new(timing: Timing) -> Self {
        let now = Instant::now();
        Self { timing, rescue_at: now, prune_at: now, sample_at: now, sample: Sample::default() }
    }

    async fn rescue(&mut self, conn: &mut PgConnection) -> sqlx::Result<Vec<Lane>> {
        self.rescue_at = Instant::now() + self.timing.rescue;
        let lanes = within(self.timing.statement, store::rescue(&mut *conn, BATCH)).await?;
        if !lanes.is_empty() {
            metrics::counter!("millwright_jobs_rescued_total").increment(lanes.len() as u64);
            tracing::warn!(jobs = lanes.len(), "took jobs back from a worker that vanished");
        }
        Ok(lanes)
    }

    async fn prune(&mut self, conn: &mut PgConnection) -> sqlx::Result<()> {
        let mut gone = 0;
        let Timing { keep_done, keep_dead, .. } = self.timing;
        for (state, keep) in [("done", keep_done), ("cancelled", keep_done), ("dead", keep_dead)] {
            gone += within(self.timing.statement, store::prune(&mut *conn, state, keep, BATCH)).await?;
        }
        // while there is more, the next round goes on
        if gone < BATCH.unsigned_abs() {
            self.prune_at = Instant::now() + self.timing.prune;
        }
        Ok(())
    }
}

impl Duty for Upkeep {
    const LOCK: i64 = 0x4d69_6c6c_0001;
    const NAME: &'static str = "upkeep of the queue";

    /// Jobs of a process that stands still are to be rescued, by another.
    fn silence(&self) -> Duration {
        (self.timing.lease / 3).max(2 * self.timing.promote)
    }

    async fn round(&mut self, conn: &mut PgConnection) -> sqlx::Result<Duration> {
        let mut woken = within(self.timing.statement, store::promote(&mut *conn, BATCH)).await?;
        let more = woken.len() as u64 >= BATCH.unsigned_abs();
        if Instant::now() >= self.rescue_at {
            woken.extend(self.rescue(conn).await?);
        }
        if Instant::now() >= self.prune_at {
            self.prune(conn).await?;
        }
        if Instant::now() >= self.sample_at {
            let load = within(self.timing.statement, store::load(&mut *conn)).await?;
            let dead = within(self.timing.statement, store::dead(&mut *conn)).await?;
            self.sample.take(&load, &dead);
            self.sample_at = Instant::now() + self.timing.sample;
        }
        for lane in woken.into_iter().collect::<BTreeSet<_>>() {
            within(self.timing.statement, listen::ring(&mut *conn, lane)).await?;
        }
        Ok(if more { Duration::ZERO } else { self.timing.promote })
    }

    /// What was measured is somebody else's to say.
    fn resigned(&mut self) {
        self.sample.forget();
    }
}
