//! The heartbeat: renews the leases of everything a lane holds, waiting or running.

use std::sync::Arc;

use sqlx::PgPool;

use super::Timing;
use super::desk::Desk;
use super::pool::within;
use super::store;

/// Renews every third of the lease, until dropped. What is ours no longer is told to stop.
pub async fn run(pool: PgPool, desk: Arc<Desk>, timing: Timing) {
    let lease = timing.lease;
    let beat = lease / 3;
    loop {
        tokio::time::sleep(beat).await;
        let held = desk.keys();
        if held.is_empty() {
            continue;
        }
        match within(beat.min(timing.statement), store::renew(&pool, &held, lease)).await {
            Ok(kept) => {
                let lost = desk.drop_lost(&held, &kept);
                if lost > 0 {
                    tracing::warn!(lost, "leases ran out before they were renewed");
                }
            }
            Err(error) => tracing::warn!(%error, jobs = held.len(), "leases could not be renewed"),
        }
    }
}
