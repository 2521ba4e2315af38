//! Letters out: over SMTP, or into a folder where a developer reads them.

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::notify::mail_server::Reach;
use ipnetwork::IpNetwork;

use lettre::address::AddressError;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use tokio::time::Instant;
use uuid::Uuid;

use crate::breaker::Breaker;
use crate::public;
use crate::queue::failure::Failure;

/// A server that does not answer a command within this is tried again later.
const PATIENCE: Duration = Duration::from_secs(20);

/// The replies that speak of this letter or its recipient, so that sending it again changes nothing. Other permanent ones (a
/// refused login, a server that wants encryption) are the operator's to mend, and the letters wait for that.
const REFUSALS: [u16; 10] = [501, 510, 511, 513, 515, 550, 551, 552, 553, 554];

/// The replies that speak of the server or of us, and not of the letter: busy, going away, no login. Every letter would hear the
/// same, so they wait for the server and no attempt is spent.
const SERVERS: [u16; 7] = [421, 432, 454, 530, 534, 535, 538];

/// Why a letter waits that was not tried.
pub const WAITING: &str = "the mail server is down; letters wait for it";

/// How long a company's server is remembered under the address its name had.
const REMEMBERED: Duration = Duration::from_mins(5);

/// Where letters go.
#[derive(Clone)]
pub enum Route {
    /// `smtp://` (plain, or `?tls=required`) or `smtps://`, with the login in it.
    Smtp(String),
    /// One `<delivery id>.eml` a letter.
    Folder(PathBuf),
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // the address may hold a password
            Self::Smtp(_) => f.write_str("Smtp(…)"),
            Self::Folder(path) => f.debug_tuple("Folder").field(path).finish(),
        }
    }
}

/// How mail is sent.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where letters go.
    pub route: Route,
    /// The sender: `Millwright <no-reply@example.com>`.
    pub from: String,
}

/// A configuration that cannot work.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The sender is no mail address.
    #[error("not a sender of mail: {0}")]
    From(#[from] AddressError),
    /// The server's address is not understood. It is not shown, since it may hold a password.
    #[error("not the address of a mail server (smtp://… or smtps://…)")]
    Server,
}

/// One letter to one person.
#[derive(Clone, Copy, Debug)]
pub struct Letter<'a> {
    /// The delivery; becomes the Message-ID, so that a letter sent twice is known for one.
    pub id: Uuid,
    /// The recipient's address.
    pub to: &'a str,
    /// The recipient's name.
    pub name: Option<&'a str>,
    /// The subject line.
    pub subject: &'a str,
    /// The plain text.
    pub text: &'a str,
    /// The same as HTML.
    pub html: &'a str,
}

/// What a letter says to mail programs besides its text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Marks<'a> {
    /// What it is about: letters about one thing are shown as one conversation.
    pub thread: Option<Uuid>,
    /// Where the reader ends letters like it with one press (RFC 8058).
    pub unsubscribe: Option<&'a str>,
}

/// Why a letter was not sent.
enum Unsent {
    /// The server takes none at the moment.
    Server(String),
    /// This one it does not take.
    Letter(Failure),
}

/// Sends letters through one server, which is left alone while it is down. Cheap to clone; connections are kept and shared.
#[derive(Clone)]
pub struct Mailer {
    from: Mailbox,
    way: Way,
    breaker: Breaker,
    own: Arc<Own>,
}

/// Companies' own servers, and the private networks the operator lets them be in.
#[derive(Default)]
struct Own {
    networks: Vec<IpNetwork>,
    servers: Mutex<HashMap<Uuid, (Reach, Mailer, Instant)>>,
}

impl fmt::Debug for Mailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").field("from", &self.from).finish_non_exhaustive()
    }
}

#[derive(Clone)]
enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Folder(PathBuf),
}

