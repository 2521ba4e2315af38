//! What happens by the calendar: each tick once, however many look.

use chrono::{DateTime, TimeDelta, Utc};
use domain::kernel::clock::Clock;
use domain::kernel::housekeeping::KeepHouse;
use domain::kernel::jobs::{Job, Lane, NewJob};
use domain::kernel::platform::Caller;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use worker::schedule::{Each, Schedule, Ticker, Time};

use crate::support::{Db, eventually};

#[derive(Serialize, Deserialize)]
struct Morning {
    day: chrono::NaiveDate,
}

impl Job for Morning {
    const KIND: &'static str = "test.morning";
    const QUEUE: Lane = Lane::Interactive;
}

#[derive(Serialize, Deserialize)]
struct Hourly {}

impl Job for Hourly {
    const KIND: &'static str = "test.hourly";
    const QUEUE: Lane = Lane::Bulk;
}

const SCHEDULES: &[Schedule] = &[
    Schedule::new("test.hourly", "0 17 * * * *", Each::Platform, |_| NewJob::of(&Hourly {})),
    Schedule::new("test.morning", "0 0 8 * * *", Each::Tenant, |moment| NewJob::of(&Morning { day: moment.day })),
];

/// A company of a zone that has signed up.
async fn company(db: &Db, slug: &str, zone: &str) -> Uuid {
    let company = db.world.company(slug).await;
    let id = company.admin.tenant().uuid();
    let sql = "UPDATE platform.tenants SET time_zone = $2, created_at = '2026-01-01' WHERE id = $1";
    sqlx::query(sql).bind(id).bind(zone).execute(&db.owner).await.expect("moves");
    id
}

async fn tick(db: &Db, ticker: &mut Ticker) -> i64 {
    let mut conn = db.worker.acquire().await.expect("a connection");
    ticker.tick(&mut conn).await.expect("ticks")
}

