//! Work on a company's text that takes a processor for a while: on a thread of its own, one text of a company at a time, a few in all, and not
//! for ever. A company that writes what takes long waits for itself.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use crate::kernel::error::{Error, Result};

/// Texts looked at at once, of all companies.
const AT_ONCE: usize = 2;
/// How long a text may take, its turn included.
const DEADLINE: Duration = Duration::from_secs(10);
/// How often a company's turn is looked for while its last text is not done.
const AGAIN: Duration = Duration::from_millis(20);

/// Whose turn it is.
#[derive(Debug, Clone)]
pub(in crate::workflow) struct Turns {
    all: Arc<Semaphore>,
    companies: Arc<Mutex<HashSet<Uuid>>>,
    deadline: Duration,
}

impl Default for Turns {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(AT_ONCE)), companies: Arc::default(), deadline: DEADLINE }
    }
}

/// A company's turn, until it is dropped.
struct Turn {
    company: Uuid,
    companies: Arc<Mutex<HashSet<Uuid>>>,
    _one_of_all: OwnedSemaphorePermit,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.companies.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.company);
    }
}

impl Turns {
    /// Does the work in the company's turn; `None` if it is not done in time. It is told to stop then, and keeps its turn until it has.
    pub async fn take<T: Send + 'static>(
        &self,
        company: Uuid,
        work: impl FnOnce(Arc<AtomicBool>) -> T + Send + 'static,
    ) -> Result<Option<T>> {
        let stop = Arc::new(AtomicBool::new(false));
        let told = stop.clone();
        let done = tokio::time::timeout(self.deadline, async {
            let turn = self.turn(company).await?;
            let work = move || {
                let _turn = turn;
                work(told)
            };
            tokio::task::spawn_blocking(work).await.map_err(|error| Error::Internal(error.to_string()))
        });
        let Ok(done) = done.await else {
            stop.store(true, Ordering::Relaxed);
            return Ok(None);
        };
        done.map(Some)
    }

    async fn turn(&self, company: Uuid) -> Result<Turn> {
        loop {
            let free = !self.companies.lock().unwrap_or_else(PoisonError::into_inner).contains(&company);
            if free {
                let one = self.all.clone().acquire_owned().await.map_err(|error| Error::Internal(error.to_string()))?;
                if self.companies.lock().unwrap_or_else(PoisonError::into_inner).insert(company) {
                    return Ok(Turn { company, companies: self.companies.clone(), _one_of_all: one });
                }
            }
            tokio::time::sleep(AGAIN).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;
    use std::time::Duration;

    use uuid::Uuid;

    use super::Turns;

    #[tokio::test]
    async fn a_text_that_takes_long_is_stopped_and_keeps_only_its_own_company_waiting() {
        let turns = Turns { deadline: Duration::from_millis(300), ..Turns::default() };
        let (slow, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let (done, seen) = std::sync::mpsc::channel();
        let spin = turns.take(slow, move |stop| {
            while !stop.load(Ordering::Relaxed) {
                std::thread::yield_now();
            }
            done.send(()).expect("somebody looks");
        });
        let quick = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            turns.take(other, |_| 7).await
        };
        let (slow_answer, quick_answer) = tokio::join!(spin, quick);
        assert_eq!(slow_answer.expect("no fault"), None);
        assert_eq!(quick_answer.expect("no fault"), Some(7));
        seen.recv_timeout(Duration::from_secs(10)).expect("it was told to stop");
        assert_eq!(turns.take(slow, |_| 8).await.expect("no fault"), Some(8), "its turn comes again");
    }
}
