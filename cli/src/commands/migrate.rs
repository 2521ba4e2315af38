//! `millwright migrate`.

use crate::config::{self, Variables};
use crate::terminal;

/// Brings the database to the newest schema and names the files that did it.
pub async fn run(variables: &Variables) -> anyhow::Result<()> {
    let url = config::migration(variables)?;
    let applied = terminal::step("migrating the database", domain::kernel::migrate::migrate(url.as_str())).await?;
    if applied.is_empty() {
        terminal::say("the database is at the newest schema");
    }
    for name in applied {
        terminal::say(format!("applied {name}"));
    }
    Ok(())
}
