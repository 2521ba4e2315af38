//! Reading what was typed into a transition's form.

use std::collections::BTreeMap;

use chrono::Datelike;
use rust_decimal::Decimal;
use serde_json::Value as Json;

use crate::decision::FieldProblem;
use crate::definition::{Bound, FieldKind, FormField, Reason, Transition};
use crate::facts::{Facts, Input, TenantFacts};
use crate::value::{
    ReadError, Record, Value, read_bool, read_choice, read_date, read_decimal, read_int, read_money, read_ref, read_text, read_time,
};

/// Longest text a form takes where the file sets no `max`, in characters.
const MAX_TEXT: usize = 10_000;
/// Longest line, where the file sets no `max`, in characters.
const MAX_LINE: usize = 200;
/// Most files, where the file sets no `max`.
const MAX_FILES: usize = 20;
/// Longest reason, in characters.
const MAX_REASON: usize = 2_000;

/// The form and the reason, typed.
pub(crate) struct Filled {
    pub values: BTreeMap<String, Value>,
    pub reason: Option<String>,
}

/// Reads the form and the reason; or tells everything that is wrong with them.
pub(crate) fn read(transition: &Transition, facts: &Facts<'_>, input: &Input) -> Result<Filled, Vec<FieldProblem>> {
    let mut problems = Vec::new();
    let mut values = BTreeMap::new();
    for name in input.fields.keys() {
        if !transition.form.iter().any(|field| field.name == *name) {
            problems.push(problem(name, "unknown_field"));
        }
    }
    for field in &transition.form {
        match read_field(field, input.fields.get(&field.name), facts) {
            Ok(Some(value)) => {
                values.insert(field.name.clone(), value);
            }
            Ok(None) => {}
            Err(found) => problems.push(found),
        }
    }
    let reason = match read_reason(transition.reason, input.reason.as_deref()) {
        Ok(reason) => reason,
        Err(found) => {
            problems.push(found);
            None
        }
    };
    if problems.is_empty() { Ok(Filled { values, reason }) } else { Err(problems) }
}

fn problem(field: &str, code: &'static str) -> FieldProblem {
    FieldProblem { field: field.to_owned(), code, params: BTreeMap::new() }
}

fn read_reason(asked: Reason, given: Option<&str>) -> Result<Option<String>, FieldProblem> {
    let given = given.map(str::trim).filter(|reason| !reason.is_empty());
    match (asked, given) {
        (Reason::None, Some(_)) => Err(problem("reason", "unknown_field")),
        (Reason::Required, None) => Err(problem("reason", "required")),
        (_, None) => Ok(None),
        (_, Some(text)) => {
            check_length(text, None, Some(MAX_REASON)).map_err(|found| FieldProblem { field: "reason".to_owned(), ..found })?;
            Ok(Some(text.to_owned()))
        }
    }
}

fn read_field(field: &FormField, given: Option<&Json>, facts: &Facts<'_>) -> Result<Option<Value>, FieldProblem> {
    let empty = given.is_none_or(|json| json.is_null() || json.as_str().is_some_and(|text| text.trim().is_empty()));
    let Some(json) = given.filter(|_| !empty) else {
        return match (field.required, &field.kind) {
            (true, _) => Err(problem(&field.name, "required")),
            (false, FieldKind::Bool) => Ok(Some(Value::Bool(false))),
            (false, FieldKind::Files) => Ok(Some(Value::List(Vec::new()))),
            (false, _) => Ok(None),
        };
    };
    let value = parse(&field.kind, json, facts.tenant).map_err(|error| {
        let name = if error.code == "not_one_of" { "options" } else { "expected" };
        FieldProblem { params: BTreeMap::from([(name, error.expected)]), ..problem(&field.name, error.code) }
    })?;
    check_range(field, &value, facts.doc).map_err(|found| FieldProblem { field: field.name.clone(), ..found })?;
    Ok(Some(value))
}

fn parse(kind: &FieldKind, json: &Json, tenant: &TenantFacts) -> Result<Value, ReadError> {
    match kind {
        FieldKind::Text | FieldKind::String => match read_text(json)?.trim() {
            text if text.contains('\0') || (*kind == FieldKind::String && text.contains(['\n', '\r'])) => {
                Err(ReadError::new("wrong_type", "text"))
            }
            text => Ok(Value::Text(text.to_owned())),
        },
        FieldKind::Int => read_int(json),
        FieldKind::Decimal => read_decimal(json).map(Value::Decimal),
        FieldKind::Bool => read_bool(json),
        FieldKind::Date => read_date(json).and_then(in_years),
        FieldKind::Time => read_time(json, tenant).and_then(in_years),
        FieldKind::Choice(options) => read_choice(json, options),
        FieldKind::Ref(_) => read_ref(json),
        FieldKind::Money => read_money(json, tenant).and_then(in_cents),
        FieldKind::Files => match json {
            Json::Array(files) => files.iter().map(read_ref).collect::<Result<_, _>>().map(Value::List),
            one => Ok(Value::List(vec![read_ref(one)?])),
        },
    }
}

