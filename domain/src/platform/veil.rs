//! What an operator may see of a job's arguments and of the reason it failed: ids, moments, numbers and words of ours. Whatever may be
//! a name, an address, a text or a secret is veiled.

use chrono::{DateTime, NaiveDate};
use serde_json::{Map, Value};
use uuid::Uuid;

/// What stands for something veiled.
pub const VEIL: &str = "•••";

/// Arguments that hold a code of ours, never a person's words.
const CODES: &[&str] = &["channel", "format", "kind", "list", "locale", "state", "subject", "transition"];
/// Larger numbers may be a chat or a telephone.
const LARGEST: u64 = 10_000_000;
/// Parts shown of a list or object, and how deep.
const MOST: usize = 50;
const DEEPEST: usize = 6;

/// Arguments or progress, as an operator may see them.
pub fn arguments(value: &Value) -> Value {
    part(value, false, 0)
}

fn part(value: &Value, code: bool, depth: usize) -> Value {
    match value {
        Value::Null | Value::Bool(_) => value.clone(),
        Value::Number(number) => {
            let small = number.as_f64().is_some_and(|number| number.abs() < 1e7) || number.as_u64().is_some_and(|number| number < LARGEST);
            if small { value.clone() } else { VEIL.into() }
        }
        Value::String(text) if is_plain(text) || code && is_code(text) => value.clone(),
        _ if depth >= DEEPEST => VEIL.into(),
        Value::String(_) => VEIL.into(),
        Value::Array(items) => items.iter().take(MOST).map(|item| part(item, code, depth + 1)).collect(),
        Value::Object(fields) => {
            let shown = fields.iter().take(MOST).map(|(name, value)| {
                let name = if is_code(name) || is_plain(name) { name.clone() } else { VEIL.to_owned() };
                let code = CODES.contains(&name.as_str());
                (name, part(value, code, depth + 1))
            });
            Value::Object(shown.collect::<Map<_, _>>())
        }
    }
}

/// Ids and moments.
fn is_plain(text: &str) -> bool {
    text.is_empty() || Uuid::parse_str(text).is_ok() || DateTime::parse_from_rfc3339(text).is_ok() || text.parse::<NaiveDate>().is_ok()
}

fn is_code(text: &str) -> bool {
    text.len() <= 60
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b"._-0123456789".contains(&b))
}

/// A reason, as an operator may see it: quoted values, addresses, long numbers and what may be a token are veiled.
pub fn reason(text: &str) -> String {
    let mut quoted = false;
    let mut shown = String::with_capacity(text.len());
    for piece in text.split_inclusive('"') {
        let (body, quote) = piece.strip_suffix('"').map_or((piece, ""), |body| (body, "\""));
        if quoted && !body.is_empty() {
            shown.push_str(VEIL);
        } else {
            words(body, &mut shown);
        }
        shown.push_str(quote);
        quoted ^= !quote.is_empty();
    }
    shown
}

fn words(text: &str, shown: &mut String) {
    for piece in text.split_inclusive(|c: char| c.is_whitespace() || "<>()[]{},;'«»".contains(c)) {
        let word = piece.trim_end_matches(|c: char| c.is_whitespace() || "<>()[]{},;'«»".contains(c));
        let bare = word.trim_matches(|c: char| ".:!?`".contains(c));
        if is_personal(bare) {
            shown.push_str(&word.replace(bare, VEIL));
        } else {
            shown.push_str(word);
        }
        shown.push_str(&piece[word.len()..]);
    }
}

fn is_personal(word: &str) -> bool {
    if is_plain(word) {
        return false;
    }
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let token = word.len() >= 20 && digits > 0 && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-+/=".contains(&b));
    word.contains('@') || digits >= 7 || token || word.contains("://")
}
