//! Mail about companies, accounts and invitations. The jobs carry ids: the secret in a letter is made when the letter is, so that it
//! never lies in the queue.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::kernel::jobs::{Job, Lane};

/// Writes to somebody who was invited.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InvitationMail {
    /// The invitation.
    pub invitation: Uuid,
}

impl Job for InvitationMail {
    const KIND: &'static str = "identity.invitation_mail";
    const QUEUE: Lane = Lane::Interactive;

    fn unique_key(&self) -> Option<String> {
        Some(self.invitation.to_string())
    }
}

/// Writes to somebody who forgot their password.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ResetMail {
    /// The account.
    pub account: Uuid,
}

impl Job for ResetMail {
    const KIND: &'static str = "identity.reset_mail";
    const QUEUE: Lane = Lane::Interactive;

    fn unique_key(&self) -> Option<String> {
        Some(self.account.to_string())
    }
}

/// Writes to the contact of a company that has not signed up, with a key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SignupKeyMail {
    /// The company.
    pub company: Uuid,
}

impl Job for SignupKeyMail {
    // not unique: a letter on its way may already hold a key that was taken back, and the next one takes back what it finds
    const KIND: &'static str = "identity.signup_key_mail";
    const QUEUE: Lane = Lane::Interactive;
}

/// Writes to the person who just signed a company up.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WelcomeMail {
    /// The company's first member.
    pub member: Uuid,
}

impl Job for WelcomeMail {
    const KIND: &'static str = "identity.welcome_mail";
    const QUEUE: Lane = Lane::Interactive;

    fn unique_key(&self) -> Option<String> {
        Some(self.member.to_string())
    }
}
