//! Every phrase in the checks' sources has words.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use templates::Locale;

use super::{PHRASES, parted, word};

/// What of a finding may be a phrase; the rest are names of the file.
const SAID: [&str; 8] = ["what", "expected", "found", "hint", "known", "owner", "problem", "who"];

/// Calls whose last argument is one.
const CALLS: [&str; 7] = ["self.expected(", "expected(", "unfit(", "failed(", "reader.list(", "self.list(", "#[error("];

/// Names of the language, which are the same in every language.
const NAMES: [&str; 7] = ["choice", "bool", "decimal", "int", "number", "ref", "part"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The texts of a source, each with the code before it.
fn texts(source: &str) -> Vec<(String, String)> {
    let code: String = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let (mut found, mut before, mut text, mut inside, mut escaped) = (Vec::new(), String::new(), String::new(), false, false);
    let mut characters = code.chars().peekable();
    while let Some(character) = characters.next() {
        if escaped {
            text.push(character);
            escaped = false;
        } else if inside && character == '\\' {
            escaped = true;
        } else if character == '"' {
            if inside {
                found.push((std::mem::take(&mut before), std::mem::take(&mut text)));
            }
            inside = !inside;
        } else if inside {
            text.push(character);
        } else if character == '\'' && characters.peek() == Some(&'"') {
            // a quote as a character
            before.push_str("'\"'");
            characters.nth(1);
        } else {
            before.push(character);
        }
    }
    found
}

/// The phrases of a source.
fn phrases(path: &Path) -> BTreeSet<String> {
    let source = std::fs::read_to_string(path).expect("reads");
    let texts = texts(&source);
    let mut found = BTreeSet::new();
    for (index, (before, text)) in texts.iter().enumerate() {
        let before = before.trim_end();
        // what is said of a value of the program's own is no finding
        if before.ends_with("#[error(") && !path.ends_with("calendar/hours.rs") {
            continue;
        }
        let value_of = index.checked_sub(1).and_then(|at| texts.get(at)).is_some_and(|(_, name)| SAID.contains(&name.as_str()))
            && ["", ",", ", &", ", &format!(", ", format!(", ", vec!["].iter().any(|joint| before.trim_start() == joint.trim());
        let call = before.rsplit_once('\n').map_or(before, |(_, line)| line);
        let argument_of = CALLS.iter().any(|name| call.rfind(name).is_some_and(|at| !call[at + name.len()..].contains([')', '(', ';'])));
        let described = before.ends_with("=>") && source.contains("fn describe");
        let judged = path.ends_with("scenario/judge.rs")
            && !before.ends_with("with(")
            && !before.ends_with("format!(")
            && !before.ends_with(".format(");
        if value_of || argument_of || described || judged {
            found.insert(text.clone());
        }
    }
    found
}

/// `WF…`, a key, a name, or a list of names.
fn is_name(text: &str) -> bool {
    let name = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "_.{}?<>/*:-".contains(c));
    parted(text).0.chars().all(|c| !c.is_alphabetic())
        || NAMES.contains(&text)
        || text.starts_with("WF")
        || (text.contains(", ") && text.split(", ").all(name))
}

#[test]
fn every_phrase_a_finding_can_carry_has_words_in_every_language() {
    let mut files = Vec::new();
    sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../workflows/src")), &mut files);
    let mut found: BTreeSet<String> = files.iter().flat_map(|path| phrases(path)).collect();
    found.retain(|text| !is_name(text) && !SAID.contains(&text.as_str()));
    assert!(found.len() > 60, "the sources were not read: {found:?}");
    let known: BTreeSet<&str> = PHRASES.iter().map(|(phrase, _)| *phrase).collect();
    let missing: Vec<&String> = found.iter().filter(|text| !known.contains(parted(text).0.as_str())).collect();
    assert!(missing.is_empty(), "without words: {missing:#?}");
}

#[test]
fn names_stay_and_the_rest_is_told() {
    let told = |value: &str| word(Locale::Ru, value);
    assert_eq!(told("a length of time, such as `PT4H` or `P2D`").as_deref(), Some("длительность, например `PT4H` или `P2D`"));
    assert_eq!(told("did you mean `assignee`?").as_deref(), Some("возможно, `assignee`?"));
    assert_eq!(told("`do` and `notify`").as_deref(), Some("`do` и `notify`"));
    assert_eq!(told("assignee, title"), None);
}
