//! Pages for somebody not logged in: login, password, signup, invitation, errors.

use serde::Serialize;

use super::parts::{Choice, Errors, Text, errors};
use crate::page::templates;

templates! {
    LoginPage => "public/login.html",
    ForgotPage => "public/forgot.html",
    ResetPage => "public/reset.html",
    SignupPage => "public/signup.html",
    InvitePage => "public/invite.html",
    ErrorPage => "public/error.html",
}

/// `GET`/`POST /login`: fields `email`, `password`, `remember` (`true`), `next`.
#[derive(Clone, Debug, Serialize)]
pub struct LoginPage {
    /// The email typed.
    pub email: String,
    /// Whether to stay logged in.
    pub remember: bool,
    /// Path to go on to; empty for the default.
    pub next: String,
    /// What is wrong.
    pub errors: Errors,
}

impl LoginPage {
    fn samples() -> Vec<Self> {
        let empty = Self { email: String::new(), remember: false, next: String::new(), errors: Errors::new() };
        let refused = Self {
            email: "aigerim@example.kz\"><b>".into(),
            remember: true,
            next: "/dala-foods/work-orders?state=open&q=<x>".into(),
            errors: errors([("", "Email немесе құпиясөз қате.")]),
        };
        vec![empty, refused]
    }
}

/// `GET`/`POST /forgot`: field `email`.
#[derive(Clone, Debug, Serialize)]
pub struct ForgotPage {
    /// The email typed.
    pub email: String,
    /// Whether the form has been sent; the answer is the same for an unknown email.
    pub sent: bool,
    /// What is wrong.
    pub errors: Errors,
}

impl ForgotPage {
    fn samples() -> Vec<Self> {
        let empty = Self { email: String::new(), sent: false, errors: Errors::new() };
        let wrong = Self { email: "aigerim@".into(), errors: errors([("email", "…")]), ..empty.clone() };
        let sent = Self { email: "aigerim@example.kz".into(), sent: true, ..empty.clone() };
        vec![empty, wrong, sent]
    }
}

/// `GET`/`POST /reset/{token}`: field `password`.
#[derive(Clone, Debug, Serialize)]
pub struct ResetPage {
    /// Secret part of the link.
    pub token: String,
    /// Whether the link may still be used.
    pub valid: bool,
    /// What is wrong.
    pub errors: Errors,
}

impl ResetPage {
    fn samples() -> Vec<Self> {
        let form = Self { token: "3vQ9".into(), valid: true, errors: Errors::new() };
        let wrong = Self { errors: errors([("password", "…")]), ..form.clone() };
        let expired = Self { valid: false, ..form.clone() };
        vec![form, wrong, expired]
    }
}

/// Where a signup stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SignupStep {
    /// Asking for the company's contact email.
    Email,
    /// Asking for the signup key.
    Key,
    /// Asking for a new account.
    Account,
    /// The email has an account already: asking for its password, to join.
    Join,
}

/// `GET`/`POST /signup`: fields `step` and, step by step, `email`; `key`; `password`, `locale`, `time_zone`, `currency` and, for a
/// new account, `name`. What was answered before comes along in hidden fields.
#[derive(Clone, Debug, Serialize)]
pub struct SignupPage {
    /// The question asked.
    pub step: SignupStep,
    /// The company's contact email.
    pub email: String,
    /// The signup key.
    pub key: String,
    /// Name of the company the key belongs to; known from the third step on.
    pub company: String,
    /// The person's name.
    pub name: String,
    /// Language of the company.
    pub locale: String,
    /// IANA time zone of the company.
    pub time_zone: String,
    /// Time zones to choose from.
    pub zones: Vec<Choice>,
    /// Currency code of the company's books.
    pub currency: String,
    /// Currencies to choose from.
    pub currencies: Vec<Choice>,
    /// What is wrong.
    pub errors: Errors,
}

impl SignupPage {
    fn samples() -> Vec<Self> {
        let email = Self {
            step: SignupStep::Email,
            email: String::new(),
            key: String::new(),
            company: String::new(),
            name: String::new(),
            locale: "kk".into(),
            time_zone: "Asia/Almaty".into(),
            zones: vec![Choice::new("Asia/Almaty", "Asia/Almaty"), Choice::new("Europe/Istanbul", "Europe/Istanbul")],
            currency: "KZT".into(),
            currencies: ["KZT", "TRY"].map(|code| Choice::new(code, Text::key(format!("app.currency.{code}")))).into(),
            errors: Errors::new(),
        };
        let key = Self { step: SignupStep::Key, email: "office@example.kz".into(), ..email.clone() };
        let wrong = Self { key: "MWK-7Q4F".into(), errors: errors([("key", "…")]), ..key.clone() };
        let account = Self { step: SignupStep::Account, company: "Дала Фудс".into(), ..wrong.clone() };
        let join = Self { step: SignupStep::Join, errors: errors([("password", "…")]), ..account.clone() };
        vec![email, key, wrong, account, join]
    }
}

/// `GET`/`POST /invite/{token}`: fields `name` and `password`, or `password` alone where the account exists.
#[derive(Clone, Debug, Serialize)]
pub struct InvitePage {
    /// Secret part of the link.
    pub token: String,
    /// Whether the link may still be used.
    pub valid: bool,
    /// Company that invites.
    pub company: String,
    /// Name of the role offered.
    pub role: String,
    /// Email the invitation was sent to.
    pub email: String,
    /// Whether this email has an account already.
    pub existing: bool,
    /// The name typed.
    pub name: String,
    /// What is wrong.
    pub errors: Errors,
}

impl InvitePage {
    fn samples() -> Vec<Self> {
        let new = Self {
            token: "3vQ9".into(),
            valid: true,
            company: "Дала Фудс".into(),
            role: "Техник".into(),
            email: "serik@example.kz".into(),
            existing: false,
            name: String::new(),
            errors: Errors::new(),
        };
        let wrong = Self { name: "С".repeat(90), errors: errors([("name", "…"), ("password", "…")]), ..new.clone() };
        let join = Self { existing: true, ..new.clone() };
        let expired = Self { valid: false, ..new.clone() };
        vec![new, wrong, join, expired]
    }
}

/// Any error that has no form to return to.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorPage {
    /// HTTP status.
    pub status: u16,
    /// What went wrong in a few words, in the reader's language.
    pub title: String,
    /// The same in a sentence.
    pub detail: String,
}

impl ErrorPage {
    fn samples() -> Vec<Self> {
        let page = |status, title: &str, detail: &str| Self { status, title: title.into(), detail: detail.into() };
        vec![page(403, "Бұған құқығыңыз жоқ", "work_order.approve <b>"), page(404, "Табылмады", "…")]
    }
}
