//! Words in four languages: lookup, plurals, and which language a browser asks for.

use std::sync::LazyLock;

use icu::locale::locale;
use icu::plurals::{PluralCategory, PluralRules, PluralRulesOptions};
use serde::{Deserialize, Serialize};

use crate::format;

rust_i18n::i18n!("../locales", fallback = "en");

/// Every language, in the order they are offered.
pub const LOCALES: [&str; 4] = ["kk", "ru", "en", "tr"];

/// A language Millwright speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// Kazakh.
    Kk,
    /// Russian.
    Ru,
    /// English.
    #[default]
    En,
    /// Turkish.
    Tr,
}

impl Locale {
    /// Every language, in the order of [`LOCALES`].
    pub const ALL: [Self; 4] = [Self::Kk, Self::Ru, Self::En, Self::Tr];

    /// Two-letter code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kk => "kk",
            Self::Ru => "ru",
            Self::En => "en",
            Self::Tr => "tr",
        }
    }

    /// The language's name for itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kk => "Қазақша",
            Self::Ru => "Русский",
            Self::En => "English",
            Self::Tr => "Türkçe",
        }
    }

    /// Reads a language tag; a region or script after it does not matter (`ru-KZ` is Russian).
    pub fn parse(tag: &str) -> Option<Self> {
        let language = tag.trim().split(['-', '_']).next()?;
        Self::ALL.into_iter().find(|locale| locale.as_str().eq_ignore_ascii_case(language))
    }
}

/// The best language for an `Accept-Language` header; English where it names none of ours.
pub fn negotiate(accept_language: &str) -> Locale {
    let mut best: Option<(Locale, f32)> = None;
    for range in accept_language.split(',') {
        let mut parts = range.split(';');
        let Some(locale) = parts.next().and_then(Locale::parse) else { continue };
        let quality = parts
            .find_map(|parameter| parameter.trim().strip_prefix("q="))
            .map_or(1.0, |quality| quality.trim().parse::<f32>().unwrap_or(0.0));
        if quality > 0.0 && best.is_none_or(|(_, other)| quality > other) {
            best = Some((locale, quality));
        }
    }
    best.map_or(Locale::En, |(locale, _)| locale)
}

/// The words for `key`, with `%{name}` placeholders filled. Words missing in a language are shown in English, and a key nobody
/// knows as itself: a page never fails for want of a word, the tests do.
pub fn t(locale: Locale, key: &str, arguments: &[(&str, &str)]) -> String {
    #[cfg(test)]
    missing::note(locale, key);
    let Some(text) = _rust_i18n_try_translate(locale.as_str(), key) else {
        tracing::error!(key, "no words for this key");
        return key.to_owned();
    };
    fill(&text, arguments)
}

/// The words for `count` things: `key` has one entry for each plural category of the language, and `%{count}` is the number as
/// the language writes it.
pub fn tn(locale: Locale, key: &str, count: i64, arguments: &[(&str, &str)]) -> String {
    let number = format::number(locale, count.into(), None);
    let mut arguments = arguments.to_vec();
    arguments.push(("count", &number));
    t(locale, &format!("{key}.{}", category(locale, count)), &arguments)
}

/// Whether the language itself has words for the key.
pub fn exists(locale: Locale, key: &str) -> bool {
    _RUST_I18N_BACKEND.translate(locale.as_str(), key).is_some()
}

/// Every key of a language.
pub fn keys(locale: Locale) -> Vec<String> {
    let messages = _RUST_I18N_BACKEND.messages_for_locale(locale.as_str()).unwrap_or_default();
    let mut keys: Vec<String> = messages.into_iter().map(|(key, _)| key.into_owned()).collect();
    keys.sort();
    keys
}

/// Beginnings of keys that are put together at run time from names of states, permissions, fields and codes, or that other crates
/// look up: the tests take every key under them as used.
pub fn derived_keys() -> &'static [&'static str] {
    &[
        "blocker.",
        "error.",
        "error_title.",
        "event.",
        "exports.",
        "field.",
        "field_type.",
        "finding.",
        "flash.",
        "notify.",
        "people.notice.",
        "permission.",
        "resource.",
        "role.",
        "settings.replay.",
        "settings.span.",
        "telegram.",
        "wf.",
        "work_order.",
    ]
}

/// The CLDR category of a count: `one`, `few`, `many` or `other`.
pub fn category(locale: Locale, count: i64) -> &'static str {
    match PLURALS[locale as usize].category_for(count) {
        PluralCategory::Zero => "zero",
        PluralCategory::One => "one",
        PluralCategory::Two => "two",
        PluralCategory::Few => "few",
        PluralCategory::Many => "many",
        PluralCategory::Other => "other",
    }
}

/// The categories a language distinguishes, every one of which a plural must have words for.
pub fn categories(locale: Locale) -> &'static [&'static str] {
    match locale {
        Locale::Ru => &["one", "few", "many", "other"],
        Locale::Kk | Locale::En | Locale::Tr => &["one", "other"],
    }
}

static PLURALS: LazyLock<[PluralRules; 4]> = LazyLock::new(|| {
    [locale!("kk"), locale!("ru"), locale!("en"), locale!("tr")]
        .map(|locale| PluralRules::try_new(locale.into(), PluralRulesOptions::default()).expect("compiled data has our languages"))
});

/// Replaces `%{name}`; an unknown name stays as it is.
fn fill(text: &str, arguments: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("%{") {
        filled.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            rest = &rest[before.len()..];
            break;
        };
        let value = arguments.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        filled.push_str(value.unwrap_or(&rest[before.len()..rest.len() - tail.len()]));
        rest = tail;
    }
    filled.push_str(rest);
    filled
}

/// Words asked for and not there, seen by the tests: at run time English steps in silently.
#[cfg(test)]
pub(crate) mod missing {
    use std::cell::RefCell;

    use super::{Locale, exists};

    thread_local! {
        static SEEN: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    }

    pub(crate) fn note(locale: Locale, key: &str) {
        if !exists(locale, key) {
            SEEN.with_borrow_mut(|seen| seen.push(format!("{}: {key}", locale.as_str())));
        }
    }

    pub(crate) fn take() -> Vec<String> {
        SEEN.take()
    }
}
