//! Service levels: started, paused, resumed and stopped with steps, told in time, kept as evidence.

use std::marker::PhantomData;

use chrono::TimeDelta;
use serde_json::json;

use super::Shop;
use crate::kernel::error::Error;
use crate::kernel::listing::{List, Query};
use crate::kernel::testing::named;
use crate::maintenance::work_order::WorkOrder;
use crate::workflow::{ChangeCalendar, ListFigures, OwnFigures, RunView, ServiceLevels, SetFigures, WorkingHours};

async fn runs(shop: &Shop, order: &WorkOrder) -> Vec<RunView> {
    shop.world.app.run(&shop.manager, ServiceLevels::<WorkOrder>(order.id.into())).await.expect("reads")
}

async fn status(shop: &Shop, order: &WorkOrder) -> Option<String> {
    shop.show(order).await.sla_status
}

async fn filtered(shop: &Shop, query: &str) -> usize {
    let query = Query::parse::<WorkOrder>(query, &shop.manager).expect("is a query");
    shop.world.app.run(&shop.manager, List::<WorkOrder>::new(query)).await.expect("lists").data.len()
}

#[tokio::test]
async fn given_work_that_waits_and_goes_on_when_time_passes_then_only_working_stretches_count_and_the_order_shows_it() {
    let shop = Shop::new().await;
    let order = shop.asked(json!({})).await;
    assert_eq!(status(&shop, &order).await, None, "the clock starts with the work");
    let order = shop.open(json!({})).await;
    assert_eq!(order.sla_status.as_deref(), Some("ok"));
    shop.press(&shop.manager, &order, "start").await.expect("starts");
    shop.advance(TimeDelta::hours(3)).await;
    shop.press(&shop.manager, &order, "hold").await.expect("holds");
    shop.advance(TimeDelta::days(2)).await;
    assert_eq!(status(&shop, &order).await.as_deref(), Some("ok"), "what waits does not age");
    shop.press(&shop.manager, &order, "resume").await.expect("goes on");
    let version = shop.show(&order).await.version;
    // Wednesday noon, three hours counted; an hour more is half of the eight, but from 13 to 14 nobody works
    shop.advance(TimeDelta::minutes(59)).await;
    assert_eq!(status(&shop, &order).await.as_deref(), Some("ok"));
    shop.advance(TimeDelta::minutes(1)).await;
    assert_eq!((status(&shop, &order).await.as_deref(), filtered(&shop, "sla=warning").await), (Some("warning"), 1));
    assert_eq!(shop.told(&order, "work_order.sla_warning").await, ["marat"]);
    assert_eq!(shop.show(&order).await.version, version, "the clock makes no new version");
    // 13:00; four hours are left: 14 to 18
    shop.advance(TimeDelta::hours(5) - TimeDelta::seconds(1)).await;
    assert_eq!(status(&shop, &order).await.as_deref(), Some("warning"));
    shop.advance(TimeDelta::seconds(1)).await;
    assert_eq!((status(&shop, &order).await.as_deref(), filtered(&shop, "sla=critical,warning").await), (Some("critical"), 1));
    assert_eq!(shop.told(&order, "work_order.sla_breach").await, ["marat"]);
    let dana = shop.person("dispatcher", "dana").await;
    shop.advance(TimeDelta::hours(16)).await;
    assert_eq!(shop.show(&order).await.assignee_id, Some(dana.actor().id.uuid()), "an hour of work later it is somebody else's");
    shop.press(&shop.manager, &order, "finish").await.expect("finishes");
    let [run] = &runs(&shop, &order).await[..] else { panic!("one run") };
    assert_eq!((run.phase.as_str(), run.health.as_str(), run.target, run.elapsed), ("stopped", "critical", 8 * 3600, 9 * 3600));
    let evidence: Vec<_> = run.segments.iter().map(|s| (s.running, s.counted, s.of.as_str())).collect();
    assert_eq!(evidence, [(true, 3 * 3600, "open"), (false, 0, "held"), (true, 6 * 3600, "working")]);
    shop.press(&shop.manager, &order, "reopen").await.expect("reopens");
    assert_eq!(status(&shop, &order).await.as_deref(), Some("ok"), "reopening starts anew");
    assert_eq!(runs(&shop, &order).await.iter().map(|run| run.number).collect::<Vec<_>>(), [2, 1]);
}

