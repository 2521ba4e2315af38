//! From what happened to what is sent.

use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;

use super::{House, way};
use crate::kernel::error::Error;
use crate::kernel::testing::{World, read};
use crate::notify::delivery::{LoadLetter, Outcome, RecordLetter};
use crate::notify::preference::ChangePreferences;
use crate::notify::unsubscribe::{EndLetters, Letters};
use crate::notify::{Kind, Unread};

#[tokio::test]
async fn given_a_member_without_telegram_when_told_then_a_letter_goes_and_the_other_is_noted_as_skipped() {
    let house = House::new().await;
    house.say(house.saying("work_order.assigned")).await;
    assert_eq!(house.deliveries().await, [way("email", "pending", None, false), way("telegram", "skipped", Some("no_address"), false)]);
    assert_eq!(house.bell().await, 1);
    assert!(house.stage().await.is_empty(), "what goes at once is queued already");
}

#[tokio::test]
async fn given_ways_turned_off_when_told_then_they_are_not_taken_and_what_is_mandatory_is() {
    let house = House::new().await;
    let off = |kind: &str, channel: &str| json!({ "kind": kind, "channel": channel, "mode": "off" });
    let choices = json!({ "preferences": [
        off("work_order.completed", "bell"), off("work_order.completed", "email"), off("work_order.completed", "telegram")] });
    house.world.app.run(&house.tech, ChangePreferences(read(choices))).await.expect("chooses");
    house.say(house.saying("work_order.completed")).await;
    assert!(house.deliveries().await.is_empty());
    assert_eq!((house.bell().await, house.world.app.run(&house.tech, Unread).await.expect("counts")), (0, 0), "it is kept, and not shown");
    let end = |key: &str| EndLetters(Letters::Of(Kind::find(key).expect("is declared")));
    house.world.app.run(&house.tech, end("work_order.approval_requested")).await.expect("does nothing");
    house.say(house.saying("work_order.approval_requested")).await;
    assert_eq!(house.deliveries().await[0], way("email", "pending", None, false));
    house.world.app.run(&house.tech, end("work_order.assigned")).await.expect("may");
    house.say(house.saying("work_order.assigned")).await;
    assert_eq!(house.deliveries().await.iter().filter(|row| row.0 == "email").count(), 1);
}

#[tokio::test]
async fn given_quiet_hours_when_told_then_only_what_is_urgent_goes_and_the_rest_is_queued_at_their_end() {
    let house = House::new().await;
    // it is nine in the morning in Almaty
    let choices = json!({ "quiet_hours": { "from": "08:00", "until": "12:00" } });
    house.world.app.run(&house.tech, ChangePreferences(read(choices))).await.expect("chooses");
    house.say(house.saying("work_order.assigned")).await;
    house.say(house.saying("work_order.sla_breach")).await;
    let waiting: Vec<bool> = house.deliveries().await.into_iter().filter(|row| row.0 == "email").map(|row| row.3).collect();
    assert_eq!(waiting, [true, false]);
    house.advance(TimeDelta::hours(3) - TimeDelta::seconds(1));
    assert!(house.stage().await.is_empty());
    house.advance(TimeDelta::seconds(1));
    let jobs = house.stage().await;
    assert_eq!((jobs.len(), jobs[0].0.as_str()), (1, "notify.email"));
    assert!(house.stage().await.is_empty(), "once");
}

