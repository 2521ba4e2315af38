//! `given`: who there is, what time it is, what the record holds, what lies in the stores.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use indexmap::IndexMap;
use rust_decimal::Decimal;

use super::Ground;
use crate::calendar::{self, Calendar};
use crate::decision::Place;
use crate::diagnostic::nearest;
use crate::facts::TenantFacts;
use crate::parse::reader::{Map, Reader};
use crate::scenario::names::Names;
use crate::scenario::script::{Booking, Given, Lot, Person, SYSTEM};
use crate::scenario::values::{CUSTOM, Values, json, shown};
use crate::subject::Kind;
use crate::value::Value;
use crate::yaml::{At, Node, NodeKind};

const KEYS: [&str; 10] = ["as", "actors", "at", "calendar", "currency", "doc", "records", "stock", "bookings", "lookups"];
const MOST: usize = 100;
/// A Monday morning before work begins, so that nothing depends on the day the tests are run.
const START: (i32, u32, u32, u32) = (2026, 3, 2, 9);
const ZONE: chrono_tz::Tz = chrono_tz::Asia::Almaty;
const CURRENCY: &str = "KZT";

/// What has been read of `given`; steps use it to read values and people.
pub(super) struct Setting<'a> {
    pub values: Values<'a>,
    people: IndexMap<String, Person>,
    given: Parts,
}

struct Parts {
    lead: Option<String>,
    calendar: Calendar,
    doc: BTreeMap<String, Value>,
    stock: Vec<Lot>,
    bookings: Vec<Booking>,
    lookups: BTreeMap<String, Value>,
}

impl Setting<'_> {
    pub fn into_given(self) -> Given {
        let Parts { lead, calendar, doc, stock, bookings, lookups } = self.given;
        let Values { tenant, start, .. } = self.values;
        Given { lead, people: self.people, start, calendar, tenant, doc, stock, bookings, lookups }
    }

    /// Whether somebody acts where a step names nobody.
    pub fn has_lead(&self) -> bool {
        self.given.lead.is_some()
    }

    /// Somebody who acts: declared, called after a role, or the system.
    pub fn person(&mut self, reader: &mut Reader<'_>, ground: Ground<'_>, node: &Node) -> Option<String> {
        let name = reader.text(node)?;
        if name == SYSTEM || self.people.contains_key(name) {
            return Some(name.to_owned());
        }
        let role = name.trim_end_matches(|c: char| c.is_ascii_digit());
        if let Some(permissions) = ground.roles.get(role) {
            let id = self.values.names.id(name);
            let person = Person { id, role: role.to_owned(), permissions: permissions.clone(), sites: None };
            self.people.insert(name.to_owned(), person);
            return Some(name.to_owned());
        }
        let hint = nearest(name, self.people.keys().map(String::as_str));
        reader.report(node.at, "WF901", &[("name", name), ("hint", &hint)]);
        None
    }
}

pub(super) fn setting<'a>(
    reader: &mut Reader<'_>,
    ground: Ground<'_>,
    node: Option<&'a Node>,
    names: &'a mut Names,
) -> Option<Setting<'a>> {
    let mut map = match node {
        Some(node) => reader.map(node)?,
        None => Map { at: At::default(), entries: Vec::new() },
    };
    let calendar = map.take("calendar").and_then(|node| calendar_of(reader, node)).unwrap_or_else(|| Calendar::office(ZONE));
    let currency = map.take("currency").and_then(|node| reader.text(node)).unwrap_or(CURRENCY);
    let tenant = TenantFacts { currency: currency.to_owned(), zone: calendar.zone() };
    let mut values = Values { start: default_start(&calendar), tenant, names, records: BTreeMap::new() };
    if let Some(at) = map.take("at").and_then(|node| values.time(reader, node)) {
        values.start = at;
    }
    if let Some(records) = map.take("records").and_then(|node| reader.map(node)) {
        values.records = records.entries.iter().map(|entry| (entry.key.to_owned(), entry.node)).collect();
    }
    let people = map.take("actors").map(|node| people(reader, ground, node, &mut values)).unwrap_or_default();
    let stock = map.take("stock").map(|node| stock(reader, node, values.names)).unwrap_or_default();
    let bookings = map.take("bookings").map(|node| bookings(reader, node, &mut values)).unwrap_or_default();
    let lookups = map.take("lookups").map(|node| lookups(reader, node)).unwrap_or_default();
    let doc = map.take("doc").map(|node| doc(reader, ground, node, &mut values)).unwrap_or_default();
    let lead = map.take("as");
    reader.close(&map, &KEYS);
    let mut setting = Setting { values, people, given: Parts { lead: None, calendar, doc, stock, bookings, lookups } };
    setting.given.lead = lead.and_then(|node| setting.person(reader, ground, node));
    Some(setting)
}

