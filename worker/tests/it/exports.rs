//! Lists as files: made by the worker, page by page, and what may come in between.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use domain::exports::schedule::{CreateSchedule, ScheduleInput};
use domain::exports::{Cancel, Fetch, Input, Mine, Request, Show, View};
use domain::kernel::files::Files;
use domain::kernel::scope::Scope;
use domain::{App, Settings};
use futures::TryStreamExt;
use sqlx::Connection;
use uuid::Uuid;
use worker::queue::LaneConfig;

use crate::support::{Child, Db, Firm, Process, eventually, work};

fn asked(format: &str, query: &str) -> Request {
    Request(Input { list: "vendors".into(), format: format.into(), query: query.into(), columns: vec!["name".into(), "kind".into()] })
}

/// Fills the list, past the lists' own code.
async fn fill(db: &Db, scope: &Scope, rows: i64) {
    sqlx::query(
        "INSERT INTO vendors (tenant_id, id, name, kind)
         SELECT $1, gen_random_uuid(), to_char(n, '\"Жеткізуші \"FM000000'), 'supplier' FROM generate_series(1, $2) n",
    )
    .bind(scope.tenant().uuid())
    .bind(rows)
    .execute(&db.owner)
    .await
    .expect("fills");
}

async fn reaches(app: &App, scope: &Scope, export: Uuid, state: &str) -> View {
    eventually(state, async || {
        let view = app.run(scope, Show(export)).await.expect("shows");
        assert!(view.state == state || view.is_live(), "{view:?}");
        (view.state == state).then_some(view)
    })
    .await
}

async fn content(app: &App, scope: &Scope, export: Uuid) -> Vec<u8> {
    let handed = app.run(scope, Fetch(export)).await.expect("hands over");
    let content = app.files(scope).get(handed.file).await.expect("is there");
    let bytes: Vec<Vec<u8>> = content.bytes.try_collect().await.expect("reads");
    bytes.concat()
}

#[tokio::test]
async fn a_list_becomes_a_file_of_each_kind_and_its_member_is_told() {
    let firm = Firm::open().await;
    fill(&firm.db, &firm.admin, 2_345).await;
    let mut letters = 1;
    for format in ["csv", "xlsx", "pdf"] {
        let asked = firm.app().run(&firm.admin, asked(format, "kind=supplier&sort=-name")).await.expect("asks");
        let done = reaches(firm.app(), &firm.admin, asked.id, "done").await;
        assert_eq!((done.rows_done, done.rows_total, done.truncated), (2_345, Some(2_345), false));
        let bytes = content(firm.app(), &firm.admin, asked.id).await;
        assert_eq!(done.bytes, i64::try_from(bytes.len()).ok());
        match format {
            "csv" => {
                let text = String::from_utf8(bytes).expect("is text");
                assert_eq!(text.lines().count(), 2_346);
                assert_eq!(text.lines().nth(1), Some("Жеткізуші 002345,Supplier"));
            }
            "xlsx" => assert!(bytes.starts_with(b"PK")),
            _ => assert!(bytes.starts_with(b"%PDF-")),
        }
        letters += 1;
        let letter = firm.smtp.letter_to("admin@dala.example", letters).await;
        assert!(letter.contains("Your file is ready: Vendors") && letter.contains("http://millwright.test/dala/exports"), "{letter}");
        assert!(letter.contains(&format.to_uppercase()), "{letter}");
    }
    firm.close().await;
}

#[tokio::test]
async fn a_document_says_everything_in_the_language_of_whoever_asked() {
    let firm = Firm::open().await;
    fill(&firm.db, &firm.admin, 3).await;
    let (tenant, admin) = (firm.admin.tenant().uuid(), firm.admin.actor().id.uuid());
    sqlx::query("UPDATE members SET locale = 'ru' WHERE id = $1").bind(admin).execute(&firm.db.owner).await.expect("changes");
    let reader = firm.app().scope_of(tenant, Some(admin), firm.db.world.request()).await.expect("enters");
    let asked = firm.app().run(&reader, asked("pdf", "kind=supplier&sort=-name")).await.expect("asks");
    reaches(firm.app(), &reader, asked.id, "done").await;
    let document = lopdf::Document::load_mem(&content(firm.app(), &reader, asked.id).await).expect("is a document");
    let text = document.extract_text(&[1]).expect("is text");
    for said in ["Поставщики", "Вид: Поставщик", "Название", "Demo dala", "Жеткізуші 000003", "Страница 1 из 1"]
    {
        assert!(text.contains(said), "{said:?} is not in {text}");
    }
    let letter = firm.smtp.letter_to("admin@dala.example", 2).await;
    assert!(letter.contains("Файл готов: Поставщики"), "{letter}");
    firm.close().await;
}

