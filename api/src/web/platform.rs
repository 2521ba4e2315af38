//! The operator's pages: companies onboarded, limited, suspended, given keys. A key is shown once, in the answer that made it.

use chrono::{DateTime, Utc};
use domain::Error;
use domain::identity::Tenant;
use domain::identity::company::{Company, Input, Limit, Limits, List, Onboard, Onboarded, Show};
use domain::identity::signup_key::{NewKey, SendKey};
use domain::kernel::id::Id;
use poem::http::StatusCode;
use poem::web::{Path, Query};
use poem::{Response, handler};
use serde::Deserialize;
use templates::pages::parts::Errors;
use templates::pages::platform::{CompaniesPage, CompanyNewPage, CompanyPage, CompanyRow};
use uuid::Uuid;

use super::flash::Flash;
use super::form::{Form, Wrong};
use super::pages::Pages;
use super::paging::older;
use super::respond::{done, page, part, redirect, whole};
use super::visitor::Operator;
use crate::http::failure::Result;
use crate::http::schema::Reading;

const COMPANIES: &str = "/platform/companies";
/// Companies on a page.
const ROWS: i64 = 50;
/// Nothing in the operator's forms is an amount or a time.
const PLAIN: Reading<'static> = Reading { locale: templates::Locale::En, currency: "", zone: chrono_tz::Tz::UTC };

/// The pages of this file.
pub fn pages(pages: Pages) -> Pages {
    pages
        .get("/platform", home)
        .get(COMPANIES, list)
        .get("/platform/companies/new", new)
        .post("/platform/companies/new", onboard)
        .get("/platform/companies/:id", show)
        .post("/platform/companies/:id", save)
        .post("/platform/companies/:id/suspend", suspend)
        .post("/platform/companies/:id/resume", resume)
        .post("/platform/companies/:id/key", make_key)
        .post("/platform/companies/:id/key/send", send_key)
}

fn address(id: Id<Tenant>) -> String {
    format!("{COMPANIES}/{id}")
}

#[handler]
fn home(_: Operator) -> Response {
    redirect(COMPANIES)
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
    cursor: Option<Uuid>,
}

#[handler]
async fn list(operator: Operator, Query(Asked { q, cursor }): Query<Asked>) -> Result<Response> {
    let found = operator.platform(List { q: Some(q.clone()), before: cursor, limit: ROWS + 1 }).await?;
    let rows: Vec<CompanyRow> = found.iter().take(rows_shown()).map(row).collect();
    let next = rows.last().filter(|_| found.len() > rows.len()).map(|last| last.id.clone());
    let pager = older(COMPANIES, &[("q", &q)], next);
    part(&operator, &CompaniesPage { q, rows, pager }, "results").await
}

fn rows_shown() -> usize {
    usize::try_from(ROWS).unwrap_or_default()
}

#[handler]
async fn new(operator: Operator) -> Result<Response> {
    let blank = CompanyNewPage {
        name: String::new(),
        slug: String::new(),
        contact_email: String::new(),
        locale: operator.locale.as_str().to_owned(),
        seats: "10".to_owned(),
        errors: Errors::new(),
    };
    page(&operator, &blank).await
}

#[handler]
async fn onboard(operator: Operator, form: Form) -> Result<Response> {
    let onboarded = match form.read::<Input>(PLAIN) {
        Ok(input) => operator.edge.app.platform(&operator.caller(), Onboard(input)).await,
        Err(error) => Err(error),
    };
    match onboarded {
        Ok(onboarded) => made(operator, onboarded).await,
        Err(error) => {
            let wrong = Wrong::of(operator.locale, error)?;
            let again = CompanyNewPage {
                name: form.typed("name"),
                slug: form.typed("slug"),
                contact_email: form.typed("contact_email"),
                locale: form.typed("locale"),
                seats: form.typed("seats"),
                errors: wrong.errors,
            };
            whole(&operator, wrong.status, &again).await
        }
    }
}

/// The company with its key, which nobody sees again.
async fn made(operator: Operator, onboarded: Onboarded) -> Result<Response> {
    let operator = operator.at(&address(onboarded.company.id.into()));
    let filled = CompanyPage { key: Some(onboarded.signup_key), ..filled(&operator, &onboarded.company) };
    whole(&operator, StatusCode::OK, &filled).await
}

