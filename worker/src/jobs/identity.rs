//! Letters about companies and accounts. The secret in a letter is made when the letter is; one written again carries a new one.

use domain::identity::jobs::{InvitationMail, ResetMail, SignupKeyMail, WelcomeMail};
use domain::identity::{invitation, member, reset, signup_key};
use domain::kernel::platform::Caller;
use domain::kernel::scope::{Request, Scope};
use templates::{Kind, Params};

use super::{Post, locale};
use crate::mail::{Letter, Marks};
use crate::queue::failure::Failure;
use crate::registry::{JobContext, Outcome};

/// Writes to somebody who was invited, unless the invitation is gone.
pub async fn invitation(post: Post, context: JobContext, job: InvitationMail) -> Outcome {
    let scope = post.company(&context).await?;
    let write = invitation::WriteLetter(job.invitation.into());
    let Some(letter) = post.app.run(&scope, write).await? else { return Ok(()) };
    let locale = locale(&letter.locale);
    let until = templates::format::datetime(locale, scope.company().zone, letter.expires_at);
    let url = post.app.url(&format!("/invite/{}", letter.token.reveal()));
    let params: &Params<'_> = &[
        ("name", &letter.name),
        ("company", &letter.company),
        ("inviter", &letter.inviter),
        ("role", &letter.role),
        ("until", &until),
        ("url", &url),
    ];
    send(&post, Some(&scope), context, Kind::new("invitation"), locale, params, (&letter.email, &letter.name)).await
}

/// Writes to somebody who forgot their password, unless the account was disabled.
pub async fn reset(post: Post, context: JobContext, job: ResetMail) -> Outcome {
    let caller = Caller::anyone(Request::internal("worker"));
    let written = post.app.platform(&caller, reset::WriteLetter(job.account.into())).await;
    let Some(letter) = written? else { return Ok(()) };
    let locale = locale(&letter.locale);
    // an account has no time zone of its own
    let until = format!("{} UTC", templates::format::datetime(locale, chrono_tz::UTC, letter.expires_at));
    let url = post.app.url(&format!("/reset/{}", letter.token.reveal()));
    let params: &Params<'_> = &[("name", &letter.name), ("until", &until), ("url", &url)];
    send(&post, None, context, Kind::new("password_reset"), locale, params, (&letter.email, &letter.name)).await
}

/// Writes to the contact of a company, unless it has signed up meanwhile.
pub async fn signup_key(post: Post, context: JobContext, job: SignupKeyMail) -> Outcome {
    let caller = Caller::anyone(Request::internal("worker"));
    let written = post.app.platform(&caller, signup_key::WriteLetter(job.company.into())).await;
    let Some(letter) = written? else { return Ok(()) };
    let locale = locale(&letter.locale);
    // a company that has not signed up has chosen no time zone
    let until = format!("{} UTC", templates::format::datetime(locale, chrono_tz::UTC, letter.expires_at));
    let url = post.app.url("/signup");
    let params: &Params<'_> = &[("company", &letter.company), ("key", letter.key.reveal()), ("until", &until), ("url", &url)];
    send(&post, None, context, Kind::new("signup_key"), locale, params, (&letter.email, &letter.company)).await
}

/// Writes to the person who signed a company up.
pub async fn welcome(post: Post, context: JobContext, job: WelcomeMail) -> Outcome {
    let scope = post.company(&context).await?;
    let person = post.app.run(&scope, member::Show(job.member.into())).await?;
    let Some(email) = person.email else { return Ok(()) };
    let company = scope.company();
    let url = post.app.url(&format!("/{}/", company.slug));
    let params: &Params<'_> = &[("name", &person.name), ("company", &company.name), ("url", &url)];
    send(&post, Some(&scope), context, Kind::new("welcome"), locale(&person.locale), params, (&email, &person.name)).await
}

async fn send(
    post: &Post,
    company: Option<&Scope>,
    context: JobContext,
    kind: Kind<'_>,
    locale: templates::Locale,
    params: &Params<'_>,
    (to, name): (&str, &str),
) -> Outcome {
    let mail = templates::mail::render(kind, locale, params).map_err(|error| Failure::give_up(error.to_string()))?;
    let (subject, text, html) = (&*mail.subject, &*mail.text, &*mail.html);
    let letter = Letter { id: context.id, to, name: Some(name), subject, text, html };
    match company {
        Some(company) => post.send(company, &letter, Marks::default()).await,
        None => post.mailer.send(&letter).await,
    }
}
