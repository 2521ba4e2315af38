//! Exports sent by the calendar: who keeps schedules, when they come, who is sent what.

use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{begin, count, done, end, fetch, house};
use crate::exports::schedule::{
    ChangeSchedule, CreateSchedule, DeleteSchedule, ListSchedules, Recipients, Schedule, ScheduleInput, ShowSchedule,
};
use crate::exports::{Cancel, Ended, Mine, Remove};
use crate::kernel::error::Error;
use crate::kernel::scope::Scope;
use crate::kernel::testing::{World, named, read};

fn input(to: &[&Scope], more: &Json) -> ScheduleInput {
    let to: Vec<Uuid> = to.iter().map(|scope| scope.actor().id.uuid()).collect();
    let mut input = json!({
        "name": "Suppliers", "list": "vendors", "query": "kind=supplier", "format": "csv", "every": "day", "at": "08:00", "recipients": to,
    });
    for (name, value) in more.as_object().expect("fields") {
        input[name] = value.clone();
    }
    read(input)
}

async fn add(world: &World, owner: &Scope, to: &[&Scope]) -> Schedule {
    world.app.run(owner, CreateSchedule(input(to, &json!({})))).await.expect("adds")
}

/// Has everything come that is due, `times` at once; answers the exports that wait.
async fn come(world: &World, house: &Scope, times: usize) -> Vec<Uuid> {
    let mut conn = world.superuser().await;
    sqlx::query("SELECT app.stage_timers($1, 1000)").bind(world.clock.now()).execute(&mut conn).await.expect("stages");
    let due: Vec<String> = sqlx::query_scalar("DELETE FROM queue.jobs WHERE kind = 'workflow.timer' RETURNING payload->>'timer'")
        .fetch_all(&mut conn)
        .await
        .expect("takes");
    for timer in due {
        let timer: Uuid = timer.parse().expect("an id");
        let at_once = (0..times).map(|_| world.app.timer_due(house, timer));
        for came in futures::future::join_all(at_once).await {
            came.expect("comes");
        }
    }
    sqlx::query_scalar("SELECT id FROM exports WHERE state = 'queued' ORDER BY id").fetch_all(&mut conn).await.expect("lists")
}

#[tokio::test]
async fn what_is_wrong_with_a_schedule_is_told_by_name() {
    let world = World::new().await;
    let company = world.company("north").await;
    let other = world.company("south").await;
    let wrong = json!({ "name": " ", "query": "colour=red", "format": "docx", "every": "month", "month_day": 32, "at": "late" });
    let refused = world.app.run(&company.admin, CreateSchedule(input(&[&other.admin], &wrong))).await;
    let names: Vec<String> = named(refused).into_iter().map(|(field, _)| field).collect();
    assert_eq!(names, ["name", "format", "query/colour", "month_day", "at", "recipients"]);
    let nobody = world.app.run(&company.admin, CreateSchedule(input(&[], &json!({ "every": "week" })))).await;
    assert_eq!(named(nobody).into_iter().map(|(field, _)| field).collect::<Vec<_>>(), ["weekday", "recipients"]);
    let technician = world.member(&company, "technician", "tech").await;
    let members = input(&[&technician], &json!({ "list": "members", "query": "" }));
    assert!(matches!(world.app.run(&technician, CreateSchedule(members)).await, Err(Error::Forbidden(_))));
    assert_eq!(count(&world, "SELECT count(*) FROM export_schedules").await, 0);
}

