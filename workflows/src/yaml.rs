//! YAML as a tree in which every node knows its place. Schemas are applied afterwards, so that one reading can report many mistakes.

use std::fmt;

use serde::Deserialize;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;
use serde_saphyr::options::{DuplicateKeyPolicy, MergeKeyPolicy};

use crate::MAX_FILE_BYTES;
use crate::diagnostic::Diagnostic;

/// A place in the file, counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct At {
    pub line: u32,
    pub column: u32,
}

/// A node of the file.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub at: At,
    pub kind: NodeKind,
}

#[derive(Clone, Debug)]
pub(crate) enum NodeKind {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

impl Node {
    /// What the node is, for messages.
    pub fn describe(&self) -> &'static str {
        match self.kind {
            NodeKind::Null => "nothing",
            NodeKind::Bool(_) => "true or false",
            NodeKind::Int(_) | NodeKind::Float(_) => "a number",
            NodeKind::Text(_) => "text",
            NodeKind::List(_) => "a list",
            NodeKind::Map(_) => "a mapping",
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<NodeKind>::deserialize(deserializer)?;
        let place = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let at = At { line: place(spanned.referenced.line()), column: place(spanned.referenced.column()) };
        Ok(Self { at, kind: spanned.value })
    }
}

impl<'de> Deserialize<'de> for NodeKind {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = NodeKind;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_unit<E>(self) -> Result<NodeKind, E> {
                Ok(NodeKind::Null)
            }

            fn visit_none<E>(self) -> Result<NodeKind, E> {
                Ok(NodeKind::Null)
            }

            fn visit_bool<E>(self, value: bool) -> Result<NodeKind, E> {
                Ok(NodeKind::Bool(value))
            }

            fn visit_i64<E>(self, value: i64) -> Result<NodeKind, E> {
                Ok(NodeKind::Int(value))
            }

            fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<NodeKind, E> {
                i64::try_from(value).map(NodeKind::Int).map_err(|_| E::custom("this number is too large"))
            }

            fn visit_i128<E: serde::de::Error>(self, _: i128) -> Result<NodeKind, E> {
                Err(E::custom("this number is too large"))
            }

            fn visit_u128<E: serde::de::Error>(self, _: u128) -> Result<NodeKind, E> {
                Err(E::custom("this number is too large"))
            }

            fn visit_f64<E>(self, value: f64) -> Result<NodeKind, E> {
                Ok(NodeKind::Float(value))
            }

            fn visit_str<E>(self, value: &str) -> Result<NodeKind, E> {
                Ok(NodeKind::Text(value.to_owned()))
            }

            fn visit_string<E>(self, value: String) -> Result<NodeKind, E> {
                Ok(NodeKind::Text(value))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<NodeKind, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(NodeKind::List(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<NodeKind, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(NodeKind::Map(entries))
            }
        }

        deserializer.deserialize_any(Any)
    }
}

/// Reads one document: core schema, no anchors, no aliases, no merge keys, no unknown tags, no key twice, bounded in size, depth and number of nodes.
pub(crate) fn read(source: &str) -> Result<Node, Diagnostic> {
    if source.len() > MAX_FILE_BYTES {
        let limit = (MAX_FILE_BYTES / 1024).to_string();
        return Err(Diagnostic::new("WF002", At { line: 1, column: 1 }).with("limit", limit));
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_reader_input_bytes: Some(MAX_FILE_BYTES),
            max_events: 40_000,
            max_nodes: 20_000,
            max_aliases: 0,
            max_anchors: 0,
            max_depth: 24,
            flow_nesting_limit: 16,
            max_documents: 1,
            max_merge_keys: 0,
            max_total_scalar_bytes: MAX_FILE_BYTES,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        strict_booleans: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(source, options).map_err(|error| {
        let place = |number: u64| u32::try_from(number).unwrap_or(u32::MAX).max(1);
        let at =
            error.location().map_or(At { line: 1, column: 1 }, |found| At { line: place(found.line()), column: place(found.column()) });
        let text = error.without_snippet().to_string();
        Diagnostic::new("WF001", at).with("problem", text)
    })
}

/// Line `number` of a file, from 1, without its end; empty behind the last.
pub(crate) fn line(source: &str, number: u32) -> &str {
    source[line_start(source, number)..].split(['\n', '\r']).next().unwrap_or_default()
}

/// The byte at which line `number` begins. As YAML counts them: a carriage return by itself ends a line too.
pub(crate) fn line_start(source: &str, number: u32) -> usize {
    let mut start = 0;
    for _ in 1..number {
        let rest = &source[start..];
        let Some(end) = rest.find(['\n', '\r']) else { return source.len() };
        start += end + if rest[end..].starts_with("\r\n") { 2 } else { 1 };
    }
    start
}
