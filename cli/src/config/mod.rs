//! The configuration: environment variables in, typed values out, every mistake named in one line.
//!
//! Each part of the program asks for the variables it needs and for no more, so that a migration does not fail for
//! want of a mail server. `up` puts its own defaults below the environment and then reads like everyone else.

mod reader;
mod value;

#[cfg(test)]
mod tests;

use std::fmt;
use std::net::SocketAddr;

use domain::exports::Limits;
use domain::kernel::files::Place;
use ipnetwork::IpNetwork;
use reqwest::Url;

use reader::Reader;
pub use reader::{Problems, Variables};
pub use value::{Hidden, LaneLimit, MailTransport};

/// The connection string of the role the application works as (or of a superuser, on a small installation).
pub const DATABASE_URL: &str = "DATABASE_URL";
/// The connection string of the role that migrates; `DATABASE_URL` where it is not set.
pub const MIGRATE_DATABASE_URL: &str = "MILLWRIGHT_MIGRATE_DATABASE_URL";
/// Where API and pages listen.
pub const LISTEN: &str = "MILLWRIGHT_LISTEN";
/// Where `/metrics` listens; no metrics are served where it is not set.
pub const METRICS_LISTEN: &str = "MILLWRIGHT_METRICS_LISTEN";
/// The address people reach the pages under; links in mail begin with it.
pub const PUBLIC_URL: &str = "MILLWRIGHT_PUBLIC_URL";
/// What tokens and signed links are keyed with.
pub const SECRET: &str = "MILLWRIGHT_SECRET";
/// The mail server, or a folder that keeps the mail.
pub const SMTP_URL: &str = "MILLWRIGHT_SMTP_URL";
/// The sender of all mail.
pub const MAIL_FROM: &str = "MILLWRIGHT_MAIL_FROM";
/// Private networks that companies' own mail servers may be in.
pub const MAIL_NETWORKS: &str = "MILLWRIGHT_MAIL_NETWORKS";
/// The Telegram bot's token; no Telegram where it is not set.
pub const TELEGRAM_TOKEN: &str = "MILLWRIGHT_TELEGRAM_TOKEN";
/// The Bot API's address, for a Bot API server of one's own.
pub const TELEGRAM_API_URL: &str = "MILLWRIGHT_TELEGRAM_API_URL";
/// Where files are kept: a folder or an S3 bucket.
pub const FILES: &str = "MILLWRIGHT_FILES";
/// How many jobs a company may have running at once, by lane.
pub const JOBS_RUNNING: &str = "MILLWRIGHT_JOBS_RUNNING";
/// How many jobs a company may begin a minute, by lane.
pub const JOBS_PER_MINUTE: &str = "MILLWRIGHT_JOBS_PER_MINUTE";
/// The most rows of a list as a file.
pub const EXPORT_ROWS: &str = "MILLWRIGHT_EXPORT_ROWS";
/// The networks whose forwarding headers are believed.
pub const TRUSTED_PROXIES: &str = "MILLWRIGHT_TRUSTED_PROXIES";

/// Every variable of ours, in the order of the summary.
const NAMES: [&str; 16] = [
    DATABASE_URL,
    MIGRATE_DATABASE_URL,
    LISTEN,
    METRICS_LISTEN,
    PUBLIC_URL,
    SECRET,
    SMTP_URL,
    MAIL_FROM,
    MAIL_NETWORKS,
    TELEGRAM_TOKEN,
    TELEGRAM_API_URL,
    FILES,
    JOBS_RUNNING,
    JOBS_PER_MINUTE,
    EXPORT_ROWS,
    TRUSTED_PROXIES,
];

/// Where the database is.
#[derive(Clone)]
pub struct Database {
    /// For the work.
    pub url: Url,
    /// For migrations.
    pub migrate_url: Url,
}