#[handler]
async fn show(operator: Operator, Path(id): Path<Id<Tenant>>) -> Result<Response> {
    let company = operator.platform(Show(id)).await?;
    page(&operator, &filled(&operator, &company)).await
}

#[handler]
async fn save(operator: Operator, Path(id): Path<Id<Tenant>>, form: Form) -> Result<Response> {
    let version = form.version()?;
    let company = operator.platform(Show(id)).await?;
    let limited = match seats(&form) {
        Ok(seats) => {
            let limits = Limits {
                name: form.typed("name"),
                contact_email: form.typed("contact_email"),
                seats,
                suspended: company.status == "suspended",
            };
            operator.edge.app.platform(&operator.caller(), Limit { id, version, limits }).await
        }
        Err(error) => Err(error),
    };
    match limited {
        Ok(_) => Ok(done(&operator, &address(id), Flash::new("saved"))),
        Err(error) => {
            let wrong = Wrong::of(operator.locale, error)?;
            let again = CompanyPage {
                name: form.typed("name"),
                contact_email: form.typed("contact_email"),
                seats: form.typed("seats"),
                errors: wrong.errors,
                ..filled(&operator, &company)
            };
            whole(&operator, wrong.status, &again).await
        }
    }
}

fn seats(form: &Form) -> Result<i32, Error> {
    form.text("seats").trim().parse().map_err(|_| Error::field("seats", "not_an_integer"))
}

#[handler]
async fn suspend(operator: Operator, Path(id): Path<Id<Tenant>>) -> Result<Response> {
    admit(&operator, id, false).await
}

#[handler]
async fn resume(operator: Operator, Path(id): Path<Id<Tenant>>) -> Result<Response> {
    admit(&operator, id, true).await
}

async fn admit(operator: &Operator, id: Id<Tenant>, admitted: bool) -> Result<Response> {
    let company = operator.platform(Show(id)).await?;
    let limits = Limits { name: company.name, contact_email: company.contact_email, seats: company.seats, suspended: !admitted };
    operator.platform(Limit { id, version: company.version, limits }).await?;
    Ok(done(operator, &address(id), Flash::new(if admitted { "company_resumed" } else { "company_suspended" })))
}

#[handler]
async fn make_key(operator: Operator, Path(id): Path<Id<Tenant>>) -> Result<Response> {
    let onboarded = operator.platform(NewKey(id)).await?;
    made(operator, onboarded).await
}

#[handler]
async fn send_key(operator: Operator, Path(id): Path<Id<Tenant>>) -> Result<Response> {
    let company = operator.platform(SendKey(id)).await?;
    Ok(done(&operator, &address(id), Flash::new("key_sent").with("email", &company.contact_email)))
}

fn row(company: &Company) -> CompanyRow {
    CompanyRow {
        id: company.id.to_string(),
        name: company.name.clone(),
        slug: company.slug.clone(),
        email: company.contact_email.clone(),
        status: company.status.clone(),
        seats: u32::try_from(company.seats).unwrap_or_default(),
        used: u32::try_from(company.seats_used).unwrap_or_default(),
        left: u32::try_from(company.seats_left).unwrap_or_default(),
        created_at: company.created_at,
    }
}

fn filled(operator: &Operator, company: &Company) -> CompanyPage {
    let state = key_state(company, operator.edge.app.clock().now());
    CompanyPage {
        version: company.version.into(),
        key_state: state.to_owned(),
        key_expires_at: company.key_expires_at.filter(|_| state == "active"),
        key: None,
        name: company.name.clone(),
        contact_email: company.contact_email.clone(),
        seats: company.seats.to_string(),
        errors: Errors::new(),
        company: row(company),
    }
}

fn key_state(company: &Company, now: DateTime<Utc>) -> &'static str {
    match company.key_expires_at {
        _ if company.status != "pending" => "used",
        Some(until) if until > now => "active",
        _ if company.key_locked => "locked",
        None => "none",
        Some(_) => "expired",
    }
}
