//! Lists as files.

use domain::exports::Handed;
use domain::kernel::export::{Format, download};
use domain::kernel::listing::{Listing, Query};
use domain::kernel::scope::Scope;
use domain::{Error, FieldError};
use futures::StreamExt;
use poem::http::header;
use poem::{Body, IntoResponse, Request, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::{Binary, Type};
use templates::Locale;
use templates::i18n::t;

use crate::http::edge::Edge;
use crate::http::failure::Result;

/// A file, sent as it is made.
pub struct File(Response);

/// The list the request asks for, in the format it names.
pub fn list<L: Listing>(edge: &Edge, scope: &Scope, format: &str, request: &Request) -> Result<File> {
    let format =
        Format::parse(format).ok_or_else(|| Error::Invalid(vec![FieldError::new("format", "not_one_of").with("options", "csv, xlsx")]))?;
    let asked: Vec<(String, String)> = serde_urlencoded::from_str(request.uri().query().unwrap_or_default()).unwrap_or_default();
    let filters: Vec<_> = asked.into_iter().filter(|(name, _)| name != "format").collect();
    let query = Query::parse::<L>(&serde_urlencoded::to_string(filters).unwrap_or_default(), scope)?;
    let locale = Locale::parse(scope.locale()).unwrap_or_default();
    let words = std::sync::Arc::new(move |key: &str| t(locale, key, &[]));
    let chunks = download::<L>(&edge.app, scope, query, format, words)?;
    let chunks = chunks.map(|chunk| chunk.map_err(|error| std::io::Error::other(error.to_string())));
    let name = format!("attachment; filename=\"{}-{}.{}\"", L::NAME.replace('_', "-"), scope.company().slug, format.extension());
    Ok(File(
        Response::builder()
            .content_type(format.media_type())
            .header(header::CONTENT_DISPOSITION, name)
            .body(Body::from_bytes_stream(chunks)),
    ))
}

/// A file of the store, as an attachment: whatever it holds, a browser opens it nowhere near our pages.
pub async fn stored(edge: &Edge, scope: &Scope, handed: &Handed) -> Result<File> {
    let content = edge.app.files(scope).get(handed.file).await?;
    let chunks = content.bytes.map(|chunk| chunk.map_err(|error| std::io::Error::other(error.to_string())));
    let (list, slug) = (handed.list.replace('_', "-"), &scope.company().slug);
    let name = format!("attachment; filename=\"{list}-{slug}-{}.{}\"", handed.day, handed.kind.extension());
    Ok(File(
        Response::builder()
            .content_type(handed.kind.media_type())
            .header(header::CONTENT_DISPOSITION, name)
            .header(header::CONTENT_LENGTH, content.size)
            .body(Body::from_bytes_stream(chunks)),
    ))
}

impl IntoResponse for File {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for File {
    fn meta() -> MetaResponses {
        let content = [Format::Csv, Format::Xlsx]
            .map(|format| MetaMediaType { content_type: format.media_type(), schema: Binary::<Vec<u8>>::schema_ref() })
            .into();
        MetaResponses {
            responses: vec![MetaResponse { description: "The file", status: Some(200), status_range: None, content, headers: vec![] }],
        }
    }

    fn register(_: &mut Registry) {}
}
