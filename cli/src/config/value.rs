//! One parser a kind of value, and what of it may be shown.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use domain::kernel::files::Place;
use domain::kernel::jobs::Lane;
use ipnetwork::IpNetwork;
use reqwest::Url;

use super::reader::Parsed;
use super::{DATABASE_URL, MIGRATE_DATABASE_URL, SECRET, SMTP_URL, TELEGRAM_API_URL, TELEGRAM_TOKEN};

/// The fewest characters a secret may have: 32 of hexadecimal are 128 bits.
const SECRET_MIN: usize = 32;
const MASK: &str = "••••••";

/// A value that never shows itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(String);

impl Hidden {
    /// The value, for the one who needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(MASK)
    }
}

/// Where mail goes.
#[derive(Clone, PartialEq, Eq)]
pub enum MailTransport {
    /// A mail server, `smtp://` or `smtps://`, with the password it may hold.
    Server(Url),
    /// A folder that keeps each message as a file.
    Folder(PathBuf),
}

impl fmt::Debug for MailTransport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Server(url) => out.debug_tuple("Server").field(&masked_url(url.as_str())).finish(),
            Self::Folder(folder) => out.debug_tuple("Folder").field(folder).finish(),
        }
    }
}

pub(super) fn postgres(text: &str) -> Parsed<Url> {
    const EXPECTED: &str = "a PostgreSQL address such as postgres://user:password@host:5432/database";
    let url = Url::parse(text).map_err(|_| EXPECTED)?;
    let fits = matches!(url.scheme(), "postgres" | "postgresql") && url.path().len() > 1;
    if fits { Ok(url) } else { Err(EXPECTED) }
}

pub(super) fn socket_address(text: &str) -> Parsed<SocketAddr> {
    let address: Option<SocketAddr> = text.parse().ok();
    // port 0 would be any port, which nobody could be told
    address.filter(|address| address.port() != 0).ok_or("an address and a port such as 127.0.0.1:8080")
}

/// A sheet of a spreadsheet has 1,048,576 rows, its head among them.
pub(super) fn rows(text: &str) -> Parsed<u32> {
    text.parse().ok().filter(|rows| (1..=1_048_575).contains(rows)).ok_or("a number from 1 to 1048575")
}

pub(super) fn http_url(text: &str) -> Parsed<Url> {
    const EXPECTED: &str = "an address such as https://example.org";
    let url = Url::parse(text).map_err(|_| EXPECTED)?;
    let fits = matches!(url.scheme(), "http" | "https") && url.has_host();
    if fits { Ok(url) } else { Err(EXPECTED) }
}

pub(super) fn public_url(text: &str) -> Parsed<Url> {
    const EXPECTED: &str = "an address such as https://millwright.example.org, without a path";
    let url = http_url(text).map_err(|_| EXPECTED)?;
    let bare =
        url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    if !bare {
        return Err(EXPECTED);
    }
    // the session cookie is Secure everywhere else, so over plain http nobody could log in
    if url.scheme() == "http" && !on_loopback(&url) {
        return Err("https:// on any host but this machine's own");
    }
    Ok(url)
}

fn on_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

pub(super) fn secret(text: &str) -> Parsed<Hidden> {
    if text.chars().count() < SECRET_MIN {
        return Err("at least 32 random characters, such as `openssl rand -hex 32` makes");
    }
    Ok(Hidden(text.to_owned()))
}

pub(super) fn files(text: &str) -> Parsed<Place> {
    const EXPECTED: &str = "a folder such as file:///var/lib/millwright or a bucket such as s3://bucket/prefix";
    let url = Url::parse(text).map_err(|_| EXPECTED)?;
    match url.scheme() {
        "file" => folder(&url).map(Place::Folder).ok_or(EXPECTED),
        "s3" => {
            let name = url.host_str().filter(|bucket| !bucket.is_empty()).ok_or(EXPECTED)?.to_owned();
            let prefix = url.path().trim_matches('/').to_owned();
            Ok(Place::Bucket { name, prefix, options: Vec::new() })
        }
        _ => Err(EXPECTED),
    }
}

fn folder(url: &Url) -> Option<PathBuf> {
    url.to_file_path().ok().filter(|path| path.parent().is_some())
}

