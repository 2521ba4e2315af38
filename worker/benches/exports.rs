//! What lists as files cost: seconds, and how much the process grows while one is made, which must not depend on its rows.
//! `infra/bench exports` runs it; `BENCH_ROWS` says how many rows, separated by spaces. Linux alone tells a process's peak.

use std::io::Write as _;
use std::time::{Duration, Instant};

use domain::exports::{FORMATS, Fetch, Input, Request, Show};
use domain::kernel::files::{Files, Place};
use domain::kernel::jobs::Lane;
use domain::kernel::scope::Scope;
use domain::kernel::testing::World;
use domain::{App, Settings};
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use worker::jobs::{Post, registry};
use worker::mail::{Config, Mailer, Route};
use worker::queue::{self, LaneConfig, Timing};

/// A field of the process's status, in MB.
fn memory(field: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("is Linux");
    let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':')).expect("is there");
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kilobytes / 1024.0
}

/// Forgets the highest memory so far.
fn forget_peak() {
    std::fs::write("/proc/self/clear_refs", "5").expect("may forget");
}

async fn fill(pool: &PgPool, scope: &Scope, rows: i64) {
    let tenant = scope.tenant().uuid();
    sqlx::query("DELETE FROM vendors WHERE tenant_id = $1").bind(tenant).execute(pool).await.expect("empties");
    sqlx::query(
        "INSERT INTO vendors (tenant_id, id, name, kind, contact_name, email, phone)
         SELECT $1, gen_random_uuid(), to_char(n, '\"Жеткізуші \"FM000000'), 'supplier', 'Айгүл Серікқызы', n || '@vendor.example', '+7 700 000 00 00'
         FROM generate_series(1, $2) n",
    )
    .bind(tenant)
    .bind(rows)
    .execute(pool)
    .await
    .expect("fills");
    sqlx::query("ANALYZE vendors").execute(pool).await.expect("analyses");
}

/// Makes one file; answers seconds, megabytes the process grew by at most, and megabytes of the file.
async fn make(app: &App, scope: &Scope, format: &str) -> (f64, f64, f64) {
    let input = Input { list: "vendors".into(), format: format.into(), ..Input::default() };
    let before = memory("VmRSS");
    forget_peak();
    let began = Instant::now();
    let id = app.run(scope, Request(input)).await.expect("asks").id;
    let bytes = loop {
        let view = app.run(scope, Show(id)).await.expect("shows");
        assert!(view.is_live() || view.state == "done", "{view:?}");
        match view.bytes {
            Some(bytes) => break bytes,
            None => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    };
    let seconds = began.elapsed().as_secs_f64();
    let grown = (memory("VmHWM") - before).max(0.0);
    app.run(scope, Fetch(id)).await.expect("is handed over");
    (seconds, grown, f64::from(u32::try_from(bytes / 1024).unwrap_or(u32::MAX)) / 1024.0)
}

#[tokio::main]
async fn main() {
    let rows = std::env::var("BENCH_ROWS").unwrap_or_else(|_| "10000 100000".to_owned());
    let world = World::new().await;
    let company = world.company("dala").await;
    let folder = tempfile::tempdir().expect("a folder");
    let files = Files::open(&Place::Folder(folder.path().to_owned())).await.expect("opens");
    let app = App::connect(Settings { files, ..world.app.settings().clone() }, world.clock.clone()).await.expect("connects");
    let mail = Config { route: Route::Folder(folder.path().to_owned()), from: "Mill <no-reply@mill.example>".into() };
    let registry = registry(&Post { app: app.clone(), mailer: Mailer::new(&mail).expect("is configured"), telegram: None });
    let pool = app.queue_pool(8).await.expect("connects");
    let stop = CancellationToken::new();
    let ended = stop.clone();
    let running = tokio::spawn(async move { queue::serve(pool, registry, &Lane::ALL.map(LaneConfig::of), Timing::default(), ended).await });

    let owner = PgPool::connect(&world.url).await.expect("connects");
    let mut out = std::io::stdout();
    // what is set up once is not a list's
    fill(&owner, &company.admin, 100).await;
    for format in FORMATS {
        make(&app, &company.admin, format).await;
    }
    for rows in rows.split_whitespace().map(|rows| rows.parse::<i64>().expect("a number of rows")) {
        fill(&owner, &company.admin, rows).await;
        for format in FORMATS {
            let (seconds, grown, size) = make(&app, &company.admin, format).await;
            writeln!(out, "{format} {rows} {seconds:.1} {grown:.0} {size:.1}").expect("somebody reads");
        }
    }
    stop.cancel();
    running.await.expect("ends");
}