fn default_start(calendar: &Calendar) -> DateTime<Utc> {
    let (year, month, day, hour) = START;
    let local = NaiveDate::from_ymd_opt(year, month, day).zip(NaiveTime::from_hms_opt(hour, 0, 0));
    local.and_then(|(date, time)| calendar::local(calendar.zone(), date, time)).unwrap_or_default()
}

/// `{zone, hours: {mon-fri: [09:00-13:00, …]}, holidays: [2026-03-23]}`
fn calendar_of(reader: &mut Reader<'_>, node: &Node) -> Option<Calendar> {
    let mut map = reader.map(node)?;
    let zone = map.take("zone").and_then(|node| reader.text(node)).unwrap_or(ZONE.name());
    let mut hours = Vec::new();
    if let Some(days) = map.take("hours").and_then(|node| reader.map(node)) {
        for entry in &days.entries {
            let shifts: Vec<_> = reader.list(entry.node, calendar::MAX_SHIFTS, "shifts").iter().collect();
            hours.push((entry.key, shifts.into_iter().filter_map(|node| reader.text(node)).collect()));
        }
    }
    let holidays: Vec<_> = map.take("holidays").map_or(&[][..], |node| reader.list(node, MOST, "holidays")).iter().collect();
    let holidays: Vec<_> = holidays.into_iter().filter_map(|node| reader.text(node)).collect();
    reader.close(&map, &["zone", "hours", "holidays"]);
    match Calendar::read(zone, hours, holidays) {
        Ok(calendar) => Some(calendar),
        Err(error) => {
            reader.report(node.at, "WF903", &[("problem", &error.to_string())]);
            None
        }
    }
}

fn people(reader: &mut Reader<'_>, ground: Ground<'_>, node: &Node, values: &mut Values<'_>) -> IndexMap<String, Person> {
    let mut people = IndexMap::new();
    let Some(map) = reader.map(node) else { return people };
    if map.entries.len() > MOST {
        reader.report(map.at, "WF009", &[("limit", &MOST.to_string()), ("what", "actors")]);
        return people;
    }
    for entry in &map.entries {
        if reader.check_id(entry.at, entry.key)
            && let Some(person) = person(reader, ground, entry.key, entry.node, values)
        {
            people.insert(entry.key.to_owned(), person);
        }
    }
    people
}

/// `{role, can: [permission], sites: [place]}`
fn person(reader: &mut Reader<'_>, ground: Ground<'_>, name: &str, node: &Node, values: &mut Values<'_>) -> Option<Person> {
    let mut map = reader.map(node)?;
    // without a role, somebody who may do nothing but what `can` says
    let role = map.take("role").and_then(|node| {
        let name = reader.text(node)?;
        reader.role(node.at, name)
    });
    let mut permissions = role.as_ref().and_then(|role| ground.roles.get(role)).cloned().unwrap_or_default();
    for node in map.take("can").map_or(&[][..], |node| reader.list(node, MOST, "permissions")) {
        permissions.extend(reader.text(node).and_then(|name| reader.permission(node.at, name)));
    }
    let sites = map.take("sites").map(|node| {
        let mut sites = BTreeSet::new();
        for node in reader.list(node, MOST, "sites") {
            sites.extend(reader.text(node).map(|name| values.names.id(name)));
        }
        sites
    });
    reader.close(&map, &["role", "can", "sites"]);
    Some(Person { id: values.names.id(name), role: role.unwrap_or_default(), permissions, sites })
}

fn doc(reader: &mut Reader<'_>, ground: Ground<'_>, node: &Node, values: &mut Values<'_>) -> BTreeMap<String, Value> {
    fields(reader, ground, node, values).into_iter().collect()
}

