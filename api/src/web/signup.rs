//! A company's first person signs up: email, key, account. What was answered before travels in the form, never in an address; the
//! first step answers the same for any email.

use chrono_tz::{TZ_VARIANTS, Tz};
use domain::Error;
use domain::identity::company::check_email;
use domain::identity::signup::{Opened, Signup};
use domain::kernel::error::Checks;
use domain::kernel::money::CURRENCIES;
use poem::{Response, handler};
use templates::Locale;
use templates::pages::parts::{Choice, Errors, Text};
use templates::pages::public::{SignupPage, SignupStep};

use super::flash::Flash;
use super::form::{Form, Wrong};
use super::login::begin;
use super::pages::Pages;
use super::respond::{done, page, whole};
use super::visitor::Visitor;
use crate::http::failure::Result;
use crate::http::words::names;

/// The pages of this file.
pub fn pages(pages: Pages) -> Pages {
    pages.get("/signup", show).post("/signup", next)
}

#[handler]
async fn show(visitor: Visitor) -> Result<Response> {
    page(&visitor, &blank(visitor.locale)).await
}

#[handler]
async fn next(visitor: Visitor, form: Form) -> Result<Response> {
    match form.text("step") {
        "key" => check_key(&visitor, &form).await,
        "account" | "join" => create(&visitor, &form).await,
        _ => check_address(&visitor, &form).await,
    }
}

async fn check_address(visitor: &Visitor, form: &Form) -> Result<Response> {
    let mut checks = Checks::new();
    check_email(&mut checks, "email", form.text("email"));
    let filled = filled(visitor.locale, form);
    match checks.done() {
        Ok(()) => page(visitor, &SignupPage { step: SignupStep::Key, ..filled }).await,
        Err(error) => again(visitor, error, filled).await,
    }
}

async fn check_key(visitor: &Visitor, form: &Form) -> Result<Response> {
    let filled = SignupPage { step: SignupStep::Key, ..filled(visitor.locale, form) };
    match open(visitor, form).await {
        Ok(opened) => page(visitor, &opened_by(filled, opened)).await,
        Err(error) => again(visitor, error, filled).await,
    }
}

async fn create(visitor: &Visitor, form: &Form) -> Result<Response> {
    let filled = filled(visitor.locale, form);
    let signup = Signup {
        email: form.typed("email"),
        key: form.typed("key"),
        name: Some(form.typed("name")).filter(|name| !name.is_empty()),
        password: form.typed("password"),
        locale: filled.locale.clone(),
        time_zone: filled.time_zone.clone(),
        currency: filled.currency.clone(),
    };
    let error = match visitor.edge.app.sign_up(&signup, names(&signup.locale), &visitor.origin).await {
        Ok((begun, slug)) => {
            let mut response = done(visitor, &format!("/{slug}/"), Flash::new("signed_up"));
            begin(visitor, &mut response, &begun, false).await?;
            return Ok(response);
        }
        Err(error) => error,
    };
    // the key may have been used or revoked meanwhile: then it is asked for again
    match open(visitor, form).await {
        Ok(opened) => again(visitor, error, opened_by(filled, opened)).await,
        Err(refused) => again(visitor, refused, SignupPage { step: SignupStep::Key, ..filled }).await,
    }
}

async fn open(visitor: &Visitor, form: &Form) -> Result<Opened, Error> {
    visitor.edge.app.open_signup(form.text("email"), form.text("key"), &visitor.origin).await
}

async fn again(visitor: &Visitor, error: Error, page: SignupPage) -> Result<Response> {
    let wrong = Wrong::of(visitor.locale, error)?;
    whole(visitor, wrong.status, &SignupPage { errors: wrong.errors, ..page }).await
}

fn opened_by(page: SignupPage, opened: Opened) -> SignupPage {
    let step = if opened.has_account { SignupStep::Join } else { SignupStep::Account };
    SignupPage { step, company: opened.company, ..page }
}

fn blank(locale: Locale) -> SignupPage {
    let (time_zone, currency) = match locale {
        Locale::Tr => (Tz::Europe__Istanbul, "TRY"),
        Locale::Kk | Locale::Ru | Locale::En => (Tz::Asia__Almaty, CURRENCIES[0]),
    };
    SignupPage {
        step: SignupStep::Email,
        email: String::new(),
        key: String::new(),
        company: String::new(),
        name: String::new(),
        locale: locale.as_str().to_owned(),
        time_zone: time_zone.name().to_owned(),
        zones: zones(),
        currency: currency.to_owned(),
        currencies: CURRENCIES.iter().map(|code| Choice::new(*code, Text::key(format!("app.currency.{code}")))).collect(),
        errors: Errors::new(),
    }
}

/// What was typed so far; what was not asked yet is as on a blank page.
fn filled(locale: Locale, form: &Form) -> SignupPage {
    let blank = blank(locale);
    let or = |name: &str, otherwise: String| Some(form.typed(name)).filter(|typed| !typed.is_empty()).unwrap_or(otherwise);
    SignupPage {
        email: form.typed("email"),
        key: form.typed("key"),
        name: form.typed("name"),
        locale: or("locale", blank.locale),
        time_zone: or("time_zone", blank.time_zone),
        currency: or("currency", blank.currency),
        ..blank
    }
}

/// Zones by place; the others are aliases and offsets nobody lives in.
fn zones() -> Vec<Choice> {
    const PLACES: [&str; 9] = ["Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/", "Antarctica/"];
    let names = TZ_VARIANTS.iter().map(|zone| zone.name()).filter(|name| PLACES.iter().any(|place| name.starts_with(place)));
    names.map(|name| Choice::new(name, name)).collect()
}
