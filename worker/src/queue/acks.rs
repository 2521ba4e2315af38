//! Writes verdicts down, a batch a statement.

use std::sync::Arc;

use sqlx::PgPool;
use tokio::sync::mpsc::UnboundedReceiver;

use super::desk::Desk;
use super::pool::{Patience, within};
use super::store::{self, Key, Verdict};
use super::{Timing, watch};

const BATCH: usize = 1000;

/// Works until every lease and the claim loop are gone. A database that does not answer is asked again: until the verdict is
/// stored the claim stays on the desk and is renewed.
pub async fn run(pool: PgPool, desk: Arc<Desk>, mut acks: UnboundedReceiver<(Key, Verdict)>, timing: Timing) {
    let mut batch = Vec::new();
    while acks.recv_many(&mut batch, BATCH).await > 0 {
        // the last word of those that go on another time; of what is over nobody asks
        let unfinished: Vec<Key> = batch.iter().filter(|(_, verdict)| *verdict != Verdict::Done).map(|(key, _)| *key).collect();
        watch::report(&pool, &desk, &unfinished, timing).await;
        write(&pool, &batch, timing).await;
        desk.give_back(batch.drain(..).map(|(key, _)| key));
    }
}

async fn write(pool: &PgPool, batch: &[(Key, Verdict)], timing: Timing) {
    let mut patience = Patience::default();
    let written = loop {
        match within(timing.statement, store::acknowledge(pool, batch)).await {
            Ok(written) => break written,
            Err(error) => {
                tracing::warn!(%error, jobs = batch.len(), "verdicts could not be stored yet");
                patience.wait().await;
            }
        }
    };
    for (_, verdict) in batch {
        metrics::counter!("millwright_jobs_total", "verdict" => verdict.code()).increment(1);
    }
    let refused = (batch.len() as u64).saturating_sub(written);
    if refused > 0 {
        metrics::counter!("millwright_jobs_late_total").increment(refused);
        tracing::warn!(refused, "verdicts came too late: the leases had run out");
    }
}
