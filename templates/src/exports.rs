//! Words about exports that pages, messages and documents share.

use crate::Locale;
use crate::i18n::{exists, t};

/// What a list is called.
pub fn list(locale: Locale, name: &str) -> String {
    t(locale, &format!("exports.list.{name}"), &[])
}

/// What a list is narrowed to by a filter.
pub fn line(locale: Locale, list: &str, name: &str, values: &[String]) -> String {
    format!("{}: {}", filter(locale, list, name), values.join(", "))
}

/// What a filter of a list is called; a comparison is part of its name.
fn filter(locale: Locale, list: &str, name: &str) -> String {
    let own = format!("exports.filter.{list}_{name}");
    if exists(locale, &own) { t(locale, &own, &[]) } else { t(locale, &format!("exports.filter.{}", name.replace('.', "_")), &[]) }
}

/// Why there is no file.
pub fn reason(locale: Locale, code: &str) -> String {
    t(locale, &format!("exports.reason.{code}"), &[])
}

/// A word a filter is set to: of a closed list, `yes`, `no`, `none` or `me`. A state a company has added is called as its file writes it.
pub fn word(locale: Locale, list: &str, filter: &str, word: &str) -> String {
    let keys = [
        format!("resource.{list}.{filter}.{word}"),
        format!("wf.work_order.{filter}.{word}"),
        format!("work_order.{filter}.{word}"),
        format!("sla.health.{word}"),
        format!("exports.word.{word}"),
        format!("app.{word}"),
    ];
    keys.iter().find(|key| exists(locale, key)).map_or_else(|| word.replace('_', " "), |key| t(locale, key, &[]))
}

/// What a message about an export mentions, in words: names and reasons are stored as codes.
pub fn mentioned(locale: Locale, name: &str, value: &str) -> String {
    match name {
        "list" => list(locale, value),
        "reason" => reason(locale, value),
        "format" => value.to_uppercase(),
        _ => value.to_owned(),
    }
}