#[tokio::test]
async fn given_a_run_when_calendar_and_figures_change_then_it_keeps_its_own_and_the_next_one_has_the_new() {
    let shop = Shop::new().await;
    let app = &shop.world.app;
    let plain = shop.open(json!({})).await;
    let around = WorkingHours {
        zone: "Asia/Almaty".into(),
        hours: [("mon-sun".to_owned(), vec!["00:00-24:00".to_owned()])].into(),
        holidays: Vec::new(),
    };
    app.run(&shop.company.admin, ChangeCalendar { version: 0, calendar: around }).await.expect("changes");
    let own = OwnFigures { target: Some("PT10H".into()), warn: Some(90), ..OwnFigures::default() };
    let set = SetFigures { sla: "answer".into(), version: 0, own, of: PhantomData::<fn() -> WorkOrder> };
    app.run(&shop.company.admin, set).await.expect("sets");
    let later = shop.open(json!({})).await;
    let targets = [&runs(&shop, &plain).await[0], &runs(&shop, &later).await[0]].map(|run| (run.target, run.due_at));
    let now = shop.world.clock.now();
    assert_eq!(targets, [(8 * 3600, Some(now + TimeDelta::hours(9))), (10 * 3600, Some(now + TimeDelta::hours(10)))]);
    shop.advance(TimeDelta::hours(8)).await;
    assert_eq!(status(&shop, &later).await.as_deref(), Some("ok"));
    shop.advance(TimeDelta::hours(1)).await;
    assert_eq!(status(&shop, &later).await.as_deref(), Some("warning"));
}

#[tokio::test]
async fn given_figures_of_a_company_when_wrong_or_stale_then_nothing_is_set_and_only_those_who_may_set_them() {
    let shop = Shop::new().await;
    let app = &shop.world.app;
    let set = |sla: &str, version, own| SetFigures { sla: sla.into(), version, own, of: PhantomData::<fn() -> WorkOrder> };
    let wrong = OwnFigures { target: Some("PT0S".into()), by: [("lofty".to_owned(), "2 days".to_owned())].into(), warn: Some(100) };
    let found = named(app.run(&shop.company.admin, set("answer", 0, wrong)).await);
    let found: Vec<_> = found.iter().map(|(field, code)| (field.as_str(), code.as_str())).collect();
    assert_eq!(
        found,
        [("target", "not_a_duration"), ("by/lofty", "not_a_duration"), ("by/lofty", "unknown_field"), ("warn", "out_of_range")]
    );
    assert!(matches!(app.run(&shop.technician, set("answer", 0, OwnFigures::default())).await, Err(Error::Forbidden(_))));
    assert!(matches!(app.run(&shop.company.admin, set("none", 0, OwnFigures::default())).await, Err(Error::NotFound)));
    let own = OwnFigures { by: [("critical".to_owned(), "PT1H".to_owned())].into(), ..OwnFigures::default() };
    app.run(&shop.company.admin, set("answer", 0, own.clone())).await.expect("sets");
    assert!(matches!(app.run(&shop.company.admin, set("answer", 0, own.clone())).await, Err(Error::Stale { current: 1, .. })));
    let listed = app.run(&shop.company.admin, ListFigures::<WorkOrder>::new()).await.expect("lists");
    assert_eq!((listed.len(), &listed[0].own, listed[0].version), (1, &own, 1));
    assert_eq!((listed[0].field.as_deref(), listed[0].target.as_deref(), listed[0].warn), (Some("priority"), Some("PT8H"), Some(50)));
}

#[tokio::test]
async fn given_a_worker_that_was_away_when_it_comes_back_then_everything_owed_is_done_once_and_in_order() {
    let shop = Shop::new().await;
    let order = shop.open(json!({})).await;
    let dana = shop.person("dispatcher", "dana").await;
    shop.world.clock.advance(TimeDelta::days(3));
    for _ in 0..3 {
        shop.sweep().await;
        shop.world.clock.advance(TimeDelta::minutes(20));
    }
    assert_eq!(shop.told(&order, "work_order.sla_warning").await, ["marat"]);
    assert_eq!(shop.told(&order, "work_order.sla_breach").await, ["marat"]);
    let shown = shop.show(&order).await;
    assert_eq!((shown.sla_status.as_deref(), shown.assignee_id), (Some("critical"), Some(dana.actor().id.uuid())));
    assert_eq!(shop.count("SELECT count(*) FROM events WHERE record_id = $1 AND kind LIKE 'workflow.sla_%'", &order).await, 2);
}

#[tokio::test]
async fn given_an_effect_that_cannot_be_worked_out_when_its_moment_comes_then_the_clock_goes_on_and_the_row_says_why() {
    let assign = "assign: {role: dispatcher}}";
    let beyond = format!("'doc.meter_reading != null && doc.meter_reading + {} > 0'", i64::MAX);
    let file = super::FILE.replace(assign, &format!("effects: [{{assign: {{role: dispatcher}}, when: {beyond}}}]}}"));
    assert_ne!(file, super::FILE);
    let shop = Shop::of(&file).await;
    let order = shop.open(json!({})).await;
    sqlx::query("UPDATE work_orders SET meter_reading = 1 WHERE id = $1")
        .bind(order.id)
        .execute(&mut shop.world.superuser().await)
        .await
        .expect("reads the meter");
    shop.advance(TimeDelta::days(3)).await;
    assert_eq!(status(&shop, &order).await.as_deref(), Some("critical"));
    let noted = "SELECT count(*) FROM timers WHERE record_id = $1 AND kind = 'sla' AND refused = 'blocked'";
    assert_eq!(shop.count(noted, &order).await, 1);
}
