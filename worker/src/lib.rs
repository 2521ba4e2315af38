//! Background work: the queue and its handlers, mail, Telegram. One process runs it beside the API or alone; several may run at
//! once and share the work.

pub mod breaker;
pub mod chat;
mod documents;
mod exports;
pub mod jobs;
pub mod mail;
pub mod public;
pub mod queue;
pub mod registry;
pub mod schedule;
pub mod telegram;
pub mod timers;

use domain::App;
use domain::kernel::jobs::Lane;
use ipnetwork::IpNetwork;
use tokio_util::sync::CancellationToken;

use crate::jobs::Post;
use crate::queue::{LaneConfig, Timing, leader};
use crate::telegram::Telegram;
use crate::telegram::poll::Poller;

/// Connections kept at most: a claim and a writer of verdicts for each lane, renewals, the listener, upkeep, the stager, the
/// schedules and the poller; and progress.
const CONNECTIONS: u32 = 11;

/// How a worker works.
#[derive(Clone, Debug)]
pub struct Config {
    /// How letters go out.
    pub mail: mail::Config,
    /// The bot, if there is one.
    pub telegram: Option<telegram::Config>,
    /// The lanes this process works.
    pub lanes: Vec<LaneConfig>,
    /// The queue's clocks.
    pub timing: Timing,
    /// Private networks companies' own mail servers may be in.
    pub mail_networks: Vec<IpNetwork>,
}

impl Config {
    /// Both lanes, with the figures a small installation runs well with.
    pub fn new(mail: mail::Config, telegram: Option<telegram::Config>) -> Self {
        Self { mail, telegram, lanes: Lane::ALL.map(LaneConfig::of).into(), timing: Timing::default(), mail_networks: Vec::new() }
    }
}

/// Why a worker could not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Mail cannot be sent so.
    #[error("mail: {0}")]
    Mail(#[from] mail::ConfigError),
    /// The bot cannot be reached so.
    #[error("Telegram: {0}")]
    Telegram(#[from] telegram::ConfigError),
    /// The worker's role cannot be taken on.
    #[error(transparent)]
    Database(#[from] domain::Error),
    /// The queue is missing or closed to the worker's role.
    #[error("the queue: {0}")]
    Queue(#[from] sqlx::Error),
}

/// Works until `shutdown` is cancelled; then claims nothing more, gives running handlers 25 seconds and releases the rest.
///
/// # Errors
/// Only at the start, for a configuration that cannot work. Once it runs, an outage of the database, the mail server or Telegram
/// is waited out.
pub async fn run(app: App, config: Config, shutdown: CancellationToken) -> Result<(), Error> {
    let mailer = mail::Mailer::new(&config.mail)?.reaching(config.mail_networks);
    let telegram = config.telegram.as_ref().map(Telegram::new).transpose()?;
    let pool = app.queue_pool(CONNECTIONS).await?;
    queue::pool::check(&pool).await?;
    let poller = telegram.clone().map(|bot| {
        let poller = Poller::new(bot.clone(), chat::Chat::new(app.clone(), bot));
        tokio::spawn(leader::lead(pool.clone(), poller, shutdown.clone()))
    });
    let stager = timers::Stager::new(app.clock().clone());
    let stager = tokio::spawn(leader::lead(pool.clone(), stager, shutdown.clone()));
    let ticker = schedule::Ticker::new(schedule::SCHEDULES, schedule::Time::Database);
    let ticker = tokio::spawn(leader::lead(pool.clone(), ticker, shutdown.clone()));
    let registry = jobs::registry(&Post { app, mailer, telegram });
    queue::serve(pool, registry, &config.lanes, config.timing, shutdown).await;
    let _ = tokio::join!(stager, ticker);
    if let Some(poller) = poller {
        let _ = poller.await;
    }
    Ok(())
}
