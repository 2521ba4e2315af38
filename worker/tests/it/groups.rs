//! Groups of Telegram: linked by a company, told what it chose, pressed in by whoever is there.

use domain::kernel::platform::Caller;
use domain::maintenance::work_order::WorkOrder;
use domain::notify::group::{AskGroupLink, ChangeGroup, Choice, Group, ListGroups};
use domain::workflow::History;
use serde_json::{Value, json};

use crate::support::{Firm, button, eventually};

const GROUP: i64 = -1007;
/// The number of the admin's own chat, and of the admin in Telegram.
const ADMIN: i64 = 5;

/// What was sent to a chat.
fn said(firm: &Firm, chat: i64) -> Vec<Value> {
    firm.bot.calls("SendMessage").into_iter().filter(|message| message["chat_id"] == json!(chat)).collect()
}

/// Waits for the nth message to a chat, from 1.
async fn says(firm: &Firm, chat: i64, nth: usize) -> Value {
    eventually("a message", async || said(firm, chat).into_iter().nth(nth - 1)).await
}

async fn groups(firm: &Firm) -> Vec<Group> {
    firm.app().run(&firm.admin, ListGroups).await.expect("lists")
}

async fn link(firm: &Firm) -> Group {
    let code = firm.app().platform(&Caller::anyone(firm.db.world.request()), AskGroupLink(&firm.admin)).await.expect("a code");
    firm.bot.is_brought(GROUP, code.reveal());
    let welcome = says(firm, GROUP, 1).await;
    assert!(welcome["text"].as_str().is_some_and(|text| text.contains("Demo dala")), "{welcome}");
    groups(firm).await.pop().expect("is linked")
}

/// The nth answer to a press, from 1.
async fn answer(firm: &Firm, nth: usize) -> Value {
    firm.bot.called("AnswerCallbackQuery", nth).await.remove(nth - 1)
}

async fn state(firm: &Firm, order: &WorkOrder) -> String {
    firm.reaches(order.id, "on_hold").await.state
}

#[tokio::test]
async fn a_button_in_a_group_acts_as_the_member_who_presses_it_and_tells_a_stranger_how_to_link() {
    let firm = Firm::open().await;
    let group = link(&firm).await;
    assert_eq!((group.title.as_str(), group.locale.as_str()), ("Қазандық", "en"));
    assert!(group.kinds.contains(&"work_order.approval_requested".to_owned()), "{group:?}");
    let order = firm.ask("Replace the filter").await;
    let asked = says(&firm, GROUP, 2).await;
    assert!(asked["text"].as_str().is_some_and(|text| text.contains(&order.number)), "{asked}");
    let (approve, reject) = (button(&asked, "Approve"), button(&asked, "Reject"));
    assert_ne!(approve, reject);

    // the admin has linked no chat yet: to the bot they are a stranger like any other
    for (nth, person) in [(1, 99), (2, ADMIN)] {
        firm.bot.is_pressed(GROUP, person, &approve);
        let told = answer(&firm, nth).await;
        assert_eq!(told["show_alert"], json!(true));
        assert!(told["text"].as_str().is_some_and(|text| text.contains("http://millwright.test/profile")), "{told}");
    }
    assert_eq!(state(&firm, &order).await, "on_hold");
    // a code of the group is worth nothing in another chat
    firm.bot.presses(&approve);
    assert!(answer(&firm, 3).await["text"].as_str().is_some_and(|text| text.starts_with("This button")));

    firm.link(&firm.admin).await;
    says(&firm, ADMIN, 1).await;
    firm.bot.is_pressed(GROUP, ADMIN, &approve);
    firm.reaches(order.id, "open").await;
    let steps = firm.app().run(&firm.admin, History::<WorkOrder>(order.id.into())).await.expect("has a history");
    assert_eq!(steps.last().map(|step| step.actor.as_str()), Some("Admin dala"));
    let told = says(&firm, GROUP, 3).await;
    assert_eq!(told["text"], json!(format!("{}: the decision is recorded. Decided by Admin dala.", order.number)));
    firm.bot.called("EditMessageReplyMarkup", 2).await;
    // the same button again, before it went: the order has moved on
    firm.bot.is_pressed(GROUP, ADMIN, &approve);
    let late = answer(&firm, 5).await;
    assert!(late["text"].as_str().is_some_and(|text| text.contains("decided already")), "{late}");
    firm.close().await;
}

#[tokio::test]
async fn why_somebody_refuses_in_a_group_they_are_asked_in_their_own_chat() {
    let firm = Firm::open().await;
    link(&firm).await;
    firm.link(&firm.admin).await;
    says(&firm, ADMIN, 1).await;
    let order = firm.ask("Paint it green").await;
    let asked = says(&firm, GROUP, 2).await;
    // the same question, to the admin alone
    says(&firm, ADMIN, 2).await;
    firm.bot.is_pressed(GROUP, ADMIN, &button(&asked, "Reject"));
    let why = says(&firm, ADMIN, 3).await;
    assert_eq!(why["reply_markup"]["force_reply"], json!(true));
    assert!(answer(&firm, 1).await["text"].as_str().is_some_and(|text| text.contains("in our own chat")));
    assert_eq!(state(&firm, &order).await, "on_hold");
    firm.bot.answers("It is green already");
    firm.reaches(order.id, "rejected").await;
    firm.close().await;
}

