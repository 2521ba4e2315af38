//! What members choose.

use serde_json::json;

use super::House;
use crate::kernel::testing::{named, read};
use crate::notify::Channel;
use crate::notify::kinds::Mode;
use crate::notify::preference::{ChangePreferences, Choices, Preferences, ShowPreferences};

fn mode(preferences: &Preferences, kind: &str, channel: Channel) -> Mode {
    preferences.preferences.iter().find(|known| known.kind == kind && known.channel == channel).expect("is listed").mode
}

#[tokio::test]
async fn what_is_chosen_is_kept_apart_by_person_and_replaced_as_a_whole() {
    let house = House::new().await;
    let app = &house.world.app;
    let choices: Choices = read(json!({
        "preferences": [{ "kind": "work_order.completed", "channel": "email", "mode": "hourly" },
                        { "kind": "work_order.approval_requested", "channel": "email", "mode": "now" }],
        "quiet_hours": { "from": "22:00", "until": "07:30", "zone": "Europe/Istanbul" },
    }));
    let chosen = app.run(&house.tech, ChangePreferences(choices)).await.expect("chooses");
    assert_eq!(mode(&chosen, "work_order.completed", Channel::Email), Mode::Hourly);
    assert_eq!(chosen.quiet_hours.as_ref().map(|quiet| (&*quiet.until, quiet.zone.as_deref())), Some(("07:30", Some("Europe/Istanbul"))));
    assert_eq!(app.run(&house.tech, ShowPreferences).await.expect("reads"), chosen);
    let admin = app.run(&house.company.admin, ShowPreferences).await.expect("reads");
    assert_eq!((mode(&admin, "work_order.completed", Channel::Email), admin.quiet_hours), (Mode::Now, None), "somebody else's");
    let none = app.run(&house.tech, ChangePreferences(read(json!({})))).await.expect("chooses nothing");
    assert_eq!((mode(&none, "work_order.completed", Channel::Email), none.quiet_hours), (Mode::Now, None));
    let viewer = house.world.member(&house.company, "viewer", "vera").await;
    let usual = app.run(&viewer, ShowPreferences).await.expect("reads");
    assert_eq!(mode(&usual, "work_order.completed", Channel::Email), Mode::Daily, "an onlooker's mail can wait");
}

#[tokio::test]
async fn wrong_choices_are_named() {
    let house = House::new().await;
    let wrong = json!({
        "preferences": [{ "kind": "work_order.sung", "channel": "email", "mode": "now" },
                        { "kind": "work_order.approval_requested", "channel": "bell", "mode": "off" },
                        { "kind": "work_order.sla_breach", "channel": "email", "mode": "daily" },
                        { "kind": "invitation", "channel": "email", "mode": "off" }],
        "quiet_hours": { "from": "22", "until": "07:00", "zone": "Mars/Base" },
    });
    let named = named(house.world.app.run(&house.tech, ChangePreferences(read(wrong))).await);
    let named: Vec<(&str, &str)> = named.iter().map(|(field, code)| (field.as_str(), code.as_str())).collect();
    assert_eq!(
        named,
        [
            ("preferences/0/kind", "unknown_reference"),
            ("preferences/1/mode", "mandatory_message"),
            ("preferences/2/mode", "not_one_of"),
            ("preferences/3/kind", "unknown_reference"),
            ("quiet_hours/from", "not_an_hour"),
            ("quiet_hours/zone", "bad_zone"),
        ]
    );
}
