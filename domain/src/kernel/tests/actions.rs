//! Actions: events and jobs come with the commit or not at all; a transaction that lost a race is run again; logs are only
//! ever added to.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use uuid::Uuid;

use super::Raw;
use crate::identity::jobs::ResetMail;
use crate::inventory::Vendor;
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Error, Result};
use crate::kernel::event::Event;
use crate::kernel::id::Id;
use crate::kernel::migrate::statements;
use crate::kernel::permission::Permission;
use crate::kernel::resource::{Create, Show};
use crate::kernel::tenant::Access;
use crate::kernel::testing::{World, named, read};

/// Says, asks for work, and fails so many times before it succeeds.
#[derive(Clone)]
struct Busy {
    record: Id<Vendor>,
    fails: usize,
    with: &'static str,
    tries: Arc<AtomicUsize>,
}

impl Busy {
    fn new(fails: usize, with: &'static str) -> Self {
        Self { record: Id::new(), fails, with, tries: Arc::default() }
    }

    fn tries(&self) -> usize {
        self.tries.load(Ordering::SeqCst)
    }
}

impl Action for Busy {
    const NEEDS: Permission = Permission::Member;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        cx.emit(Event::new("test.happened", "test", self.record).with(json!({ "why": "a test" })));
        cx.enqueue(&ResetMail { account: self.record.uuid() })?;
        sqlx::query("INSERT INTO categories (tenant_id, id, name) VALUES ($1, $2, $2::text)")
            .bind(cx.tenant().uuid())
            .bind(self.record.uuid())
            .execute(cx.conn())
            .await?;
        if self.tries.fetch_add(1, Ordering::SeqCst) < self.fails {
            sqlx::query(self.with).execute(cx.conn()).await?;
        }
        Ok(())
    }
}

const LOST_A_RACE: &str = "DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = 'serialization_failure'; END $$";
const DEADLOCK: &str = "DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = 'deadlock_detected'; END $$";
const FAULT: &str = "SELECT 1 / 0";

/// Events, jobs and rows an action left.
async fn left(world: &World, record: Uuid) -> (i64, i64, i64) {
    sqlx::query_as(
        "SELECT (SELECT count(*) FROM events WHERE record_id = $1), (SELECT count(*) FROM queue.jobs WHERE payload->>'account' = $1::text),
           (SELECT count(*) FROM categories WHERE id = $1)",
    )
    .bind(record)
    .fetch_one(&mut world.superuser().await)
    .await
    .expect("counts")
}

#[tokio::test]
async fn given_an_action_when_it_succeeds_then_its_event_and_job_are_there_and_when_it_fails_nothing_is() {
    let world = World::new().await;
    let company = world.company("north").await;
    let good = Busy::new(0, FAULT);
    world.app.run(&company.admin, good.clone()).await.expect("succeeds");
    assert_eq!(left(&world, good.record.uuid()).await, (1, 1, 1));
    let (tenant, actor, at): (Uuid, Uuid, chrono::DateTime<chrono::Utc>) =
        sqlx::query_as("SELECT tenant_id, actor, at FROM events WHERE record_id = $1")
            .bind(good.record.uuid())
            .fetch_one(&mut world.superuser().await)
            .await
            .expect("is there");
    assert_eq!((tenant, actor, at), (company.admin.tenant().uuid(), company.admin.actor().id.uuid(), world.clock.now()));
    let bad = Busy::new(1, FAULT);
    let fault = world.app.run(&company.admin, bad.clone()).await.expect_err("fails");
    assert!(matches!(fault, Error::Internal(_)), "{fault:?}");
    assert_eq!((left(&world, bad.record.uuid()).await, bad.tries()), ((0, 0, 0), 1));
}

#[tokio::test]
async fn given_a_transaction_that_lost_a_race_when_run_again_then_it_takes_effect_once() {
    let world = World::new().await;
    let company = world.company("north").await;
    for with in [LOST_A_RACE, DEADLOCK] {
        let unlucky = Busy::new(3, with);
        world.app.run(&company.admin, unlucky.clone()).await.expect("succeeds in the end");
        assert_eq!((left(&world, unlucky.record.uuid()).await, unlucky.tries()), ((1, 1, 1), 4));
        let hopeless = Busy::new(9, with);
        world.app.run(&company.admin, hopeless.clone()).await.expect_err("gives up");
        assert_eq!((left(&world, hopeless.record.uuid()).await, hopeless.tries()), ((0, 0, 0), 4));
    }
}

/// Writes where only reading was declared.
#[derive(Clone)]
struct Sly;

impl Action for Sly {
    const NEEDS: Permission = Permission::Member;
    const ACCESS: Access = Access::Read;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        sqlx::query("INSERT INTO categories (tenant_id, id, name) VALUES ($1, $2, 'Sly')")
            .bind(cx.tenant().uuid())
            .bind(Uuid::now_v7())
            .execute(cx.conn())
            .await?;
        Ok(())
    }
}

#[tokio::test]
async fn given_a_reader_when_it_writes_then_the_database_refuses() {
    let world = World::new().await;
    let company = world.company("north").await;
    let refused = world.app.run(&company.admin, Sly).await.expect_err("only reads");
    assert!(matches!(refused, Error::Internal(ref why) if why.contains("read-only")), "{refused:?}");
}

