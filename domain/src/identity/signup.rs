//! A company's first person signs up in three steps (5): address, key, account. The first answers the same for any address;
//! a key belongs to one address, opens one company once, and is locked after ten wrong tries.

use std::sync::Arc;

use chrono_tz::Tz;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::company::check_email;
use super::jobs::WelcomeMail;
use super::login::{Begun, Login, normal};
use super::throttle::Attempt;
use super::{Account, Member, Tenant, password, provision, session, signup_key};
use crate::kernel::app::App;
use crate::kernel::error::{Checks, Error, FieldError, Result};
use crate::kernel::id::Id;
use crate::kernel::money::CURRENCIES;
use crate::kernel::permission::Permissions;
use crate::kernel::platform::{Caller, PlatformAction, Px, Standing};
use crate::kernel::scope::{Actor, Company, Request, Scope};
use crate::kernel::secret::Token;

/// Languages a company and a person may choose.
pub const LOCALES: &[&str] = &["kk", "ru", "en", "tr"];

/// Wrong tries after which a key is locked.
pub(super) const TRIES: i32 = 10;

/// Everything a signup needs, as the last step sends it.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields)]
pub struct Signup {
    /// The address the company was added with.
    pub email: String,
    /// The key its operator gave.
    pub key: String,
    /// The person's name; not needed when the address has an account already.
    #[serde(default)]
    pub name: Option<String>,
    /// A new password, or the existing account's.
    pub password: String,
    /// The company's language and the person's: `kk`, `ru`, `en` or `tr`.
    pub locale: String,
    /// The company's time zone, an IANA name.
    pub time_zone: String,
    /// The currency of the company's books.
    pub currency: String,
}

/// What a key opens.
#[derive(Debug, Clone, Serialize, Object)]
pub struct Opened {
    /// The company's name.
    pub company: String,
    /// Whether the address has an account, which then logs in and joins.
    pub has_account: bool,
}

/// The words a new company's first rows are named with, by key.
pub type Words = Arc<dyn Fn(&str) -> String + Send + Sync>;

impl App {
    /// The second step: what the key opens, for this address.
    pub async fn open_signup(&self, email: &str, key: &str, request: &Request) -> Result<Opened> {
        let caller = Caller::anyone(request.clone());
        let tried = self.platform(&caller, TryKey { email: normal(email), key: Token::presented(key) }).await?;
        tried.ok_or_else(|| Error::field("key", "wrong_key")).map(|(_, opened)| opened)
    }

    /// The last step: the company comes to life and its first person is inside.
    pub async fn sign_up(&self, signup: &Signup, words: Words, request: &Request) -> Result<(Begun, String)> {
        check(signup)?;
        let caller = Caller::anyone(request.clone());
        let email = normal(&signup.email);
        let key = Token::presented(&signup.key);
        let tried = self.platform(&caller, TryKey { email: email.clone(), key: key.clone() }).await?;
        let (_, opened) = tried.ok_or_else(|| Error::field("key", "wrong_key"))?;
        let person = if opened.has_account {
            let login = Login { email: email.clone(), password: signup.password.clone(), remember: false };
            Person::Known(self.login(&login, request).await?)
        } else {
            let name = signup.name.clone().unwrap_or_default();
            let mut checks = Checks::new();
            checks.text("name", &name, 120);
            password::check(&mut checks, "password", &signup.password, &email);
            checks.done()?;
            Person::New { name, hash: self.hash_password(&signup.password).await? }
        };
        self.platform(&caller, Complete { signup: signup.clone(), email, key, person, words }).await
    }
}

fn check(signup: &Signup) -> Result<()> {
    let mut checks = Checks::new();
    check_email(&mut checks, "email", &signup.email);
    checks.required("key", &signup.key).one_of("locale", &signup.locale, LOCALES).one_of("currency", &signup.currency, CURRENCIES);
    if signup.time_zone.parse::<Tz>().is_err() {
        checks.push(FieldError::new("time_zone", "bad_zone"));
    }
    checks.done()
}

