//! Inputs checked against the schema the documentation shows. The library's own parser stops at the first error and speaks
//! English; this one names every unknown, missing and mistyped field by code, and reads forms by the same schema.

use std::any::TypeId;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, RwLock};

use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone};
use chrono_tz::Tz;
use domain::kernel::years;
use domain::{Error, FieldError, Result};
use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use templates::{Locale, typed};

/// The schema of a type and of all it refers to.
struct Shape {
    registry: Registry,
    root: MetaSchemaRef,
}

static SHAPES: LazyLock<RwLock<HashMap<TypeId, Arc<Shape>>>> = LazyLock::new(RwLock::default);

fn shape<T: Type + 'static>() -> Arc<Shape> {
    let key = TypeId::of::<T>();
    if let Some(known) = SHAPES.read().ok().and_then(|shapes| shapes.get(&key).cloned()) {
        return known;
    }
    let mut registry = Registry::new();
    T::register(&mut registry);
    let made = Arc::new(Shape { registry, root: T::schema_ref() });
    if let Ok(mut shapes) = SHAPES.write() {
        shapes.insert(key, made.clone());
    }
    made
}

impl Shape {
    fn resolve<'a>(&'a self, schema: &'a MetaSchemaRef) -> Option<&'a MetaSchema> {
        let schema = match schema {
            MetaSchemaRef::Inline(schema) => schema,
            MetaSchemaRef::Reference(name) => self.registry.schemas.get(name)?,
        };
        // a described reference is a wrapper around it
        match schema.all_of.first() {
            Some(of) => self.resolve(of),
            None => Some(schema),
        }
    }

    /// Drops nulls of fields one may leave out, and collects what is wrong.
    fn check(&self, schema: &MetaSchemaRef, value: &mut Value, path: &str, errors: &mut Vec<FieldError>) {
        let Some(schema) = self.resolve(schema) else { return };
        let wrong = |code| FieldError::new(path, code);
        match (schema.ty, value) {
            ("object", Value::Object(fields)) => self.check_object(schema, fields, path, errors),
            ("array", Value::Array(items)) => {
                if let Some(of) = &schema.items {
                    for (at, item) in items.iter_mut().enumerate() {
                        self.check(of, item, &join(path, &at.to_string()), errors);
                    }
                }
            }
            ("string", Value::String(text)) => errors.extend(text_error(schema, text, path)),
            ("integer", Value::Number(number)) if number.is_i64() || number.is_u64() => {
                if !fits(schema.format, number) {
                    errors.push(wrong("not_an_integer"));
                }
            }
            // no type: anything goes
            ("", _) | ("number", Value::Number(_)) | ("boolean", Value::Bool(_)) => {}
            ("integer", Value::String(_)) => errors.push(wrong("not_an_integer")),
            (ty, _) => errors.push(wrong("wrong_type").with("expected", ty)),
        }
    }

