//! What comes at its moment: never lost, never twice, never late where it must not be.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::Shop;
use crate::kernel::testing::read;
use crate::maintenance::work_order::{Edit, WorkOrder};

async fn finished(shop: &Shop) -> WorkOrder {
    let order = shop.open(json!({})).await;
    shop.press(&shop.manager, &order, "start").await.expect("starts");
    shop.press(&shop.manager, &order, "finish").await.expect("finishes");
    order
}

const STEPS: &str = "SELECT count(*) FROM workflow_history WHERE record_id = $1";

#[tokio::test]
async fn given_finished_work_when_three_days_pass_then_the_system_closes_it_and_the_history_says_so() {
    let shop = Shop::new().await;
    let order = finished(&shop).await;
    shop.advance(TimeDelta::days(3) - TimeDelta::seconds(1)).await;
    assert_eq!(shop.show(&order).await.state, "done");
    shop.advance(TimeDelta::seconds(1)).await;
    assert_eq!(shop.show(&order).await.state, "closed");
    let actor: String = sqlx::query_scalar(
        "SELECT m.kind FROM workflow_history h JOIN members m ON m.id = h.actor WHERE h.record_id = $1 ORDER BY h.seq DESC LIMIT 1",
    )
    .bind(order.id)
    .fetch_one(&mut shop.world.superuser().await)
    .await
    .expect("is there");
    assert_eq!(actor, "system");
}

#[tokio::test]
async fn given_work_reopened_and_finished_again_when_the_first_deadline_passes_then_the_stale_timer_does_nothing() {
    let shop = Shop::new().await;
    let order = finished(&shop).await;
    shop.advance(TimeDelta::days(2)).await;
    for step in ["reopen", "start", "finish"] {
        shop.press(&shop.manager, &order, step).await.expect("moves");
    }
    shop.advance(TimeDelta::days(2)).await;
    assert_eq!(shop.show(&order).await.state, "done");
    shop.advance(TimeDelta::days(1)).await;
    assert_eq!(shop.show(&order).await.state, "closed");
}

