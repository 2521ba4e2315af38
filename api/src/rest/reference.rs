//! The reference page: the API's own description, as people read it. It needs no script, and nothing is written twice.

use poem::http::header;
use poem::web::Data;
use poem::{Response, handler};
use serde_json::Value;
use templates::pages::reference::{Answer, Body, Field, Group, Kind, Operation, ReferencePage, Schema};

use super::{PREFIX, example, tag};
use crate::http::failure::Result;
use crate::web::respond;
use crate::web::visitor::Visitor;

const METHODS: [&str; 4] = ["get", "post", "put", "delete"];
/// What every `$ref` begins with.
const SCHEMAS: &str = "#/components/schemas/";

/// `GET /api/docs`.
#[handler]
pub async fn show(visitor: Visitor, page: Data<&ReferencePage>) -> Result<Response> {
    let url = visitor.edge.app.url(PREFIX);
    respond::page(&visitor, &ReferencePage { url, ..page.0.clone() }).await
}

/// `GET /api`: the way to the reference for people, and to the description for programs (RFC 8631).
#[handler]
pub fn index() -> Response {
    let mut response = respond::redirect("/api/docs");
    let links = "</api/openapi.json>; rel=\"service-desc\", </api/docs>; rel=\"service-doc\"";
    response.headers_mut().insert(header::LINK, header::HeaderValue::from_static(links));
    response
}

/// The page of a description; its address is filled in when it is shown.
pub fn page(spec: &Value) -> ReferencePage {
    let mut groups: Vec<Group> = Vec::new();
    for (path, methods) in entries(&spec["paths"]) {
        for method in METHODS {
            let Some(found) = methods.get(method) else { continue };
            let tag = text(&found["tags"][0]);
            let operation = operation(spec, path, method, found);
            match groups.iter_mut().find(|group| group.id == tag) {
                Some(group) => group.operations.push(operation),
                None => groups.push(Group { id: tag, operations: vec![operation] }),
            }
        }
    }
    groups.sort_by_key(|group| tag::ORDER.iter().position(|id| *id == group.id).unwrap_or(usize::MAX));
    ReferencePage {
        version: text(&spec["info"]["version"]),
        url: String::new(),
        groups,
        schemas: entries(&spec["components"]["schemas"]).map(|(name, schema)| schema_of(spec, name, schema)).collect(),
    }
}

fn operation(spec: &Value, path: &str, method: &str, found: &Value) -> Operation {
    let body = content(&found["requestBody"]);
    let path = path.strip_prefix(PREFIX).unwrap_or(path);
    Operation {
        id: text(&found["operationId"]),
        method: method.to_ascii_uppercase(),
        path: path.to_owned(),
        summary: plain(&found["summary"]),
        description: plain(&found["description"]),
        secured: found["security"].as_array().is_some_and(|schemes| !schemes.is_empty()),
        parameters: items(&found["parameters"]).map(parameter).collect(),
        body: body.map(|schema| Body { kind: kind(schema), fields: fields(spec, resolve(spec, schema)) }),
        answers: entries(&found["responses"]).map(|(status, answer)| answer_of(status, answer)).collect(),
        curl: example::curl(spec, path, method, found),
    }
}

fn parameter(found: &Value) -> Field {
    Field {
        name: text(&found["name"]),
        place: Some(text(&found["in"])),
        kind: kind(&found["schema"]),
        required: found["required"] == true,
        description: plain(&found["description"]),
    }
}

fn answer_of(status: &str, found: &Value) -> Answer {
    Answer {
        status: status.parse().ok(),
        description: plain(&found["description"]),
        kind: content(found).map(kind),
        headers: entries(&found["headers"]).map(|(name, _)| name.clone()).collect(),
    }
}

fn schema_of(spec: &Value, name: &str, schema: &Value) -> Schema {
    Schema {
        id: anchor(name),
        name: name.to_owned(),
        description: plain(&schema["description"]),
        fields: fields(spec, schema),
        options: items(&schema["enum"]).map(text).collect(),
    }
}

fn fields(spec: &Value, schema: &Value) -> Vec<Field> {
    let required: Vec<String> = items(&schema["required"]).map(text).collect();
    let field = |(name, of): (&String, &Value)| Field {
        name: name.clone(),
        place: None,
        kind: kind(of),
        required: required.contains(name),
        description: described(spec, of),
    };
    entries(&schema["properties"]).map(field).collect()
}

/// A field says what it means itself, or its type does.
fn described(spec: &Value, schema: &Value) -> String {
    let own = plain(&schema["description"]);
    if own.is_empty() { plain(&resolve(spec, schema)["description"]) } else { own }
}

/// What a type is called.
fn kind(schema: &Value) -> Kind {
    if let Some(name) = reference(schema) {
        return Kind { text: name.to_owned(), href: Some(format!("#{}", anchor(name))) };
    }
    match schema["type"].as_str() {
        Some("array") => {
            let of = kind(&schema["items"]);
            Kind { text: format!("{}[]", of.text), ..of }
        }
        Some("object") if schema["additionalProperties"].is_object() => {
            let of = kind(&schema["additionalProperties"]);
            Kind { text: format!("{{…: {}}}", of.text), ..of }
        }
        Some(name) => {
            Kind { text: schema["format"].as_str().map_or_else(|| name.to_owned(), |format| format!("{name} ({format})")), href: None }
        }
        None => Kind { text: "any".to_owned(), href: None },
    }
}

/// The named type a schema stands for; one with a description of its own is wrapped.
fn reference(schema: &Value) -> Option<&str> {
    let found = schema["$ref"].as_str().or_else(|| schema["allOf"][0]["$ref"].as_str())?;
    found.strip_prefix(SCHEMAS)
}

/// The schema itself, or the named one it stands for.
pub fn resolve<'a>(spec: &'a Value, schema: &'a Value) -> &'a Value {
    reference(schema).map_or(schema, |name| &spec["components"]["schemas"][name])
}

/// The schema of a body or answer.
pub fn content(of: &Value) -> Option<&Value> {
    entries(&of["content"]).next().map(|(_, content)| &content["schema"])
}

/// The entries of an object; none of anything else.
pub fn entries(of: &Value) -> impl Iterator<Item = (&String, &Value)> {
    of.as_object().into_iter().flatten()
}

/// The elements of a list; none of anything else.
pub fn items(of: &Value) -> impl Iterator<Item = &Value> {
    of.as_array().into_iter().flatten()
}

/// A text; empty where there is none.
pub fn text(of: &Value) -> String {
    of.as_str().unwrap_or_default().to_owned()
}

/// A sentence without the marks of code: the page writes it as it is.
fn plain(of: &Value) -> String {
    text(of).replace('`', "")
}

/// An anchor holds nothing but letters, digits and hyphens.
fn anchor(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    format!("schema-{}", plain.trim_matches('-'))
}
