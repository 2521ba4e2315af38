//! Writing a tree as YAML, remembering where each piece of text comes from.

use std::fmt::Write as _;

use super::tree::{Kind, Origin, Tree};
use crate::diagnostic::Diagnostic;
use crate::yaml::{self, At, NodeKind};

/// What is at most this long and not a part of its own goes on one line.
const LINE: usize = 100;
/// Levels of nesting that always get lines of their own: the file, its sections, their parts.
const BLOCKS: usize = 2;

/// A piece of the text written: from here on it comes from there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    pub at: At,
    pub origin: Origin,
    /// Whether it is a text, in which findings count characters; `Some(1)` if it is in quotes.
    lead: Option<u32>,
}

impl Mark {
    /// Line and column of a finding in the file it comes from.
    pub fn origin_of(&self, finding: &Diagnostic, source: &str) -> (u32, u32) {
        let At { line, column } = self.origin.at;
        let Some(lead) = self.lead.filter(|_| finding.line == self.at.line) else { return (line, column) };
        let Some(inside) = finding.column.checked_sub(self.at.column + lead) else { return (line, column) };
        let first = yaml::line(source, line).chars().nth(column.saturating_sub(1) as usize);
        match first {
            // a block of lines: its characters are elsewhere
            Some('|' | '>') | None => (line, column),
            Some('\'' | '"') => (line, column + 1 + inside),
            Some(_) => (line, column + inside),
        }
    }
}

/// The whole file, and its marks in order.
pub(crate) fn document(tree: &Tree) -> (String, Vec<Mark>) {
    let mut writer = Writer { text: String::new(), line: 1, column: 1, marks: Vec::new() };
    if is_empty(tree) || matches!(tree.kind, Kind::Scalar(_)) {
        writer.flow(tree);
        writer.push("\n");
    } else {
        writer.block(tree, 0, 0);
    }
    (writer.text, writer.marks)
}

/// A node on one line, whatever its length.
pub(crate) fn line(tree: &Tree) -> String {
    let mut writer = Writer { text: String::new(), line: 1, column: 1, marks: Vec::new() };
    writer.flow(tree);
    writer.text
}

struct Writer {
    text: String,
    line: u32,
    column: u32,
    marks: Vec<Mark>,
}

