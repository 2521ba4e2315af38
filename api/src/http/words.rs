//! Words for the domain's codes, in the reader's language.

use std::sync::Arc;

use domain::identity::signup::Words;
use domain::kernel::error::Refused;
use domain::workflow::Blocked;
use domain::{Error, FieldError};
use templates::Locale;
use templates::i18n::{exists, t, tn};
use workflows::duration::Span;
use workflows::{Blocker, Labelled, Value, Workflow};

use super::findings;

/// Names for a new company's first rows, in its language.
pub fn names(locale: &str) -> Words {
    let locale = Locale::parse(locale).unwrap_or_default();
    Arc::new(move |key: &str| t(locale, key, &[]))
}

/// What a code means, in a sentence.
pub fn sentence(locale: Locale, code: &str) -> String {
    t(locale, &format!("error.{code}"), &[])
}

/// The same in a few words.
pub fn title(locale: Locale, code: &str) -> String {
    t(locale, &format!("error_title.{code}"), &[])
}

/// What went wrong, in a sentence that names what is missing.
pub fn told(locale: Locale, error: &Error) -> String {
    match error {
        Error::Forbidden(Refused::Permission(permission)) => missing(locale, permission.key()),
        Error::Forbidden(Refused::Named(permission)) => missing(locale, permission),
        Error::Forbidden(Refused::Workflow(found)) => blocker(locale, "work_order", found),
        Error::Forbidden(Refused::Level) => t(locale, "field.level_too_low", &[]),
        Error::Forbidden(Refused::Sites) => t(locale, "people.notice.beyond_sites", &[]),
        Error::WrongState { state, .. } => t(locale, "error.wrong_state", &[("state", &state_name(locale, "work_order", state))]),
        error => sentence(locale, error.code()),
    }
}

fn missing(locale: Locale, permission: &str) -> String {
    t(locale, "blocker.permission", &[("need", &permission_name(locale, permission))])
}

/// What is wrong with a field.
pub fn field(locale: Locale, error: &FieldError) -> String {
    if error.code.starts_with("WF") {
        return findings::refused(locale, error);
    }
    let params: Vec<(&str, String)> = error.params.iter().map(|(name, value)| (&**name, param(locale, &error.code, name, value))).collect();
    let params: Vec<(&str, &str)> = params.iter().map(|(name, value)| (*name, &**value)).collect();
    t(locale, &format!("field.{}", error.code), &params)
}

/// A value a field's sentence mentions; what is a name of ours is told in the reader's language.
fn param(locale: Locale, code: &str, name: &str, value: &str) -> String {
    match (code, name) {
        ("wrong_type", "expected") => t(locale, &format!("field_type.{value}"), &[]),
        ("not_grantable", "permission") => permission_name(locale, value),
        _ => value.to_owned(),
    }
}

/// A permission's name, with what it is about: alone, "View" says nothing. One the catalogue does not have is told as it is.
pub fn permission_name(locale: Locale, key: &str) -> String {
    let (group, name) = (key.split('.').next().unwrap_or_default(), format!("permission.{key}"));
    if !key.contains('.') || !exists(locale, &name) {
        return key.to_owned();
    }
    format!("{}: {}", t(locale, &format!("permission.group.{group}"), &[]), t(locale, &name, &[]))
}

/// A state's name.
pub fn state_name(locale: Locale, workflow: &str, state: &str) -> String {
    named(locale, workflow, "state", state)
}

/// A step's name.
pub fn transition_name(locale: Locale, workflow: &str, transition: &str) -> String {
    named(locale, workflow, "transition", transition)
}

