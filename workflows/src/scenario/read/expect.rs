//! `expect`: what must hold after a step.

use super::Ground;
use super::given::{Setting, place, quantity};
use crate::diagnostic::nearest;
use crate::parse::reader::Reader;
use crate::scenario::ledger::Figure;
use crate::scenario::script::{Claim, Fact, SlaIs, Standing, Wanted};
use crate::scenario::values::{CUSTOM, shown};
use crate::subject::Kind;
use crate::yaml::{Node, NodeKind};

const MOST: usize = 100;
const KNOWN: &str =
    "state, waiting, votes, notified, sla.<id>, stock.<place>.<figure>, doc.<field>, moved, created, webhooks, fired, purged";

pub(super) fn claims(reader: &mut Reader<'_>, ground: Ground<'_>, node: &Node, setting: &mut Setting<'_>) -> Vec<Claim> {
    let mut claims = Vec::new();
    let Some(map) = reader.map(node) else { return claims };
    for entry in &map.entries {
        let fact = match entry.key.split_once('.') {
            None => plain(reader, ground, entry.key, entry.node, setting),
            Some(("sla", rest)) => sla(reader, ground, rest, entry.node, setting),
            Some(("stock", rest)) => stock(reader, rest, entry.node, setting),
            Some(("doc", rest)) => doc(reader, ground, rest, entry.node, setting),
            Some(_) => None.or_else(|| unknown(reader, entry.node, entry.key)),
        };
        claims.extend(fact.map(|fact| Claim { at: entry.at, name: entry.key.to_owned(), fact }));
    }
    claims
}

fn unknown(reader: &mut Reader<'_>, node: &Node, key: &str) -> Option<Fact> {
    reader.report(node.at, "WF004", &[("key", key), ("known", KNOWN)]);
    None
}

fn plain(reader: &mut Reader<'_>, ground: Ground<'_>, key: &str, node: &Node, setting: &mut Setting<'_>) -> Option<Fact> {
    match key {
        "state" => reader.state(node).map(Fact::State),
        "waiting" => match node.kind {
            NodeKind::Null => Some(Fact::Waiting(None)),
            _ => level(reader, ground, node).map(|level| Fact::Waiting(Some(level))),
        },
        "votes" => reader.number(node, 0, 100).map(Fact::Votes),
        "notified" => notified(reader, ground, node, setting),
        "moved" => {
            let map = reader.map(node)?;
            let pairs = map.entries.iter().filter_map(|entry| Some((entry.key.to_owned(), reader.text(entry.node)?.to_owned())));
            Some(Fact::Moved(pairs.collect()))
        }
        "created" => Some(Fact::Created(texts(reader, node))),
        "webhooks" => Some(Fact::Webhooks(texts(reader, node))),
        "fired" => Some(Fact::Fired(texts(reader, node))),
        "purged" => Some(Fact::Purged(reader.flag(Some(node)))),
        _ => unknown(reader, node, key),
    }
}

fn texts(reader: &mut Reader<'_>, node: &Node) -> Vec<String> {
    let items = reader.list(node, MOST, "entries");
    items.iter().filter_map(|item| reader.text(item).map(str::to_owned)).collect()
}

fn level(reader: &mut Reader<'_>, ground: Ground<'_>, node: &Node) -> Option<String> {
    let name = reader.text(node)?;
    let levels = || {
        let approvals = ground.workflow.transitions.values().filter_map(|transition| transition.approvals.as_ref());
        approvals.flat_map(|approvals| &approvals.levels).map(|level| level.id.as_str())
    };
    if levels().any(|id| id == name) {
        return Some(name.to_owned());
    }
    reader.report(node.at, "WF909", &[("what", "approval level"), ("name", name), ("hint", &nearest(name, levels()))]);
    None
}

/// A list of people, or for each message its people.
fn notified(reader: &mut Reader<'_>, ground: Ground<'_>, node: &Node, setting: &mut Setting<'_>) -> Option<Fact> {
    let mut people = |reader: &mut Reader<'_>, node: &Node| -> Vec<String> {
        let items = reader.list(node, MOST, "people");
        items.iter().filter_map(|item| setting.person(reader, ground, item)).collect()
    };
    if !matches!(node.kind, NodeKind::Map(_)) {
        return Some(Fact::Notified(people(reader, node)));
    }
    let map = reader.map(node)?;
    let mut told = Vec::with_capacity(map.entries.len());
    for entry in &map.entries {
        told.push((entry.key.to_owned(), people(reader, entry.node)));
    }
    Some(Fact::Told(told))
}

