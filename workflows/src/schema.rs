//! The shape of a file as a JSON Schema, for editors: they complete keys and underline mistakes while one types. What a schema cannot say (names,
//! types of conditions, the graph) is said by [`Workflow::load`].

use serde_json::{Map, Value as Json, json};

use crate::definition::{Category, Channel, EFFECTS, Tone, Workflow};
use crate::sla::Clock;

impl Workflow {
    /// The schema of a workflow file, JSON Schema draft 2020-12.
    pub fn json_schema() -> Json {
        let properties = json!({
            "workflow": of("id"),
            "version": { "type": "integer", "minimum": 1, "maximum": 1_000_000 },
            "entity": of("id"),
            "calendar": { "type": "string", "pattern": "^tenant\\.[a-z][a-z0-9_]*$" },
            "initial": list(&object(&json!({ "when": of("expression"), "to": of("id"), "effects": of("effects") }), &["to"])),
            "states": by_id(&of("state")),
            "transitions": by_id(&of("transition")),
            "slas": by_id(&of("sla")),
            "timers": by_id(&of("timer")),
            "reminders": by_id(&of("reminder")),
            "labels": by_language(&object(&sections(), &[])),
            "texts": by_language(&json!({ "type": "object", "additionalProperties": { "type": "string" } })),
            "locked": list(&json!({ "type": "string" })),
            "migrate": object(&json!({ "from": { "type": "integer", "minimum": 1 }, "states": by_id(&of("id")) }), &["from"]),
            "invariants": list(&of("expression")),
            "tests": list(&json!({ "type": "object" })),
        });
        let mut schema = object(&properties, &["workflow", "version", "entity", "initial", "states", "transitions"]);
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
            schema.insert("title".to_owned(), json!("Workflow"));
            schema.insert("$defs".to_owned(), definitions());
        }
        schema
    }
}