/// Fields of the record, typed.
pub(super) fn fields(reader: &mut Reader<'_>, ground: Ground<'_>, node: &Node, values: &mut Values<'_>) -> Vec<(String, Value)> {
    let mut read = Vec::new();
    let Some(map) = reader.map(node) else { return read };
    for entry in &map.entries {
        if entry.key == CUSTOM {
            read.extend(values.custom(reader, entry.node).map(|value| (CUSTOM.to_owned(), value)));
            continue;
        }
        let Some(field) = ground.subject.field(entry.key).filter(|field| field.name != "state") else {
            let hint = nearest(entry.key, ground.subject.fields.iter().map(|field| field.name));
            reader.report(entry.at, "WF204", &[("entity", ground.subject.key), ("name", entry.key), ("hint", &hint)]);
            continue;
        };
        let Some(value) = values.read(reader, entry.node, &field.kind) else { continue };
        if value.is_null() && !field.nullable {
            reader.report(entry.node.at, "WF902", &[("value", "null"), ("expected", "a value: this field is never empty")]);
        } else {
            read.push((entry.key.to_owned(), value));
        }
    }
    read
}

/// `{main: 10}`, of the record's part, or `{main: {filter: 10}}`.
fn stock(reader: &mut Reader<'_>, node: &Node, names: &mut Names) -> Vec<Lot> {
    let mut lots = Vec::new();
    let Some(map) = reader.map(node) else { return lots };
    for entry in &map.entries {
        let place = place(entry.key, names);
        if !matches!(entry.node.kind, NodeKind::Map(_)) {
            lots.extend(quantity(reader, entry.node).map(|quantity| Lot { place, part: None, quantity }));
            continue;
        }
        let Some(parts) = reader.map(entry.node) else { continue };
        for part in &parts.entries {
            let id = names.id(part.key);
            lots.extend(quantity(reader, part.node).map(|quantity| Lot { place: place.clone(), part: Some(id), quantity }));
        }
    }
    lots
}

/// A place by its name; `transit` is the ledger's own account.
pub(super) fn place(name: &str, names: &mut Names) -> Place {
    match name.strip_prefix("virtual.").or((name == "transit").then_some(name)) {
        Some(account) => Place::Virtual(account.to_owned()),
        None => Place::Location(names.id(name)),
    }
}

pub(super) fn quantity(reader: &mut Reader<'_>, node: &Node) -> Option<Decimal> {
    let most = Decimal::from(1_000_000_000_i64);
    let read = crate::value::read_decimal(&json(node)).ok().filter(|quantity| (Decimal::ZERO..=most).contains(quantity));
    if read.is_none() {
        reader.report(node.at, "WF902", &[("value", &shown(node)), ("expected", "a quantity")]);
    }
    read
}

/// `[{subject, of, from, to}]`
fn bookings(reader: &mut Reader<'_>, node: &Node, values: &mut Values<'_>) -> Vec<Booking> {
    let mut bookings = Vec::new();
    for item in reader.list(node, MOST, "bookings") {
        let Some(mut map) = reader.map(item) else { continue };
        let subject = reader.required(&mut map, "subject").and_then(|node| reader.text(node));
        let of = reader.required(&mut map, "of").and_then(|node| reader.text(node));
        let from = reader.required(&mut map, "from").and_then(|node| values.time(reader, node));
        let to = reader.required(&mut map, "to").and_then(|node| values.time(reader, node));
        reader.close(&map, &["subject", "of", "from", "to"]);
        if let (Some(subject), Some(of), Some(from), Some(to)) = (subject, of, from, to) {
            bookings.push(Booking { subject: subject.to_owned(), of: values.names.id(of), from, to });
        }
    }
    bookings
}

/// `{overlaps: true}`
fn lookups(reader: &mut Reader<'_>, node: &Node) -> BTreeMap<String, Value> {
    let mut answers = BTreeMap::new();
    let Some(map) = reader.map(node) else { return answers };
    for entry in &map.entries {
        let kind = match &entry.node.kind {
            NodeKind::Bool(_) => Kind::Bool,
            NodeKind::Int(_) => Kind::Int,
            NodeKind::Float(_) => Kind::Decimal,
            _ => Kind::Text,
        };
        let tenant = TenantFacts { currency: CURRENCY.to_owned(), zone: ZONE };
        match Value::read(&kind, &json(entry.node), &tenant) {
            Ok(value) => {
                answers.insert(entry.key.to_owned(), value);
            }
            Err(error) => reader.report(entry.node.at, "WF902", &[("value", &shown(entry.node)), ("expected", &error.expected)]),
        }
    }
    answers
}
