//! Dealing with a database that may be away: nothing here waits forever, and nothing gives up.

use std::time::Duration;

use sqlx::PgPool;

/// Gives a statement so long. On a half-open connection the server's own limit never arrives.
pub async fn within<T>(limit: Duration, statement: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    tokio::time::timeout(limit, statement).await.unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

/// The pauses between tries while the database does not answer: 100 ms doubling to 5 s.
#[derive(Debug)]
pub struct Patience(Duration);

impl Default for Patience {
    fn default() -> Self {
        Self(Duration::from_millis(100))
    }
}

impl Patience {
    /// Waits, and the next time longer.
    pub async fn wait(&mut self) {
        tokio::time::sleep(self.0).await;
        self.0 = (self.0 * 2).min(Duration::from_secs(5));
    }
}

/// Asks once whether the queue is there for the worker's role. An unreachable database is not an error here: it may come back.
///
/// # Errors
/// The role is missing, may not be taken on, or the queue was not migrated.
pub async fn check(pool: &PgPool) -> sqlx::Result<()> {
    match within(Duration::from_secs(10), sqlx::query("SELECT 1 FROM queue.jobs LIMIT 0").execute(pool)).await {
        Err(error @ sqlx::Error::Database(_)) => Err(error),
        Err(error) => {
            tracing::warn!(%error, "the database does not answer; the worker waits for it");
            Ok(())
        }
        Ok(_) => Ok(()),
    }
}
