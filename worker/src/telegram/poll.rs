//! The conversation's ear: one elected process asks Telegram for what people did.

use std::time::Duration;

use sqlx::PgConnection;
use teloxide::payloads::GetUpdatesSetters;
use teloxide::requests::Requester;
use teloxide::types::AllowedUpdate;

use super::update::Update;
use super::{Telegram, judge};
use crate::queue::failure::Failure;
use crate::queue::leader::Duty;
use crate::queue::pool::within;

/// How long Telegram holds the question open.
const LONG_POLL: u32 = 25;
/// Rest after a failed question or answer.
const REST: Duration = Duration::from_secs(2);
/// An update that fails so often is passed over, or it would block everyone's.
const TRIES: u32 = 5;

/// Acts on what people do. Told of an update at least once: a second time must do no harm.
pub trait Conversation: Send + Sync + 'static {
    /// Acts on one update.
    fn hear(&self, update: Update) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// The duty of polling.
#[derive(Debug)]
pub struct Poller<C> {
    telegram: Telegram,
    conversation: C,
    rest: Duration,
    next: i32,
    tries: u32,
}

impl<C: Conversation> Poller<C> {
    /// Polls for `telegram` and tells `conversation`.
    pub fn new(telegram: Telegram, conversation: C) -> Self {
        Self { telegram, conversation, rest: REST, next: 0, tries: 0 }
    }

    /// Rests for so long after something failed, instead of two seconds.
    #[must_use]
    pub fn resting(mut self, rest: Duration) -> Self {
        self.rest = rest;
        self
    }

    async fn ask(&self) -> Result<Vec<teloxide::types::Update>, Failure> {
        let wanted = [AllowedUpdate::Message, AllowedUpdate::CallbackQuery, AllowedUpdate::MyChatMember];
        let request = self.telegram.bot.get_updates().timeout(LONG_POLL).allowed_updates(wanted);
        // asking for the next one confirms those before it; before the first, Telegram knows what it has not confirmed
        let request = if self.next > 0 { request.offset(self.next) } else { request };
        request.await.map_err(|error| match judge(error) {
            super::Unreached::Failed(failure) => failure,
            gone => Failure::Retry(gone.to_string()),
        })
    }

    /// Acts on the updates in their order; stops at one that fails, so that it is brought again. Answers whether all went well.
    async fn tell(&mut self, updates: Vec<teloxide::types::Update>) -> bool {
        for update in updates {
            let next = i32::try_from(update.id.0).unwrap_or(i32::MAX - 1) + 1;
            if let Some(update) = Update::read(update.kind)
                && let Err(failure) = self.conversation.hear(update).await
            {
                self.tries += 1;
                tracing::warn!(%failure, tries = self.tries, "an update from Telegram could not be acted on");
                let hopeless = matches!(failure, Failure::GiveUp(_));
                if !hopeless && self.tries < TRIES {
                    return false;
                }
            }
            self.tries = 0;
            self.next = next;
        }
        true
    }
}

impl<C: Conversation> Duty for Poller<C> {
    const LOCK: i64 = 0x4d69_6c6c_0002;
    const NAME: &'static str = "polling of Telegram";

    /// A question is held open for most of a minute, and what comes of it takes its time.
    fn silence(&self) -> Duration {
        Duration::from_mins(5)
    }

    async fn round(&mut self, conn: &mut PgConnection) -> sqlx::Result<Duration> {
        let updates = match self.ask().await {
            Ok(updates) => updates,
            Err(failure) => {
                tracing::warn!(%failure, "Telegram does not answer");
                let wait = if let Failure::Later { after, .. } = failure { after } else { self.rest };
                return Ok(wait.max(self.rest));
            }
        };
        // the question was long: whoever lost the lock meanwhile leaves the updates to the successor
        within(Duration::from_secs(5), sqlx::query("SELECT 1").execute(conn)).await?;
        Ok(if self.tell(updates).await { Duration::ZERO } else { self.rest })
    }
}
