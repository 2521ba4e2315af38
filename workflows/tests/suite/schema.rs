//! The schema for editors says what the parser says.

use serde_json::{Value as Json, json};
use workflows::{SHIPPED, Workflow};

use crate::support::load;

/// As much of JSON Schema as the schema uses.
fn fits(root: &Json, schema: &Json, value: &Json) -> Result<(), String> {
    let fail = |why: &str| Err(format!("{why}: {value} against {schema}"));
    if let Some(name) = schema["$ref"].as_str() {
        return fits(root, root.pointer(name.trim_start_matches('#')).expect("a definition"), value);
    }
    if let Some(ways) = schema["anyOf"].as_array() {
        return if ways.iter().any(|way| fits(root, way, value).is_ok()) { Ok(()) } else { fail("nothing fits") };
    }
    if let Some(words) = schema["enum"].as_array() {
        return if words.contains(value) { Ok(()) } else { fail("no such word") };
    }
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("no type {other}"),
    };
    let kinds = match &schema["type"] {
        Json::String(kind) => vec![kind.as_str()],
        Json::Array(kinds) => kinds.iter().filter_map(Json::as_str).collect(),
        _ => panic!("no type in {schema}"),
    };
    if !kinds.into_iter().any(is) {
        return fail("another type");
    }
    for item in value.as_array().into_iter().flatten() {
        fits(root, &schema["items"], item)?;
    }
    let none = serde_json::Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&none);
    let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    let fields = value.as_object().unwrap_or(&none);
    if value.is_object() && required.iter().any(|name| name.as_str().is_none_or(|name| !fields.contains_key(name))) {
        return fail("a key is missing");
    }
    for (name, field) in fields {
        match (properties.get(name), schema.get("additionalProperties")) {
            (None, Some(Json::Bool(false))) => return fail(&format!("unknown key {name}")),
            (Some(schema), _) | (None, Some(schema)) => fits(root, schema, field)?,
            (None, None) => {}
        }
    }
    Ok(())
}

fn valid(source: &str) -> Result<(), String> {
    let schema = Workflow::json_schema();
    let file: Json = serde_saphyr::from_str(source).expect("YAML");
    fits(&schema, &schema, &file)
}

#[test]
fn every_shipped_file_fits_the_schema() {
    for shipped in SHIPPED {
        assert_eq!(valid(shipped.source), Ok(()), "{}", shipped.file);
    }
}

/// A file with something of everything, into which `{}` may put an unknown key.
const PLACES: [(&str, &str); 14] = [
    ("", "zzz: 1"),
    ("/$defs/state", "states: {a: {category: todo, zzz: 1}}"),
    ("/$defs/transition", "transitions: {go: {from: a, to: b, permission: work_order.view, zzz: 1}}"),
    ("/$defs/form_field", "transitions: {go: {from: a, to: b, permission: work_order.view, form: {n: {type: int, zzz: 1}}}}"),
    (
        "/$defs/approvals",
        "transitions: {go: {from: a, to: b, permission: work_order.view, approvals: {levels: [{id: l, role: manager}], zzz: 1}}}",
    ),
    (
        "/$defs/level",
        "transitions: {go: {from: a, to: b, permission: work_order.view, approvals: {levels: [{id: l, role: manager, zzz: 1}]}}}",
    ),
    (
        "/$defs/level/properties/escalate",
        "transitions: {go: {from: a, to: b, permission: work_order.view, approvals: {levels: [{id: l, role: manager, escalate: {after: P1D, to: 'role:admin', zzz: 1}}]}}}",
    ),
    ("/$defs/sla", "slas: {s: {clock: wall, target: P1D, zzz: 1}}"),
    ("/$defs/sla/properties/warn", "slas: {s: {clock: wall, target: P1D, warn: {at: 80%, zzz: 1}}}"),
    ("/$defs/sla/properties/breach/items", "slas: {s: {clock: wall, target: P1D, breach: [{after: P1D, zzz: 1}]}}"),
    ("/$defs/timer", "timers: {t: {in: a, after: P1D, do: go, zzz: 1}}"),
    ("/$defs/reminder", "reminders: {r: {in: a, field: doc.due_at, before: [P1D], zzz: 1}}"),
    ("/properties/migrate", "migrate: {from: 1, zzz: 1}"),
    ("/properties/initial/items", "initial: [{to: a, zzz: 1}]"),
];

#[test]
fn the_keys_of_the_schema_are_those_the_parser_knows() {
    let schema = Workflow::json_schema();
    for (pointer, part) in PLACES {
        let key = part.split(':').next().expect("a key");
        let parts = [
            ("workflow", "workflow: work_order"),
            ("version", "version: 2"),
            ("entity", "entity: work_order"),
            ("initial", "initial: [{to: a}]"),
            ("states", "states: {a: {category: todo}, b: {category: done, terminal: true}}"),
            ("transitions", "transitions: {go: {from: a, to: b, permission: work_order.view}}"),
        ];
        let kept = parts.iter().filter(|(name, _)| *name != key).map(|(_, text)| *text);
        let source = kept.chain([part]).collect::<Vec<_>>().join("\n");
        let found = load(&source).expect_err("an unknown key");
        let finding = found.iter().find(|finding| finding.code == "WF004").unwrap_or_else(|| panic!("{part}: {found:?}"));
        assert!(valid(&source).is_err(), "{part}");
        let shape = schema.pointer(pointer).expect("a part of the schema");
        let shown: Vec<&str> = shape["properties"].as_object().expect("properties").keys().map(String::as_str).collect();
        for known in finding.params["known"].split(", ") {
            assert!(shown.contains(&known), "{part}: the schema lacks `{known}`");
        }
    }
}

#[test]
fn mistakes_an_editor_can_see_are_refused() {
    let file = crate::support::around("effects: [{notify: {text: work_order.approved, to: [actor]}, when: doc.urgent}]");
    assert_eq!(valid(&file), Ok(()));
    for (from, to) in [
        ("category: todo", "category: someday"),
        ("version: 1", "version: soon"),
        ("notify:", "notfy:"),
        ("text: work_order.approved", "txt: work_order.approved"),
        ("permission: work_order.view\n", "\n"),
        ("initial: [{to: a}]", "initial: {to: a}"),
    ] {
        assert!(file.contains(from), "{from}");
        assert!(valid(&file.replacen(from, to, 1)).is_err(), "{from} → {to}");
    }
    assert_eq!(Workflow::json_schema()["$schema"], json!("https://json-schema.org/draft/2020-12/schema"));
}
