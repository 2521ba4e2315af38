//! Between the heartbeats: stores how far handlers have come, and hears which of them are to stop.

use std::sync::Arc;

use sqlx::PgPool;

use super::Timing;
use super::desk::Desk;
use super::pool::within;
use super::store::{self, Key};

/// Looks every `timing.watch` while anything is held, until dropped.
pub async fn run(pool: PgPool, desk: Arc<Desk>, timing: Timing) {
    loop {
        tokio::time::sleep(timing.watch).await;
        let held = desk.keys();
        if held.is_empty() {
            continue;
        }
        report(&pool, &desk, &held, timing).await;
        match within(timing.statement, store::cancels(&pool)).await {
            Ok(unwanted) => desk.cancel(&unwanted),
            Err(error) => tracing::warn!(%error, "not told who is to stop"),
        }
    }
}

/// Stores what the handlers of these claims noted. A note that cannot be stored now is kept, and the next one is as good.
pub async fn report(pool: &PgPool, desk: &Desk, held: &[Key], timing: Timing) {
    let noted = desk.noted(held);
    if noted.is_empty() {
        return;
    }
    if let Err(error) = within(timing.statement, store::report(pool, &noted)).await {
        tracing::warn!(%error, jobs = noted.len(), "progress could not be stored");
        desk.put_back(noted);
    }
}
