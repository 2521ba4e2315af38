//! Logging in. The password is checked between two short transactions, since hashing takes tens of milliseconds; what a
//! failure leaves behind, the throttle and the log, is committed though the login is refused.

use serde_json::json;
use uuid::Uuid;

use super::throttle::Attempt;
use super::{Account, password, session, token};
use crate::kernel::app::App;
use crate::kernel::error::{Error, Refused, Result};
use crate::kernel::id::Id;
use crate::kernel::platform::{Caller, PlatformAction, Px, Standing};
use crate::kernel::scope::Request;
use crate::kernel::secret::Token;

/// What somebody types.
#[derive(Debug, Clone)]
pub struct Login {
    /// The account's address.
    pub email: String,
    /// Its password.
    pub password: String,
    /// Whether the session may lie idle for a month.
    pub remember: bool,
}

/// A session that began.
#[derive(Debug)]
pub struct Begun {
    /// The cookie's value.
    pub token: Token,
    /// The session.
    pub session: Uuid,
    /// The account.
    pub account: Id<Account>,
    /// Whether it operates the platform.
    pub operator: bool,
}

impl App {
    /// Begins a session. An unknown address and a wrong password are answered alike, after the same time.
    pub async fn login(&self, login: &Login, request: &Request) -> Result<Begun> {
        let caller = Caller::anyone(request.clone());
        let email = normal(&login.email);
        let known = self.platform(&caller, Find { email: email.clone() }).await?;
        let hash = known.as_ref().map(|found| found.hash.as_str());
        if !self.verify_password(&login.password, hash).await? {
            self.platform(&caller, Fail { email, account: known.map(|found| found.account) }).await?;
            return Err(Error::field("password", "wrong_login"));
        }
        let found = known.ok_or_else(|| Error::field("password", "wrong_login"))?;
        let rehash = if password::is_outdated(&found.hash) { Some(self.hash_password(&login.password).await?) } else { None };
        self.platform(&caller, Succeed { email, found, rehash, remember: login.remember }).await
    }

    /// An access token for a company of the account behind a fresh session; not found for any other company. Without a company
    /// (an empty name), as an operator may have none, it opens the platform only.
    pub async fn access_token(&self, begun: &Begun, company: &str) -> Result<String> {
        if !company.is_empty() {
            self.refuse_foreign(begun.account, company).await?;
        }
        token::issue(self, begun.session, company)
    }

    async fn refuse_foreign(&self, account: Id<Account>, company: &str) -> Result<()> {
        let status = sqlx::query_scalar!(r#"SELECT tenant_status AS "status!" FROM app.member_scope($1, $2)"#, account.uuid(), company)
            .fetch_optional(self.pool())
            .await?
            .ok_or(Error::NotFound)?;
        if status == "active" { Ok(()) } else { Err(Error::Forbidden(Refused::Suspended)) }
    }
}

/// An address as it is stored and compared.
pub fn normal(email: &str) -> String {
    email.trim().to_lowercase()
}

struct Found {
    account: Id<Account>,
    hash: String,
    operator: bool,
}

struct Find {
    email: String,
}

impl PlatformAction for Find {
    const NEEDS: Standing = Standing::Anyone;
    type Out = Option<Found>;

    async fn run(self, px: &mut Px<'_>) -> Result<Option<Found>> {
        let (now, ip) = (px.now(), px.caller().request.ip);
        Attempt::new(&self.email, ip).check(px.conn(), now).await?;
        let row =
            sqlx::query!("SELECT id, password_hash, operator FROM platform.accounts WHERE email = $1 AND disabled_at IS NULL", self.email,)
                .fetch_optional(px.conn())
                .await?;
        Ok(row.map(|row| Found { account: row.id.into(), hash: row.password_hash, operator: row.operator }))
    }
}

/// Notes a wrong password, in the throttle and the log.
pub(super) struct Fail {
    pub email: String,
    pub account: Option<Id<Account>>,
}

impl PlatformAction for Fail {
    const NEEDS: Standing = Standing::Anyone;
    type Out = ();

    async fn run(self, px: &mut Px<'_>) -> Result<()> {
        let (now, ip) = (px.now(), px.caller().request.ip);
        Attempt::new(&self.email, ip).failed(px.conn(), now).await?;
        px.log("login.failed", None, json!({ "account": self.account })).await
    }
}

struct Succeed {
    email: String,
    found: Found,
    rehash: Option<String>,
    remember: bool,
}

impl PlatformAction for Succeed {
    const NEEDS: Standing = Standing::Anyone;
    type Out = Begun;

    async fn run(self, px: &mut Px<'_>) -> Result<Begun> {
        let Found { account, operator, .. } = self.found;
        let ip = px.caller().request.ip;
        Attempt::new(&self.email, ip).succeeded(px.conn()).await?;
        if let Some(hash) = self.rehash {
            sqlx::query!("UPDATE platform.accounts SET password_hash = $2 WHERE id = $1", account.uuid(), hash).execute(px.conn()).await?;
        }
        px.log("login", None, json!({ "account": account })).await?;
        session::begin(px, account, self.remember, operator).await
    }
}
