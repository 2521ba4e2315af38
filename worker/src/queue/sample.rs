//! What there is in the queue, as gauges. The elected process says it; one that is no longer elected says nothing.

use std::collections::BTreeSet;

use domain::kernel::jobs::Lane;

use super::store::Load;

/// The gauge of jobs by lane and state.
pub const JOBS: &str = "millwright_queue_jobs";
/// The gauge of how long the oldest job of a lane has been due, in seconds.
pub const OLDEST: &str = "millwright_queue_oldest_seconds";
/// The gauge of dead jobs by kind.
pub const DEAD: &str = "millwright_queue_dead";

const STATES: [&str; 4] = ["ready", "scheduled", "running", "dead"];

/// What was said last.
#[derive(Debug, Default)]
pub struct Sample {
    said: bool,
    /// Kinds that had dead jobs: said to be none once there are none.
    kinds: BTreeSet<String>,
}

impl Sample {
    /// Says what there is.
    pub fn take(&mut self, load: &[Load], dead: &[(String, i64)]) {
        self.said = true;
        for lane in Lane::ALL {
            let of = |state| load.iter().find(move |l| l.queue == lane.as_str() && l.state == state);
            for state in STATES {
                metrics::gauge!(JOBS, "lane" => lane.as_str(), "state" => state).set(of(state).map_or(0.0, |l| figure(l.jobs)));
            }
            metrics::gauge!(OLDEST, "lane" => lane.as_str()).set(of("ready").map_or(0.0, |l| l.age.max(0.0)));
        }
        let gone = self.kinds.iter().filter(|kind| !dead.iter().any(|(dead, _)| dead == *kind));
        for kind in gone {
            metrics::gauge!(DEAD, "kind" => kind.clone()).set(0.0);
        }
        for (kind, jobs) in dead {
            metrics::gauge!(DEAD, "kind" => kind.clone()).set(figure(*jobs));
            self.kinds.insert(kind.clone());
        }
    }

    /// Takes everything back.
    pub fn forget(&mut self) {
        if !std::mem::take(&mut self.said) {
            return;
        }
        for lane in Lane::ALL {
            for state in STATES {
                metrics::gauge!(JOBS, "lane" => lane.as_str(), "state" => state).set(f64::NAN);
            }
            metrics::gauge!(OLDEST, "lane" => lane.as_str()).set(f64::NAN);
        }
        for kind in std::mem::take(&mut self.kinds) {
            metrics::gauge!(DEAD, "kind" => kind).set(f64::NAN);
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "nobody has 2^52 jobs")]
fn figure(jobs: i64) -> f64 {
    jobs as f64
}
