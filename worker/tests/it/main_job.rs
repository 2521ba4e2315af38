//! The job the product is for, from the asking to the decision, through mail and Telegram.

use chrono::TimeDelta;
use domain::identity::reset::Ask;
use domain::identity::signup_key::SendKey;
use domain::kernel::platform::Caller;
use serde_json::json;
use templates::Locale;

use crate::support::{Firm, button};

#[tokio::test]
async fn an_order_is_approved_in_the_chat_and_everybody_hears_of_it() {
    let firm = Firm::open().await;
    firm.link_admin().await;
    let order = firm.ask("Replace the filter").await;
    let (number, page) = (&order.number, format!("http://millwright.test/dala/work-orders/{}", order.number));
    let letter = firm.smtp.letter_to("admin@dala.example", 2).await;
    assert!(letter.contains("Replace the filter") && letter.contains(&page), "{letter}");
    assert!(!letter.contains("%{"), "every value is filled in: {letter}");

    let asked = firm.bot.says(2).await.pop().expect("the question");
    assert_eq!(asked["reply_markup"]["inline_keyboard"][0][2]["url"], json!(page));
    firm.bot.presses(&button(&asked, "Approve"));
    assert_eq!(firm.reaches(order.id, "open").await.state, "open");
    let said = firm.bot.says(3).await.pop().expect("an answer");
    assert_eq!(said["text"], json!(format!("{number}: your decision is recorded.")));
    assert_eq!(firm.bot.calls("EditMessageReplyMarkup").len(), 1, "the buttons are gone");
    let letter = firm.smtp.letter_to("tech@dala.example", 2).await;
    assert!(letter.contains(number), "{letter}");

    // the same button again, as from another of the reader's devices
    firm.bot.presses(&button(&asked, "Approve"));
    let said = firm.bot.says(4).await.pop().expect("an answer");
    assert_eq!(said["text"], json!(format!("{number} has been decided already, by Admin dala.")));
    firm.close().await;
}

#[tokio::test]
async fn a_rejection_asks_for_its_reason_in_the_chat() {
    let firm = Firm::open().await;
    firm.link_admin().await;
    let order = firm.ask("Paint it green").await;
    let asked = firm.bot.says(2).await.pop().expect("the question");
    firm.bot.presses(&button(&asked, "Reject"));
    let why = firm.bot.says(3).await.pop().expect("a question");
    assert_eq!(why["reply_markup"]["force_reply"], json!(true));
    assert_eq!(firm.reaches(order.id, "on_hold").await.state, "on_hold");
    firm.bot.answers("It is green already");
    firm.reaches(order.id, "rejected").await;
    let letter = firm.smtp.letter_to("tech@dala.example", 2).await;
    assert!(letter.contains(&order.number) && letter.contains("It is green already"), "{letter}");
    firm.close().await;
}

#[tokio::test]
async fn a_blocked_bot_is_recorded_and_the_chat_unlinked() {
    let firm = Firm::open().await;
    firm.link_admin().await;
    firm.bot.refuses(403, "Forbidden: bot was blocked by the user", None);
    firm.ask("Grease the chain").await;
    let refused = "SELECT count(*) FROM deliveries WHERE channel = 'telegram' AND state = 'refused' AND reason LIKE '%blocked%'";
    firm.db.becomes(refused, 1).await;
    firm.db.becomes("SELECT count(*) FROM members WHERE telegram_chat IS NOT NULL", 0).await;
    let told = firm.smtp.letter_to("admin@dala.example", 3).await;
    assert!(told.contains("Your Telegram is unlinked from Demo dala") && told.contains("http://millwright.test/profile"), "{told}");
    firm.db.becomes("SELECT count(*) FROM deliveries WHERE channel = 'email' AND state = 'sent'", 2).await;
    firm.db.becomes("SELECT count(*) FROM notifications WHERE kind = 'channel.chat_unlinked' AND shown", 1).await;
    firm.close().await;
}