fn of(name: &str) -> Json {
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn list(of: &Json) -> Json {
    json!({ "type": "array", "items": of })
}

fn one_or_many(of: &Json) -> Json {
    json!({ "anyOf": [of, list(of)] })
}

fn words(words: &[&str]) -> Json {
    json!({ "enum": words })
}

fn object(properties: &Json, required: &[&str]) -> Json {
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn by_id(of: &Json) -> Json {
    json!({ "type": "object", "propertyNames": self::of("id"), "additionalProperties": of })
}

fn by_language(of: &Json) -> Json {
    object(&json!({ "kk": of, "ru": of, "en": of, "tr": of }), &[])
}

fn sections() -> Json {
    let labels = json!({ "type": "object", "additionalProperties": { "type": "string", "maxLength": 80 } });
    json!({ "states": labels, "transitions": labels, "fields": labels, "levels": labels, "slas": labels })
}

fn definitions() -> Json {
    let flag = json!({ "type": "boolean" });
    let text = json!({ "type": "string" });
    json!({
        "id": { "type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$" },
        "span": { "type": "string", "pattern": "^P(\\d+W)?(\\d+D)?(T(\\d+H)?(\\d+M)?(\\d+S)?)?$" },
        "expression": { "type": ["string", "number", "boolean", "null"] },
        "path": { "type": "string", "pattern": "^doc\\." },
        "states": one_or_many(&of("id")),
        "in": one_or_many(&json!({ "type": "string", "pattern": "^(\\*|[a-z][a-z0-9_]{0,39})$" })),
        "state": object(&json!({ "category": words(Category::WORDS), "tone": words(Tone::WORDS), "flags": list(&of("id")), "terminal": flag }), &["category"]),
        "transition": transition(&flag),
        "form_field": object(
            &json!({ "type": { "type": "string" }, "required": flag, "min": of("bound"), "max": of("bound"), "options": list(&of("id")) }),
            &["type"],
        ),
        "bound": { "anyOf": [{ "type": "number" }, of("path")] },
        "approvals": object(
            &json!({ "levels": list(&of("level")), "on_reject": of("id"), "self": flag, "text": text, "void_on_change": list(&text) }),
            &["levels"],
        ),
        "level": object(
            &json!({
                "id": of("id"), "perm": text, "role": text, "need": { "type": "integer", "minimum": 1, "maximum": 20 }, "when": of("expression"),
                "scope": of("path"), "escalate": object(&json!({ "after": of("span"), "to": one_or_many(&text) }), &["after", "to"]),
            }),
            &["id"],
        ),
        "sla": object(
            &json!({
                "clock": words(Clock::WORDS), "start": of("states"), "pause": of("states"), "stop": of("states"), "target": of("target"),
                "warn": object(&with_effects(json!({ "at": { "type": ["string", "integer"] } })), &["at"]),
                "breach": list(&object(&with_effects(json!({ "after": of("span") })), &[])),
            }),
            &["clock", "target"],
        ),
        "target": { "anyOf": [
            of("span"),
            { "type": "object", "properties": { "by": of("path") }, "required": ["by"], "additionalProperties": of("span") },
        ] },
        "timer": object(
            &with_effects(json!({ "in": of("in"), "at": of("path"), "after": of("span"), "clock": words(Clock::WORDS), "when": of("expression"), "do": of("id") })),
            &["in"],
        ),
        "reminder": object(
            &with_effects(json!({
                "in": of("in"), "field": of("path"), "meter": of("expression"), "before": list(&of("span")), "after": of("span"), "every": of("span"),
                "max": { "type": "integer", "minimum": 1, "maximum": 366 }, "at": { "type": "string", "pattern": "^\\d{1,2}:\\d{2}$" }, "when": of("expression"),
            })),
            &["in"],
        ),
        "effects": list(&of("effect")),
        "effect": { "type": "object", "properties": effects_beside(json!({ "when": of("expression") })), "additionalProperties": false, "minProperties": 1, "maxProperties": 2 },
    })
}

fn transition(flag: &Json) -> Json {
    let branch = object(&json!({ "when": of("expression"), "state": of("id") }), &["state"]);
    object(
        &json!({
            "from": of("in"), "except": of("states"), "to": { "anyOf": [of("id"), list(&branch)] }, "permission": { "type": "string" },
            "when": of("expression"), "require": list(&of("path")), "form": by_id(&of("form_field")), "reason": words(&["required", "optional"]),
            "system": flag, "approvals": of("approvals"), "effects": of("effects"),
        }),
        &["from", "to", "permission"],
    )
}

/// The properties, a key for every effect beside them, and a list of effects.
fn with_effects(properties: Json) -> Json {
    let mut properties = effects_beside(properties);
    if let Some(properties) = properties.as_object_mut() {
        properties.insert("effects".to_owned(), of("effects"));
    }
    properties
}

/// The properties, and a key for every effect beside them.
fn effects_beside(properties: Json) -> Json {
    let mut properties = if let Json::Object(properties) = properties { properties } else { Map::new() };
    for effect in EFFECTS {
        properties.insert(effect.name.to_owned(), effect_shape(effect.name, effect.params));
    }
    Json::Object(properties)
}

fn effect_shape(name: &str, params: &[&str]) -> Json {
    let fields = json!({ "type": "object", "additionalProperties": of("expression") });
    let param = |param: &str| match param {
        "set" | "fields" | "input" => fields.clone(),
        "to" if name == "notify" => list(&json!({ "type": "string" })),
        "channels" => list(&words(Channel::WORDS)),
        "consume_reservation" => json!({ "type": "boolean" }),
        "on_short" => words(&["fail", "partial"]),
        "lines" => of("path"),
        _ => of("expression"),
    };
    let properties: Map<String, Json> = params.iter().map(|&name| (name.to_owned(), param(name))).collect();
    match name {
        "set" => fields,
        "start_sla" | "stop_sla" => of("id"),
        "purge" => json!({ "type": ["object", "boolean", "null"] }),
        "assign" => json!({ "anyOf": [of("expression"), object(&Json::Object(properties), &[])] }),
        _ => object(&Json::Object(properties), &[]),
    }
}
