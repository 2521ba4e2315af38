//! Invitations (21): an admin names an address, a role and sites; the person accepts with a new account or the one they have.

mod accept;
mod list;

use chrono::{DateTime, TimeDelta, Utc};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

pub use accept::{Acceptance, Offer};
pub(super) use list::refuse_full;
pub use list::{List, Seats, ShowSeats, State, Which};

use super::company::check_email;
use super::jobs::InvitationMail;
use super::login::normal;
use super::role;
use super::signup::LOCALES;
use super::sites::{grantable_sites, refuse_beyond};
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Checks, Error, OrField, Result};
use crate::kernel::event::Event;
use crate::kernel::id::Id;
use crate::kernel::permission::Permission;
use crate::kernel::secret::Token;

/// How long an invitation may be accepted.
const LIFETIME: TimeDelta = TimeDelta::hours(72);

/// An invitation, as those who manage people see it.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
pub struct Invitation {
    /// Its id.
    pub id: Uuid,
    /// Who is invited.
    pub email: String,
    /// Their name.
    pub name: String,
    /// The role they will have; absent when the role of a past invitation was removed.
    pub role_id: Option<Uuid>,
    /// Its name.
    pub role: String,
    /// Whether they will work at every site.
    pub all_sites: bool,
    /// The sites they will be limited to otherwise.
    pub site_ids: Vec<Uuid>,
    /// The language of the letter and, at first, of the person.
    pub locale: String,
    /// Until when it may be accepted.
    pub expires_at: DateTime<Utc>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// What became of it.
    pub state: State,
    /// When it was accepted or taken back, or expired.
    pub ended_at: Option<DateTime<Utc>>,
}

/// What is filled in to invite somebody.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields, rename = "InvitationInput")]
pub struct Input {
    /// Who is invited.
    pub email: String,
    /// Their name.
    pub name: String,
    /// The role they will have; below one's own level.
    pub role_id: Uuid,
    /// Whether they will work at every site.
    #[serde(default)]
    #[oai(default)]
    pub all_sites: bool,
    /// The sites they will be limited to otherwise, at least one.
    #[serde(default)]
    #[oai(default)]
    pub site_ids: Vec<Uuid>,
    /// The language of the letter: `kk`, `ru`, `en` or `tr`.
    pub locale: String,
}

/// Invites somebody by mail.
#[derive(Debug, Clone)]
pub struct Invite(
    /// What was filled in.
    pub Input,
);

impl Action for Invite {
    const NEEDS: Permission = Permission::MemberManage;
    type Out = Invitation;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Invitation> {
        let input = self.0;
        let mut checks = Checks::new();
        check_email(&mut checks, "email", &input.email);
        checks.text("name", &input.name, 120).one_of("locale", &input.locale, LOCALES).done()?;
        let email = normal(&input.email);
        let sites = grantable_sites(cx, input.all_sites, input.site_ids).await?;
        let role = role::grantable(cx, input.role_id.into()).await?;
        refuse_member(cx, &email).await?;
        withdraw_expired(cx, &email).await?;
        refuse_full(cx).await?;
        let id = Id::<Invitation>::new();
        // the real secret is made when the letter is; until then nothing opens this
        let unopened = Token::new().digest();
        sqlx::query!(
            "INSERT INTO invitations (tenant_id, id, email, name, role_id, role_name, site_ids, locale, token_hash, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            cx.tenant().uuid(),
            id.uuid(),
            email,
            input.name.trim(),
            role.id,
            role.name,
            sites.as_deref(),
            input.locale,
            unopened,
            cx.now() + LIFETIME,
        )
        .execute(cx.conn())
        .await
        .or_field(&[("invitations_pending", "email", "already_invited"), ("invitations_role", "role_id", "unknown_reference")])?;
        cx.enqueue(&InvitationMail { invitation: id.uuid() })?;
        cx.emit(Event::new("invitation.sent", "invitation", id).with(json!({ "email": email })));
        list::find(cx, id).await
    }
}