#[tokio::test]
async fn a_delivery_replayed_is_one_letter() {
    let firm = Firm::open().await;
    firm.ask("Change the belt").await;
    firm.smtp.letter_to("admin@dala.example", 2).await;
    firm.db.becomes("SELECT count(*) FROM queue.jobs WHERE kind = 'notify.email' AND state = 'done'", 1).await;
    let again = "UPDATE queue.jobs SET state = 'ready', finished_at = NULL, attempt = 0 WHERE kind = 'notify.email'";
    sqlx::query(again).execute(&firm.db.owner).await.expect("as after a crash before the verdict");
    firm.db.becomes("SELECT count(*) FROM queue.jobs WHERE kind = 'notify.email' AND state = 'done'", 1).await;
    assert_eq!(firm.smtp.letters().iter().filter(|l| l.contains("Change the belt")).count(), 1);
    firm.close().await;
}

const LINKED: &str = "SELECT count(*) FROM members WHERE telegram_chat IS NOT NULL";

#[tokio::test]
async fn whoever_says_stop_hears_no_more() {
    let firm = Firm::open().await;
    firm.link_admin().await;
    firm.bot.hears("/stop");
    let said = firm.bot.says(2).await.pop().expect("an answer");
    assert_eq!(said["text"], json!("This chat is unlinked. No more notifications will come."));
    firm.db.becomes(LINKED, 0).await;
    firm.ask("Tighten the bolts").await;
    firm.smtp.letter_to("admin@dala.example", 2).await;
    firm.db.becomes("SELECT count(*) FROM deliveries WHERE channel = 'telegram' AND state <> 'skipped'", 0).await;
    firm.db.becomes("SELECT count(*) FROM notifications WHERE kind = 'channel.chat_unlinked'", 0).await;
    firm.close().await;
}

#[tokio::test]
async fn whoever_blocks_the_bot_is_unlinked_at_once() {
    let firm = Firm::open().await;
    firm.link_admin().await;
    firm.db.becomes(LINKED, 1).await;
    firm.bot.is_blocked();
    firm.db.becomes(LINKED, 0).await;
    let told = firm.smtp.letter_to("admin@dala.example", 2).await;
    assert!(told.contains("Your Telegram is unlinked"), "{told}");
    assert_eq!(firm.bot.calls("SendMessage").len(), 1, "nothing is said to somebody who left");
    firm.close().await;
}

#[tokio::test]
async fn a_chat_of_a_colleague_is_not_taken_over() {
    let firm = Firm::open().await;
    firm.link_admin().await;
    firm.link(&firm.technician).await;
    let said = firm.bot.says(2).await.pop().expect("an answer");
    assert!(said["text"].as_str().is_some_and(|text| text.starts_with("This chat is linked to a colleague")), "{said:?}");
    let admin = "SELECT count(*) FROM members WHERE telegram_chat IS NOT NULL AND email = 'admin@dala.example'";
    firm.db.becomes(admin, 1).await;
    firm.db.becomes(LINKED, 1).await;
    firm.close().await;
}

#[tokio::test]
async fn a_button_that_is_too_old_says_so_and_goes() {
    let firm = Firm::open().await;
    firm.link_admin().await;
    let order = firm.ask("Align the shaft").await;
    let asked = firm.bot.says(2).await.pop().expect("the question");
    firm.db.world.clock.advance(TimeDelta::days(31));
    firm.bot.presses(&button(&asked, "Approve"));
    let answer = firm.bot.called("AnswerCallbackQuery", 1).await;
    assert_eq!(answer[0]["text"], json!("This button does not work any more. Open the work order in Millwright."));
    firm.bot.called("EditMessageReplyMarkup", 1).await;
    assert_eq!(firm.reaches(order.id, "on_hold").await.state, "on_hold");
    firm.close().await;
}

