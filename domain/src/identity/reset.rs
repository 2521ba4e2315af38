//! A forgotten password (12). Asking answers the same for any address; the link works once, for an hour, and ends every
//! session of the account.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::jobs::ResetMail;
use super::login::normal;
use super::throttle::Attempt;
use super::{Account, password, session};
use crate::kernel::app::App;
use crate::kernel::error::{Checks, Error, Result};
use crate::kernel::id::Id;
use crate::kernel::platform::{Caller, PlatformAction, Px, Standing};
use crate::kernel::scope::Request;
use crate::kernel::secret::Token;

const LIFETIME: TimeDelta = TimeDelta::hours(1);

/// Asks for a letter with a link.
pub struct Ask {
    /// The account's address.
    pub email: String,
}

impl PlatformAction for Ask {
    const NEEDS: Standing = Standing::Anyone;
    type Out = ();

    async fn run(self, px: &mut Px<'_>) -> Result<()> {
        let email = normal(&self.email);
        let (now, ip) = (px.now(), px.caller().request.ip);
        // asking counts like a failed login: nobody fills somebody's mailbox
        let attempt = Attempt::new(&email, ip);
        attempt.check(px.conn(), now).await?;
        attempt.failed(px.conn(), now).await?;
        let account = sqlx::query_scalar!("SELECT id FROM platform.accounts WHERE email = $1 AND disabled_at IS NULL", email)
            .fetch_optional(px.conn())
            .await?;
        if let Some(account) = account {
            px.enqueue(&ResetMail { account })?;
        }
        Ok(())
    }
}

/// What the letter needs.
#[derive(Debug)]
pub struct Letter {
    /// Where it goes.
    pub email: String,
    /// Whose it is.
    pub name: String,
    /// In which language.
    pub locale: String,
    /// What the link carries.
    pub token: Token,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
}

/// Makes the secret of a reset and what its letter says; nothing when the account was disabled meanwhile.
pub struct WriteLetter(
    /// The account.
    pub Id<Account>,
);

impl PlatformAction for WriteLetter {
    const NEEDS: Standing = Standing::Anyone;
    type Out = Option<Letter>;

    async fn run(self, px: &mut Px<'_>) -> Result<Option<Letter>> {
        let (token, expires_at) = (Token::new(), px.now() + LIFETIME);
        let account =
            sqlx::query!("SELECT email, name, locale FROM platform.accounts WHERE id = $1 AND disabled_at IS NULL", self.0.uuid())
                .fetch_optional(px.conn())
                .await?;
        let Some(account) = account else { return Ok(None) };
        sqlx::query!(
            "INSERT INTO platform.password_resets (token_hash, account_id, expires_at) VALUES ($1, $2, $3)",
            token.digest(),
            self.0.uuid(),
            expires_at,
        )
        .execute(px.conn())
        .await?;
        Ok(Some(Letter { email: account.email, name: account.name, locale: account.locale, token, expires_at }))
    }
}

impl App {
    /// Whose password a link resets, if it still does.
    pub async fn reset_account(&self, token: &str, request: &Request) -> Result<(Id<Account>, String)> {
        self.platform(&Caller::anyone(request.clone()), Open { digest: Token::presented(token).digest() }).await
    }

    /// Sets a new password by a letter's link, and ends every session.
    pub async fn reset_password(&self, token: &str, new: &str, request: &Request) -> Result<()> {
        let (account, email) = self.reset_account(token, request).await?;
        let mut checks = Checks::new();
        password::check(&mut checks, "password", new, &email);
        checks.done()?;
        let hash = self.hash_password(new).await?;
        let digest = Token::presented(token).digest();
        self.platform(&Caller::anyone(request.clone()), Complete { account, digest, hash }).await
    }
}

/// Links of earlier letters open nothing once the password is another.
pub(super) async fn forget(px: &mut Px<'_>, account: Id<Account>) -> Result<()> {
    let now = px.now();
    sqlx::query!("UPDATE platform.password_resets SET used_at = $2 WHERE account_id = $1 AND used_at IS NULL", account.uuid(), now)
        .execute(px.conn())
        .await?;
    Ok(())
}

struct Open {
    digest: Vec<u8>,
}

impl PlatformAction for Open {
    const NEEDS: Standing = Standing::Anyone;
    type Out = (Id<Account>, String);

    async fn run(self, px: &mut Px<'_>) -> Result<Self::Out> {
        let now = px.now();
        let row = sqlx::query!(
            "SELECT a.id, a.email FROM platform.password_resets r JOIN platform.accounts a ON a.id = r.account_id AND a.disabled_at IS NULL
             WHERE r.token_hash = $1 AND r.used_at IS NULL AND r.expires_at > $2",
            self.digest,
            now,
        )
        .fetch_optional(px.conn())
        .await?
        .ok_or(Error::NotFound)?;
        Ok((row.id.into(), row.email))
    }
}

struct Complete {
    account: Id<Account>,
    digest: Vec<u8>,
    hash: String,
}

impl PlatformAction for Complete {
    const NEEDS: Standing = Standing::Anyone;
    type Out = ();

    async fn run(self, px: &mut Px<'_>) -> Result<()> {
        let now = px.now();
        let used = sqlx::query!(
            "UPDATE platform.password_resets SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2",
            self.digest,
            now,
        )
        .execute(px.conn())
        .await?
        .rows_affected();
        if used == 0 {
            return Err(Error::NotFound);
        }
        forget(px, self.account).await?;
        sqlx::query!("UPDATE platform.accounts SET password_hash = $2 WHERE id = $1", self.account.uuid(), self.hash)
            .execute(px.conn())
            .await?;
        session::end_others(px.conn(), self.account, None).await?;
        px.log("password.reset", None, json!({ "account": self.account })).await
    }
}
