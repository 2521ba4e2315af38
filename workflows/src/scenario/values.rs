//! Values as tests write them: names for references, the local time of the company, everything else as forms take it.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value as Json;

use super::names::{self, Names};
use super::script::Given;
use crate::calendar;
use crate::definition::FieldKind;
use crate::diagnostic::nearest;
use crate::facts::TenantFacts;
use crate::parse::reader::Reader;
use crate::subject::{Field, Kind, Subject};
use crate::value::{Link, Money, Record, Value};
use crate::yaml::{Node, NodeKind};

/// The record's field that holds the company's own ones.
pub(super) const CUSTOM: &str = "custom";

/// Where values are read: the company, the names so far, and fields of records that references lead to.
pub(super) struct Values<'a> {
    pub tenant: TenantFacts,
    /// The moment that stands for a time nobody gave.
    pub start: DateTime<Utc>,
    pub names: &'a mut Names,
    /// Name → its fields.
    pub records: BTreeMap<String, &'a Node>,
}

/// The node as JSON, references not yet resolved.
pub(super) fn json(node: &Node) -> Json {
    match &node.kind {
        NodeKind::Null => Json::Null,
        NodeKind::Bool(value) => Json::Bool(*value),
        NodeKind::Int(value) => Json::from(*value),
        NodeKind::Float(value) => Json::from(*value),
        NodeKind::Text(text) => Json::String(text.clone()),
        NodeKind::List(items) => Json::Array(items.iter().map(json).collect()),
        NodeKind::Map(entries) => {
            let name = |key: &Node| if let NodeKind::Text(text) = &key.kind { text.clone() } else { json(key).to_string() };
            Json::Object(entries.iter().map(|(key, value)| (name(key), json(value))).collect())
        }
    }
}

/// The scalar as it reads, for messages.
pub(super) fn shown(node: &Node) -> String {
    match &node.kind {
        NodeKind::Text(text) => text.clone(),
        NodeKind::List(_) | NodeKind::Map(_) => node.describe().to_owned(),
        _ => json(node).to_string(),
    }
}