#[tokio::test]
async fn letters_say_until_when_their_links_work() {
    let firm = Firm::open().await;
    // 72 hours after the invitation, in the company's zone, as Kazakh writes it
    let invitation = firm.smtp.letter_to("tech@dala.example", 1).await;
    assert!(invitation.contains(&until(&firm, TimeDelta::hours(72), firm.admin.company().zone, Locale::Kk)), "{invitation}");
    firm.app().platform(&Caller::anyone(firm.db.world.request()), Ask { email: "admin@dala.example".into() }).await.expect("asked");
    let reset = firm.smtp.letter_to("admin@dala.example", 2).await;
    assert!(reset.contains(&until(&firm, TimeDelta::hours(1), chrono_tz::UTC, Locale::En)), "{reset}");
    firm.close().await;
}

fn until(firm: &Firm, after: TimeDelta, zone: chrono_tz::Tz, locale: Locale) -> String {
    templates::format::datetime(locale, zone, firm.app().clock().now() + after)
}

#[tokio::test]
async fn a_stranger_gets_help_and_no_more() {
    let firm = Firm::open().await;
    firm.bot.hears("/start not-a-code");
    firm.bot.hears("hello");
    let said = firm.bot.says(2).await;
    assert_eq!(said[0]["text"], json!("This link has expired. Get a new one in your profile."));
    assert!(said[1]["text"].as_str().is_some_and(|text| text.starts_with("I bring the notifications")), "{said:?}");
    firm.bot.presses("not-a-code");
    let answer = firm.bot.called("AnswerCallbackQuery", 1).await;
    assert!(answer[0]["text"].as_str().is_some_and(|text| text.starts_with("This button")), "{answer:?}");
    firm.close().await;
}

/// The kinds declared in a folder of the domain, as its sources say it.
fn declared(folder: &std::path::Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            declared(&path, found);
        } else {
            let source = std::fs::read_to_string(&path).expect("text");
            let kinds = source.lines().filter_map(|line| line.trim().strip_prefix("const KIND: &'static str = \""));
            found.extend(kinds.filter_map(|rest| rest.split('"').next()).map(str::to_owned));
        }
    }
}

#[tokio::test]
async fn every_job_of_the_domain_has_a_handler() {
    let firm = Firm::open().await;
    let config = worker::mail::Config { route: worker::mail::Route::Smtp(firm.smtp.url.clone()), from: "a@b.example".into() };
    let mailer = worker::mail::Mailer::new(&config).expect("a configuration");
    let registry = worker::jobs::registry(&worker::jobs::Post { app: firm.app().clone(), mailer, telegram: None });
    let mut handled: Vec<String> = registry.kinds().map(str::to_owned).collect();
    let mut kinds = Vec::new();
    declared(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../domain/src"), &mut kinds);
    kinds.retain(|kind| !kind.starts_with("test."));
    handled.sort();
    kinds.sort();
    assert_eq!(handled, kinds);
    firm.close().await;
}

#[tokio::test]
async fn a_new_companys_contact_gets_a_key_that_opens_it_and_a_newer_one_when_it_is_sent_again() {
    let firm = Firm::open().await;
    let onboarded = firm.db.world.onboard("orda").await;
    let key = async |nth| {
        let letter = firm.smtp.letter_to("admin@orda.example", nth).await;
        assert!(letter.contains("http://millwright.test/signup") && !letter.contains("%{"), "{letter}");
        let (_, rest) = letter.split_once("Тіркелу кілтіңіз: ").expect("the key");
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect::<String>()
    };
    let opens = async |key: &str| firm.app().open_signup("admin@orda.example", key, &firm.db.world.request()).await.is_ok();
    let first = key(1).await;
    assert_ne!(first, onboarded.signup_key, "nobody but the contact knows it");
    assert!(opens(&first).await);
    firm.app().platform(&firm.db.world.operator(), SendKey(onboarded.company.id.into())).await.expect("sends");
    let second = key(2).await;
    assert_eq!((opens(&first).await, opens(&second).await), (false, true));
    firm.close().await;
}
