//! A company's own mail server. Its letters go through it and through nothing else: where it does not take them they wait, and
//! whoever looks after the company is told. The password is sealed and never shown again.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::jobs::MailTest;
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Checks, Error, FieldError, Result};
use crate::kernel::permission::Permission;
use crate::kernel::seal;
use crate::kernel::tenant::Access;

const PURPOSE: &str = "mail server password";

/// How a connection is kept private.
pub const SECURITY: &[&str] = &["tls", "starttls", "none"];

/// The ports mail servers take letters at. Any other is a way to knock at the operator's other services.
pub const PORTS: &[i32] = &[25, 465, 587, 2525];

/// The company's mail server, as its administrators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailServer {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: i32,
    /// One of [`SECURITY`].
    pub security: String,
    /// Who logs in; empty for nobody.
    pub username: String,
    /// Whether a password is kept.
    pub has_password: bool,
    /// The sender of the company's letters: `Name <address>` or an address.
    pub sender: String,
    /// Since when letters wait for it.
    pub failing_since: Option<DateTime<Utc>>,
    /// Why.
    pub failure: Option<String>,
    /// When a test letter was asked for.
    pub test_asked_at: Option<DateTime<Utc>>,
    /// When it was tried.
    pub tested_at: Option<DateTime<Utc>>,
    /// Whether the server took it.
    pub test_passed: Option<bool>,
    /// What the server answered.
    pub test_answer: Option<String>,
}

/// Shows the company's mail server; nothing where its letters go the operator's way.
#[derive(Debug, Clone)]
pub struct ShowMailServer;

impl Action for ShowMailServer {
    const NEEDS: Permission = Permission::CompanyManage;
    const ACCESS: Access = Access::Read;
    type Out = Option<MailServer>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Option<MailServer>> {
        cx.refuse_limited()?;
        Ok(sqlx::query_as!(
            MailServer,
            r#"SELECT host, port, security, username, password_sealed IS NOT NULL AS "has_password!", sender, failing_since, failure,
                 test_asked_at, tested_at, test_passed, test_answer
               FROM mail_servers WHERE tenant_id = $1"#,
            cx.tenant().uuid(),
        )
        .fetch_optional(cx.conn())
        .await?)
    }
}

/// What is typed about a mail server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields, rename = "MailServerInput")]
pub struct Input {
    /// Its name, `smtp.example.com`.
    pub host: String,
    /// 25, 465, 587 or 2525.
    pub port: i32,
    /// `tls` (from the first byte), `starttls` or `none`.
    pub security: String,
    /// Who logs in; empty for nobody.
    #[serde(default)]
    #[oai(default)]
    pub username: String,
    /// The password; empty keeps the one there is, as long as the login stays the same.
    #[serde(default)]
    #[oai(default)]
    pub password: String,
    /// The sender: `Name <address>` or an address.
    pub sender: String,
}

impl Input {
    fn check(&self) -> Result<()> {
        let mut checks = Checks::new();
        checks.text("host", &self.host, 253).one_of("security", &self.security, SECURITY);
        checks.max("username", &self.username, 320).max("password", &self.password, 1000).text("sender", &self.sender, 320);
        if !self.host.is_empty() && !is_host(&self.host) {
            checks.push(FieldError::new("host", "not_a_mail_host"));
        }
        if self.security == "none" && !self.username.is_empty() {
            checks.push(FieldError::new("security", "login_in_the_open"));
        }
        if !PORTS.contains(&self.port) {
            let ports = PORTS.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            checks.push(FieldError::new("port", "not_one_of").with("options", ports));
        }
        if !self.sender.is_empty() && !is_sender(&self.sender) {
            checks.push(FieldError::new("sender", "not_a_sender"));
        }
        checks.done()
    }
}

/// A name with a dot in it, of letters, digits and hyphens: an address in numbers has no certificate to show.
fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty() && label.len() <= 63 && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') && !label.starts_with('-')
    };
    host.parse::<IpAddr>().is_err() && host.contains('.') && host.split('.').all(label)
}

fn is_sender(sender: &str) -> bool {
    let address = match sender.split_once('<') {
        Some((_, rest)) => rest.strip_suffix('>').unwrap_or_default(),
        None => sender,
    };
    let plain = |part: &str| !part.is_empty() && !part.contains(['@', '<', '>', ',', ';', ' ']);
    address.split_once('@').is_some_and(|(local, domain)| plain(local) && plain(domain)) && !sender.chars().any(char::is_control)
}

/// Sends the company's letters through a mail server of its own from now on.
#[derive(Debug, Clone)]
pub struct SetMailServer(
    /// The server.
    pub Input,
);

impl Action for SetMailServer {
    const NEEDS: Permission = Permission::CompanyManage;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        cx.refuse_limited()?;
        let input = self.0;
        input.check()?;
        let known =
            sqlx::query!("SELECT host, username, password_sealed FROM mail_servers WHERE tenant_id = $1 FOR UPDATE", cx.tenant().uuid())
                .fetch_optional(cx.conn())
                .await?;
        // a password is for one login at one server: it is not carried to whichever host somebody types next
        let kept =
            known.filter(|known| known.host == input.host && known.username == input.username).and_then(|known| known.password_sealed);
        let sealed = match (input.username.is_empty(), input.password.as_str()) {
            (true, _) => None,
            (false, "") => Some(kept.ok_or_else(|| Error::field("password", "required"))?),
            (false, password) => Some(seal::seal(cx.app().secret(), PURPOSE, cx.tenant(), password)?),
        };
        sqlx::query!(
            "INSERT INTO mail_servers (tenant_id, id, host, port, security, username, password_sealed, sender)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (tenant_id) DO UPDATE SET host = $3, port = $4, security = $5, username = $6, password_sealed = $7, sender = $8,
               failing_since = NULL, failure = NULL, told_at = NULL, test_asked_at = NULL, tested_at = NULL, test_passed = NULL, test_answer = NULL",
            cx.tenant().uuid(),
            Uuid::now_v7(),
            input.host,
            input.port,
            input.security,
            input.username,
            sealed,
            input.sender,
        )
        .execute(cx.conn())
        .await?;
        Ok(())
    }
}

