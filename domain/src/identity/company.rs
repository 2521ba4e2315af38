//! Companies, as operators of the platform see them: onboarded (2–4), limited, suspended, given keys.

use chrono::{DateTime, Utc};
use email_address::EmailAddress;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::jobs::SignupKeyMail;
use super::signup::{LOCALES, TRIES};
use super::slug::{LENGTHS, is_reserved, is_slug, slug_of};
use super::{Account, Tenant, login, signup_key};
use crate::kernel::error::{Checks, Error, FieldError, OrField, Result};
use crate::kernel::id::Id;
use crate::kernel::platform::{PlatformAction, Px, Standing};

/// What an operator fills in (3).
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields, rename = "CompanyInput")]
pub struct Input {
    /// Its name.
    pub name: String,
    /// Its name in addresses: 2 to 40 lower-case letters, digits and single hyphens. Derived from the name when absent.
    #[serde(default)]
    pub slug: Option<String>,
    /// Where its first person is reached; the signup key is bound to it.
    pub contact_email: String,
    /// How many people it may have.
    pub seats: i32,
    /// The language of the letter with its key, and of the company until it signs up: `kk`, `ru`, `en` or `tr`.
    #[serde(default)]
    pub locale: Option<String>,
}

/// A company in the operators' list.
#[derive(Debug, Clone, Serialize, Object)]
pub struct Company {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Its name in addresses.
    pub slug: String,
    /// Where its first person is reached.
    pub contact_email: String,
    /// How many people it may have.
    pub seats: i32,
    /// How many of the seats are taken: by active people, and by invitations that may still be accepted.
    pub seats_used: i64,
    /// How many are left.
    pub seats_left: i64,
    /// `pending` until its first person has signed up, `active`, or `suspended`.
    pub status: String,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// Its version, which a change must name.
    pub version: i32,
    /// Until when its signup key is good, while there is an unused one that was not tried wrongly too often.
    pub key_expires_at: Option<DateTime<Utc>>,
    /// Whether an unused key was tried wrongly so often that it opens nothing any more.
    pub key_locked: bool,
}

/// A company and its key, which is shown this once.
#[derive(Debug, Clone, Serialize, Object)]
pub struct Onboarded {
    /// The company.
    pub company: Company,
    /// The secret the company's first person signs up with.
    pub signup_key: String,
}

/// Seats a company may have.
const SEATS: std::ops::RangeInclusive<i32> = 1..=100_000;

fn check(input: &Input, slug: &str) -> Result<()> {
    let mut checks = Checks::new();
    check_terms(&mut checks, &input.name, &input.contact_email, input.seats);
    if let Some(locale) = &input.locale {
        checks.one_of("locale", locale, LOCALES);
    }
    if !is_slug(slug) {
        checks.push(FieldError::new("slug", "bad_slug").with("min", LENGTHS.start()).with("max", LENGTHS.end()));
    } else if is_reserved(slug) {
        checks.push(FieldError::new("slug", "reserved"));
    }
    checks.done()
}

fn check_terms(checks: &mut Checks, name: &str, contact_email: &str, seats: i32) {
    checks.text("name", name, 120);
    check_email(checks, "contact_email", contact_email);
    if !SEATS.contains(&seats) {
        checks.push(FieldError::new("seats", "out_of_range").with("min", SEATS.start()).with("max", SEATS.end()));
    }
}

/// Refuses what cannot be an address mail goes to.
pub fn check_email(checks: &mut Checks, field: &str, email: &str) {
    let email = email.trim();
    // quoted names and bare addresses of machines are allowed by the standard and typed by nobody
    let plausible = email.len() <= 254
        && email.split_once('@').is_some_and(|(name, host)| {
            EmailAddress::is_valid_local_part(name) && EmailAddress::is_valid_domain(host) && host.contains('.')
        })
        && !email.chars().any(|c| c.is_whitespace() || "<>,;:\"()[]\\".contains(c));
    if email.is_empty() {
        checks.push(FieldError::new(field, "required"));
    } else if !plausible {
        checks.push(FieldError::new(field, "not_an_email"));
    }
}

