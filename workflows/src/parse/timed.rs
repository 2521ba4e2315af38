//! `slas`, `timers`, `reminders`: what happens because time passes.

use chrono::NaiveTime;
use indexmap::IndexMap;

use super::effects::inline;
use super::reader::{Map, Reader};
use super::states::guard;
use super::transitions::some_states;
use crate::definition::{Breach, Effect, Effects, Meter, Reminder, ReminderRule, Sla, SlaTarget, Timer, TimerAction, Warn};
use crate::duration::Span;
use crate::guard::{Guard, Type};
use crate::sla::Clock;
use crate::yaml::{Node, NodeKind};

const MOST: usize = 40;

/// The entries of a mapping under ids.
fn each<T>(reader: &mut Reader<'_>, node: &Node, part: &str, read: fn(&mut Reader<'_>, &str, &Node) -> Option<T>) -> IndexMap<String, T> {
    let mut found = IndexMap::new();
    let Some(map) = reader.map(node) else { return found };
    if map.entries.len() > MOST {
        reader.report(map.at, "WF009", &[("limit", &MOST.to_string()), ("what", "entries")]);
        return found;
    }
    for entry in &map.entries {
        if reader.check_id(entry.at, entry.key) {
            reader.places.insert(format!("{part}.{}", entry.key), entry.at);
            found.extend(read(reader, entry.key, entry.node).map(|value| (entry.key.to_owned(), value)));
        }
    }
    found
}

pub(super) fn slas(reader: &mut Reader<'_>, node: &Node) -> IndexMap<String, Sla> {
    each(reader, node, "sla", sla)
}

pub(super) fn timers(reader: &mut Reader<'_>, node: &Node) -> IndexMap<String, Timer> {
    each(reader, node, "timer", timer)
}

pub(super) fn reminders(reader: &mut Reader<'_>, node: &Node) -> IndexMap<String, Reminder> {
    each(reader, node, "reminder", reminder)
}

fn sla(reader: &mut Reader<'_>, id: &str, node: &Node) -> Option<Sla> {
    let mut map = reader.map(node)?;
    let clock = reader.required(&mut map, "clock").and_then(|node| clock(reader, node));
    let mut states = |key| map.take(key).map(|node| some_states(reader, node)).unwrap_or_default();
    let (start, pause, stop) = (states("start"), states("pause"), states("stop"));
    let target = reader.required(&mut map, "target").and_then(|node| target(reader, node));
    let warn = map.take("warn").and_then(|node| warn(reader, node));
    let breach = map.take("breach").map_or(&[][..], |node| reader.list(node, 20, "steps"));
    let breach = breach.iter().filter_map(|node| step(reader, node)).collect();
    reader.close(&map, &["clock", "start", "pause", "stop", "target", "warn", "breach"]);
    for state in start.iter().filter(|state| pause.contains(state) || stop.contains(state)) {
        reader.report(map.at, "WF605", &[("sla", id), ("state", state)]);
    }
    for state in pause.iter().filter(|state| stop.contains(state)) {
        reader.report(map.at, "WF605", &[("sla", id), ("state", state)]);
    }
    Some(Sla { id: id.to_owned(), clock: clock?, start, pause, stop, target: target?, warn, breach })
}

fn clock(reader: &mut Reader<'_>, node: &Node) -> Option<Clock> {
    reader.word(node, Clock::parse, Clock::WORDS)
}

/// A length of time, or one for each value of a field: `{by: doc.priority, high: PT8H, default: P2D}`.
fn target(reader: &mut Reader<'_>, node: &Node) -> Option<SlaTarget> {
    if matches!(node.kind, NodeKind::Text(_)) {
        return positive(reader, node).map(SlaTarget::Fixed);
    }
    let mut map = reader.map(node)?;
    let by_node = reader.required(&mut map, "by")?;
    let (field, typed) = reader.doc_path(by_node)?;
    let Type::Choice(options) = typed.ty else {
        reader.report(by_node.at, "WF309", &[("expected", "choice"), ("found", &typed.ty.to_string())]);
        return None;
    };
    let default = map.take("default").and_then(|node| positive(reader, node));
    let mut spans = IndexMap::new();
    for entry in map.entries.iter().filter(|entry| entry.key != "by" && entry.key != "default") {
        if !options.iter().any(|option| option == entry.key) {
            let name = format!("doc.{field}");
            reader.report(entry.at, "WF321", &[("name", &name), ("value", entry.key), ("options", &options.join(", "))]);
        } else if let Some(span) = positive(reader, entry.node) {
            spans.insert(entry.key.to_owned(), span);
        }
    }
    if spans.is_empty() && default.is_none() {
        reader.report(map.at, "WF003", &[("expected", "a time for some value"), ("found", "none")]);
    }
    Some(SlaTarget::By { field, spans, default })
}

