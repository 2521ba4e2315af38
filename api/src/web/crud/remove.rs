//! Deleting a record: a page asks, a form answers.

use domain::Error;
use domain::kernel::resource::{Delete, Record, Resource, Show};
use poem::http::StatusCode;
use poem::{Request, Response, handler};
use templates::pages::parts::Text;
use templates::pages::resource::ResourceDelete;

use super::{At, crumbs, home, id, page_of};
use crate::http::failure::Result;
use crate::web::flash::Flash;
use crate::web::form::{Form, Wrong};
use crate::web::respond::{done, whole};
use crate::web::visitor::Member;

/// `GET /{company}/{table}/{id}/delete`.
#[handler]
pub async fn ask<R: Resource>(At(member, _): At<R>, request: &Request) -> Result<Response> {
    member.scope.need(R::DELETE)?;
    let row = member.run(Show::<R>(id(request)?)).await?;
    question::<R>(&member, &row, StatusCode::OK, None).await
}

/// `POST /{company}/{table}/{id}/delete`.
#[handler]
pub async fn remove<R: Resource>(At(member, _): At<R>, request: &Request, form: Form) -> Result<Response> {
    let (id, version) = (id::<R>(request)?, form.version()?);
    match member.edge.app.run(&member.scope, Delete::<R> { id, version }).await {
        Ok(()) => Ok(done(&member, &home::<R>(&member), Flash::new("deleted"))),
        Err(error @ (Error::Conflict(_) | Error::Stale { .. })) => {
            let row = member.run(Show::<R>(id)).await?;
            let wrong = Wrong::of(member.locale, error)?;
            question::<R>(&member, &row, wrong.status, wrong.errors.into_values().next()).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn question<R: Resource>(member: &Member, row: &R::Row, status: StatusCode, refusal: Option<String>) -> Result<Response> {
    let here = page_of::<R>(member, row.id());
    let page = ResourceDelete {
        resource: R::NAME.to_owned(),
        crumbs: crumbs::<R>(member, Some((row.id(), row.title())), Text::key("nav.delete")),
        name: row.title(),
        version: row.version().into(),
        action: format!("{here}/delete"),
        cancel_href: here,
        refusal,
    };
    whole(member, status, &page).await
}
