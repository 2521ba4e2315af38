//! The reference of the REST API, for those who write programs against it.

use serde::Serialize;

use crate::page::templates;

templates! {
    ReferencePage => "reference/index.html",
}

/// `GET /api/docs`. Names and descriptions come from the API's description and are English; the words around them are not.
#[derive(Clone, Debug, Serialize)]
pub struct ReferencePage {
    /// Version of the program.
    pub version: String,
    /// Where the API is, such as `https://millwright.example/api/v1`.
    pub url: String,
    /// The operations, by what they are about.
    pub groups: Vec<Group>,
    /// The types of bodies and answers, by name.
    pub schemas: Vec<Schema>,
}

/// Operations about one thing.
#[derive(Clone, Debug, Serialize)]
pub struct Group {
    /// The tag: its heading is the words of `reference.group.<id>`.
    pub id: String,
    /// What can be done.
    pub operations: Vec<Operation>,
}

/// A method of a path.
#[derive(Clone, Debug, Serialize)]
pub struct Operation {
    /// Stable name, and the anchor.
    pub id: String,
    /// `GET`, `POST`, `PUT` or `DELETE`.
    pub method: String,
    /// Path under the API's address, with `{names}` of its parts.
    pub path: String,
    /// What it does, in a sentence.
    pub summary: String,
    /// More of it.
    pub description: String,
    /// Whether it asks for an access token.
    pub secured: bool,
    /// Parts of the path, of the query and headers.
    pub parameters: Vec<Field>,
    /// What is sent.
    pub body: Option<Body>,
    /// What may come back.
    pub answers: Vec<Answer>,
    /// A command line that does it; `$URL` and `$TOKEN` are set by the beginning of the page.
    pub curl: String,
}

/// What is sent with an operation.
#[derive(Clone, Debug, Serialize)]
pub struct Body {
    /// Its type.
    pub kind: Kind,
    /// Its fields.
    pub fields: Vec<Field>,
}

/// A parameter, or a field of a body or type.
#[derive(Clone, Debug, Serialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// `path`, `query` or `header`; nothing for a field.
    pub place: Option<String>,
    /// Its type.
    pub kind: Kind,
    /// Whether it may not be left out.
    pub required: bool,
    /// What it means.
    pub description: String,
}

/// A type, as a reader of JSON calls it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Kind {
    /// What it is called: `string (uuid)`, `Vendor`, `string[]`.
    pub text: String,
    /// Anchor of the type on this page.
    pub href: Option<String>,
}

/// What may come back.
#[derive(Clone, Debug, Serialize)]
pub struct Answer {
    /// HTTP status; nothing for everything else that can happen.
    pub status: Option<u16>,
    /// What it means.
    pub description: String,
    /// The type of its body.
    pub kind: Option<Kind>,
    /// Headers that come with it.
    pub headers: Vec<String>,
}

/// A type of bodies or answers.
#[derive(Clone, Debug, Serialize)]
pub struct Schema {
    /// The anchor.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Its fields.
    pub fields: Vec<Field>,
    /// The only values it has, where it is a closed list.
    pub options: Vec<String>,
}

impl ReferencePage {
    fn samples() -> Vec<Self> {
        let kind = |text: &str, href: Option<&str>| Kind { text: text.into(), href: href.map(Into::into) };
        let field = |name: &str, place: Option<&str>, of: Kind, required| Field {
            name: name.into(),
            place: place.map(Into::into),
            kind: of,
            required,
            description: "The name it is known by, at most 120 characters <b>.".into(),
        };
        let vendor = || kind("Vendor", Some("#schema-Vendor"));
        let fields = vec![field("name", None, kind("string", None), true), field("tags", None, kind("string[]", None), false)];
        let update = Operation {
            id: "vendors_update".into(),
            method: "PUT".into(),
            path: "/vendors/{id}".into(),
            summary: "Replaces a record's input.".into(),
            description: "The version must be the one that was read.".into(),
            secured: true,
            parameters: vec![
                field("id", Some("path"), kind("string (uuid)", None), true),
                field("If-Match", Some("header"), kind("string", None), false),
            ],
            body: Some(Body { kind: vendor(), fields: fields.clone() }),
            answers: vec![
                Answer { status: Some(200), description: "The record.".into(), kind: Some(vendor()), headers: vec!["ETag".into()] },
                Answer { status: None, description: "What went wrong".into(), kind: Some(kind("Problem", None)), headers: Vec::new() },
            ],
            curl: "curl -X PUT \"$URL/vendors/$ID\" \\\n  -H \"Authorization: Bearer $TOKEN\" \\\n  -d '{\"name\":\"<x>\"}'".into(),
        };
        let login = Operation {
            id: "auth_login".into(),
            method: "POST".into(),
            path: "/auth/login".into(),
            secured: false,
            description: String::new(),
            parameters: Vec::new(),
            body: None,
            answers: vec![Answer { status: Some(204), description: "Done.".into(), kind: None, headers: Vec::new() }],
            ..update.clone()
        };
        let schema = |name: &str, fields: Vec<Field>, options: Vec<String>| Schema {
            id: format!("schema-{name}"),
            name: name.into(),
            description: "Who sells, repairs or delivers.".into(),
            fields,
            options,
        };
        let options = vec!["open".into(), "closed".into()];
        vec![Self {
            version: "1.0.0".into(),
            url: "https://millwright.example/api/v1".into(),
            groups: vec![Group { id: "auth".into(), operations: vec![login] }, Group { id: "vendors".into(), operations: vec![update] }],
            schemas: vec![schema("Vendor", fields, Vec::new()), schema("State", Vec::new(), options)],
        }]
    }
}
