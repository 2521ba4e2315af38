//! Exports: what may be asked, who may have it, and what a run may write down.

mod rights;
mod schedules;

use chrono::TimeDelta;
use futures::TryStreamExt;
use sqlx::Connection;
use uuid::Uuid;

use super::{Begin, Cancel, End, Ended, Expire, Expired, Fetch, Input, Mine, Order, Progress, Remove, Request, Show, Standing, View, list};
use crate::kernel::error::{Error, Result};
use crate::kernel::export::{Format, sheet};
use crate::kernel::permission::Permission;
use crate::kernel::scope::{Request as Origin, Scope};
use crate::kernel::testing::{Company, World, named};

fn input(list: &str, format: &str, query: &str) -> Input {
    Input { list: list.into(), format: format.into(), query: query.into(), columns: Vec::new() }
}

async fn ask(world: &World, scope: &Scope) -> View {
    world.app.run(scope, Request(input("vendors", "csv", ""))).await.expect("asks")
}

/// The company itself, as the worker is.
async fn house(world: &World, company: &Company) -> Scope {
    world.app.scope_of(company.admin.tenant().uuid(), None, Origin::internal("worker")).await.expect("has a system actor")
}

async fn begin(world: &World, house: &Scope, export: Uuid) -> Order {
    world.app.run(house, Begin(export)).await.expect("begins").expect("is to be done")
}

fn done(reader: &Scope) -> Ended {
    Ended::done(reader, 12, 3, false, vec![Permission::VendorView])
}

async fn end(world: &World, house: &Scope, order: &Order, how: Ended) -> Standing {
    world.app.run(house, End { export: order.export, run: order.run, how }).await.expect("ends")
}

async fn count(world: &World, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(&mut world.superuser().await).await.expect("counts")
}

#[tokio::test]
async fn what_cannot_be_exported_is_refused_by_name() {
    let world = World::new().await;
    let company = world.company("north").await;
    let wrong = Input { columns: vec!["name".into(), "salary".into()], ..input("vendors", "docx", "kind=friend&colour=red") };
    let names: Vec<String> = named(world.app.run(&company.admin, Request(wrong)).await).into_iter().map(|(field, _)| field).collect();
    assert_eq!(names, ["format", "columns", "query/kind", "query/colour"]);
    assert_eq!(
        named(world.app.run(&company.admin, Request(input("secrets", "csv", ""))).await),
        [("list".to_owned(), "not_one_of".to_owned())]
    );
    assert_eq!(count(&world, "SELECT count(*) FROM exports").await, 0);
}

#[tokio::test]
async fn an_export_is_kept_as_it_was_asked_and_queued_with_it() {
    let world = World::new().await;
    let company = world.company("north").await;
    let asked = Input { columns: vec!["name".into()], ..input("vendors", "xlsx", "kind=supplier&sort=-name") };
    let view = world.app.run(&company.admin, Request(asked.clone())).await.expect("asks");
    assert_eq!((view.list, view.format, view.query, view.columns), (asked.list, asked.format, asked.query, asked.columns));
    assert_eq!(view.state, "queued");
    assert_eq!(count(&world, "SELECT count(*) FROM queue.jobs WHERE kind = 'export.run' AND queue = 'bulk' AND state = 'ready'").await, 1);
}

#[tokio::test]
async fn a_company_has_only_so_many_exports_at_once() {
    let world = World::new().await;
    let company = world.company("north").await;
    for _ in 0..20 {
        ask(&world, &company.admin).await;
    }
    let more = world.app.run(&company.admin, Request(input("vendors", "csv", ""))).await;
    assert!(matches!(more, Err(Error::Limited { .. })), "{more:?}");
    let first = world.app.run(&company.admin, Mine { before: None, limit: 1 }).await.expect("lists")[0].id;
    world.app.run(&company.admin, Cancel(first)).await.expect("cancels");
    ask(&world, &company.admin).await;
}

