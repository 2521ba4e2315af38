//! The four languages say the same things, and say everything that is asked for.

use std::collections::{BTreeMap, BTreeSet};

use super::scan;
use crate::i18n::{self, Locale};

/// Words that are the same in Latin letters in every language.
const LATIN: [&str; 12] =
    ["PDF", "CSV", "Email", "Excel", "Idempotency-Key", "If-Match", "Content-Length", "Millwright", "Telegram", "Start", "XLSX", "SLA"];

/// Keys a language writes in its own letters wherever it stands.
const OWN_NAMES: [&str; 2] = ["app.language.", "nav.locale."];

const CATEGORIES: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split("%{").skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name).collect()
}

fn raw(locale: Locale, key: &str) -> String {
    i18n::t(locale, key, &[])
}

fn keys(locale: Locale) -> BTreeSet<String> {
    i18n::keys(locale).into_iter().filter(|key| !key.starts_with('_')).collect()
}

/// Keys of a language with the categories of each plural folded into one: `base → categories`, empty for plain words.
fn folded(locale: Locale) -> BTreeMap<String, BTreeSet<String>> {
    let keys = keys(locale);
    let mut folded: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for key in &keys {
        match key.rsplit_once('.') {
            Some((base, last)) if CATEGORIES.contains(&last) && keys.contains(&format!("{base}.other")) => {
                folded.entry(base.to_owned()).or_default().insert(last.to_owned());
            }
            _ => {
                folded.entry(key.clone()).or_default();
            }
        }
    }
    folded
}

#[test]
fn every_language_has_every_key() {
    let english = folded(Locale::En);
    assert!(english.len() > 400, "the words were not found");
    for locale in Locale::ALL {
        let words = folded(locale);
        let missing: Vec<_> = english.keys().filter(|key| !words.contains_key(*key)).collect();
        let extra: Vec<_> = words.keys().filter(|key| !english.contains_key(*key)).collect();
        assert!(missing.is_empty() && extra.is_empty(), "{locale:?} lacks {missing:?} and alone has {extra:?}");
    }
}

#[test]
fn every_plural_has_every_category_of_its_language() {
    for locale in Locale::ALL {
        let wanted: BTreeSet<String> = i18n::categories(locale).iter().map(|&category| category.to_owned()).collect();
        for (key, categories) in folded(locale) {
            assert!(categories.is_empty() || categories == wanted, "{locale:?} {key} has {categories:?}, wants {wanted:?}");
        }
    }
}

#[test]
fn the_categories_are_those_of_icu() {
    for locale in Locale::ALL {
        let seen: BTreeSet<&str> = (0..=200).map(|count| i18n::category(locale, count)).collect();
        // `other` of Russian is for fractions only, which are not counted here
        let wanted = i18n::categories(locale).iter().filter(|&&category| locale != Locale::Ru || category != "other");
        assert_eq!(seen, wanted.copied().collect(), "{locale:?}");
    }
}

#[test]
fn placeholders_agree() {
    for (key, categories) in folded(Locale::En) {
        let key = if categories.is_empty() { key } else { format!("{key}.other") };
        let english = raw(Locale::En, &key);
        for locale in Locale::ALL {
            let text = raw(locale, &key);
            assert_eq!(placeholders(&english), placeholders(&text), "{locale:?} {key}: {text}");
            assert!(!text.trim().is_empty() && text == text.trim(), "{locale:?} {key} is empty or padded");
            assert_eq!(
                text.matches('%').count(),
                text.matches("%{").count() + text.matches("% ").count() + text.matches("\u{a0}%").count(),
                "{locale:?} {key}: a stray %: {text}"
            );
        }
    }
}

#[test]
fn kazakh_and_russian_are_translated() {
    for locale in [Locale::Kk, Locale::Ru] {
        for key in keys(locale) {
            if OWN_NAMES.iter().any(|prefix| key.starts_with(prefix)) {
                continue;
            }
            let mut text = raw(locale, &key);
            for name in placeholders(&raw(locale, &key)) {
                text = text.replace(&format!("%{{{name}}}"), "");
            }
            let words = text.split(|character: char| !character.is_ascii_alphabetic() && character != '-');
            let cyrillic = text.chars().any(|character| character.is_alphabetic() && !character.is_ascii());
            let latin = words.filter(|word| word.len() > 1 && !LATIN.contains(word)).count();
            assert!(cyrillic || latin == 0, "{locale:?} {key} is not translated: {text}");
        }
    }
}

