//! Sessions. A cookie holds 256 random bits and the store their digest; an access token of the API names a session too, so
//! that logging out, disabling an account or revoking a session ends both at once.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use poem_openapi::Object;
use serde::Serialize;
use sqlx::PgConnection;
use uuid::Uuid;

use super::lifetime::Lifetime;
use super::login::Begun;
use super::{Account, token};
use crate::kernel::app::App;
use crate::kernel::error::{Error, Refused, Result};
use crate::kernel::id::Id;
use crate::kernel::permission::Permissions;
use crate::kernel::platform::{Caller, PlatformAction, Px, Standing};
use crate::kernel::scope::{Actor, Company, Request, Scope};
use crate::kernel::secret::Token;

/// A session is marked as seen no more often than this.
const SEEN_EVERY: TimeDelta = TimeDelta::minutes(1);

/// Somebody signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The session.
    pub session: Uuid,
    /// The account.
    pub account: Id<Account>,
    /// Its name.
    pub name: String,
    /// Its address.
    pub email: String,
    /// Its language.
    pub locale: String,
    /// Its theme.
    pub theme: String,
    /// Whether it operates the platform.
    pub operator: bool,
    /// When it was last marked as seen.
    seen_at: DateTime<Utc>,
}

impl SignedIn {
    /// This person as the caller of a platform action.
    pub fn caller(&self, request: Request) -> Caller {
        Caller { account: Some(self.account), operator: self.operator, request }
    }
}

