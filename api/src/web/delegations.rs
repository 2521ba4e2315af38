//! Handing one's right to decide to a colleague for a while: what was handed over and received, handing over, taking back.

use chrono::{DateTime, Utc};
use domain::workflow::{Delegate, Delegated, Delegations, Handover, TakeBack};
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use templates::pages::delegations::{DelegationRow, DelegationsPage};
use templates::pages::parts::Errors;
use uuid::Uuid;

use super::flash::Flash;
use super::form::{Form, Wrong};
use super::options;
use super::pages::Pages;
use super::respond::{done, whole};
use super::visitor::Member;
use crate::http::failure::Result;

/// The pages of this file.
pub fn pages(pages: Pages) -> Pages {
    pages.get("/:company/delegations", show).post("/:company/delegations", give).post("/:company/delegations/:id/end", end)
}

fn path(member: &Member) -> String {
    member.path("delegations")
}

#[handler]
async fn show(member: Member) -> Result<Response> {
    let now = member.edge.app.clock().now();
    let shown = DelegationsPage { starts_at: typed(&member, now), ..filled(&member, "").await? };
    whole(&member, StatusCode::OK, &shown).await
}

#[handler]
async fn give(member: Member, form: Form) -> Result<Response> {
    match member.send::<Handover, _>(&form, Delegate).await {
        Ok(_) => Ok(done(&member, &path(&member), Flash::new("delegation_given"))),
        Err(error) => {
            let wrong = Wrong::of(member.locale, error)?;
            let here = path(&member);
            let member = member.at(&here);
            let (starts_at, ends_at) = (form.typed("starts_at"), form.typed("ends_at"));
            let again = DelegationsPage { starts_at, ends_at, errors: wrong.errors, ..filled(&member, form.text("delegate_id")).await? };
            whole(&member, wrong.status, &again).await
        }
    }
}

#[handler]
async fn end(member: Member, Path((_, id)): Path<(String, Uuid)>) -> Result<Response> {
    member.run(TakeBack(id.into())).await?;
    Ok(done(&member, &path(&member), Flash::new("delegation_ended")))
}

/// As a field for a moment wants it.
fn typed(member: &Member, moment: DateTime<Utc>) -> String {
    moment.with_timezone(&member.scope.company().zone).format("%Y-%m-%dT%H:%M").to_string()
}

async fn filled(member: &Member, delegate: &str) -> Result<DelegationsPage> {
    let (me, now) = (member.scope.actor().id.uuid(), member.edge.app.clock().now());
    let delegations = member.run(Delegations).await?;
    let (given, received): (Vec<Delegated>, Vec<Delegated>) = delegations.into_iter().partition(|each| each.principal_id == me);
    let mut people = options::find(member, "members", "", delegate).await?.choices;
    people.retain(|person| person.value != me.to_string());
    Ok(DelegationsPage {
        base: path(member),
        given: given.into_iter().map(|each| row(each.id, each.delegate, (each.starts_at, each.ends_at), now)).collect(),
        received: received.into_iter().map(|each| row(each.id, each.principal, (each.starts_at, each.ends_at), now)).collect(),
        people,
        delegate_id: delegate.to_owned(),
        starts_at: String::new(),
        ends_at: String::new(),
        errors: Errors::new(),
    })
}

fn row(id: Uuid, name: String, (starts_at, ends_at): (DateTime<Utc>, DateTime<Utc>), now: DateTime<Utc>) -> DelegationRow {
    DelegationRow { id: id.to_string(), name, starts_at, ends_at, running: starts_at <= now }
}
