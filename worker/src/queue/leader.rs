//! Work that one process at a time does, elected by a session's advisory lock.

use std::time::Duration;

use sqlx::{Connection, PgConnection, PgPool};
use tokio_util::sync::CancellationToken;

use super::pool::{Patience, within};

/// How long those not elected wait before they stand again.
const TERM: Duration = Duration::from_secs(2);

/// What the elected process does.
pub trait Duty: Send {
    /// The advisory lock to hold, unique among duties.
    const LOCK: i64;
    /// For the log.
    const NAME: &'static str;

    /// How long its session may say nothing: the server ends one that is silent for longer, and somebody else is elected. A process
    /// that stands still, or whose connection is half-open, would otherwise keep the lock for good.
    fn silence(&self) -> Duration {
        Duration::from_secs(15)
    }

    /// One round over the connection that holds the lock; answers how long to wait for the next.
    ///
    /// # Errors
    /// The database's; whoever fails resigns and stands again.
    fn round(&mut self, conn: &mut PgConnection) -> impl Future<Output = sqlx::Result<Duration>> + Send;

    /// Somebody else may be elected from now on.
    fn resigned(&mut self) {}
}

/// Stands for election and does the duty while elected, until stopped. The lock goes with the connection, so a process that dies or
/// loses its database is succeeded.
pub async fn lead<D: Duty>(pool: PgPool, mut duty: D, stop: CancellationToken) {
    stop.run_until_cancelled(async {
        let mut patience = Patience::default();
        loop {
            match serve(&pool, &mut duty, &mut patience).await {
                Ok(()) => tokio::time::sleep(TERM).await,
                Err(error) => {
                    duty.resigned();
                    tracing::warn!(%error, duty = D::NAME, "resigned");
                    patience.wait().await;
                }
            }
        }
    })
    .await;
    duty.resigned();
}

/// Ends without an error when another process holds the lock.
async fn serve<D: Duty>(pool: &PgPool, duty: &mut D, patience: &mut Patience) -> sqlx::Result<()> {
    // detached: however this future ends, the connection is closed and the lock given up, never returned to the pool held
    let mut conn = pool.acquire().await?.detach();
    let elect = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(D::LOCK);
    let elected: bool = within(TERM, elect.fetch_one(&mut conn)).await?;
    *patience = Patience::default();
    if !elected {
        return conn.close().await;
    }
    let silence = format!("{}ms", duty.silence().as_millis());
    let listen = sqlx::query("SELECT set_config('idle_session_timeout', $1, false)").bind(silence);
    within(TERM, listen.execute(&mut conn)).await?;
    tracing::info!(duty = D::NAME, "elected");
    loop {
        let pause = duty.round(&mut conn).await?;
        tokio::time::sleep(pause).await;
    }
}
