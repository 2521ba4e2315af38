//! A company's own texts: words with `{{placeholders}}` of an allow list, put in place once. It is no template language: there
//! is nothing to compute, nothing to repeat, and a value is never read again. What comes out is bounded.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::kinds::{Kind, OPTIONAL, VARIABLES};

/// Where a notification keeps the words of its workflow file, by language.
pub(super) const WORDS: &str = "words";
/// Most placeholders of a text.
pub const MOST: usize = 30;
/// Most characters of a value put into a text.
const LONGEST_VALUE: usize = 1_500;
/// Most bytes that come out.
pub const LIMIT: usize = 256 * 1024;

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It mentions what this kind of message does not know.
    Unknown {
        /// What stands between the braces.
        name: String,
        /// The line, from 1.
        line: usize,
    },
    /// Braces open and do not close on their line.
    Unclosed {
        /// The line, from 1.
        line: usize,
    },
    /// It mentions too many.
    TooMany,
    /// It would be longer than [`LIMIT`].
    TooLong,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unknown { name, line } => write!(f, "line {line} mentions {{{{{name}}}}}, which this kind of message does not have"),
            Self::Unclosed { line } => write!(f, "a placeholder opens on line {line} and does not close"),
            Self::TooMany => write!(f, "it mentions more than {MOST} placeholders"),
            Self::TooLong => write!(f, "it comes out longer than {} KB", LIMIT / 1024),
        }
    }
}

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Plain(&'a str),
    Placeholder(&'a str, usize),
}

/// Takes a text apart. Names are as they stand; whether they are known is for the caller to see.
fn pieces(text: &str) -> Result<Vec<Piece<'_>>, Fault> {
    let (mut found, mut rest, mut line) = (Vec::new(), text, 1);
    let mut placeholders = 0;
    while let Some((before, after)) = rest.split_once("{{") {
        line += before.matches('\n').count();
        let name = after.split_once("}}").filter(|(name, _)| !name.contains('\n'));
        let (name, tail) = name.ok_or(Fault::Unclosed { line })?;
        placeholders += 1;
        if placeholders > MOST {
            return Err(Fault::TooMany);
        }
        found.push(Piece::Plain(before));
        found.push(Piece::Placeholder(name.trim(), line));
        rest = tail;
    }
    found.push(Piece::Plain(rest));
    Ok(found)
}

/// Checks a text of a kind; answers what it mentions.
pub fn check<'a>(kind: &Kind, text: &'a str) -> Result<BTreeSet<&'a str>, Fault> {
    let mut mentioned = BTreeSet::new();
    for piece in pieces(text)? {
        let Piece::Placeholder(name, line) = piece else { continue };
        if !kind.placeholders.iter().chain(OPTIONAL).any(|known| *known == name) {
            return Err(Fault::Unknown { name: name.to_owned(), line });
        }
        mentioned.insert(name);
    }
    Ok(mentioned)
}

/// Puts values in the places of a text. What may be empty is empty where it is not known; anything else must be known.
pub fn fill(text: &str, values: &[(&str, &str)]) -> Result<String, Fault> {
    let mut filled = String::with_capacity(text.len());
    for piece in pieces(text)? {
        match piece {
            Piece::Plain(words) => filled.push_str(words),
            Piece::Placeholder(name, line) => match values.iter().find(|(known, _)| *known == name) {
                Some((_, value)) => filled.extend(value.chars().take(LONGEST_VALUE)),
                None if OPTIONAL.contains(&name) => {}
                None => return Err(Fault::Unknown { name: name.to_owned(), line }),
            },
        }
        if filled.len() > LIMIT {
            return Err(Fault::TooLong);
        }
    }
    Ok(filled)
}

