//! Turns what is due into jobs: one elected process looks at `timers`, and at messages that wait for their moment, and queues a
//! job for each.

use std::time::Duration;

use domain::kernel::clock::Clock;
use domain::kernel::jobs::Lane;
use sqlx::PgConnection;
use tokio::time::Instant;

use crate::queue::leader::Duty;
use crate::queue::listen;
use crate::queue::pool::within;

/// Rows a round, so that no statement runs long.
const BATCH: i32 = 1000;
const LIMIT: Duration = Duration::from_secs(10);
/// How often it looks.
const EVERY: Duration = Duration::from_secs(1);
/// How often rows that have had their time are removed.
const PRUNE: Duration = Duration::from_hours(1);

/// The duty of staging.
#[derive(Debug)]
pub struct Stager {
    clock: Clock,
    prune_at: Instant,
}

impl Stager {
    /// Goes by this clock, the one deadlines were written by.
    pub fn new(clock: Clock) -> Self {
        Self { clock, prune_at: Instant::now() }
    }
}

impl Duty for Stager {
    const LOCK: i64 = 0x4d69_6c6c_0003;
    const NAME: &'static str = "staging of timers";

    async fn round(&mut self, conn: &mut PgConnection) -> sqlx::Result<Duration> {
        let now = self.clock.now();
        let stage = sqlx::query_scalar("SELECT app.stage_timers($1, $2)").bind(now).bind(BATCH);
        let staged: i64 = within(LIMIT, stage.fetch_one(&mut *conn)).await?;
        let messages = sqlx::query_scalar("SELECT app.stage_messages($1, $2)").bind(now).bind(BATCH);
        let messages: i64 = within(LIMIT, messages.fetch_one(&mut *conn)).await?;
        if staged + messages > 0 {
            metrics::counter!("millwright_timers_staged_total").increment(staged.unsigned_abs());
            metrics::counter!("millwright_messages_staged_total").increment(messages.unsigned_abs());
            within(LIMIT, listen::ring(&mut *conn, Lane::Interactive)).await?;
        }
        if Instant::now() >= self.prune_at {
            within(LIMIT, sqlx::query("SELECT app.prune_timers($1)").bind(now).execute(&mut *conn)).await?;
            within(LIMIT, sqlx::query("SELECT app.prune_notifications($1)").bind(now).execute(&mut *conn)).await?;
            within(LIMIT, sqlx::query("SELECT app.prune_group_messages($1)").bind(now).execute(&mut *conn)).await?;
            within(LIMIT, sqlx::query("SELECT app.tend_exports($1)").bind(now).execute(&mut *conn)).await?;
            self.prune_at = Instant::now() + PRUNE;
        }
        Ok(if staged.max(messages) >= i64::from(BATCH) { Duration::ZERO } else { EVERY })
    }
}
