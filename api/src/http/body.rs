//! JSON bodies, read whole up to a limit and checked field by field, so that every wrong field is told at once and by code.

use domain::kernel::action::IdempotencyKey;
use poem::{Request, RequestBody};
use poem_openapi::payload::{Json, ParsePayload, Payload};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchemaRef, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::failure::{Failure, Result};
use super::schema;

/// The longest body read.
pub const LIMIT: usize = 1024 * 1024;

/// A checked body and the bytes it came as.
pub struct Body<T> {
    /// What it says.
    pub value: T,
    bytes: Vec<u8>,
}

impl<T> Body<T> {
    /// The client's key for this request, bound to what it asks.
    pub fn key(&self, header: Option<&str>, path: &str) -> Result<Option<IdempotencyKey>> {
        Ok(header.map(|key| IdempotencyKey::new(key, &[path.as_bytes(), &self.bytes])).transpose()?)
    }
}

/// Reads a body up to the limit.
pub async fn read(body: &mut RequestBody) -> Result<Vec<u8>> {
    let body = body.take().map_err(|_| Failure::MALFORMED)?;
    match body.into_bytes_limit(LIMIT).await {
        Ok(bytes) => Ok(bytes.to_vec()),
        Err(poem::error::ReadBodyError::PayloadTooLarge) => Err(Failure::TOO_LARGE),
        Err(_) => Err(Failure::MALFORMED),
    }
}

impl<T: Type> Payload for Body<T> {
    const CONTENT_TYPE: &'static str = "application/json";

    fn check_content_type(content_type: &str) -> bool {
        Json::<T>::check_content_type(content_type)
    }

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: Type + DeserializeOwned + 'static> ParsePayload for Body<T> {
    const IS_REQUIRED: bool = true;

    async fn from_request(_request: &Request, body: &mut RequestBody) -> poem::Result<Self> {
        let bytes = read(body).await?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(Failure::MALFORMED.into());
        }
        let value: Value = serde_json::from_slice(&bytes).map_err(|_| Failure::MALFORMED)?;
        let value = schema::parse::<T>(value).map_err(Failure::from)?;
        Ok(Self { value, bytes })
    }
}

impl<'a, T: Type + DeserializeOwned + 'static> ApiExtractor<'a> for Body<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        <Self as Payload>::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest {
            description: None,
            content: vec![MetaMediaType { content_type: Self::CONTENT_TYPE, schema: <Self as Payload>::schema_ref() }],
            required: true,
        })
    }

    async fn from_request(request: &'a Request, body: &mut RequestBody, _: ExtractParamOptions<()>) -> poem::Result<Self> {
        match request.content_type() {
            Some(content_type) if Self::check_content_type(content_type) => <Self as ParsePayload>::from_request(request, body).await,
            _ => Err(poem::Error::from_status(poem::http::StatusCode::UNSUPPORTED_MEDIA_TYPE)),
        }
    }
}
