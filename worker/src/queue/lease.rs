//! The right to run one claimed job, and the duty to say what became of it.

use tokio::sync::mpsc::UnboundedSender;

use super::signals::Signals;
use super::store::{Key, Row, Verdict};

/// Where verdicts go to be written down.
pub type Acks = UnboundedSender<(Key, Verdict)>;

/// A claim held. Dropped without a verdict it releases the job uncharged, which is what a stop of the process amounts to.
#[derive(Debug)]
pub struct Lease {
    key: Key,
    acks: Acks,
    signals: Signals,
    settled: bool,
}

impl Lease {
    /// The lease of `key`, whose verdict goes to `acks`.
    pub fn new(key: Key, acks: Acks, signals: Signals) -> Self {
        Self { key, acks, signals, settled: false }
    }

    /// Waits until the claim is lost.
    pub async fn lost(&self) {
        self.signals.lost.cancelled().await;
    }

    /// Waits until somebody wants the job stopped.
    pub async fn cancelled(&self) {
        self.signals.cancel.cancelled().await;
    }

    /// Says what became of the job.
    pub fn settle(mut self, verdict: Verdict) {
        self.send(verdict);
    }

    fn send(&mut self, verdict: Verdict) {
        self.settled = true;
        // a closed channel means the writer gave up at the end of a drain: the lease runs out and the job is rescued
        let _ = self.acks.send((self.key, verdict));
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if !self.settled {
            self.send(Verdict::Released);
        }
    }
}

/// A job on its way through apalis.
#[derive(Debug)]
pub struct Claimed {
    /// The row.
    pub row: Row,
    /// What its handler and the lane tell each other.
    pub signals: Signals,
    /// Taken out by the acknowledgement layer before the handler sees the job.
    pub lease: Option<Lease>,
}
