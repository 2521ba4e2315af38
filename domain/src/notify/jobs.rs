//! Messages that leave the house. A job carries the delivery's id; whom and what it says is read when it runs.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::kernel::jobs::{Job, Lane};

/// Sends one email.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Email {
    /// The delivery.
    pub delivery: Uuid,
}

impl Job for Email {
    const KIND: &'static str = "notify.email";
    const QUEUE: Lane = Lane::Interactive;
    // a mail server may be down for a day
    const MAX_ATTEMPTS: u16 = 40;

    fn unique_key(&self) -> Option<String> {
        Some(self.delivery.to_string())
    }
}

/// Sends one Telegram message.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Telegram {
    /// The delivery.
    pub delivery: Uuid,
}

impl Job for Telegram {
    const KIND: &'static str = "notify.telegram";
    const QUEUE: Lane = Lane::Interactive;
    const MAX_ATTEMPTS: u16 = 40;

    fn unique_key(&self) -> Option<String> {
        Some(self.delivery.to_string())
    }
}

/// Sends one message to a Telegram group.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Group {
    /// The message.
    pub message: Uuid,
}

impl Job for Group {
    const KIND: &'static str = "notify.group";
    const QUEUE: Lane = Lane::Interactive;
    const MAX_ATTEMPTS: u16 = 40;

    fn unique_key(&self) -> Option<String> {
        Some(self.message.to_string())
    }
}

/// Sends a test letter through the company's own mail server. Tried once: what the server answers is shown.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MailTest {
    /// To whom.
    pub member: Uuid,
}

impl Job for MailTest {
    const KIND: &'static str = "notify.mail_test";
    const QUEUE: Lane = Lane::Interactive;
    const MAX_ATTEMPTS: u16 = 1;

    fn unique_key(&self) -> Option<String> {
        Some(self.member.to_string())
    }
}

/// Sends one letter that lists several messages. The stager (`app.stage_messages`) queues it under the letter's name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Digest {
    /// The letter.
    pub batch: Uuid,
}

impl Job for Digest {
    const KIND: &'static str = "notify.digest";
    const QUEUE: Lane = Lane::Interactive;
    const MAX_ATTEMPTS: u16 = 40;

    fn unique_key(&self) -> Option<String> {
        Some(self.batch.to_string())
    }
}