/// A length of time that is not zero.
fn positive(reader: &mut Reader<'_>, node: &Node) -> Option<Span> {
    let span = reader.span(node)?;
    if span.is_zero() {
        reader.report(node.at, "WF311", &[("value", &span.to_string()), ("what", "a time to do anything in")]);
        return None;
    }
    Some(span)
}

/// `warn: {at: 80%, notify: …}`
fn warn(reader: &mut Reader<'_>, node: &Node) -> Option<Warn> {
    let mut map = reader.map(node)?;
    let percent = reader.required(&mut map, "at").and_then(|node| percent(reader, node));
    let effects = carried(reader, &mut map);
    reader.close(&map, &["at", "effects", "notify", "set", "assign"]);
    Some(Warn { percent: percent?, effects })
}

fn percent(reader: &mut Reader<'_>, node: &Node) -> Option<u8> {
    let written = match &node.kind {
        NodeKind::Text(text) => text.strip_suffix('%').and_then(|number| number.trim().parse().ok()),
        NodeKind::Int(number) => u8::try_from(*number).ok(),
        _ => None,
    };
    let percent = written.filter(|percent| (1..=99).contains(percent));
    if percent.is_none() {
        reader.report(node.at, "WF003", &[("expected", "a share such as `80%`, below the whole"), ("found", node.describe())]);
    }
    percent
}

/// One step of `breach`: `notify: …`, or `{after: PT2H, assign: …}`.
fn step(reader: &mut Reader<'_>, node: &Node) -> Option<Breach> {
    let mut map = reader.map(node)?;
    let after = match map.take("after") {
        Some(node) => reader.span(node),
        None => Some(Span::default()),
    };
    let effects = carried(reader, &mut map);
    reader.close(&map, &["after", "effects", "notify", "set", "assign"]);
    Some(Breach { after: after?, effects })
}

/// The effects of something that is there for them.
fn carried(reader: &mut Reader<'_>, map: &mut Map<'_>) -> Vec<Effect> {
    let before = reader.found.len();
    let effects = inline(reader, map, reader.names());
    if effects.is_empty() && reader.found.len() == before {
        reader.report(map.at, "WF003", &[("expected", "an effect"), ("found", "none")]);
    }
    effects
}

/// `in`: a state, a list, or `"*"`, every state that does not end the record's life.
fn states_in(reader: &mut Reader<'_>, map: &mut Map<'_>) -> Vec<String> {
    match reader.required(map, "in") {
        Some(Node { kind: NodeKind::Text(text), .. }) if text == "*" => {
            reader.states.iter().filter(|(_, terminal)| !terminal).map(|(id, _)| id.clone()).collect()
        }
        Some(node) => some_states(reader, node),
        None => Vec::new(),
    }
}

/// A field that is a day or a moment. Whether it may be empty is looked at with the graph: a state may be reached only with it filled.
fn dated(reader: &mut Reader<'_>, node: &Node) -> Option<String> {
    let (path, typed) = reader.doc_path(node)?;
    if !matches!(typed.ty, Type::Time | Type::Date) {
        reader.report(node.at, "WF309", &[("expected", "time or date"), ("found", &typed.ty.to_string())]);
        return None;
    }
    Some(path)
}

