//! A company's own mail server.

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;

use super::parts::{Choice, Errors, Text, errors};
use crate::page::{sample_time, templates};

templates! {
    MailPage => "settings/mail.html",
}

/// `GET`/`POST /{company}/settings/mail`: fields `host`, `port`, `security`, `username`, `password`, `sender`; and
/// `POST …/settings/mail/test`, `POST …/settings/mail/remove`.
#[derive(Clone, Debug, Serialize)]
pub struct MailPage {
    /// The page's own path.
    pub base: String,
    /// Whether the company has a server of its own.
    pub own: bool,
    /// What is typed.
    pub host: String,
    /// What is typed.
    pub port: String,
    /// The ports to choose from.
    pub ports: Vec<Choice>,
    /// `tls`, `starttls` or `none`.
    pub security: String,
    /// What is typed.
    pub username: String,
    /// Whether a password is kept: it is never shown.
    pub has_password: bool,
    /// What is typed.
    pub sender: String,
    /// Letters wait for the server.
    pub failing: Option<Failing>,
    /// The last test letter.
    pub test: Option<Test>,
    /// Whom a test letter goes to.
    pub to: String,
    /// What is wrong.
    pub errors: Errors,
}

/// A server that takes no letters.
#[derive(Clone, Debug, Serialize)]
pub struct Failing {
    /// Since when.
    pub since: DateTime<Utc>,
    /// What it, or the way to it, said.
    pub reason: String,
}

/// A test letter.
#[derive(Clone, Debug, Serialize)]
pub struct Test {
    /// When it was asked for, or tried.
    pub at: DateTime<Utc>,
    /// Whether the server took it; none while it is on its way.
    pub passed: Option<bool>,
    /// What the server said.
    pub answer: String,
}

impl MailPage {
    fn samples() -> Vec<Self> {
        let none = Self {
            base: "/dala-foods/settings/mail".into(),
            own: false,
            host: String::new(),
            port: "465".into(),
            ports: ["25", "465", "587", "2525"].map(|port| Choice::new(port, Text::raw(port))).into(),
            security: "tls".into(),
            username: String::new(),
            has_password: false,
            sender: String::new(),
            failing: None,
            test: None,
            to: "aigerim@example.kz".into(),
            errors: Errors::new(),
        };
        let wrong = Self { host: "localhost<b>".into(), errors: errors([("host", "…"), ("password", "…")]), ..none.clone() };
        let own = Self {
            own: true,
            host: "smtp.dala.example".into(),
            username: "mail@dala.example".into(),
            has_password: true,
            sender: "Дала <mail@dala.example>".into(),
            test: Some(Test { at: sample_time(), passed: Some(true), answer: "250 2.0.0 Ok: queued as <x>".into() }),
            ..none.clone()
        };
        let failing = Self {
            failing: Some(Failing { since: sample_time() - Duration::minutes(42), reason: "535 5.7.8 authentication failed".into() }),
            test: Some(Test { at: sample_time(), passed: Some(false), answer: "535 5.7.8 authentication failed".into() }),
            ..own.clone()
        };
        let waiting = Self { test: Some(Test { at: sample_time(), passed: None, answer: String::new() }), ..own.clone() };
        vec![none, wrong, own, failing, waiting]
    }
}
