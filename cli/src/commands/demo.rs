//! `millwright demo`.

use domain::App;

use crate::args::Excavators;
use crate::config::{self, Variables};
use crate::demo::{self, Account};
use crate::excavators::{self, Login, Target};
use crate::terminal::{note, say, step};

use super::connection::connect;
use super::password;

const CONNECTIONS: u32 = 4;

/// Makes the demonstration companies and prints who may log in. On a server of somebody's own their password is no known
/// one, but made from the server's secret.
pub async fn seed(variables: &Variables) -> anyhow::Result<()> {
    let core = config::core(variables)?;
    let app = connect(&core, CONNECTIONS).await?;
    let accounts = fill(&app, &demo::password_of(app.settings())).await?;
    show(&accounts);
    Ok(())
}

/// Makes what is missing of the demonstration and answers who may log in.
pub async fn fill(app: &App, password: &str) -> anyhow::Result<Vec<Account>> {
    step("seeding demonstration data", demo::seed(app, password)).await
}

/// One line an account: who it is, the address, the password.
pub fn show(accounts: &[Account]) {
    let width = |of: fn(&Account) -> &str| accounts.iter().map(|account| of(account).chars().count()).max().unwrap_or_default();
    let (who, email) = (width(|account| &account.who), width(|account| &account.email));
    for account in accounts {
        say(format!("  {:who$}  {:email$}  {}", account.who, account.email, account.password));
    }
}

/// Brings the excavators' work orders in and says what became of them.
pub async fn excavators(into: Excavators) -> anyhow::Result<()> {
    let (email, password) = match into.email {
        Some(email) => (email, password::read()?),
        None => (demo::admin()?, if into.password_stdin { password::read()? } else { demo::PASSWORD.to_owned() }),
    };
    let target = Target { url: into.url, login: Login { email, password, company: into.company } };
    let summary = excavators::bring(target, excavators::FILE).await?;
    for skipped in &summary.skipped {
        note(format!("skipped {skipped}"));
    }
    let (added, known) = (summary.added, summary.known);
    say(format!("work orders added: {added}; already there: {known}; skipped: {}", summary.skipped.len()));
    Ok(())
}
