//! `millwright worker`.

use worker::{mail, telegram};

use crate::config::{self, Delivery, JobLimits, LaneLimit, MailTransport, Telegram, Variables};
use crate::parts::{self, Parts};
use crate::shutdown::Signals;

use super::connection::{connect, show};

/// Open connections of a worker process, beside those of its queue.
const CONNECTIONS: u32 = 12;

/// Runs background jobs until a signal.
pub async fn run(variables: &Variables) -> anyhow::Result<()> {
    let (core, delivery, metrics_listen) = config::worker(variables)?;
    let signals = Signals::listen()?;
    show(variables);
    let app = connect(&core, CONNECTIONS).await?;
    let mut parts = Parts::default();
    parts.start("worker", |stop| worker::run(app, settings(delivery), stop));
    if let Some(listen) = metrics_listen {
        parts.start("metrics", |stop| api::serve_metrics(listen, stop));
    }
    parts::run(parts, signals).await
}

/// What `worker` wants to know.
pub fn settings(delivery: Delivery) -> worker::Config {
    let route = match delivery.mail {
        MailTransport::Server(url) => mail::Route::Smtp(url.into()),
        MailTransport::Folder(folder) => mail::Route::Folder(folder),
    };
    let mail = mail::Config { route, from: delivery.mail_from };
    let mut config = worker::Config::new(mail, delivery.telegram.as_ref().map(bot));
    config.mail_networks = delivery.mail_networks;
    limit(&mut config, &delivery.limits);
    config
}

/// What a company may ask of each lane, where something is said about it.
fn limit(config: &mut worker::Config, limits: &JobLimits) {
    for lane in &mut config.lanes {
        let said = |limits: &[LaneLimit]| limits.iter().rev().find(|limit| limit.lane == lane.lane).map(|limit| limit.jobs);
        if let Some(jobs) = said(&limits.running) {
            lane.limits.running = jobs;
        }
        if let Some(jobs) = said(&limits.per_minute) {
            lane.limits.per_minute = jobs;
        }
    }
}

/// How the bot is reached.
pub fn bot(telegram: &Telegram) -> telegram::Config {
    telegram::Config { token: telegram.token.expose().to_owned(), api_url: telegram.api_url.as_ref().map(ToString::to_string) }
}