/// Looks a key up and counts a wrong one; commits either way.
struct TryKey {
    email: String,
    key: Token,
}

impl PlatformAction for TryKey {
    const NEEDS: Standing = Standing::Anyone;
    type Out = Option<(Uuid, Opened)>;

    async fn run(self, px: &mut Px<'_>) -> Result<Self::Out> {
        let (now, ip) = (px.now(), px.caller().request.ip);
        let attempt = Attempt::new(&self.email, ip);
        attempt.check(px.conn(), now).await?;
        let found = sqlx::query!(
            r#"SELECT k.tenant_id, t.name, EXISTS (SELECT FROM platform.accounts a WHERE a.email = k.email) AS "has_account!"
               FROM platform.signup_keys k JOIN platform.tenants t ON t.id = k.tenant_id
               WHERE k.email = $1 AND k.key_hash = $2 AND k.used_at IS NULL AND k.revoked_at IS NULL AND k.expires_at > $3 AND k.attempts < $4"#,
            self.email,
            self.key.digest(),
            now,
            TRIES,
        )
        .fetch_optional(px.conn())
        .await?;
        if let Some(found) = found {
            return Ok(Some((found.tenant_id, Opened { company: found.name, has_account: found.has_account })));
        }
        attempt.failed(px.conn(), now).await?;
        sqlx::query!(
            "UPDATE platform.signup_keys SET attempts = attempts + 1 WHERE email = $1 AND used_at IS NULL AND revoked_at IS NULL",
            self.email,
        )
        .execute(px.conn())
        .await?;
        Ok(None)
    }
}

enum Person {
    /// Logged in: that session goes on.
    Known(Begun),
    New {
        name: String,
        hash: String,
    },
}

pub(super) struct Complete {
    signup: Signup,
    email: String,
    key: Token,
    person: Person,
    words: Words,
}

impl PlatformAction for Complete {
    const NEEDS: Standing = Standing::Anyone;
    type Out = (Begun, String);

    async fn run(self, px: &mut Px<'_>) -> Result<(Begun, String)> {
        let tenant = self.use_key(px).await?;
        signup_key::revoke(px, tenant).await?;
        let (account, name) = self.account(px).await?;
        let company = self.activate(px, tenant).await?;
        let slug = company.slug.clone();
        let member = Id::<Member>::new();
        let scope = birth_scope(company, px.caller().request.clone(), &self.signup.locale);
        let (email, locale, words) = (self.email, self.signup.locale, self.words);
        px.inside(&scope, async |cx| {
            let admin_role = provision::fill(cx.conn(), tenant, scope.actor().id, &*words, &locale).await?;
            sqlx::query!(
                "INSERT INTO members (tenant_id, id, account_id, name, email, role_id, locale) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                tenant.uuid(),
                member.uuid(),
                account.uuid(),
                name,
                email,
                admin_role.uuid(),
                locale,
            )
            .execute(cx.conn())
            .await?;
            cx.enqueue(&WelcomeMail { member: member.uuid() })
        })
        .await?;
        join(px, account, tenant, member).await?;
        px.log("company.signed_up", Some(tenant), json!({ "account": account })).await?;
        let begun = match self.person {
            Person::Known(begun) => begun,
            Person::New { .. } => session::begin(px, account, false, false).await?,
        };
        Ok((begun, slug))
    }
}

impl Complete {
    #[cfg(test)]
    pub(super) fn of_somebody_new(signup: Signup) -> Self {
        let (email, key) = (normal(&signup.email), Token::presented(&signup.key));
        let person = Person::New { name: "Somebody".to_owned(), hash: String::new() };
        Self { signup, email, key, person, words: Arc::new(|key: &str| key.to_owned()) }
    }

