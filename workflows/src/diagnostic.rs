//! What `check` finds: a code, a place and parameters; the English sentence is the default wording, the code and parameters are for translating it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Serialize, Serializer};

use crate::yaml::At;

/// One finding in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// `WF0xx` file, `WF1xx` graph, `WF2xx` names, `WF3xx` expressions. Every sentence has a code of its own, so the code is its key.
    pub code: &'static str,
    /// The file's name as it was given to [`crate::Workflow::load`].
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// What the sentence names.
    pub params: BTreeMap<&'static str, String>,
    /// The line of the source.
    pub source: String,
}

impl Diagnostic {
    pub(crate) fn new(code: &'static str, at: At) -> Self {
        Self { code, file: String::new(), line: at.line, column: at.column, params: BTreeMap::new(), source: String::new() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.params.insert(name, value.into());
        self
    }

    /// Adds the file's name and the line the finding is on.
    pub(crate) fn located(mut self, file: &str, source: &str) -> Self {
        const LONGEST: usize = 240;
        file.clone_into(&mut self.file);
        let line = source.lines().nth(self.line.saturating_sub(1) as usize).unwrap_or_default();
        self.source = line.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
        self
    }

    /// The sentence, in English.
    pub fn message(&self) -> String {
        fill(wording(self.code).0, &self.params)
    }

    /// What to do about it, in English; empty where the sentence says it all.
    pub fn help(&self) -> String {
        fill(wording(self.code).1, &self.params)
    }
}

impl Serialize for Diagnostic {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shape<'a> {
            code: &'a str,
            file: &'a str,
            line: u32,
            column: u32,
            message: String,
            help: String,
            params: &'a BTreeMap<&'static str, String>,
            source: &'a str,
        }
        Shape {
            code: self.code,
            file: &self.file,
            line: self.line,
            column: self.column,
            message: self.message(),
            help: self.help(),
            params: &self.params,
            source: &self.source,
        }
        .serialize(serializer)
    }
}

/// Findings as a compiler prints them: `file:line:col: error[WF301]: sentence`, the line, a caret, help.
pub fn render(findings: &[Diagnostic]) -> String {
    let mut out = String::new();
    for finding in findings {
        // writing to a String cannot fail
        let _ = writeln!(out, "{}:{}:{}: error[{}]: {}", finding.file, finding.line, finding.column, finding.code, finding.message());
        let number = finding.line.to_string();
        let column = finding.column.saturating_sub(1) as usize;
        if column <= finding.source.chars().count() {
            let indent = " ".repeat(number.len());
            let _ = writeln!(out, "{indent} |\n{number} | {}\n{indent} | {}^", finding.source, " ".repeat(column));
        }
        let help = finding.help();
        if !help.is_empty() {
            let _ = writeln!(out, "  help: {help}");
        }
        out.push('\n');
    }
    out
}

/// Findings as one JSON array.
pub fn to_json(findings: &[Diagnostic]) -> serde_json::Value {
    serde_json::to_value(findings).unwrap_or_default()
}

fn fill(template: &str, params: &BTreeMap<&'static str, String>) -> String {
    let mut out = template.to_owned();
    for (name, value) in params {
        out = out.replace(&format!("{{{name}}}"), value);
    }
    out
}