/// Sends the company's letters the operator's way again.
#[derive(Debug, Clone)]
pub struct RemoveMailServer;

impl Action for RemoveMailServer {
    const NEEDS: Permission = Permission::CompanyManage;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        cx.refuse_limited()?;
        sqlx::query!("DELETE FROM mail_servers WHERE tenant_id = $1", cx.tenant().uuid()).execute(cx.conn()).await?;
        Ok(())
    }
}

/// Asks for a test letter to the actor.
#[derive(Debug, Clone)]
pub struct TestMailServer;

impl Action for TestMailServer {
    const NEEDS: Permission = Permission::CompanyManage;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        cx.refuse_limited()?;
        let (now, actor) = (cx.now(), cx.scope().actor());
        if actor.email.is_none() {
            return Err(Error::field("email", "required"));
        }
        let asked = sqlx::query!(
            "UPDATE mail_servers SET test_asked_at = $2, tested_at = NULL, test_passed = NULL, test_answer = NULL WHERE tenant_id = $1",
            cx.tenant().uuid(),
            now,
        )
        .execute(cx.conn())
        .await?;
        if asked.rows_affected() == 0 {
            return Err(Error::NotFound);
        }
        cx.enqueue(&MailTest { member: actor.id.uuid() })
    }
}

/// How the worker reaches a company's mail server.
#[derive(Clone, PartialEq, Eq)]
pub struct Reach {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// One of [`SECURITY`].
    pub security: String,
    /// Who logs in, and the password. Never printed.
    pub login: Option<(String, String)>,
    /// The sender.
    pub sender: String,
    /// Whether letters wait for it.
    pub failing: bool,
}

impl std::fmt::Debug for Reach {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reach")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("security", &self.security)
            .finish_non_exhaustive()
    }
}

/// How to reach the company's own mail server, for the worker alone; nothing where it has none.
#[derive(Debug, Clone)]
pub struct ReachMailServer;

impl Action for ReachMailServer {
    const NEEDS: Permission = Permission::Member;
    const ACCESS: Access = Access::Read;
    type Out = Option<Reach>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Option<Reach>> {
        by_the_worker(cx)?;
        let row = sqlx::query!(
            "SELECT host, port, security, username, password_sealed, sender, failing_since FROM mail_servers WHERE tenant_id = $1",
            cx.tenant().uuid(),
        )
        .fetch_optional(cx.conn())
        .await?;
        let Some(row) = row else { return Ok(None) };
        let login = match row.password_sealed {
            None => None,
            Some(sealed) => {
                let lost = || {
                    Error::Unavailable("the installation's secret has changed: the mail server's password must be typed again".to_owned())
                };
                Some((row.username, seal::open(cx.app().secret(), PURPOSE, cx.tenant(), &sealed).ok_or_else(lost)?))
            }
        };
        let port = u16::try_from(row.port).unwrap_or_default();
        Ok(Some(Reach { host: row.host, port, security: row.security, login, sender: row.sender, failing: row.failing_since.is_some() }))
    }
}

/// Writes down what came of a test letter.
#[derive(Debug, Clone)]
pub struct NoteTest {
    /// Whether the server took it.
    pub passed: bool,
    /// What it answered.
    pub answer: String,
}

impl Action for NoteTest {
    const NEEDS: Permission = Permission::Member;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        by_the_worker(cx)?;
        let now = cx.now();
        let answer: String = self.answer.replace('\0', "").chars().take(500).collect();
        sqlx::query!(
            "UPDATE mail_servers SET tested_at = $2, test_passed = $3, test_answer = $4 WHERE tenant_id = $1",
            cx.tenant().uuid(),
            now,
            self.passed,
            answer,
        )
        .execute(cx.conn())
        .await?;
        Ok(())
    }
}

/// The worker acts as the company itself; no member does.
pub(super) fn by_the_worker(cx: &Cx<'_>) -> Result<()> {
    if cx.scope().actor().system { Ok(()) } else { Err(Error::NotFound) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_and_a_sender_has_an_address() {
        for host in ["smtp.example.com", "mail.xn--80ak6aa92e.com", "a-b.kz"] {
            assert!(is_host(host), "{host}");
        }
        for host in ["localhost", "10.0.0.1", "[::1]", "::1", "smtp..kz", "-a.kz", "a.kz/x", "a.kz:25", "127.1", "smtp.kz\r\n"] {
            assert_eq!(is_host(host), host == "127.1", "{host}: what looks like a name is looked up, and refused then");
        }
        for sender in ["a@b.kz", "Дала <mail@dala.kz>"] {
            assert!(is_sender(sender), "{sender}");
        }
        for sender in ["", "a", "a@", "Дала <mail@dala.kz", "a@b.kz, c@d.kz", "a@b.kz\r\nBcc: x@y.kz"] {
            assert!(!is_sender(sender), "{sender:?}");
        }
    }
}
