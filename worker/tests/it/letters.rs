//! Letters one can act from: their links stand for what the reader may do, once.

use domain::kernel::scope::Scope;
use domain::kernel::testing::press;
use domain::notify::press::{Link, Press};
use domain::notify::unsubscribe::{EndLetters, Subscription};
use domain::workflow::Input;
use serde_json::json;

use crate::support::Firm;

/// The codes of the links in a letter's plain text, in order: 128 bits each.
fn codes(letter: &str) -> Vec<String> {
    let code = |rest: &str| rest.chars().take(22).collect::<String>();
    // in the HTML part slashes are escaped
    letter.split("http://millwright.test/act/").skip(1).map(code).collect()
}

async fn open(firm: &Firm, code: &str) -> (Press, Scope) {
    match firm.app().letter_press(code, firm.db.world.request()).await.expect("looks") {
        Link::Open(press, scope) => (press, scope),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn whoever_is_asked_to_decide_may_do_so_from_the_letter() {
    let firm = Firm::open().await;
    let order = firm.ask("Replace the filter").await;
    let letter = firm.smtp.letter_to("admin@dala.example", 2).await;
    let codes = codes(&letter);
    assert!(codes.len() == 2 && codes[0] != codes[1], "{codes:?}\n{letter}");
    assert!(letter.contains("Approve:") && letter.contains("Reject:"), "{letter}");
    let stored = "SELECT count(*) FROM platform.press_codes WHERE chat IS NULL AND octet_length(code_hash) = 32";
    firm.db.becomes(stored, 2).await;
    let (approve, as_admin) = open(&firm, &codes[0]).await;
    assert_eq!((approve.record, approve.transition.as_str()), (order.id, "approve"));
    assert_eq!(as_admin.actor().id, firm.admin.actor().id);
    firm.app().take_press(&approve, &as_admin, &Input::default()).await.expect("decides");
    assert_eq!(firm.reaches(order.id, "open").await.state, "open");
    // the technician is told, and has nothing to press: nobody does the work yet
    let told = firm.smtp.letter_to("tech@dala.example", 2).await;
    assert!(told.contains(&order.number) && !told.contains("/act/"), "{told}");
    firm.close().await;
}

#[tokio::test]
async fn whoever_is_given_work_may_begin_it_from_the_letter() {
    let firm = Firm::open().await;
    let order = firm.ask("Grease the chain").await;
    firm.app().run(&firm.admin, press(order.id, "approve", json!({}))).await.expect("approves");
    let given = json!({ "assignee": firm.technician.actor().id.uuid() });
    firm.app().run(&firm.admin, press(order.id, "assign", given)).await.expect("assigns");
    let mut letter = firm.smtp.letter_to("tech@dala.example", 2).await;
    if !letter.contains("/act/") {
        letter = firm.smtp.letter_to("tech@dala.example", 3).await;
    }
    // to complete it needs a word of what was done, which a letter has no room for
    let codes = codes(&letter);
    assert_eq!(codes.len(), 1, "{letter}");
    let (start, as_technician) = open(&firm, &codes[0]).await;
    firm.app().take_press(&start, &as_technician, &Input::default()).await.expect("begins");
    assert_eq!(firm.reaches(order.id, "in_progress").await.state, "in_progress");
    firm.close().await;
}

/// The code of the link by which a letter's reader ends letters like it, where mail programs look for it.
fn unsubscribe(letter: &str) -> Option<&str> {
    let (_, rest) = letter.split_once("List-Unsubscribe: <http://millwright.test/unsubscribe/")?;
    assert!(letter.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"), "{letter}");
    let (code, _) = rest.split_once(">\r\n")?;
    assert_eq!(letter.matches(&format!("unsubscribe/{code}")).count(), 2, "in the header and at the foot of the text: {letter}");
    Some(code)
}

#[tokio::test]
async fn what_may_be_turned_off_can_be_ended_from_the_letter_and_what_is_mandatory_cannot() {
    let firm = Firm::open().await;
    let order = firm.ask("Replace the filter").await;
    let asked = firm.smtp.letter_to("admin@dala.example", 2).await;
    assert!(unsubscribe(&asked).is_none() && !asked.contains("unsubscribe"), "{asked}");
    firm.app().run(&firm.admin, press(order.id, "approve", json!({}))).await.expect("approves");
    let told = firm.smtp.letter_to("tech@dala.example", 2).await;
    let code = unsubscribe(&told).unwrap_or_else(|| panic!("{told}"));
    let found = firm.app().subscription(code, firm.db.world.request()).await.expect("looks");
    let Subscription::Running(letters, scope) = found else { panic!("{found:?}") };
    assert_eq!(scope.actor().id, firm.technician.actor().id);
    firm.app().run(&scope, EndLetters(letters)).await.expect("ends");
    let again = firm.ask("Replace the belt").await;
    firm.app().run(&firm.admin, press(again.id, "approve", json!({}))).await.expect("approves");
    firm.db.becomes("SELECT count(*) FROM notifications WHERE kind = 'work_order.approved'", 2).await;
    assert_eq!(
        firm.db
            .count(
                "SELECT count(*) FROM deliveries d JOIN notifications n ON n.id = d.notification_id \
        WHERE n.kind = 'work_order.approved' AND d.channel = 'email'"
            )
            .await,
        1
    );
    firm.close().await;
}
