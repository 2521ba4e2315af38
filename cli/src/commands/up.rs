//! `millwright up`: everything in one process, for one machine, from nothing.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use reqwest::Url;

use crate::cluster::Cluster;
use crate::config::{self, MailTransport, Variables};
use crate::demo::{self, Account};
use crate::home::Home;
use crate::parts::{DRAIN, Parts};
use crate::shutdown::Signals;
use crate::terminal::{note, say, step};

use super::connection;

const LISTEN: &str = "127.0.0.1:8080";
const MAIL_FROM: &str = "Millwright <millwright@localhost>";
/// API and worker share the pool of one process.
const CONNECTIONS: u32 = 32;
/// How long the API may take to answer for the first time.
const READY_LIMIT: Duration = Duration::from_mins(1);
const READY_POLL: Duration = Duration::from_millis(20);

/// Runs everything until a signal, and stops everything again, whatever happened in between.
pub async fn run(mut variables: Variables, listen: Option<SocketAddr>) -> anyhow::Result<()> {
    let mut signals = Signals::listen()?;
    let home = Home::open(&std::env::current_dir()?)?;
    set_defaults(&mut variables, &home, listen)?;
    let mut cluster = None;
    let mut parts = Parts::default();
    let result = tokio::select! {
        result = start(&home, variables, &mut cluster, &mut parts) => result,
        () = signals.next() => Err(anyhow::anyhow!("stopped while starting")),
    };
    let result = match result {
        Ok(ready) => {
            ready.show();
            watch(&mut signals, &mut cluster, &mut parts).await
        }
        Err(error) => Err(error),
    };
    let stopped = parts.stop(&mut signals, DRAIN).await;
    let closed = match cluster {
        Some(cluster) => step("stopping PostgreSQL", cluster.stop()).await,
        None => Ok(()),
    };
    result.and(stopped).and(closed)
}

/// Waits for a signal, or for something that ends by itself.
async fn watch(signals: &mut Signals, cluster: &mut Option<Cluster>, parts: &mut Parts) -> anyhow::Result<()> {
    let database = async {
        match cluster {
            Some(cluster) => cluster.ended().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        () = signals.next() => Ok(()),
        error = parts.ended() => Err(error),
        error = database => Err(error),
    }
}

/// What is running now, for the person who started it.
struct Ready {
    url: String,
    mail: bool,
    accounts: Vec<Account>,
}

impl Ready {
    fn show(&self) {
        say(format!("ready {}", self.url));
        if self.mail {
            say(format!("mail  {}/dev/mail", self.url));
        }
        if !self.accounts.is_empty() {
            say("demonstration accounts:");
            super::demo::show(&self.accounts);
        }
        note("Ctrl-C stops everything");
    }
}

async fn start(home: &Home, mut variables: Variables, cluster: &mut Option<Cluster>, parts: &mut Parts) -> anyhow::Result<Ready> {
    let private = variables.get(config::DATABASE_URL).is_none();
    if private {
        let started = step("starting PostgreSQL", Cluster::start(home.path())).await?;
        variables.set(config::DATABASE_URL, started.url());
        *cluster = Some(started);
    }
    let (core, edge, delivery) = config::everything(&variables)?;
    connection::show(&variables);
    refuse_taken(edge.listen)?;
    step("migrating the database", domain::kernel::migrate::migrate(core.database.migrate_url.as_str())).await?;
    let app = step("connecting", connection::connect(&core, CONNECTIONS)).await?;
    // what is meant to be looked at exists only where nobody else can look
    let demonstration = private && edge.listen.ip().is_loopback();
    let accounts = if demonstration { super::demo::fill(&app, demo::PASSWORD).await? } else { Vec::new() };
    let dev_mail = match &delivery.mail {
        MailTransport::Folder(folder) if demonstration => Some(folder.clone()),
        _ => None,
    };
    let (listen, mail) = (edge.listen, dev_mail.is_some());
    let edge = super::api::settings(edge, dev_mail, delivery.telegram.as_ref()).await;
    let delivery = super::worker::settings(delivery);
    let worker_app = app.clone();
    parts.start("API", |stop| api::serve(app, edge, stop));
    parts.start("worker", |stop| worker::run(worker_app, delivery, stop));
    step("waiting for the first answer", first_answer(listen, parts)).await?;
    Ok(Ready { url: core.public_url.as_str().trim_end_matches('/').to_owned(), mail, accounts })
}

/// What a machine of one's own needs, below what the environment says. The address of the private database follows
/// once it runs.
fn set_defaults(variables: &mut Variables, home: &Home, listen: Option<SocketAddr>) -> anyhow::Result<()> {
    if let Some(listen) = listen {
        variables.set(config::LISTEN, listen.to_string());
    }
    variables.set_default(config::LISTEN, LISTEN);
    if let Some(listen) = variables.get(config::LISTEN).and_then(|text| text.parse().ok()) {
        variables.set_default(config::PUBLIC_URL, format!("http://{}", reachable(listen)));
    }
    variables.set_default(config::SECRET, home.secret()?);
    variables.set_default(config::FILES, folder_url(&home.folder("files")?)?);
    variables.set_default(config::SMTP_URL, folder_url(&home.folder("mail")?)?);
    variables.set_default(config::MAIL_FROM, MAIL_FROM);
    Ok(())
}

fn folder_url(folder: &Path) -> anyhow::Result<String> {
    let url = Url::from_file_path(folder).ok().context("a folder's path must be absolute")?;
    Ok(url.into())
}

/// An address to connect to: what listens on every address is reached through this machine's own.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = if listen.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { listen.ip() };
    SocketAddr::new(ip, listen.port())
}

