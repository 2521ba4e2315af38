//! Telegram: messages with buttons out, what people press and write in.

pub mod limits;
pub mod poll;
pub mod update;

use std::fmt;
use std::time::Duration;

use teloxide::payloads::{AnswerCallbackQuerySetters, SendMessageSetters};
use teloxide::requests::Requester;
use teloxide::types::{
    CallbackQueryId, ChatId, ForceReply, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, MessageId, ParseMode, ReplyMarkup,
};
use teloxide::{ApiError, Bot, RequestError};
use tokio::time::Instant;

use self::limits::{Limits, Turn};
use crate::queue::failure::Failure;

/// Above the long poll's, which waits at the server for something to happen.
const PATIENCE: Duration = Duration::from_secs(40);

/// How the bot is reached.
#[derive(Clone)]
pub struct Config {
    /// The bot's token. Never printed.
    pub token: String,
    /// A Bot API server of one's own; Telegram's when absent.
    pub api_url: Option<String>,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").field("token", &"…").field("api_url", &self.api_url).finish()
    }
}

/// A configuration that cannot work.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The address of the Bot API server is none.
    #[error("not the address of a Bot API server: {0}")]
    Url(String),
    /// No client could be made.
    #[error("no HTTP client: {0}")]
    Client(String),
}

/// What a button does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Press {
    /// Opens an address.
    Open(String),
    /// Comes back as [`update::Update::Press`]; at most 64 bytes.
    Tell(String),
}

/// A message to a chat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// The text, in Telegram's HTML.
    pub html: String,
    /// Rows of buttons: label and effect.
    pub buttons: Vec<Vec<(String, Press)>>,
    /// Opens the answer field, with this hint, when there are no buttons.
    pub ask: Option<String>,
}

/// Why a chat was not reached.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreached {
    /// The person blocked the bot or is gone: the chat is to be unlinked.
    #[error("{0}")]
    Gone(String),
    /// The group has become another chat, of this number.
    #[error("the chat is {0} now")]
    Moved(i64),
    /// Anything else.
    #[error(transparent)]
    Failed(#[from] Failure),
}

/// The bot. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Telegram {
    bot: Bot,
    limits: Limits,
}

impl Telegram {
    /// Reads the configuration; nothing is connected yet.
    ///
    /// # Errors
    /// An address that is none.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        let client =
            teloxide::net::default_reqwest_settings().timeout(PATIENCE).build().map_err(|error| ConfigError::Client(error.to_string()))?;
        let mut bot = Bot::with_client(&config.token, client);
        if let Some(url) = &config.api_url {
            // only of these can paths be made
            let web = url.starts_with("http://") || url.starts_with("https://");
            let parsed = if web { url.parse().ok() } else { None };
            bot = bot.set_api_url(parsed.ok_or_else(|| ConfigError::Url(url.clone()))?);
        }
        Ok(Self { bot, limits: Limits::default() })
    }

    /// The bot's user name, for links to it.
    ///
    /// # Errors
    /// When Telegram does not answer.
    pub async fn name(&self) -> Result<String, Unreached> {
        let me = self.bot.get_me().await.map_err(judge)?;
        Ok(me.user.username.unwrap_or_default())
    }

    /// Sends a message within the limits and answers its number in the chat.
    ///
    /// # Errors
    /// [`Unreached::Gone`] when the person left; [`Failure::Later`] when Telegram asks for patience, or would.
    pub async fn send(&self, chat: i64, text: &Text) -> Result<i32, Unreached> {
        match self.limits.turn(Instant::now(), chat) {
            Turn::At(at) => tokio::time::sleep_until(at).await,
            Turn::Later(after) => return Err(Failure::Later { reason: "too many messages for Telegram".to_owned(), after }.into()),
        }
        let mut request = self.bot.send_message(ChatId(chat), &text.html).parse_mode(ParseMode::Html).link_preview_options(no_preview());
        if !text.buttons.is_empty() {
            request = request.reply_markup(keyboard(&text.buttons)?);
        } else if let Some(hint) = &text.ask {
            let field = ForceReply::new().input_field_placeholder(hint.clone());
            request = request.reply_markup(ReplyMarkup::ForceReply(field));
        }
        let sent = request.await.map_err(judge);
        if let Err(Unreached::Failed(Failure::Later { after, .. })) = &sent {
            self.limits.silence(Instant::now(), chat, *after);
        }
        Ok(sent?.id.0)
    }

    /// Takes the buttons off a message. One that has none is left alone.
    ///
    /// # Errors
    /// As for [`send`](Telegram::send).
    pub async fn strip(&self, chat: i64, message: i32) -> Result<(), Unreached> {
        match self.bot.edit_message_reply_markup(ChatId(chat), MessageId(message)).await {
            Ok(_) | Err(RequestError::Api(ApiError::MessageNotModified)) => Ok(()),
            Err(error) => Err(judge(error)),
        }
    }

    /// Ends a button's waiting, with a word to the person. One that waited too long is past answering, which is no error.
    ///
    /// # Errors
    /// As for [`send`](Telegram::send).
    pub async fn answer(&self, press: &str, words: Option<&str>) -> Result<(), Unreached> {
        self.answer_so(press, words, false).await
    }

    /// The same, with a word that stays until it is read.
    ///
    /// # Errors
    /// As for [`send`](Telegram::send).
    pub async fn alert(&self, press: &str, words: &str) -> Result<(), Unreached> {
        self.answer_so(press, Some(words), true).await
    }

    async fn answer_so(&self, press: &str, words: Option<&str>, stays: bool) -> Result<(), Unreached> {
        let mut request = self.bot.answer_callback_query(CallbackQueryId(press.to_owned()));
        if let Some(words) = words {
            request = request.text(words.chars().take(200).collect::<String>());
        }
        if stays {
            request = request.show_alert(true);
        }
        match request.await {
            Ok(_) | Err(RequestError::Api(ApiError::InvalidQueryId)) => Ok(()),
            Err(error) => Err(judge(error)),
        }
    }
}

