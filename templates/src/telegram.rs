//! Telegram: messages in the bot's HTML mode, and what the bot says in a conversation.

use crate::i18n::{self, Locale};

pub use crate::message::{Kind, Params};

/// The most characters of a person's own text in a message; Telegram refuses messages over 4,096.
const LONGEST_PARAGRAPH: usize = 1_500;
/// The most characters of its first line.
const LONGEST_LINE: usize = 300;

/// What a button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    /// Agrees.
    Approve,
    /// Refuses; the bot asks for the reason.
    Reject,
    /// Begins the work.
    Start,
    /// Ends the work.
    Complete,
    /// Opens the record's page.
    Open,
}

impl Press {
    fn key(self) -> &'static str {
        match self {
            Self::Approve => "telegram.approve",
            Self::Reject => "telegram.reject",
            Self::Start => "telegram.start",
            Self::Complete => "telegram.complete",
            Self::Open => "telegram.open",
        }
    }

    /// What the button, or the link of a letter, says.
    pub fn label(self, locale: Locale) -> String {
        i18n::t(locale, self.key(), &[])
    }
}

/// Something the bot says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply<'a> {
    /// The chat is linked to a member.
    Linked {
        /// The member's name.
        name: &'a str,
        /// Their company.
        company: &'a str,
    },
    /// The link they came by is too old or was used.
    LinkExpired,
    /// The chat is linked to somebody else of the company.
    ChatTaken,
    /// The button is too old, or the person behind it left.
    ButtonExpired,
    /// Asks why they refuse.
    AskReason {
        /// Number of the work order.
        number: &'a str,
    },
    /// The decision is recorded.
    Done {
        /// Number of the work order.
        number: &'a str,
    },
    /// Somebody was faster.
    AlreadyDecided {
        /// Number of the work order.
        number: &'a str,
        /// Who decided.
        by: &'a str,
    },
    /// They may not decide, or it is not possible now.
    NotAllowed {
        /// Number of the work order.
        number: &'a str,
    },
    /// The record says something else now than when they were asked.
    Changed {
        /// Number of the work order.
        number: &'a str,
    },
    /// The group is linked to a company.
    GroupLinked {
        /// The company.
        company: &'a str,
    },
    /// The link a group came by is too old or was used.
    GroupLinkExpired,
    /// Whoever pressed in a group has linked no chat of their own.
    Stranger {
        /// Where they do so.
        profile: &'a str,
    },
    /// Whoever pressed in a group is asked in their own chat.
    AskedApart {
        /// Number of the work order.
        number: &'a str,
    },
    /// The decision is recorded, to a group.
    DoneInGroup {
        /// Number of the work order.
        number: &'a str,
        /// Who decided.
        by: &'a str,
    },
    /// What the bot is for.
    Help,
    /// The chat is not linked any more.
    Unlinked,
}

/// Writes a notification, in Telegram's HTML mode. Every value is escaped.
pub fn render(kind: Kind<'_>, locale: Locale, params: &Params<'_>) -> String {
    let mut text = format!("<b>{}</b>", escape(&shorten(&kind.subject(locale, params), LONGEST_LINE)));
    for paragraph in kind.paragraphs(locale, params) {
        text.push_str("\n\n");
        text.push_str(&escape(&shorten(&paragraph, LONGEST_PARAGRAPH)));
    }
    text
}

/// Writes a reply of the bot, in Telegram's HTML mode. Every value is escaped.
pub fn reply(reply: Reply<'_>, locale: Locale) -> String {
    let (key, params): (_, &Params<'_>) = match reply {
        Reply::Linked { name, company } => ("linked", &[("name", name), ("company", company)]),
        Reply::LinkExpired => ("link_expired", &[]),
        Reply::ChatTaken => ("chat_taken", &[]),
        Reply::ButtonExpired => ("button_expired", &[]),
        Reply::AskReason { number } => ("ask_reason", &[("number", number)]),
        Reply::Done { number } => ("done", &[("number", number)]),
        Reply::AlreadyDecided { number, by } => ("already_decided", &[("number", number), ("by", by)]),
        Reply::NotAllowed { number } => ("not_allowed", &[("number", number)]),
        Reply::Changed { number } => ("changed", &[("number", number)]),
        Reply::GroupLinked { company } => ("group_linked", &[("company", company)]),
        Reply::GroupLinkExpired => ("group_link_expired", &[]),
        Reply::Stranger { profile } => ("stranger", &[("profile", profile)]),
        Reply::AskedApart { number } => ("asked_apart", &[("number", number)]),
        Reply::DoneInGroup { number, by } => ("done_in_group", &[("number", number), ("by", by)]),
        Reply::Help => ("help", &[]),
        Reply::Unlinked => ("unlinked", &[]),
    };
    escape(&i18n::t(locale, &format!("telegram.{key}"), params))
}

/// The four characters Telegram's HTML mode asks for.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn shorten(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
