//! The loop that takes jobs for one lane, in turn among the tenants.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use sqlx::PgPool;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::desk::Desk;
use super::lease::{Acks, Claimed, Lease};
use super::pool::{Patience, within};
use super::store::{self, Claim, Key, Row};
use super::{LaneConfig, Timing};

/// Takes jobs for one lane and hands them to its workers.
#[derive(Debug)]
pub struct Claimer {
    /// The queue's connections.
    pub pool: PgPool,
    /// How the lane works.
    pub config: LaneConfig,
    /// The queue's clocks.
    pub timing: Timing,
    /// What is held.
    pub desk: Arc<Desk>,
    /// To the workers; with a place for each of the window and one suspect, so that handing over never waits.
    pub out: mpsc::Sender<Claimed>,
    /// Where the leases report.
    pub acks: Acks,
    /// One permit for the whole process: a job that outlived a worker runs beside no other such job, so that a poisonous one is
    /// found out within three crashes and its neighbours are charged once at most.
    pub suspects: Arc<Semaphore>,
}

impl Claimer {
    /// Claims until stopped. Stops between claims only: one given up half-way may succeed all the same, and its jobs would wait for
    /// their leases to run out.
    pub async fn run(self, stop: CancellationToken) {
        let mut turn = Turn::default();
        let mut patience = Patience::default();
        while !stop.is_cancelled() {
            let places = self.desk.places();
            if places == 0 {
                stop.run_until_cancelled(self.desk.rung()).await;
                continue;
            }
            match self.claim(turn.from, places).await {
                Ok(found) => {
                    patience = Patience::default();
                    if turn.advance(&found, places) {
                        let rung = tokio::time::timeout(self.timing.poll, self.desk.rung());
                        let _ = stop.run_until_cancelled(rung).await;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, lane = self.config.lane.as_str(), "no jobs could be claimed");
                    stop.run_until_cancelled(patience.wait()).await;
                }
            }
        }
    }

    /// One claim, handed over.
    async fn claim(&self, from: Uuid, places: usize) -> sqlx::Result<Found> {
        let mut permit = self.suspects.clone().try_acquire_owned().ok();
        let claim = Claim {
            lane: self.config.lane,
            from,
            places,
            suspect: permit.is_some(),
            token: Uuid::now_v7(),
            lease: self.timing.lease,
            limits: self.config.limits,
        };
        let claimed = within(self.timing.statement, store::claim(&self.pool, claim)).await?;
        let fair = claimed.rows.iter().filter(|row| !row.is_suspect());
        let found = Found { jobs: fair.clone().count(), last: fair.map(|row| row.tenant_id).max(), round_over: claimed.round_over };
        for row in interleave(claimed.rows) {
            let permit = if row.is_suspect() { permit.take() } else { None };
            self.hand_over(row, claim.token, permit);
        }
        Ok(found)
    }

    fn hand_over(&self, row: Row, token: Uuid, permit: Option<OwnedSemaphorePermit>) {
        let key = Key { tenant: row.tenant_id, id: row.id, token };
        let signals = self.desk.take(key, permit);
        let lease = Some(Lease::new(key, self.acks.clone(), signals.clone()));
        if self.out.try_send(Claimed { row, signals, lease }).is_err() {
            tracing::debug!("a claimed job goes back: the workers are gone");
        }
    }
}

/// What a claim found, suspects aside.
#[derive(Clone, Copy, Debug)]
struct Found {
    jobs: usize,
    last: Option<Uuid>,
    round_over: bool,
}

/// Whose turn it is: claims go round the tenants in the order of their ids.
#[derive(Debug, Default)]
struct Turn {
    /// The first who may be taken from; the platform's nil is before everybody.
    from: Uuid,
}

impl Turn {
    /// Moves on after a claim for `places`; answers whether to wait, that is, whether a whole round left places free.
    fn advance(&mut self, found: &Found, places: usize) -> bool {
        let whole_round = self.from.is_nil() && found.round_over;
        self.from = if found.round_over { Uuid::nil() } else { found.last.map(next).unwrap_or_default() };
        whole_round && found.jobs < places
    }
}

/// The id that follows.
fn next(tenant: Uuid) -> Uuid {
    Uuid::from_u128(tenant.as_u128().wrapping_add(1))
}

/// One job of each tenant, then the next of each, and so on; within a tenant by priority and age. Suspects first.
fn interleave(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by_key(|row| (row.priority, row.run_at, row.id));
    let (suspects, rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(Row::is_suspect);
    let mut piles: BTreeMap<Uuid, VecDeque<Row>> = BTreeMap::new();
    for row in rows {
        piles.entry(row.tenant_id).or_default().push_back(row);
    }
    let mut dealt = suspects;
    while !piles.is_empty() {
        dealt.extend(piles.values_mut().filter_map(VecDeque::pop_front));
        piles.retain(|_, pile| !pile.is_empty());
    }
    dealt
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(tenant: u128, id: u128, priority: i16) -> Row {
        Row {
            tenant_id: Uuid::from_u128(tenant),
            id: Uuid::from_u128(id),
            kind: "test".into(),
            payload: serde_json::Value::Null,
            version: 1,
            priority,
            run_at: chrono::DateTime::UNIX_EPOCH,
            attempt: 1,
            crashes: 1,
            progress: None,
        }
    }

    #[test]
    fn tenants_are_dealt_to_in_turn() {
        let rows = vec![row(1, 1, 100), row(1, 2, 100), row(1, 3, 5), row(2, 4, 100)];
        let order: Vec<u128> = interleave(rows).iter().map(|r| r.id.as_u128()).collect();
        assert_eq!(order, [3, 4, 1, 2]);
    }

    #[test]
    fn a_round_ends_where_it_began() {
        let b = Uuid::from_u128(2);
        let found = |jobs, last, round_over| Found { jobs, last, round_over };
        let mut turn = Turn::default();
        assert!(!turn.advance(&found(2, Some(b), false), 2), "full, and more behind: go on");
        assert_eq!(turn.from, next(b));
        assert!(!turn.advance(&found(0, None, true), 2), "the tail was empty, the head was not looked at");
        assert_eq!(turn.from, Uuid::nil());
        assert!(!turn.advance(&found(2, Some(b), true), 2), "full: one tenant may have more");
        assert_eq!(turn.from, Uuid::nil());
        assert!(turn.advance(&found(1, Some(b), true), 2), "the whole round did not fill the places");
    }
}
