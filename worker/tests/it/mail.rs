//! Letters: what is sent, what is tried again, what is given up.

use uuid::Uuid;
use worker::mail::{Config, ConfigError, Letter, Mailer, Marks, Route, WAITING};
use worker::queue::failure::Failure;

use crate::support::{Db, Process, Smtp, on_work, tenant, work};

const ID: Uuid = Uuid::from_u128(0x0192_f0c0_0000_7000_8000_0000_0000_0001);

fn mailer(url: &str) -> Mailer {
    let from = "Millwright <no-reply@mill.example>".into();
    Mailer::new(&Config { route: Route::Smtp(url.into()), from }).expect("a configuration")
}

fn letter(to: &str) -> Letter<'_> {
    Letter {
        id: ID,
        to,
        name: Some("Айгүл Серікқызы"),
        subject: "Жұмыс тапсырмасы WO-7 бекітуді күтеді",
        text: "Қайырлы күн!",
        html: "<p>Қайырлы күн!</p>",
    }
}

#[tokio::test]
async fn a_letter_has_both_texts_and_its_deliverys_id() {
    let server = Smtp::start().await;
    mailer(&server.url).send(&letter("a@b.example")).await.expect("sent");
    let [letter] = &server.letters()[..] else { panic!("one letter") };
    for part in [
        "Message-ID: <0192f0c0-0000-7000-8000-000000000001@mill.example>\r\n",
        "From: Millwright <no-reply@mill.example>\r\n",
        "Auto-Submitted: auto-generated\r\n",
        "multipart/alternative",
        "text/plain",
        "text/html",
    ] {
        assert!(letter.contains(part), "{part} is missing in\n{letter}");
    }
    assert!(letter.is_ascii(), "Kazakh is encoded for servers without SMTPUTF8");
}

#[tokio::test]
async fn what_may_pass_is_tried_again_and_a_refusal_is_final() {
    let server = Smtp::start().await;
    let mailer = mailer(&server.url);
    for (reply, kind) in [
        ("451 4.7.1 greylisted", "retry"),
        ("550 5.1.1 no such user", "give up"),
        ("553 5.1.3 bad address", "give up"),
        ("421 too busy", "later"),
    ] {
        server.says_to_recipients(reply);
        let failure = mailer.send(&letter("a@b.example")).await.expect_err(reply);
        let told = match &failure {
            Failure::Retry(_) => "retry",
            Failure::GiveUp(_) => "give up",
            Failure::Later { .. } => "later",
        };
        assert_eq!(told, kind, "{reply}: {failure:?}");
        assert!(failure.to_string().contains(&reply[4..]), "the server's words are kept: {failure}");
    }
    // what it said of itself holds for every letter, which waits and spends no attempt
    let failure = mailer.send(&letter("c@d.example")).await.expect_err("is left alone");
    assert!(matches!(&failure, Failure::Later { reason, .. } if reason == WAITING), "{failure:?}");
    let failure = mailer.send(&letter("not an address")).await.expect_err("no address");
    assert!(matches!(failure, Failure::GiveUp(_)));
    assert_eq!(server.letters().len(), 0);
}

#[tokio::test]
async fn nobody_listening_is_waited_for() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("bound").port()
    };
    let failure = mailer(&format!("smtp://127.0.0.1:{port}")).send(&letter("a@b.example")).await.expect_err("refused");
    assert!(matches!(&failure, Failure::Later { reason, .. } if reason.contains("refused")), "{failure:?}");
}

#[tokio::test]
async fn a_letter_waits_out_a_mail_server_that_is_down() {
    let (db, server) = (Db::new().await, Smtp::start().await);
    server.set_up(false);
    let id = db.enqueue(tenant(1), &work("a@b.example")).await;
    let mailer = mailer(&server.url);
    let process = Process::start(
        &db,
        on_work(move |to| {
            let mailer = mailer.clone();
            async move { mailer.send(&letter(&to)).await }
        }),
    );
    let stored = db.reaches(id, "scheduled").await;
    assert!(stored.last_error.is_some() && server.letters().is_empty(), "{stored:?}");
    server.set_up(true);
    db.pass_back_off(id).await;
    assert_eq!(db.reaches(id, "done").await.attempt, 1, "no attempt was spent on the server's trouble");
    assert_eq!(server.letters().len(), 1);
    process.stop().await;
}

#[tokio::test]
async fn a_folder_holds_one_file_a_letter() {
    let folder = std::env::temp_dir().join(Uuid::now_v7().to_string());
    let config = Config { route: Route::Folder(folder.join("mail")), from: "a@b.example".into() };
    let mailer = Mailer::new(&config).expect("a configuration");
    for _ in 0..2 {
        mailer.send(&letter("a@b.example")).await.expect("kept");
    }
    let files: Vec<_> = std::fs::read_dir(folder.join("mail")).expect("made").map(|f| f.expect("a file").file_name()).collect();
    assert_eq!(files, ["0192f0c0-0000-7000-8000-000000000001.eml"], "the same delivery again is the same file");
    std::fs::remove_dir_all(folder).expect("removed");
}

#[tokio::test]
async fn a_wrong_configuration_is_named_without_its_secrets() {
    let config = |url: &str, from: &str| Config { route: Route::Smtp(url.into()), from: from.into() };
    let wrong = Mailer::new(&config("imap://user:hunter2@mail.example", "a@b.example")).expect_err("no SMTP");
    assert!(matches!(wrong, ConfigError::Server));
    assert!(!wrong.to_string().contains("hunter2"));
    assert!(matches!(Mailer::new(&config("smtp://mail.example", "nobody")), Err(ConfigError::From(_))));
    assert!(!format!("{:?}", config("smtp://user:hunter2@mail.example", "a@b.example")).contains("hunter2"));
}

#[tokio::test]
async fn letters_about_one_thing_are_one_conversation_and_may_be_ended_with_one_press() {
    let server = Smtp::start().await;
    let mailer = mailer(&server.url);
    let marks = Marks { thread: Some(Uuid::nil()), unsubscribe: Some("https://mill.example/unsubscribe/code") };
    mailer.send_marked(&letter("a@b.example"), marks).await.expect("sent");
    mailer.send(&letter("a@b.example")).await.expect("sent");
    let letters = server.letters();
    for header in [
        "In-Reply-To: <00000000-0000-0000-0000-000000000000.thread@mill.example>\r\n",
        "References: <00000000-0000-0000-0000-000000000000.thread@mill.example>\r\n",
        "List-Unsubscribe: <https://mill.example/unsubscribe/code>\r\n",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
    ] {
        assert!(letters[0].contains(header), "{header} is missing in\n{}", letters[0]);
        assert!(!letters[1].contains(header.split(':').next().expect("a name")), "{}", letters[1]);
    }
}
