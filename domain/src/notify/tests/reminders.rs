//! Rules for reminders, and every morning's checks.

use chrono::{NaiveDate, TimeDelta};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::House;
use crate::assets::{Asset, AssetInput};
use crate::kernel::error::Error;
use crate::kernel::resource::{Resource, Update};
use crate::kernel::testing::{named, read};
use crate::notify::Mine;
use crate::notify::reminder::{Arrange, ChangeRule, CreateRule, DeleteRule, FIELDS, ListRules, Rule, RuleInput, RunDailyChecks, ShowRule};

impl House {
    fn rule(&self, more: &Json) -> RuleInput {
        let mut input = json!({
            "name": "Warranties", "field": "asset.warranty_until", "before_days": [1, 7, 7, 0], "role_ids": [self.company.role("technician")],
        });
        for (name, value) in more.as_object().expect("fields") {
            input[name] = value.clone();
        }
        read(input)
    }

    async fn add(&self, more: Json) -> Rule {
        let rule = self.world.app.run(&self.company.admin, CreateRule(self.rule(&more))).await.expect("adds");
        self.world.app.run(&self.system().await, Arrange(Some(rule.id))).await.expect("arranges");
        rule
    }

    /// An asset whose warranty ends on this day.
    async fn press(&self, until: &str) -> Asset {
        let hall = self.world.location(&self.company.admin, "Hall", Some(self.company.site)).await;
        let asset = self.world.asset(&self.company.admin, "press", hall.id).await;
        self.extend(&asset, until).await
    }

    async fn extend(&self, asset: &Asset, until: &str) -> Asset {
        let input = AssetInput { warranty_until: Some(until.parse().expect("a date")), ..Asset::input(asset) };
        let update = Update::<Asset> { id: asset.id.into(), version: asset.version, input };
        self.world.app.run(&self.company.admin, update).await.expect("updates")
    }

    /// Lets time go on, and everything come that is due.
    async fn live(&self, days: i64) {
        let system = self.system().await;
        for _ in 0..days {
            self.advance(TimeDelta::days(1));
            let mut conn = self.world.superuser().await;
            sqlx::query("SELECT app.stage_timers($1, 1000)").bind(self.world.clock.now()).execute(&mut conn).await.expect("stages");
            let due: Vec<String> = sqlx::query_scalar("DELETE FROM queue.jobs WHERE kind = 'workflow.timer' RETURNING payload->>'timer'")
                .fetch_all(&mut conn)
                .await
                .expect("takes");
            for timer in due {
                self.world.app.timer_due(&system, timer.parse().expect("an id")).await.expect("comes");
            }
        }
    }

    /// The days before and after of which the technician was reminded, oldest first.
    async fn reminded(&self) -> Vec<String> {
        let mine = Mine { unread: false, kind: Some("asset.reminder".to_owned()), before: None, limit: 200 };
        let mut told = self.world.app.run(&self.tech, mine).await.expect("reads");
        told.reverse();
        told.iter().map(|row| format!("{} {}", row.at.format("%m-%d"), row.params["date"].as_str().unwrap_or_default())).collect()
    }

    async fn waiting(&self) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM timers WHERE kind = 'rule' AND wake_at IS NOT NULL")
            .fetch_one(&mut self.world.superuser().await)
            .await
            .expect("counts")
    }
}

#[tokio::test]
async fn given_a_rule_when_the_days_come_then_its_people_are_reminded_once_a_day_each() {
    let house = House::new().await;
    house.press("2026-03-12").await;
    let rule = house.add(json!({ "after_days": 2, "every_days": 3, "times": 2 })).await;
    assert_eq!(rule.before_days, [7, 1, 0], "in order, each once");
    assert_eq!(house.waiting().await, 5);
    house.world.app.run(&house.system().await, Arrange(None)).await.expect("arranges again");
    assert_eq!(house.waiting().await, 5, "nothing is doubled");
    // it is nine in the morning of the 2nd: each day's reminder came at eight
    house.live(20).await;
    let days = ["03-05", "03-11", "03-12", "03-14", "03-17"];
    assert_eq!(house.reminded().await, days.map(|day| format!("{day} 2026-03-12")));
    house.world.app.run(&house.system().await, Arrange(None)).await.expect("arranges again");
    assert_eq!(house.waiting().await, 0, "what has come does not come again");
}

