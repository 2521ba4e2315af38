//! Companies, as operators of the platform see them: onboarded (2–4), limited, suspended, given keys.

use chrono::{DateTime, TimeDelta, Utc};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::slug::{is_reserved, is_slug, slug_of};
use super::{Account, Tenant, login};
use crate::kernel::error::{Checks, Error, FieldError, OrField, Result};
use crate::kernel::id::Id;
use crate::kernel::platform::{PlatformAction, Px, Standing};
use crate::kernel::secret::Token;

/// How long a signup key is good for.
const KEY_LIFETIME: TimeDelta = TimeDelta::hours(72);

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
    /// How many it has.
    pub members: i64,
    /// `pending` until its first person has signed up, `active`, or `suspended`.
    pub status: String,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// Its version, which a change must name.
    pub version: i32,
    /// Until when its signup key is good, while there is an unused one.
    pub key_expires_at: Option<DateTime<Utc>>,
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
    checks.text("name", &input.name, 120);
    check_email(&mut checks, "contact_email", &input.contact_email);
    if !SEATS.contains(&input.seats) {
        checks.push(FieldError::new("seats", "out_of_range").with("min", SEATS.start()).with("max", SEATS.end()));
    }
    if !is_slug(slug) {
        checks.push(FieldError::new("slug", "bad_slug"));
    } else if is_reserved(slug) {
        checks.push(FieldError::new("slug", "reserved"));
    }
    checks.done()
}

/// Refuses what cannot be an address mail goes to.
pub fn check_email(checks: &mut Checks, field: &str, email: &str) {
    let email = email.trim();
    let plausible = email.len() <= 254
        && email.split_once('@').is_some_and(|(local, host)| {
            !local.is_empty() && local.len() <= 64 && host.contains('.') && !host.starts_with('.') && !host.ends_with('.')
        })
        && email.matches('@').count() == 1
        && !email.chars().any(|c| c.is_whitespace() || c.is_control() || "<>,;:\"()[]\\".contains(c));
    if email.is_empty() {
        checks.push(FieldError::new(field, "required"));
    } else if !plausible {
        checks.push(FieldError::new(field, "not_an_email"));
    }
}

/// Adds a company and makes its signup key.
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
            "INSERT INTO platform.tenants (id, slug, name, contact_email, seats, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
            id.uuid(),
            slug,
            input.name.trim(),
            login::normal(&input.contact_email),
            input.seats,
            px.now(),
        )
        .execute(px.conn())
        .await
        .or_field(&[("tenants_slug", "slug", "taken")])?;
        let key = new_key(px, id).await?;
        px.log("company.onboarded", Some(id), json!({ "name": input.name })).await?;
        Ok(Onboarded { company: find(px, id).await?, signup_key: key.reveal().to_owned() })
    }
}

/// Makes a signup key for a company that nobody has signed up for; the one before is worth nothing from then on.
#[derive(Debug, Clone)]
pub struct NewKey(
    /// The company.
    pub Id<Tenant>,
);

impl PlatformAction for NewKey {
    const NEEDS: Standing = Standing::Operator;
    type Out = Onboarded;

    async fn run(self, px: &mut Px<'_>) -> Result<Onboarded> {
        let company = find(px, self.0).await?;
        if company.status != "pending" {
            return Err(Error::Conflict("already_signed_up"));
        }
        let key = new_key(px, self.0).await?;
        px.log("company.new_key", Some(self.0), json!({})).await?;
        Ok(Onboarded { company: find(px, self.0).await?, signup_key: key.reveal().to_owned() })
    }
}

async fn new_key(px: &mut Px<'_>, tenant: Id<Tenant>) -> Result<Token> {
    let (key, now) = (Token::short(), px.now());
    sqlx::query!(
        "UPDATE platform.signup_keys SET revoked_at = $2 WHERE tenant_id = $1 AND used_at IS NULL AND revoked_at IS NULL",
        tenant.uuid(),
        now,
    )
    .execute(px.conn())
    .await?;
    sqlx::query!(
        "INSERT INTO platform.signup_keys (id, tenant_id, email, key_hash, expires_at, created_at)
         SELECT $2, t.id, t.contact_email, $3, $4, $5 FROM platform.tenants t WHERE t.id = $1",
        tenant.uuid(),
        Uuid::now_v7(),
        key.digest(),
        now + KEY_LIFETIME,
        now,
    )
    .execute(px.conn())
    .await?;
    Ok(key)
}

/// What may be changed of a company afterwards.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields, rename = "CompanyLimits")]
pub struct Limits {
    /// Its name.
    pub name: String,
    /// How many people it may have.
    pub seats: i32,
    /// Whether its people are kept out.
    pub suspended: bool,
}

/// Changes a company's name and limits, suspends it or lets it go on.
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
        checks.text("name", &self.limits.name, 120);
        if !SEATS.contains(&self.limits.seats) {
            checks.push(FieldError::new("seats", "out_of_range").with("min", SEATS.start()).with("max", SEATS.end()));
        }
        checks.done()?;
        let changed = sqlx::query!(
            "UPDATE platform.tenants SET name = $3, seats = $4, version = version + 1,
               status = CASE WHEN status = 'pending' THEN 'pending' WHEN $5 THEN 'suspended' ELSE 'active' END
             WHERE id = $1 AND version = $2",
            self.id.uuid(),
            self.version,
            self.limits.name.trim(),
            self.limits.seats,
            self.limits.suspended,
        )
        .execute(px.conn())
        .await?
        .rows_affected();
        if changed == 0 {
            return Err(Error::Stale { current: before.version, state: Some(before.status), changed_at: None, changed_by: None });
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

async fn find(px: &mut Px<'_>, id: Id<Tenant>) -> Result<Company> {
    select(px, Some(id.uuid()), None, None, 1).await?.pop().ok_or(Error::NotFound)
}

async fn select(px: &mut Px<'_>, id: Option<Uuid>, pattern: Option<String>, before: Option<Uuid>, limit: i64) -> Result<Vec<Company>> {
    Ok(sqlx::query_as!(
        Company,
        r#"SELECT t.id, t.name, t.slug, t.contact_email, t.seats, t.status, t.created_at, t.version,
             (SELECT count(*) FROM platform.account_tenants m WHERE m.tenant_id = t.id) AS "members!",
             (SELECT max(k.expires_at) FROM platform.signup_keys k
                WHERE k.tenant_id = t.id AND k.used_at IS NULL AND k.revoked_at IS NULL) AS key_expires_at
           FROM platform.tenants t
           WHERE ($1::uuid IS NULL OR t.id = $1) AND ($3::uuid IS NULL OR t.id < $3)
             AND ($2::text IS NULL OR t.name ILIKE $2 OR t.slug ILIKE $2 OR t.contact_email ILIKE $2)
           ORDER BY t.id DESC LIMIT $4"#,
        id,
        pattern,
        before,
        limit,
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
