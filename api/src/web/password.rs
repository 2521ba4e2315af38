//! A forgotten password. The answer is the same for any address.

use domain::Error;
use domain::identity::company::check_email;
use domain::identity::reset::Ask;
use domain::kernel::error::Checks;
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use templates::pages::parts::Errors;
use templates::pages::public::{ForgotPage, ResetPage};

use super::flash::Flash;
use super::form::{Form, Wrong};
use super::pages::Pages;
use super::respond::{done, page, whole};
use super::visitor::Visitor;
use crate::http::failure::{Failure, Result};

/// The pages of this file.
pub fn pages(pages: Pages) -> Pages {
    pages.get("/forgot", forgot).post("/forgot", ask).get("/reset/:token", reset).post("/reset/:token", set_password)
}

#[handler]
async fn forgot(visitor: Visitor) -> Result<Response> {
    page(&visitor, &ForgotPage { email: String::new(), sent: false, errors: Errors::new() }).await
}

#[handler]
async fn ask(visitor: Visitor, form: Form) -> Result<Response> {
    let email = form.typed("email");
    let mut checks = Checks::new();
    check_email(&mut checks, "email", &email);
    let asked = match checks.done() {
        Ok(()) => visitor.edge.app.platform(&visitor.anyone(), Ask { email: email.clone() }).await,
        wrong => wrong,
    };
    match asked {
        Ok(()) => page(&visitor, &ForgotPage { email, sent: true, errors: Errors::new() }).await,
        Err(error) => {
            let wrong = Wrong::of(visitor.locale, error)?;
            whole(&visitor, wrong.status, &ForgotPage { email, sent: false, errors: wrong.errors }).await
        }
    }
}

#[handler]
async fn reset(visitor: Visitor, Path(token): Path<String>) -> Result<Response> {
    match visitor.edge.app.reset_account(&token, &visitor.origin).await {
        Ok(_) => page(&visitor, &ResetPage { token, valid: true, errors: Errors::new() }).await,
        Err(Error::NotFound) => worthless(&visitor, token).await,
        Err(error) => Err(error.into()),
    }
}

#[handler]
async fn set_password(visitor: Visitor, Path(token): Path<String>, form: Form) -> Result<Response> {
    match visitor.edge.app.reset_password(&token, form.text("password"), &visitor.origin).await {
        Ok(()) => Ok(done(&visitor, "/login", Flash::new("password_reset"))),
        Err(Error::NotFound) => worthless(&visitor, token).await,
        Err(error) => {
            let wrong = Wrong::of(visitor.locale, error)?;
            whole(&visitor, wrong.status, &ResetPage { token, valid: true, errors: wrong.errors }).await
        }
    }
}

async fn worthless(visitor: &Visitor, token: String) -> Result<Response, Failure> {
    whole(visitor, StatusCode::NOT_FOUND, &ResetPage { token, valid: false, errors: Errors::new() }).await
}
