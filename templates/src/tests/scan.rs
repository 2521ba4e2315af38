//! Reads templates and sources: which words they ask for, and which text they hold.

use std::collections::BTreeSet;
use std::path::Path;

use minijinja::machinery::{Token, tokenize};
use minijinja::syntax::SyntaxConfig;

use crate::embedded;

/// What one template holds.
#[derive(Debug, Default)]
pub struct Scan {
    pub name: String,
    /// Calls of `t` and `tn` whose key begins with a literal.
    pub calls: Vec<Call>,
    /// Every string constant.
    pub strings: Vec<String>,
    /// Names of the filters used.
    pub filters: Vec<String>,
    /// The HTML, with `HOLE` where something is filled in.
    pub html: String,
}

/// Stands in the HTML for whatever is filled in.
pub const HOLE: char = '\u{fffc}';

/// A call of `t` or `tn`.
#[derive(Debug)]
pub struct Call {
    pub plural: bool,
    pub key: String,
    /// Whether the key goes on after the literal.
    pub dynamic: bool,
    /// Names of the arguments; none where they come from a value.
    pub arguments: Option<BTreeSet<String>>,
}

/// Every template.
pub fn templates() -> Vec<Scan> {
    embedded::names().into_iter().map(|name| scan(&name)).collect()
}

fn scan(name: &str) -> Scan {
    let source = embedded::source(name).expect("a listed template can be read");
    let tokens: Vec<Token<'_>> =
        tokenize(&source, false, SyntaxConfig::default()).map(|token| token.expect("the engine reads every template").0).collect();
    let mut scan = Scan { name: name.to_owned(), ..Scan::default() };
    for (index, token) in tokens.iter().enumerate() {
        match token {
            Token::TemplateData(data) => scan.html.push_str(data),
            Token::VariableStart => scan.html.push(HOLE),
            Token::Str(text) => scan.strings.push((*text).to_owned()),
            Token::String(text) => scan.strings.push(text.to_string()),
            Token::Pipe => {
                if let Some(Token::Ident(filter)) = tokens.get(index + 1) {
                    scan.filters.push((*filter).to_owned());
                }
            }
            Token::Ident(function @ ("t" | "tn")) => scan.calls.extend(call(&tokens[index + 1..], *function == "tn")),
            _ => {}
        }
    }
    scan
}

/// Reads `("key" …, name=…)` after the name of the function.
fn call(tokens: &[Token<'_>], plural: bool) -> Option<Call> {
    let [Token::ParenOpen, Token::Str(key), rest @ ..] = tokens else { return None };
    let dynamic = matches!(rest.first(), Some(Token::Tilde));
    let mut arguments = Some(BTreeSet::new());
    let mut depth = 0;
    for (index, token) in rest.iter().enumerate() {
        match token {
            Token::ParenOpen | Token::BracketOpen | Token::BraceOpen => depth += 1,
            Token::ParenClose | Token::BracketClose | Token::BraceClose if depth == 0 => break,
            Token::ParenClose | Token::BracketClose | Token::BraceClose => depth -= 1,
            Token::Pow if depth == 0 => arguments = None,
            Token::Ident(name) if depth == 0 && matches!(rest.get(index + 1), Some(Token::Assign)) => {
                if let Some(arguments) = &mut arguments {
                    arguments.insert((*name).to_owned());
                }
            }
            _ => {}
        }
    }
    Some(Call { plural, key: (*key).to_owned(), dynamic, arguments })
}

/// Every string constant of the Rust sources under a folder of the workspace; none where the folder is missing.
pub fn rust_strings(folder: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder);
    let mut strings = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                strings.extend(literals(&std::fs::read_to_string(&path).expect("a source can be read")));
            }
        }
    }
    strings
}

/// String literals of a source, escapes left as they are. A quote in a character literal opens none.
fn literals(source: &str) -> Vec<String> {
    let source = source.replace("'\"'", "''").replace("'\\\"'", "''");
    let mut literals = Vec::new();
    let mut rest = source.as_str();
    while let Some((_, after)) = rest.split_once('"') {
        let mut escaped = false;
        let end = after.find(|character| {
            let closes = character == '"' && !escaped;
            escaped = character == '\\' && !escaped;
            closes
        });
        let Some(end) = end else { break };
        literals.push(after[..end].to_owned());
        rest = &after[end + 1..];
    }
    literals
}

#[test]
fn a_call_is_read_with_its_arguments() {
    let source = r#"{{ t("a.b", n=f(x=1), "m"=2, k=x | number) }}{{ tn("c.", 3) }}{{ t("d." ~ x) }}{{ t(key) }}"#;
    let source = source.replace("\"m\"=2", "m=2");
    let tokens: Vec<Token<'_>> =
        tokenize(&source, false, SyntaxConfig::default()).map(|token| token.expect("it is a template").0).collect();
    let calls: Vec<Call> = tokens
        .iter()
        .enumerate()
        .filter_map(|(index, token)| match token {
            Token::Ident("t") => call(&tokens[index + 1..], false),
            Token::Ident("tn") => call(&tokens[index + 1..], true),
            _ => None,
        })
        .collect();
    assert_eq!(calls.len(), 3, "{calls:?}");
    let names = calls[0].arguments.as_ref().map(|names| names.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(names, Some(vec!["k", "m", "n"]));
    assert!(calls[1].plural && !calls[1].dynamic && calls[2].dynamic);
}

#[test]
fn literals_end_where_they_should() {
    assert_eq!(literals(r#"f("a", '"', "b\"c", 'x') // "d""#), ["a", "b\\\"c", "d"]);
}