/// Says that an address is taken before minutes of work end in that error.
fn refuse_taken(listen: SocketAddr) -> anyhow::Result<()> {
    TcpListener::bind(listen).with_context(|| format!("MILLWRIGHT_LISTEN names {listen}, which cannot be had"))?;
    Ok(())
}

/// Asks until the API answers that it is ready, or a part ends.
async fn first_answer(listen: SocketAddr, parts: &mut Parts) -> anyhow::Result<()> {
    let url = format!("http://{}/readyz", reachable(listen));
    let client = reqwest::Client::builder().no_proxy().timeout(READY_LIMIT).build()?;
    let asking = async {
        loop {
            let answer = client.get(&url).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            tokio::time::sleep(READY_POLL).await;
        }
    };
    tokio::select! {
        () = asking => Ok(()),
        error = parts.ended() => Err(error),
        () = tokio::time::sleep(READY_LIMIT) => Err(anyhow::anyhow!("{url} does not answer")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defaults(environment: &[(&str, &str)], listen: Option<&str>) -> Variables {
        let parent = tempfile::tempdir().expect("a folder");
        let home = Home::open(parent.path()).expect("the folder is free");
        let pairs = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let mut variables: Variables = pairs.collect();
        set_defaults(&mut variables, &home, listen.map(|text| text.parse().expect("an address"))).expect("defaults");
        variables
    }

    #[test]
    fn the_defaults_lack_nothing_but_the_database() {
        let mut variables = defaults(&[], None);
        variables.set(config::DATABASE_URL, "postgres://postgres@localhost/millwright?host=/run/x");
        let (core, edge, delivery) = config::everything(&variables).expect("the defaults are right");
        assert_eq!(core.public_url.as_str(), "http://127.0.0.1:8080/");
        assert_eq!(edge.listen, LISTEN.parse().expect("an address"));
        assert!(matches!(delivery.mail, MailTransport::Folder(folder) if folder.ends_with(".millwright/mail")));
    }

    #[test]
    fn the_argument_beats_the_environment_and_that_beats_the_default() {
        let environment = [(config::LISTEN, "127.0.0.1:9000"), (config::MAIL_FROM, "a@example.org")];
        assert_eq!(defaults(&environment, None).get(config::PUBLIC_URL), Some("http://127.0.0.1:9000"));
        let argued = defaults(&environment, Some("127.0.0.1:9001"));
        assert_eq!(argued.get(config::LISTEN), Some("127.0.0.1:9001"));
        assert_eq!(argued.get(config::PUBLIC_URL), Some("http://127.0.0.1:9001"));
        assert_eq!(argued.get(config::MAIL_FROM), Some("a@example.org"));
    }

    #[test]
    fn what_listens_everywhere_is_reached_here() {
        let variables = defaults(&[], Some("0.0.0.0:8080"));
        assert_eq!(variables.get(config::PUBLIC_URL), Some("http://127.0.0.1:8080"));
    }

    #[test]
    fn an_address_that_is_taken_is_named() {
        let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = taken.local_addr().expect("an address");
        let error = refuse_taken(address).expect_err("it is taken").to_string();
        assert!(error.contains(&address.to_string()), "{error}");
    }

    #[tokio::test]
    async fn a_part_that_ends_is_told_instead_of_waited_for() {
        rustls::crypto::ring::default_provider().install_default().ok();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        drop(listener);
        let mut parts = Parts::default();
        parts.start("API", |_| async { Err(anyhow::anyhow!("no")) });
        let error = first_answer(address, &mut parts).await.expect_err("nobody answers");
        assert_eq!(format!("{error:#}"), "the API failed: no");
    }
}
