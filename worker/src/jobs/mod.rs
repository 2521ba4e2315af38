//! The handlers. Each loads what it needs by an action, speaks to the outside world, and records by another action; no network
//! inside a transaction.

mod digest;
mod exports;
mod groups;
mod identity;
mod letters;
mod notify;
mod platform;
mod presses;
mod reminders;
mod workflow;

use std::time::Duration;

use domain::kernel::scope::{Request, Scope};
use domain::{App, Error};
use templates::Locale;

use crate::mail::Mailer;
use crate::queue::failure::Failure;
use crate::registry::{JobContext, Registry};
use crate::telegram::Telegram;

/// What handlers work with.
#[derive(Clone)]
pub struct Post {
    /// The application.
    pub app: App,
    /// Letters out.
    pub mailer: Mailer,
    /// Messages out, where a bot is configured.
    pub telegram: Option<Telegram>,
}

impl Post {
    /// The scope of a company's own work: its system actor.
    async fn company(&self, context: &JobContext) -> Result<Scope, Failure> {
        let tenant = context.tenant.ok_or_else(|| Failure::give_up("a company's job without a company"))?;
        self.app.scope_of(tenant, None, Request::internal("worker")).await.map_err(Failure::from)
    }
}

/// Every handler of this program. A job type without one here is refused by a test.
pub fn registry(post: &Post) -> Registry {
    let with = || post.clone();
    let (invitation, reset, signup_key, welcome) = (with(), with(), with(), with());
    let (digest, arrange, daily) = (with(), with(), with());
    let (email, telegram, timer, carry_over) = (with(), with(), with(), with());
    let (keep_house, mail_test, group) = (with(), with(), with());
    let (export, expire, remove) = (with(), with(), with());
    Registry::new()
        .on(move |context, job| identity::invitation(invitation.clone(), context, job))
        .on(move |context, job| identity::reset(reset.clone(), context, job))
        .on(move |context, job| identity::signup_key(signup_key.clone(), context, job))
        .on(move |context, job| identity::welcome(welcome.clone(), context, job))
        .on(move |context, job| notify::email(email.clone(), context, job))
        .on(move |context, job| notify::telegram(telegram.clone(), context, job))
        .on(move |context, job| groups::message(group.clone(), context, job))
        .on(move |context, job| letters::mail_test(mail_test.clone(), context, job))
        .on(move |context, job| digest::letter(digest.clone(), context, job))
        .on(move |context, job| reminders::arrange(arrange.clone(), context, job))
        .on(move |context, job| reminders::daily(daily.clone(), context, job))
        .on(move |context, job| workflow::timer(timer.clone(), context, job))
        .on(move |context, job| workflow::carry_over(carry_over.clone(), context, job))
        .on(move |_, job| platform::keep_house(keep_house.clone(), job))
        .on(move |context, job| exports::run(export.clone(), context, job))
        .on(move |context, job| exports::expire(expire.clone(), context, job))
        .on(move |context, job| exports::remove(remove.clone(), context, job))
}

/// What an error of the domain means for a job: whether it may pass.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let reason = error.to_string();
        match error {
            Error::Limited { retry_after } => Self::Later { reason, after: Duration::from_secs(retry_after) },
            Error::Unavailable(_) | Error::Internal(_) | Error::Conflict(_) | Error::Stale { .. } | Error::WrongState { .. } => {
                Self::Retry(reason)
            }
            Error::NotFound
            | Error::Unauthenticated
            | Error::Forbidden(_)
            | Error::Invalid(_)
            | Error::Blocked(..)
            | Error::Effect { .. } => Self::GiveUp(reason),
        }
    }
}

/// A stored language; English for one this program does not speak.
pub(crate) fn locale(tag: &str) -> Locale {
    Locale::parse(tag).unwrap_or_default()
}
