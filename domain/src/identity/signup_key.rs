//! Signup keys (4): what a company's first person comes in with. One is shown to the operator who made it, another lies in the
//! letter to the contact; each is known to its reader alone, and the first one used makes the others worthless.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use uuid::Uuid;

use super::Tenant;
use super::company::{Company, Onboarded, find};
use super::jobs::SignupKeyMail;
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Id;
use crate::kernel::platform::{PlatformAction, Px, Standing};
use crate::kernel::secret::Token;

/// How long a key is good for.
const LIFETIME: TimeDelta = TimeDelta::hours(72);

/// Who gets to read a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    Operator,
    Contact,
}

/// Makes a key for a company nobody has signed up for, shown in the answer, and sends its contact another; those before are worth
/// nothing from then on.
#[derive(Debug, Clone)]
pub struct NewKey(
    /// The company.
    pub Id<Tenant>,
);

impl PlatformAction for NewKey {
    const NEEDS: Standing = Standing::Operator;
    type Out = Onboarded;

    async fn run(self, px: &mut Px<'_>) -> Result<Onboarded> {
        pending(px, self.0).await?;
        let signup_key = issue(px, self.0).await?;
        px.log("company.new_key", Some(self.0), json!({})).await?;
        Ok(Onboarded { company: find(px, self.0).await?, signup_key })
    }
}

/// Sends the contact of a company nobody has signed up for a letter with a new key, in place of the one in the letter before. The
/// key shown to the operator stays good.
#[derive(Debug, Clone)]
pub struct SendKey(
    /// The company.
    pub Id<Tenant>,
);

impl PlatformAction for SendKey {
    const NEEDS: Standing = Standing::Operator;
    type Out = Company;

    async fn run(self, px: &mut Px<'_>) -> Result<Company> {
        let company = pending(px, self.0).await?;
        px.enqueue(&SignupKeyMail { company: self.0.uuid() })?;
        px.log("company.key_sent", Some(self.0), json!({ "email": company.contact_email })).await?;
        Ok(company)
    }
}

async fn pending(px: &mut Px<'_>, tenant: Id<Tenant>) -> Result<Company> {
    let company = find(px, tenant).await?;
    if company.status == "pending" { Ok(company) } else { Err(Error::Conflict("already_signed_up")) }
}

/// The key for the operator; the letter to the contact is on its way.
pub(super) async fn issue(px: &mut Px<'_>, tenant: Id<Tenant>) -> Result<String> {
    revoke(px, tenant).await?;
    px.enqueue(&SignupKeyMail { company: tenant.uuid() })?;
    Ok(make(px, tenant, Reader::Operator).await?.0.reveal().to_owned())
}

/// Takes back a company's keys that nobody used; only those of one reader, if one is given.
async fn revoke_of(px: &mut Px<'_>, tenant: Id<Tenant>, reader: Option<Reader>) -> Result<()> {
    let now = px.now();
    sqlx::query!(
        "UPDATE platform.signup_keys SET revoked_at = $2
         WHERE tenant_id = $1 AND used_at IS NULL AND revoked_at IS NULL AND ($3::boolean IS NULL OR mailed = $3)",
        tenant.uuid(),
        now,
        reader.map(|reader| reader == Reader::Contact),
    )
    .execute(px.conn())
    .await?;
    Ok(())
}

/// Takes back a company's keys that nobody used.
pub(super) async fn revoke(px: &mut Px<'_>, tenant: Id<Tenant>) -> Result<()> {
    revoke_of(px, tenant, None).await
}

async fn make(px: &mut Px<'_>, tenant: Id<Tenant>, reader: Reader) -> Result<(Token, DateTime<Utc>)> {
    let (key, now) = (Token::short(), px.now());
    let until = now + LIFETIME;
    sqlx::query!(
        "INSERT INTO platform.signup_keys (id, tenant_id, email, key_hash, mailed, expires_at, created_at)
         SELECT $2, t.id, t.contact_email, $3, $4, $5, $6 FROM platform.tenants t WHERE t.id = $1",
        tenant.uuid(),
        Uuid::now_v7(),
        key.digest(),
        reader == Reader::Contact,
        until,
        now,
    )
    .execute(px.conn())
    .await?;
    Ok((key, until))
}

/// What the letter needs. The key in it is made here; a letter written again carries a new one.
#[derive(Debug)]
pub struct Letter {
    /// Where it goes.
    pub email: String,
    /// In which language.
    pub locale: String,
    /// The company.
    pub company: String,
    /// What the contact signs up with.
    pub key: Token,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
}

/// Makes the key for a company's contact and what its letter says; nothing when the company has signed up meanwhile.
#[derive(Debug, Clone)]
pub struct WriteLetter(
    /// The company.
    pub Id<Tenant>,
);

impl PlatformAction for WriteLetter {
    const NEEDS: Standing = Standing::Anyone;
    type Out = Option<Letter>;

    async fn run(self, px: &mut Px<'_>) -> Result<Option<Letter>> {
        let waiting = sqlx::query!(
            "SELECT name, contact_email, locale FROM platform.tenants WHERE id = $1 AND status = 'pending' FOR UPDATE",
            self.0.uuid(),
        )
        .fetch_optional(px.conn())
        .await?;
        let Some(company) = waiting else { return Ok(None) };
        revoke_of(px, self.0, Some(Reader::Contact)).await?;
        let (key, expires_at) = make(px, self.0, Reader::Contact).await?;
        Ok(Some(Letter { email: company.contact_email, locale: company.locale, company: company.name, key, expires_at }))
    }
}