/// Adds a company, makes its signup key and sends its contact one.
#[derive(Debug, Clone)]
pub struct Onboard(
    /// What was filled in.
    pub Input,
);

impl PlatformAction for Onboard {
    const NEEDS: Standing = Standing::Operator;
    type Out = Onboarded;

    async fn run(self, px: &mut Px<'_>) -> Result<Onboarded> {
        let input = self.0;
        let slug = input.slug.as_deref().filter(|slug| !slug.is_empty()).map_or_else(|| slug_of(&input.name), str::to_owned);
        check(&input, &slug)?;
        let id = Id::<Tenant>::new();
        sqlx::query!(
            "INSERT INTO platform.tenants (id, slug, name, contact_email, seats, locale, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            id.uuid(),
            slug,
            input.name.trim(),
            login::normal(&input.contact_email),
            input.seats,
            input.locale.as_deref().unwrap_or(LOCALES[0]),
            px.now(),
        )
        .execute(px.conn())
        .await
        .or_field(&[("tenants_slug", "slug", "taken")])?;
        let signup_key = signup_key::issue(px, id).await?;
        px.log("company.onboarded", Some(id), json!({ "name": input.name })).await?;
        Ok(Onboarded { company: find(px, id).await?, signup_key })
    }
}

/// What may be changed of a company afterwards.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields, rename = "CompanyLimits")]
pub struct Limits {
    /// Its name.
    pub name: String,
    /// Where its first person is reached. Until that person has signed up, another address gets a key of its own, and the keys
    /// before are worth nothing.
    pub contact_email: String,
    /// How many people it may have. Fewer than it has keeps nobody out who is in, and lets nobody else in.
    pub seats: i32,
    /// Whether its people are kept out.
    pub suspended: bool,
}

/// Changes a company's name, contact and limits, suspends it or lets it go on.
#[derive(Debug, Clone)]
pub struct Limit {
    /// The company.
    pub id: Id<Tenant>,
    /// The version the caller read.
    pub version: i32,
    /// What was filled in.
    pub limits: Limits,
}

impl PlatformAction for Limit {
    const NEEDS: Standing = Standing::Operator;
    type Out = Company;

    async fn run(self, px: &mut Px<'_>) -> Result<Company> {
        let before = find(px, self.id).await?;
        let mut checks = Checks::new();
        check_terms(&mut checks, &self.limits.name, &self.limits.contact_email, self.limits.seats);
        checks.done()?;
        let contact_email = login::normal(&self.limits.contact_email);
        let changed = sqlx::query!(
            "UPDATE platform.tenants SET name = $3, seats = $4, contact_email = $6, version = version + 1,
               status = CASE WHEN status = 'pending' THEN 'pending' WHEN $5 THEN 'suspended' ELSE 'active' END
             WHERE id = $1 AND version = $2",
            self.id.uuid(),
            self.version,
            self.limits.name.trim(),
            self.limits.seats,
            self.limits.suspended,
            contact_email,
        )
        .execute(px.conn())
        .await?
        .rows_affected();
        if changed == 0 {
            return Err(Error::Stale { current: before.version, state: Some(before.status), changed_at: None, changed_by: None });
        }
        if before.status == "pending" && before.contact_email != contact_email {
            signup_key::revoke(px, self.id).await?;
            px.enqueue(&SignupKeyMail { company: self.id.uuid() })?;
        }
        px.log("company.limited", Some(self.id), json!(self.limits)).await?;
        find(px, self.id).await
    }
}

/// Reads a company.
#[derive(Debug, Clone)]
pub struct Show(
    /// The company.
    pub Id<Tenant>,
);

impl PlatformAction for Show {
    const NEEDS: Standing = Standing::Operator;
    type Out = Company;

    async fn run(self, px: &mut Px<'_>) -> Result<Company> {
        find(px, self.0).await
    }
}

