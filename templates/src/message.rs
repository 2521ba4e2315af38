//! What every message that leaves the application has in common: its kind, and the values its words need. Kinds are declared in
//! the domain; here a kind is the key its texts stand under.

use std::collections::BTreeSet;

use crate::i18n::{self, Locale};
use crate::{exports, format};

/// Values for the words of a message, by name. `name` (whom it greets) and `reason` may be left out or empty.
pub type Params<'a> = [(&'a str, &'a str)];

/// A kind of message, and the words it is said in: ours, or a company's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind<'a> {
    key: &'a str,
    own: Option<Own<'a>>,
}

/// A company's own words, filled in already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Own<'a> {
    /// The subject, or the first line.
    pub subject: &'a str,
    /// The text, a paragraph a line.
    pub body: &'a str,
}

impl<'a> Kind<'a> {
    /// The kind whose texts stand under `notify.<key>`.
    pub const fn new(key: &'a str) -> Self {
        Self { key, own: None }
    }

    /// The same kind, said in a company's own words.
    #[must_use]
    pub const fn saying(self, own: Option<Own<'a>>) -> Self {
        Self { own, ..self }
    }

    /// The key.
    pub fn as_str(self) -> &'a str {
        self.key
    }

    /// Whether there are texts for it.
    pub fn is_known(self) -> bool {
        i18n::exists(Locale::En, &format!("notify.{}.subject", self.key))
    }

    /// What the message is called: its subject, its first line.
    pub(crate) fn subject(self, locale: Locale, params: &Params<'_>) -> String {
        one_line(&self.own.map_or_else(|| self.words(locale, "subject", params), |own| own.subject.to_owned()))
    }

    /// A text of this kind. What a family shares stands one level up.
    pub(crate) fn words(self, locale: Locale, part: &str, params: &Params<'_>) -> String {
        let own = format!("notify.{}.{part}", self.key);
        let key = match self.key.split_once('.') {
            Some((family, _)) if !i18n::exists(Locale::En, &own) => format!("notify.{family}.{part}"),
            _ => own,
        };
        i18n::t(locale, &key, params)
    }

    /// The line of the bell. A kind without one shows its subject.
    pub(crate) fn notice(self, locale: Locale, params: &Params<'_>) -> String {
        let part = if i18n::exists(Locale::En, &format!("notify.{}.notice", self.key)) { "notice" } else { "subject" };
        one_line(&self.words(locale, part, params))
    }

    /// The body, with the reason on a line of its own where one was given.
    pub(crate) fn paragraphs(self, locale: Locale, params: &Params<'_>) -> Vec<String> {
        if let Some(own) = self.own {
            return own.body.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
        }
        let mut paragraphs = vec![self.words(locale, "body", params)];
        if value(params, "reason").is_some() {
            paragraphs.push(i18n::t(locale, "notify.reason", params));
        }
        paragraphs
    }
}

/// A text of ours as a company would write it, to begin its own with: `%{title}` becomes `{{title}}`.
pub fn ours(key: &str, part: &str, locale: Locale) -> String {
    let written = |key: &str| i18n::t(locale, key, &[]).replace("%{", "{{").replace('}', "}}");
    let text = written(&format!("notify.{key}.{part}"));
    if part == "body" && !text.contains("{{reason}}") { format!("{text}\n{}", written("notify.reason")) } else { text }
}

/// A stored value as a text mentions it: what is stored in no language is put into the reader's. `field` becomes `what`.
pub fn spoken(locale: Locale, name: &str, value: &str) -> (String, String) {
    let text = match name {
        "field" => return ("what".to_owned(), i18n::t(locale, &format!("reminder_field.{value}"), &[])),
        "list" | "format" => exports::mentioned(locale, name, value),
        // what somebody wrote stays as it is; why there is no file is stored as a code
        "reason" if i18n::exists(locale, &format!("exports.reason.{value}")) => exports::mentioned(locale, name, value),
        "date" => value.parse().map_or_else(|_| value.to_owned(), |day| format::date(locale, day)),
        _ => value.to_owned(),
    };
    (name.to_owned(), text)
}

/// The key of every kind there are texts for.
pub fn keys() -> BTreeSet<String> {
    let keys = i18n::keys(Locale::En).into_iter();
    keys.filter_map(|key| Some(key.strip_prefix("notify.")?.strip_suffix(".subject")?.to_owned())).collect()
}

/// A value that was given and is not empty.
pub(crate) fn value<'a>(params: &Params<'a>, name: &str) -> Option<&'a str> {
    params.iter().find(|(known, value)| *known == name && !value.trim().is_empty()).map(|(_, value)| *value)
}

/// One line: subjects are headers, and a line break in a title must not start another header.
pub fn one_line(text: &str) -> String {
    text.split(char::is_control).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}
