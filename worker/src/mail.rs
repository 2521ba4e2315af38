//! Letters out: over SMTP, or into a folder where a developer reads them.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use lettre::address::AddressError;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use uuid::Uuid;

use crate::queue::failure::Failure;

/// A server that does not answer a command within this is tried again later.
const PATIENCE: Duration = Duration::from_secs(20);

/// The replies that speak of this letter or its recipient, so that sending it again changes nothing. Other permanent ones (a
/// refused login, a server that wants encryption) are the operator's to mend, and the letters wait for that.
const REFUSALS: [u16; 10] = [501, 510, 511, 513, 515, 550, 551, 552, 553, 554];

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

/// Sends letters. Cheap to clone; connections are kept and shared.
#[derive(Clone, Debug)]
pub struct Mailer {
    from: Mailbox,
    way: Way,
}

#[derive(Clone, Debug)]
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
        Ok(Self { from, way })
    }

    /// Sends a letter.
    ///
    /// # Errors
    /// [`Failure::GiveUp`] when the address or the letter is refused, [`Failure::Retry`] for whatever may pass.
    pub async fn send(&self, letter: &Letter<'_>) -> Result<(), Failure> {
        let message = self.compose(letter)?;
        match &self.way {
            Way::Smtp(transport) => transport.send(message).await.map(|_| ()).map_err(|e| judge(&e)),
            Way::Folder(folder) => keep(folder, letter.id, &message.formatted()).await,
        }
    }

    fn compose(&self, letter: &Letter<'_>) -> Result<Message, Failure> {
        let to: Address = letter.to.parse().map_err(|error| Failure::give_up(format!("no mail address: {error}")))?;
        let name = letter.name.map(str::to_owned);
        Message::builder()
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

fn judge(error: &lettre::transport::smtp::Error) -> Failure {
    let code = error.status().map(u16::from);
    if code.is_some_and(|code| REFUSALS.contains(&code)) { Failure::give_up(reason(error)) } else { Failure::retry(reason(error)) }
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