#[tokio::test]
async fn a_run_is_followed_and_ends_with_a_file_its_member_is_told_of() {
    let world = World::new().await;
    let company = world.company("north").await;
    let (house, id) = (house(&world, &company).await, ask(&world, &company.admin).await.id);
    let order = begin(&world, &house, id).await;
    assert_eq!(order.member, company.admin.actor().id);
    let progress = Progress { export: id, run: order.run, done: 2, total: Some(3) };
    assert_eq!(world.app.run(&house, progress).await.expect("notes"), Standing::Going);
    let view = world.app.run(&company.admin, Show(id)).await.expect("shows");
    assert_eq!((view.state.as_str(), view.rows_done, view.rows_total), ("running", 2, Some(3)));
    assert!(matches!(world.app.run(&company.admin, Fetch(id)).await, Err(Error::NotFound)), "there is no file yet");

    assert_eq!(end(&world, &house, &order, done(&company.admin)).await, Standing::Going);
    let handed = world.app.run(&company.admin, Fetch(id)).await.expect("hands over");
    assert_eq!((handed.file, handed.kind.extension()), (order.file, "csv"));
    assert_eq!(count(&world, "SELECT count(*) FROM notifications WHERE kind = 'export.ready' AND params->>'list' = 'vendors'").await, 1);
    assert_eq!(count(&world, "SELECT count(*) FROM queue.jobs WHERE kind = 'notify.email'").await, 1);
    assert!(world.app.run(&house, Begin(id)).await.expect("looks").is_none(), "a job delivered twice does it once");
}

#[tokio::test]
async fn a_run_that_was_taken_over_writes_nothing() {
    let world = World::new().await;
    let company = world.company("north").await;
    let (house, id) = (house(&world, &company).await, ask(&world, &company.admin).await.id);
    let (first, second) = (begin(&world, &house, id).await, begin(&world, &house, id).await);
    assert_eq!(first.file, second.file, "done again, it is put at the same place");
    let late = Progress { export: id, run: first.run, done: 9, total: None };
    assert_eq!(world.app.run(&house, late).await.expect("looks"), Standing::Superseded);
    assert_eq!(end(&world, &house, &first, Ended::Failed("internal")).await, Standing::Superseded);
    assert_eq!(end(&world, &house, &second, done(&company.admin)).await, Standing::Going);
    assert_eq!(end(&world, &house, &first, done(&company.admin)).await, Standing::Superseded);
    assert_eq!(count(&world, "SELECT count(*) FROM notifications WHERE subject = 'export'").await, 1);
}

#[tokio::test]
async fn a_cancelled_export_makes_no_file() {
    let world = World::new().await;
    let company = world.company("north").await;
    let house = house(&world, &company).await;
    let waiting = ask(&world, &company.admin).await.id;
    assert_eq!(world.app.run(&company.admin, Cancel(waiting)).await.expect("cancels").state, "cancelled");
    assert!(world.app.run(&house, Begin(waiting)).await.expect("looks").is_none());

    let running = ask(&world, &company.admin).await.id;
    let order = begin(&world, &house, running).await;
    assert!(world.app.run(&company.admin, Cancel(running)).await.expect("asks to stop").cancelling);
    let progress = Progress { export: running, run: order.run, done: 1, total: None };
    assert_eq!(world.app.run(&house, progress).await.expect("looks"), Standing::Stopped);
    assert_eq!(end(&world, &house, &order, done(&company.admin)).await, Standing::Stopped, "it was too late to finish");
    let view = world.app.run(&company.admin, Show(running)).await.expect("shows");
    assert_eq!((view.state.as_str(), view.bytes), ("cancelled", None));

    // the worker died before it saw the wish
    let third = ask(&world, &company.admin).await.id;
    begin(&world, &house, third).await;
    world.app.run(&company.admin, Cancel(third)).await.expect("asks to stop");
    assert!(world.app.run(&house, Begin(third)).await.expect("looks").is_none());
    assert_eq!(world.app.run(&company.admin, Show(third)).await.expect("shows").state, "cancelled");
    assert_eq!(count(&world, "SELECT count(*) FROM notifications WHERE subject = 'export'").await, 0);
}

