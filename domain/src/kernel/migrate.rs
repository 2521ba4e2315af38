//! Migrations: plain SQL, one transaction a file, one statement at a time, because Citus refuses several in one string.

#![expect(clippy::disallowed_types, reason = "migrations are files of ours")]

use sha2::{Digest, Sha256};
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::error::{Error, Result};

static MIGRATIONS: Migrator = sqlx::migrate!("../migrations");

/// Serialises migrating processes: two replicas that start together apply each file once.
const LOCK: i64 = 0x006d_696c_6c77_7269;

/// A digest of all migrations: databases with equal schemas have equal digests.
pub fn digest() -> String {
    let mut hash = Sha256::new();
    for migration in MIGRATIONS.iter() {
        hash.update(migration.sql.as_str());
    }
    let head = hash.finalize().iter().take(8).fold(0_u64, |head, byte| head << 8 | u64::from(*byte));
    format!("{head:016x}")
}

/// Brings the database to the newest schema. Answers the names of the files applied, oldest first.
pub async fn migrate(url: &str) -> Result<Vec<String>> {
    let mut conn = PgConnection::connect(url).await?;
    refuse_bound_role(&mut conn).await?;
    sqlx::query("SELECT pg_advisory_lock($1)").bind(LOCK).execute(&mut conn).await?;
    let applied = apply(&mut conn).await;
    conn.close().await?;
    applied
}

async fn apply(conn: &mut PgConnection) -> Result<Vec<String>> {
    conn.execute(
        "CREATE TABLE IF NOT EXISTS public.schema_migrations (
           file integer PRIMARY KEY, name text NOT NULL, checksum bytea NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())",
    )
    .await?;
    let mut applied = Vec::new();
    for migration in MIGRATIONS.iter() {
        let file = i32::try_from(migration.version).unwrap_or(i32::MAX);
        let known: Option<Vec<u8>> = sqlx::query_scalar("SELECT checksum FROM public.schema_migrations WHERE file = $1")
            .bind(file)
            .fetch_optional(&mut *conn)
            .await?;
        if let Some(checksum) = known {
            if checksum != *migration.checksum {
                return Err(Error::Unavailable(format!("migration {} was changed after it was applied", migration.version)));
            }
            continue;
        }
        let mut tx = conn.begin().await?;
        for statement in statements(migration.sql.as_str()) {
            tx.execute(AssertSqlSafe(statement.to_owned())).await.map_err(|error| {
                Error::Internal(format!("migration {} ({}): {error}\n{statement}", migration.version, migration.description))
            })?;
        }
        sqlx::query("INSERT INTO public.schema_migrations (file, name, checksum) VALUES ($1, $2, $3)")
            .bind(file)
            .bind(&*migration.description)
            .bind(&*migration.checksum)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        applied.push(format!("{:04} {}", migration.version, migration.description));
    }
    Ok(applied)
}

/// Under forced policies a bound role's data fixes would hit no rows and its foreign keys be validated over orphans.
async fn refuse_bound_role(conn: &mut PgConnection) -> Result<()> {
    let (role, free): (String, bool) =
        sqlx::query_as("SELECT rolname::text, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user").fetch_one(conn).await?;
    if free { Ok(()) } else { Err(Error::Unavailable(format!("role {role} cannot migrate: it needs BYPASSRLS"))) }
}

/// Splits SQL at the semicolons that end statements: not in quotes, dollar quotes or comments.
pub fn statements(sql: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while at < sql.len() {
        let rest = &sql[at..];
        at += match rest.as_bytes()[0] {
            b'-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            b'/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            quote @ (b'\'' | b'"') => rest[1..].find(char::from(quote)).map_or(rest.len(), |end| end + 2),
            b'$' => dollar_quoted(rest).unwrap_or(1),
            b';' => {
                found.push(&sql[start..at]);
                start = at + 1;
                1
            }
            _ => rest.chars().next().map_or(1, char::len_utf8),
        };
    }
    found.push(&sql[start..]);
    found.into_iter().map(str::trim).filter(|statement| !is_blank(statement)).collect()
}

fn dollar_quoted(rest: &str) -> Option<usize> {
    let tag_end = rest[1..].find('$')? + 2;
    let tag = &rest[..tag_end];
    let named = tag[1..tag.len() - 1].chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !named {
        return None;
    }
    rest[tag_end..].find(tag).map(|end| tag_end + end + tag.len())
}

fn is_blank(statement: &str) -> bool {
    statement.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with("--"))
}

#[cfg(test)]
mod tests {
    use super::statements;

    #[test]
    fn semicolons_inside_quotes_and_comments_end_nothing() {
        let sql = "SELECT ';'; -- a; b\nSELECT $x$ ; $x$, \"a;b\" /* ; */; \n-- the end;\n";
        assert_eq!(statements(sql), ["SELECT ';'", "-- a; b\nSELECT $x$ ; $x$, \"a;b\" /* ; */"]);
    }
}
