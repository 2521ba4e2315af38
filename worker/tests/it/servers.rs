//! Mail servers that are down, a company's own, and those that refuse an address.

use domain::notify::mail_server::{MailServer, ShowMailServer, TestMailServer};

use crate::support::{Firm, Smtp, eventually};

/// The company's letters go through this server from now on. Its address in numbers is for tests alone: a form refuses it.
async fn own(firm: &Firm, server: &Smtp) {
    let port: i32 = server.url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    let sql = "INSERT INTO mail_servers (tenant_id, id, host, port, security, sender)
               VALUES ($1, gen_random_uuid(), '127.0.0.1', $2, 'none', 'Дала <post@dala.example>')";
    let tenant = firm.admin.tenant().uuid();
    sqlx::query(sql).bind(tenant).bind(port).execute(&firm.db.owner).await.expect("is set");
}

async fn shown(firm: &Firm, wanted: impl Fn(&MailServer) -> bool) -> MailServer {
    eventually("the server's page", async || {
        let server = firm.app().run(&firm.admin, ShowMailServer).await.expect("shown").expect("is set");
        wanted(&server).then_some(server)
    })
    .await
}

const WAITING: &str = "SELECT count(*) FROM queue.jobs WHERE kind = 'notify.email' AND state = 'scheduled' AND attempt = 0";
const LOST: &str = "SELECT count(*) FROM queue.jobs WHERE state = 'dead'";

#[tokio::test]
async fn letters_wait_for_a_server_that_is_down_and_none_is_lost() {
    let firm = Firm::open().await;
    firm.smtp.set_up(false);
    for title in ["Belt", "Chain", "Pump"] {
        firm.ask(title).await;
    }
    firm.db.becomes(WAITING, 3).await;
    firm.smtp.set_up(true);
    for nth in 2..=4 {
        firm.smtp.letter_to("admin@dala.example", nth).await;
    }
    firm.db.becomes(LOST, 0).await;
    let mine = "SELECT count(*) FROM mail_servers";
    firm.db.becomes(mine, 0).await;
    firm.close().await;
}

#[tokio::test]
async fn a_companys_letters_go_through_its_own_server_and_through_nothing_else() {
    let firm = Firm::reaching(&["127.0.0.0/8"]).await;
    let theirs = Smtp::start().await;
    own(&firm, &theirs).await;
    let order = firm.ask("Belt").await;
    let letter = theirs.letter_to("admin@dala.example", 1).await;
    let thread = format!("In-Reply-To: <{}.thread@dala.example>", order.id);
    assert!(letter.contains("post@dala.example") && letter.contains(&thread), "{letter}");

    theirs.set_up(false);
    let before = firm.smtp.letters().len();
    firm.ask("Chain").await;
    let failing = shown(&firm, |server| server.failing_since.is_some()).await;
    assert!(failing.failure.is_some(), "{failing:?}");
    firm.db.becomes(WAITING, 1).await;
    assert_eq!(firm.smtp.letters().len(), before, "never the operator's way");
    theirs.set_up(true);
    theirs.letter_to("admin@dala.example", 2).await;
    shown(&firm, |server| server.failing_since.is_none()).await;

    firm.app().run(&firm.admin, TestMailServer).await.expect("asks");
    let tested = shown(&firm, |server| server.tested_at.is_some()).await;
    assert_eq!((tested.test_passed, tested.test_answer.as_deref()), (Some(true), Some("250 kept")));
    theirs.letter_to("admin@dala.example", 3).await;
    theirs.says_to_recipients("554 5.7.1 relaying denied");
    firm.app().run(&firm.admin, TestMailServer).await.expect("asks");
    let tested = shown(&firm, |server| server.tested_at.is_some() && server.test_passed == Some(false)).await;
    assert!(tested.test_answer.is_some_and(|answer| answer.contains("relaying denied")));
    firm.close().await;
}

#[tokio::test]
async fn a_server_inside_our_own_network_is_not_reached() {
    let firm = Firm::open().await;
    let inside = Smtp::start().await;
    own(&firm, &inside).await;
    firm.ask("Belt").await;
    let failing = shown(&firm, |server| server.failing_since.is_some()).await;
    assert_eq!(failing.failure.as_deref(), Some("127.0.0.1 leads to 127.0.0.1, which is not a public address"));
    firm.app().run(&firm.admin, TestMailServer).await.expect("asks");
    let tested = shown(&firm, |server| server.tested_at.is_some()).await;
    assert_eq!(tested.test_passed, Some(false));
    assert!(inside.letters().is_empty() && firm.smtp.letters().iter().all(|letter| !letter.contains("Belt")));
    firm.close().await;
}

#[tokio::test]
async fn a_refused_address_is_written_down_until_a_letter_passes() {
    let firm = Firm::open().await;
    firm.smtp.says_to_recipients("550 5.1.1 no such user");
    firm.ask("Belt").await;
    let refused = "SELECT count(*) FROM mail_refusals WHERE address = 'admin@dala.example' AND reason LIKE '%no such user%'";
    firm.db.becomes(refused, 1).await;
    firm.smtp.says_to_recipients("250 yes");
    firm.ask("Chain").await;
    firm.db.becomes("SELECT count(*) FROM mail_refusals", 0).await;
    firm.close().await;
}
