//! Invitations nobody has accepted yet.

use chrono::{DateTime, Utc};
use domain::Error;
use domain::identity::invitation::{Input, Invitation, Invite, Open, Revoke};
use domain::identity::role;
use domain::kernel::id::Id;
use domain::kernel::permission::Permission;
use poem::web::Path;
use poem::{Response, handler};
use templates::pages::parts::Errors;
use templates::pages::people::{InvitationNewPage, InvitationRow, InvitationsPage};

use super::flash::Flash;
use super::form::{Form, Wrong};
use super::pages::Pages;
use super::people::{Named, role_choices, sites, tick};
use super::respond::{done, page, whole};
use super::visitor::Member;
use crate::http::failure::Result;

/// The pages of this file.
pub fn pages(pages: Pages) -> Pages {
    pages
        .get("/:company/invitations", list)
        .get("/:company/invitations/new", new)
        .post("/:company/invitations/new", invite)
        .post("/:company/invitations/:id/revoke", revoke)
}

#[handler]
async fn list(member: Member) -> Result<Response> {
    let now = member.edge.app.clock().now();
    let rows = member.run(Open).await?.into_iter().map(|invitation| row(invitation, now)).collect();
    page(&member, &InvitationsPage { rows, can_manage: member.scope.can(Permission::MemberManage) }).await
}

fn row(invitation: Invitation, now: DateTime<Utc>) -> InvitationRow {
    InvitationRow {
        id: invitation.id.to_string(),
        name: invitation.name,
        email: invitation.email,
        role: invitation.role,
        state: if invitation.expires_at > now { "pending" } else { "expired" }.to_owned(),
        created_at: invitation.created_at,
        expires_at: invitation.expires_at,
    }
}

#[handler]
async fn new(member: Member) -> Result<Response> {
    member.scope.need(Permission::MemberManage)?;
    let blank = blank(&member).await?;
    page(&member, &blank).await
}

async fn blank(member: &Member) -> Result<InvitationNewPage> {
    let roles = member.run(role::List).await?;
    Ok(InvitationNewPage {
        email: String::new(),
        name: String::new(),
        role_id: String::new(),
        roles: role_choices(member, roles, None),
        sites: sites(member).await?,
        locale: member.locale.as_str().to_owned(),
        errors: Errors::new(),
    })
}

#[handler]
async fn invite(member: Member, form: Form) -> Result<Response> {
    match member.send(&form, |input: Input| Invite(input)).await {
        Ok(invitation) => Ok(done(&member, &member.path("invitations"), Flash::new("invited").with("email", &invitation.email))),
        Err(error) => again(&member, error, &form).await,
    }
}

async fn again(member: &Member, error: Error, form: &Form) -> Result<Response> {
    let wrong = Wrong::of(member.locale, error)?;
    let blank = blank(member).await?;
    let again = InvitationNewPage {
        email: form.typed("email"),
        name: form.typed("name"),
        role_id: form.typed("role_id"),
        sites: tick(blank.sites, |site| form.all("site_ids").any(|chosen| chosen == site)),
        locale: form.typed("locale"),
        errors: wrong.errors,
        ..blank
    };
    whole(member, wrong.status, &again).await
}

#[handler]
async fn revoke(member: Member, Path(Named { id }): Path<Named<Id<Invitation>>>) -> Result<Response> {
    member.run(Revoke(id)).await?;
    Ok(done(&member, &member.path("invitations"), Flash::new("invitation_revoked")))
}