#[tokio::test]
async fn a_document_is_cut_where_it_would_be_too_long_and_a_sheet_is_refused() {
    let db = Db::new().await;
    let company = db.world.company("dala").await;
    fill(&db, &company.admin, 30).await;
    let limits = domain::exports::Limits { rows: 20, document_rows: 10, at_once: 20 };
    let app = over(&db, Settings { exports: limits, ..db.world.app.settings().clone() }).await;
    let process = start(&db, &app);
    let [sheet, document] = [app.run(&company.admin, asked("csv", "")).await, app.run(&company.admin, asked("pdf", "")).await];
    let (sheet, document) = (sheet.expect("asks").id, document.expect("asks").id);
    assert_eq!(reaches(&app, &company.admin, sheet, "failed").await.reason.as_deref(), Some("too_many_rows"));
    assert!(reaches(&app, &company.admin, document, "done").await.truncated);
    process.stop().await;
}

#[tokio::test]
async fn a_cancelled_run_stops_within_two_seconds_and_leaves_no_file() {
    let db = Db::new().await;
    let company = db.world.company("dala").await;
    fill(&db, &company.admin, 10).await;
    let folder = tempfile::tempdir().expect("a folder");
    let app = stored_in(&db, folder.path()).await;
    let process = start(&db, &app);
    // the list cannot be read: the run hangs for as long as the test likes
    let mut other = sqlx::PgConnection::connect(&db.world.url).await.expect("connects");
    let mut held = other.begin().await.expect("begins");
    sqlx::query("LOCK TABLE vendors IN ACCESS EXCLUSIVE MODE").execute(&mut *held).await.expect("locks");
    let export = app.run(&company.admin, asked("csv", "")).await.expect("asks").id;
    eventually("it runs", async || (app.run(&company.admin, Show(export)).await.expect("shows").state == "running").then_some(())).await;
    let began = Instant::now();
    app.run(&company.admin, Cancel(export)).await.expect("asks to stop");
    reaches(&app, &company.admin, export, "cancelled").await;
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    drop(held);
    assert_eq!(files(folder.path()), 1, "nothing but the store's own mark");
    db.becomes("SELECT count(*) FROM queue.jobs WHERE kind = 'export.run' AND state = 'done'", 1).await;
    process.stop().await;
}

#[tokio::test]
async fn a_full_disk_fails_the_export_in_words_and_its_neighbours_go_on() {
    let db = Db::new().await;
    let company = db.world.company("dala").await;
    fill(&db, &company.admin, 10).await;
    let folder = tempfile::tempdir().expect("a folder");
    let app = over(&db, Settings { files: Files::full(folder.path()).await, ..db.world.app.settings().clone() }).await;
    let export = app.run(&company.admin, asked("csv", "")).await.expect("asks").id;
    let process = start(&db, &app);
    db.enqueue(company.admin.tenant().uuid(), &work("a neighbour")).await;
    let failed = reaches(&app, &company.admin, export, "failed").await;
    assert_eq!(failed.reason.as_deref(), Some("storage_full"));
    db.becomes("SELECT count(*) FROM queue.jobs WHERE kind = 'export.run' AND state = 'dead' AND last_error LIKE '%storage_full%'", 1)
        .await;
    db.becomes("SELECT count(*) FROM queue.jobs WHERE kind = 'test.work' AND state = 'done'", 1).await;
    db.becomes("SELECT count(*) FROM notifications WHERE kind = 'export.failed' AND params->>'reason' = 'storage_full'", 1).await;
    process.stop().await;
}

#[tokio::test]
async fn a_run_whose_worker_vanished_is_done_again_at_the_same_place() {
    let db = Db::new().await;
    let company = db.world.company("dala").await;
    fill(&db, &company.admin, 1_500).await;
    let folder = tempfile::tempdir().expect("a folder");
    let app = stored_in(&db, folder.path()).await;
    let export = app.run(&company.admin, asked("xlsx", "")).await.expect("asks").id;
    // what a worker that is killed in the middle leaves: a run begun, and part of a file
    let house = app.scope_of(company.admin.tenant().uuid(), None, db.world.request()).await.expect("enters");
    let order = app.run(&house, domain::exports::Begin(export)).await.expect("begins").expect("is to be done");
    app.files(&house).replace(order.file, &b"half"[..], 100).await.expect("writes");
    let kept = folder.path().join("tenants").join(company.admin.tenant().to_string());
    std::fs::write(kept.join(format!("{}#1", order.file.uuid())), "the beginning of a large one").expect("writes");
    let process = start(&db, &app);
    let done = reaches(&app, &company.admin, export, "done").await;
    assert_eq!(done.rows_done, 1_500);
    assert!(content(&app, &company.admin, export).await.starts_with(b"PK"));
    assert_eq!(files(folder.path()), 2, "one file, and the store's own mark");
    process.stop().await;
}