/// What the workflow file behind a notification says in a language, filled in; nothing where our words are said. A value is put in place
/// once and cut where it is too long; a `%{name}` that is none of [`VARIABLES`] stays as it is.
pub fn filed(params: &Json, locale: &str, values: &[(&str, &str)]) -> Option<String> {
    let text = params.get(WORDS)?.get(locale)?.as_str()?;
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("%{") {
        filled.push_str(before);
        if let Some((name, tail)) = after.split_once('}').filter(|(name, _)| VARIABLES.contains(name)) {
            let value = values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| *value);
            filled.extend(value.chars().take(LONGEST_VALUE));
            rest = tail;
        } else {
            filled.push_str("%{");
            rest = after;
        }
        if filled.len() > LIMIT {
            break;
        }
    }
    filled.push_str(rest);
    Some(filled).filter(|filled| !filled.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kind() -> &'static Kind {
        Kind::find("work_order.rejected").expect("a kind")
    }

    #[test]
    fn places_are_filled_once_and_everything_else_stays_as_it_is() {
        let values = [("number", "WO-1"), ("title", "{{number}} %{actor} <b>")];
        let text = "{{ number }}: {{title}} {x} }} {% for a in b %} {{reason}}!";
        assert_eq!(fill(text, &values).expect("is filled"), "WO-1: {{number}} %{actor} <b> {x} }} {% for a in b %} !");
    }

    #[test]
    fn what_is_not_known_is_named_with_its_line() {
        let unknown = |text: &str, name: &str, line| {
            assert_eq!(check(kind(), text), Err(Fault::Unknown { name: name.to_owned(), line }), "{text}");
        };
        unknown("a\nb {{number}}\n{{colour}}", "colour", 3);
        unknown("{{Number}}", "Number", 1);
        unknown("{{}}", "", 1);
        assert_eq!(check(kind(), "a\n{{number"), Err(Fault::Unclosed { line: 2 }));
        assert_eq!(check(kind(), "{{num\nber}}"), Err(Fault::Unclosed { line: 1 }));
        assert_eq!(check(kind(), "{{number}} {{ name }} {{number}}"), Ok(BTreeSet::from(["name", "number"])));
        assert_eq!(fill("{{actor}}", &[]), Err(Fault::Unknown { name: "actor".to_owned(), line: 1 }));
    }

    /// What makes a template engine burn or leak: 120 bytes of it came out as a gibibyte.
    #[test]
    fn the_payloads_of_template_engines_are_refused_or_plain_words() {
        let refused = [
            "{{ 'x' * 1000000000 }}",
            "{{ range(100000000) | join }}",
            "{{ ''.__class__.__mro__[1].__subclasses__() }}",
            "{{ self }}",
            "{{ config.SECRET_KEY }}",
            "{{ number | upper }}",
            "{{{{ number }}}}",
            "{{ number }}{{ lipsum(n=1000000) }}",
        ];
        for payload in refused {
            assert!(matches!(check(kind(), payload), Err(Fault::Unknown { line: 1, .. })), "{payload}");
            assert!(fill(payload, &[("number", "WO-1")]).is_err(), "{payload}");
        }
        let plain =
            "{% set x = 'a' * 1000000 %}{% for i in range(1000000) %}{% include '/etc/passwd' %}{# c #}${7*7}<%= 7 %>#{7*7}%{number}";
        assert_eq!(fill(plain, &[("number", "WO-1")]).as_deref(), Ok(plain));
        let long = "ұ".repeat(1_000_000);
        let most = format!("{}{}", "a".repeat(8_000), "{{number}}".repeat(MOST));
        let out = fill(&most, &[("number", &long)]).expect("is filled");
        assert!(out.len() <= LIMIT, "{}", out.len());
        assert_eq!(fill(&"{{number}}".repeat(MOST + 1), &[("number", "x")]), Err(Fault::TooMany));
        assert_eq!(fill(&"x".repeat(LIMIT + 1), &[]), Err(Fault::TooLong));
    }

    #[test]
    fn words_of_a_file_are_filled_in_once_and_what_they_do_not_know_stays() {
        let params = serde_json::json!({ "number": "WO-1", "words": { "ru": "%{number}: %{title} %{colour} %{ %{asset}!", "en": " " } });
        let values = [("number", "WO-1"), ("title", "%{number}")];
        assert_eq!(filed(&params, "ru", &values).as_deref(), Some("WO-1: %{number} %{colour} %{ !"));
        assert_eq!((filed(&params, "en", &values), filed(&params, "kk", &values)), (None, None));
        let greedy = serde_json::json!({ "words": { "ru": "%{title}".repeat(1_000) } });
        let out = filed(&greedy, "ru", &[("title", &"ұ".repeat(1_000_000))]).expect("is filled");
        assert!(out.len() <= LIMIT + 16_000, "{}", out.len());
    }

    proptest! {
        #[test]
        fn whatever_is_typed_comes_out_bounded_or_is_refused(text in "\\PC{0,200}", value in "\\PC{0,50}") {
            let filled = fill(&text, &[("number", &value), ("title", "x")]);
            if let Ok(out) = filled {
                prop_assert!(out.len() <= LIMIT && (text.contains("{{") || out == text));
            }
        }
    }
}
