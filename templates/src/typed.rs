//! Numbers and money as people type them, read the way their language writes them; [`crate::format`] is the way back.

use crate::format;
use crate::i18n::Locale;

/// A number as `-1250.5`. Nothing where the text is none, or could as well be another: `1.250` is a thousand and more in Turkish,
/// one and a quarter in English, and in Russian nobody knows.
pub fn number(locale: Locale, typed: &str) -> Option<String> {
    let (sign, text) = signed(typed);
    Some(format!("{sign}{}", magnitude(locale, text)?))
}

/// An amount as `-1250.50`, with or without the currency's sign, where pages show it or behind.
pub fn money(locale: Locale, typed: &str, currency: &str) -> Option<String> {
    let (outer, text) = signed(typed);
    let symbol = format::symbol(currency).unwrap_or(currency);
    let bare = |text: &str, sign: &str| text.strip_prefix(sign).or_else(|| text.strip_suffix(sign)).map(|text| text.trim().to_owned());
    let text = bare(text, symbol).or_else(|| bare(text, currency).filter(|_| !currency.is_empty())).unwrap_or_else(|| text.to_owned());
    let (inner, text) = signed(&text);
    if outer == "-" && inner == "-" {
        return None;
    }
    Some(format!("{outer}{inner}{}", magnitude(locale, text)?))
}

fn signed(typed: &str) -> (&'static str, &str) {
    let typed = typed.trim();
    typed.strip_prefix(['-', '−']).map_or(("", typed), |rest| ("-", rest.trim_start()))
}

/// What stands between thousands, besides spaces, and before the fraction.
fn signs(locale: Locale) -> (char, char) {
    match locale {
        Locale::Kk | Locale::Ru => (' ', ','),
        Locale::En => (',', '.'),
        Locale::Tr => ('.', ','),
    }
}

fn magnitude(locale: Locale, text: &str) -> Option<String> {
    let (thousands, point) = signs(locale);
    let mut marks = text.chars().filter(|c| matches!(c, '.' | ','));
    let (whole, fraction) = match (marks.next(), marks.next()) {
        // before anything but three digits the only mark is a point, whatever the language
        (Some(only), None) => text.split_once(only).filter(|(_, fraction)| fraction.len() != 3 || only == point),
        _ => text.split_once(point),
    }
    .map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    let Some(separator) = whole.chars().find(|c| !c.is_ascii_digit()) else { return joined(whole, fraction) };
    if separator != thousands && !separator.is_whitespace() {
        return None;
    }
    let (first, groups) = whole.split_once(separator)?;
    if !matches!(first.len(), 1..=3) || first.starts_with('0') || groups.split(separator).any(|group| group.len() != 3) {
        return None;
    }
    joined(&whole.replace(separator, ""), fraction)
}

fn joined(whole: &str, fraction: Option<&str>) -> Option<String> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let fine = digits(whole) && fraction.is_none_or(digits);
    fine.then(|| fraction.map_or_else(|| whole.to_owned(), |fraction| format!("{whole}.{fraction}")))
}
