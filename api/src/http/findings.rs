//! What check finds in a workflow file, in the reader's language. The English wording of the command line lives with the checks;
//! here each code has its sentence and its help in every language.

use domain::FieldError;
use templates::Locale;
use templates::i18n::{exists, t};
use workflows::Diagnostic;

use super::phrases;

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
    let given = |name: &str| params.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str());
    let place = [("line", given("at_line").unwrap_or("1")), ("column", given("at_column").unwrap_or("1")), ("sentence", &*sentence)];
    match given("at_file") {
        Some(file) => t(locale, "finding.at_file", &[&[("file", file)], &place[..]].concat()),
        None => t(locale, "finding.at", &place),
    }
}

fn worded(locale: Locale, code: &str, part: &str, params: &[(&str, String)]) -> Option<String> {
    let key = format!("finding.{code}.{part}");
    let params: Vec<(&str, &str)> = params.iter().map(|(name, value)| (*name, value.as_str())).collect();
    exists(locale, &key).then(|| t(locale, &key, &params))
}

/// What in a finding may be a phrase of ours; everything else is a name of the file.
const SAID: [&str; 8] = ["what", "expected", "found", "hint", "known", "owner", "problem", "who"];

/// A value of a finding: a name of the file stands as it is, a phrase of ours is told in the reader's language.
fn word(locale: Locale, name: &str, value: &str) -> String {
    Some(value).filter(|_| SAID.contains(&name)).and_then(|value| phrases::word(locale, value)).unwrap_or_else(|| value.to_owned())
}
