//! Channels that fail: whose they are, or who looks after them, is told once, and once when they work again.

use chrono::TimeDelta;
use serde_json::{Value as Json, json};

use super::House;
use crate::kernel::testing::read;
use crate::notify::Mine;
use crate::notify::mail_server::{Input, SetMailServer};
use crate::notify::outage::NoteMailServer;
use crate::notify::refusal::NoteAddress;

impl House {
    /// What the admin was told, oldest first: kinds and what they mention.
    async fn admin_was_told(&self) -> Vec<(String, Json)> {
        let mine = Mine { unread: false, kind: None, before: None, limit: 200 };
        let told = self.world.app.run(&self.company.admin, mine).await.expect("reads");
        told.into_iter().rev().map(|each| (each.kind, each.params)).collect()
    }

    async fn note(&self, failure: Option<&str>) {
        let note = NoteMailServer(failure.map(str::to_owned));
        self.world.app.run(&self.system().await, note).await.expect("notes");
    }

    async fn note_address(&self, address: &str, refused: Option<&str>) {
        let note = NoteAddress { member: self.tech.actor().id.uuid(), address: address.to_owned(), refused: refused.map(str::to_owned) };
        self.world.app.run(&self.system().await, note).await.expect("notes");
    }
}

fn kinds(told: &[(String, Json)]) -> Vec<&str> {
    told.iter().map(|(kind, _)| kind.as_str()).collect()
}

#[tokio::test]
async fn an_outage_that_lasts_is_told_once_and_so_is_its_end() {
    let house = House::new().await;
    house.note(Some("nobody has a server")).await;
    let server: Input = read(json!({ "host": "smtp.dala.example", "port": 465, "security": "tls", "sender": "a@dala.example" }));
    house.world.app.run(&house.company.admin, SetMailServer(server.clone())).await.expect("sets");
    house.note(Some("refused")).await;
    house.advance(TimeDelta::minutes(4));
    house.note(Some("refused")).await;
    house.note(None).await;
    assert!(house.admin_was_told().await.is_empty(), "a hiccup");
    for outage in 1..=2 {
        for minutes in [1, 5, 1, 60] {
            house.note(Some(&format!("no answer, {minutes}"))).await;
            house.advance(TimeDelta::minutes(minutes));
        }
        house.note(Some("no answer, 60")).await;
        let told = house.admin_was_told().await;
        assert_eq!(kinds(&told).iter().filter(|kind| **kind == "channel.mail_failing").count(), outage, "{told:?}");
        house.note(None).await;
        house.note(None).await;
    }
    let told = house.admin_was_told().await;
    let [failing, working] = ["channel.mail_failing", "channel.mail_working"];
    assert_eq!(kinds(&told), [failing, working, failing, working]);
    assert_eq!(told[0].1["host"], json!("smtp.dala.example"));
    assert_eq!(told[0].1["reason"], json!("no answer, 1"), "as it was when it had lasted");
    // a server that is set anew has no outage behind it
    house.note(Some("no answer")).await;
    house.advance(TimeDelta::minutes(6));
    house.note(Some("no answer")).await;
    house.world.app.run(&house.company.admin, SetMailServer(server)).await.expect("sets");
    house.note(None).await;
    assert_eq!(house.admin_was_told().await.len(), 5);
}

#[tokio::test]
async fn an_address_refused_again_and_again_is_told_once_and_so_is_that_it_takes_letters() {
    let house = House::new().await;
    let address = "timur@dala.example";
    for _ in 0..2 {
        house.note_address(address, Some("550 no such user")).await;
    }
    house.note_address(address, None).await;
    assert!(house.admin_was_told().await.is_empty(), "twice may be an accident");
    for _ in 0..5 {
        house.note_address(address, Some("550 no such user")).await;
    }
    house.note_address("other@dala.example", Some("550 no such user")).await;
    let told = house.admin_was_told().await;
    assert_eq!(kinds(&told), ["channel.address_refused"]);
    assert_eq!(told[0].1, json!({ "person": "timur", "address": address, "reason": "550 no such user" }));
    for _ in 0..2 {
        house.note_address("other@dala.example", Some("550 no such user")).await;
    }
    house.note_address("other@dala.example", None).await;
    house.note_address("other@dala.example", None).await;
    let told = house.admin_was_told().await;
    assert_eq!(kinds(&told), ["channel.address_refused", "channel.address_refused", "channel.address_accepted"]);
    assert_eq!(house.bell().await, 0, "whose address it is looks after nothing");
}

#[tokio::test]
async fn somebody_limited_to_a_site_is_told_what_concerns_them_alone() {
    let house = House::new().await;
    let limit = "UPDATE members SET site_ids = ARRAY[$1::uuid] WHERE id = $2";
    let (site, tech) = (house.company.site, house.tech.actor().id.uuid());
    sqlx::query(limit).bind(site).bind(tech).execute(&mut house.world.superuser().await).await.expect("limits");
    sqlx::query("UPDATE members SET telegram_chat = 7 WHERE id = $1")
        .bind(tech)
        .execute(&mut house.world.superuser().await)
        .await
        .expect("links");
    for _ in 0..2 {
        house.world.app.lose_telegram_chat(7).await.expect("unlinks");
    }
    assert_eq!(house.bell().await, 1, "once");
    let deliveries = house.deliveries().await;
    assert_eq!(deliveries, [super::way("email", "pending", None, false)]);
}