#[tokio::test]
async fn an_export_that_is_taken_away_stops_its_run_and_takes_the_file_along() {
    let world = World::new().await;
    let company = world.company("north").await;
    let (house, id) = (house(&world, &company).await, ask(&world, &company.admin).await.id);
    let order = begin(&world, &house, id).await;
    world.app.run(&company.admin, Remove(id)).await.expect("removes");
    assert_eq!(end(&world, &house, &order, done(&company.admin)).await, Standing::Stopped);
    assert_eq!(count(&world, "SELECT count(*) FROM queue.jobs WHERE kind = 'file.remove'").await, 1);
    assert!(matches!(world.app.run(&company.admin, Remove(id)).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn files_have_their_time_and_lost_exports_say_so() {
    let world = World::new().await;
    let company = world.company("north").await;
    let house = house(&world, &company).await;
    let (id, lost) = (ask(&world, &company.admin).await.id, ask(&world, &company.admin).await.id);
    let order = begin(&world, &house, id).await;
    end(&world, &house, &order, done(&company.admin)).await;
    let mut conn = world.superuser().await;
    sqlx::query("UPDATE queue.jobs SET state = 'dead', finished_at = now() WHERE unique_key = $1")
        .bind(lost.to_string())
        .execute(&mut conn)
        .await
        .expect("dies");
    let tend = async || -> i64 {
        let mut conn = sqlx::PgConnection::connect(&world.url).await.expect("connects");
        sqlx::query_scalar("SELECT app.tend_exports($1)").bind(world.clock.now()).fetch_one(&mut conn).await.expect("tends")
    };
    assert_eq!(tend().await, 0, "its time has not come");
    let view = world.app.run(&company.admin, Show(lost)).await.expect("shows");
    assert_eq!((view.state.as_str(), view.reason.as_deref()), ("failed", Some("interrupted")));

    world.clock.advance(TimeDelta::days(7));
    assert!(matches!(world.app.run(&company.admin, Fetch(id)).await, Err(Error::Conflict("export_expired"))));
    assert_eq!(tend().await, 1);
    assert_eq!(tend().await, 0, "it is queued already");
    assert_eq!(world.app.run(&house, Expire(id)).await.expect("looks"), Some(order.file));
    world.app.run(&house, Expired(id)).await.expect("notes");
    assert_eq!(world.app.run(&house, Expire(id)).await.expect("looks"), None);
    assert_eq!(world.app.run(&company.admin, Show(id)).await.expect("shows").state, "expired");
    world.clock.advance(TimeDelta::days(60));
    tend().await;
    assert_eq!(count(&world, "SELECT count(*) FROM exports").await, 0, "nothing grows without bound");
}

#[tokio::test]
async fn a_sheet_holds_what_the_filter_finds_in_its_order_page_after_page() {
    let world = World::new().await;
    let company = world.company("north").await;
    let mut conn = world.superuser().await;
    sqlx::query(
        "INSERT INTO vendors (tenant_id, id, name, kind) SELECT $1, gen_random_uuid(), to_char(n, '\"=V\"FM00000'), 'supplier' FROM generate_series(1, 2500) n",
    )
    .bind(company.admin.tenant().uuid())
    .execute(&mut conn)
    .await
    .expect("fills");
    world.vendor(&company.admin, "Another kind").await;
    let vendors = list("vendors").expect("is a list");
    let query = || vendors.query("q=V0&sort=-name", &company.admin).expect("reads");
    assert_eq!(vendors.count(&world.app, &company.admin, query(), 10_000).await.expect("counts"), 2500);
    assert_eq!(vendors.count(&world.app, &company.admin, query(), 100).await.expect("counts"), 101, "no further than told");
    let table = vendors.table(&world.app, &company.admin, query(), &["name".to_owned()]).expect("may");
    let bytes: Vec<Vec<u8>> = sheet(table, Format::Csv, World::words()).try_collect().await.expect("writes");
    let text = String::from_utf8(bytes.concat()).expect("is text");
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!((lines.len(), lines[0], lines[1], lines[2500]), (2501, "name", "'=V02500", "'=V00001"), "formulas are no formulas");
}

async fn fetch(world: &World, scope: &Scope, id: Uuid) -> Result<super::Handed> {
    world.app.run(scope, Fetch(id)).await
}
