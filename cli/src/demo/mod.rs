//! The demonstration: companies that are plainly none, brought to life the way real ones are, so that there is something
//! to look at. An operator onboards them, people sign up and accept invitations, and ninety days of work orders are asked
//! for, approved and done by those who may, on a clock that is moved through these days.
//!
//! What was begun and cut short is completed by the next run; what is complete is left as its people changed it.

mod catalogue;
mod company;
mod file;
mod orders;
mod plan;
#[cfg(test)]
mod tests;

use std::fmt::Write;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use domain::identity::Account as AccountOf;
use domain::identity::company::{Company, Limit, Limits};
use domain::kernel::clock::Clock;
use domain::kernel::id::Id;
use domain::kernel::platform::Caller;
use domain::kernel::scope::Request;
use domain::{App, Error, Settings};

use file::CompanyFile;

/// The password of every account on a private database that only this machine reaches.
pub const PASSWORD: &str = "tek-korsetu-ushin-7";

/// The operator of the platform.
const OPERATOR: &str = "operator@millwright.example";
/// The companies begin so long before now.
const AGE: TimeDelta = TimeDelta::days(91);
/// Places a company has while it is being filled: what tells one that was cut short from a complete one.
const DRAFT_SEATS: i32 = 99_999;
/// Places it has from then on.
const SEATS: i32 = 25;
/// One after the other, the steps of a company need no more.
const CONNECTIONS: u32 = 2;

/// Somebody who may log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The company and the role there.
    pub who: String,
    /// The address.
    pub email: String,
    /// The password.
    pub password: String,
}

/// The administrator of the first company, who may bring work orders in.
pub fn admin() -> anyhow::Result<String> {
    Ok(file::load(file::DALA)?.admin()?.email.clone())
}

/// A password for a demonstration on somebody's own server: the same at every run, and known to whoever has its secret.
pub fn password_of(settings: &Settings) -> String {
    settings.secret.derive("demonstration password").iter().take(10).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Makes what is missing of the demonstration and answers who may log in, the operator first.
pub async fn seed(app: &App, password: &str) -> anyhow::Result<Vec<Account>> {
    make_operator(app, password).await?;
    let files = [file::load(file::DALA)?, file::load(file::LOJISTIK)?];
    let [dala, lojistik] = &files;
    // boxed: all the actions of a company's life make a large future
    tokio::try_join!(Box::pin(fill(app, dala, password)), Box::pin(fill(app, lojistik, password)))?;
    let operator = Account { who: "operator".to_owned(), email: OPERATOR.to_owned(), password: password.to_owned() };
    let people = files.iter().flat_map(|file| {
        file.people.iter().map(|person| Account {
            who: format!("{}: {}", file.name, person.role.replace('_', " ")),
            email: person.email.clone(),
            password: password.to_owned(),
        })
    });
    Ok(std::iter::once(operator).chain(people).collect())
}

async fn make_operator(app: &App, password: &str) -> anyhow::Result<()> {
    match app.create_operator(OPERATOR, "Operator", password).await {
        Err(Error::Invalid(errors)) if errors.iter().all(|error| error.code == "taken") => Ok(()),
        made => made.context("the operator cannot be made"),
    }
}

/// The operator as a caller. Whoever starts this program has the database and needs no account to onboard companies.
fn operator() -> Caller {
    Caller { account: Some(Id::<AccountOf>::new()), operator: true, request: Request::internal("demo") }
}

async fn fill(app: &App, file: &CompanyFile, password: &str) -> anyhow::Result<()> {
    if let Some(known) = company::find(app, &file.slug).await?
        && known.seats != DRAFT_SEATS
    {
        return Ok(());
    }
    let now = app.clock().now();
    let settings = Settings { max_connections: CONNECTIONS, ..app.settings().clone() };
    let then = App::connect(settings, Clock::fixed(now - AGE)).await?;
    bring_to_life(&then, file, password, now).await.with_context(|| format!("{} cannot be made", file.name))
}

async fn bring_to_life(app: &App, file: &CompanyFile, password: &str, now: DateTime<Utc>) -> anyhow::Result<()> {
    let company = company::open(app, file, password).await?;
    let admin = company::admin(app, &company, file).await?;
    let places = catalogue::places(app, &admin, file).await?;
    let people = company::people(app, &company, &admin, file, &places, password).await?;
    let things = catalogue::things(app, &admin, file, &places).await?;
    orders::play(app, &people, &things, file, now).await?;
    finish(app, company).await
}

async fn finish(app: &App, company: Company) -> anyhow::Result<()> {
    let limits = Limits { name: company.name, contact_email: company.contact_email, seats: SEATS, suspended: false };
    app.platform(&operator(), Limit { id: company.id.into(), version: company.version, limits }).await?;
    Ok(())
}
