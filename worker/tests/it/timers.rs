//! Moments that come while nobody presses anything.

use chrono::TimeDelta;
use domain::maintenance::work_order::{Create, WorkOrder};
use serde_json::json;

use crate::support::{Db, Firm};

async fn finished(firm: &Firm) -> WorkOrder {
    let site = firm.db.id("SELECT id FROM locations").await;
    let input = json!({ "title": "Grease the chain", "location_id": site, "assignee_id": firm.admin.actor().id });
    let order = firm.app().run(&firm.admin, Create(serde_json::from_value(input).expect("an input"))).await.expect("asks");
    for (step, form) in [("start", json!({})), ("complete", json!({ "resolution": "Greased" }))] {
        firm.db.world.press(&firm.admin, &order, step, form).await.expect("moves");
    }
    order
}

#[tokio::test]
async fn finished_work_is_closed_by_the_clock_once_and_nothing_of_it_is_left_waiting() {
    let firm = Firm::open().await;
    let order = finished(&firm).await;
    firm.db.world.clock.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
    firm.db.becomes("SELECT count(*) FROM timers WHERE kind = 'timer' AND wake_at IS NOT NULL", 1).await;
    firm.db.world.clock.advance(TimeDelta::seconds(1));
    firm.reaches(order.id, "closed").await;
    firm.db
        .becomes("SELECT count(*) FROM timers WHERE kind = 'timer' AND wake_at IS NULL AND fired_at IS NOT NULL AND refused IS NULL", 1)
        .await;
    firm.db.becomes("SELECT count(*) FROM queue.jobs WHERE kind = 'workflow.timer' AND state = 'done'", 1).await;
    firm.db.becomes("SELECT count(*) FROM workflow_history WHERE transition = 'close'", 1).await;
    firm.close().await;
}

#[tokio::test]
async fn two_stagers_queue_a_moment_once() {
    let db = Db::new().await;
    let company = db.world.company("dala").await;
    db.world.work_order(&company.admin, "Paint", company.site).await;
    sqlx::query("UPDATE timers SET wake_at = $1, due_at = $1").bind(db.world.clock.now()).execute(&db.owner).await.expect("is due");
    let due: i64 = sqlx::query_scalar("SELECT count(*) FROM timers WHERE wake_at IS NOT NULL").fetch_one(&db.owner).await.expect("counts");
    let stage = || async {
        let staged: i64 =
            sqlx::query_scalar("SELECT app.stage_timers($1, 100)").bind(db.world.clock.now()).fetch_one(&db.owner).await.expect("stages");
        staged
    };
    let (a, b) = tokio::join!(stage(), stage());
    assert!(due > 0);
    assert_eq!(a + b, due);
    db.becomes("SELECT count(*) FROM queue.jobs WHERE kind = 'workflow.timer'", due).await;
}
