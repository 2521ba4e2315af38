//! What a file says when it tells somebody something: a kind of message of ours, in our words or in its own.

use workflows::{Channel as Named, Workflow};

use crate::identity::signup::LOCALES;
use crate::notify::{Channel, Kind, Words};

/// A message of a file.
pub(super) struct Said {
    /// The kind of message it goes under, which its readers have preferences about.
    pub kind: String,
    /// The file's own words by language; none where ours are said.
    pub words: Words,
}

/// The message a file calls `text`. One of its own goes under the kind that asks for a decision where it does, otherwise under that
/// of the messages of files.
pub(super) fn said(workflow: &Workflow, text: &str, asks: bool) -> Said {
    let own = |locale: &&str| workflow.text(locale, text).map(|words| ((*locale).to_owned(), words.to_owned()));
    let words: Words = LOCALES.iter().filter_map(own).collect();
    if words.is_empty() || Kind::find(text).is_some() {
        return Said { kind: text.to_owned(), words };
    }
    Said { kind: format!("{}.{}", workflow.entity(), if asks { "approval_requested" } else { "message" }), words }
}

/// The channels a file names.
pub(super) fn channels(named: &[Named]) -> Vec<Channel> {
    named
        .iter()
        .map(|channel| match channel {
            Named::Email => Channel::Email,
            Named::Telegram => Channel::Telegram,
            Named::InApp => Channel::Bell,
        })
        .collect()
}