pub(super) fn mail_transport(text: &str) -> Parsed<MailTransport> {
    const EXPECTED: &str = "a mail server such as smtps://user:password@mail.example.org or smtp://localhost:25";
    let url = Url::parse(text).map_err(|_| EXPECTED)?;
    match url.scheme() {
        "smtp" | "smtps" if url.has_host() => Ok(MailTransport::Server(url)),
        "file" => folder(&url).map(MailTransport::Folder).ok_or(EXPECTED),
        _ => Err(EXPECTED),
    }
}

pub(super) fn mailbox(text: &str) -> Parsed<String> {
    const EXPECTED: &str = "a sender such as Millwright <millwright@example.org>";
    let address = match text.split_once('<') {
        Some((_, rest)) => rest.strip_suffix('>').ok_or(EXPECTED)?,
        None => text,
    };
    let (local, domain) = address.split_once('@').ok_or(EXPECTED)?;
    let plain = |part: &str| !part.is_empty() && !part.contains(['@', '<', '>', ',', ';']);
    let blank = address.chars().any(char::is_whitespace) || text.chars().any(char::is_control);
    if plain(local) && plain(domain) && !blank { Ok(text.to_owned()) } else { Err(EXPECTED) }
}

pub(super) fn telegram_token(text: &str) -> Parsed<Hidden> {
    const EXPECTED: &str = "a bot's token such as 123456789:AAE…, as @BotFather gave it";
    let (bot, key) = text.split_once(':').ok_or(EXPECTED)?;
    let digits = !bot.is_empty() && bot.bytes().all(|byte| byte.is_ascii_digit());
    let plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if digits && plain && !key.is_empty() { Ok(Hidden(text.to_owned())) } else { Err(EXPECTED) }
}

/// A limit of one lane of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneLimit {
    /// The lane.
    pub lane: Lane,
    /// How many; any number where there is none.
    pub jobs: Option<u32>,
}

pub(super) fn lane_limits(text: &str) -> Parsed<Vec<LaneLimit>> {
    const EXPECTED: &str = "numbers by lane such as interactive=24,bulk=3, or none where there is no limit";
    let limit = |part: &str| {
        let (lane, jobs) = part.trim().split_once('=')?;
        let jobs = match jobs {
            "none" => None,
            jobs => Some(jobs.parse().ok().filter(|jobs| (1..=1_000_000).contains(jobs))?),
        };
        Some(LaneLimit { lane: Lane::parse(lane)?, jobs })
    };
    text.split(',').map(limit).collect::<Option<_>>().ok_or(EXPECTED)
}

pub(super) fn networks(text: &str) -> Parsed<Vec<IpNetwork>> {
    text.split(',')
        .map(|network| network.trim().parse())
        .collect::<Result<_, _>>()
        .map_err(|_| "networks such as 10.0.0.0/8,127.0.0.1, with commas between them")
}

/// What the summary shows of a variable.
pub(super) fn masked(name: &str, value: &str) -> String {
    match name {
        SECRET | TELEGRAM_TOKEN => MASK.to_owned(),
        DATABASE_URL | MIGRATE_DATABASE_URL | SMTP_URL | TELEGRAM_API_URL => masked_url(value),
        _ => value.to_owned(),
    }
}

/// An address without its password, whether that stands before the host or in the query.
fn masked_url(text: &str) -> String {
    let Ok(mut url) = Url::parse(text) else {
        return MASK.to_owned();
    };
    let query = url.query().map(|query| format!("?{}", masked_query(query))).unwrap_or_default();
    url.set_query(None);
    url.set_fragment(None);
    if url.password().is_none() {
        return format!("{url}{query}");
    }
    // the address itself would write the mask percent-encoded
    match url.as_str().split_once('@').zip(url.as_str().split_once("://")) {
        Some(((_, host), (scheme, _))) => format!("{scheme}://{}:{MASK}@{host}{query}", url.username()),
        None => MASK.to_owned(),
    }
}

fn masked_query(query: &str) -> String {
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if name.to_ascii_lowercase().contains("password") => format!("{name}={MASK}"),
        _ => pair.to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
}