impl Mailer {
    /// Reads the configuration; nothing is connected yet. To be called, and dropped, on a tokio runtime.
    ///
    /// # Errors
    /// A sender or server that is not one.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        let from = config.from.parse()?;
        let way = match &config.route {
            Route::Folder(path) => Way::Folder(path.clone()),
            Route::Smtp(url) => {
                let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url);
                Way::Smtp(builder.map_err(|_| ConfigError::Server)?.timeout(Some(PATIENCE)).build())
            }
        };
        Ok(Self { from, way, breaker: Breaker::default(), own: Arc::default() })
    }

    /// Companies' own servers may be in these networks, though they are private.
    #[must_use]
    pub fn reaching(mut self, networks: Vec<IpNetwork>) -> Self {
        self.own = Arc::new(Own { networks, ..Own::default() });
        self
    }

    /// The mailer of a company's own server. Its name is looked up here, once, and what was found is what is connected to.
    ///
    /// # Errors
    /// [`Failure::Later`] while the name leads nowhere, or where letters may not go.
    pub async fn of(&self, tenant: Uuid, reach: &Reach) -> Result<Self, Failure> {
        let known = self.own.servers.lock().unwrap_or_else(PoisonError::into_inner).get(&tenant).cloned();
        if let Some((same, mailer, until)) = known
            && same == *reach
            && Instant::now() < until
        {
            return Ok(mailer);
        }
        let wait = |reason: String| Failure::Later { reason, after: Duration::from_mins(1) };
        let ip = self.look_up(reach).await.map_err(wait)?;
        let from = reach.sender.parse().map_err(|error: AddressError| wait(error.to_string()))?;
        let way = Way::Smtp(transport(reach, ip).map_err(|error| wait(reason(&error)))?);
        let mut servers = self.own.servers.lock().unwrap_or_else(PoisonError::into_inner);
        // the same server under a new address is as well or as ill as it was
        let breaker = servers.get(&tenant).filter(|(same, ..)| same == reach).map(|(_, mailer, _)| mailer.breaker.clone());
        let mailer = Self { from, way, breaker: breaker.unwrap_or_default(), own: Arc::default() };
        servers.insert(tenant, (reach.clone(), mailer.clone(), Instant::now() + REMEMBERED));
        Ok(mailer)
    }

    /// The address of a company's server, if letters may go there: whoever names a server must not reach what stands beside ours.
    async fn look_up(&self, reach: &Reach) -> Result<IpAddr, String> {
        let host = &reach.host;
        let found = tokio::time::timeout(PATIENCE, tokio::net::lookup_host((host.as_str(), reach.port))).await;
        let found: Vec<IpAddr> = match found {
            Ok(Ok(found)) => found.map(|address| address.ip()).collect(),
            Ok(Err(error)) => return Err(format!("{host}: {error}")),
            Err(_) => return Err(format!("{host}: no answer from the name server")),
        };
        let allowed = |ip: &IpAddr| public::is_public(*ip) || self.own.networks.iter().any(|network| network.contains(*ip));
        if let Some(hidden) = found.iter().find(|ip| !allowed(ip)) {
            return Err(format!("{host} leads to {hidden}, which is not a public address"));
        }
        found.first().copied().ok_or_else(|| format!("{host} has no address"))
    }

    /// Sends a letter.
    ///
    /// # Errors
    /// [`Failure::GiveUp`] when the address or the letter is refused, [`Failure::Later`] while the server takes no letters,
    /// [`Failure::Retry`] for whatever else may pass.
    pub async fn send(&self, letter: &Letter<'_>) -> Result<(), Failure> {
        self.send_marked(letter, Marks::default()).await
    }

    /// Sends a letter with more to say to mail programs.
    ///
    /// # Errors
    /// As for [`send`](Mailer::send).
    pub async fn send_marked(&self, letter: &Letter<'_>, marks: Marks<'_>) -> Result<(), Failure> {
        let message = self.compose(letter, marks)?;
        let later = |after| Failure::Later { reason: WAITING.to_owned(), after };
        let pass = self.breaker.admit(Instant::now()).map_err(later)?;
        match self.hand_over(letter.id, message).await {
            Err(Unsent::Server(reason)) => Err(Failure::Later { reason, after: pass.failed(Instant::now()) }),
            Err(Unsent::Letter(failure)) => {
                pass.succeeded();
                Err(failure)
            }
            Ok(_) => {
                pass.succeeded();
                Ok(())
            }
        }
    }

    /// Sends a letter now, whatever is known of the server, and answers what the server said.
    ///
    /// # Errors
    /// What the server, or the way to it, said.
    pub async fn try_out(&self, letter: &Letter<'_>) -> Result<String, String> {
        let message = self.compose(letter, Marks::default()).map_err(|failure| failure.to_string())?;
        self.hand_over(letter.id, message).await.map_err(|unsent| match unsent {
            Unsent::Server(reason) => reason,
            Unsent::Letter(failure) => failure.to_string(),
        })
    }

    /// Answers what the server said.
    async fn hand_over(&self, id: Uuid, message: Message) -> Result<String, Unsent> {
        match &self.way {
            Way::Smtp(transport) => match transport.send(message).await {
                Ok(answer) => Ok(format!("{} {}", answer.code(), answer.message().collect::<Vec<_>>().join(" "))),
                Err(error) => Err(judge(&error)),
            },
            Way::Folder(folder) => keep(folder, id, &message.formatted()).await.map(|()| String::new()).map_err(Unsent::Letter),
        }
    }

    fn compose(&self, letter: &Letter<'_>, marks: Marks<'_>) -> Result<Message, Failure> {
        let to: Address = letter.to.parse().map_err(|error| Failure::give_up(format!("no mail address: {error}")))?;
        let name = letter.name.map(str::to_owned);
        let mut builder = Message::builder();
        if let Some(thread) = marks.thread {
            // the conversation's first letter is nobody's: whichever comes first, the others stand beside it
            let root = format!("<{thread}.thread@{}>", self.from.email.domain());
            builder = builder.in_reply_to(root.clone()).references(root);
        }
        if let Some(address) = marks.unsubscribe {
            builder = builder.header(ListUnsubscribe(format!("<{address}>"))).header(ListUnsubscribePost);
        }
        builder
            .from(self.from.clone())
            .to(Mailbox::new(name, to))
            .subject(letter.subject)
            .message_id(Some(format!("<{}@{}>", letter.id, self.from.email.domain())))
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(letter.text.to_owned(), letter.html.to_owned()))
            .map_err(|error| Failure::give_up(format!("not a letter: {error}")))
    }
}