#[tokio::test]
async fn given_a_date_that_moves_then_the_old_one_reminds_nobody_and_the_new_one_does() {
    let house = House::new().await;
    house.add(json!({})).await;
    let asset = house.press("2026-03-12").await;
    assert_eq!(house.waiting().await, 3, "a new date is followed at once");
    let asset = house.extend(&asset, "2026-03-20").await;
    assert_eq!(house.waiting().await, 3);
    // a change that no rule's hook has seen: the row's date is looked at again
    sqlx::query("UPDATE assets SET warranty_until = '2026-05-01' WHERE id = $1")
        .bind(asset.id)
        .execute(&mut house.world.superuser().await)
        .await
        .expect("changes");
    house.live(20).await;
    assert_eq!(house.reminded().await, Vec::<String>::new());
}

#[tokio::test]
async fn given_a_rule_changed_put_out_of_force_or_removed_then_what_waited_goes_with_it() {
    let house = House::new().await;
    house.press("2026-03-12").await;
    let rule = house.add(json!({})).await;
    let (app, admin, system) = (&house.world.app, &house.company.admin, house.system().await);
    let change = |version, more: Json| ChangeRule { id: rule.id.into(), version, input: house.rule(&more) };
    let later = app.run(admin, change(rule.version, json!({ "at": "10:30", "before_days": [3] }))).await.expect("changes");
    app.run(&system, Arrange(Some(rule.id))).await.expect("arranges");
    assert_eq!((house.waiting().await, &*later.at), (1, "10:30"));
    assert!(matches!(app.run(admin, change(rule.version, json!({}))).await, Err(Error::Stale { .. })));
    let off = app.run(admin, change(later.version, json!({ "active": false }))).await.expect("changes");
    app.run(&system, Arrange(Some(rule.id))).await.expect("arranges");
    assert_eq!(house.waiting().await, 0);
    app.run(admin, change(off.version, json!({}))).await.expect("changes");
    app.run(&system, Arrange(Some(rule.id))).await.expect("arranges");
    app.run(admin, DeleteRule { id: rule.id.into(), version: off.version + 1 }).await.expect("removes");
    assert_eq!((house.waiting().await, app.run(admin, ListRules).await.expect("lists").len()), (0, 0));
}

#[tokio::test]
async fn wrong_rules_are_named_and_another_companys_are_not_there() {
    let house = House::new().await;
    let (app, admin) = (&house.world.app, &house.company.admin);
    let wrong =
        house.rule(&json!({ "name": " ", "field": "asset.colour", "before_days": [400], "every_days": 0, "times": 31, "at": "25:00" }));
    let codes: Vec<String> =
        named(app.run(admin, CreateRule(wrong)).await).into_iter().map(|(field, code)| format!("{field} {code}")).collect();
    let expected = [
        "name required",
        "before_days out_of_range",
        "every_days out_of_range",
        "times out_of_range",
        "at not_an_hour",
        "field unknown_reference",
    ];
    assert_eq!(codes, expected);
    let empty = house.rule(&json!({ "before_days": [], "role_ids": [] }));
    let codes: Vec<String> = named(app.run(admin, CreateRule(empty)).await).into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, ["no_moment", "no_recipient"]);
    let nobody = house.rule(&json!({ "assignee": true }));
    assert_eq!(named(app.run(admin, CreateRule(nobody)).await)[0].1, "nobody_works");
    let stranger = house.rule(&json!({ "role_ids": [Uuid::now_v7()] }));
    assert_eq!(named(app.run(admin, CreateRule(stranger)).await)[0].1, "unknown_reference");
    let rule = house.add(json!({})).await;
    assert_eq!(named(app.run(admin, CreateRule(house.rule(&json!({})))).await)[0].1, "taken");
    let other = house.world.company("other").await;
    assert!(matches!(app.run(&other.admin, ShowRule(rule.id.into())).await, Err(Error::NotFound)));
    assert!(matches!(app.run(&house.tech, ListRules).await, Err(Error::Forbidden(_))));
}

