//! `millwright api`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use templates::Source;

use crate::config::{self, Edge, Telegram, Variables};
use crate::parts::{self, Parts};
use crate::shutdown::Signals;
use crate::terminal;

use super::connection::{connect, show};
use super::worker::bot;

/// Open connections of an API process, at most: PostgreSQL takes a hundred by default.
const CONNECTIONS: u32 = 24;

/// How long the start waits for Telegram to name the bot: pages are served without, too.
const NAME_LIMIT: Duration = Duration::from_secs(5);

/// Serves API and pages until a signal.
pub async fn run(variables: &Variables) -> anyhow::Result<()> {
    let (core, edge, telegram) = config::api(variables)?;
    let signals = Signals::listen()?;
    show(variables);
    let app = connect(&core, CONNECTIONS).await?;
    let settings = settings(edge, None, telegram.as_ref()).await;
    let mut parts = Parts::default();
    parts.start("API", |stop| api::serve(app, settings, stop));
    parts::run(parts, signals).await
}

/// What `api` wants to know. `dev_mail` is the folder shown at `/dev/mail`.
pub async fn settings(edge: Edge, dev_mail: Option<PathBuf>, telegram: Option<&Telegram>) -> api::Config {
    let telegram_bot = match telegram {
        Some(telegram) => bot_name(telegram).await,
        None => None,
    };
    api::Config {
        listen: edge.listen,
        metrics_listen: edge.metrics_listen,
        trusted_proxies: edge.trusted_proxies,
        dev_mail,
        telegram_bot,
        templates: templates(),
    }
}

/// The bot's user name, which the token alone does not tell. Without it nobody can link a chat, and nothing else is lost.
async fn bot_name(telegram: &Telegram) -> Option<String> {
    let asking = async {
        let bot = worker::telegram::Telegram::new(&bot(telegram)).map_err(|error| error.to_string())?;
        bot.name().await.map_err(|error| error.to_string())
    };
    let answer =
        tokio::time::timeout(NAME_LIMIT, asking).await.unwrap_or_else(|_| Err(format!("no answer within {} s", NAME_LIMIT.as_secs())));
    match answer {
        Ok(name) => Some(name).filter(|name| !name.is_empty()),
        Err(reason) => {
            terminal::note(format!("Telegram does not name its bot, so no chat can be linked until the next start: {reason}"));
            None
        }
    }
}

/// A debug build shows templates as they are edited; a release holds its own.
fn templates() -> Source {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("templates");
    if cfg!(debug_assertions) && folder.is_dir() { Source::Folder(folder) } else { Source::Embedded }
}
