//! Words for the domain's codes, in the reader's language.

use std::collections::BTreeMap;
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
        Error::Forbidden(Refused::Workflow(found, file)) => blocker(locale, &file.0, found),
        Error::Forbidden(Refused::Level) => t(locale, "field.level_too_low", &[]),
        Error::Forbidden(Refused::Sites) => t(locale, "people.notice.beyond_sites", &[]),
        Error::WrongState { state, file, .. } => t(locale, "error.wrong_state", &[("state", &state_name(locale, &file.0, state))]),
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

/// The name of a role of ours; that of a company's own is its key.
pub fn role_name(locale: Locale, key: &str) -> String {
    let name = format!("role.{key}");
    if exists(locale, &name) { t(locale, &name, &[]) } else { key.to_owned() }
}

/// A state's name.
fn state_name(locale: Locale, file: &Workflow, state: &str) -> String {
    called(locale, file, (&file.labels().states, "state"), state)
}

/// A step's name.
pub fn transition_name(locale: Locale, file: &Workflow, transition: &str) -> String {
    called(locale, file, (&file.labels().transitions, "transition"), transition)
}

/// The name of a field of the record, or of a step's form.
fn field_name(locale: Locale, file: &Workflow, path: &str) -> String {
    let id = path.strip_prefix("input.").or(path.strip_prefix("doc.")).unwrap_or(path);
    called(locale, file, (&file.labels().fields, "field"), id)
}

/// A part of a file: by its own label, else by ours; one of another language's labels says more than an id.
fn called(locale: Locale, file: &Workflow, (own, what): (&BTreeMap<String, BTreeMap<String, String>>, &str), id: &str) -> String {
    if let Some(word) = own.get(locale.as_str()).and_then(|words| words.get(id)) {
        return word.clone();
    }
    if !exists(locale, &format!("wf.{}.{what}.{id}", file.key()))
        && let Some(word) = own.values().find_map(|words| words.get(id))
    {
        return word.clone();
    }
    named(locale, file.key(), what, id)
}

/// A part of a diagram: a company's own word for it, ours, or what it is called in the file.
pub fn drawn(locale: Locale, workflow: &Workflow, part: Labelled<'_>) -> String {
    let labels = workflow.labels();
    let sla = |word: &str, id: &str| {
        let name = called(locale, workflow, (&labels.slas, "sla"), id);
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
    called(locale, workflow, (own, what), id)
}

/// Units of a length of time, the largest first, with what a file puts before and behind their number.
const UNITS: [(&str, &str, char); 3] = [("days", "", 'D'), ("hours", "T", 'H'), ("minutes", "T", 'M')];

/// A length of time that a file or a company wrote, in words.
pub fn spelt(locale: Locale, written: &str) -> String {
    Span::parse(written).map_or_else(|| written.to_owned(), |span| spell(locale, span))
}

/// A length of time as files write it, from the words it is shown in, each unit by its first letter: `4 h`, `1 day 30 min`. What reads otherwise is
/// left as it was typed.
pub fn span_typed(locale: Locale, typed: &str) -> String {
    read_span(locale, typed).unwrap_or_else(|| typed.to_owned())
}

fn read_span(locale: Locale, typed: &str) -> Option<String> {
    let mut rest = typed.trim();
    let (mut written, mut next, mut in_time) = ("P".to_owned(), 0, false);
    while !rest.is_empty() {
        let number = &rest[..rest.find(|c: char| !c.is_ascii_digit()).filter(|at| *at > 0)?];
        let word = rest[number.len()..].trim_start();
        let end = word.find(|c: char| !c.is_alphabetic()).unwrap_or(word.len());
        let first = word[..end].chars().next()?.to_lowercase().next()?;
        let begins = |(unit, ..): &(&str, &str, char)| tn(locale, &format!("settings.span.{unit}"), 1, &[]).contains(&format!(" {first}"));
        let at = next + UNITS[next..].iter().position(begins)?;
        let (_, before, letter) = UNITS[at];
        if before == "T" && !in_time {
            written.push_str(before);
            in_time = true;
        }
        written.push_str(number);
        written.push(letter);
        next = at + 1;
        rest = word[end..].trim_start_matches(['.', ',', ' ', '\u{a0}']);
    }
    Span::parse(&written).map(|_| written)
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
pub fn blocked(locale: Locale, file: &Workflow, found: &Blocked) -> String {
    let reason = blocker(locale, file, &found.blocker);
    if found.who_can.is_empty() {
        return reason;
    }
    format!("{reason} {}", t(locale, "blocker.who_can", &[("roles", &found.who_can.join(", "))]))
}

/// Why a step is not open to somebody, in the words of the file their record follows.
pub fn blocker(locale: Locale, file: &Workflow, found: &Blocker) -> String {
    let field = found.field.as_deref().unwrap_or_default();
    let name = if field.is_empty() { String::new() } else { field_name(locale, file, field) };
    let need = value(locale, file, (found.code, field), &found.need);
    let have = value(locale, file, (found.code, field), &found.have);
    let alternatives: Vec<String> = found.alternatives.iter().map(|each| blocker(locale, file, each)).collect();
    let arguments = [("field", &*name), ("need", &*need), ("have", &*have), ("alternatives", &*alternatives.join(" · "))];
    t(locale, &format!("blocker.{}", found.code), &arguments)
}

fn value(locale: Locale, file: &Workflow, (code, field): (&str, &str), value: &Value) -> String {
    let ours = |key: String, id: &str| if exists(locale, &key) { t(locale, &key, &[]) } else { id.to_owned() };
    match value {
        Value::Null => "—".to_owned(),
        Value::Bool(truth) => t(locale, if *truth { "app.yes" } else { "app.no" }, &[]),
        Value::Text(text) => match (code, field) {
            ("permission" | "not_eligible_permission", _) => permission_name(locale, text),
            ("not_eligible_role", _) => role_name(locale, text),
            ("wrong_state", _) | (_, "state") => state_name(locale, file, text),
            (_, "priority" | "kind") => ours(format!("{}.{field}.{text}", file.key()), text),
            _ => text.clone(),
        },
        Value::Int(number) => templates::format::number(locale, (*number).into(), None),
        Value::Decimal(number) => templates::format::number(locale, *number, None),
        Value::Money(money) => templates::format::money(locale, money.amount, &money.currency),
        Value::Date(date) => templates::format::date(locale, *date),
        Value::List(values) => values.iter().map(|each| self::value(locale, file, (code, field), each)).collect::<Vec<_>>().join(", "),
        // ids and moments tell a reader nothing without their record; the page shows them beside
        _ => "…".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_reads_back_as_it_is_shown_and_as_people_shorten_it() {
        for locale in Locale::ALL {
            for written in ["PT4H", "P2D", "P1DT30M", "P1DT2H5M", "PT45M", "P21D"] {
                assert_eq!(span_typed(locale, &spelt(locale, written)), written, "{locale:?}");
            }
            for typed in ["", "PT4H", "4", "four", "4 x", "1.5", "-1"] {
                assert_eq!(span_typed(locale, typed), typed, "{locale:?}");
            }
        }
        assert_eq!(span_typed(Locale::Ru, "4 часа, 30 минут"), "PT4H30M");
        assert_eq!(span_typed(Locale::En, "2d 4h"), "P2DT4H");
        assert_eq!(span_typed(Locale::Tr, "2 gün 30 dakika"), "P2DT30M");
        assert_eq!(span_typed(Locale::En, "30 min 4 h"), "30 min 4 h", "the larger unit comes first");
    }
}