fn timer(reader: &mut Reader<'_>, id: &str, node: &Node) -> Option<Timer> {
    let mut map = reader.map(node)?;
    let states = states_in(reader, &mut map);
    let at = map.take("at").map(|node| dated(reader, node));
    let after = match (map.take("after"), &at) {
        (Some(node), _) => reader.span(node),
        (None, Some(_)) => Some(Span::default()),
        (None, None) => {
            reader.report(map.at, "WF005", &[("key", "after")]);
            None
        }
    };
    let clock = map.take("clock").map_or(Some(Clock::Wall), |node| clock(reader, node));
    let when = map.take("when").and_then(|node| condition(reader, node));
    let fires = map.take("do").and_then(|node| reader.transition(node).map(|id| (node.at, id)));
    let action = match fires {
        Some((at, transition)) => {
            if let Some((name, entry)) =
                map.entries.iter().find(|entry| entry.key == "effects" || entry.key == "notify").map(|e| (e.key, e.at))
            {
                reader.report(entry, "WF003", &[("expected", "`do` alone"), ("found", &format!("`do` and `{name}`"))]);
                map.take(name);
            }
            reader.places.insert(format!("timer_do.{id}"), at);
            TimerAction::Do(transition)
        }
        None if map.entries.iter().any(|entry| entry.key == "do") => TimerAction::Effects(Effects(Vec::new())),
        None => TimerAction::Effects(Effects(carried(reader, &mut map))),
    };
    reader.close(&map, &["in", "at", "after", "clock", "when", "do", "effects", "notify", "set", "assign"]);
    let at = match at {
        Some(path) => Some(path?),
        None => None,
    };
    Some(Timer { id: id.to_owned(), states, at, after: after?, clock: clock?, action, when })
}

fn condition(reader: &mut Reader<'_>, node: &Node) -> Option<Guard> {
    guard(reader, node, reader.names())
}

fn reminder(reader: &mut Reader<'_>, id: &str, node: &Node) -> Option<Reminder> {
    let mut map = reader.map(node)?;
    let states = states_in(reader, &mut map);
    let at = map.take("at").map_or(NaiveTime::from_hms_opt(8, 0, 0), |node| time_of_day(reader, node));
    let when = map.take("when").and_then(|node| condition(reader, node));
    let rule = match (map.take("field"), map.take("meter")) {
        (Some(node), None) => date_rule(reader, &mut map, node),
        (None, Some(node)) => condition(reader, node).map(|guard| ReminderRule::Meter(Meter(guard))),
        (Some(_), Some(meter)) => {
            reader.report(meter.at, "WF003", &[("expected", "`field` or `meter`"), ("found", "both")]);
            None
        }
        (None, None) => {
            reader.report(map.at, "WF005", &[("key", "field")]);
            None
        }
    };
    let effects = carried(reader, &mut map);
    reader.close(&map, &["in", "field", "meter", "before", "after", "every", "max", "at", "when", "effects", "notify"]);
    Some(Reminder { id: id.to_owned(), states, rule: rule?, at: at?, when, effects })
}

/// `{field, before: [P7D], after: P1D, every: P1D, max: 14}`
fn date_rule(reader: &mut Reader<'_>, map: &mut Map<'_>, field: &Node) -> Option<ReminderRule> {
    let path = dated(reader, field);
    let before = map.take("before").map_or(&[][..], |node| reader.list(node, 20, "offsets"));
    let before: Vec<Span> = before.iter().filter_map(|node| whole_days(reader, node)).collect();
    let after = map.take("after").and_then(|node| whole_days(reader, node));
    let every_node = map.take("every");
    let every = every_node.and_then(|node| positive(reader, node)).filter(|span| span.seconds == 0);
    let max = map.take("max").and_then(|node| reader.number(node, 1, 366));
    if let Some(node) = every_node {
        if after.is_none() {
            reader.report(node.at, "WF005", &[("key", "after")]);
        }
        if max.is_none() {
            reader.report(node.at, "WF005", &[("key", "max")]);
        }
    }
    if before.is_empty() && after.is_none() {
        reader.report(map.at, "WF005", &[("key", "before")]);
    }
    Some(ReminderRule::Date { field: path?, before, after, every, max: max.unwrap_or(1) })
}

/// Reminders go by days: they are sent at a time of day.
fn whole_days(reader: &mut Reader<'_>, node: &Node) -> Option<Span> {
    let span = reader.span(node)?;
    if span.seconds != 0 {
        reader.report(node.at, "WF311", &[("value", &span.to_string()), ("what", "whole days, such as `P7D`")]);
        return None;
    }
    Some(span)
}

fn time_of_day(reader: &mut Reader<'_>, node: &Node) -> Option<NaiveTime> {
    let text = reader.text(node)?;
    let time = NaiveTime::parse_from_str(text, "%H:%M").ok();
    if time.is_none() {
        reader.report(node.at, "WF311", &[("value", text), ("what", "a time of day, such as `'08:00'`")]);
    }
    time
}
