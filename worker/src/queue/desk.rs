//! What one lane of this process holds at the moment.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::{Notify, OwnedSemaphorePermit};

use super::signals::Signals;
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
    signals: Signals,
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

    /// Takes a claim in; its handler hears through the signals.
    pub fn take(&self, key: Key, suspect: Option<OwnedSemaphorePermit>) -> Signals {
        let signals = Signals::default();
        self.held().insert(key, Held { signals: signals.clone(), suspect });
        signals
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
        lost.map(|h| h.signals.lost.cancel()).count()
    }

    /// Tells the handlers of those of the claims that are ours to stop.
    pub fn cancel(&self, unwanted: &[Key]) {
        let held = self.held();
        for claim in unwanted.iter().filter_map(|key| held.get(key)) {
            claim.signals.cancel.cancel();
        }
    }

    /// What the handlers of these claims noted since it was last asked.
    pub fn noted(&self, keys: &[Key]) -> Vec<(Key, Value)> {
        let held = self.held();
        keys.iter().filter_map(|key| Some((*key, held.get(key)?.signals.noted()?))).collect()
    }

    /// Keeps notes that could not be stored.
    pub fn put_back(&self, notes: Vec<(Key, Value)>) {
        let held = self.held();
        for (key, note) in notes {
            if let Some(claim) = held.get(&key) {
                claim.signals.put_back(note);
            }
        }
    }

    /// Waits until somebody rings.
    pub async fn rung(&self) {
        self.bell.notified().await;
    }

    fn held(&self) -> MutexGuard<'_, HashMap<Key, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
