//! Who acts, for which company, with which rights. Fields are private: only the authenticators of `identity` and the job
//! envelope build a [`Scope`], so that no handler can invent one.

use std::net::IpAddr;

use chrono_tz::Tz;
use uuid::Uuid;

use super::error::{Error, Refused, Result};
use super::id::Id;
use super::permission::{Permission, Permissions};
use crate::identity::{Member, Role, Tenant};

/// Where a request came in, for the audit.
#[derive(Debug, Clone)]
pub struct Request {
    /// Shown to the person when something fails, and written to logs and audit.
    pub id: Uuid,
    /// The peer's address, or the one a trusted proxy names.
    pub ip: Option<IpAddr>,
    agent: String,
}

impl Request {
    /// A request from outside.
    pub fn new(id: Uuid, ip: Option<IpAddr>, agent: &str) -> Self {
        Self { id, ip, agent: plain(agent) }
    }

    /// Work of the service itself.
    pub fn internal(name: &'static str) -> Self {
        Self::new(Uuid::now_v7(), None, name)
    }

    /// The client's name for itself, reduced to harmless characters: it is written into a statement that takes no parameters.
    pub fn agent(&self) -> &str {
        &self.agent
    }
}

const AGENT_MAX: usize = 160;

fn plain(agent: &str) -> String {
    let harmless = |c: char| c.is_ascii_alphanumeric() || " ./;:()_,+-".contains(c);
    agent.chars().take(AGENT_MAX).map(|c| if harmless(c) { c } else { '_' }).collect()
}

/// The company of a scope.
#[derive(Debug, Clone)]
pub struct Company {
    /// Its id.
    pub id: Id<Tenant>,
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// ISO 4217 code its money is in.
    pub currency: String,
    /// Its time zone.
    pub zone: Tz,
}

/// The member who acts.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The member's id.
    pub id: Id<Member>,
    /// Full name.
    pub name: String,
    /// Address mail goes to; the system actor has none.
    pub email: Option<String>,
    /// The role held.
    pub role: Id<Role>,
    /// Stable key of a default role; a company's own role has none.
    pub role_key: Option<String>,
    /// The role's level: one manages only what is below it.
    pub level: i32,
    /// Whether this is the company's system actor.
    pub system: bool,
}

/// Company, actor and rights of one request or job.
#[derive(Debug, Clone)]
pub struct Scope {
    company: Company,
    actor: Actor,
    permissions: Permissions,
    sites: Option<Vec<Uuid>>,
    locale: String,
    request: Request,
}

impl Scope {
    /// For `identity` and the job envelope alone; a test lists the callers.
    pub(crate) fn build(
        company: Company,
        actor: Actor,
        permissions: Permissions,
        sites: Option<Vec<Uuid>>,
        locale: String,
        request: Request,
    ) -> Self {
        Self { company, actor, permissions, sites, locale, request }
    }

    /// The company.
    pub fn company(&self) -> &Company {
        &self.company
    }

    /// The company's id.
    pub fn tenant(&self) -> Id<Tenant> {
        self.company.id
    }

    /// The member who acts.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Whether the actor holds a permission.
    pub fn can(&self, permission: Permission) -> bool {
        self.permissions.has(permission)
    }

    /// Everything the actor may do.
    pub fn permissions(&self) -> Permissions {
        self.permissions
    }

    /// The sites the actor is limited to; `None` means all.
    pub fn sites(&self) -> Option<&[Uuid]> {
        self.sites.as_deref()
    }

    /// The actor's language.
    pub fn locale(&self) -> &str {
        &self.locale
    }

    /// The request this scope serves.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// Refuses an actor without the permission.
    pub fn need(&self, permission: Permission) -> Result<()> {
        if self.can(permission) { Ok(()) } else { Err(Error::Forbidden(Refused::Permission(permission))) }
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn an_agent_cannot_leave_its_quotes() {
        assert_eq!(plain("x'; RESET ROLE; --\u{0}\n\\"), "x_; RESET ROLE; --___");
        assert_eq!(plain(&"a".repeat(1000)).len(), super::AGENT_MAX);
    }
}