#[tokio::test]
async fn given_what_happened_when_a_company_would_change_it_then_it_cannot() {
    let world = World::new().await;
    let company = world.company("north").await;
    world.work_order(&company.admin, "Belt", company.site).await;
    let before = world.snapshot(&company.admin).await;
    for statement in [
        "UPDATE audit_log SET tbl = 'nothing'",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
        "UPDATE events SET kind = 'nothing'",
        "DELETE FROM events",
        "UPDATE workflow_history SET to_state = 'closed'",
        "DELETE FROM workflow_history",
        "DELETE FROM approval_decisions",
        "DELETE FROM audit_log_default",
        "ALTER TABLE vendors DISABLE ROW LEVEL SECURITY",
        "UPDATE platform.tenants SET seats = 100000",
        "SELECT count(*)::text FROM platform.accounts",
        "SELECT count(*)::text FROM queue.jobs",
        "SELECT app.audit_partition(current_date)::text",
        "SELECT queue.enqueue_platform('x', 'bulk', '{}', 1::smallint, now(), NULL, 1, gen_random_uuid())::text",
    ] {
        let refused = world.app.run(&company.admin, Raw(statement)).await.expect_err(statement);
        assert!(
            matches!(refused, Error::Internal(ref why) if why.contains("permission denied") || why.contains("must be owner")),
            "{statement}: {refused:?}"
        );
    }
    assert_eq!(world.snapshot(&company.admin).await, before);
}

#[tokio::test]
async fn given_a_request_when_it_changes_something_then_the_audit_says_who_from_where() {
    let world = World::new().await;
    let company = world.company("north").await;
    let vendor = world.vendor(&company.admin, "Volta").await;
    let (actor, request, ip, agent, table): (Uuid, Uuid, String, String, String) =
        sqlx::query_as("SELECT actor, request, host(ip), agent, tbl FROM audit_log WHERE row_id = $1")
            .bind(vendor.id)
            .fetch_one(&mut world.superuser().await)
            .await
            .expect("is audited");
    assert_eq!((actor, request), (company.admin.actor().id.uuid(), company.admin.request().id));
    assert_eq!((ip.as_str(), agent.as_str(), table.as_str()), ("203.0.113.7", "test", "vendors"));
}

#[tokio::test]
async fn given_many_at_once_when_all_take_a_number_then_each_has_its_own() {
    let world = World::new().await;
    let company = world.company("north").await;
    let asked = futures::future::join_all((0..6).map(|_| world.work_order(&company.admin, "Belt", company.site))).await;
    let mut numbers: Vec<String> = asked.into_iter().map(|order| order.number).collect();
    numbers.sort();
    assert_eq!(numbers, ["WO-1001", "WO-1002", "WO-1003", "WO-1004", "WO-1005", "WO-1006"]);
}

#[tokio::test]
async fn given_text_of_any_language_when_stored_then_it_comes_back_as_it_was() {
    let world = World::new().await;
    let company = world.company("north").await;
    for name in
        ["Қарағанды «Болат» ЖШС", "Şişli Vinç A.Ş. ığüöç", "=HYPERLINK(\"x\")", "'; DROP TABLE vendors; --", "😀 \u{202e}abc", "{{ 7*7 }}"]
    {
        let vendor = world.app.run(&company.admin, Create::<Vendor> { input: read(json!({ "name": name })) }).await.expect("adds");
        let shown = world.app.run(&company.admin, Show::<Vendor>(vendor.id.into())).await.expect("shows");
        assert_eq!(shown.name, name);
    }
}

#[test]
fn given_sql_when_split_then_every_statement_is_whole() {
    for (sql, expected) in [
        ("", vec![]),
        ("  ;; -- nothing\n;", vec![]),
        ("SELECT 1", vec!["SELECT 1"]),
        ("SELECT 'it''s; fine';SELECT 2;", vec!["SELECT 'it''s; fine'", "SELECT 2"]),
        ("CREATE FUNCTION f() AS $$ BEGIN; END; $$; SELECT 1", vec!["CREATE FUNCTION f() AS $$ BEGIN; END; $$", "SELECT 1"]),
        ("DO $outer$ EXECUTE $$ a; b $$; $outer$; SELECT 1", vec!["DO $outer$ EXECUTE $$ a; b $$; $outer$", "SELECT 1"]),
        ("SELECT $1; SELECT $2", vec!["SELECT $1", "SELECT $2"]),
        ("SELECT \"odd;name\" /* a; */ FROM t; SELECT 'қ;ш'", vec!["SELECT \"odd;name\" /* a; */ FROM t", "SELECT 'қ;ш'"]),
        ("SELECT 'never closed; ", vec!["SELECT 'never closed;"]),
    ] {
        assert_eq!(statements(sql), expected, "{sql}");
    }
}

proptest::proptest! {
    #[test]
    fn given_statements_when_joined_and_split_then_they_are_the_same(parts in proptest::collection::vec("[a-z]{1,5}( '([a-z;-]|'')*')?( \\$x\\$[a-z;'\"]*\\$x\\$)?( \"[a-z;']*\")?", 0..6)) {
        let joined = parts.join(" ;\n-- between; them\n");
        let found: Vec<String> = statements(&joined).iter().map(|s| s.trim_start_matches("-- between; them\n").to_owned()).collect();
        proptest::prop_assert_eq!(found, parts);
    }
}

#[tokio::test]
async fn given_a_moment_the_database_cannot_keep_when_it_refuses_it_then_the_sender_is_told() {
    let world = World::new().await;
    let mut conn = world.superuser().await;
    let refused = sqlx::query("SELECT $1::text::timestamptz").bind("400000-01-01").execute(&mut conn).await.map(drop);
    assert_eq!(named(refused.map_err(Error::from)), [(String::new(), "year_out_of_range".to_owned())]);
}
