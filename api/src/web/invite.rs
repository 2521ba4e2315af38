//! An invitation, opened from the letter.

use domain::Error;
use domain::identity::invitation::{Acceptance, Offer};
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use templates::pages::parts::Errors;
use templates::pages::public::InvitePage;

use super::flash::Flash;
use super::form::{Form, Wrong};
use super::login::begin;
use super::pages::Pages;
use super::respond::{done, page, whole};
use super::visitor::Visitor;
use crate::http::failure::Result;

/// The pages of this file.
pub fn pages(pages: Pages) -> Pages {
    pages.get("/invite/:token", show).post("/invite/:token", accept)
}

#[handler]
async fn show(visitor: Visitor, Path(token): Path<String>) -> Result<Response> {
    match offer(&visitor, &token).await? {
        Some(offer) => page(&visitor, &offered(token, &offer, &offer.name)).await,
        None => worthless(&visitor, token).await,
    }
}

#[handler]
async fn accept(visitor: Visitor, Path(token): Path<String>, form: Form) -> Result<Response> {
    let Some(offer) = offer(&visitor, &token).await? else { return worthless(&visitor, token).await };
    let acceptance = Acceptance { token: token.clone(), name: Some(form.typed("name")), password: form.typed("password") };
    match visitor.edge.app.accept_invitation(&acceptance, &visitor.origin).await {
        Ok((begun, slug)) => {
            let mut response = done(&visitor, &format!("/{slug}/"), Flash::new("joined").with("company", &offer.company));
            begin(&visitor, &mut response, &begun, false).await?;
            Ok(response)
        }
        Err(Error::NotFound) => worthless(&visitor, token).await,
        Err(error) => {
            let wrong = Wrong::of(visitor.locale, error)?;
            let again = InvitePage { errors: wrong.errors, ..offered(token, &offer, form.text("name")) };
            whole(&visitor, wrong.status, &again).await
        }
    }
}

async fn offer(visitor: &Visitor, token: &str) -> Result<Option<Offer>> {
    match visitor.edge.app.invitation_offer(token, &visitor.origin).await {
        Ok(offer) => Ok(Some(offer)),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn offered(token: String, offer: &Offer, name: &str) -> InvitePage {
    InvitePage {
        token,
        valid: true,
        company: offer.company.clone(),
        role: offer.role.clone(),
        email: offer.email.clone(),
        existing: offer.has_account,
        name: name.to_owned(),
        errors: Errors::new(),
    }
}

async fn worthless(visitor: &Visitor, token: String) -> Result<Response> {
    let nothing = InvitePage {
        token,
        valid: false,
        company: String::new(),
        role: String::new(),
        email: String::new(),
        existing: false,
        name: String::new(),
        errors: Errors::new(),
    };
    whole(visitor, StatusCode::NOT_FOUND, &nothing).await
}
