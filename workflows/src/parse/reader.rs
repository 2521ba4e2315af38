//! Reading nodes as what they should be, and saying where they are not.

use std::collections::BTreeMap;

use indexmap::IndexMap;

use crate::definition::State;
use crate::diagnostic::{Diagnostic, nearest};
use crate::duration::Span;
use crate::guard::{Names, Text, Type, Typed, field_type};
use crate::subject::{Subject, Vocabulary};
use crate::yaml::{self, At, Node, NodeKind};

/// The file being read, what is known of it, and what has been found wrong.
pub(crate) struct Reader<'a> {
    pub source: &'a str,
    pub subject: &'a Subject,
    pub vocabulary: &'a Vocabulary<'a>,
    pub found: Vec<Diagnostic>,
    /// Where the parts of the file are defined; see [`crate::definition::Source`].
    pub places: BTreeMap<String, At>,
    pub states: Vec<(String, bool)>,
    pub transitions: Vec<String>,
    pub slas: Vec<String>,
    texts: Vec<String>,
}

/// A mapping, its entries ticked off as they are read.
pub(crate) struct Map<'n> {
    pub at: At,
    pub entries: Vec<Entry<'n>>,
}

pub(crate) struct Entry<'n> {
    pub key: &'n str,
    pub at: At,
    pub node: &'n Node,
    taken: bool,
}

impl<'n> Map<'n> {
    pub fn take(&mut self, key: &str) -> Option<&'n Node> {
        let entry = self.entries.iter_mut().find(|entry| entry.key == key)?;
        entry.taken = true;
        Some(entry.node)
    }
}

/// What an effect or an expression is written as: a text, or another scalar in its YAML spelling.
#[derive(Debug)]
pub(crate) struct Written {
    text: String,
    at: At,
    lead: Option<u32>,
}

impl Written {
    pub fn as_text(&self) -> Text<'_> {
        Text { source: &self.text, at: self.at, lead: self.lead }
    }
}

impl<'a> Reader<'a> {
    pub fn new(source: &'a str, subject: &'a Subject, vocabulary: &'a Vocabulary<'a>) -> Self {
        Self {
            source,
            subject,
            vocabulary,
            found: Vec::new(),
            places: BTreeMap::new(),
            states: Vec::new(),
            transitions: Vec::new(),
            slas: Vec::new(),
            texts: Vec::new(),
        }
    }

    /// Makes the names of the file known before anything refers to them.
    pub fn declare(
        &mut self,
        states: &IndexMap<String, State>,
        transitions: &Node,
        slas: Option<&Node>,
        texts: &BTreeMap<String, BTreeMap<String, String>>,
    ) {
        self.states = states.values().map(|state| (state.id.clone(), state.terminal)).collect();
        self.transitions = self.ids("transition", transitions);
        self.slas = slas.map(|node| self.ids("sla", node)).unwrap_or_default();
        self.texts = texts.values().flat_map(|texts| texts.keys().cloned()).collect();
    }

    /// The keys of a mapping, their places noted.
    fn ids(&mut self, part: &str, node: &Node) -> Vec<String> {
        let NodeKind::Map(entries) = &node.kind else { return Vec::new() };
        let ids = entries.iter().filter_map(|(key, _)| if let NodeKind::Text(id) = &key.kind { Some((id, key.at)) } else { None });
        let ids: Vec<_> = ids.collect();
        self.places.extend(ids.iter().map(|(id, at)| (format!("{part}.{id}"), *at)));
        ids.into_iter().map(|(id, _)| id.clone()).collect()
    }

