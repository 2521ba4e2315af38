//! The application behind a command: connected by what the environment says.

use anyhow::Context;
use domain::kernel::clock::Clock;
use domain::kernel::files::Files;
use domain::kernel::secret::Secret;
use domain::{App, Settings};

use crate::config::{self, Core, Variables};
use crate::terminal;

/// Writes the configuration, masked, before it is used.
pub fn show(variables: &Variables) {
    for line in config::summary(variables) {
        terminal::note(line);
    }
}

/// The application, connected.
pub async fn connect(core: &Core, max_connections: u32) -> anyhow::Result<App> {
    let secret = Secret::new(core.secret.expose().as_bytes()).context("MILLWRIGHT_SECRET is too short")?;
    let files = Files::open(&core.files).await.context("MILLWRIGHT_FILES names a store that cannot be used")?;
    let settings = Settings {
        database_url: core.database.url.to_string(),
        max_connections,
        secret,
        public_url: core.public_url.as_str().trim_end_matches('/').to_owned(),
        workflows: None,
        files,
        exports: core.exports,
    };
    App::connect(settings, Clock::system()).await.context("the database cannot be used")
}