/// The sentence and the help of a code.
fn wording(code: &str) -> (&'static str, &'static str) {
    match code {
        "WF001" => ("this is not YAML: {problem}", ""),
        "WF002" => ("the file is larger than {limit} KiB", ""),
        "WF003" | "WF309" => ("expected {expected}, found {found}", ""),
        "WF004" => ("unknown key `{key}`", "here the language knows {known}"),
        "WF005" => ("`{key}` is missing", ""),
        "WF006" => ("`{value}` is not one of {options}", ""),
        "WF007" => ("`{value}` cannot be an id", "an id is 1 to 40 small Latin letters, digits and underscores, and begins with a letter"),
        "WF008" => ("{value} is not from {min} to {max}", ""),
        "WF009" => ("more than {limit} {what}", ""),
        "WF010" => ("the file is for `{found}`, not for `{expected}`", ""),
        "WF101" => ("nothing leads to the state `{state}`", "let a transition or `initial` lead to it, or remove it"),
        "WF102" => ("nothing leads out of the state `{state}`", "let a transition leave it, or mark it `terminal: true`"),
        "WF103" => ("no way leads from the state `{state}` to an end", "let some path reach a state with `terminal: true`"),
        "WF104" => ("`{state}` is terminal, but `{transition}` leaves it", ""),
        "WF105" => {
            ("two transitions under approval leave `{state}`: `{first}` and `{second}`", "entering a state can ask for one thing only")
        }
        "WF106" => {
            ("only the last entry goes without a condition, and it must", "entries are tried in order; the last one catches the rest")
        }
        "WF200" => ("`{key}` is not built yet", ""),
        "WF201" => ("unknown permission `{name}`", "{hint}"),
        "WF202" => ("unknown role `{name}`", "{hint}"),
        "WF203" => ("unknown effect `{name}`", "{hint}"),
        "WF204" => ("`{entity}` has no field `{name}`", "{hint}"),
        "WF205" => ("unknown state `{name}`", "{hint}"),
        "WF206" => ("unknown text `{name}`", "{hint}"),
        "WF207" => ("unknown transition `{name}`", "{hint}"),
        "WF208" => ("`{name}` is not written by workflows", ""),
        "WF209" => ("several approval levels are not built yet", ""),
        "WF210" => ("`{name}` does not name people", "give `role:…`, `perm:…`, `actor`, or a field that holds a member"),
        "WF211" => ("the form has no field `{name}`", "{hint}"),
        "WF212" => ("`{name}` does not leave `{state}`, where the request is decided", ""),
        "WF213" => ("`{name}` must ask for a reason", "a rejection is explained: `reason: required`"),
        "WF214" => ("a form on a transition under approval is not built yet", ""),
        "WF215" => ("`{name}` is under approval and stays in its state", "let it lead to another state, or the request would never close"),
        "WF216" => ("`{name}` is under approval, so it cannot be a rejection", ""),
        "WF300" => ("the expression cannot be read: {problem}", ""),
        "WF301" => ("no `{operator}` for {types}", ""),
        "WF302" => ("unknown name `{name}`", "an expression knows {known}"),
        "WF303" => ("{owner} has no field `{name}`", "{hint}"),
        "WF304" => ("{what} cannot stand in an expression", ""),
        "WF305" => ("the expression is longer than {limit} bytes", ""),
        "WF306" => ("the expression has more than {limit} {what}", ""),
        "WF307" => ("a list is gone through inside another", "one `all`, `exists`, `exists_one`, `filter` or `map` may not hold another"),
        "WF310" => ("`{name}` may be empty", "test it first: `{name} != null && …`, or name it under `require`"),
        "WF311" => ("`{value}` is not {what}", ""),
        "WF313" => ("`{name}` wants a text between quotes", ""),
        "WF320" => ("`{name}` is never empty here: the test is constant", ""),
        "WF321" => ("`{name}` is never \"{value}\"", "it is one of {options}"),
        "WF322" => ("this condition is constant", "it reads nothing that changes: remove it, or test something"),
        "WF323" => ("unknown function `{name}`", "an expression knows {known}"),
        _ => ("{problem}", ""),
    }
}

/// “did you mean …?” over the names there are; empty when none is near.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let near = known.into_iter().map(|candidate| (distance(name, candidate), candidate)).min();
    match near {
        Some((steps, candidate)) if steps <= 2 + name.len() / 8 => format!("did you mean `{candidate}`?"),
        _ => String::new(),
    }
}

/// Levenshtein distance, over bytes: the names are ASCII.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let next = (diagonal + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = row[j + 1];
            row[j + 1] = next;
        }
    }
    row[b.len()]
}