impl fmt::Debug for Database {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |url: &Url| value::masked(DATABASE_URL, url.as_str());
        out.debug_struct("Database").field("url", &shown(&self.url)).field("migrate_url", &shown(&self.migrate_url)).finish()
    }
}

/// What every running part needs.
#[derive(Debug, Clone)]
pub struct Core {
    /// The database.
    pub database: Database,
    /// Scheme and host, no path.
    pub public_url: Url,
    /// The key of tokens and signed links.
    pub secret: Hidden,
    /// The file store.
    pub files: Place,
    /// What exports may cost.
    pub exports: Limits,
}

/// What serving HTTP needs.
#[derive(Debug, Clone)]
pub struct Edge {
    /// Where API and pages listen.
    pub listen: SocketAddr,
    /// Where `/metrics` listens.
    pub metrics_listen: Option<SocketAddr>,
    /// Whose forwarding headers are believed.
    pub trusted_proxies: Vec<IpNetwork>,
}

/// What delivering messages needs.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The mail server or folder.
    pub mail: MailTransport,
    /// The sender, `Name <address>` or an address.
    pub mail_from: String,
    /// Private networks that companies' own mail servers may be in.
    pub mail_networks: Vec<IpNetwork>,
    /// Token and address of the Bot API.
    pub telegram: Option<Telegram>,
    /// What one company may ask of the queue, where it is not what the worker would say.
    pub limits: JobLimits,
}

/// What one company may ask of the queue, unless its plan says otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JobLimits {
    /// Jobs running at once.
    pub running: Vec<LaneLimit>,
    /// Jobs begun a minute.
    pub per_minute: Vec<LaneLimit>,
}

/// A Telegram bot.
#[derive(Debug, Clone)]
pub struct Telegram {
    /// The token of the bot.
    pub token: Hidden,
    /// The Bot API's address, where it is not Telegram's own.
    pub api_url: Option<Url>,
}

/// The database alone, for `migrate`: either variable will do.
pub fn migration(variables: &Variables) -> Result<Url, Problems> {
    let mut reader = Reader::new(variables);
    let own = reader.optional(MIGRATE_DATABASE_URL, value::postgres);
    let url = if variables.get(MIGRATE_DATABASE_URL).is_some() { own } else { reader.required(DATABASE_URL, value::postgres) };
    reader.finish(url)
}

/// Everything but HTTP and delivery.
pub fn core(variables: &Variables) -> Result<Core, Problems> {
    let mut reader = Reader::new(variables);
    let core = read_core(&mut reader);
    reader.finish(core)
}

/// What `millwright api` needs: the bot too, for links to it.
pub fn api(variables: &Variables) -> Result<(Core, Edge, Option<Telegram>), Problems> {
    let mut reader = Reader::new(variables);
    let (core, edge) = (read_core(&mut reader), read_edge(&mut reader));
    let telegram = read_telegram(&mut reader);
    reader.finish(core.zip(edge).map(|(core, edge)| (core, edge, telegram)))
}

/// What `millwright worker` needs, and where it serves `/metrics`.
pub fn worker(variables: &Variables) -> Result<(Core, Delivery, Option<SocketAddr>), Problems> {
    let mut reader = Reader::new(variables);
    let (core, delivery) = (read_core(&mut reader), read_delivery(&mut reader));
    let metrics_listen = reader.optional(METRICS_LISTEN, value::socket_address);
    reader.finish(core.zip(delivery).map(|(core, delivery)| (core, delivery, metrics_listen)))
}

/// What `millwright up` needs, once its defaults are below the environment.
pub fn everything(variables: &Variables) -> Result<(Core, Edge, Delivery), Problems> {
    let mut reader = Reader::new(variables);
    let core = read_core(&mut reader);
    let edge = read_edge(&mut reader);
    let delivery = read_delivery(&mut reader);
    reader.finish(core.zip(edge).zip(delivery).map(|((core, edge), delivery)| (core, edge, delivery)))
}