/// Kind, owner and payload of what was queued.
async fn queued(db: &Db, kind: &str) -> Vec<(Uuid, serde_json::Value)> {
    let sql = "SELECT tenant_id, payload FROM queue.jobs WHERE kind = $1 ORDER BY tenant_id, payload::text";
    sqlx::query_as(sql).bind(kind).fetch_all(&db.owner).await.expect("is read")
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

#[tokio::test]
async fn three_replicas_tick_once_through_a_day_on_which_a_clock_is_turned() {
    let db = Db::new().await;
    let almaty = company(&db, "almaty", "Asia/Almaty").await;
    let berlin = company(&db, "berlin", "Europe/Berlin").await;
    let clock = Clock::fixed(at("2026-03-28T16:00:00Z"));
    let mut replicas = [(); 3].map(|()| Ticker::new(SCHEDULES, Time::Of(clock.clone())));
    // what was due before they came is made up for first
    let [a, b, c] = &mut replicas;
    tokio::join!(tick(&db, a), tick(&db, b), tick(&db, c));
    sqlx::query("DELETE FROM queue.jobs").execute(&db.owner).await.expect("done");
    let mut all = 0;
    for _ in 0..24 * 6 {
        clock.advance(TimeDelta::minutes(10));
        let [a, b, c] = &mut replicas;
        let (a, b, c) = tokio::join!(tick(&db, a), tick(&db, b), tick(&db, c));
        all += a + b + c;
    }
    assert_eq!(queued(&db, "test.hourly").await.len(), 24);
    let day = serde_json::json!({ "day": "2026-03-29" });
    let mut expected = [(almaty, day.clone()), (berlin, day)];
    expected.sort_by_key(|(tenant, _)| *tenant);
    assert_eq!(queued(&db, "test.morning").await, expected);
    assert_eq!(all, 26);
    let berlins: DateTime<Utc> =
        sqlx::query_scalar("SELECT max(tick) FROM queue.ticks WHERE tenant_id = $1").bind(berlin).fetch_one(&db.owner).await.expect("one");
    assert_eq!(berlins, at("2026-03-29T06:00:00Z"), "eight o'clock in summer");
}

#[tokio::test]
async fn of_ticks_that_were_missed_the_latest_is_made_up_for() {
    let db = Db::new().await;
    company(&db, "almaty", "Asia/Almaty").await;
    let clock = Clock::fixed(at("2026-03-02T03:00:00Z"));
    let mut ticker = Ticker::new(SCHEDULES, Time::Of(clock.clone()));
    assert_eq!(tick(&db, &mut ticker).await, 2);
    clock.advance(TimeDelta::days(3) + TimeDelta::hours(2));
    let mut successor = Ticker::new(SCHEDULES, Time::Of(clock));
    assert_eq!(tick(&db, &mut successor).await, 2);
    let days: Vec<_> = queued(&db, "test.morning").await.into_iter().map(|(_, payload)| payload["day"].clone()).collect();
    assert_eq!(days, ["2026-03-02", "2026-03-05"]);
}

#[tokio::test]
async fn a_replica_that_slept_through_a_tick_does_not_bring_it_again() {
    let db = Db::new().await;
    let slow = Clock::fixed(at("2026-03-02T03:10:00Z"));
    let ahead = Clock::fixed(at("2026-03-02T04:20:00Z"));
    let mut sleeper = Ticker::new(SCHEDULES, Time::Of(slow));
    assert_eq!(tick(&db, &mut Ticker::new(SCHEDULES, Time::Of(ahead))).await, 1);
    assert_eq!(tick(&db, &mut sleeper).await, 0);
    assert_eq!(queued(&db, "test.hourly").await.len(), 1);
}

#[tokio::test]
async fn companies_that_came_later_or_are_kept_out_are_not_ticked_for() {
    let db = Db::new().await;
    let young = company(&db, "young", "Asia/Almaty").await;
    let suspended = company(&db, "suspended", "Asia/Almaty").await;
    db.world.onboard("pending").await;
    let sql = "UPDATE platform.tenants SET created_at = CASE WHEN id = $1 THEN '2026-03-02T05:00Z' ELSE created_at END,
               status = CASE WHEN id = $2 THEN 'suspended' ELSE status END";
    sqlx::query(sql).bind(young).bind(suspended).execute(&db.owner).await.expect("changes");
    let clock = Clock::fixed(at("2026-03-02T06:00:00Z"));
    let mut ticker = Ticker::new(SCHEDULES, Time::Of(clock.clone()));
    tick(&db, &mut ticker).await;
    assert_eq!(queued(&db, "test.morning").await, []);
    clock.advance(TimeDelta::days(1));
    tick(&db, &mut ticker).await;
    let owners: Vec<Uuid> = queued(&db, "test.morning").await.into_iter().map(|(tenant, _)| tenant).collect();
    assert_eq!(owners, [young]);
}

#[tokio::test]
async fn a_tick_is_for_more_companies_than_fit_into_a_statement() {
    let db = Db::new().await;
    let sql = "INSERT INTO platform.tenants (id, slug, name, contact_email, seats, status, time_zone, created_at)
      SELECT gen_random_uuid(), 'c' || n, 'c' || n, 'a@b.example', 1, 'active', 'Asia/Almaty', '2026-01-01' FROM generate_series(1, 2345) n";
    sqlx::query(sql).execute(&db.owner).await.expect("companies");
    let mut ticker = Ticker::new(&SCHEDULES[1..], Time::Of(Clock::fixed(at("2026-03-02T06:00:00Z"))));
    assert_eq!(tick(&db, &mut ticker).await, 2345);
    assert_eq!(tick(&db, &mut ticker).await, 0);
}

#[tokio::test]
async fn the_worker_keeps_house_by_the_databases_clock() {
    let firm = crate::support::Firm::open().await;
    firm.db.becomes("SELECT count(*) FROM queue.jobs WHERE kind = 'platform.keep_house' AND state = 'done'", 1).await;
    // within the hour: the test's own clock stands still elsewhere
    let fresh = "SELECT count(*) FROM queue.ticks WHERE name = 'platform.keep_house' AND tick BETWEEN now() - interval '1 hour' AND now()";
    assert_eq!(firm.db.count(fresh).await, 1);
    firm.close().await;
}

#[tokio::test]
async fn keeping_house_removes_what_has_had_its_time_and_no_more() {
    let db = Db::new().await;
    let sql = "INSERT INTO queue.ticks (name, tenant_id, tick) SELECT n, gen_random_uuid(), now() - interval '40 days' FROM unnest('{a,b}'::text[]) n";
    sqlx::query(sql).execute(&db.owner).await.expect("old ticks");
    let newer = "INSERT INTO queue.ticks SELECT name, tenant_id, tick + interval '1 day' FROM queue.ticks WHERE name = 'a'";
    sqlx::query(newer).execute(&db.owner).await.expect("a newer one");
    let pace = "INSERT INTO queue.pace SELECT gen_random_uuid(), 'bulk', now() - i FROM unnest('{2 hours,1 minute}'::interval[]) i";
    sqlx::query(pace).execute(&db.owner).await.expect("buckets");
    db.world.app.platform(&Caller::anyone(db.world.request()), KeepHouse {}).await.expect("keeps house");
    assert_eq!(db.count("SELECT count(*) FROM queue.ticks").await, 2, "the newest of each stays");
    assert_eq!(db.count("SELECT count(*) FROM queue.pace").await, 1);
}

#[tokio::test]
async fn one_worker_at_a_time_looks_at_the_calendar() {
    use tokio_util::sync::CancellationToken;
    use worker::queue::leader;
    let db = Db::new().await;
    let stop = CancellationToken::new();
    let clock = Clock::fixed(at("2026-03-02T03:00:00Z"));
    let replica = || tokio::spawn(leader::lead(db.worker.clone(), Ticker::new(&SCHEDULES[..1], Time::Of(clock.clone())), stop.clone()));
    let replicas = [replica(), replica(), replica()];
    db.becomes("SELECT count(*) FROM queue.jobs", 1).await;
    clock.advance(TimeDelta::hours(1));
    db.becomes("SELECT count(*) FROM queue.jobs", 1 + 1).await;
    stop.cancel();
    for replica in replicas {
        replica.await.expect("ends");
    }
    eventually("one tick an hour", async || (queued(&db, "test.hourly").await.len() == 2).then_some(())).await;
}
