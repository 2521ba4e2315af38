//! One line for the bell and the list of notifications.

use crate::i18n::Locale;

pub use crate::message::{Kind, Params};

/// Writes the line. It is plain text: whoever shows it escapes it.
pub fn render(kind: Kind<'_>, locale: Locale, params: &Params<'_>) -> String {
    kind.notice(locale, params)
}