#[tokio::test]
async fn a_group_hears_what_was_chosen_for_it_once_and_in_its_language() {
    let firm = Firm::open().await;
    let group = link(&firm).await;
    let other = firm.db.world.location(&firm.admin, "Elsewhere", None).await;
    let choice = |site| Choice { locale: "ru".to_owned(), kinds: vec!["work_order.approval_requested".to_owned()], site };
    let change = |site| ChangeGroup { id: group.id, choice: choice(site) };
    firm.app().run(&firm.admin, change(Some(other.id))).await.expect("chooses");
    firm.ask("Unheard of").await;
    firm.app().run(&firm.admin, change(None)).await.expect("chooses");
    let order = firm.ask("Heard of").await;
    let told = says(&firm, GROUP, 2).await;
    let text = told["text"].as_str().unwrap_or_default();
    assert!(text.contains(&order.number) && text.contains("согласования"), "{text}");
    firm.db.becomes("SELECT count(*) FROM group_messages WHERE state = 'sent' AND attempts = 1", 1).await;
    // the job once more, as after a crash before its verdict
    let again = "UPDATE queue.jobs SET state = 'ready', finished_at = NULL, attempt = 0 WHERE kind = 'notify.group'";
    sqlx::query(again).execute(&firm.db.owner).await.expect("as after a crash");
    firm.db.becomes("SELECT count(*) FROM queue.jobs WHERE kind = 'notify.group' AND state = 'done'", 1).await;
    assert_eq!(said(&firm, GROUP).len(), 2, "the welcome, and one message");
    assert!(groups(&firm).await[0].last_sent_at.is_some());
    firm.close().await;
}

const TOLD: &str = "SELECT count(*) FROM notifications WHERE kind = 'channel.group_unlinked'";

#[tokio::test]
async fn a_group_that_removes_the_bot_is_unlinked_and_the_admins_are_told_once() {
    let firm = Firm::open().await;
    link(&firm).await;
    firm.bot.is_removed(GROUP);
    firm.bot.is_removed(GROUP);
    let letter = firm.smtp.letter_to("admin@dala.example", 2).await;
    assert!(letter.contains("“Қазандық” is unlinked") && letter.contains("/dala/settings/telegram"), "{letter}");
    firm.db.becomes(TOLD, 1).await;
    assert!(groups(&firm).await.is_empty());
    firm.ask("Unheard of").await;
    firm.smtp.letter_to("admin@dala.example", 3).await;
    firm.db.becomes("SELECT count(*) FROM group_messages", 0).await;
    assert_eq!(said(&firm, GROUP).len(), 1, "the welcome");
    firm.close().await;
}

#[tokio::test]
async fn a_group_that_is_found_gone_when_told_is_unlinked_too() {
    let firm = Firm::open().await;
    link(&firm).await;
    firm.bot.refuses(403, "Forbidden: bot was kicked from the supergroup chat", None);
    firm.ask("Unheard of").await;
    firm.db.becomes(TOLD, 1).await;
    assert!(groups(&firm).await.is_empty());
    firm.close().await;
}

#[tokio::test]
async fn a_group_that_becomes_another_chat_stays_linked() {
    let firm = Firm::open().await;
    link(&firm).await;
    firm.bot.is_moved(GROUP, -2008);
    firm.db.becomes("SELECT count(*) FROM telegram_groups WHERE chat = -2008", 1).await;
    let order = firm.ask("Heard of").await;
    let told = says(&firm, -2008, 1).await;
    assert!(told["text"].as_str().is_some_and(|text| text.contains(&order.number)), "{told}");
    firm.close().await;
}

#[tokio::test]
async fn a_worthless_link_links_no_group() {
    let firm = Firm::open().await;
    let caller = Caller::anyone(firm.db.world.request());
    // one for the member's own chat is none for a group
    let own = firm.app().platform(&caller, domain::notify::telegram::AskLink(&firm.admin)).await.expect("a code");
    firm.bot.is_brought(GROUP, own.reveal());
    assert!(says(&firm, GROUP, 1).await["text"].as_str().is_some_and(|text| text.contains("expired")));
    firm.app().platform(&caller, AskGroupLink(&firm.technician)).await.expect_err("is for those who look after the company");
    let code = firm.app().platform(&caller, AskGroupLink(&firm.admin)).await.expect("a code");
    firm.db.world.clock.advance(chrono::TimeDelta::minutes(31));
    firm.bot.is_brought(GROUP, code.reveal());
    says(&firm, GROUP, 2).await;
    assert!(groups(&firm).await.is_empty());
    firm.close().await;
}
