//! What a migration is about, what it says beforehand, and what it does to clocks.

use chrono::{DateTime, TimeDelta, Utc};

use super::*;
use crate::kernel::testing::read;
use crate::workflow::ChangeCalendar;

/// The shipped file with a timer that counts from a field.
fn late(source: &str, after: &str) -> String {
    let rule = format!(
        "  late: {{in: open, at: doc.due_at, after: {after}, clock: business, when: doc.due_at != null, notify: {{text: work_order.overdue, to: ['role:manager']}}}}\n"
    );
    without_tests(source).replace("timers:\n  auto_close", &format!("timers:\n{rule}  auto_close"))
}

impl Office {
    async fn system(&self) -> Scope {
        let tenant = self.admin().tenant().uuid();
        self.world.app.scope_of(tenant, None, Request::internal("worker")).await.expect("is there")
    }

    /// The rows of a timer of an order: whether each waits, and for when.
    async fn timers(&self, order: &WorkOrder, rule: &str) -> Vec<(bool, DateTime<Utc>)> {
        sqlx::query_as("SELECT wake_at IS NOT NULL, due_at FROM timers WHERE record_id = $1 AND rule = $2 ORDER BY due_at")
            .bind(order.id)
            .bind(rule)
            .fetch_all(&mut self.world.superuser().await)
            .await
            .expect("reads")
    }

    async fn dry_run(&self, states: &[(&str, &str)]) -> Plan {
        self.world.app.run(self.admin(), DryRun { workflow: KEY.into(), states: mapping(states) }).await.expect("counts")
    }

    /// What a dry run says of clocks, state by state.
    async fn clocks(&self, states: &[(&str, &str)]) -> Vec<(String, String, Fate, i64)> {
        let leaps = self.dry_run(states).await.leaps;
        let of = |leap: Leap| leap.clocks.into_iter().map(move |clock| (leap.state.clone(), clock.id, clock.fate, clock.records));
        leaps.into_iter().flat_map(of).collect()
    }
}

#[tokio::test]
async fn given_a_timer_on_a_field_that_has_come_when_hours_and_file_change_then_it_does_not_come_again_and_one_that_waits_follows() {
    let office = Office::new().await;
    office.publish(|source| late(source, "PT1H")).await;
    let now = office.world.clock.now();
    let order = async |due: DateTime<Utc>| {
        let input = json!({ "title": "Belt", "location_id": office.company.site, "due_at": due });
        office.world.order(office.admin(), input).await.expect("is created")
    };
    let (past, coming) = (order(now - TimeDelta::days(7)).await, order(now + TimeDelta::days(7)).await);
    let row: Uuid = sqlx::query_scalar("SELECT id FROM timers WHERE record_id = $1 AND rule = 'late'")
        .bind(past.id)
        .fetch_one(&mut office.world.superuser().await)
        .await
        .expect("has one");
    office.world.app.timer_due(&office.system().await, row).await.expect("comes");
    let fired = office.timers(&past, "late").await;
    let waiting = office.timers(&coming, "late").await;
    assert!(!fired[0].0 && waiting[0].0, "{fired:?} {waiting:?}");

    let hours = json!({ "zone": "Asia/Almaty", "hours": { "mon-sun": ["06:00-06:30"] }, "holidays": [] });
    office.world.app.run(office.admin(), ChangeCalendar { version: 0, calendar: read(hours) }).await.expect("writes");
    office.publish(|source| late(source, "PT3H")).await;
    let said = office.clocks(&[]).await;
    assert_eq!(said, [("open".to_owned(), "late".to_owned(), Fate::Changes, 1)], "one has come and is done with");
    office.migrate(&[]).await.expect("migrates");
    assert_eq!(office.timers(&past, "late").await, fired, "not a second time");
    let follows = office.timers(&coming, "late").await;
    assert!(follows.len() == 1 && follows[0].0 && follows[0].1 > waiting[0].1 + TimeDelta::days(4), "{follows:?} after {waiting:?}");
}

#[tokio::test]
async fn given_clocks_that_run_when_a_migration_is_tried_then_it_says_which_would_start_go_on_stop_or_not_come() {
    let office = Office::new().await;
    let order = office.world.work_order(office.admin(), "Bearing hums", office.company.site).await;
    office.world.app.run(office.admin(), press(order.id, "await_parts", json!({}))).await.expect("waits");
    office.order().await;
    let told = |said: &[(&str, &str, Fate, i64)]| -> Vec<(String, String, Fate, i64)> {
        said.iter().map(|(state, id, fate, count)| ((*state).to_owned(), (*id).to_owned(), *fate, *count)).collect()
    };
    office.publish(|source| without_tests(source).replace("    pause: [waiting_parts]\n", "")).await;
    assert_eq!(office.clocks(&[]).await, told(&[("waiting_parts", "resolution", Fate::Resumes, 1)]));
    let elsewhere = [("on_hold", "open"), ("waiting_parts", "completed")];
    assert_eq!(
        office.clocks(&elsewhere).await,
        told(&[
            ("on_hold", "resolution", Fate::Starts, 1),
            ("on_hold", "due", Fate::Starts, 1),
            ("on_hold", "overdue", Fate::Starts, 1),
            ("waiting_parts", "resolution", Fate::Stops, 1),
            ("waiting_parts", "auto_close", Fate::Starts, 1),
        ])
    );
    office.publish(|source| without_tests(source).replace("  resolution:\n    clock", "  repair:\n    clock")).await;
    assert_eq!(office.clocks(&[]).await, told(&[("waiting_parts", "resolution", Fate::Stops, 1)]));
}

