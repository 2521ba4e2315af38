//! What `check` finds: a code, a place and parameters; the English sentence is the default wording, the code and parameters are for translating it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Serialize, Serializer};

use crate::yaml::{self, At};
use wording::wording;

mod wording;

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
        let line = yaml::line(source, self.line);
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

/// A name longer than this is near to nothing: no id and no field is.
const LONGEST_NAME: usize = 64;
/// How many names are compared with one that is not known.
const MOST_COMPARED: usize = 150;

/// “did you mean …?” over the names there are; empty when none is near.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    if name.len() > LONGEST_NAME {
        return String::new();
    }
    let far = 2 + name.len() / 8;
    let alike = known.into_iter().take(MOST_COMPARED).filter(|candidate| candidate.len().abs_diff(name.len()) <= far);
    let near = alike.filter_map(|candidate| Some((distance(name, candidate, far)?, candidate))).min();
    near.map(|(_, candidate)| format!("did you mean `{candidate}`?")).unwrap_or_default()
}

/// Levenshtein distance if it is at most `far`, over bytes: the names are ASCII.
fn distance(a: &str, b: &str, far: usize) -> Option<usize> {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let next = (diagonal + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = row[j + 1];
            row[j + 1] = next;
        }
        // no row is nearer than the nearest of the row before
        if row.iter().min().is_some_and(|nearest| *nearest > far) {
            return None;
        }
    }
    Some(row[b.len()]).filter(|steps| *steps <= far)
}