    /// What an expression may name where there is no form.
    pub fn names(&self) -> Names<'a> {
        Names { subject: self.subject, vocabulary: self.vocabulary, form: &[], required: &[] }
    }

    pub fn report(&mut self, at: At, code: &'static str, params: &[(&'static str, &str)]) {
        let finding = params.iter().fold(Diagnostic::new(code, at), |finding, (name, value)| finding.with(name, *value));
        self.found.push(finding);
    }

    fn expected(&mut self, node: &Node, expected: &str) {
        self.report(node.at, "WF003", &[("expected", expected), ("found", node.describe())]);
    }

    pub fn map<'n>(&mut self, node: &'n Node) -> Option<Map<'n>> {
        let NodeKind::Map(pairs) = &node.kind else {
            self.expected(node, "a mapping");
            return None;
        };
        let mut entries = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            match &key.kind {
                NodeKind::Text(text) => entries.push(Entry { key: text, at: key.at, node: value, taken: false }),
                _ => self.expected(key, "a name"),
            }
        }
        Some(Map { at: node.at, entries })
    }

    pub fn required<'n>(&mut self, map: &mut Map<'n>, key: &'static str) -> Option<&'n Node> {
        let node = map.take(key);
        if node.is_none() {
            self.report(map.at, "WF005", &[("key", key)]);
        }
        node
    }

    /// Reports the keys nobody has taken.
    pub fn close(&mut self, map: &Map<'_>, known: &[&str]) {
        for entry in map.entries.iter().filter(|entry| !entry.taken) {
            self.report(entry.at, "WF004", &[("key", entry.key), ("known", &known.join(", "))]);
        }
    }

    pub fn list<'n>(&mut self, node: &'n Node, limit: usize, what: &str) -> &'n [Node] {
        match &node.kind {
            NodeKind::List(items) if items.len() > limit => {
                self.report(node.at, "WF009", &[("limit", &limit.to_string()), ("what", what)]);
                &[]
            }
            NodeKind::List(items) => items,
            _ => {
                self.expected(node, "a list");
                &[]
            }
        }
    }

    pub fn text<'n>(&mut self, node: &'n Node) -> Option<&'n str> {
        match &node.kind {
            NodeKind::Text(text) if !text.trim().is_empty() => Some(text),
            _ => {
                self.expected(node, "text");
                None
            }
        }
    }

    pub fn id<'n>(&mut self, node: &'n Node) -> Option<&'n str> {
        let text = self.text(node)?;
        self.check_id(node.at, text).then_some(text)
    }

    pub fn check_id(&mut self, at: At, text: &str) -> bool {
        let sound = text.len() <= 40
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if !sound {
            self.report(at, "WF007", &[("value", text)]);
        }
        sound
    }

    pub fn flag(&mut self, node: Option<&Node>) -> bool {
        match node.map(|node| (node, &node.kind)) {
            None => false,
            Some((_, NodeKind::Bool(value))) => *value,
            Some((node, _)) => {
                self.expected(node, "true or false");
                false
            }
        }
    }

    pub fn number(&mut self, node: &Node, min: u32, max: u32) -> Option<u32> {
        let NodeKind::Int(number) = node.kind else {
            self.expected(node, "a whole number");
            return None;
        };
        let sound = u32::try_from(number).ok().filter(|number| (min..=max).contains(number));
        if sound.is_none() {
            self.report(node.at, "WF008", &[("value", &number.to_string()), ("min", &min.to_string()), ("max", &max.to_string())]);
        }
        sound
    }

    /// A length of time.
    pub fn span(&mut self, node: &Node) -> Option<Span> {
        let text = self.text(node)?;
        let span = Span::parse(text);
        if span.is_none() {
            self.report(node.at, "WF311", &[("value", text), ("what", "a length of time, such as `PT4H` or `P2D`")]);
        }
        span
    }

    /// `doc.<path>`: the path and the type of what is there.
    pub fn doc_path(&mut self, node: &Node) -> Option<(String, Typed)> {
        let text = self.text(node)?;
        let Some(path) = text.strip_prefix("doc.") else {
            self.report(node.at, "WF003", &[("expected", "`doc.<field>`"), ("found", &format!("`{text}`"))]);
            return None;
        };
        let typed = self.field(node.at, path)?;
        Some((path.to_owned(), typed))
    }

    /// The type of the record's field at a path; it may be empty where anything on the way may be.
    pub fn field(&mut self, at: At, path: &str) -> Option<Typed> {
        let found = field_type(self.subject, self.vocabulary, path);
        if found.is_some() {
            return found;
        }
        if let (Some(name), None) = (path.strip_prefix("custom."), self.subject.field("custom")) {
            let custom = self.vocabulary.custom;
            return self.no_field(at, "doc.custom", name, custom.iter().map(|field| field.name.as_str()));
        }
        let (mut fields, mut owner) = (self.subject.fields, self.subject.key);
        for name in path.split('.') {
            let Some(field) = fields.iter().find(|field| field.name == name) else {
                return self.no_field(at, owner, name, fields.iter().map(|field| field.name));
            };
            fields = Type::from(&field.kind).fields().unwrap_or_default();
            owner = field.name;
        }
        None
    }

    fn no_field<'k>(&mut self, at: At, owner: &str, name: &str, known: impl Iterator<Item = &'k str>) -> Option<Typed> {
        let hint = nearest(name, known);
        self.report(at, "WF204", &[("entity", owner), ("name", name), ("hint", &hint)]);
        None
    }

    /// One word of a closed list.
    pub fn word<T>(&mut self, node: &Node, parse: impl Fn(&str) -> Option<T>, words: &[&str]) -> Option<T> {
        let text = self.text(node)?;
        let parsed = parse(text);
        if parsed.is_none() {
            self.report(node.at, "WF006", &[("value", text), ("options", &words.join(", "))]);
        }
        parsed
    }

    pub fn state(&mut self, node: &Node) -> Option<String> {
        let name = self.text(node)?;
        if self.states.iter().any(|(id, _)| id == name) {
            return Some(name.to_owned());
        }
        let hint = nearest(name, self.states.iter().map(|(id, _)| id.as_str()));
        self.report(node.at, "WF205", &[("name", name), ("hint", &hint)]);
        None
    }

    pub fn transition(&mut self, node: &Node) -> Option<String> {
        self.own(node, "WF207", |reader| &reader.transitions)
    }

    pub fn sla(&mut self, node: &Node) -> Option<String> {
        self.own(node, "WF217", |reader| &reader.slas)
    }

    fn own(&mut self, node: &Node, code: &'static str, known: impl Fn(&Self) -> &[String]) -> Option<String> {
        let name = self.text(node)?;
        if known(self).iter().any(|id| id == name) {
            return Some(name.to_owned());
        }
        let hint = nearest(name, known(self).iter().map(String::as_str));
        self.report(node.at, code, &[("name", name), ("hint", &hint)]);
        None
    }

    pub fn permission(&mut self, at: At, name: &str) -> Option<String> {
        let known = self.vocabulary.permissions;
        self.named(at, name, "WF201", known)
    }

    pub fn role(&mut self, at: At, name: &str) -> Option<String> {
        let known = self.vocabulary.roles;
        self.named(at, name, "WF202", known)
    }

    /// A message the templates know, or the file brings along.
    pub fn message(&mut self, at: At, name: &str) -> Option<String> {
        if self.texts.iter().any(|text| text == name) {
            return Some(name.to_owned());
        }
        let known = self.vocabulary.texts;
        self.named(at, name, "WF206", known)
    }

    fn named(&mut self, at: At, name: &str, code: &'static str, known: &[&str]) -> Option<String> {
        if known.contains(&name) {
            return Some(name.to_owned());
        }
        let hint = nearest(name, known.iter().copied());
        self.report(at, code, &[("name", name), ("hint", &hint)]);
        None
    }

    /// A scalar that is an expression.
    pub fn written(&mut self, node: &Node) -> Option<Written> {
        let text = match &node.kind {
            NodeKind::Text(text) => text.clone(),
            NodeKind::Null => "null".to_owned(),
            NodeKind::Bool(value) => value.to_string(),
            NodeKind::Int(value) => value.to_string(),
            NodeKind::Float(value) => value.to_string(),
            NodeKind::List(_) | NodeKind::Map(_) => {
                self.expected(node, "an expression");
                return None;
            }
        };
        let lead = self.lead(node.at, &text);
        Some(Written { text, at: node.at, lead })
    }

    /// How far the text begins behind its node's place; `None` where it is not written as it reads.
    fn lead(&self, at: At, text: &str) -> Option<u32> {
        let line = yaml::line(self.source, at.line);
        let (start, _) = line.char_indices().nth(at.column.checked_sub(1)? as usize)?;
        let rest = line.get(start..)?;
        if rest.starts_with(text) {
            return Some(0);
        }
        rest.strip_prefix(['\'', '"'])?.starts_with(text).then_some(1)
    }
}
