//! A company's own texts.

use serde_json::json;
use uuid::Uuid;

use super::House;
use crate::kernel::error::Error;
use crate::kernel::testing::named;
use crate::notify::Channel;
use crate::notify::delivery::Load;
use crate::notify::own::{BellLines, ChangeText, ListTexts, OwnText, Place, ResetText, ShowText, Words};

fn place(channel: Channel) -> Place {
    Place { kind: "work_order.rejected".to_owned(), channel, locale: "en".to_owned() }
}

fn words(subject: &str, body: &str) -> Words {
    Words { subject: subject.to_owned(), body: body.to_owned() }
}

fn change(channel: Channel, version: i32, subject: &str, body: &str) -> ChangeText {
    ChangeText { place: place(channel), version, words: words(subject, body) }
}

#[tokio::test]
async fn a_text_is_written_at_its_version_goes_with_the_message_and_gives_way_to_ours_again() {
    let house = House::new().await;
    let (app, admin) = (&house.world.app, &house.company.admin);
    assert_eq!(app.run(admin, ShowText(place(Channel::Email))).await.expect("reads"), OwnText::default());
    let kept = app.run(admin, change(Channel::Email, 0, "No: {{number}}", "Dear {{name}},\n{{reason}}")).await.expect("writes");
    assert_eq!((kept.version, &*kept.subject), (1, "No: {{number}}"));
    assert!(matches!(app.run(admin, change(Channel::Email, 0, "{{number}}", "x")).await, Err(Error::Stale { current: 1, .. })));
    app.run(admin, change(Channel::Bell, 0, "{{number}}!", "")).await.expect("writes the bell's");
    assert_eq!(app.run(admin, ListTexts).await.expect("lists").len(), 2);
    let lines = app.run(&house.tech, BellLines { locale: "en".to_owned() }).await.expect("reads");
    assert_eq!(lines, [("work_order.rejected".to_owned(), "{{number}}!".to_owned())]);

    house.say(house.saying("work_order.rejected")).await;
    let mut conn = house.world.superuser().await;
    let delivery: Uuid =
        sqlx::query_scalar("SELECT id FROM deliveries WHERE channel = 'email'").fetch_one(&mut conn).await.expect("is there");
    let system = house.system().await;
    let message = app.run(&system, Load(delivery)).await.expect("loads").expect("is to be sent");
    assert_eq!(message.own_subject.as_deref(), Some("No: {{number}}"));
    app.run(admin, ResetText { place: place(Channel::Email), version: 1 }).await.expect("goes back");
    let message = app.run(&system, Load(delivery)).await.expect("loads").expect("is to be sent");
    assert_eq!(message.own_subject, None);
    let audited: Vec<String> = sqlx::query_scalar("SELECT op FROM audit_log WHERE tbl = 'notification_texts' ORDER BY at, id")
        .fetch_all(&mut conn)
        .await
        .expect("reads");
    assert_eq!(audited.len(), 3, "{audited:?}");
    // another company's texts are its own
    let other = house.world.company("other").await;
    assert!(app.run(&other.admin, ListTexts).await.expect("lists").is_empty());
    assert_eq!(app.run(&other.admin, ShowText(place(Channel::Bell))).await.expect("reads").version, 0);
}

#[tokio::test]
async fn what_a_text_may_not_say_is_named_with_its_line() {
    let house = House::new().await;
    let (app, admin) = (&house.world.app, &house.company.admin);
    let refused = app.run(admin, change(Channel::Email, 0, "{{number}}", "a\nb\n{{colour}}")).await;
    let Err(Error::Invalid(errors)) = refused else { panic!("{refused:?}") };
    assert_eq!((errors[0].field.as_str(), &*errors[0].code), ("body", "unknown_placeholder"));
    assert_eq!(json!(errors[0].params), json!([["name", "colour"], ["line", "3"]]));
    let code = |change: ChangeText| async move { named(app.run(admin, change).await) };
    let one = |field: &str, code: &str| vec![(field.to_owned(), code.to_owned())];
    assert_eq!(code(change(Channel::Email, 0, "Hello", "you")).await, one("subject", "placeholder_missing"));
    assert_eq!(code(change(Channel::Email, 0, "{{number", "x")).await, one("subject", "unclosed_placeholder"));
    assert_eq!(code(change(Channel::Email, 0, "{{number}}\nBcc: x", "x")).await, one("subject", "one_line"));
    assert_eq!(code(change(Channel::Email, 0, "{{number}}", " ")).await, one("body", "required"));
    assert_eq!(code(change(Channel::Bell, 0, "{{number}}", "more")).await, one("body", "too_long"));
    assert_eq!(code(change(Channel::Email, 0, "x", &"{{number}}".repeat(31))).await, one("body", "too_many_placeholders"));
    for wrong in [
        Place { kind: "invitation".to_owned(), ..place(Channel::Email) },
        Place { kind: "nothing".to_owned(), ..place(Channel::Email) },
        Place { locale: "de".to_owned(), ..place(Channel::Email) },
    ] {
        assert!(matches!(app.run(admin, ShowText(wrong)).await, Err(Error::NotFound)));
    }
}

#[tokio::test]
async fn only_whoever_manages_messages_for_the_whole_company_writes_them() {
    let house = House::new().await;
    let app = &house.world.app;
    assert!(matches!(app.run(&house.tech, ListTexts).await, Err(Error::Forbidden(_))));
    assert!(matches!(app.run(&house.tech, change(Channel::Email, 0, "{{number}}", "x")).await, Err(Error::Forbidden(_))));
    let limited = house.world.member_at(&house.company, "admin", "aru", Some(vec![house.company.site])).await.1;
    assert!(matches!(app.run(&limited, change(Channel::Email, 0, "{{number}}", "x")).await, Err(Error::Forbidden(_))));
}
