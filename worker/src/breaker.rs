//! A server that is down is left alone: while it is, its letters wait without being tried, and now and then one goes ahead to see.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// After the first failure it is tried again so soon.
const FIRST: Duration = Duration::from_secs(1);
/// However long it is down, it is tried again after so long: the letters are on their way so soon after it is up.
const LONGEST: Duration = Duration::from_mins(1);

/// What is known of a server. Clones know the same.
#[derive(Clone, Debug, Default)]
pub struct Breaker(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// Down, and left alone until then.
    until: Option<Instant>,
    /// How long it was left alone last.
    pause: Duration,
    probing: bool,
}

/// Leave to try. Dropped without a word, it is as if nobody had tried.
#[derive(Debug)]
pub struct Pass {
    breaker: Breaker,
    probe: bool,
}

impl Breaker {
    /// Lets whoever comes through while the server is up, and one at a time, after a pause, while it is down.
    ///
    /// # Errors
    /// How long to wait.
    pub fn admit(&self, now: Instant) -> Result<Pass, Duration> {
        let mut state = self.state();
        let Some(until) = state.until else { return Ok(Pass { breaker: self.clone(), probe: false }) };
        if state.probing || now < until {
            return Err(until.saturating_duration_since(now).max(FIRST));
        }
        state.probing = true;
        Ok(Pass { breaker: self.clone(), probe: true })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass {
    /// The server answered.
    pub fn succeeded(self) {
        let mut state = self.breaker.state();
        state.until = None;
        state.pause = Duration::ZERO;
    }

    /// The server did not; answers how long it is left alone.
    pub fn failed(self, now: Instant) -> Duration {
        let mut state = self.breaker.state();
        // of those that were under way when it went down, the first to say so counts
        if self.probe || state.until.is_none() {
            state.pause = (state.pause * 2).clamp(FIRST, LONGEST);
            state.until = Some(now + state.pause);
        }
        state.until.map_or(FIRST, |until| until.saturating_duration_since(now).max(FIRST))
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if self.probe {
            self.breaker.state().probing = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;
    use std::collections::BinaryHeap;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_server_that_is_up_takes_everybody_at_once() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        let passes: Vec<Pass> = (0..100).map(|_| breaker.admit(now).expect("is let through")).collect();
        assert_eq!(passes.len(), 100);
    }

    #[test]
    fn a_probe_that_was_cut_short_lets_the_next_one_try() {
        let (breaker, now) = (Breaker::default(), Instant::now());
        breaker.admit(now).expect("is up").failed(now);
        let later = now + SECOND;
        let probe = breaker.admit(later).expect("may see");
        breaker.admit(later).expect_err("one at a time");
        drop(probe);
        breaker.admit(later).expect("may see").succeeded();
        breaker.admit(later).expect("is up");
    }

    /// Half an hour of outage in virtual time, as the queue lives it: a letter put off comes back when it was told to, and a try
    /// that nobody answers takes twenty seconds.
    #[test]
    fn while_a_mail_server_is_down_for_half_an_hour_nothing_is_lost_and_one_letter_at_a_time_looks() {
        let (breaker, began) = (Breaker::default(), Instant::now());
        let (down, up) = (began + 10 * SECOND, began + 10 * SECOND + 1_800 * SECOND);
        let patience = 20 * SECOND;
        // when, whether it is the end of a try, and which letter: a new one every two seconds
        let mut agenda: BinaryHeap<Reverse<(Instant, bool, usize)>> =
            (0..1_000_u32).map(|letter| Reverse((began + letter * 2 * SECOND, false, letter as usize))).collect();
        let mut trying = std::collections::HashMap::new();
        let (mut sent, mut probes, mut failed, mut last) = (0, 0, 0, began);
        while let Some(Reverse((now, ends, letter))) = agenda.pop() {
            if ends {
                let pass: Pass = trying.remove(&letter).expect("was being tried");
                agenda.push(Reverse((now + pass.failed(now), false, letter)));
                failed += 1;
                continue;
            }
            match breaker.admit(now) {
                Err(wait) => agenda.push(Reverse((now + wait, false, letter))),
                Ok(pass) if now < down || now >= up => {
                    pass.succeeded();
                    (sent, last) = (sent + 1, last.max(now));
                }
                Ok(pass) => {
                    probes += usize::from(pass.probe);
                    trying.insert(letter, pass);
                    let under_way = trying.values().filter(|pass| pass.probe).count();
                    assert!(under_way <= 1, "{under_way} probes at once");
                    agenda.push(Reverse((now + patience, true, letter)));
                }
            }
        }
        assert_eq!(sent, 1_000, "nothing is lost");
        assert!(probes <= 40, "{probes} probes in half an hour");
        assert!(failed <= probes + 11, "{failed} tries failed: those under way when it went down, and the probes");
        let newest = began + 999 * 2 * SECOND;
        assert!(last <= newest.max(up + 2 * LONGEST + patience), "drained within two minutes: {:?}", last - up);
    }
}
