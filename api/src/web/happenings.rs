//! What happened, as a timeline tells it.

use domain::insight::Happening;
use templates::pages::parts::{Person, Text};
use templates::pages::work::{Event, Moved};

use super::shell::initials;
use super::work::life::Life;

/// A person, as lists show them.
pub fn person(name: &str) -> Person {
    Person { name: name.to_owned(), initials: initials(name) }
}

/// A text an event mentions.
pub fn said<'a>(happening: &'a Happening, name: &str) -> &'a str {
    happening.data.get(name).and_then(serde_json::Value::as_str).unwrap_or_default()
}

/// An event in words, states and colours.
pub fn event(life: &Life, happening: &Happening) -> Event {
    let (icon, tone) = look(&happening.kind);
    let moved = moved(life, happening);
    let reason = said(happening, "reason");
    Event {
        text: sentence(life, happening),
        icon: icon.to_owned(),
        tone: moved.as_ref().map_or(tone, |moved| &moved.to.tone).to_owned(),
        who: Some(person(&happening.actor)),
        moved,
        note: (!reason.is_empty()).then(|| reason.to_owned()),
        at: happening.at,
    }
}

fn look(kind: &str) -> (&'static str, &'static str) {
    match kind {
        "workflow.created" | "record.created" => ("plus", "neutral"),
        "workflow.moved" => ("move-right", "neutral"),
        "workflow.voted" => ("user-check", "info"),
        "workflow.escalated" => ("user-plus", "warn"),
        "workflow.sla_warned" => ("clock", "warn"),
        "workflow.sla_breached" => ("clock", "danger"),
        "workflow.imported" => ("download", "neutral"),
        "work_order.edited" | "record.changed" => ("pencil", "neutral"),
        _ => ("circle-dot", "neutral"),
    }
}

fn sentence(life: &Life, happening: &Happening) -> Text {
    let text = Text::key(format!("event.{}", happening.kind));
    let number = |name: &str| happening.data.get(name).map(ToString::to_string).unwrap_or_default();
    match happening.kind.as_str() {
        "workflow.moved" => text.with("transition", life.transition_name(said(happening, "transition"))),
        "workflow.voted" => text.with("have", number("have")).with("need", number("need")),
        _ => happening.data.as_object().into_iter().flatten().fold(text, |text, (name, value)| match value.as_str() {
            Some(value) => text.with(name, value),
            None => text,
        }),
    }
}

/// The states before and after; a step that stays where it is moves nothing.
fn moved(life: &Life, happening: &Happening) -> Option<Moved> {
    let (from, to) = (said(happening, "from"), said(happening, "to"));
    (happening.kind == "workflow.moved" && from != to).then(|| Moved { from: Some(life.state(from)), to: life.state(to) })
}