#[test]
fn templates_ask_for_words_that_exist_with_the_values_they_need() {
    let words = folded(Locale::En);
    for template in scan::templates() {
        for call in template.calls {
            let place = format!("{}: t({:?})", template.name, call.key);
            if call.dynamic {
                assert!(words.keys().any(|key| key.starts_with(&call.key)), "{place}: nothing begins so");
                continue;
            }
            let categories = words.get(&call.key).unwrap_or_else(|| panic!("{place}: no such words"));
            assert_eq!(call.plural, !categories.is_empty(), "{place}: a plural is asked for by tn, other words by t");
            let Some(mut given) = call.arguments else { continue };
            if call.plural {
                given.insert("count".to_owned());
            }
            let key = if call.plural { format!("{}.other", call.key) } else { call.key.clone() };
            let text = raw(Locale::En, &key);
            let needed: BTreeSet<String> = placeholders(&text).into_iter().map(str::to_owned).collect();
            assert!(needed.is_subset(&given), "{place} needs {needed:?} and gets {given:?}");
        }
    }
}

#[test]
fn no_words_are_left_over() {
    let mut constants: BTreeSet<String> = BTreeSet::new();
    for template in scan::templates() {
        constants.extend(template.strings);
    }
    for folder in ["templates/src", "api/src", "worker/src", "domain/src", "cli/src"] {
        // a key put together by format! is known up to its first hole
        constants.extend(scan::rust_strings(folder).into_iter().map(|text| match text.split_once('{') {
            Some((start, _)) => start.to_owned(),
            None => text,
        }));
    }
    let prefixes: Vec<&str> = constants
        .iter()
        .map(String::as_str)
        .filter(|text| text.len() > 3 && text.ends_with('.') && !text.contains(' '))
        .chain(i18n::derived_keys().iter().copied())
        .collect();
    let unused: Vec<String> = folded(Locale::En)
        .into_keys()
        .filter(|key| !constants.contains(key) && !prefixes.iter().any(|prefix| key.starts_with(prefix)))
        .collect();
    assert!(unused.is_empty(), "nobody asks for {unused:?}");
}

#[test]
fn a_browser_gets_the_language_it_likes_best() {
    let cases = [
        ("", Locale::En),
        ("de, fr;q=0.8", Locale::En),
        ("ru-KZ,ru;q=0.9,en;q=0.8", Locale::Ru),
        ("en;q=0.4, kk-Cyrl-KZ;q=0.9", Locale::Kk),
        ("TR", Locale::Tr),
        ("kk;q=0, tr;q=0.1", Locale::Tr),
        ("kk;q=high, en-US", Locale::En),
        ("*;q=0.5", Locale::En),
        (";;,,q=1;ru", Locale::En),
    ];
    for (header, locale) in cases {
        assert_eq!(i18n::negotiate(header), locale, "{header:?}");
    }
}

#[test]
fn plurals_follow_the_language() {
    let ago = |locale, count| i18n::tn(locale, "app.relative.ago.day", count, &[]);
    assert_eq!(ago(Locale::Ru, 1), "1 день назад");
    assert_eq!(ago(Locale::Ru, 3), "3 дня назад");
    assert_eq!(ago(Locale::Ru, 11), "11 дней назад");
    assert_eq!(ago(Locale::Ru, 21), "21 день назад");
    assert_eq!(ago(Locale::En, 1), "1 day ago");
    assert_eq!(ago(Locale::En, 2), "2 days ago");
    assert_eq!(ago(Locale::Kk, 5), "5 күн бұрын");
    assert_eq!(ago(Locale::Tr, 5), "5 gün önce");
}

#[test]
fn a_value_is_never_read_as_a_placeholder() {
    let text = i18n::t(Locale::En, "flash.moved", &[("number", "%{state}"), ("state", "100%{")]);
    assert_eq!(text, "%{state} is now “100%{”.");
    assert_eq!(i18n::t(Locale::En, "flash.moved", &[]), "%{number} is now “%{state}”.");
}

#[test]
fn a_missing_key_shows_itself_and_is_noticed() {
    assert_eq!(i18n::t(Locale::Kk, "no.such.key", &[]), "no.such.key");
    assert_eq!(i18n::missing::take(), ["kk: no.such.key"]);
}