async fn refuse_member(cx: &mut Cx<'_>, email: &str) -> Result<()> {
    let there = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM members WHERE tenant_id = $1 AND email = $2) AS "there!""#,
        cx.tenant().uuid(),
        email,
    )
    .fetch_one(cx.conn())
    .await?;
    if there { Err(Error::field("email", "already_member")) } else { Ok(()) }
}

/// Whoever let an invitation expire may be invited again.
async fn withdraw_expired(cx: &mut Cx<'_>, email: &str) -> Result<()> {
    let now = cx.now();
    sqlx::query!(
        "UPDATE invitations SET revoked_at = $3
         WHERE tenant_id = $1 AND email = $2 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at <= $3",
        cx.tenant().uuid(),
        email,
        now,
    )
    .execute(cx.conn())
    .await?;
    Ok(())
}

/// Takes an invitation back.
#[derive(Debug, Clone)]
pub struct Revoke(
    /// The invitation.
    pub Id<Invitation>,
);

impl Action for Revoke {
    const NEEDS: Permission = Permission::MemberManage;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        let invitation = list::find(cx, self.0).await?;
        let role = invitation.role_id.filter(|_| invitation.state == State::Pending).ok_or(Error::NotFound)?;
        role::grantable(cx, role.into()).await?;
        refuse_beyond(cx, invitation.all_sites, &invitation.site_ids)?;
        sqlx::query!(
            "UPDATE invitations SET revoked_at = $3 WHERE tenant_id = $1 AND id = $2 AND accepted_at IS NULL AND revoked_at IS NULL",
            cx.tenant().uuid(),
            self.0.uuid(),
            cx.now(),
        )
        .execute(cx.conn())
        .await?;
        cx.emit(Event::new("invitation.revoked", "invitation", self.0).with(json!({ "email": invitation.email })));
        Ok(())
    }
}

/// What the letter needs. The secret in it is made here; a letter written again carries a new one.
#[derive(Debug)]
pub struct Letter {
    /// Where it goes.
    pub email: String,
    /// Who is invited.
    pub name: String,
    /// In which language.
    pub locale: String,
    /// The company.
    pub company: String,
    /// Who invites.
    pub inviter: String,
    /// The role's name.
    pub role: String,
    /// What the link carries.
    pub token: Token,
    /// Until when it is good.
    pub expires_at: DateTime<Utc>,
}

/// Makes the secret of an invitation and what its letter says; nothing when it was revoked or accepted, or expired, meanwhile.
#[derive(Debug, Clone)]
pub struct WriteLetter(
    /// The invitation.
    pub Id<Invitation>,
);

impl Action for WriteLetter {
    const NEEDS: Permission = Permission::MemberManage;
    type Out = Option<Letter>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Option<Letter>> {
        let (token, now) = (Token::new(), cx.now());
        let row = sqlx::query!(
            r#"UPDATE invitations i SET token_hash = $3
               FROM roles r
               WHERE i.tenant_id = $1 AND i.id = $2 AND i.accepted_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > $4
                 AND r.tenant_id = i.tenant_id AND r.id = i.role_id
               RETURNING i.email, i.name, i.locale, i.expires_at, r.name AS role,
                 (SELECT m.name FROM members m WHERE m.tenant_id = i.tenant_id AND m.id = i.created_by) AS inviter"#,
            cx.tenant().uuid(),
            self.0.uuid(),
            token.digest(),
            now,
        )
        .fetch_optional(cx.conn())
        .await?;
        let company = cx.scope().company().name.clone();
        Ok(row.map(|row| Letter {
            email: row.email,
            name: row.name,
            locale: row.locale,
            inviter: row.inviter.unwrap_or_else(|| company.clone()),
            company,
            role: row.role,
            token,
            expires_at: row.expires_at,
        }))
    }
}
