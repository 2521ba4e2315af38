//! What a person changes about their own account (25): name, language, theme, password.

use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::login::Fail;
use super::session::SignedIn;
use super::signup::LOCALES;
use super::throttle::Attempt;
use super::{password, reset, session};
use crate::kernel::app::App;
use crate::kernel::error::{Checks, Error, Result};
use crate::kernel::platform::{Caller, PlatformAction, Px, Standing};
use crate::kernel::scope::Request;

/// Themes a person may choose; `system` follows the device.
pub const THEMES: &[&str] = &["system", "light", "dark"];

/// Language and theme.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields)]
pub struct Preferences {
    /// `kk`, `ru`, `en` or `tr`; left as it is when absent.
    #[serde(default)]
    pub locale: Option<String>,
    /// `system`, `light` or `dark`; left as it is when absent.
    #[serde(default)]
    pub theme: Option<String>,
}

/// Changes the caller's language and theme.
pub struct Prefer(
    /// What was chosen.
    pub Preferences,
);

impl PlatformAction for Prefer {
    const NEEDS: Standing = Standing::Account;
    type Out = ();

    async fn run(self, px: &mut Px<'_>) -> Result<()> {
        let Preferences { locale, theme } = self.0;
        let mut checks = Checks::new();
        if let Some(locale) = &locale {
            checks.one_of("locale", locale, LOCALES);
        }
        if let Some(theme) = &theme {
            checks.one_of("theme", theme, THEMES);
        }
        checks.done()?;
        let account = px.account()?;
        sqlx::query!(
            "UPDATE platform.accounts SET locale = coalesce($2, locale), theme = coalesce($3, theme) WHERE id = $1",
            account.uuid(),
            locale,
            theme,
        )
        .execute(px.conn())
        .await?;
        Ok(())
    }
}

/// A change of password.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields)]
pub struct NewPassword {
    /// The one that holds.
    pub current: String,
    /// The new one.
    pub password: String,
}

impl App {
    /// Changes the password of somebody signed in, and ends their other sessions.
    pub async fn change_password(&self, who: &SignedIn, change: &NewPassword, request: &Request) -> Result<()> {
        let caller = who.caller(request.clone());
        let hash = self.platform(&caller, CurrentHash { email: who.email.clone() }).await?;
        if !self.verify_password(&change.current, Some(&hash)).await? {
            // whoever found a screen unlocked does not get to guess at it
            self.platform(&caller, Fail { email: who.email.clone(), account: Some(who.account) }).await?;
            return Err(Error::field("current", "wrong_password"));
        }
        let mut checks = Checks::new();
        password::check(&mut checks, "password", &change.password, &who.email);
        if change.password == change.current {
            checks.push(crate::kernel::error::FieldError::new("password", "same_password"));
        }
        checks.done()?;
        let hash = self.hash_password(&change.password).await?;
        self.platform(&caller, SetPassword { hash, keep: who.session }).await
    }

    /// Makes the first operator, from the command line.
    pub async fn create_operator(&self, email: &str, name: &str, plain: &str) -> Result<()> {
        let mut checks = Checks::new();
        super::company::check_email(&mut checks, "email", email);
        checks.text("name", name, 120);
        password::check(&mut checks, "password", plain, email);
        checks.done()?;
        let hash = self.hash_password(plain).await?;
        let caller = Caller::anyone(Request::internal("command line"));
        self.platform(&caller, super::company::CreateOperator { email: email.to_owned(), name: name.to_owned(), hash }).await?;
        Ok(())
    }
}

struct CurrentHash {
    email: String,
}

impl PlatformAction for CurrentHash {
    const NEEDS: Standing = Standing::Account;
    type Out = String;

    async fn run(self, px: &mut Px<'_>) -> Result<String> {
        let (account, now, ip) = (px.account()?, px.now(), px.caller().request.ip);
        Attempt::new(&self.email, ip).check(px.conn(), now).await?;
        Ok(sqlx::query_scalar!("SELECT password_hash FROM platform.accounts WHERE id = $1", account.uuid()).fetch_one(px.conn()).await?)
    }
}

struct SetPassword {
    hash: String,
    keep: Uuid,
}

impl PlatformAction for SetPassword {
    const NEEDS: Standing = Standing::Account;
    type Out = ();

    async fn run(self, px: &mut Px<'_>) -> Result<()> {
        let account = px.account()?;
        sqlx::query!("UPDATE platform.accounts SET password_hash = $2 WHERE id = $1", account.uuid(), self.hash).execute(px.conn()).await?;
        session::end_others(px.conn(), account, Some(self.keep)).await?;
        reset::forget(px, account).await?;
        px.log("password.changed", None, json!({ "account": account })).await
    }
}
