//! The operator's board: who may, what is shown, what is veiled, what is written down.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use super::board::Look;
use super::jobs::{Cancel, Cursor, Discard, Filter, List, Named, Retry, Show, State};
use super::veil;
use crate::kernel::error::{Error, Refused};
use crate::kernel::jobs::{Job, Lane, NewJob, Owner, insert};
use crate::kernel::platform::{Caller, PlatformAction};
use crate::kernel::testing::{World, named};

#[derive(Serialize, Deserialize)]
struct Letter {
    to: String,
    order: Uuid,
    key: Option<String>,
}

impl Job for Letter {
    const KIND: &'static str = "test.letter";
    const QUEUE: Lane = Lane::Interactive;
    fn unique_key(&self) -> Option<String> {
        self.key.clone()
    }
}

/// A company's job, in a state.
async fn job(conn: &mut PgConnection, tenant: Uuid, key: Option<&str>, state: &str) -> Named {
    let letter = Letter { to: "madina@north.example".into(), order: Uuid::from_u128(7), key: key.map(str::to_owned) };
    let job = NewJob::of(&letter).expect("is JSON");
    if tenant.is_nil() {
        insert(conn, Owner::Platform, std::slice::from_ref(&job)).await.expect("is added");
    } else {
        sqlx::query("SELECT set_config('app.tenant_id', $1, false)").bind(tenant.to_string()).execute(&mut *conn).await.expect("enters");
        insert(conn, Owner::Tenant, std::slice::from_ref(&job)).await.expect("is added");
    }
    let sql = "UPDATE queue.jobs SET state = $2, attempt = 3, crashes = 1, last_error = '550 no such user <madina@north.example>',
      finished_at = CASE WHEN $2 IN ('dead', 'done', 'cancelled') THEN now() END,
      lease_token = CASE WHEN $2 = 'running' THEN id END, lease_until = CASE WHEN $2 = 'running' THEN now() END WHERE id = $1";
    sqlx::query(sql).bind(job.id()).bind(state).execute(conn).await.expect("is put so");
    Named { company: tenant, id: job.id() }
}

async fn refused(world: &World, caller: &Caller, action: impl PlatformAction) -> bool {
    matches!(world.app.platform(caller, action).await, Err(Error::Forbidden(Refused::Operator)))
}

#[tokio::test]
async fn operators_alone_look_and_act() {
    let world = World::new().await;
    let which = job(&mut world.superuser().await, Uuid::nil(), None, "dead").await;
    let someone = Caller { operator: false, ..world.operator() };
    assert!(refused(&world, &someone, Look).await);
    assert!(refused(&world, &someone, List::default()).await);
    assert!(refused(&world, &someone, Show(which)).await);
    assert!(refused(&world, &someone, Retry(which)).await);
    assert!(refused(&world, &someone, Discard(which)).await);
    assert!(refused(&world, &someone, Cancel(which)).await);
    assert_eq!(world.app.platform(&world.operator(), Show(which)).await.expect("is shown").state, State::Dead);
}

