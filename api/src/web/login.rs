//! Logging in and out.

use domain::identity::entrance::Companies;
use domain::identity::login::{Begun, Login};
use domain::identity::session::End;
use domain::kernel::platform::Caller;
use poem::web::Query;
use poem::{Response, handler};
use serde::Deserialize;
use templates::pages::parts::Errors;
use templates::pages::public::LoginPage;

use super::flash::Flash;
use super::form::{Form, Wrong};
use super::pages::Pages;
use super::reader::Reader;
use super::respond::{done, local, page, redirect, set, whole};
use super::visitor::{Account, Visitor};
use crate::http::cookie;
use crate::http::failure::Result;

/// The pages of this file.
pub fn pages(pages: Pages) -> Pages {
    pages.get("/login", show).post("/login", log_in).post("/logout", log_out)
}

#[derive(Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

#[handler]
async fn show(visitor: Visitor, Query(Next { next }): Query<Next>) -> Result<Response> {
    if visitor.who.is_some() {
        let start = start(&visitor, &visitor.caller()).await?;
        return Ok(redirect(local(&next, &start)));
    }
    let next = local(&next, "").to_owned();
    page(&visitor, &LoginPage { email: String::new(), remember: false, next, errors: Errors::new() }).await
}

#[handler]
async fn log_in(visitor: Visitor, form: Form) -> Result<Response> {
    let login = Login { email: form.typed("email"), password: form.typed("password"), remember: form.ticked("remember") };
    let next = local(form.text("next"), "").to_owned();
    match visitor.edge.app.login(&login, &visitor.origin).await {
        Ok(begun) => {
            let caller = Caller { account: Some(begun.account), operator: begun.operator, request: visitor.origin.clone() };
            let path = if next.is_empty() { start(&visitor, &caller).await? } else { next };
            let mut response = redirect(&path);
            begin(&visitor, &mut response, &begun, login.remember).await?;
            Ok(response)
        }
        Err(error) => {
            let wrong = Wrong::of(visitor.locale, error)?;
            let again = LoginPage { email: login.email, remember: login.remember, next, errors: wrong.errors };
            whole(&visitor, wrong.status, &again).await
        }
    }
}

#[handler]
async fn log_out(visitor: Visitor) -> Result<Response> {
    end_session(&visitor).await?;
    let mut response = done(&visitor, "/login", Flash::new("logged_out"));
    set(&mut response, &cookie::end(&visitor.edge));
    Ok(response)
}

/// Hands the cookie of a session that began to its owner; the one they had before ends.
pub async fn begin(visitor: &Visitor, response: &mut Response, begun: &Begun, remember: bool) -> Result<()> {
    end_session(visitor).await?;
    set(response, &cookie::begin(&visitor.edge, begun.token.reveal(), remember));
    Ok(())
}

async fn end_session(visitor: &Visitor) -> Result<()> {
    if let Some(who) = &visitor.who {
        visitor.edge.app.platform(&visitor.caller(), End(who.session)).await?;
    }
    Ok(())
}

/// Where somebody signed in begins: an operator at the platform, everybody else in their company, or choosing one.
pub async fn start(reader: &Reader, caller: &Caller) -> Result<String> {
    if caller.operator {
        return Ok("/platform".to_owned());
    }
    let companies = reader.edge.app.platform(caller, Companies).await?;
    Ok(match &companies[..] {
        [only] => format!("/{}/", only.slug),
        _ => "/companies".to_owned(),
    })
}

impl Account {
    /// The slug of the company last worked in, or of the first one.
    pub async fn usual_company(&self) -> Result<Option<String>> {
        let companies = self.platform(Companies).await?;
        let last = companies.iter().position(|company| Some(&company.slug) == self.last_company.as_ref());
        Ok(companies.into_iter().nth(last.unwrap_or_default()).map(|company| company.slug))
    }
}