/// What a request presents.
pub enum Credential<'a> {
    /// The value of the session cookie.
    Cookie(&'a str),
    /// An access token of the API.
    Bearer(&'a str),
}

impl App {
    /// Who is behind a credential; nobody when it is unknown, ended or disabled.
    pub async fn signed_in(&self, credential: Credential<'_>) -> Result<Option<SignedIn>> {
        Ok(self.look_up(credential, None).await?.map(|(signed_in, _)| signed_in))
    }

    /// Who is behind a credential and their scope in a company. A company one is not a member of is not found.
    pub async fn enter(&self, credential: Credential<'_>, slug: &str, request: Request) -> Result<(SignedIn, Scope)> {
        let (signed_in, row) = self.look_up(credential, Some(slug)).await?.ok_or(Error::Unauthenticated)?;
        let scope = row.ok_or(Error::NotFound)?.scope(request)?;
        Ok((signed_in, scope))
    }

    /// The scope behind an access token, whose company it names.
    pub async fn enter_by_token(&self, bearer: &str, request: Request) -> Result<(SignedIn, Scope)> {
        let claims = token::read(self, bearer).ok_or(Error::Unauthenticated)?;
        self.enter(Credential::Bearer(bearer), &claims.company, request).await
    }

    async fn look_up(&self, credential: Credential<'_>, slug: Option<&str>) -> Result<Option<(SignedIn, Option<ScopeRow>)>> {
        let (digest, session) = match credential {
            Credential::Cookie(value) => (Some(Token::presented(value).digest()), None),
            // a token belongs to one company, whatever others its account may enter
            Credential::Bearer(bearer) => match token::read(self, bearer) {
                Some(claims) if slug.is_none_or(|slug| slug == claims.company) => (None, Some(claims.session)),
                _ => return Ok(None),
            },
        };
        let Some(row) = find(self, digest, session, slug).await? else { return Ok(None) };
        let now = self.clock().now();
        if !row.lives(now) {
            return Ok(None);
        }
        let signed_in = row.signed_in();
        if now - signed_in.seen_at >= SEEN_EVERY {
            sqlx::query!("UPDATE platform.sessions SET seen_at = $2 WHERE id = $1", signed_in.session, now).execute(self.pool()).await?;
        }
        Ok(Some((signed_in, row.scope_row())))
    }

    /// Whether a session still lets its account into a company. Unlike a request, asking is no sign of life.
    pub async fn stays(&self, session: Uuid, slug: &str) -> Result<bool> {
        let now = self.clock().now();
        let row = find(self, None, Some(session), Some(slug)).await?;
        Ok(row.is_some_and(|row| row.lives(now) && row.tenant_status.as_deref() == Some("active")))
    }

    /// The scope of a company's own work, its system actor's, by the company's name in addresses: for whoever runs the installation.
    pub async fn company_scope(&self, slug: &str, request: Request) -> Result<Scope> {
        let company = sqlx::query_scalar!("SELECT id FROM platform.tenants WHERE slug = $1", slug).fetch_optional(self.pool()).await?;
        self.scope_of(company.ok_or(Error::NotFound)?, None, request).await
    }

    /// The scope of a member away from a session: a button in a chat, a job on somebody's behalf. Without a member, the
    /// company's system actor.
    pub async fn scope_of(&self, tenant: Uuid, member: Option<Uuid>, request: Request) -> Result<Scope> {
        let row = sqlx::query_as!(
            ScopeRow,
            r#"SELECT tenant_id AS "tenant_id!", slug AS "slug!", tenant_name AS "tenant_name!", tenant_status AS "tenant_status!",
                 currency AS "currency!", time_zone AS "time_zone!", member_id AS "member_id!", member_name AS "member_name!", email,
                 locale AS "locale!", site_ids, role_id AS "role_id!", role_key, role_level AS "role_level!", permissions AS "permissions!"
               FROM app.member_scope_by_id($1, $2)"#,
            tenant,
            member,
        )
        .fetch_optional(self.pool())
        .await?;
        row.ok_or(Error::NotFound)?.scope_for(request, member.is_none())
    }
}

#[derive(Debug)]
struct ScopeRow {
    tenant_id: Uuid,
    slug: String,
    tenant_name: String,
    tenant_status: String,
    currency: String,
    time_zone: String,
    member_id: Uuid,
    member_name: String,
    email: Option<String>,
    locale: String,
    site_ids: Option<Vec<Uuid>>,
    role_id: Uuid,
    role_key: Option<String>,
    role_level: i32,
    permissions: Vec<String>,
}

impl ScopeRow {
    fn scope(self, request: Request) -> Result<Scope> {
        self.scope_for(request, false)
    }

    fn scope_for(self, request: Request, system: bool) -> Result<Scope> {
        if self.tenant_status != "active" {
            return Err(Error::Forbidden(Refused::Suspended));
        }
        let company = Company {
            id: self.tenant_id.into(),
            slug: self.slug,
            name: self.tenant_name,
            currency: self.currency,
            zone: self.time_zone.parse().unwrap_or(Tz::UTC),
        };
        let actor = Actor {
            id: self.member_id.into(),
            name: self.member_name,
            email: self.email,
            role: self.role_id.into(),
            role_key: self.role_key,
            level: self.role_level,
            system,
        };
        let permissions = if system { Permissions::all() } else { Permissions::from_keys(&self.permissions) };
        Ok(Scope::build(company, actor, permissions, self.site_ids, self.locale, request))
    }
}

struct SessionRow {
    id: Uuid,
    account_id: Uuid,
    remember: bool,
    seen_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    name: String,
    email: String,
    locale: String,
    theme: String,
    operator: bool,
    tenant_id: Option<Uuid>,
    slug: Option<String>,
    tenant_name: Option<String>,
    tenant_status: Option<String>,
    currency: Option<String>,
    time_zone: Option<String>,
    member_id: Option<Uuid>,
    member_name: Option<String>,
    member_email: Option<String>,
    member_locale: Option<String>,
    site_ids: Option<Vec<Uuid>>,
    role_id: Option<Uuid>,
    role_key: Option<String>,
    role_level: Option<i32>,
    permissions: Option<Vec<String>>,
}

impl SessionRow {
    fn lives(&self, now: DateTime<Utc>) -> bool {
        now < self.ends_at && now - self.seen_at < Lifetime::of(self.remember, self.operator).idle
    }

    fn signed_in(&self) -> SignedIn {
        SignedIn {
            session: self.id,
            account: self.account_id.into(),
            name: self.name.clone(),
            email: self.email.clone(),
            locale: self.locale.clone(),
            theme: self.theme.clone(),
            operator: self.operator,
            seen_at: self.seen_at,
        }
    }

    fn scope_row(self) -> Option<ScopeRow> {
        Some(ScopeRow {
            tenant_id: self.tenant_id?,
            slug: self.slug?,
            tenant_name: self.tenant_name?,
            tenant_status: self.tenant_status?,
            currency: self.currency?,
            time_zone: self.time_zone?,
            member_id: self.member_id?,
            member_name: self.member_name?,
            email: self.member_email,
            locale: self.member_locale?,
            site_ids: self.site_ids,
            role_id: self.role_id?,
            role_key: self.role_key,
            role_level: self.role_level?,
            permissions: self.permissions?,
        })
    }
}

/// One condition on the id: an `OR` of the two keys is planned anew at every request, at three times the cost of running it.
async fn find(app: &App, digest: Option<Vec<u8>>, session: Option<Uuid>, slug: Option<&str>) -> Result<Option<SessionRow>> {
    Ok(sqlx::query_as!(
        SessionRow,
        r#"SELECT s.id, s.account_id, s.remember, s.seen_at, s.ends_at, a.name, a.email, a.locale, a.theme, a.operator,
             m.tenant_id AS "tenant_id?", m.slug AS "slug?", m.tenant_name AS "tenant_name?", m.tenant_status AS "tenant_status?",
             m.currency AS "currency?", m.time_zone AS "time_zone?", m.member_id AS "member_id?", m.member_name AS "member_name?",
             m.email AS "member_email?", m.locale AS "member_locale?", m.site_ids AS "site_ids?", m.role_id AS "role_id?",
             m.role_key AS "role_key?", m.role_level AS "role_level?", m.permissions AS "permissions?"
           FROM platform.sessions s
           JOIN platform.accounts a ON a.id = s.account_id AND a.disabled_at IS NULL
           LEFT JOIN LATERAL app.member_scope(a.id, $3) m ON $3::text IS NOT NULL
           WHERE s.id = coalesce($2, (SELECT known.id FROM platform.sessions known WHERE known.token_hash = $1))"#,
        digest,
        session,
        slug,
    )
    .fetch_optional(app.pool())
    .await?)
}

/// Begins a session.
pub(super) async fn begin(px: &mut Px<'_>, account: Id<Account>, remember: bool, operator: bool) -> Result<Begun> {
    let (token, session, now) = (Token::new(), Uuid::now_v7(), px.now());
    let lifetime = Lifetime::of(remember, operator);
    let request = px.caller().request.clone();
    sqlx::query!(
        "INSERT INTO platform.sessions (token_hash, id, account_id, remember, ip, agent, created_at, seen_at, ends_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)",
        token.digest(),
        session,
        account.uuid(),
        remember,
        request.ip.map(Into::into) as Option<ipnetwork::IpNetwork>,
        request.agent(),
        now,
        now + lifetime.longest,
    )
    .execute(px.conn())
    .await?;
    Ok(Begun { token, session, account, operator })
}

/// Ends every session of an account, save one.
pub(super) async fn end_others(conn: &mut PgConnection, account: Id<Account>, keep: Option<Uuid>) -> Result<()> {
    sqlx::query!("DELETE FROM platform.sessions WHERE account_id = $1 AND id IS DISTINCT FROM $2", account.uuid(), keep)
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends a session of the caller: logging out, or revoking one seen in the list.
pub struct End(
    /// The session.
    pub Uuid,
);

impl PlatformAction for End {
    const NEEDS: Standing = Standing::Account;
    type Out = ();

    async fn run(self, px: &mut Px<'_>) -> Result<()> {
        let account = px.account()?;
        let ended = sqlx::query!("DELETE FROM platform.sessions WHERE id = $1 AND account_id = $2", self.0, account.uuid())
            .execute(px.conn())
            .await?
            .rows_affected();
        if ended == 0 { Err(Error::NotFound) } else { Ok(()) }
    }
}

/// A session as its owner sees it.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(rename = "Session")]
pub struct Listed {
    /// Its id, by which it is revoked.
    pub id: Uuid,
    /// The address it began from.
    pub ip: Option<String>,
    /// What the client called itself.
    pub agent: Option<String>,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub seen_at: DateTime<Utc>,
}

/// The caller's sessions, last used first.
pub struct Mine;

impl PlatformAction for Mine {
    const NEEDS: Standing = Standing::Account;
    type Out = Vec<Listed>;

    async fn run(self, px: &mut Px<'_>) -> Result<Vec<Listed>> {
        let (account, now) = (px.account()?, px.now());
        Ok(sqlx::query_as!(
            Listed,
            "SELECT id, host(ip) AS ip, agent, created_at, seen_at FROM platform.sessions WHERE account_id = $1 AND ends_at > $2 ORDER BY seen_at DESC",
            account.uuid(),
            now,
        )
        .fetch_all(px.conn())
        .await?)
    }
}