fn sla(reader: &mut Reader<'_>, ground: Ground<'_>, rest: &str, node: &Node, setting: &mut Setting<'_>) -> Option<Fact> {
    let (id, of) = rest.split_once('.').unwrap_or((rest, ""));
    if !ground.workflow.slas.contains_key(id) {
        let hint = nearest(id, ground.workflow.slas.keys().map(String::as_str));
        reader.report(node.at, "WF909", &[("what", "SLA"), ("name", id), ("hint", &hint)]);
        return None;
    }
    let is = match of {
        "" => SlaIs::Standing(reader.word(node, Standing::parse, Standing::WORDS)?),
        "elapsed" => SlaIs::Elapsed(reader.span(node)?),
        "due" => SlaIs::Due(setting.values.time(reader, node)?),
        _ => return unknown(reader, node, &format!("sla.{rest}")),
    };
    Some(Fact::Sla { id: id.to_owned(), is })
}

/// `main.on_hand`, `main.filter.on_hand`, `written_off`, `filter.written_off`.
fn stock(reader: &mut Reader<'_>, rest: &str, node: &Node, setting: &mut Setting<'_>) -> Option<Fact> {
    let rest = rest.strip_prefix("virtual.").unwrap_or(rest);
    let mut parts: Vec<&str> = rest.split('.').collect();
    let word = parts.pop().unwrap_or_default();
    let Some(figure) = Figure::parse(word) else {
        reader.report(node.at, "WF006", &[("value", word), ("options", &Figure::WORDS.join(", "))]);
        return None;
    };
    let names = &mut *setting.values.names;
    let (place, part) = match (figure.is_local(), parts.as_slice()) {
        (true, [at]) => (Some(place(at, names)), None),
        (true, [at, part]) => (Some(place(at, names)), Some(names.id(part))),
        (false, []) => (None, None),
        (false, [part]) => (None, Some(names.id(part))),
        _ => return unknown(reader, node, &format!("stock.{rest}")),
    };
    Some(Fact::Stock { place, part, figure, is: quantity(reader, node)? })
}

fn doc(reader: &mut Reader<'_>, ground: Ground<'_>, rest: &str, node: &Node, setting: &mut Setting<'_>) -> Option<Fact> {
    let path: Vec<String> = rest.split('.').map(str::to_owned).collect();
    if let [CUSTOM, name] = rest.split('.').collect::<Vec<_>>()[..] {
        let is = Wanted::Value(setting.values.custom_field(reader, node, name)?);
        return Some(Fact::Doc { path, is });
    }
    let Some(kind) = kind_at(ground, &path) else {
        let hint = nearest(rest, ground.subject.fields.iter().map(|field| field.name));
        reader.report(node.at, "WF204", &[("entity", ground.subject.key), ("name", rest), ("hint", &hint)]);
        return None;
    };
    let is = match (&kind, &node.kind) {
        (Kind::Time, NodeKind::Text(text)) if text == "now" => Wanted::Now,
        (Kind::Date, NodeKind::Text(text)) if text == "today" => Wanted::Today,
        (Kind::List(_) | Kind::Object(_), _) => {
            reader.report(node.at, "WF902", &[("value", &shown(node)), ("expected", "a value that can be compared")]);
            return None;
        }
        _ => Wanted::Value(setting.values.read(reader, node, &kind)?),
    };
    Some(Fact::Doc { path, is })
}

/// The type of the field a path leads to.
fn kind_at(ground: Ground<'_>, path: &[String]) -> Option<Kind> {
    let (first, rest) = path.split_first()?;
    let mut kind = ground.subject.field(first)?.kind;
    for segment in rest {
        let (Kind::Object(fields) | Kind::Link { fields, .. }) = kind else { return None };
        kind = fields.iter().find(|field| field.name == segment)?.kind;
    }
    Some(kind)
}
