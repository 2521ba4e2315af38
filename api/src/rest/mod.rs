//! The REST API: `/api/v1`, its description and its reference page.

mod answer;
mod auth;
mod caller;
mod crud;
mod differences;
pub(crate) mod download;
mod example;
mod export_schedules;
mod exports;
mod hours;
mod jobs;
mod me;
mod messages;
mod notifications;
mod people;
mod platform;
pub mod reference;
mod reminders;
mod tag;
mod work_orders;
mod workflows;

pub use crate::http::words::names as words;
use domain::assets::{Asset, AssetType, Category, Location};
use domain::inventory::Vendor;
use poem::{EndpointExt, Response, Route, get, handler};
use poem_openapi::{LicenseObject, OpenApi, OpenApiService};
use serde_json::{Value, json};
use templates::pages::reference::ReferencePage;

use self::crud::Rest;

/// The path everything described stands under.
const PREFIX: &str = "/api/v1";

fn service() -> OpenApiService<impl OpenApi, ()> {
    let catalogue = (
        Rest::<Vendor>::default(),
        Rest::<Location>::default(),
        Rest::<Asset>::default(),
        Rest::<AssetType>::default(),
        Rest::<Category>::default(),
    );
    let people = (auth::Auth, me::Me, people::People, notifications::Notifications, platform::Platform, jobs::Jobs);
    OpenApiService::new(
        (
            catalogue,
            people,
            (work_orders::WorkOrders, workflows::Workflows, hours::Hours, messages::Messages, reminders::Reminders),
            (exports::Exports, export_schedules::ExportSchedules),
        ),
        "Millwright",
        env!("CARGO_PKG_VERSION"),
    )
    .description("Maintenance and assets of many companies")
    .license(LicenseObject::new("AGPL-3.0-only").url("https://www.gnu.org/licenses/agpl-3.0.html"))
    .server("/")
    .url_prefix(PREFIX)
}

/// Says of the fields that may be left out that they may be null as well, as they are read and written.
fn may_be_null(spec: &mut Value) {
    let known = spec["components"]["schemas"].clone();
    let schemas = spec["components"]["schemas"].as_object_mut().into_iter().flat_map(serde_json::Map::values_mut);
    for schema in schemas {
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let fields = schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten();
        for (_, field) in fields.filter(|(name, _)| !required.iter().any(|each| each == *name)) {
            if let Some(of) = field.get("$ref").cloned() {
                *field = json!({ "allOf": [{ "$ref": of }] });
            }
            // null is allowed beside a type only, and a reference names its type elsewhere
            if let Some(name) = field["allOf"][0]["$ref"].as_str().and_then(|of| of.rsplit('/').next()) {
                field["type"] = known[name]["type"].clone();
            }
            field["nullable"] = json!(true);
        }
    }
}

/// Everything under `/api`.
pub fn routes() -> Route {
    let service = service();
    let spec = spec();
    Route::new()
        .at("/", get(reference::index))
        .at("/docs", get(reference::show).data(page(&spec)))
        .at("/openapi.json", get(description).data(spec))
        .nest("/v1", service)
}

/// The API's OpenAPI description, as it is committed and served.
pub fn spec() -> String {
    let text = service().spec();
    let Ok(mut spec) = serde_json::from_str::<Value>(&text) else { return text };
    open_to_all(&mut spec);
    may_be_null(&mut spec);
    // one field a line, so that a difference can be read
    serde_json::to_string_pretty(&spec).map_or(text, |text| text + "\n")
}

/// Says of the operations that need no token that they need none: a reader cannot tell it from silence.
fn open_to_all(spec: &mut Value) {
    let paths = spec["paths"].as_object_mut().into_iter().flat_map(serde_json::Map::values_mut);
    for operation in paths.filter_map(Value::as_object_mut).flat_map(serde_json::Map::values_mut).filter_map(Value::as_object_mut) {
        operation.entry("security").or_insert_with(|| json!([]));
    }
}

/// The reference page of a description.
fn page(spec: &str) -> ReferencePage {
    reference::page(&serde_json::from_str(spec).unwrap_or_default())
}

#[handler]
fn description(poem::web::Data(spec): poem::web::Data<&String>) -> Response {
    Response::builder().content_type("application/json").header("cache-control", "public, max-age=60").body(spec.clone())
}
