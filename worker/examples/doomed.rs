//! A worker process for the tests that kill, stop and starve one: `tests/it/crashes.rs` says what is expected of it.
//!
//! It says on standard output how far each job has come, and waits for a line on standard input where the job's label asks for it:
//! `name@began` before the effect, `name@effected` after it. `abort` and `hungry` take the process down. SIGTERM drains it. With a folder for
//! files it does the program's own jobs too.

use std::io::{BufRead, Write};
use std::sync::Arc;
use std::time::Duration;

use domain::exports::Limits;
use domain::kernel::clock::Clock;
use domain::kernel::files::{Files, Place};
use domain::kernel::jobs::{Job, Lane};
use domain::kernel::secret::Secret;
use domain::{App, Settings};
use serde::{Deserialize, Serialize};
use sqlx::postgres::PgPoolOptions;
use sqlx::{Executor, PgPool};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use worker::jobs::{Post, registry};
use worker::mail::{Config, Mailer, Route};
use worker::queue::failure::Failure;
use worker::queue::{self, LaneConfig, Timing};
use worker::registry::{JobContext, Outcome, Registry};

/// As the tests enqueue it.
#[derive(Serialize, Deserialize)]
struct Work {
    label: String,
}

impl Job for Work {
    const KIND: &'static str = "test.work";
    const QUEUE: Lane = Lane::Interactive;
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is set by the test"))
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).expect("the test listens");
}

/// Lines on standard input, one permit each.
fn lines() -> Arc<Notify> {
    let line = Arc::new(Notify::new());
    let heard = line.clone();
    std::thread::spawn(move || {
        for _ in std::io::stdin().lock().lines() {
            heard.notify_one();
        }
    });
    line
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let url = variable("DOOMED_DATABASE");
    let millis = |name| Duration::from_millis(variable(name).parse().expect("a number"));
    let pool = PgPoolOptions::new()
        .max_connections(8)
        .after_connect(|conn, _| {
            Box::pin(async move { conn.execute("SET ROLE millwright_worker; SET application_name = 'doomed'").await.map(drop) })
        })
        .connect_lazy(&url)
        .expect("an address");
    let effects = PgPoolOptions::new().max_connections(2).connect_lazy(&url).expect("an address");
    let brisk = Duration::from_millis(20);
    let timing = Timing { lease: millis("DOOMED_LEASE"), poll: brisk, promote: brisk, rescue: brisk, watch: brisk, ..Timing::default() };
    let concurrency = variable("DOOMED_CONCURRENCY").parse().expect("a number");
    let lanes = Lane::ALL.map(|lane| LaneConfig { concurrency, window: 8, batch: 1, ..LaneConfig::of(lane) });
    let line = lines();
    let registry = match std::env::var("DOOMED_FILES") {
        Ok(folder) => program(&url, &folder).await,
        Err(_) => Registry::new(),
    };
    let registry = registry.on(move |context, job: Work| run(context, job.label, effects.clone(), line.clone()));
    let stop = CancellationToken::new();
    let asked = stop.clone();
    let mut term = signal(SignalKind::terminate()).expect("signals are heard");
    tokio::spawn(async move {
        term.recv().await;
        asked.cancel();
    });
    say("started");
    queue::serve(pool, registry, &lanes, timing, stop).await;
    say("drained");
}

/// Every handler of the program, over a folder of files.
async fn program(url: &str, folder: &str) -> Registry {
    let settings = Settings {
        database_url: url.to_owned(),
        max_connections: 4,
        secret: Secret::new(b"a secret of tests, long enough, not of anybody").expect("is long enough"),
        public_url: "http://millwright.test".to_owned(),
        workflows: None,
        files: Files::open(&Place::Folder(folder.into())).await.expect("opens"),
        exports: Limits::default(),
    };
    let app = App::connect(settings, Clock::system()).await.expect("connects");
    let mail = Config { route: Route::Folder(std::env::temp_dir()), from: "Mill <no-reply@mill.example>".to_owned() };
    registry(&Post { app, mailer: Mailer::new(&mail).expect("is configured"), telegram: None })
}

async fn run(context: JobContext, label: String, effects: PgPool, line: Arc<Notify>) -> Outcome {
    let (name, pause) = label.split_once('@').unwrap_or((&label, ""));
    let reached = async |point: &str| {
        say(&format!("{name} {point}"));
        if pause == point {
            line.notified().await;
        }
    };
    match name {
        "abort" => std::process::abort(),
        "hungry" => starve(),
        "export" => return export(&context, &line).await,
        _ => {}
    }
    reached("began").await;
    let sql = "INSERT INTO effects (key) VALUES ($1) ON CONFLICT (key) DO UPDATE SET tries = effects.tries + 1";
    sqlx::query(sql).bind(name).execute(&effects).await.map_err(|error| Failure::retry(error.to_string()))?;
    reached("effected").await;
    Ok(())
}

/// Takes memory until there is none.
fn starve() -> ! {
    let mut taken = Vec::new();
    loop {
        taken.push(vec![1_u8; 64 << 20]);
    }
}

/// Ten pages, the first of them those of an earlier run; a fresh one waits at the fifth.
async fn export(context: &JobContext, line: &Notify) -> Outcome {
    let from = context.reached().and_then(|reached| reached["page"].as_u64()).unwrap_or(0);
    for page in from + 1..=10 {
        context.progress(serde_json::json!({ "page": page }));
        say(&format!("export page {page}"));
        if from == 0 && page == 5 {
            line.notified().await;
        }
    }
    Ok(())
}
