//! The shapes of answers, and the conditions of changes.

use domain::kernel::listing::{Limit, Page as Listed};
use domain::{Error, FieldError};
use poem::{IntoResponse, Response};
use poem_openapi::payload::Payload;
use poem_openapi::registry::{MetaSchemaRef, Registry};
use poem_openapi::types::{ParseFromJSON, ToJSON, Type};
use poem_openapi::{ApiResponse, Object};
use serde::Serialize;

use crate::http::failure::{Failure, Result};

/// JSON of a type that serde and the documentation describe alike, written without a tree of values in between: for a page of a list the
/// tree is most of the work.
pub struct Json<T>(pub T);

impl<T: Type> Payload for Json<T> {
    const CONTENT_TYPE: &'static str = "application/json; charset=utf-8";

    fn check_content_type(content_type: &str) -> bool {
        poem_openapi::payload::Json::<T>::check_content_type(content_type)
    }

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: Serialize + Send> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        poem::web::Json(self.0).into_response()
    }
}

/// A page of a list.
#[derive(Debug, Object, Serialize)]
pub struct Page<T: Type + ToJSON + ParseFromJSON + Serialize + Send + Sync> {
    /// The rows.
    pub data: Vec<T>,
    /// Where the next page begins; absent after the last.
    pub next_cursor: Option<String>,
}

impl<T: Type + ToJSON + ParseFromJSON + Serialize + Send + Sync> Page<T> {
    /// Rows after a cursor, of which so many were asked for; `cursor` is the place behind a row.
    pub fn behind(data: Vec<T>, limit: i64, cursor: impl FnOnce(&T) -> String) -> Self {
        let full = i64::try_from(data.len()).is_ok_and(|rows| rows == limit);
        let next_cursor = data.last().filter(|_| full).map(cursor);
        Self { data, next_cursor }
    }
}

/// How many rows a page has: what was asked for, refused as [`Query`](domain::kernel::listing::Query) refuses it.
pub fn page_limit(asked: Option<i64>) -> Result<i64> {
    match asked.unwrap_or(50) {
        limit @ 1..=Limit::MAX => Ok(limit),
        _ => Err(Error::Invalid(vec![FieldError::new("limit", "out_of_range").with("min", 1).with("max", Limit::MAX)]).into()),
    }
}

/// A list.
#[derive(ApiResponse)]
pub enum Rows<T: Type + ToJSON + ParseFromJSON + Serialize + Send + Sync> {
    /// The rows; `Link` leads to the next page.
    #[oai(status = 200)]
    Rows(Json<Page<T>>, #[oai(header = "Link")] Option<String>),
}

/// A record.
#[derive(ApiResponse)]
pub enum Found<T: Type + ToJSON + Serialize + Send + Sync> {
    /// The record; `ETag` is what `If-Match` wants.
    #[oai(status = 200)]
    Found(Json<T>, #[oai(header = "ETag")] String),
}

/// A new record.
#[derive(ApiResponse)]
pub enum Created<T: Type + ToJSON + Serialize + Send + Sync> {
    /// The record; `Location` is its address.
    #[oai(status = 201)]
    Created(Json<T>, #[oai(header = "ETag")] String, #[oai(header = "Location")] String),
}

/// Nothing more to say.
#[derive(ApiResponse)]
pub enum Done {
    /// It is done.
    #[oai(status = 204)]
    Done,
}

impl<T: Type + ToJSON + ParseFromJSON + Serialize + Send + Sync> Rows<T> {
    /// A page of the list at `path`, asked for by `query`.
    pub fn new(page: Listed<T>, path: &str, query: &str) -> Self {
        let link = page.next_cursor.as_ref().map(|cursor| {
            let and = if query.is_empty() { "" } else { "&" };
            format!("</api/v1{path}?{query}{and}cursor={cursor}>; rel=\"next\"")
        });
        Self::Rows(Json(Page { data: page.data, next_cursor: page.next_cursor }), link)
    }
}

impl<T: Type + ToJSON + Serialize + Send + Sync> Found<T> {
    /// A record at a version.
    pub fn new(record: T, version: i32) -> Self {
        Self::Found(Json(record), etag(version))
    }
}

impl<T: Type + ToJSON + Serialize + Send + Sync> Created<T> {
    /// A new record at an address.
    pub fn new(record: T, version: i32, path: &str, id: impl std::fmt::Display) -> Self {
        Self::Created(Json(record), etag(version), format!("/api/v1{path}/{id}"))
    }
}

fn etag(version: i32) -> String {
    format!("\"{version}\"")
}

/// The version a change is for. Without one a change is refused: it would overwrite what somebody else wrote.
pub fn version(if_match: Option<&str>) -> Result<i32> {
    let tag = if_match.ok_or(Failure::PRECONDITION_REQUIRED)?;
    read(tag)
}

/// The version a step is for, where one is named.
pub fn maybe_version(if_match: Option<&str>) -> Result<Option<i32>> {
    if_match.map(read).transpose()
}

fn read(tag: &str) -> Result<i32> {
    tag.trim()
        .strip_prefix('"')
        .and_then(|tag| tag.strip_suffix('"'))
        .and_then(|version| version.parse().ok())
        .ok_or_else(|| Failure::Domain(Error::field("If-Match", "bad_etag")))
}
