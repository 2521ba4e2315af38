//! One line for the bell and the list of notifications.

use crate::i18n::Locale;
use crate::message::one_line;

pub use crate::message::{Kind, Params};

/// Writes the line. It is plain text: whoever shows it escapes it. Kinds that are not about work orders have no line of their own
/// and show their subject.
pub fn render(kind: Kind, locale: Locale, params: &Params<'_>) -> String {
    let part = if kind.is_work_order() { "notice" } else { "subject" };
    one_line(&kind.words(locale, part, params))
}
