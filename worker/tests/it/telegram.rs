//! The bot: messages out, patience when asked for it, and who polls.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use worker::queue::failure::Failure;
use worker::queue::leader;
use worker::telegram::poll::{Conversation, Poller};
use worker::telegram::update::Update;
use worker::telegram::{Config, ConfigError, Press, Telegram, Text, Unreached};

use crate::support::{BotApi, Db, Process, on_work, tenant, work};

fn bot(server: &BotApi) -> Telegram {
    Telegram::new(&server.config()).expect("a configuration")
}

fn text(html: &str) -> Text {
    Text { html: html.into(), ..Text::default() }
}

#[tokio::test]
async fn a_message_carries_its_buttons() {
    let server = BotApi::start().await;
    let approve = ("Бекіту".to_owned(), Press::Tell("code".into()));
    let open = ("Ашу".to_owned(), Press::Open("https://mill.example/a".into()));
    let message = Text { buttons: vec![vec![approve], vec![open]], ..text("<b>WO-7</b>") };
    assert_eq!(bot(&server).send(5, &message).await, Ok(900));
    let [call] = &server.calls("SendMessage")[..] else { panic!("one call") };
    assert_eq!((&call["chat_id"], &call["text"], &call["parse_mode"]), (&json!(5), &json!("<b>WO-7</b>"), &json!("HTML")));
    assert_eq!(
        call["reply_markup"]["inline_keyboard"],
        json!([[{ "text": "Бекіту", "callback_data": "code" }], [{ "text": "Ашу", "url": "https://mill.example/a" }]])
    );
}

#[tokio::test]
async fn a_question_opens_the_answer_field() {
    let server = BotApi::start().await;
    let question = Text { ask: Some("Себебі".into()), ..text("Неге?") };
    bot(&server).send(5, &question).await.expect("sent");
    let markup = &server.calls("SendMessage")[0]["reply_markup"];
    assert_eq!(markup, &json!({ "force_reply": true, "input_field_placeholder": "Себебі" }));
}

#[tokio::test]
async fn a_decided_message_loses_its_buttons() {
    let server = BotApi::start().await;
    let bot = bot(&server);
    bot.strip(5, 900).await.expect("stripped");
    assert_eq!(server.calls("EditMessageReplyMarkup"), [json!({ "chat_id": 5, "message_id": 900 })]);
    server.refuses(400, "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message", None);
    bot.strip(5, 900).await.expect("doing so again is no error");
    bot.answer("77", Some(&"ұ".repeat(300))).await.expect("answered");
    assert_eq!(server.calls("AnswerCallbackQuery")[0]["text"], json!("ұ".repeat(200)));
    server.refuses(400, "Bad Request: query is too old and response timeout expired or query id is invalid", None);
    bot.answer("77", None).await.expect("past answering is no error");
    assert_eq!(bot.name().await.as_deref(), Ok("mill_bot"));
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let server = BotApi::start().await;
    let bot = bot(&server);
    for (chat, code, words) in [
        (1, 403, "Forbidden: bot was blocked by the user"),
        (2, 403, "Forbidden: user is deactivated"),
        (3, 403, "Forbidden: the person did something new"),
        (4, 400, "Bad Request: chat not found"),
    ] {
        server.refuses(code, words, None);
        assert!(matches!(bot.send(chat, &text("x")).await, Err(Unreached::Gone(_))), "{words}");
    }
    server.refuses(400, "Bad Request: can't parse entities", None);
    assert!(matches!(bot.send(5, &text("<x")).await, Err(Unreached::Failed(Failure::GiveUp(_)))));
    for (chat, code, words) in [(6, 401, "Unauthorized"), (7, 502, "Bad Gateway")] {
        server.refuses(code, words, None);
        let failure = bot.send(chat, &text("x")).await;
        assert!(matches!(failure, Err(Unreached::Failed(Failure::Retry(_)))), "{words}: {failure:?}");
    }
}

#[tokio::test]
async fn retry_after_is_honoured_and_spends_no_attempt() {
    let (db, server) = (Db::new().await, BotApi::start().await);
    let id = db.enqueue(tenant(1), &work("x")).await;
    let config = server.config();
    server.refuses(429, "Too Many Requests: retry after 10072", Some(10_072));
    let process = Process::start(
        &db,
        on_work(move |_| {
            // one that does not remember: the table's clock is moved below, the process's own cannot be
            let bot = Telegram::new(&config).expect("a configuration");
            async move {
                bot.send(5, &text("x")).await.map(drop).map_err(|unreached| match unreached {
                    Unreached::Failed(failure) => failure,
                    gone => Failure::GiveUp(gone.to_string()),
                })
            }
        }),
    );
    let stored = db.reaches(id, "scheduled").await;
    assert_eq!(stored.attempt, 0);
    assert!((10_060.0..=10_072.0).contains(&stored.due_in), "{stored:?}");
    assert_eq!(server.calls("SendMessage").len(), 1, "no early call");
    db.pass_back_off(id).await;
    assert_eq!(db.reaches(id, "done").await.attempt, 1);
    process.stop().await;
}