#[tokio::test]
async fn a_schedule_comes_at_its_hour_once_whoever_looks_at_the_clock() {
    let world = World::new().await;
    let company = world.company("north").await;
    let house = house(&world, &company).await;
    let schedule = add(&world, &company.admin, &[&company.admin]).await;
    let next = schedule.next_at.expect("comes");
    assert!(next > world.clock.now() && next - world.clock.now() <= TimeDelta::days(1), "{next}");
    assert!(come(&world, &house, 1).await.is_empty(), "its time has not come");

    world.clock.advance(next - world.clock.now());
    let exports = come(&world, &house, 3).await;
    assert_eq!(exports.len(), 1, "three processes looked at once");
    let later = world.app.run(&company.admin, ShowSchedule(schedule.id.into())).await.expect("shows");
    assert_eq!(later.next_at, Some(next + TimeDelta::days(1)));
    let mine = world.app.run(&company.admin, Mine { before: None, limit: 5 }).await.expect("lists");
    assert_eq!((mine.len(), mine[0].schedule.as_deref(), mine[0].own), (1, Some("Suppliers"), true));

    // three mornings without a worker are one file
    world.clock.advance(TimeDelta::days(3));
    assert_eq!(come(&world, &house, 1).await.len(), 2);
    assert!(come(&world, &house, 1).await.len() == 2, "and the next is tomorrow's");
}

#[tokio::test]
async fn those_it_is_sent_to_are_told_and_handed_the_file_as_far_as_they_may_see_everything_in_it() {
    let world = World::new().await;
    let company = world.company("north").await;
    let house = house(&world, &company).await;
    let manager = world.member(&company, "manager", "boss").await;
    let (_, limited) = world.member_at(&company, "manager", "local", Some(vec![company.site])).await;
    let technician = world.member(&company, "technician", "tech").await;
    let mut conn = world.superuser().await;
    sqlx::query("UPDATE roles SET permissions = array_remove(permissions, 'vendor.view') WHERE key = 'technician'")
        .execute(&mut conn)
        .await
        .expect("changes");
    let offered = world.app.run(&company.admin, Recipients { list: "vendors".into() }).await.expect("offers");
    assert_eq!(offered.iter().map(|(_, name)| name.to_lowercase()).filter(|name| name.contains("tech")).count(), 0, "{offered:?}");

    let schedule = add(&world, &company.admin, &[&manager, &limited, &technician]).await;
    world.clock.advance(schedule.next_at.expect("comes") - world.clock.now());
    let export = come(&world, &house, 1).await[0];
    assert!(matches!(fetch(&world, &manager, export).await, Err(Error::NotFound)), "there is no file yet");
    let order = begin(&world, &house, export).await;
    assert_eq!(order.member, company.admin.actor().id, "it is read as its owner");
    end(&world, &house, &order, done(&company.admin)).await;

    let told = "SELECT count(*) FROM notifications WHERE kind = 'export.scheduled' AND params->>'title' = 'Suppliers'";
    assert_eq!(count(&world, told).await, 1, "the one may not see vendors, the other not all sites");
    assert_eq!(count(&world, "SELECT count(*) FROM notifications WHERE kind = 'export.ready'").await, 0);
    assert_eq!(fetch(&world, &manager, export).await.expect("hands over").file, order.file);
    let sent = world.app.run(&manager, Mine { before: None, limit: 5 }).await.expect("lists");
    assert_eq!((sent.len(), sent[0].own), (1, false));
    for other in [&limited, &technician] {
        assert!(fetch(&world, other, export).await.is_err());
        assert!(world.app.run(other, Mine { before: None, limit: 5 }).await.expect("lists").is_empty());
    }
    assert!(matches!(world.app.run(&manager, Cancel(export)).await, Err(Error::NotFound)), "it is not theirs");
    assert!(matches!(world.app.run(&manager, Remove(export)).await, Err(Error::NotFound)));

    sqlx::query("UPDATE roles SET permissions = array_remove(permissions, 'vendor.view') WHERE key = 'manager'")
        .execute(&mut conn)
        .await
        .expect("changes");
    let (boss, slug) = (manager.actor().id.uuid(), world.request());
    let manager = world.app.scope_of(company.admin.tenant().uuid(), Some(boss), slug).await.expect("enters");
    assert!(matches!(fetch(&world, &manager, export).await, Err(Error::Forbidden(_))), "the right was lost since");
}