#[tokio::test]
async fn given_a_worker_killed_after_staging_when_time_goes_on_then_the_timer_is_queued_again_and_comes_once() {
    let shop = Shop::new().await;
    let order = finished(&shop).await;
    shop.advance(TimeDelta::days(1)).await;
    shop.world.clock.advance(TimeDelta::days(3));
    let lost = shop.stage().await;
    assert!(lost.len() == 1 && shop.stage().await.is_empty(), "what is queued is not queued twice");
    shop.world.clock.advance(TimeDelta::minutes(10));
    assert_eq!(shop.stage().await, lost);
    // killed in the middle of its transaction: nothing of it stays
    let mut conn = shop.world.superuser().await;
    for sql in [
        "CREATE FUNCTION crash() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'",
        "CREATE TRIGGER crash AFTER INSERT ON workflow_history FOR EACH ROW EXECUTE FUNCTION crash()",
    ] {
        sqlx::query(sql).execute(&mut conn).await.expect("prepares");
    }
    let system = shop.system().await;
    shop.world.app.timer_due(&system, lost[0]).await.expect_err("the server went away");
    assert_eq!((shop.show(&order).await.state.as_str(), shop.count(STEPS, &order).await), ("done", 4));
    sqlx::query("DROP TRIGGER crash ON workflow_history").execute(&mut conn).await.expect("mends");
    shop.world.app.timer_due(&system, lost[0]).await.expect("comes");
    shop.world.app.timer_due(&system, lost[0]).await.expect("has come");
    assert_eq!((shop.show(&order).await.state.as_str(), shop.count(STEPS, &order).await), ("closed", 5));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_two_workers_when_both_have_every_timer_then_each_comes_once() {
    let shop = Shop::new().await;
    let mut orders = Vec::new();
    for _ in 0..10 {
        orders.push(finished(&shop).await);
    }
    shop.advance(TimeDelta::days(1)).await;
    shop.world.clock.advance(TimeDelta::days(3));
    let timers = shop.stage().await;
    assert_eq!(timers.len(), 10);
    let system = shop.system().await;
    let work = || {
        let (app, system, timers) = (shop.world.app.clone(), system.clone(), timers.clone());
        tokio::spawn(async move {
            for timer in timers {
                app.timer_due(&system, timer).await.expect("comes, or has come");
            }
        })
    };
    let (a, b) = (work(), work());
    a.await.expect("works");
    b.await.expect("works");
    for order in &orders {
        assert_eq!((shop.show(order).await.state.as_str(), shop.count(STEPS, order).await), ("closed", 5));
    }
}

#[tokio::test]
async fn given_a_due_time_when_it_is_edited_then_reminders_follow_it_at_the_local_hour_and_none_comes_late_or_twice() {
    let shop = Shop::new().await;
    let now = shop.world.clock.now();
    // Friday noon; the day before the day before is Wednesday
    let order = shop.open(json!({ "due_at": now + TimeDelta::days(4) + TimeDelta::hours(3) })).await;
    let due = async || -> Vec<DateTime<Utc>> {
        sqlx::query_scalar("SELECT due_at FROM timers WHERE record_id = $1 AND kind = 'reminder' AND wake_at IS NOT NULL ORDER BY due_at")
            .bind(order.id)
            .fetch_all(&mut shop.world.superuser().await)
            .await
            .expect("reads")
    };
    let at = |text: &str| text.parse::<DateTime<Utc>>().expect("is a time");
    assert_eq!(due().await, [at("2026-03-04T03:00:00Z"), at("2026-03-07T03:00:00Z"), at("2026-03-08T03:00:00Z")]);
    shop.advance(TimeDelta::days(2)).await;
    assert_eq!(shop.told(&order, "work_order.due_soon").await, ["marat"]);
    let edit = async |due: DateTime<Utc>| {
        let version = shop.show(&order).await.version;
        let input = read(json!({ "title": "Belt", "location_id": shop.company.site, "due_at": due }));
        shop.world.app.run(&shop.manager, Edit { id: order.id.into(), version, input }).await.expect("edits");
    };
    edit(now + TimeDelta::days(30)).await;
    assert_eq!(due().await, [at("2026-03-30T03:00:00Z"), at("2026-04-02T03:00:00Z"), at("2026-04-03T03:00:00Z")]);
    // back again: Wednesday's has been sent and is not sent again
    edit(now + TimeDelta::days(4) + TimeDelta::hours(3)).await;
    assert_eq!(due().await, [at("2026-03-07T03:00:00Z"), at("2026-03-08T03:00:00Z")]);
    shop.press(&shop.manager, &order, "start").await.expect("goes on being reminded");
    shop.advance(TimeDelta::days(10)).await;
    assert_eq!(shop.told(&order, "work_order.due_soon").await.len(), 3);
    // a day that has passed reminds of nothing
    edit(now - TimeDelta::days(30)).await;
    assert!(due().await.is_empty());
}

#[tokio::test]
async fn given_a_meter_when_its_condition_comes_to_hold_then_it_is_told_once_and_again_only_after_it_did_not() {
    let shop = Shop::new().await;
    let order = shop.open(json!({})).await;
    let reading = async |value: i64| {
        sqlx::query("UPDATE work_orders SET meter_reading = $2 WHERE id = $1")
            .bind(order.id)
            .bind(value)
            .execute(&mut shop.world.superuser().await)
            .await
            .expect("reads the meter");
    };
    let told = async || shop.told(&order, "work_order.overdue").await.len();
    shop.sweep().await;
    assert_eq!(told().await, 0);
    reading(150).await;
    shop.press(&shop.manager, &order, "start").await.expect("starts");
    shop.sweep().await;
    assert_eq!(told().await, 1, "a step looks at it at once");
    shop.advance(TimeDelta::days(3)).await;
    assert_eq!(told().await, 1);
    reading(50).await;
    shop.advance(TimeDelta::days(1)).await;
    reading(151).await;
    shop.advance(TimeDelta::days(1)).await;
    assert_eq!(told().await, 2);
}
