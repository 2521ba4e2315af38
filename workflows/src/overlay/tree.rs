//! YAML as a tree whose nodes remember which file they come from, and whose lists of parts are gone through by id.

use std::collections::HashMap;

use crate::diagnostic::Diagnostic;
use crate::yaml::{At, Node, NodeKind};

/// The longest key, in bytes: YAML reads no longer ones in one line.
const LONGEST_KEY: usize = 400;

/// Which file a node comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Base,
    Overlay,
}

/// Where a node stands in its file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    pub side: Side,
    pub at: At,
}

#[derive(Clone, Debug)]
pub(crate) struct Tree {
    pub origin: Origin,
    pub kind: Kind,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// Nothing, a truth, a number, a text.
    Scalar(NodeKind),
    List(Vec<Tree>),
    Map(Vec<Entry>),
}

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub key: String,
    pub origin: Origin,
    pub value: Tree,
}

impl Tree {
    /// Takes over a file's tree. Keys must be texts that fit on a line.
    pub fn read(node: &Node, side: Side) -> Result<Self, Diagnostic> {
        let kind = match &node.kind {
            NodeKind::List(items) => Kind::List(items.iter().map(|item| Self::read(item, side)).collect::<Result<_, _>>()?),
            NodeKind::Map(pairs) => Kind::Map(pairs.iter().map(|(key, value)| Entry::read(key, value, side)).collect::<Result<_, _>>()?),
            scalar => Kind::Scalar(scalar.clone()),
        };
        Ok(Self { origin: Origin { side, at: node.at }, kind })
    }

    pub fn empty_map(origin: Origin) -> Self {
        Self { origin, kind: Kind::Map(Vec::new()) }
    }

    /// The value of a key of a mapping.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Kind::Map(entries) = &self.kind else { return None };
        entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar(NodeKind::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub fn int(&self) -> Option<i64> {
        match &self.kind {
            Kind::Scalar(NodeKind::Int(number)) => Some(*number),
            _ => None,
        }
    }

    pub fn items(&self) -> &[Self] {
        if let Kind::List(items) = &self.kind { items } else { &[] }
    }

    pub fn entries(&self) -> &[Entry] {
        if let Kind::Map(entries) = &self.kind { entries } else { &[] }
    }

    /// Whether two trees say the same, wherever they stand. The order of a mapping says nothing.
    pub fn same(&self, other: &Self) -> bool {
        match (&self.kind, &other.kind) {
            (Kind::Scalar(a), Kind::Scalar(b)) => same_scalar(a, b),
            (Kind::List(a), Kind::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b)),
            (Kind::Map(a), Kind::Map(b)) => {
                let by_key: HashMap<&str, &Self> = b.iter().map(|entry| (entry.key.as_str(), &entry.value)).collect();
                a.len() == b.len() && a.iter().all(|entry| by_key.get(entry.key.as_str()).is_some_and(|value| entry.value.same(value)))
            }
            _ => false,
        }
    }

    /// What the node is, for messages.
    pub fn describe(&self) -> &'static str {
        match &self.kind {
            Kind::Scalar(NodeKind::Null) => "nothing",
            Kind::Scalar(NodeKind::Bool(_)) => "true or false",
            Kind::Scalar(NodeKind::Text(_)) => "text",
            Kind::Scalar(_) => "a number",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
        }
    }
}

impl Entry {
    fn read(key: &Node, value: &Node, side: Side) -> Result<Self, Diagnostic> {
        let NodeKind::Text(text) = &key.kind else {
            return Err(Diagnostic::new("WF003", key.at).with("expected", "a name").with("found", key.describe()));
        };
        if text.len() > LONGEST_KEY {
            return Err(Diagnostic::new("WF009", key.at).with("limit", LONGEST_KEY.to_string()).with("what", "bytes of a name"));
        }
        Ok(Self { key: text.clone(), origin: Origin { side, at: key.at }, value: Tree::read(value, side)? })
    }
}

fn same_scalar(a: &NodeKind, b: &NodeKind) -> bool {
    match (a, b) {
        (NodeKind::Null, NodeKind::Null) => true,
        (NodeKind::Bool(a), NodeKind::Bool(b)) => a == b,
        (NodeKind::Int(a), NodeKind::Int(b)) => a == b,
        // by bits, so that what is not a number is still itself
        (NodeKind::Float(a), NodeKind::Float(b)) => a.to_bits() == b.to_bits(),
        (NodeKind::Text(a), NodeKind::Text(b)) => a == b,
        _ => false,
    }
}