    fn check_object(&self, schema: &MetaSchema, fields: &mut Map<String, Value>, path: &str, errors: &mut Vec<FieldError>) {
        if let Some(of) = &schema.additional_properties {
            for (name, value) in fields.iter_mut() {
                self.check(of, value, &join(path, name), errors);
            }
            return;
        }
        let known = |name: &str| schema.properties.iter().any(|(property, _)| *property == name);
        for name in fields.keys().filter(|name| !known(name)) {
            errors.push(FieldError::new(join(path, name), "unknown_field"));
        }
        fields.retain(|name, value| !value.is_null() || schema.required.contains(&name.as_str()));
        for (name, of) in &schema.properties {
            match fields.get_mut(*name) {
                Some(Value::Null) => errors.push(FieldError::new(join(path, name), "required")),
                Some(value) => self.check(of, value, &join(path, name), errors),
                None if schema.required.contains(name) => errors.push(FieldError::new(join(path, name), "required")),
                None => {}
            }
        }
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") }
}

fn fits(format: Option<&str>, number: &serde_json::Number) -> bool {
    match format {
        Some("int32") => number.as_i64().is_some_and(|n| i32::try_from(n).is_ok()),
        _ => number.is_i64(),
    }
}

fn text_error(schema: &MetaSchema, text: &str, path: &str) -> Option<FieldError> {
    let unless = |fine: bool, code| (!fine).then(|| FieldError::new(path, code));
    match schema.format {
        Some("uuid") => unless(text.parse::<uuid::Uuid>().is_ok(), "not_a_uuid"),
        Some("date" | "naive-date") => match text.parse::<NaiveDate>() {
            Ok(date) => unless(years::hold(&date), "year_out_of_range"),
            Err(_) => unless(false, "not_a_date"),
        },
        Some("date-time") => match DateTime::parse_from_rfc3339(text) {
            Ok(time) => unless(years::hold(&time.to_utc()), "year_out_of_range"),
            Err(_) => unless(false, "not_a_time"),
        },
        _ => unless(!text.contains('\0'), "control_characters"),
    }
}

/// Reads a value of the type, or says everything that is wrong with it.
pub fn parse<T: Type + DeserializeOwned + 'static>(mut value: Value) -> Result<T> {
    let shape = shape::<T>();
    let mut errors = Vec::new();
    shape.check(&shape.root, &mut value, "", &mut errors);
    if !errors.is_empty() {
        return Err(Error::Invalid(errors));
    }
    serde_json::from_value(value).map_err(|error| {
        tracing::debug!(%error, "an input passed its schema and not its type");
        Error::field("", "invalid")
    })
}

/// What fields hold unless somebody says otherwise, by name.
pub fn defaults<T: Type + 'static>() -> Map<String, Value> {
    let shape = shape::<T>();
    let properties = shape.resolve(&shape.root).map(|schema| schema.properties.as_slice()).unwrap_or_default();
    let known = properties.iter().filter_map(|(name, of)| Some(((*name).to_owned(), shape.resolve(of)?.default.clone()?)));
    known.collect()
}

/// How a form's texts are understood.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The language numbers are written in.
    pub locale: Locale,
    /// The currency of amounts.
    pub currency: &'a str,
    /// The zone of times.
    pub zone: Tz,
}

/// Reads a form as a value of the type: what is left empty is absent, a box that is not ticked is false.
pub fn parse_form<T: Type + DeserializeOwned + 'static>(pairs: &[(String, String)], reading: Reading<'_>) -> Result<T> {
    let shape = shape::<T>();
    let mut fields = Map::new();
    let mut blank = Vec::new();
    if let Some(schema) = shape.resolve(&shape.root) {
        for (name, of) in &schema.properties {
            let given: Vec<&str> = pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.trim()).collect();
            let Some(kind) = shape.resolve(of) else { continue };
            let value = form_value(kind, &given, reading);
            // a text that must be filled in goes on empty, so that the domain tells of it beside whatever else is wrong
            let is_blank = value.is_none() && schema.required.contains(name) && kind.ty == "string" && kind.format.is_none();
            if is_blank {
                blank.push(FieldError::new(*name, "required"));
            }
            if let Some(value) = value.or_else(|| is_blank.then(|| Value::from(""))) {
                fields.insert((*name).to_owned(), value);
            }
        }
    }
    parse(Value::Object(fields)).map_err(|error| match error {
        // the domain does not get to see it
        Error::Invalid(errors) => Error::Invalid(blank.into_iter().chain(errors).collect()),
        error => error,
    })
}

fn form_value(schema: &MetaSchema, given: &[&str], reading: Reading<'_>) -> Option<Value> {
    // `Type` has an `is_empty` too, which knows nothing of texts
    let is_typed = |text: &&&str| !str::is_empty(text);
    let text = given.iter().rev().find(is_typed).copied();
    match (schema.ty, schema.format) {
        ("boolean", _) => Some(Value::Bool(text.is_some_and(|text| text != "false"))),
        ("array", _) => Some(given.iter().filter(is_typed).map(|text| Value::from(*text)).collect()),
        ("integer", _) => text.map(|text| text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from)),
        ("object", _) => text.map(|text| serde_json::json!({ "amount": amount(text, reading), "currency": reading.currency })),
        ("string", Some("date-time")) => text.map(|text| Value::from(local_time(text, reading.zone).unwrap_or_else(|| text.to_owned()))),
        _ => text.map(Value::from),
    }
}

