//! The bell's wire. Whoever's notifications changed is named to every process after the commit, and there to the streams that
//! person has open. One task sends for the process, because a NOTIFY serialises commits; one connection listens for it, from
//! the first stream on. A ring is a hint and may be lost: a stream counts again by itself now and then.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tokio::sync::{Notify, mpsc, watch};
use uuid::Uuid;

use super::error::{Error, Result};

/// The channel; the payload is `<company> <member>`.
const CHANNEL: &str = "millwright_bell";
/// What rings meanwhile shares the next sending.
const GAP: Duration = Duration::from_millis(5);
/// Rest after the listening connection was lost.
const REST: Duration = Duration::from_secs(1);
/// Rings on their way at most; beyond, they are lost as hints may be.
const PENDING: usize = 4096;
/// Streams of one member in one process at most; one more ends the oldest. A browser opens one for the tab in front, and that
/// of a page just left is noticed to be gone only when something is next written to it.
pub const STREAMS: usize = 8;

/// Whose bell: company and member.
pub(crate) type Whose = (Uuid, Uuid);

#[derive(Debug)]
struct Line {
    ring: watch::Sender<()>,
    /// Whoever hears it, the oldest first, and how to end that.
    open: VecDeque<Arc<Notify>>,
}

#[derive(Debug, Default)]
struct Hub {
    lines: HashMap<Whose, Line>,
    listening: bool,
    closed: bool,
}

/// The bells of this process. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Bells {
    rings: mpsc::Sender<Whose>,
    hub: Arc<Mutex<Hub>>,
    pool: PgPool,
}

impl Bells {
    /// Starts the sending task on the current runtime; it ends with the last clone.
    pub(crate) fn start(pool: PgPool) -> Self {
        let (rings, pending) = mpsc::channel(PENDING);
        tokio::spawn(send(pool.clone(), pending));
        Self { rings, hub: Arc::default(), pool }
    }

    /// Rings for these members. Never waits and never fails.
    pub(crate) fn ring(&self, members: impl IntoIterator<Item = Whose>) {
        for whose in members {
            let _ = self.rings.try_send(whose);
        }
    }

    /// Hears a member's bell.
    ///
    /// # Errors
    /// [`Error::Limited`] while the process is stopping.
    pub(crate) fn hear(&self, whose: Whose) -> Result<Hearing> {
        let mut hub = self.hub();
        if hub.closed {
            return Err(Error::Limited { retry_after: 5 });
        }
        let line = hub.lines.entry(whose).or_insert_with(|| Line { ring: watch::channel(()).0, open: VecDeque::new() });
        let end = Arc::<Notify>::default();
        line.open.push_back(end.clone());
        if line.open.len() > STREAMS
            && let Some(oldest) = line.open.pop_front()
        {
            oldest.notify_one();
        }
        let rings = line.ring.subscribe();
        if !hub.listening {
            hub.listening = true;
            tokio::spawn(listen(self.pool.clone(), Arc::downgrade(&self.hub)));
        }
        drop(hub);
        Ok(Hearing { rings, end, whose, hub: self.hub.clone() })
    }

    /// Ends every stream: the process is stopping.
    pub(crate) fn close(&self) {
        let mut hub = self.hub();
        hub.closed = true;
        hub.lines.clear();
    }

    fn hub(&self) -> MutexGuard<'_, Hub> {
        lock(&self.hub)
    }
}

/// A stream that hears one member's bell.
#[derive(Debug)]
pub struct Hearing {
    rings: watch::Receiver<()>,
    end: Arc<Notify>,
    whose: Whose,
    hub: Arc<Mutex<Hub>>,
}

impl Hearing {
    /// Waits for the next ring; `false` when there will be none: the process is stopping, or newer streams took its place.
    pub async fn rung(&mut self) -> bool {
        tokio::select! {
            rung = self.rings.changed() => rung.is_ok(),
            () = self.end.notified() => false,
        }
    }
}

impl Drop for Hearing {
    fn drop(&mut self) {
        let mut hub = lock(&self.hub);
        if let Some(line) = hub.lines.get_mut(&self.whose) {
            line.open.retain(|end| !Arc::ptr_eq(end, &self.end));
            if line.open.is_empty() {
                hub.lines.remove(&self.whose);
            }
        }
    }
}

fn lock(hub: &Mutex<Hub>) -> MutexGuard<'_, Hub> {
    hub.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn send(pool: PgPool, mut pending: mpsc::Receiver<Whose>) {
    let mut batch = Vec::new();
    while pending.recv_many(&mut batch, PENDING).await > 0 {
        let members: BTreeSet<Whose> = batch.drain(..).collect();
        let payloads: Vec<String> = members.into_iter().map(|(tenant, member)| format!("{tenant} {member}")).collect();
        let sent = sqlx::query("SELECT pg_notify($1, p) FROM unnest($2::text[]) p").bind(CHANNEL).bind(payloads).execute(&pool).await;
        if let Err(error) = sent {
            tracing::debug!(%error, "streams were not told of news; they will find it by counting");
        }
        tokio::time::sleep(GAP).await;
    }
}

/// Passes rings on until the application is gone. A lost connection is made anew, and everybody is rung then: some ring may have
/// been missed.
async fn listen(pool: PgPool, hub: std::sync::Weak<Mutex<Hub>>) {
    while hub.strong_count() > 0 {
        match heard(&pool, &hub).await {
            Ok(()) => return,
            Err(error) => tracing::warn!(%error, "nobody listens for rings of the bell; trying again"),
        }
        tokio::time::sleep(REST).await;
    }
}

async fn heard(pool: &PgPool, hub: &std::sync::Weak<Mutex<Hub>>) -> sqlx::Result<()> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    if let Some(hub) = hub.upgrade() {
        ring_all(&hub);
    }
    loop {
        let told = listener.try_recv().await?;
        let Some(hub) = hub.upgrade() else { return Ok(()) };
        match told.as_ref().and_then(|told| whose(told.payload())) {
            Some(whose) => {
                if let Some(line) = lock(&hub).lines.get(&whose) {
                    line.ring.send_replace(());
                }
            }
            None => ring_all(&hub),
        }
    }
}

fn ring_all(hub: &Mutex<Hub>) {
    for line in lock(hub).lines.values() {
        line.ring.send_replace(());
    }
}

fn whose(payload: &str) -> Option<Whose> {
    let (tenant, member) = payload.split_once(' ')?;
    Some((tenant.parse().ok()?, member.parse().ok()?))
}
