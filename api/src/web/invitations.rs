//! Invitations: those that may be accepted, and those of the past.

use domain::Error;
use domain::identity::invitation::{Input, Invitation, Invite, List, Revoke, ShowSeats, Which};
use domain::identity::role;
use domain::kernel::id::Id;
use domain::kernel::permission::Permission;
use poem::web::{Path, Query};
use poem::{Response, handler};
use serde::Deserialize;
use templates::pages::parts::Errors;
use templates::pages::people::{InvitationNewPage, InvitationRow, InvitationsPage, SeatsView};
use uuid::Uuid;

use super::flash::Flash;
use super::form::{Form, Wrong};
use super::pages::Pages;
use super::paging::older;
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

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    past: bool,
    cursor: Option<Uuid>,
}

/// Invitations on a page.
const ROWS: usize = 50;

#[handler]
async fn list(member: Member, Query(Asked { past, cursor }): Query<Asked>) -> Result<Response> {
    let which = if past { Which::Past } else { Which::Open };
    // one more than is shown tells whether there is another page
    let limit = i64::try_from(ROWS + 1).unwrap_or(i64::MAX);
    let found = member.run(List { which, before: cursor, limit }).await?;
    let seats = member.run(ShowSeats).await?;
    let more = found.len() > ROWS;
    let rows: Vec<InvitationRow> = found.into_iter().take(ROWS).map(row).collect();
    let next = rows.last().filter(|_| more).map(|last| last.id.clone());
    let pager = older(&member.path("invitations"), &[("past", if past { "true" } else { "" })], next);
    let seats = SeatsView { seats: seats.seats, used: seats.used, left: seats.left };
    page(&member, &InvitationsPage { past, seats, rows, pager, can_manage: member.scope.can(Permission::MemberManage) }).await
}

fn row(invitation: Invitation) -> InvitationRow {
    InvitationRow {
        id: invitation.id.to_string(),
        name: invitation.name,
        email: invitation.email,
        role: invitation.role,
        state: invitation.state.as_str().to_owned(),
        created_at: invitation.created_at,
        expires_at: invitation.expires_at,
        ended_at: invitation.ended_at,
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
        all_sites: member.scope.sites().is_none(),
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
        all_sites: form.ticked("all_sites"),
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