/// The companies, newest first.
#[derive(Debug, Clone, Default)]
pub struct List {
    /// Only those whose name, address name or contact contains this.
    pub q: Option<String>,
    /// Only those older than this one: where the next page begins.
    pub before: Option<Uuid>,
    /// How many, at most 200.
    pub limit: i64,
}

impl PlatformAction for List {
    const NEEDS: Standing = Standing::Operator;
    type Out = Vec<Company>;

    async fn run(self, px: &mut Px<'_>) -> Result<Vec<Company>> {
        let pattern =
            self.q.filter(|q| !q.is_empty()).map(|q| format!("%{}%", q.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")));
        select(px, None, pattern, self.before, self.limit.clamp(1, 200)).await
    }
}

pub(super) async fn find(px: &mut Px<'_>, id: Id<Tenant>) -> Result<Company> {
    select(px, Some(id.uuid()), None, None, 1).await?.pop().ok_or(Error::NotFound)
}

async fn select(px: &mut Px<'_>, id: Option<Uuid>, pattern: Option<String>, before: Option<Uuid>, limit: i64) -> Result<Vec<Company>> {
    let now = px.now();
    Ok(sqlx::query_as!(
        Company,
        r#"SELECT t.id, t.name, t.slug, t.contact_email, t.seats, t.status, t.created_at, t.version,
             u.seats_used AS "seats_used!", greatest(t.seats - u.seats_used, 0) AS "seats_left!",
             (SELECT max(k.expires_at) FROM platform.signup_keys k
                WHERE k.tenant_id = t.id AND k.used_at IS NULL AND k.revoked_at IS NULL AND k.attempts < $6) AS key_expires_at,
             EXISTS (SELECT FROM platform.signup_keys k
                WHERE k.tenant_id = t.id AND k.used_at IS NULL AND k.revoked_at IS NULL AND k.attempts >= $6) AS "key_locked!"
           FROM platform.tenants t CROSS JOIN LATERAL (SELECT app.seats_used(t.id, $5) AS seats_used) u
           WHERE ($1::uuid IS NULL OR t.id = $1) AND ($3::uuid IS NULL OR t.id < $3)
             AND ($2::text IS NULL OR t.name ILIKE $2 OR t.slug ILIKE $2 OR t.contact_email ILIKE $2)
           ORDER BY t.id DESC LIMIT $4"#,
        id,
        pattern,
        before,
        limit,
        now,
        TRIES,
    )
    .fetch_all(px.conn())
    .await?)
}

/// Makes an account an operator's, for the command line: the first operator has nobody to ask.
pub struct CreateOperator {
    /// The account's address.
    pub email: String,
    /// Its name.
    pub name: String,
    /// The hash of its password.
    pub hash: String,
}

impl PlatformAction for CreateOperator {
    const NEEDS: Standing = Standing::Anyone;
    type Out = Id<Account>;

    async fn run(self, px: &mut Px<'_>) -> Result<Id<Account>> {
        let id = Id::<Account>::new();
        sqlx::query!(
            "INSERT INTO platform.accounts (id, email, name, password_hash, operator, created_at) VALUES ($1, $2, $3, $4, true, $5)",
            id.uuid(),
            login::normal(&self.email),
            self.name,
            self.hash,
            px.now(),
        )
        .execute(px.conn())
        .await
        .or_field(&[("accounts_email", "email", "taken")])?;
        px.log("operator.created", None, json!({ "account": id })).await?;
        Ok(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_that_mail_servers_know() {
        let is_one = |email: &str| {
            let mut checks = Checks::new();
            check_email(&mut checks, "email", email);
            checks.done().is_ok()
        };
        for good in ["a@b.kz", "дәурен@пошта.қаз", "o'neil+works@mail.example.com", " spaced@outside.kz "] {
            assert!(is_one(good), "{good}");
        }
        for bad in
            ["nobody", "a@b", "a@@b.kz", "a@-b.kz", "a@b..kz", "a@b.kz.", ".a@b.kz", "a b@c.kz", "a@b.kz<x>", "a@b.kz'(\"", "a@[127.0.0.1]"]
        {
            assert!(!is_one(bad), "{bad}");
        }
    }
}