#[tokio::test]
async fn given_a_daily_letter_when_morning_comes_then_one_job_lists_everything_and_is_sent_once() {
    let house = House::new().await;
    let daily = |kind: &str| json!({ "kind": kind, "channel": "email", "mode": "daily" });
    let choices = json!({ "preferences": [daily("work_order.completed"), daily("work_order.due_soon")] });
    house.world.app.run(&house.tech, ChangePreferences(read(choices))).await.expect("chooses");
    for text in ["work_order.completed", "work_order.due_soon", "work_order.completed"] {
        house.say(house.saying(text)).await;
    }
    assert!(house.stage().await.is_empty());
    house.advance(TimeDelta::hours(23));
    let jobs = house.stage().await;
    assert_eq!((jobs.len(), jobs[0].0.as_str()), (1, "notify.digest"));
    let batch: Uuid = jobs[0].1["batch"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    let system = house.system().await;
    let letter = house.world.app.run(&system, LoadLetter(batch)).await.expect("loads").expect("is to be sent");
    let kinds: Vec<&str> = letter.items.iter().map(|item| item.kind.as_str()).collect();
    assert_eq!(kinds, ["work_order.completed", "work_order.due_soon", "work_order.completed"]);
    assert_eq!(letter.address, "timur@dala.example");
    let deliveries: Vec<Uuid> = letter.items.iter().map(|item| item.delivery).collect();
    house.world.app.run(&system, RecordLetter { deliveries, outcome: Outcome::Sent }).await.expect("records");
    assert!(house.world.app.run(&system, LoadLetter(batch)).await.expect("loads").is_none(), "a job run twice sends nothing");
    let other = house.world.company("other").await;
    let stranger = house.world.app.run(&other.admin, LoadLetter(batch)).await.expect("answers");
    assert!(stranger.is_none(), "another company's letter is not there");
}

#[tokio::test]
async fn given_collected_letters_ended_then_what_waits_is_not_sent_and_what_comes_at_once_still_comes() {
    let house = House::new().await;
    let chosen = |kind: &str, mode: &str| json!({ "kind": kind, "channel": "email", "mode": mode });
    let choices = json!({ "preferences": [chosen("work_order.completed", "daily"), chosen("work_order.due_soon", "hourly")] });
    house.world.app.run(&house.tech, ChangePreferences(read(choices))).await.expect("chooses");
    for text in ["work_order.completed", "work_order.due_soon", "work_order.assigned"] {
        house.say(house.saying(text)).await;
    }
    house.world.app.run(&house.tech, EndLetters(Letters::Collected)).await.expect("may");
    house.advance(TimeDelta::hours(23));
    assert!(house.stage().await.is_empty());
    let mail = |rows: Vec<(String, String, Option<String>, bool)>| rows.into_iter().filter(|row| row.0 == "email").collect::<Vec<_>>();
    let ended = way("email", "skipped", Some("turned_off"), false);
    assert_eq!(mail(house.deliveries().await), [ended.clone(), ended, way("email", "pending", None, false)]);
    house.say(house.saying("work_order.completed")).await;
    assert_eq!((mail(house.deliveries().await).len(), house.bell().await), (3, 4), "the bell goes on");
}

#[tokio::test]
async fn given_the_same_thing_said_again_within_minutes_then_it_is_one_message() {
    let house = House::new().await;
    let say = house.saying("work_order.assigned");
    house.say(say.clone()).await;
    house.say(super::Say { dedupe: "again".to_owned(), ..say.clone() }).await;
    assert_eq!(house.bell().await, 1, "a double press");
    house.say(super::Say { dedupe: "by another".to_owned(), mention: json!({ "number": "WO-7", "actor": "Dana" }), ..say.clone() }).await;
    assert_eq!(house.bell().await, 2, "another thing");
    house.advance(TimeDelta::minutes(6));
    house.say(super::Say { dedupe: "later".to_owned(), ..say.clone() }).await;
    house.say(say).await;
    assert_eq!(house.bell().await, 3, "later it is news again, and a happening delivered twice is not");
    let asked = house.saying("work_order.approval_requested");
    house.say(asked.clone()).await;
    house.say(super::Say { dedupe: "second round".to_owned(), ..asked }).await;
    assert_eq!(house.bell().await, 5, "every question is asked");
}

#[tokio::test]
async fn what_bears_secrets_is_never_kept_and_a_kind_that_is_no_more_stops_nothing() {
    let house = House::new().await;
    let secret = house.world.app.run(&house.company.admin, house.saying("password_reset")).await;
    assert!(matches!(secret, Err(Error::Internal(_))), "{secret:?}");
    house.say(house.saying("work_order.sung")).await;
    assert_eq!((house.bell().await, house.deliveries().await.len()), (0, 0));
}

#[tokio::test]
async fn given_a_chat_linked_in_several_companies_when_its_owner_says_stop_then_a_suspended_one_keeps_nobody_from_leaving_the_others() {
    for suspended in ["north", "south"] {
        let world = World::new().await;
        for slug in ["north", "south"] {
            world.company(slug).await;
        }
        let mut conn = world.superuser().await;
        sqlx::query("UPDATE members SET telegram_chat = 77 WHERE kind = 'person'").execute(&mut conn).await.expect("links");
        let suspend = sqlx::query("UPDATE platform.tenants SET status = 'suspended' WHERE slug = $1").bind(suspended);
        suspend.execute(&mut conn).await.expect("suspends");
        world.app.unlink_telegram_chat(77).await.expect("unlinks");
        let linked: Vec<String> = sqlx::query_scalar(
            "SELECT t.slug FROM members m JOIN platform.tenants t ON t.id = m.tenant_id WHERE m.telegram_chat IS NOT NULL",
        )
        .fetch_all(&mut conn)
        .await
        .expect("reads");
        assert_eq!(linked, [suspended]);
    }
}