    /// Of two people with one key, the second finds it used.
    async fn use_key(&self, px: &mut Px<'_>) -> Result<Id<Tenant>> {
        let now = px.now();
        // the company first and its keys after it, as whoever writes a letter does: two keys used at once must not wait for each other
        sqlx::query!(
            "SELECT t.id FROM platform.tenants t WHERE t.id = (SELECT k.tenant_id FROM platform.signup_keys k WHERE k.key_hash = $1) FOR UPDATE",
            self.key.digest(),
        )
        .fetch_optional(px.conn())
        .await?;
        let tenant = sqlx::query_scalar!(
            "UPDATE platform.signup_keys SET used_at = $3
             WHERE email = $1 AND key_hash = $2 AND used_at IS NULL AND revoked_at IS NULL AND expires_at > $3 AND attempts < $4
             RETURNING tenant_id",
            self.email,
            self.key.digest(),
            now,
            TRIES,
        )
        .fetch_optional(px.conn())
        .await?;
        tenant.map(Id::from).ok_or_else(|| Error::field("key", "wrong_key"))
    }

    async fn account(&self, px: &mut Px<'_>) -> Result<(Id<Account>, String)> {
        match &self.person {
            Person::Known(begun) => {
                let account = begun.account;
                let name =
                    sqlx::query_scalar!("SELECT name FROM platform.accounts WHERE id = $1", account.uuid()).fetch_one(px.conn()).await?;
                Ok((account, name))
            }
            Person::New { name, hash } => Ok((new_account(px, &self.email, name, hash, &self.signup.locale).await?, name.clone())),
        }
    }

    async fn activate(&self, px: &mut Px<'_>, tenant: Id<Tenant>) -> Result<Company> {
        let row = sqlx::query!(
            "UPDATE platform.tenants SET status = 'active', locale = $2, time_zone = $3, currency = $4, version = version + 1
             WHERE id = $1 AND status = 'pending' RETURNING slug, name",
            tenant.uuid(),
            self.signup.locale,
            self.signup.time_zone,
            self.signup.currency,
        )
        .fetch_optional(px.conn())
        .await?
        .ok_or(Error::Conflict("already_signed_up"))?;
        let zone = self.signup.time_zone.parse().unwrap_or(Tz::UTC);
        Ok(Company { id: tenant, slug: row.slug, name: row.name, currency: self.signup.currency.clone(), zone })
    }
}

/// The company's first rows are written by its system actor, whose own row is among them.
fn birth_scope(company: Company, request: Request, locale: &str) -> Scope {
    let actor = Actor {
        id: provision::system_id(),
        name: String::new(),
        email: None,
        role: Id::new(),
        role_key: None,
        level: i32::MAX,
        system: true,
    };
    Scope::build(company, actor, Permissions::all(), None, locale.to_owned(), request)
}

/// Adds an account; the address must be free.
pub(super) async fn new_account(px: &mut Px<'_>, email: &str, name: &str, hash: &str, locale: &str) -> Result<Id<Account>> {
    use crate::kernel::error::OrField;
    let id = Id::<Account>::new();
    sqlx::query!(
        "INSERT INTO platform.accounts (id, email, name, password_hash, locale, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        id.uuid(),
        email,
        name.trim(),
        hash,
        locale,
        px.now(),
    )
    .execute(px.conn())
    .await
    .or_field(&[("accounts_email", "email", "taken")])?;
    Ok(id)
}

/// Lets an account into a company, as a member.
pub(super) async fn join(px: &mut Px<'_>, account: Id<Account>, tenant: Id<Tenant>, member: Id<Member>) -> Result<()> {
    sqlx::query!(
        "INSERT INTO platform.account_tenants (account_id, tenant_id, member_id) VALUES ($1, $2, $3)",
        account.uuid(),
        tenant.uuid(),
        member.uuid(),
    )
    .execute(px.conn())
    .await?;
    Ok(())
}