#[tokio::test]
async fn a_job_is_shown_with_whose_it_is_and_without_what_is_personal() {
    let world = World::new().await;
    let tenant = world.company("north").await.admin.tenant().uuid();
    let which = job(&mut world.superuser().await, tenant, Some("madina@north.example"), "dead").await;
    let shown = world.app.platform(&world.operator(), Show(which)).await.expect("is shown");
    assert_eq!(shown.company.name.as_deref(), Some("Demo north"));
    assert_eq!((shown.kind.as_str(), shown.attempt, shown.crashes), ("test.letter", 3, 1));
    assert_eq!(shown.arguments, json!({ "to": "•••", "order": Uuid::from_u128(7), "key": "•••" }));
    assert_eq!(shown.reason.as_deref(), Some("550 no such user <•••>"));
    let others = Named { company: Uuid::nil(), ..which };
    assert!(matches!(world.app.platform(&world.operator(), Show(others)).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn the_board_counts_by_lane_and_company() {
    let world = World::new().await;
    let tenant = world.company("north").await.admin.tenant().uuid();
    let mut conn = world.superuser().await;
    sqlx::query("DELETE FROM queue.jobs").execute(&mut conn).await.expect("begins empty");
    for state in ["ready", "ready", "scheduled", "running", "dead", "done", "cancelled"] {
        job(&mut conn, tenant, None, state).await;
    }
    job(&mut conn, Uuid::nil(), None, "dead").await;
    let sql = "UPDATE queue.jobs SET run_at = now() - interval '90 s', crashes = 0 WHERE state = 'ready'";
    sqlx::query(sql).execute(&mut conn).await.expect("is aged");
    let board = world.app.platform(&world.operator(), Look).await.expect("looks");
    let names: Vec<_> = board.lanes.iter().map(|lane| lane.name.as_str()).collect();
    assert_eq!(names, ["interactive", "bulk"]);
    let lane = &board.lanes[0];
    let counts = (lane.counts.ready, lane.counts.scheduled, lane.counts.running, lane.counts.dead);
    assert_eq!(counts, (2, 1, 1, 2));
    assert!((90..100).contains(&lane.oldest_seconds), "{}", lane.oldest_seconds);
    let loads: Vec<_> = board.companies.iter().map(|load| (load.company.id, load.counts.ready, load.counts.dead)).collect();
    assert_eq!(loads, [(tenant, 2, 1), (Uuid::nil(), 0, 1)]);
}

#[tokio::test]
async fn jobs_are_listed_newest_first_by_state_kind_and_company_and_paged() {
    let world = World::new().await;
    let tenant = world.company("north").await.admin.tenant().uuid();
    let mut conn = world.superuser().await;
    sqlx::query("DELETE FROM queue.jobs").execute(&mut conn).await.expect("begins empty");
    let mut expected = Vec::new();
    for state in ["dead", "dead", "ready"] {
        expected.push(job(&mut conn, tenant, None, state).await.id);
    }
    let platforms = job(&mut conn, Uuid::nil(), None, "dead").await;
    let list = async |filter: Filter, before, limit| {
        let jobs = world.app.platform(&world.operator(), List { filter, before, limit }).await.expect("lists");
        jobs.iter().map(|job| (job.id, Cursor::behind(job))).collect::<Vec<_>>()
    };
    let ids = |jobs: &[(Uuid, Cursor)]| jobs.iter().map(|(id, _)| *id).collect::<Vec<_>>();
    let all = list(Filter::default(), None, 10).await;
    expected.reverse();
    assert_eq!(ids(&all), [&[platforms.id], &expected[..]].concat());
    let next = list(Filter::default(), Some(Cursor::read(&all[1].1.to_string()).expect("is read back")), 10).await;
    assert_eq!(next, all[2..]);
    let dead = Filter { state: Some(State::Dead), company: Some(tenant), ..Filter::default() };
    assert_eq!(ids(&list(dead, None, 10).await), expected[1..]);
    let kind = |kind: &str| Filter { kind: Some(kind.into()), ..Filter::default() };
    assert_eq!(list(kind("test."), None, 10).await.len(), 4);
    assert_eq!(list(kind("%"), None, 10).await.len(), 0);
    for nonsense in ["", "x", "1_x", "99999999999999999999_01938700-0000-7000-8000-000000000000"] {
        assert_eq!(named(Cursor::read(nonsense)), [("cursor".to_owned(), "bad_cursor".to_owned())]);
    }
}

#[tokio::test]
async fn what_failed_is_done_again_from_the_beginning_and_that_is_written_down() {
    let world = World::new().await;
    let tenant = world.company("north").await.admin.tenant().uuid();
    let mut conn = world.superuser().await;
    for state in ["dead", "cancelled", "scheduled"] {
        let which = job(&mut conn, tenant, None, state).await;
        let again = world.app.platform(&world.operator(), Retry(which)).await.expect("is tried again");
        assert_eq!((again.state, again.attempt, again.crashes, again.finished_at), (State::Ready, 0, 0, None));
    }
    let running = job(&mut conn, tenant, None, "running").await;
    let moved_on = world.app.platform(&world.operator(), Retry(running)).await;
    assert!(matches!(moved_on, Err(Error::Conflict("job_moved_on"))));
    let first = job(&mut conn, tenant, Some("k"), "dead").await;
    job(&mut conn, tenant, Some("k"), "ready").await;
    let duplicate = world.app.platform(&world.operator(), Retry(first)).await;
    assert!(matches!(duplicate, Err(Error::Conflict("job_duplicate"))));
    let (logged, of, data): (i64, Option<Uuid>, Value) =
        sqlx::query_as("SELECT count(*) OVER (), tenant_id, data FROM platform.log WHERE kind = 'job.retried' ORDER BY at LIMIT 1")
            .fetch_one(&mut conn)
            .await
            .expect("is logged");
    assert_eq!((logged, of), (3, Some(tenant)));
    assert_eq!((&data["state"], &data["reason"]), (&json!("dead"), &json!("550 no such user <•••>")));
}

#[tokio::test]
async fn what_is_over_is_discarded_and_what_is_not_is_cancelled() {
    let world = World::new().await;
    let mut conn = world.superuser().await;
    let operator = world.operator();
    let dead = job(&mut conn, Uuid::nil(), None, "dead").await;
    assert!(matches!(world.app.platform(&operator, Cancel(dead)).await, Err(Error::Conflict("job_moved_on"))));
    world.app.platform(&operator, Discard(dead)).await.expect("is removed");
    assert!(matches!(world.app.platform(&operator, Show(dead)).await, Err(Error::NotFound)));
    let ready = job(&mut conn, Uuid::nil(), None, "ready").await;
    assert!(matches!(world.app.platform(&operator, Discard(ready)).await, Err(Error::Conflict("job_moved_on"))));
    assert_eq!(world.app.platform(&operator, Cancel(ready)).await.expect("is cancelled").state, State::Cancelled);
    let running = job(&mut conn, Uuid::nil(), None, "running").await;
    let asked = world.app.platform(&operator, Cancel(running)).await.expect("is asked to stop");
    assert_eq!((asked.state, asked.cancel_requested), (State::Running, true));
    let kinds: Vec<String> = sqlx::query_scalar("SELECT kind FROM platform.log WHERE kind LIKE 'job.%' ORDER BY at, id")
        .fetch_all(&mut conn)
        .await
        .expect("is logged");
    assert_eq!(kinds, ["job.discarded", "job.cancelled", "job.cancelled"]);
}

#[tokio::test]
async fn the_application_may_not_read_the_queue_itself() {
    let world = World::new().await;
    let mut conn = world.superuser().await;
    for role in ["millwright_app", "millwright_tenant"] {
        let may: bool = sqlx::query_scalar("SELECT has_table_privilege($1, 'queue.jobs', 'SELECT')")
            .bind(role)
            .fetch_one(&mut conn)
            .await
            .expect("is asked");
        assert!(!may, "{role}");
    }
    let companies: Vec<String> = sqlx::query_scalar(
        "SELECT p.proname::text FROM pg_proc p WHERE p.pronamespace = 'queue'::regnamespace
           AND has_function_privilege('millwright_tenant', p.oid, 'EXECUTE') ORDER BY 1",
    )
    .fetch_all(&mut conn)
    .await
    .expect("is asked");
    assert_eq!(companies, ["cancel", "enqueue"]);
}

#[test]
fn ids_moments_numbers_and_codes_are_shown_and_everything_else_is_veiled() {
    let order = Uuid::from_u128(9).to_string();
    let arguments = json!({
        "order": order, "at": "2026-03-02T04:00:00Z", "day": "2026-03-02", "rows": 1200, "done": true, "none": null,
        "kind": "order_approved", "locale": "kk", "subject": "Иванов Пётр", "name": "Мадина", "token": "mw_pat_abc", "chat": 77_012_345_678_u64,
        "Мадина Сейтова": 1, "list": [{ "email": "a@b.example", "state": "open" }], "state": "Алматы",
    });
    assert_eq!(
        veil::arguments(&arguments),
        json!({
            "order": order, "at": "2026-03-02T04:00:00Z", "day": "2026-03-02", "rows": 1200, "done": true, "none": null,
            "kind": "order_approved", "locale": "kk", "subject": "•••", "name": "•••", "token": "•••", "chat": "•••",
            "•••": 1, "list": [{ "email": "•••", "state": "open" }], "state": "•••",
        })
    );
    let deep = (0..20).fold(json!("x"), |inner, _| json!([inner]));
    assert!(!veil::arguments(&deep).to_string().contains('x'));
    assert_eq!(veil::arguments(&json!(vec![1; 1000])).as_array().map(Vec::len), Some(50));
}

#[test]
fn a_reason_keeps_its_words_and_loses_what_it_quotes() {
    for (reason, shown) in [
        ("550 5.1.1 <madina@dala.example>: no such user", "550 5.1.1 <•••>: no such user"),
        ("invalid type: string \"Иванов Пётр\", expected u32 at line 1", "invalid type: string \"•••\", expected u32 at line 1"),
        ("missing field `label`", "missing field `label`"),
        ("connect smtp://user:pass@mail.example failed", "connect ••• failed"),
        ("chat 77012345678 not found", "chat ••• not found"),
        ("token mw_pat_9f8e7d6c5b4a39281706.", "token •••."),
        ("order 01938700-0000-7000-8000-000000000000 is gone", "order 01938700-0000-7000-8000-000000000000 is gone"),
        ("quarantined: 3 workers vanished while running it", "quarantined: 3 workers vanished while running it"),
        ("said \"never closed", "said \"•••"),
    ] {
        assert_eq!(veil::reason(reason), shown);
    }
}