#[tokio::test]
async fn given_a_version_published_after_the_dry_run_when_records_are_migrated_then_it_is_stale_and_nothing_moves() {
    let office = Office::new().await;
    let order = office.order().await;
    office.publish(two_must_agree).await;
    let planned = office.dry_run(&[]).await.version;
    let newer = office.publish(|source| two_must_agree(source).replace("# The life of", "# Our life of")).await;
    let before = office.stand(&order).await;
    let late = office.migrate_to(planned, &[]).await;
    assert!(matches!(late, Err(Error::Stale { current, .. }) if current == newer.number), "{late:?}");
    assert_eq!(office.stand(&order).await, before);
    assert_eq!(office.migrate_to(newer.number, &[]).await.expect("migrates").moved, 1);
}

#[tokio::test]
async fn given_a_migration_under_way_when_another_version_is_published_then_it_ends_and_says_so() {
    let office = Office::new().await;
    office.order().await;
    let first = office.publish(two_must_agree).await;
    let definition = office.world.app.run(office.admin(), Diagram(KEY.into())).await.expect("reads").hash().to_owned();
    let member = office.admin().actor().id.uuid();
    let job = CarryOver { workflow: KEY.into(), definition, states: BTreeMap::new(), after: Uuid::nil(), member };
    office.publish(|source| two_must_agree(source).replace("# The life of", "# Our life of")).await;
    let ended = office.world.app.run(&office.system().await, job).await.expect("looks");
    assert_eq!((ended.moved, ended.more), (0, false));
    let said: serde_json::Value = sqlx::query_scalar("SELECT data FROM events WHERE kind = 'workflow_file.migration_ended'")
        .fetch_one(&mut office.world.superuser().await)
        .await
        .expect("is said");
    assert_eq!(said["number"], first.number);
}

#[tokio::test]
async fn given_open_requests_when_the_level_they_wait_for_changes_then_the_dry_run_says_so_and_the_migration_does_just_that() {
    let office = Office::new().await;
    let orders = [office.order().await, office.order().await];
    let dry = || DryRun { workflow: KEY.into(), states: BTreeMap::new() };
    let counts = async || {
        let plan = office.world.app.run(office.admin(), dry()).await.expect("counts");
        let leap = plan.leaps.into_iter().find(|leap| leap.state == "on_hold").expect("some wait");
        (leap.open_requests, leap.closes_requests, leap.closed_requests, leap.lost_requests)
    };
    let void = async || -> i64 {
        let sql = "SELECT count(*) FROM approvals WHERE status = 'void'";
        sqlx::query_scalar(sql).fetch_one(&mut office.world.superuser().await).await.expect("counts")
    };
    office.publish(|source| without_tests(source).replace("# Whoever may", "# Whoever can")).await;
    assert_eq!(counts().await, (2, false, 0, 0));
    office.migrate(&[]).await.expect("migrates");
    assert_eq!(void().await, 0);
    office.publish(|source| without_tests(source).replace("id: first, perm", "id: lead, perm")).await;
    assert_eq!(counts().await, (2, true, 2, 0));
    office.migrate(&[]).await.expect("migrates");
    assert_eq!(void().await, 2);
    for order in &orders {
        let seen = office.world.app.run(&office.technician, Explain::<WorkOrder>(order.id.into())).await.expect("explains");
        assert_eq!(seen.approval.expect("is asked anew").level, "lead");
        assert!(!seen.transitions.iter().find(|one| one.name == "approve").expect("is there").allowed);
    }
}

#[tokio::test]
async fn given_open_requests_when_no_level_of_the_new_file_concerns_them_then_they_are_not_left_to_whoever_presses() {
    let office = Office::new().await;
    let order = office.order().await;
    let before = office.stand(&order).await;
    office
        .publish(|source| {
            let kept = without_tests(source);
            let first = kept.lines().find(|line| line.contains("{id: first")).expect("has a first level").to_owned();
            kept.replace(&(first + "\n"), "")
        })
        .await;
    let plan = office.world.app.run(office.admin(), DryRun { workflow: KEY.into(), states: BTreeMap::new() }).await.expect("counts");
    assert_eq!((plan.leaps[0].closed_requests, plan.leaps[0].lost_requests), (1, 1));
    assert_eq!(named(office.migrate(&[]).await), [("states/on_hold".to_owned(), "lost_requests".to_owned())]);
    assert_eq!(office.stand(&order).await, before);
    let seen = office.world.app.run(&office.technician, Explain::<WorkOrder>(order.id.into())).await.expect("explains");
    assert!(!seen.transitions.iter().find(|one| one.name == "approve").expect("is there").allowed);
}
