//! What became of messages.

use chrono::TimeDelta;
use uuid::Uuid;

use super::House;
use crate::kernel::error::Error;
use crate::kernel::platform::Caller;
use crate::notify::Channel;
use crate::notify::delivery::{Outcome, Record};
use crate::notify::log::{ChangeRetention, Log, Mail, Retention, ShowRetention};

async fn letter(house: &House) -> Uuid {
    house.say(house.saying("work_order.assigned")).await;
    let log = Log { channel: Some(Channel::Email), limit: 1, ..Log::default() };
    house.world.app.run(&house.company.admin, log).await.expect("lists")[0].id
}

#[tokio::test]
async fn every_try_is_counted_and_the_last_answer_kept() {
    let house = House::new().await;
    let (app, admin) = (&house.world.app, &house.company.admin);
    let (sent, refused) = (letter(&house).await, letter(&house).await);
    let system = house.system().await;
    for (delivery, outcome) in [
        (sent, Outcome::Failed("connection refused".to_owned())),
        (sent, Outcome::Delayed("slow down".to_owned())),
        (sent, Outcome::Sent),
        (refused, Outcome::Refused("550 no such user".to_owned())),
        (refused, Outcome::Sent),
    ] {
        app.run(&system, Record { delivery, outcome }).await.expect("records");
    }
    let listed = app.run(admin, Log { limit: 10, ..Log::default() }).await.expect("lists");
    let row = |id| listed.iter().find(|row| row.id == id).expect("is listed");
    assert_eq!((row(sent).state.as_str(), row(sent).attempts, row(sent).reason.as_deref()), ("sent", 2, None));
    let gone = row(refused);
    assert_eq!(
        (gone.state.as_str(), gone.attempts, gone.reason.as_deref()),
        ("refused", 1, Some("550 no such user")),
        "what ended has ended"
    );
    assert_eq!(gone.member, "timur");
    let only = |log: Log| async move { app.run(admin, log).await.expect("lists").len() };
    assert_eq!(only(Log { state: Some("skipped".to_owned()), limit: 10, ..Log::default() }).await, 2);
    assert_eq!(only(Log { channel: Some(Channel::Email), before: Some(refused), limit: 10, ..Log::default() }).await, 1);
    assert_eq!(only(Log { member: Some(admin.actor().id.uuid()), limit: 10, ..Log::default() }).await, 0);
    assert_eq!(only(Log { kind: Some("work_order.rejected".to_owned()), limit: 10, ..Log::default() }).await, 0);
    assert!(matches!(app.run(&house.tech, Log { limit: 1, ..Log::default() }).await, Err(Error::Forbidden(_))));
}

#[tokio::test]
async fn operators_see_figures_and_refusals_and_nobody_else_does() {
    let house = House::new().await;
    let app = &house.world.app;
    let refused = letter(&house).await;
    app.run(&house.system().await, Record { delivery: refused, outcome: Outcome::Refused("550".to_owned()) }).await.expect("records");
    let figures = app.platform(&house.world.operator(), Mail { days: 90 }).await.expect("reads");
    let mail = figures.iter().find(|row| row.channel == "email").expect("is listed");
    assert_eq!((mail.company.as_str(), mail.refused, mail.sent, mail.refusal.as_deref()), ("Demo dala", 1, 0, Some("550")));
    let anyone = Caller::anyone(house.world.request());
    assert!(app.platform(&anyone, Mail { days: 7 }).await.is_err());
}

#[tokio::test]
async fn what_was_told_is_forgotten_when_the_company_says_but_not_what_still_waits() {
    let house = House::new().await;
    let (app, admin) = (&house.world.app, &house.company.admin);
    assert_eq!(app.run(admin, ShowRetention).await.expect("reads"), Retention { keep_days: 90, version: 0 });
    assert!(app.run(admin, ChangeRetention { version: 0, keep_days: 3 }).await.is_err());
    letter(&house).await;
    let prune = || async {
        let mut conn = house.world.superuser().await;
        sqlx::query("SELECT app.prune_notifications($1)").bind(house.world.clock.now()).execute(&mut conn).await.expect("prunes");
        house.bell().await
    };
    house.advance(TimeDelta::days(89));
    assert_eq!(prune().await, 1);
    let kept = app.run(admin, ChangeRetention { version: 0, keep_days: 30 }).await.expect("changes");
    assert_eq!((kept.keep_days, kept.version), (30, 1));
    sqlx::query("UPDATE deliveries SET wake_at = now()").execute(&mut house.world.superuser().await).await.expect("as if it waited");
    assert_eq!(prune().await, 1, "a message that waits is not dropped");
    sqlx::query("UPDATE deliveries SET wake_at = NULL").execute(&mut house.world.superuser().await).await.expect("as if it were sent");
    assert_eq!((prune().await, house.deliveries().await.len()), (0, 0));
}
