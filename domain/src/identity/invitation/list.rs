//! Invitations, those that may still be accepted and those of the past; and the seats they share with the people.

use chrono::{DateTime, Utc};
use poem_openapi::{Enum, Object};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Invitation;
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Id;
use crate::kernel::permission::Permission;
use crate::kernel::tenant::Access;

/// What became of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[oai(rename_all = "snake_case", rename = "InvitationState")]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It may be accepted.
    Pending,
    /// The person joined.
    Accepted,
    /// It was taken back.
    Revoked,
    /// Nobody accepted it in time.
    Expired,
}

impl State {
    /// Its stable name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
        }
    }
}

struct Row {
    id: Uuid,
    email: String,
    name: String,
    role_id: Option<Uuid>,
    role: String,
    site_ids: Option<Vec<Uuid>>,
    locale: String,
    expires_at: DateTime<Utc>,
    accepted_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

impl Row {
    fn seen(self, now: DateTime<Utc>) -> Invitation {
        let (state, ended_at) = match (self.accepted_at, self.revoked_at) {
            (Some(at), _) => (State::Accepted, Some(at)),
            // one that had run out is withdrawn when its address is invited anew
            (None, Some(at)) if at < self.expires_at => (State::Revoked, Some(at)),
            (None, None) if self.expires_at > now => (State::Pending, None),
            (None, _) => (State::Expired, Some(self.expires_at)),
        };
        Invitation {
            id: self.id,
            email: self.email,
            name: self.name,
            role_id: self.role_id,
            role: self.role,
            all_sites: self.site_ids.is_none(),
            site_ids: self.site_ids.unwrap_or_default(),
            locale: self.locale,
            expires_at: self.expires_at,
            created_at: self.created_at,
            state,
            ended_at,
        }
    }
}

/// Which invitations are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Which {
    /// Those that may be accepted.
    #[default]
    Open,
    /// Those accepted, taken back or expired.
    Past,
}

/// The invitations, newest first.
#[derive(Debug, Clone)]
pub struct List {
    /// Open ones or past ones.
    pub which: Which,
    /// Only those older than this one: where the next page begins.
    pub before: Option<Uuid>,
    /// How many, 1 to 201.
    pub limit: i64,
}

impl List {
    /// The open ones, as many as one page holds.
    pub fn open() -> Self {
        Self { which: Which::Open, before: None, limit: 200 }
    }
}

impl Action for List {
    const NEEDS: Permission = Permission::MemberView;
    const ACCESS: Access = Access::Read;
    type Out = Vec<Invitation>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Vec<Invitation>> {
        select(cx, None, Some(self.which == Which::Past), self.before, self.limit.clamp(1, 201)).await
    }
}

pub(super) async fn find(cx: &mut Cx<'_>, id: Id<Invitation>) -> Result<Invitation> {
    select(cx, Some(id.uuid()), None, None, 1).await?.pop().ok_or(Error::NotFound)
}

async fn select(cx: &mut Cx<'_>, id: Option<Uuid>, past: Option<bool>, before: Option<Uuid>, limit: i64) -> Result<Vec<Invitation>> {
    let now = cx.now();
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT i.id, i.email, i.name, i.role_id, coalesce(r.name, i.role_name) AS "role!", i.site_ids, i.locale, i.expires_at,
             i.accepted_at, i.revoked_at, i.created_at
           FROM invitations i LEFT JOIN roles r ON r.tenant_id = i.tenant_id AND r.id = i.role_id
           WHERE i.tenant_id = $1 AND ($2::uuid IS NULL OR i.id = $2) AND ($4::uuid IS NULL OR i.id < $4)
             AND ($3::boolean IS NULL OR $3 = (i.accepted_at IS NOT NULL OR i.revoked_at IS NOT NULL OR i.expires_at <= $5))
           ORDER BY i.id DESC LIMIT $6"#,
        cx.tenant().uuid(),
        id,
        past,
        before,
        now,
        limit,
    )
    .fetch_all(cx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| row.seen(now)).collect())
}

/// The seats of a company: how many people it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Object)]
pub struct Seats {
    /// How many there are.
    pub seats: i64,
    /// How many are taken: by active people, and by invitations that may still be accepted.
    pub used: i64,
    /// How many are left.
    pub left: i64,
}

/// Reads the company's seats.
#[derive(Debug, Clone)]
pub struct ShowSeats;

impl Action for ShowSeats {
    const NEEDS: Permission = Permission::MemberView;
    const ACCESS: Access = Access::Read;
    type Out = Seats;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Seats> {
        seats(cx).await
    }
}

async fn seats(cx: &mut Cx<'_>) -> Result<Seats> {
    let now = cx.now();
    let row = sqlx::query!(
        r#"SELECT t.seats AS "seats!",
             (SELECT count(*) FROM members WHERE tenant_id = $1 AND kind = 'person' AND active) AS "people!",
             (SELECT count(*) FROM invitations
                WHERE tenant_id = $1 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $2) AS "invited!"
           FROM platform.tenants t WHERE t.id = $1"#,
        cx.tenant().uuid(),
        now,
    )
    .fetch_one(cx.conn())
    .await?;
    let (seats, used) = (i64::from(row.seats), row.people + row.invited);
    Ok(Seats { seats, used, left: (seats - used).max(0) })
}

/// Refuses when no seat is left; of two who take the last one at once, the second finds it taken.
pub(in crate::identity) async fn refuse_full(cx: &mut Cx<'_>) -> Result<()> {
    cx.hold("seats").await?;
    if seats(cx).await?.left == 0 { Err(Error::Conflict("seats_exhausted")) } else { Ok(()) }
}

/// Refuses the person an invitation brings when the company's seats became fewer meanwhile. The others invited still only hope.
pub(super) async fn refuse_crowded(cx: &mut Cx<'_>) -> Result<()> {
    cx.hold("seats").await?;
    let crowded = sqlx::query_scalar!(
        r#"SELECT (SELECT count(*) FROM members WHERE tenant_id = $1 AND kind = 'person' AND active)
             >= (SELECT seats FROM platform.tenants WHERE id = $1) AS "crowded!""#,
        cx.tenant().uuid(),
    )
    .fetch_one(cx.conn())
    .await?;
    if crowded { Err(Error::Conflict("seats_exhausted")) } else { Ok(()) }
}
