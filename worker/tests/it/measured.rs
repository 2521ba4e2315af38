//! What can be read at `/metrics` of the queue.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use worker::queue::Timing;
use worker::queue::failure::Failure;

use crate::support::{Db, Heavy, Process, brisk, eventually, on_work, tenant, work};

/// Remembers every figure.
#[derive(Clone, Default)]
struct Book(Arc<Mutex<BTreeMap<String, Arc<AtomicU64>>>>);

struct Count(Arc<AtomicU64>);

impl HistogramFn for Count {
    fn record(&self, _: f64) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Book {
    fn cell(&self, key: &Key) -> Arc<AtomicU64> {
        let labels: Vec<String> = key.labels().map(|label| format!("{}={}", label.key(), label.value())).collect();
        self.0.lock().expect("whole").entry(format!("{} {}", key.name(), labels.join(" "))).or_default().clone()
    }

    fn count(&self, name: &str) -> Option<u64> {
        self.0.lock().expect("whole").get(name).map(|cell| cell.load(Ordering::SeqCst))
    }

    fn gauge(&self, name: &str) -> Option<f64> {
        self.count(name).map(f64::from_bits)
    }
}

impl Recorder for Book {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.cell(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.cell(key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(Arc::new(Count(self.cell(key))))
    }
}

#[tokio::test]
async fn depth_age_attempts_durations_and_the_dead_can_be_read() {
    let book = Book::default();
    metrics::set_global_recorder(book.clone()).expect("the first recorder of the process");
    let db = Db::new().await;
    let process = Process::start_with(
        &db,
        on_work(|label| async move {
            match &*label {
                "good" => Ok(()),
                "bad" => Err(Failure::give_up("no")),
                "broken" => panic!("a mistake in the program"),
                _ => Err(Failure::retry("later")),
            }
        }),
        Timing { sample: Duration::from_millis(20), ..brisk() },
        [worker::queue::LaneConfig::of(domain::kernel::jobs::Lane::Interactive)],
    );
    for (label, state) in [("good", "done"), ("good", "done"), ("bad", "dead"), ("again", "scheduled"), ("broken", "scheduled")] {
        let id = db.enqueue(tenant(1), &work(label)).await;
        db.reaches(id, state).await;
    }
    // nobody works the other lane
    db.enqueue(tenant(1), &Heavy).await;
    let aged = "UPDATE queue.jobs SET run_at = now() - interval '100 s' WHERE kind = 'test.heavy'";
    sqlx::query(aged).execute(&db.owner).await.expect("aged");
    let becomes = async |name: &'static str, figure: f64| {
        eventually(name, async || book.gauge(name).filter(|seen| (*seen - figure).abs() < 0.1)).await;
    };
    becomes("millwright_queue_jobs lane=bulk state=ready", 1.0).await;
    becomes("millwright_queue_jobs lane=interactive state=scheduled", 2.0).await;
    becomes("millwright_queue_jobs lane=interactive state=dead", 1.0).await;
    becomes("millwright_queue_dead kind=test.work", 1.0).await;
    eventually("age", async || book.gauge("millwright_queue_oldest_seconds lane=bulk").filter(|age| (100.0..130.0).contains(age))).await;
    for (outcome, runs) in [("done", 2), ("given_up", 1), ("retry", 1), ("broken", 1)] {
        let name = format!("millwright_job_attempts_total lane=interactive kind=test.work outcome={outcome}");
        assert_eq!(book.count(&name), Some(runs), "{name}: {:?}", book.0);
    }
    assert_eq!(book.count("millwright_job_seconds lane=interactive kind=test.work"), Some(5));
    process.stop().await;
    assert!(book.gauge("millwright_queue_oldest_seconds lane=bulk").is_some_and(f64::is_nan), "whoever is not elected says nothing");
}