#[tokio::test]
async fn a_chat_that_asked_for_patience_does_not_stop_the_others() {
    let server = BotApi::start().await;
    let bot = bot(&server);
    for wait in [3, 10_072] {
        let (silent, other) = (i64::from(wait), i64::from(wait) + 1);
        server.refuses(429, &format!("Too Many Requests: retry after {wait}"), Some(wait));
        let asked = bot.send(silent, &text("x")).await;
        let for_so_long = |failure: &Failure, most: u64| matches!(failure, Failure::Later { after, .. } if after.as_secs() <= most);
        assert!(matches!(&asked, Err(Unreached::Failed(failure)) if for_so_long(failure, wait.into())), "{asked:?}");
        let calls = server.calls("SendMessage").len();
        let again = bot.send(silent, &text("x")).await;
        assert!(matches!(&again, Err(Unreached::Failed(failure)) if for_so_long(failure, wait.into())), "{again:?}");
        assert_eq!(server.calls("SendMessage").len(), calls, "no early call");
        bot.send(other, &text("x")).await.expect("other chats flow");
    }
}

#[tokio::test]
async fn an_unreachable_server_is_worth_another_try_and_keeps_the_token_secret() {
    let url = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        format!("http://{}", listener.local_addr().expect("bound"))
    };
    let config = Config { token: BotApi::TOKEN.into(), api_url: Some(url) };
    let bot = Telegram::new(&config).expect("a configuration");
    let Err(Unreached::Failed(Failure::Retry(reason))) = bot.send(5, &text("x")).await else { panic!("no retry") };
    assert!(!reason.contains("secret"), "{reason}");
    assert!(!format!("{config:?}").contains("secret"));
    let wrong = Config { api_url: Some("mailto:x".into()), ..config };
    assert!(matches!(Telegram::new(&wrong), Err(ConfigError::Url(_))));
}

/// Fails on the first hearing of everything said twice.
struct Ear {
    heard: mpsc::UnboundedSender<Update>,
    failures: AtomicUsize,
}

impl Conversation for Ear {
    async fn hear(&self, update: Update) -> Result<(), Failure> {
        self.heard.send(update).expect("the test listens");
        let left = self.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        if left.is_ok() { Err(Failure::retry("the database is away")) } else { Ok(()) }
    }
}

fn ear(failures: usize) -> (Ear, mpsc::UnboundedReceiver<Update>) {
    let (tell, heard) = mpsc::unbounded_channel();
    (Ear { heard: tell, failures: failures.into() }, heard)
}

fn token(update: Option<Update>) -> String {
    match update {
        Some(Update::Start { token, .. }) => token,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn one_process_polls_and_every_update_is_heard_once() {
    let (db, server) = (Db::new().await, BotApi::start().await);
    let stop = CancellationToken::new();
    let (one, mut heard) = ear(0);
    let other = Ear { heard: one.heard.clone(), failures: 0.into() };
    let pollers = [one, other].map(|ear| {
        let poller = Poller::new(bot(&server), ear);
        tokio::spawn(leader::lead(db.worker.clone(), poller, stop.clone()))
    });
    for id in 1..=3 {
        server.hears(&format!("/start t{id}"));
        assert_eq!(token(heard.recv().await), format!("t{id}"));
    }
    // the fourth question confirms the third update, so nothing is on its way twice
    while server.calls("GetUpdates").last().is_none_or(|call| call["offset"] != json!(4)) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stop.cancel();
    for poller in pollers {
        poller.await.expect("ends with the stop");
    }
    assert!(heard.try_recv().is_err());
}

#[tokio::test]
async fn an_update_that_fails_is_brought_again_and_in_the_end_passed_over() {
    let (db, server) = (Db::new().await, BotApi::start().await);
    let stop = CancellationToken::new();
    let (ear, mut heard) = ear(6);
    let poller = Poller::new(bot(&server), ear).resting(Duration::from_millis(1));
    let polling = tokio::spawn(leader::lead(db.worker.clone(), poller, stop.clone()));
    server.hears("/start a");
    server.hears("/start b");
    let mut order = String::new();
    for _ in 0..7 {
        order += &token(heard.recv().await);
    }
    assert_eq!(order, "aaaaabb", "five times the one, then on; the other came right at the second");
    stop.cancel();
    polling.await.expect("ends with the stop");
}
