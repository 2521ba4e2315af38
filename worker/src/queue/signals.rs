//! What a running handler and its lane tell each other: that the claim is lost, that somebody wants it stopped, how far it has come.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use tokio_util::sync::CancellationToken;

/// The signals of one claim. Clones are the same signals.
#[derive(Clone, Debug, Default)]
pub struct Signals {
    /// Cancelled when another process has the job.
    pub lost: CancellationToken,
    /// Cancelled when somebody wants the job stopped.
    pub cancel: CancellationToken,
    progress: Arc<Mutex<Option<Value>>>,
}

impl Signals {
    /// Notes how far the handler has come; the lane stores the newest note every now and then.
    pub fn note(&self, progress: Value) {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner) = Some(progress);
    }

    /// What was noted and is not stored yet.
    pub fn noted(&self) -> Option<Value> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Puts a note back that could not be stored, unless there is a newer one.
    pub fn put_back(&self, progress: Value) {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(progress);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_newest_note_is_kept_and_taken_once() {
        let signals = Signals::default();
        signals.note(json!(1));
        signals.note(json!(2));
        assert_eq!((signals.noted(), signals.noted()), (Some(json!(2)), None));
        signals.put_back(json!(2));
        signals.put_back(json!(1));
        assert_eq!(signals.noted(), Some(json!(2)));
    }
}