#[tokio::test]
async fn a_schedule_sends_its_list_by_the_clock_and_stops_when_its_owner_leaves() {
    let firm = Firm::open().await;
    fill(&firm.db, &firm.admin, 12).await;
    let input = serde_json::json!({
        "name": "Every morning", "list": "vendors", "format": "csv", "every": "day", "at": "08:00", "recipients": [firm.admin.actor().id.uuid()],
    });
    let input: ScheduleInput = serde_json::from_value(input).expect("an input");
    let schedule = firm.app().run(&firm.admin, CreateSchedule(input)).await.expect("adds");
    let next = schedule.next_at.expect("comes");
    firm.db.world.clock.advance(next - firm.db.world.clock.now());
    let letter = firm.smtp.letter_to("admin@dala.example", 2).await;
    assert!(letter.contains("Every morning: the list is ready") && letter.contains("http://millwright.test/dala/exports"), "{letter}");
    let mine = firm.app().run(&firm.admin, Mine { before: None, limit: 5 }).await.expect("lists");
    assert_eq!((mine.len(), mine[0].rows_done), (1, 12));
    let text = String::from_utf8(content(firm.app(), &firm.admin, mine[0].id).await).expect("is text");
    assert_eq!(text.lines().count(), 13);

    // somebody else's, who is gone by the next morning
    let gone = "UPDATE export_schedules SET member_id = $1";
    sqlx::query(gone).bind(firm.technician.actor().id.uuid()).execute(&firm.db.owner).await.expect("hands over");
    let leaves = "UPDATE members SET active = false WHERE id = $1";
    sqlx::query(leaves).bind(firm.technician.actor().id.uuid()).execute(&firm.db.owner).await.expect("leaves");
    firm.db.world.clock.advance(TimeDelta::days(1));
    let letter = firm.smtp.letter_to("admin@dala.example", 3).await;
    assert!(letter.contains("A scheduled export stopped: Every morning"), "{letter}");
    firm.db.becomes("SELECT count(*) FROM export_schedules WHERE stopped = 'member_gone' AND NOT active", 1).await;
    firm.db.becomes("SELECT count(*) FROM timers WHERE kind = 'export'", 0).await;
    firm.close().await;
}

#[tokio::test]
async fn killed_in_the_middle_of_a_list_the_next_process_makes_one_file_of_it() {
    let db = Db::new().await;
    let company = db.world.company("dala").await;
    fill(&db, &company.admin, 40_000).await;
    let folder = tempfile::tempdir().expect("a folder");
    let app = stored_in(&db, folder.path()).await;
    let export = app.run(&company.admin, asked("csv", "")).await.expect("asks").id;
    let mut child = Child::filing(&db, 600, folder.path()).await;
    eventually("it is in the middle", async || (app.run(&company.admin, Show(export)).await.expect("shows").rows_done > 0).then_some(()))
        .await;
    child.kill().await;
    let left = app.run(&company.admin, Show(export)).await.expect("shows");
    assert!(left.state == "running" && left.rows_done < 40_000, "{left:?}");
    assert_eq!(files(folder.path()), 1, "nothing but the store's own mark");
    let _next = Child::filing(&db, 600, folder.path()).await;
    let done = reaches(&app, &company.admin, export, "done").await;
    assert_eq!(done.rows_done, 40_000);
    let text = String::from_utf8(content(&app, &company.admin, export).await).expect("is text");
    assert_eq!(text.lines().collect::<std::collections::BTreeSet<_>>().len(), 40_001, "every row once");
    assert_eq!(files(folder.path()), 2, "one file, and the store's own mark");
}

/// The file store of a folder.
async fn stored_in(db: &Db, folder: &std::path::Path) -> App {
    let files = Files::open(&domain::kernel::files::Place::Folder(folder.to_owned())).await.expect("opens");
    over(db, Settings { files, ..db.world.app.settings().clone() }).await
}

async fn over(db: &Db, settings: Settings) -> App {
    App::connect(settings, db.world.clock.clone()).await.expect("connects")
}

/// A worker with every handler of the program, and one of the tests'.
fn start(db: &Db, app: &App) -> Process {
    let mail =
        worker::mail::Config { route: worker::mail::Route::Folder(std::env::temp_dir()), from: "Mill <no-reply@mill.example>".into() };
    let mailer = worker::mail::Mailer::new(&mail).expect("is configured");
    let post = worker::jobs::Post { app: app.clone(), mailer, telegram: None };
    let registry = worker::jobs::registry(&post).on(|_, _: crate::support::Work| async { Ok(()) });
    Process::start_with(db, registry, crate::support::brisk(), domain::kernel::jobs::Lane::ALL.map(LaneConfig::of))
}

fn files(folder: &std::path::Path) -> usize {
    let entries = std::fs::read_dir(folder).expect("is there").map(|entry| entry.expect("is there").path());
    entries.map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
}