impl Values<'_> {
    /// The value of `kind` the node stands for; reported if it is none.
    pub fn read(&mut self, reader: &mut Reader<'_>, node: &Node, kind: &Kind) -> Option<Value> {
        match (kind, &node.kind) {
            (_, NodeKind::Null) => Some(Value::Null),
            (Kind::Ref(_), NodeKind::Text(name)) => Some(Value::Ref(self.names.id(name))),
            (Kind::Link { fields, .. }, NodeKind::Text(name)) => self.link(reader, name, fields).map(Value::Link),
            // a record written where it is named
            (Kind::Link { fields, .. }, NodeKind::Map(_)) => {
                let id = self.names.id(&format!("{}:{}", node.at.line, node.at.column));
                self.object(reader, node, fields).map(|fields| Value::Link(Link { id, fields }))
            }
            (Kind::List(of), NodeKind::List(items)) => {
                items.iter().map(|item| self.read(reader, item, of)).collect::<Option<_>>().map(Value::List)
            }
            (Kind::Object(fields), NodeKind::Map(_)) => self.object(reader, node, fields).map(Value::Object),
            (Kind::Ref(_) | Kind::Link { .. } | Kind::List(_) | Kind::Object(_), _) => {
                reader.report(node.at, "WF902", &[("value", &shown(node)), ("expected", expected(kind))]);
                None
            }
            _ => self.scalar(reader, node, kind),
        }
    }

    fn scalar(&mut self, reader: &mut Reader<'_>, node: &Node, kind: &Kind) -> Option<Value> {
        match Value::read(kind, &json(node), &self.tenant) {
            Ok(value) => Some(value),
            Err(error) => {
                reader.report(node.at, "WF902", &[("value", &shown(node)), ("expected", &error.expected)]);
                None
            }
        }
    }

    /// The company's own fields.
    pub fn custom(&mut self, reader: &mut Reader<'_>, node: &Node) -> Option<Value> {
        let map = reader.map(node)?;
        let mut read = BTreeMap::new();
        for entry in &map.entries {
            read.insert(entry.key.to_owned(), self.custom_field(reader, entry.node, entry.key)?);
        }
        Some(Value::Object(read))
    }

    /// One of the company's own fields.
    pub fn custom_field(&mut self, reader: &mut Reader<'_>, node: &Node, name: &str) -> Option<Value> {
        let known = reader.vocabulary.custom;
        let Some(field) = known.iter().find(|field| field.name == name) else {
            let hint = nearest(name, known.iter().map(|field| field.name.as_str()));
            reader.report(node.at, "WF204", &[("entity", "doc.custom"), ("name", name), ("hint", &hint)]);
            return None;
        };
        let kind = match &field.kind {
            FieldKind::String | FieldKind::Text => Kind::Text,
            FieldKind::Int => Kind::Int,
            FieldKind::Decimal => Kind::Decimal,
            FieldKind::Bool => Kind::Bool,
            FieldKind::Date => Kind::Date,
            FieldKind::Time => Kind::Time,
            FieldKind::Money => Kind::Money,
            FieldKind::Ref(_) => Kind::Ref(""),
            FieldKind::Files => Kind::List(&Kind::Ref("file")),
            FieldKind::Choice(_) if matches!(node.kind, NodeKind::Null) => return Some(Value::Null),
            FieldKind::Choice(options) => {
                let chosen = if let NodeKind::Text(text) = &node.kind { options.iter().find(|option| *option == text) } else { None };
                if chosen.is_none() {
                    reader.report(node.at, "WF006", &[("value", &shown(node)), ("options", &options.join(", "))]);
                }
                return chosen.cloned().map(Value::Text);
            }
        };
        self.read(reader, node, &kind)
    }

    /// Another record by its name, with the fields given for it and neutral values for the rest.
    fn link(&mut self, reader: &mut Reader<'_>, name: &str, fields: &[Field]) -> Option<Link> {
        let id = self.names.id(name);
        let fields = match self.records.get(name).copied() {
            Some(node) => self.object(reader, node, fields)?,
            None => fields.iter().map(|field| (field.name.to_owned(), self.neutral(field))).collect(),
        };
        Some(Link { id, fields })
    }

    /// The fields of a record inside the record, with neutral values for those not given.
    fn object(&mut self, reader: &mut Reader<'_>, node: &Node, fields: &[Field]) -> Option<BTreeMap<String, Value>> {
        let map = reader.map(node)?;
        let mut read = BTreeMap::new();
        for entry in &map.entries {
            let Some(field) = fields.iter().find(|field| field.name == entry.key) else {
                let known: Vec<_> = fields.iter().map(|field| field.name).collect();
                reader.report(entry.at, "WF004", &[("key", entry.key), ("known", &known.join(", "))]);
                continue;
            };
            read.insert(entry.key.to_owned(), self.read(reader, entry.node, &field.kind)?);
        }
        for field in fields {
            if !read.contains_key(field.name) {
                let value = self.neutral(field);
                read.insert(field.name.to_owned(), value);
            }
        }
        Some(read)
    }

    /// What a field holds when nobody says.
    fn neutral(&self, field: &Field) -> Value {
        neutral(field, &self.tenant, self.start)
    }

    /// A moment: with an offset, or in the company's local time; a day alone is its first moment.
    pub fn time(&mut self, reader: &mut Reader<'_>, node: &Node) -> Option<DateTime<Utc>> {
        if let NodeKind::Text(text) = &node.kind
            && let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d")
            && let Some(moment) = calendar::local(self.tenant.zone, day, NaiveTime::MIN)
        {
            return Some(moment);
        }
        if let Value::Time(moment) = self.scalar(reader, node, &Kind::Time)? { Some(moment) } else { None }
    }
}

fn expected(kind: &Kind) -> &'static str {
    match kind {
        Kind::Ref(_) | Kind::Link { .. } => "a name",
        Kind::List(_) => "a list",
        _ => "a mapping",
    }
}

/// A record nobody has said anything about.
pub(super) fn neutral_record(subject: &Subject, given: &Given, now: DateTime<Utc>) -> Record {
    let fields = subject.fields.iter().filter(|field| field.name != "state");
    fields.map(|field| (field.name, neutral(field, &given.tenant, now))).collect()
}

/// What a field holds when nobody says: nothing, if it may be empty.
fn neutral(field: &Field, tenant: &TenantFacts, start: DateTime<Utc>) -> Value {
    if field.nullable {
        return Value::Null;
    }
    match &field.kind {
        Kind::Bool => Value::Bool(false),
        Kind::Int => Value::Int(0),
        Kind::Decimal => Value::Decimal(Decimal::ZERO),
        Kind::Text => Value::Text(String::new()),
        Kind::Choice(options) => options.first().map_or(Value::Null, |option| Value::Text((*option).to_owned())),
        Kind::Time => Value::Time(start),
        Kind::Date => Value::Date(start.with_timezone(&tenant.zone).date_naive()),
        Kind::Money => Value::Money(Money { amount: Decimal::ZERO, currency: tenant.currency.clone() }),
        Kind::Ref(_) => Value::Ref(names::id(field.name)),
        Kind::Link { fields, .. } => {
            let id = names::id(field.name);
            Value::Link(Link { id, fields: fields.iter().map(|field| (field.name.to_owned(), neutral(field, tenant, start))).collect() })
        }
        Kind::List(_) => Value::List(Vec::new()),
        Kind::Object(fields) => Value::Object(fields.iter().map(|field| (field.name.to_owned(), neutral(field, tenant, start))).collect()),
    }
}
