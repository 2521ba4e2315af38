//! Handing one's seat to another for a while (42): whoever is away lets somebody decide in their place. The delegate stays one
//! human with one seat of a request; the history names both.

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Checks, Error, FieldError, Result};
use crate::kernel::event::Event;
use crate::kernel::id::Id;
use crate::kernel::permission::Permission;
use crate::kernel::tenant;

/// A seat handed over.
#[derive(Debug)]
pub enum Delegation {}

/// To whom, and for how long.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields, rename = "DelegationInput")]
pub struct Handover {
    /// The member who decides meanwhile; not oneself.
    pub delegate_id: Uuid,
    /// From when.
    pub starts_at: DateTime<Utc>,
    /// Until when; later than the beginning, not past, a year away at most.
    pub ends_at: DateTime<Utc>,
}

/// A delegation the caller gave or was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(rename = "Delegation")]
pub struct Delegated {
    /// Its id.
    pub id: Uuid,
    /// Who handed the seat over.
    pub principal_id: Uuid,
    /// Their name.
    pub principal: String,
    /// Who decides meanwhile.
    pub delegate_id: Uuid,
    /// Their name.
    pub delegate: String,
    /// From when.
    pub starts_at: DateTime<Utc>,
    /// Until when.
    pub ends_at: DateTime<Utc>,
}

/// The longest a seat is handed over for.
const LONGEST: chrono::TimeDelta = chrono::TimeDelta::days(366);

/// The caller's delegations that are not over, given and received, the earliest first.
#[derive(Debug, Clone)]
pub struct Delegations;

impl Action for Delegations {
    const NEEDS: Permission = Permission::Member;
    const ACCESS: tenant::Access = tenant::Access::Read;
    type Out = Vec<Delegated>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Vec<Delegated>> {
        let (member, now) = (cx.scope().actor().id.uuid(), cx.now());
        Ok(sqlx::query_as!(
            Delegated,
            "SELECT g.id, g.principal_id, p.name AS principal, g.delegate_id, d.name AS delegate, g.starts_at, g.ends_at
             FROM delegations g
             JOIN members p ON p.tenant_id = g.tenant_id AND p.id = g.principal_id
             JOIN members d ON d.tenant_id = g.tenant_id AND d.id = g.delegate_id
             WHERE g.tenant_id = $1 AND (g.principal_id = $2 OR g.delegate_id = $2) AND g.ends_at > $3 ORDER BY g.starts_at, g.id",
            cx.tenant().uuid(),
            member,
            now,
        )
        .fetch_all(cx.conn())
        .await?)
    }
}

/// Hands the caller's seat to somebody.
#[derive(Debug, Clone)]
pub struct Delegate(
    /// To whom, and for how long.
    pub Handover,
);

impl Action for Delegate {
    const NEEDS: Permission = Permission::Member;
    type Out = Uuid;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Uuid> {
        let (me, now) = (cx.scope().actor().id.uuid(), cx.now());
        let name = check(cx, &self.0).await?;
        let id = Id::<Delegation>::new();
        sqlx::query!(
            "INSERT INTO delegations (tenant_id, id, principal_id, delegate_id, starts_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6)",
            cx.tenant().uuid(),
            id.uuid(),
            me,
            self.0.delegate_id,
            self.0.starts_at.max(now),
            self.0.ends_at,
        )
        .execute(cx.conn())
        .await?;
        cx.emit(Event::new("delegation.given", "delegation", id).with(serde_json::json!({ "delegate": name, "until": self.0.ends_at })));
        Ok(id.uuid())
    }
}

/// Refuses a wrong handover; answers the delegate's name.
async fn check(cx: &mut Cx<'_>, handover: &Handover) -> Result<String> {
    let mut checks = Checks::new();
    if handover.ends_at <= handover.starts_at {
        checks.push(FieldError::new("ends_at", "before_start"));
    } else if handover.ends_at <= cx.now() {
        checks.push(FieldError::new("ends_at", "in_past"));
    } else if handover.ends_at - handover.starts_at.max(cx.now()) > LONGEST {
        checks.push(FieldError::new("ends_at", "too_late"));
    }
    if handover.delegate_id == cx.scope().actor().id.uuid() {
        checks.push(FieldError::new("delegate_id", "own_seat"));
    }
    checks.done()?;
    let name = sqlx::query_scalar!(
        "SELECT name FROM members WHERE tenant_id = $1 AND id = $2 AND kind = 'person' AND active",
        cx.tenant().uuid(),
        handover.delegate_id,
    )
    .fetch_optional(cx.conn())
    .await?;
    name.ok_or_else(|| Error::field("delegate_id", "unknown_reference"))
}

/// Takes the caller's seat back, now.
#[derive(Debug, Clone)]
pub struct TakeBack(
    /// Which delegation.
    pub Id<Delegation>,
);

impl Action for TakeBack {
    const NEEDS: Permission = Permission::Member;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        let me = cx.scope().actor().id.uuid();
        let gone = sqlx::query!(
            "DELETE FROM delegations WHERE tenant_id = $1 AND id = $2 AND principal_id = $3",
            cx.tenant().uuid(),
            self.0.uuid(),
            me,
        )
        .execute(cx.conn())
        .await?
        .rows_affected();
        if gone == 0 {
            return Err(Error::NotFound);
        }
        cx.emit(Event::new("delegation.ended", "delegation", self.0));
        Ok(())
    }
}
