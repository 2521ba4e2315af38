//! The one door to the database. A [`TenantTx`] is a transaction in which row-level security sees exactly one company; SQL
//! elsewhere accepts only a connection borrowed from it.

#![expect(clippy::disallowed_types, reason = "a transaction opens with settings made of typed values")]

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, Executor, PgConnection, PgPool, Postgres, SqlSafeStr, Transaction};
use uuid::Uuid;

use super::action::Cx;
use super::error::{Error, Result};
use super::scope::Scope;

/// Whether a transaction may write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Dropped when done: the server rolls back after the caller was answered.
    Read,
    /// Committed when done.
    Write,
}

/// A transaction that sees one company.
pub struct TenantTx(Transaction<'static, Postgres>);

impl TenantTx {
    /// Opens it in one round trip.
    pub(crate) async fn begin(pool: &PgPool, scope: &Scope, access: Access) -> Result<Self> {
        let mode = if access == Access::Read { " READ ONLY" } else { "" };
        Ok(Self(begin(pool, format!("BEGIN{mode}; {}", settings(scope))).await?))
    }

    pub(crate) fn conn(&mut self) -> &mut PgConnection {
        &mut self.0
    }

    pub(crate) async fn commit(self) -> Result<()> {
        Ok(self.0.commit().await?)
    }
}

/// Begins on a task of its own, which goes on when the caller is cancelled: a connection whose BEGIN was sent and not yet
/// answered would otherwise return to the pool inside a transaction that nobody rolls back, as somebody else's company.
async fn begin(pool: &PgPool, sql: String) -> Result<Transaction<'static, Postgres>> {
    let conn = pool.acquire().await?;
    let begun = tokio::spawn(Transaction::begin(conn, Some(AssertSqlSafe(sql).into_sql_str())));
    Ok(begun.await.map_err(|error| Error::Internal(error.to_string()))??)
}

/// Builds the settings from typed values only: ids, addresses and an agent reduced to harmless characters.
fn settings(scope: &Scope) -> String {
    use std::fmt::Write;
    let request = scope.request();
    let mut sql = format!(
        "SET LOCAL ROLE millwright_tenant; SET LOCAL app.tenant_id='{}'; SET LOCAL app.actor='{}'; \
         SET LOCAL app.request='{}'; SET LOCAL app.agent='{}'",
        scope.tenant(),
        scope.actor().id,
        request.id,
        request.agent(),
    );
    if let Some(ip) = request.ip {
        let _ = write!(sql, "; SET LOCAL app.ip='{ip}'");
    }
    if let Some(sites) = scope.sites() {
        let _ = write!(sql, "; {}", limit_to(sites));
    }
    sql
}

/// The statement that shows a transaction these sites alone.
fn limit_to(sites: &[Uuid]) -> String {
    let sites = sites.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    format!("SET LOCAL app.sites='{{{sites}}}'")
}

impl Cx<'_> {
    /// Shows the rest of the transaction all of the company, until [`Cx::at_own_sites`]: for what a rule counts, which is never shown.
    pub(crate) async fn everywhere(&mut self) -> Result<()> {
        if self.scope().sites().is_some() {
            self.conn().execute("SET LOCAL app.sites=''").await?;
        }
        Ok(())
    }

    /// Shows it again what the member may see.
    pub(crate) async fn at_own_sites(&mut self) -> Result<()> {
        if let Some(sites) = self.scope().sites() {
            let limit = limit_to(sites);
            self.conn().execute(AssertSqlSafe(limit)).await?;
        }
        Ok(())
    }
}

/// A transaction of the platform: accounts, companies, sessions. It sees no company's rows until it
/// enters one.
pub struct PlatformTx(Transaction<'static, Postgres>);

impl PlatformTx {
    pub(crate) async fn begin(pool: &PgPool) -> Result<Self> {
        Ok(Self(begin(pool, "BEGIN".to_owned()).await?))
    }

    pub(crate) fn conn(&mut self) -> &mut PgConnection {
        &mut self.0
    }

    /// From here on the transaction sees the scope's company, as a [`TenantTx`] would.
    pub(crate) async fn enter(&mut self, scope: &Scope) -> Result<()> {
        self.0.execute(AssertSqlSafe(settings(scope))).await?;
        Ok(())
    }

    /// Back to the platform.
    pub(crate) async fn leave(&mut self) -> Result<()> {
        self.0.execute("SET LOCAL ROLE millwright_app; SET LOCAL app.tenant_id=''; SET LOCAL app.sites=''").await?;
        Ok(())
    }

    pub(crate) async fn commit(self) -> Result<()> {
        Ok(self.0.commit().await?)
    }
}

/// Opens the pool of the application. Every connection works as `role`, whoever logged in, and a role that could see past
/// the policies is refused.
pub(crate) async fn connect(url: &str, max_connections: u32, role: Role) -> Result<PgPool> {
    let options: PgConnectOptions = url.parse().map_err(|error: sqlx::Error| Error::Unavailable(format!("database url: {error}")))?;
    let pool = PgPoolOptions::new()
        .max_connections(max_connections)
        .test_before_acquire(false)
        .after_connect(move |conn, _| Box::pin(async move { conn.execute(role.set()).await.map(drop) }))
        .connect_with(options.application_name("millwright"))
        .await?;
    refuse_bypass(&pool).await?;
    Ok(pool)
}

/// As whom a pool's connections work.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Role {
    App,
    Worker,
}

impl Role {
    /// Statements are limited in time: one company's slow query must not hold a connection for good. The application's are
    /// planned once: every index begins with the company, so that a plan good for one is good for all, while planning a list
    /// under its policies anew takes longer than running it.
    fn set(self) -> &'static str {
        match self {
            Self::App => {
                "SET ROLE millwright_app; SET statement_timeout='30s'; SET TIME ZONE 'UTC'; SET jit=off; \
                 SET plan_cache_mode=force_generic_plan"
            }
            Self::Worker => {
                "SET ROLE millwright_worker; SET statement_timeout='10s'; SET tcp_keepalives_idle=15; \
                 SET tcp_keepalives_interval=5; SET tcp_keepalives_count=3; SET TIME ZONE 'UTC'; SET jit=off; SET enable_seqscan=off; \
                 SET enable_hashjoin=off; SET enable_mergejoin=off; SET plan_cache_mode=force_custom_plan"
            }
        }
    }
}

/// Policies do not hold a superuser, a role with BYPASSRLS or, unforced, a table's owner. Neither the role of the pool nor the
/// one its transactions take on for a company may be such.
async fn refuse_bypass(pool: &PgPool) -> Result<()> {
    let free: Option<String> = sqlx::query_scalar(
        "SELECT r.rolname::text FROM pg_roles r
         WHERE r.rolname IN (current_user, 'millwright_tenant') AND (r.rolsuper OR r.rolbypassrls OR EXISTS (
           SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v') AND pg_has_role(r.oid, c.relowner, 'MEMBER'))) LIMIT 1",
    )
    .fetch_optional(pool)
    .await?;
    match free {
        Some(role) => Err(Error::Unavailable(format!("role {role} is not held by row-level security"))),
        None => Ok(()),
    }
}
