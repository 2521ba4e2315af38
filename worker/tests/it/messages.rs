//! Messages that wait, messages listed in one letter, messages in a company's own words.

use chrono::TimeDelta;
use domain::notify::Channel;
use domain::notify::own::{ChangeText, Place, Words};
use domain::notify::preference::ChangePreferences;
use domain::notify::reminder::DailyChecks;
use serde_json::json;

use crate::support::Firm;

const ASKED: &str = "work_order.approval_requested";

impl Firm {
    /// The admin writes the letter that asks for approval, in English.
    async fn words(&self, subject: &str, body: &str) {
        let place = Place { kind: ASKED.to_owned(), channel: Channel::Email, locale: "en".to_owned() };
        let words = Words { subject: subject.to_owned(), body: body.to_owned() };
        self.app().run(&self.admin, ChangeText { place, version: 0, words }).await.expect("writes");
    }
}

#[tokio::test]
async fn a_letter_says_what_the_company_wrote() {
    let firm = Firm::open().await;
    firm.words("Boss! {{number}}", "Dear {{name}},\n{{title}} by {{actor}}, at {{company}}: {{url}} {{reason}}").await;
    let order = firm.ask("Replace the {{url}} filter").await;
    let letter = firm.smtp.letter_to("admin@dala.example", 2).await;
    assert!(letter.contains(&format!("Subject: Boss! {}", order.number)), "{letter}");
    assert!(letter.contains("Replace the {{url}} filter by Tekniker, at Demo dala: http://"), "{letter}");
    firm.close().await;
}

const REFUSED: &str = "SELECT count(*) FROM deliveries WHERE channel = 'email' AND state = 'refused' AND reason = 'the company''s own text \
    for work_order.approval_requested (en): line 2 mentions {{colour}}, which this kind of message does not have'";

#[tokio::test]
async fn a_text_whose_placeholder_is_no_more_is_dead_with_its_reason_and_its_neighbours_go_on() {
    let firm = Firm::open().await;
    firm.words("Boss! {{number}}", "{{title}}").await;
    // as an older version of the program may have left it
    let old = "UPDATE notification_texts SET body = E'one\\n{{colour}}'";
    sqlx::query(old).execute(&firm.db.owner).await.expect("changes");
    firm.link_admin().await;
    firm.ask("Paint it").await;
    firm.db.becomes(REFUSED, 1).await;
    firm.db
        .becomes(
            "SELECT count(*) FROM queue.jobs WHERE kind = 'notify.email' AND state = 'dead' AND last_error LIKE '%mentions {{colour}}%'",
            1,
        )
        .await;
    firm.db.becomes("SELECT count(*) FROM deliveries WHERE channel = 'telegram' AND state = 'sent'", 1).await;
    firm.close().await;
}

#[tokio::test]
async fn what_is_to_come_together_comes_in_one_letter() {
    let firm = Firm::open().await;
    let daily = json!({ "preferences": [{ "kind": "work_order.rejected", "channel": "email", "mode": "daily" }] });
    firm.app().run(&firm.technician, ChangePreferences(serde_json::from_value(daily).expect("choices"))).await.expect("chooses");
    let mut numbers = Vec::new();
    for title in ["Paint it green", "Paint it <blue>"] {
        let order = firm.ask(title).await;
        firm.db.world.press(&firm.admin, &order, "reject", json!({ "reason": "no" })).await.expect("rejects");
        numbers.push(order.number);
    }
    firm.db.becomes("SELECT count(*) FROM deliveries WHERE digest = 'daily' AND wake_at IS NOT NULL", 2).await;
    firm.db.world.clock.advance(TimeDelta::days(1));
    // Kazakh is their language; the invitation was the first letter
    let letter = firm.smtp.letter_to("tech@dala.example", 2).await;
    assert!(letter.contains("2 хабарландыру") && numbers.iter().all(|number| letter.contains(number)), "{letter}");
    assert!(letter.contains("Paint it &lt;blue&gt;") && letter.contains("http://millwright.test/dala/notifications"), "{letter}");
    let ends = "List-Unsubscribe: <http://millwright.test/unsubscribe/";
    assert!(letter.contains(ends) && letter.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"), "{letter}");
    firm.db.becomes("SELECT count(*) FROM deliveries WHERE digest = 'daily' AND state = 'sent' AND attempts = 1", 2).await;
    firm.db.becomes("SELECT count(*) FROM queue.jobs WHERE kind = 'notify.digest' AND state = 'done'", 1).await;
    // the job once more, as after a crash before its verdict
    let again = "UPDATE queue.jobs SET state = 'ready', finished_at = NULL, attempt = 0 WHERE kind = 'notify.digest'";
    sqlx::query(again).execute(&firm.db.owner).await.expect("as after a crash");
    firm.db.becomes("SELECT count(*) FROM queue.jobs WHERE kind = 'notify.digest' AND state = 'done'", 1).await;
    assert_eq!(firm.smtp.letters().iter().filter(|letter| letter.contains("tech@dala.example")).count(), 2);
    firm.close().await;
}

#[tokio::test]
async fn a_refused_letter_is_recorded_with_what_the_server_said() {
    let firm = Firm::open().await;
    firm.smtp.says_to_recipients("550 5.1.1 no such user");
    firm.ask("Oil the hinge").await;
    let refused =
        "SELECT count(*) FROM deliveries WHERE channel = 'email' AND state = 'refused' AND reason LIKE '%no such user%' AND attempts = 1";
    firm.db.becomes(refused, 1).await;
    firm.close().await;
}

#[tokio::test]
async fn the_checks_of_a_morning_are_a_job_like_any_other() {
    let firm = Firm::open().await;
    let day = firm.app().clock().now().with_timezone(&firm.admin.company().zone).date_naive();
    let site = firm.db.id("SELECT id FROM locations").await;
    let late = json!({ "title": "Late", "location_id": site, "due_at": "2026-03-01T00:00:00Z" });
    firm.db.world.order(&firm.admin, late).await.expect("asks");
    let tenant = firm.admin.tenant().uuid();
    let queue = "SELECT queue.insert_job($1, $2, 'bulk', $3, 100::smallint, now(), NULL, 3, gen_random_uuid())";
    let checks = sqlx::query(queue).bind(tenant).bind("notify.daily").bind(json!(DailyChecks { day }));
    checks.execute(&firm.db.owner).await.expect("queues");
    let letter = firm.smtp.letter_to("admin@dala.example", 2).await;
    assert!(letter.contains("this morning: 1 overdue, 0 due today"), "{letter}");
    firm.close().await;
}
