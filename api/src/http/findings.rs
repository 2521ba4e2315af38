//! What check finds in a workflow file, in the reader's language. The English wording of the command line lives with the checks;
//! here each code has its sentence and its help in every language.

use domain::FieldError;
use templates::Locale;
use templates::i18n::{exists, t};
use workflows::Diagnostic;

/// What is wrong, in a sentence.
pub fn sentence(locale: Locale, finding: &Diagnostic) -> String {
    let params: Vec<(&str, String)> = finding.params.iter().map(|(name, value)| (*name, word(locale, name, value))).collect();
    worded(locale, finding.code, "sentence", &params).unwrap_or_else(|| finding.message())
}

/// What to do about it; empty where the sentence says it all.
pub fn help(locale: Locale, finding: &Diagnostic) -> String {
    let params: Vec<(&str, String)> = finding.params.iter().map(|(name, value)| (*name, word(locale, name, value))).collect();
    worded(locale, finding.code, "help", &params).unwrap_or_default()
}

/// A finding that kept a text from being published, with its place.
pub fn refused(locale: Locale, error: &FieldError) -> String {
    let params: Vec<(&str, String)> = error.params.iter().map(|(name, value)| (&**name, word(locale, name, value))).collect();
    let sentence = worded(locale, &error.code, "sentence", &params).unwrap_or_else(|| error.code.to_string());
    let place = |name: &str| params.iter().find(|(known, _)| *known == name).map_or("1", |(_, value)| value.as_str());
    t(locale, "finding.at", &[("line", place("at_line")), ("column", place("at_column")), ("sentence", &sentence)])
}

fn worded(locale: Locale, code: &str, part: &str, params: &[(&str, String)]) -> Option<String> {
    let key = format!("finding.{code}.{part}");
    let params: Vec<(&str, &str)> = params.iter().map(|(name, value)| (*name, value.as_str())).collect();
    exists(locale, &key).then(|| t(locale, &key, &params))
}

/// Phrases the checks put into a sentence, by the key of their words.
const PHRASES: &[(&str, &str)] = &[
    ("a mapping", "mapping"),
    ("a list", "list"),
    ("text", "text"),
    ("a number", "number"),
    ("a whole number", "whole_number"),
    ("nothing", "nothing"),
    ("true or false", "bool"),
    ("characters", "characters"),
    ("entries", "entries"),
    ("bytes of a name", "name_bytes"),
    ("states", "states"),
    ("transitions", "transitions"),
    ("fields", "fields"),
    ("actors", "actors"),
    ("levels", "levels"),
    ("a name", "name"),
    ("a length of time, such as `PT4H` or `P2D`", "span"),
    ("an amount, such as `500000 KZT`", "amount"),
    ("a time of day, such as `'08:00'`", "time_of_day"),
];

/// What in a finding is a phrase of ours; everything else is a name of the file.
const SAID: [&str; 4] = ["what", "expected", "found", "hint"];

/// A value of a finding: a name of the file stands as it is, a phrase of ours is told in the reader's language.
fn word(locale: Locale, name: &str, value: &str) -> String {
    if !SAID.contains(&name) {
        return value.to_owned();
    }
    if let Some((_, key)) = PHRASES.iter().find(|(phrase, _)| *phrase == value) {
        return t(locale, &format!("finding.word.{key}"), &[]);
    }
    match value.strip_prefix("did you mean `").and_then(|rest| rest.strip_suffix("`?")) {
        Some(name) => t(locale, "finding.word.nearest", &[("name", name)]),
        None => value.to_owned(),
    }
}
