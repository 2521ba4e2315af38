//! `steps`: time, a press, and what it must come to.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::Ground;
use super::expect;
use super::given::{Setting, fields};
use crate::definition::FieldKind;
use crate::parse::reader::{Map, Reader};
use crate::scenario::script::{Act, Denial, SYSTEM, Step, Verdict};
use crate::scenario::values::{json, shown};
use crate::yaml::{Node, NodeKind};

const KEYS: [&str; 11] = ["advance", "as", "create", "do", "input", "reason", "edit", "delegate", "expect", "deny", "because"];
const ACTS: [&str; 4] = ["create", "do", "edit", "delegate"];
const MAX_PRESSES: usize = 20;

pub(super) fn step(reader: &mut Reader<'_>, ground: Ground<'_>, node: &Node, setting: &mut Setting<'_>, first: bool) -> Option<Step> {
    let mut map = reader.map(node)?;
    let found = reader.found.len();
    let advance = map.take("advance").and_then(|node| reader.span(node));
    let acting = map.take("as");
    let actor = acting.and_then(|node| setting.person(reader, ground, node));
    let act = act(reader, ground, &mut map, setting);
    match &act {
        Some(Act::Create) if !first => reader.report(map.at, "WF906", &[]),
        Some(Act::Create) if actor.as_deref() == Some(SYSTEM) => reader.report(map.at, "WF907", &[]),
        Some(_) if acting.is_none() && !setting.has_lead() => reader.report(map.at, "WF905", &[]),
        _ => {}
    }
    let verdict = verdict(reader, ground, &mut map, setting);
    reader.close(&map, &KEYS);
    if first && found == reader.found.len() && !matches!(act, Some(Act::Create)) {
        reader.report(map.at, "WF906", &[]);
    }
    Some(Step { at: node.at, advance, actor, act, verdict })
}

fn act(reader: &mut Reader<'_>, ground: Ground<'_>, map: &mut Map<'_>, setting: &mut Setting<'_>) -> Option<Act> {
    let present: Vec<&str> = ACTS.into_iter().filter(|key| map.entries.iter().any(|entry| entry.key == *key)).collect();
    if let [first, second, ..] = present.as_slice() {
        reader.report(map.at, "WF904", &[("first", first), ("second", second)]);
    }
    let create = map.take("create").map(|node| reader.flag(Some(node)));
    let edit = map.take("edit").map(|node| Act::Edit(fields(reader, ground, node, &mut setting.values)));
    let delegate = map.take("delegate").and_then(|node| setting.person(reader, ground, node)).map(Act::Delegate);
    let fire = map.take("do").and_then(|node| fire(reader, ground, node, map, setting));
    create.filter(|create| *create).map(|_| Act::Create).or(edit).or(delegate).or(fire)
}

fn fire(reader: &mut Reader<'_>, ground: Ground<'_>, node: &Node, map: &mut Map<'_>, setting: &mut Setting<'_>) -> Option<Act> {
    let single = !matches!(node.kind, NodeKind::List(_));
    let presses = if single { std::slice::from_ref(node) } else { reader.list(node, MAX_PRESSES, "transitions") };
    let mut transitions = Vec::with_capacity(presses.len());
    for press in presses {
        transitions.push(reader.transition(press)?);
    }
    let only = transitions.first().filter(|_| single).cloned();
    let (input_node, reason_node) = (map.take("input"), map.take("reason"));
    for (key, node) in [("input", input_node), ("reason", reason_node)] {
        if let (Some(node), None) = (node, &only) {
            reader.report(node.at, "WF908", &[("key", key)]);
        }
    }
    let input = input_node.zip(only.as_ref()).map(|(node, transition)| input(reader, ground, node, setting, transition));
    let reason = reason_node.and_then(|node| reader.text(node)).map(str::to_owned);
    Some(Act::Fire { transitions, input: input.unwrap_or_default(), reason })
}

/// The form, as a page would send it: names become ids, the rest is for the form itself to judge.
fn input(reader: &mut Reader<'_>, ground: Ground<'_>, node: &Node, setting: &mut Setting<'_>, transition: &str) -> BTreeMap<String, Json> {
    let mut input = BTreeMap::new();
    let Some(map) = reader.map(node) else { return input };
    let form = ground.workflow.transition(transition).map(|transition| transition.form.as_slice()).unwrap_or_default();
    for entry in &map.entries {
        let field = form.iter().find(|field| field.name == entry.key);
        let value = match (field.map(|field| &field.kind), &entry.node.kind) {
            (Some(FieldKind::Ref(_)), NodeKind::Text(name)) => Json::String(setting.values.names.id(name).to_string()),
            _ => json(entry.node),
        };
        input.insert(entry.key.to_owned(), value);
    }
    input
}

fn verdict(reader: &mut Reader<'_>, ground: Ground<'_>, map: &mut Map<'_>, setting: &mut Setting<'_>) -> Verdict {
    let expect = map.take("expect");
    let because = map.take("because");
    let Some(deny) = map.take("deny") else {
        if let Some(node) = because {
            reader.report(node.at, "WF004", &[("key", "because"), ("known", "`because` only with `deny`")]);
        }
        return Verdict::Expect(expect.map(|node| expect::claims(reader, ground, node, setting)).unwrap_or_default());
    };
    if let Some(node) = expect {
        reader.report(node.at, "WF904", &[("first", "deny"), ("second", "expect")]);
    }
    let code = reader.word(deny, Denial::parse, Denial::WORDS);
    let because = because.map(|node| match &node.kind {
        NodeKind::Text(text) => text.clone(),
        _ => shown(node),
    });
    // a word nobody knows has been reported: the tests do not run
    Verdict::Deny { at: deny.at, code: code.unwrap_or(Denial::Guard), because }
}