fn read_core(reader: &mut Reader<'_>) -> Option<Core> {
    let url = reader.required(DATABASE_URL, value::postgres);
    let migrate_url = reader.optional(MIGRATE_DATABASE_URL, value::postgres);
    let public_url = reader.required(PUBLIC_URL, value::public_url);
    let secret = reader.required(SECRET, value::secret);
    let files = reader.required(FILES, value::files).map(|place| with_credentials(place, reader.variables()));
    let rows = reader.defaulted(EXPORT_ROWS, value::rows, || Limits::default().rows);
    reader.pair("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY");
    let url = url?;
    let migrate_url = migrate_url.unwrap_or_else(|| url.clone());
    let exports = Limits { rows: rows?, ..Limits::default() };
    Some(Core { database: Database { url, migrate_url }, public_url: public_url?, secret: secret?, files: files?, exports })
}

/// A bucket is reached by the usual `AWS_…` variables.
fn with_credentials(place: Place, variables: &Variables) -> Place {
    match place {
        Place::Bucket { name, prefix, .. } => {
            let aws = variables.names().filter(|name| name.starts_with("AWS_"));
            let options = aws.filter_map(|name| Some((name.to_owned(), variables.get(name)?.to_owned()))).collect();
            Place::Bucket { name, prefix, options }
        }
        folder @ Place::Folder(_) => folder,
    }
}

fn read_edge(reader: &mut Reader<'_>) -> Option<Edge> {
    let listen = reader.defaulted(LISTEN, value::socket_address, || SocketAddr::from(([127, 0, 0, 1], 8080)));
    let metrics_listen = reader.optional(METRICS_LISTEN, value::socket_address);
    let trusted_proxies = reader.defaulted(TRUSTED_PROXIES, value::networks, Vec::new);
    if listen.is_some() && listen == metrics_listen {
        reader.wrong(METRICS_LISTEN, "must be another address than MILLWRIGHT_LISTEN, as it is not public");
    }
    Some(Edge { listen: listen?, metrics_listen, trusted_proxies: trusted_proxies? })
}

fn read_delivery(reader: &mut Reader<'_>) -> Option<Delivery> {
    let mail = reader.required(SMTP_URL, value::mail_transport);
    let mail_from = reader.required(MAIL_FROM, value::mailbox);
    let mail_networks = reader.defaulted(MAIL_NETWORKS, value::networks, Vec::new);
    let telegram = read_telegram(reader);
    let running = reader.defaulted(JOBS_RUNNING, value::lane_limits, Vec::new);
    let per_minute = reader.defaulted(JOBS_PER_MINUTE, value::lane_limits, Vec::new);
    let limits = JobLimits { running: running?, per_minute: per_minute? };
    Some(Delivery { mail: mail?, mail_from: mail_from?, mail_networks: mail_networks?, telegram, limits })
}

fn read_telegram(reader: &mut Reader<'_>) -> Option<Telegram> {
    let token = reader.optional(TELEGRAM_TOKEN, value::telegram_token);
    let api_url = reader.optional(TELEGRAM_API_URL, value::http_url);
    token.map(|token| Telegram { token, api_url })
}

/// One line a variable that is set, passwords and secrets masked; then a line for every `MILLWRIGHT_…` that means
/// nothing to us, which is most often a misspelt name.
pub fn summary(variables: &Variables) -> Vec<String> {
    let width = NAMES.iter().map(|name| name.len()).max().unwrap_or_default();
    let known = NAMES.iter().filter_map(|name| {
        let shown = value::masked(name, variables.get(name)?);
        Some(format!("{name:width$}  {shown}"))
    });
    let unknown = variables
        .names()
        .filter(|name| name.starts_with("MILLWRIGHT_") && !NAMES.contains(name))
        .map(|name| format!("{name:width$}  is set, but means nothing to this version"));
    known.chain(unknown).collect()
}
