//! `millwright admin`.

use crate::args::NewAdmin;
use crate::config::{self, Variables};
use crate::home::random_hex;
use crate::terminal;

use super::connection::connect;
use super::password;

/// One connection does it.
const CONNECTIONS: u32 = 1;

/// Makes an operator of the installation. A password that was made up is printed once.
pub async fn create(variables: &Variables, new: NewAdmin) -> anyhow::Result<()> {
    let core = config::core(variables)?;
    let (password, made_up) = if new.password_stdin { (password::read()?, false) } else { (random_hex::<10>()?, true) };
    let app = connect(&core, CONNECTIONS).await?;
    let name = new.name.as_deref().unwrap_or(&new.email);
    app.create_operator(&new.email, name, &password).await.map_err(worded)?;
    terminal::say(format!("{} is an operator of this installation", new.email));
    if made_up {
        terminal::say(format!("password  {password}"));
    }
    Ok(())
}

/// What was wrong with the arguments, for a person: codes are words with underscores.
fn worded(error: domain::Error) -> anyhow::Error {
    let domain::Error::Invalid(fields) = error else {
        return error.into();
    };
    let sentence = |field: &domain::FieldError| {
        let wrong = format!("{} is {}", field.field, field.code.replace('_', " "));
        let limits: Vec<_> = field.params.iter().map(|(name, value)| format!("{name} {value}")).collect();
        if limits.is_empty() { wrong } else { format!("{wrong} ({})", limits.join(", ")) }
    };
    anyhow::anyhow!(fields.iter().map(sentence).collect::<Vec<_>>().join("; "))
}
