//! The REST API: `/api/v1`, its description and its reference page.

mod answer;
mod auth;
mod caller;
mod crud;
pub(crate) mod download;
mod example;
mod me;
mod notifications;
mod people;
mod platform;
pub mod reference;
mod tag;
mod work_orders;

pub use crate::http::words::names as words;
use domain::assets::{Asset, AssetType, Category, Location};
use domain::inventory::Vendor;
use poem::{EndpointExt, Response, Route, get, handler};
use poem_openapi::{OpenApi, OpenApiService};
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
    let people = (auth::Auth, me::Me, people::People, notifications::Notifications, platform::Platform);
    OpenApiService::new((catalogue, people, work_orders::WorkOrders), "Millwright", env!("CARGO_PKG_VERSION"))
        .summary("Maintenance and assets of many companies")
        .url_prefix(PREFIX)
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
    // one field a line, so that a difference can be read
    serde_json::from_str::<serde_json::Value>(&text).and_then(|spec| serde_json::to_string_pretty(&spec)).map_or(text, |text| text + "\n")
}

/// The reference page of a description.
fn page(spec: &str) -> ReferencePage {
    reference::page(&serde_json::from_str(spec).unwrap_or_default())
}

#[handler]
fn description(poem::web::Data(spec): poem::web::Data<&String>) -> Response {
    Response::builder().content_type("application/json").header("cache-control", "public, max-age=60").body(spec.clone())
}