/// A part of a diagram: a company's own word for it, ours, or what it is called in the file.
pub fn drawn(locale: Locale, workflow: &Workflow, part: Labelled<'_>) -> String {
    let labels = workflow.labels();
    let sla = |word: &str, id: &str| {
        let name = labels.slas.get(locale.as_str()).and_then(|words| words.get(id)).cloned();
        let name = name.unwrap_or_else(|| named(locale, workflow.key(), "sla", id));
        t(locale, &format!("drawn.{word}"), &[("name", &name)])
    };
    let (own, what, id) = match part {
        Labelled::State(id) => (&labels.states, "state", id),
        Labelled::Transition(id) => (&labels.transitions, "transition", id),
        Labelled::Level(id) => (&labels.levels, "level", id),
        Labelled::Starts(id) => return sla("starts", id),
        Labelled::Pauses(id) => return sla("pauses", id),
        Labelled::Stops(id) => return sla("stops", id),
        Labelled::After(span) => return t(locale, "drawn.after", &[("time", &spell(locale, span))]),
        Labelled::Stays(steps) => return t(locale, "drawn.stays", &[("steps", steps)]),
    };
    match own.get(locale.as_str()).and_then(|words| words.get(id)) {
        Some(word) => word.clone(),
        None => named(locale, workflow.key(), what, id),
    }
}

/// A length of time, in its largest units.
fn spell(locale: Locale, span: Span) -> String {
    let (hours, minutes) = (span.seconds / 3600, span.seconds % 3600 / 60);
    let units = [("days", span.days), ("hours", hours), ("minutes", minutes)];
    let spelt = units
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(unit, count)| tn(locale, &format!("settings.span.{unit}"), count.into(), &[]));
    let spelt: Vec<String> = spelt.collect();
    if spelt.is_empty() { span.to_string() } else { spelt.join(" ") }
}

/// A part of a file by its shipped name; one a company added is called as it is written.
fn named(locale: Locale, workflow: &str, what: &str, id: &str) -> String {
    let key = format!("wf.{workflow}.{what}.{id}");
    if exists(locale, &key) { t(locale, &key, &[]) } else { id.replace('_', " ") }
}

/// Why a step is not open to somebody, with who could.
pub fn blocked(locale: Locale, workflow: &str, found: &Blocked) -> String {
    let reason = blocker(locale, workflow, &found.blocker);
    if found.who_can.is_empty() {
        return reason;
    }
    format!("{reason} {}", t(locale, "blocker.who_can", &[("roles", &found.who_can.join(", "))]))
}

/// Why a step is not open to somebody.
pub fn blocker(locale: Locale, workflow: &str, found: &Blocker) -> String {
    let field = found.field.as_deref().unwrap_or_default();
    let name = if field.is_empty() { String::new() } else { t(locale, &format!("wf.{workflow}.field.{field}"), &[]) };
    let need = value(locale, workflow, found.code, field, &found.need);
    let have = value(locale, workflow, found.code, field, &found.have);
    let alternatives: Vec<String> = found.alternatives.iter().map(|each| blocker(locale, workflow, each)).collect();
    let arguments = [("field", &*name), ("need", &*need), ("have", &*have), ("alternatives", &*alternatives.join(" · "))];
    t(locale, &format!("blocker.{}", found.code), &arguments)
}

fn value(locale: Locale, workflow: &str, code: &str, field: &str, value: &Value) -> String {
    match value {
        Value::Null => "—".to_owned(),
        Value::Bool(truth) => t(locale, if *truth { "app.yes" } else { "app.no" }, &[]),
        Value::Text(text) => match (code, field) {
            ("permission" | "not_eligible_permission", _) => permission_name(locale, text),
            ("not_eligible_role", _) => t(locale, &format!("role.{text}"), &[]),
            ("wrong_state", _) | (_, "state") => state_name(locale, workflow, text),
            (_, "priority" | "kind") => t(locale, &format!("{workflow}.{field}.{text}"), &[]),
            _ => text.clone(),
        },
        Value::Int(number) => templates::format::number(locale, (*number).into(), None),
        Value::Decimal(number) => templates::format::number(locale, *number, None),
        Value::Money(money) => templates::format::money(locale, money.amount, &money.currency),
        Value::Date(date) => templates::format::date(locale, *date),
        Value::List(values) => values.iter().map(|each| self::value(locale, workflow, code, field, each)).collect::<Vec<_>>().join(", "),
        // ids and moments tell a reader nothing without their record; the page shows them beside
        _ => "…".to_owned(),
    }
}
