//! Looking at the world after a step: what should be, and what is.

use std::collections::BTreeSet;

use super::script::{Claim, Fact, SlaIs, Standing, Wanted};
use super::world::World;
use crate::diagnostic::Diagnostic;
use crate::duration::Span;
use crate::value::{Record, Value};
use crate::yaml::At;

/// Everything the claims of a step find wrong.
pub(super) fn judge(world: &World<'_>, claims: &[Claim]) -> Vec<Diagnostic> {
    claims.iter().filter_map(|claim| wrong(world, claim)).collect()
}

fn wrong(world: &World<'_>, claim: &Claim) -> Option<Diagnostic> {
    let (expected, found) = match &claim.fact {
        Fact::State(state) => (state.clone(), world.state.doc.as_ref().map_or("not created", |doc| doc.state()).to_owned()),
        Fact::Waiting(level) => {
            let found = world.pending().map(|(level, _)| level);
            (or_nothing(level.clone()), or_nothing(found))
        }
        Fact::Votes(votes) => (votes.to_string(), world.pending().map_or(0, |(_, votes)| votes).to_string()),
        Fact::Notified(people) => return notified(world, claim, people),
        Fact::Told(messages) => return told(world, claim.at, messages),
        Fact::Sla { id, is } => sla(world, id, is),
        Fact::Stock { place, part, figure, is } => {
            let part = part.or_else(|| world.state.doc.as_ref().and_then(|doc| doc.get("part").as_ref_id()));
            let found = world.state.ledger.figure(part, place.as_ref(), *figure);
            (is.normalize().to_string(), found.normalize().to_string())
        }
        Fact::Doc { path, is } => return doc(world, claim, path, is),
        Fact::Moved(moved) => {
            let shown = |pairs: &[(String, String)]| {
                let pairs: BTreeSet<String> = pairs.iter().map(|(record, transition)| format!("{record}: {transition}")).collect();
                list(pairs)
            };
            (shown(moved), shown(&world.heard.moved))
        }
        Fact::Created(subjects) => (list(subjects), list(&world.heard.created)),
        Fact::Webhooks(endpoints) => (list(endpoints), list(&world.heard.webhooks)),
        Fact::Fired(transitions) => (list(transitions), list(&world.heard.fired)),
        Fact::Purged(purged) => (purged.to_string(), world.state.purged.to_string()),
    };
    (expected != found).then(|| failure(claim.at, &claim.name, &expected, &found))
}

fn failure(at: At, name: &str, expected: &str, found: &str) -> Diagnostic {
    Diagnostic::new("WF950", at).with("name", name).with("expected", expected).with("found", found)
}

fn or_nothing(text: Option<String>) -> String {
    text.unwrap_or_else(|| "nothing".to_owned())
}

fn list<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<T> = items.into_iter().collect();
    if items.is_empty() {
        return "nothing".to_owned();
    }
    items.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ")
}

fn notified(world: &World<'_>, claim: &Claim, people: &[String]) -> Option<Diagnostic> {
    let told: BTreeSet<&str> = world.heard.told.iter().flat_map(|(_, people)| people).map(String::as_str).collect();
    if people.is_empty() {
        return (!told.is_empty()).then(|| failure(claim.at, &claim.name, "nobody", &list(told)));
    }
    let missing: Vec<&str> = people.iter().map(String::as_str).filter(|name| !told.contains(name)).collect();
    let found = if told.is_empty() { "nobody".to_owned() } else { list(told) };
    (!missing.is_empty()).then(|| Diagnostic::new("WF951", claim.at).with("name", list(missing)).with("found", found))
}

fn told(world: &World<'_>, at: At, messages: &[(String, Vec<String>)]) -> Option<Diagnostic> {
    messages.iter().find_map(|(text, people)| {
        let expected: BTreeSet<&str> = people.iter().map(String::as_str).collect();
        let found = world.heard.told.iter().filter(|(told, _)| told == text).flat_map(|(_, people)| people);
        let found: BTreeSet<&str> = found.map(String::as_str).collect();
        (expected != found).then(|| failure(at, text, &list(expected), &list(found)))
    })
}

fn sla(world: &World<'_>, id: &str, is: &SlaIs) -> (String, String) {
    let run = world.state.runs.get(id).and_then(|runs| runs.last());
    let status = run.map(|run| run.status(world.state.now));
    match is {
        SlaIs::Standing(standing) => {
            let found = status.map_or(Standing::None.as_str(), |status| status.word());
            (standing.as_str().to_owned(), found.to_owned())
        }
        SlaIs::Elapsed(span) => {
            let seconds = |span: &Span| span.wall().num_seconds();
            let found = status.map(|status| status.elapsed);
            let shown = |seconds: i64| format!("{}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
            (shown(seconds(span)), or_nothing(found.map(shown)))
        }
        SlaIs::Due(due) => {
            let zone = world.given.calendar.zone();
            let shown = |moment: chrono::DateTime<chrono::Utc>| moment.with_timezone(&zone).format("%Y-%m-%dT%H:%M:%S").to_string();
            (shown(*due), or_nothing(status.and_then(|status| status.due_at).map(shown)))
        }
    }
}

fn doc(world: &World<'_>, claim: &Claim, path: &[String], is: &Wanted) -> Option<Diagnostic> {
    let empty = Record::default();
    let found = world.state.doc.as_ref().unwrap_or(&empty).at(&path.join("."));
    let expected = match is {
        Wanted::Value(value) => value.clone(),
        Wanted::Now => Value::Time(world.state.now),
        Wanted::Today => Value::Date(world.given.day(world.state.now)),
    };
    (!same(&expected, found)).then(|| failure(claim.at, &claim.name, &shown(world, &expected), &shown(world, found)))
}

/// References are the same by their ids, whatever is known of their records; 2 and 2.0 are one quantity.
fn same(expected: &Value, found: &Value) -> bool {
    match (expected.as_ref_id(), found.as_ref_id()) {
        (Some(a), Some(b)) => a == b,
        _ => expected == found,
    }
}

fn shown(world: &World<'_>, value: &Value) -> String {
    match (value, value.as_ref_id()) {
        (_, Some(id)) => world.names.name(id),
        (Value::Time(moment), _) => moment.with_timezone(&world.given.calendar.zone()).format("%Y-%m-%dT%H:%M:%S").to_string(),
        (Value::Null, _) => "empty".to_owned(),
        (value, _) => value.to_string(),
    }
}
