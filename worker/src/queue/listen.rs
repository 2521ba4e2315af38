//! Rings a lane's bell, here and in every process, when a commit says there is work. A hint only: polling is the guarantee.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::kernel::jobs::{CHANNEL, Lane};
use sqlx::postgres::PgListener;
use sqlx::{PgConnection, PgPool};
use tokio::sync::Notify;

use super::pool::Patience;

/// The bells of the lanes this process works.
pub type Bells = BTreeMap<Lane, Arc<Notify>>;

/// Tells every process that a lane has work.
pub async fn ring(conn: &mut PgConnection, lane: Lane) -> sqlx::Result<()> {
    sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(lane.as_str()).execute(conn).await.map(drop)
}

/// Listens until dropped, through any number of reconnections.
pub async fn run(pool: PgPool, bells: Bells) {
    let mut patience = Patience::default();
    loop {
        let Err(error) = listen(&pool, &bells, &mut patience).await;
        tracing::warn!(%error, "not told of fresh jobs for a while; polling goes on");
        patience.wait().await;
    }
}

async fn listen(pool: &PgPool, bells: &Bells, patience: &mut Patience) -> sqlx::Result<std::convert::Infallible> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    *patience = Patience::default();
    loop {
        let hint = listener.try_recv().await?;
        let lane = hint.as_ref().and_then(|hint| Lane::parse(hint.payload()));
        // after a break in the connection anything may have been missed
        for (_, bell) in bells.iter().filter(|(at, _)| lane.is_none_or(|lane| lane == **at)) {
            bell.notify_one();
        }
    }
}