#[tokio::test]
async fn every_declared_date_reminds_and_whoever_does_the_work_hears_of_it() {
    let house = House::new().await;
    let (app, admin) = (&house.world.app, &house.company.admin);
    let order = json!({ "title": "Belt", "location_id": house.company.site, "assignee_id": house.tech.actor().id,
        "due_at": "2026-03-10T10:00:00Z", "scheduled_at": "2026-03-10T20:30:00Z" });
    house.world.order(admin, order).await.expect("asks");
    house.press("2026-03-12").await;
    for (number, field) in FIELDS.iter().enumerate() {
        let whom = if field.assignee { json!([]) } else { json!([house.company.role("technician")]) };
        let more =
            json!({ "name": format!("{number}"), "field": field.key, "before_days": [2], "assignee": field.assignee, "role_ids": whom });
        house.add(more).await;
    }
    sqlx::query("UPDATE assets SET purchased_on = '2026-03-20'").execute(&mut house.world.superuser().await).await.expect("changes");
    app.run(&house.system().await, Arrange(None)).await.expect("arranges");
    house.live(20).await;
    let mine = Mine { unread: false, kind: None, before: None, limit: 200 };
    let mut told: Vec<String> = app
        .run(&house.tech, mine)
        .await
        .expect("reads")
        .iter()
        .filter(|row| row.kind.ends_with(".reminder"))
        .map(|row| {
            format!(
                "{} {} {}",
                row.params["field"].as_str().unwrap_or_default(),
                row.params["date"].as_str().unwrap_or_default(),
                row.at.format("%m-%d")
            )
        })
        .collect();
    told.sort();
    let expected = [
        "asset.purchased_on 2026-03-20 03-18",
        "asset.warranty_until 2026-03-12 03-10",
        "work_order.due_at 2026-03-10 03-08",
        // half past one at night in Almaty
        "work_order.scheduled_at 2026-03-11 03-09",
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn the_checks_of_a_day_tell_managers_once_and_nothing_on_a_day_without_news() {
    let house = House::new().await;
    let (app, system) = (&house.world.app, house.system().await);
    let manager = house.world.member(&house.company, "manager", "dana").await;
    let here = house.world.member_at(&house.company, "manager", "daniyar", Some(vec![house.company.site])).await.1;
    let day: NaiveDate = "2026-03-02".parse().expect("a date");
    let summaries = |scope| async move {
        let mine = Mine { unread: false, kind: Some("daily.summary".to_owned()), before: None, limit: 10 };
        app.run(scope, mine).await.expect("reads")
    };
    app.run(&system, RunDailyChecks { day }).await.expect("checks");
    assert!(summaries(&manager).await.is_empty());
    for (title, due) in [("late", "2026-03-01T10:00:00Z"), ("today", "2026-03-02T18:59:00Z"), ("tomorrow", "2026-03-02T19:01:00Z")] {
        let order = json!({ "title": title, "location_id": house.company.site, "due_at": due });
        house.world.order(&house.company.admin, order).await.expect("asks");
    }
    house.press("2026-03-20").await;
    app.run(&system, RunDailyChecks { day: day.succ_opt().expect("a day") }).await.expect("is not that day");
    assert!(summaries(&manager).await.is_empty());
    app.run(&system, RunDailyChecks { day }).await.expect("checks");
    app.run(&system, RunDailyChecks { day }).await.expect("checks again");
    let told = summaries(&manager).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].params, json!({ "overdue": 1, "due": 1, "warranties": 1 }));
    assert!(summaries(&here).await.is_empty(), "the figures are of every site");
    assert!(summaries(&house.tech).await.is_empty());
}
