//! Mail kept in a folder, for whoever tries Millwright without a mail server.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::page::{sample_time, templates};

templates! {
    MailListPage => "dev/mail_list.html",
    MailPage => "dev/mail.html",
}

/// `GET /dev/mail`.
#[derive(Clone, Debug, Serialize)]
pub struct MailListPage {
    /// Newest first.
    pub messages: Vec<MailRow>,
}

/// A message in the list.
#[derive(Clone, Debug, Serialize)]
pub struct MailRow {
    /// Name of its file.
    pub id: String,
    /// Recipient.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// When it was sent.
    pub at: DateTime<Utc>,
}

fn row(id: &str, subject: &str) -> MailRow {
    MailRow { id: id.into(), to: "serik@example.kz".into(), subject: subject.into(), at: sample_time() }
}

impl MailListPage {
    fn samples() -> Vec<Self> {
        let many = Self { messages: vec![row("a", "«Дала Фудс» сізді шақырады"), row("b", "WO-1042 <script>")] };
        vec![many, Self { messages: Vec::new() }]
    }
}

/// `GET /dev/mail/{id}`; its HTML part is served at `/dev/mail/{id}/html`.
#[derive(Clone, Debug, Serialize)]
pub struct MailPage {
    /// Head of the message.
    pub message: MailRow,
    /// Sender.
    pub from: String,
    /// Text part.
    pub text: String,
    /// Links found in the text.
    pub links: Vec<String>,
    /// Whether there is an HTML part.
    pub html: bool,
}

impl MailPage {
    fn samples() -> Vec<Self> {
        let message = Self {
            message: row("a", "«Дала Фудс» сізді шақырады"),
            from: "Millwright <no-reply@example.kz>".into(),
            text: "Сәлеметсіз бе!\n\nhttp://127.0.0.1:8080/invite/3vQ9\n<b>".into(),
            links: vec!["http://127.0.0.1:8080/invite/3vQ9".into()],
            html: true,
        };
        let plain = Self { links: Vec::new(), html: false, ..message.clone() };
        vec![message, plain]
    }
}