#[tokio::test]
async fn an_owner_who_left_or_lost_the_right_stops_it_and_those_who_manage_the_company_are_told() {
    let world = World::new().await;
    let company = world.company("north").await;
    let house = house(&world, &company).await;
    let manager = world.member(&company, "manager", "boss").await;
    for (reason, told) in [("member_gone", 2), ("forbidden", 4)] {
        let schedule = add(&world, &manager, &[&company.admin]).await;
        world.clock.advance(schedule.next_at.expect("comes") - world.clock.now());
        let export = come(&world, &house, 1).await[0];
        let order = begin(&world, &house, export).await;
        end(&world, &house, &order, Ended::Failed(reason)).await;
        let stopped = world.app.run(&company.admin, ShowSchedule(schedule.id.into())).await.expect("shows");
        assert_eq!((stopped.active, stopped.stopped.as_deref(), stopped.next_at), (false, Some(reason), None));
        assert_eq!(
            count(&world, "SELECT count(*) FROM notifications WHERE kind = 'export.stopped'").await,
            told,
            "the admin and the owner"
        );
        assert_eq!(count(&world, "SELECT count(*) FROM notifications WHERE kind = 'export.failed'").await, 0);
    }
    // what may pass stops nothing
    let schedule = add(&world, &manager, &[&company.admin]).await;
    world.clock.advance(schedule.next_at.expect("comes") - world.clock.now());
    let export = come(&world, &house, 1).await[0];
    let order = begin(&world, &house, export).await;
    end(&world, &house, &order, Ended::Failed("storage_full")).await;
    assert!(world.app.run(&manager, ShowSchedule(schedule.id.into())).await.expect("shows").active);
    assert_eq!(count(&world, "SELECT count(*) FROM notifications WHERE kind = 'export.failed'").await, 1);
}

#[tokio::test]
async fn a_schedule_is_its_owners_and_those_who_manage_the_company_may_stop_it() {
    let world = World::new().await;
    let (company, south) = (world.company("north").await, world.company("south").await);
    let house = house(&world, &company).await;
    let owner = world.member(&company, "manager", "boss").await;
    let colleague = world.member(&company, "manager", "other").await;
    let schedule = add(&world, &owner, &[&colleague]).await;
    let (id, version) = (schedule.id.into(), schedule.version);
    let change = |more: Json| ChangeSchedule { id, version, input: input(&[&owner], &more) };
    for other in [&colleague, &south.admin] {
        assert!(matches!(world.app.run(other, ShowSchedule(id)).await, Err(Error::NotFound)));
        assert!(matches!(world.app.run(other, change(json!({}))).await, Err(Error::NotFound)));
        assert!(matches!(world.app.run(other, DeleteSchedule { id, version }).await, Err(Error::NotFound)));
        assert!(world.app.run(other, ListSchedules).await.expect("lists").is_empty());
    }
    let seen = world.app.run(&company.admin, ListSchedules).await.expect("lists");
    assert_eq!((seen.len(), seen[0].recipient_names.len(), seen[0].member_id), (1, 1, owner.actor().id.uuid()));

    let paused = world.app.run(&company.admin, change(json!({ "active": false }))).await.expect("pauses");
    assert_eq!((paused.active, paused.next_at, paused.member_id), (false, None, owner.actor().id.uuid()));
    world.clock.advance(TimeDelta::days(2));
    assert!(come(&world, &house, 1).await.is_empty(), "nothing comes of what is paused");
    let again = ChangeSchedule { version: paused.version, ..change(json!({ "every": "month", "month_day": 31, "weekday": 2 })) };
    let again = world.app.run(&owner, again).await.expect("goes on");
    assert!(again.next_at.is_some() && again.weekday.is_none(), "{again:?}");
    assert!(matches!(world.app.run(&owner, change(json!({}))).await, Err(Error::Stale { .. })));
    world.app.run(&owner, DeleteSchedule { id, version: again.version }).await.expect("removes");
    assert_eq!(count(&world, "SELECT count(*) FROM timers").await, 0);
}