/// Keeps answering machines from answering (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".into())
    }
}

/// Where the reader ends letters like this one.
#[derive(Clone)]
struct ListUnsubscribe(String);

impl Header for ListUnsubscribe {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}

/// A mail program may do so by itself, with one POST (RFC 8058).
#[derive(Clone)]
struct ListUnsubscribePost;

impl Header for ListUnsubscribePost {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe-Post")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "List-Unsubscribe=One-Click".into())
    }
}

/// A connection to the address, in the name of the host: its certificate is held to that name.
fn transport(reach: &Reach, ip: IpAddr) -> Result<AsyncSmtpTransport<Tokio1Executor>, lettre::transport::smtp::Error> {
    let tls = match reach.security.as_str() {
        "tls" => Tls::Wrapper(TlsParameters::new(reach.host.clone())?),
        "starttls" => Tls::Required(TlsParameters::new(reach.host.clone())?),
        _ => Tls::None,
    };
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(ip.to_string()).port(reach.port).tls(tls);
    if let Some((user, password)) = &reach.login {
        builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
    }
    Ok(builder.timeout(Some(PATIENCE)).build())
}

fn judge(error: &lettre::transport::smtp::Error) -> Unsent {
    let reason = reason(error);
    match error.status().map(u16::from) {
        Some(code) if REFUSALS.contains(&code) => Unsent::Letter(Failure::GiveUp(reason)),
        Some(code) if !SERVERS.contains(&code) => Unsent::Letter(Failure::Retry(reason)),
        _ => Unsent::Server(reason),
    }
}

/// The error with what caused it: the outermost alone says "connection error".
fn reason(error: &dyn std::error::Error) -> String {
    let mut reason = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !reason.contains(&text) {
            reason = format!("{reason}: {text}");
        }
        cause = error.source();
    }
    reason
}

/// Written beside and renamed, so that a reader never sees half a letter; the same delivery again is the same file.
async fn keep(folder: &std::path::Path, id: Uuid, letter: &[u8]) -> Result<(), Failure> {
    let (half, whole) = (folder.join(format!("{id}.part")), folder.join(format!("{id}.eml")));
    let written = async {
        tokio::fs::create_dir_all(folder).await?;
        tokio::fs::write(&half, letter).await?;
        tokio::fs::rename(&half, &whole).await
    };
    written.await.map_err(|error| Failure::retry(format!("{}: {error}", whole.display())))
}