/// The years the dates people fill in lie in: others are slips of the finger, and no database keeps all that can be written.
pub const YEARS: std::ops::RangeInclusive<i32> = 1900..=2999;

fn in_years(value: Value) -> Result<Value, ReadError> {
    let year = match &value {
        Value::Date(date) => date.year(),
        Value::Time(time) => time.year(),
        _ => return Ok(value),
    };
    if YEARS.contains(&year) { Ok(value) } else { Err(ReadError::new("year_out_of_range", "2026-03-02")) }
}

/// Refuses an amount typed with more digits than cents have; three may as well be meant as thousands.
fn in_cents(value: Value) -> Result<Value, ReadError> {
    match &value {
        Value::Money(money) if money.amount.scale() == 3 => Err(ReadError::new("ambiguous_number", "1200.50")),
        Value::Money(money) if money.amount.scale() > 2 => Err(ReadError::new("bad_money", "1200.50")),
        _ => Ok(value),
    }
}

/// Holds a value to its field's `min` and `max`.
fn check_range(field: &FormField, value: &Value, doc: &Record) -> Result<(), FieldProblem> {
    let (min, max) = (bound(field.min.as_ref(), doc), bound(field.max.as_ref(), doc));
    let length =
        |bound: Option<&Value>| bound.and_then(|value| if let Value::Int(length) = value { usize::try_from(*length).ok() } else { None });
    match (&field.kind, value) {
        (FieldKind::Text, Value::Text(text)) => return check_length(text, length(min), length(max).or(Some(MAX_TEXT))),
        (FieldKind::String, Value::Text(text)) => return check_length(text, length(min), length(max).or(Some(MAX_LINE))),
        (FieldKind::Files, Value::List(files)) => {
            let (least, most) = (length(min).unwrap_or(usize::from(field.required)), length(max).unwrap_or(MAX_FILES));
            if (least..=most).contains(&files.len()) {
                return Ok(());
            }
            let params = BTreeMap::from([("min", least.to_string()), ("max", most.to_string())]);
            return Err(FieldProblem { params, ..problem("", "out_of_range") });
        }
        (_, Value::Text(_)) => return Ok(()),
        _ => {}
    }
    let below = min.is_some_and(|min| order(value, min).is_some_and(std::cmp::Ordering::is_lt));
    let above = max.is_some_and(|max| order(value, max).is_some_and(std::cmp::Ordering::is_gt));
    if !below && !above {
        return Ok(());
    }
    let shown = |bound: Option<&Value>| bound.map_or_else(|| "…".to_owned(), ToString::to_string);
    Err(FieldProblem { params: BTreeMap::from([("min", shown(min)), ("max", shown(max))]), ..problem("", "out_of_range") })
}

fn check_length(text: &str, min: Option<usize>, max: Option<usize>) -> Result<(), FieldProblem> {
    let length = text.chars().count();
    if let Some(min) = min.filter(|&min| length < min) {
        return Err(FieldProblem { params: BTreeMap::from([("min", min.to_string())]), ..problem("", "too_short") });
    }
    if let Some(max) = max.filter(|&max| length > max) {
        return Err(FieldProblem { params: BTreeMap::from([("max", max.to_string())]), ..problem("", "too_long") });
    }
    Ok(())
}

fn bound<'a>(bound: Option<&'a Bound>, doc: &'a Record) -> Option<&'a Value> {
    match bound? {
        Bound::Literal(value) => Some(value),
        Bound::Field(path) => Some(doc.at(path)).filter(|value| !value.is_null()),
    }
}

/// How a value compares with a bound; a number bounds the amount of money, whatever its currency.
fn order(value: &Value, bound: &Value) -> Option<std::cmp::Ordering> {
    match (value, bound) {
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
        (Value::Money(a), Value::Money(b)) if a.currency != b.currency => None,
        (a, b) => Some(number(a)?.cmp(&number(b)?)),
    }
}

fn number(value: &Value) -> Option<Decimal> {
    match value {
        Value::Int(value) => Some((*value).into()),
        Value::Decimal(value) => Some(*value),
        Value::Money(value) => Some(value.amount),
        _ => None,
    }
}
