//! A command line for every operation, made from its description: it holds what must be sent and no more.

use serde_json::{Map, Value, json};

use super::reference::{content, entries, items, resolve, text};

/// How deep an example goes: a type may hold itself.
const DEPTH: usize = 4;

/// A command line that does it; `$URL`, `$TOKEN` and the parts of the path are variables of the shell.
pub fn curl(spec: &Value, path: &str, method: &str, operation: &Value) -> String {
    let mut lines = vec![first(path, method, operation)];
    let mut header = |line: &str| lines.push(format!("-H {line}"));
    if items(&operation["security"]).next().is_some() {
        header("\"Authorization: Bearer $TOKEN\"");
    }
    for parameter in items(&operation["parameters"]).filter(|parameter| parameter["in"] == "header") {
        match parameter["name"].as_str() {
            Some("If-Match") => header("'If-Match: \"1\"'"),
            Some("Idempotency-Key") => header("\"Idempotency-Key: $(uuidgen)\""),
            _ => {}
        }
    }
    if let Some(schema) = content(&operation["requestBody"]) {
        header("'Content-Type: application/json'");
        lines.push(format!("-d '{}'", quoted(&value(spec, schema, "", DEPTH).to_string())));
    }
    lines.join(" \\\n  ")
}

fn first(path: &str, method: &str, operation: &Value) -> String {
    // {id} → $ID
    let path: String = path
        .split('/')
        .map(|part| {
            part.strip_prefix('{')
                .and_then(|part| part.strip_suffix('}'))
                .map_or(part.to_owned(), |name| format!("${}", name.to_uppercase()))
        })
        .collect::<Vec<_>>()
        .join("/");
    let required = items(&operation["parameters"]).filter(|parameter| parameter["in"] == "query" && parameter["required"] == true);
    let query: Vec<String> = required.map(|parameter| format!("{}={}", text(&parameter["name"]), parameter_value(parameter))).collect();
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    let method = if method == "get" { String::new() } else { format!("-X {} ", method.to_uppercase()) };
    format!("curl {method}\"$URL{path}{query}\"")
}

fn parameter_value(parameter: &Value) -> &str {
    if parameter["name"] == "format" { "csv" } else { "…" }
}

/// A quote inside a text in single quotes ends it, stands for itself, and begins it again.
fn quoted(json: &str) -> String {
    json.replace('\'', r"'\''")
}

/// A value of the type: what must be there, and a type of which nothing must, whole.
fn value(spec: &Value, schema: &Value, name: &str, depth: usize) -> Value {
    let schema = resolve(spec, schema);
    if let Some(first) = items(&schema["enum"]).next() {
        return first.clone();
    }
    match schema["type"].as_str() {
        Some("object") if depth > 0 => object(spec, schema, depth),
        Some("object") => json!({}),
        Some("array") if depth > 0 => json!([value(spec, &schema["items"], name, depth - 1)]),
        Some("array") => json!([]),
        Some("integer") => json!(1),
        Some("number") => json!(1.5),
        Some("boolean") => json!(true),
        _ => json!(sample(schema["format"].as_str().unwrap_or_default(), name)),
    }
}

fn object(spec: &Value, schema: &Value, depth: usize) -> Value {
    let required: Vec<&str> = items(&schema["required"]).filter_map(Value::as_str).collect();
    let wanted = |name: &str| required.is_empty() || required.contains(&name);
    let fields = entries(&schema["properties"]).filter(|(name, _)| wanted(name));
    Value::Object(fields.map(|(name, of)| (name.clone(), value(spec, of, name, depth - 1))).collect::<Map<_, _>>())
}

fn sample(format: &str, name: &str) -> &'static str {
    match (format, name) {
        ("uuid", _) => "01957000-0000-7000-8000-000000000000",
        ("date-time", _) => "2026-03-02T09:00:00Z",
        ("date", _) => "2026-03-02",
        (_, "email") => "name@example.com",
        (_, "locale") => "en",
        (_, "currency") => "KZT",
        (_, "amount") => "1250.50",
        (_, "time_zone") => "Asia/Almaty",
        (_, "slug") => "dala",
        _ => "…",
    }
}