impl Writer {
    fn push(&mut self, text: &str) {
        for c in text.chars() {
            if c == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        self.text.push_str(text);
    }

    fn mark(&mut self, origin: Origin, lead: Option<u32>) {
        self.marks.push(Mark { at: At { line: self.line, column: self.column }, origin, lead });
    }

    /// A container with something in it, an entry a line. The first line is already indented.
    fn block(&mut self, tree: &Tree, indent: usize, depth: usize) {
        let mut first = true;
        let mut begin = |writer: &mut Self| {
            if !std::mem::take(&mut first) {
                writer.push(&" ".repeat(indent));
            }
        };
        match &tree.kind {
            Kind::Map(entries) => {
                for entry in entries {
                    begin(self);
                    self.mark(entry.origin, None);
                    self.push(&scalar(&entry.key));
                    self.push(":");
                    self.value(&entry.value, indent + 2, depth + 1);
                }
            }
            Kind::List(items) => {
                for item in items {
                    begin(self);
                    self.mark(item.origin, None);
                    self.push("- ");
                    if fits(item, indent + 2, depth + 1) {
                        self.flow(item);
                        self.push("\n");
                    } else {
                        self.block(item, indent + 2, depth + 1);
                    }
                }
            }
            Kind::Scalar(_) => {}
        }
    }

    fn value(&mut self, tree: &Tree, indent: usize, depth: usize) {
        if fits(tree, indent, depth) {
            self.push(" ");
            self.flow(tree);
            self.push("\n");
        } else {
            self.push("\n");
            self.push(&" ".repeat(indent));
            self.block(tree, indent, depth);
        }
    }

    fn flow(&mut self, tree: &Tree) {
        match &tree.kind {
            Kind::Scalar(value) => {
                let written = written(value);
                self.mark(tree.origin, matches!(value, NodeKind::Text(_)).then(|| u32::from(written.starts_with(['\'', '"']))));
                self.push(&written);
            }
            Kind::List(items) => {
                self.mark(tree.origin, None);
                self.push("[");
                for (i, item) in items.iter().enumerate() {
                    self.push(if i > 0 { ", " } else { "" });
                    self.flow(item);
                }
                self.push("]");
            }
            Kind::Map(entries) => {
                self.mark(tree.origin, None);
                self.push("{");
                for (i, entry) in entries.iter().enumerate() {
                    self.push(if i > 0 { ", " } else { "" });
                    self.mark(entry.origin, None);
                    self.push(&scalar(&entry.key));
                    self.push(": ");
                    self.flow(&entry.value);
                }
                self.push("}");
            }
        }
    }
}

/// Whether a node goes on the line of its key.
fn fits(tree: &Tree, indent: usize, depth: usize) -> bool {
    match tree.kind {
        Kind::Scalar(_) => true,
        _ if is_empty(tree) => true,
        // parts have lines of their own, and so have lists of longer things
        _ if depth < BLOCKS => false,
        _ => length(tree, LINE.saturating_sub(indent)).is_some(),
    }
}

fn is_empty(tree: &Tree) -> bool {
    match &tree.kind {
        Kind::Scalar(_) => false,
        Kind::List(items) => items.is_empty(),
        Kind::Map(entries) => entries.is_empty(),
    }
}

/// The length on one line; `None` if that is more than `room`.
fn length(tree: &Tree, room: usize) -> Option<usize> {
    let mut used = 2;
    match &tree.kind {
        Kind::Scalar(value) => used = written(value).chars().count(),
        Kind::List(items) => {
            for item in items {
                used += length(item, room.checked_sub(used)?)? + 2;
            }
        }
        Kind::Map(entries) => {
            for entry in entries {
                used += scalar(&entry.key).chars().count() + 4;
                used += length(&entry.value, room.checked_sub(used)?)?;
            }
        }
    }
    (used <= room).then_some(used)
}

fn written(value: &NodeKind) -> String {
    match value {
        NodeKind::Bool(value) => value.to_string(),
        NodeKind::Int(value) => value.to_string(),
        NodeKind::Float(value) if value.is_nan() => ".nan".to_owned(),
        NodeKind::Float(value) if value.is_infinite() => if *value > 0.0 { ".inf" } else { "-.inf" }.to_owned(),
        // with a point or an exponent, or it would be read as a whole number
        NodeKind::Float(value) => format!("{value:?}"),
        NodeKind::Text(text) => scalar(text),
        NodeKind::Null | NodeKind::List(_) | NodeKind::Map(_) => "null".to_owned(),
    }
}

/// A text: plain where nothing in it can mean anything else, in quotes otherwise.
fn scalar(text: &str) -> String {
    const WORDS: [&str; 13] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n", "inf", "nan", "infinity", "none"];
    let inner = |c: char| c.is_alphanumeric() || "_ .@/()-".contains(c);
    let plain = text.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && text.chars().all(inner)
        && !text.ends_with(' ')
        && !WORDS.contains(&text.to_ascii_lowercase().as_str());
    if plain {
        return text.to_owned();
    }
    // all that is not plainly printable is spelled out
    if text.chars().any(|c| c.is_control() || !(c.is_ascii() || c.is_alphanumeric() || "«»—–…№“”‘’°×₸₺₽€".contains(c)))
    {
        return quoted(text);
    }
    format!("'{}'", text.replace('\'', "''"))
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            ' '..='~' => out.push(c),
            c if c.is_alphanumeric() => out.push(c),
            // writing to a String cannot fail
            c => _ = write!(out, "\\U{:08x}", u32::from(c)),
        }
    }
    out.push('"');
    out
}