/// An amount as the reader's language writes it. One that language cannot tell stays as it was typed, and is refused by the domain
/// beside whatever else is wrong: what the domain takes as it is, every language reads alike.
pub fn amount(text: &str, reading: Reading<'_>) -> String {
    typed::money(reading.locale, text, reading.currency).unwrap_or_else(|| text.to_owned())
}

/// `2026-11-20T10:00`, as browsers send it, in the reader's zone.
fn local_time(text: &str, zone: Tz) -> Option<String> {
    let naive =
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S")).ok()?;
    zone.from_local_datetime(&naive).earliest().map(|time| time.to_utc().to_rfc3339())
}

#[cfg(test)]
mod tests {
    use domain::assets::AssetInput;
    use domain::maintenance::work_order::Input;
    use serde_json::json;

    use super::*;

    fn codes(value: Value) -> Vec<(String, String)> {
        match parse::<Input>(value) {
            Err(Error::Invalid(errors)) => errors.into_iter().map(|e| (e.field, e.code.into_owned())).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let value =
            json!({ "titel": "x", "due_at": "soon", "asset_id": "7", "priority": 3, "estimated_cost": { "amount": 5, "currency": "KZT" } });
        let found = codes(value);
        for (field, code) in [
            ("titel", "unknown_field"),
            ("title", "required"),
            ("due_at", "not_a_time"),
            ("asset_id", "not_a_uuid"),
            ("priority", "wrong_type"),
            ("estimated_cost/amount", "wrong_type"),
        ] {
            assert!(found.contains(&(field.to_owned(), code.to_owned())), "{field} {code}: {found:?}");
        }
    }

    #[test]
    fn a_body_that_is_no_object_is_a_wrong_type() {
        assert_eq!(codes(json!([1])), [(String::new(), "wrong_type".to_owned())]);
    }

    #[test]
    fn a_form_that_lacks_a_field_is_told_which() {
        let pairs = [("name", " "), ("type_id", ""), ("tag", "T-1")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let read = parse_form::<AssetInput>(&pairs, Reading { locale: Locale::En, currency: "KZT", zone: Tz::UTC });
        let Err(Error::Invalid(errors)) = read else { panic!("{read:?}") };
        let named: Vec<_> = errors.iter().map(|error| (&*error.field, &*error.code)).collect();
        assert_eq!(named, [("name", "required"), ("type_id", "required"), ("location_id", "required")]);
        let typed = [("type_id", uuid::Uuid::nil().to_string()), ("location_id", uuid::Uuid::nil().to_string()), ("tag", "T-1".to_owned())];
        let typed = typed.map(|(name, value)| (name.to_owned(), value));
        let read = parse_form::<AssetInput>(&typed, Reading { locale: Locale::En, currency: "KZT", zone: Tz::UTC }).expect("reads");
        assert_eq!(read.name, "", "a missing name alone is the domain's to tell, beside whatever else is wrong");
    }

    #[test]
    fn a_form_is_read_in_the_readers_zone_and_currency() {
        let pairs = [("title", "Насос"), ("due_at", "2026-11-20T10:00"), ("estimated_cost", "1 250,50"), ("asset_id", "")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let reading = Reading { locale: Locale::Ru, currency: "KZT", zone: Tz::Asia__Almaty };
        let input = parse_form::<Input>(&pairs, reading).expect("reads");
        assert_eq!(input.due_at.map(|due| due.to_rfc3339()).as_deref(), Some("2026-11-20T05:00:00+00:00"));
        assert_eq!(input.estimated_cost.map(|cost| cost.amount).as_deref(), Some("1250.50"));
        assert_eq!(input.asset_id, None);
    }
}
