//! What one lane of this process holds at the moment.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, OwnedSemaphorePermit};
use tokio_util::sync::CancellationToken;

use super::store::Key;

/// The claims that are neither acknowledged nor lost, and the bell that calls for more.
#[derive(Debug)]
pub struct Desk {
    held: Mutex<HashMap<Key, Held>>,
    bell: Arc<Notify>,
    window: usize,
    batch: usize,
}

#[derive(Debug)]
struct Held {
    lost: CancellationToken,
    /// Kept until the verdict is stored: only then may the next job that outlived a worker run in this process.
    suspect: Option<OwnedSemaphorePermit>,
}

impl Desk {
    /// An empty desk with `window` places, for which claims are made `batch` at a time; `bell` is rung by whoever knows of work.
    pub fn new(window: usize, batch: usize, bell: Arc<Notify>) -> Self {
        Self { held: Mutex::default(), bell, window, batch: batch.clamp(1, window.max(1)) }
    }

    /// Places worth a claim: 0 while fewer than a batch are free.
    pub fn places(&self) -> usize {
        let free = self.window.saturating_sub(self.held().len());
        if free >= self.batch { free } else { 0 }
    }

    /// Takes a claim in. The token is cancelled should the claim be lost to another process.
    pub fn take(&self, key: Key, suspect: Option<OwnedSemaphorePermit>) -> CancellationToken {
        let lost = CancellationToken::new();
        self.held().insert(key, Held { lost: lost.clone(), suspect });
        lost
    }

    /// Lets go of claims whose verdicts are stored, and rings for more when that frees a batch or a suspect's turn.
    pub fn give_back(&self, keys: impl IntoIterator<Item = Key>) {
        let mut turn = false;
        {
            let mut held = self.held();
            for key in keys {
                turn |= held.remove(&key).is_some_and(|h| h.suspect.is_some());
            }
        }
        if turn || self.places() > 0 {
            self.bell.notify_one();
        }
    }

    /// The claims held now.
    pub fn keys(&self) -> Vec<Key> {
        self.held().keys().copied().collect()
    }

    /// Tells the handlers of those claims that were `asked` for and are not `kept` to stop; answers how many.
    pub fn drop_lost(&self, asked: &[Key], kept: &[Key]) -> usize {
        let kept: HashSet<_> = kept.iter().collect();
        let held = self.held();
        let lost = asked.iter().filter(|key| !kept.contains(key)).filter_map(|key| held.get(key));
        lost.map(|h| h.lost.cancel()).count()
    }

    /// Waits until somebody rings.
    pub async fn rung(&self) {
        self.bell.notified().await;
    }

    fn held(&self) -> MutexGuard<'_, HashMap<Key, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