fn no_preview() -> LinkPreviewOptions {
    LinkPreviewOptions { is_disabled: true, url: None, prefer_small_media: false, prefer_large_media: false, show_above_text: false }
}

fn keyboard(rows: &[Vec<(String, Press)>]) -> Result<InlineKeyboardMarkup, Failure> {
    let button = |(label, press): &(String, Press)| match press {
        Press::Tell(data) => Ok(InlineKeyboardButton::callback(label, data)),
        Press::Open(url) => match url.parse() {
            Ok(url) => Ok(InlineKeyboardButton::url(label, url)),
            Err(_) => Err(Failure::give_up(format!("a button opens no address: {url}"))),
        },
    };
    let rows = rows.iter().map(|row| row.iter().map(button).collect::<Result<Vec<_>, _>>());
    Ok(InlineKeyboardMarkup::new(rows.collect::<Result<Vec<_>, _>>()?))
}

fn judge(error: RequestError) -> Unreached {
    let reason = error.to_string();
    match error {
        RequestError::RetryAfter(wait) => Unreached::Failed(Failure::Later { reason, after: wait.duration() }),
        RequestError::Api(error) => judge_answer(&error, reason),
        RequestError::MigrateToChatId(chat) => Unreached::Moved(chat.0),
        RequestError::Network(_) | RequestError::InvalidJson { .. } | RequestError::Io(_) => Unreached::Failed(Failure::Retry(reason)),
    }
}

fn judge_answer(error: &ApiError, reason: String) -> Unreached {
    match error {
        ApiError::BotBlocked
        | ApiError::UserDeactivated
        | ApiError::ChatNotFound
        | ApiError::CantInitiateConversation
        | ApiError::GroupDeactivated
        | ApiError::BotKicked
        | ApiError::BotKickedFromSupergroup => Unreached::Gone(reason),
        // a wrong token is the operator's to mend, and the messages wait for that
        ApiError::InvalidToken => Unreached::Failed(Failure::Retry(reason)),
        ApiError::Unknown(text) if text.starts_with("Forbidden") => Unreached::Gone(reason),
        ApiError::Unknown(text) if !text.starts_with("Bad Request") => Unreached::Failed(Failure::Retry(reason)),
        _ => Unreached::Failed(Failure::GiveUp(reason)),
    }
}
