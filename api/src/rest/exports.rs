//! Lists as files made in the background.

use domain::exports::{Cancel, FORMATS, Fetch, Input, Kind, Mine, Remove, Request as Ask, Show, View};
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::{Binary, Type};
use poem_openapi::{ApiResponse, OpenApi};
use uuid::Uuid;

use super::answer::{Done, Json as Typed, Page};
use super::caller::Member;
use super::download::{File, stored};
use crate::http::body::Body;
use crate::http::failure::{Failure, Result};

/// Lists as files made in the background.
pub struct Exports;

/// Something that is done later.
#[derive(ApiResponse)]
pub enum Accepted {
    /// It is queued; `Location` is where to look how it stands.
    #[oai(status = 202)]
    Accepted(Typed<View>, #[oai(header = "Location")] String),
}

/// The file of an export.
pub struct Made(File);

impl poem::IntoResponse for Made {
    fn into_response(self) -> poem::Response {
        self.0.into_response()
    }
}

impl ApiResponse for Made {
    fn meta() -> MetaResponses {
        let kinds = FORMATS.iter().filter_map(|format| Kind::parse(format));
        let content =
            kinds.map(|kind| MetaMediaType { content_type: kind.media_type(), schema: Binary::<Vec<u8>>::schema_ref() }).collect();
        MetaResponses {
            responses: vec![MetaResponse { description: "The file", status: Some(200), status_range: None, content, headers: vec![] }],
        }
    }

    fn register(_: &mut Registry) {}
}

#[OpenApi(prefix_path = "/exports", tag = "super::tag::Tag::Exports")]
impl Exports {
    /// Asks for a list as a file.
    #[oai(path = "/", method = "post", operation_id = "exports_create")]
    async fn create(
        &self,
        member: Member,
        #[oai(name = "Idempotency-Key")] key: Header<Option<String>>,
        body: Body<Input>,
    ) -> Result<Accepted, Failure> {
        let key = body.key(key.0.as_deref(), "exports")?;
        let view = member.edge.app.run_once(&member.scope, key, Ask(body.value)).await?;
        let at = format!("/api/v1/exports/{}", view.id);
        Ok(Accepted::Accepted(Typed(view), at))
    }

    /// Lists the caller's exports, newest first.
    #[oai(path = "/", method = "get", operation_id = "exports_list")]
    async fn list(&self, member: Member, cursor: Query<Option<Uuid>>, limit: Query<Option<i64>>) -> Result<Json<Page<View>>, Failure> {
        let limit = limit.0.unwrap_or(50).clamp(1, 200);
        let data = member.edge.app.run(&member.scope, Mine { before: cursor.0, limit }).await?;
        let full = i64::try_from(data.len()).is_ok_and(|rows| rows == limit);
        let next_cursor = data.last().filter(|_| full).map(|last| last.id.to_string());
        Ok(Json(Page { data, next_cursor }))
    }

    /// Reads how an export stands.
    #[oai(path = "/:id", method = "get", operation_id = "exports_show")]
    async fn show(&self, member: Member, id: Path<Uuid>) -> Result<Json<View>, Failure> {
        Ok(Json(member.edge.app.run(&member.scope, Show(id.0)).await?))
    }

    /// Stops an export: one that waits at once, one that runs within two seconds.
    #[oai(path = "/:id/cancel", method = "post", operation_id = "exports_cancel")]
    async fn cancel(&self, member: Member, id: Path<Uuid>) -> Result<Json<View>, Failure> {
        Ok(Json(member.edge.app.run(&member.scope, Cancel(id.0)).await?))
    }

    /// Downloads the file of an export that is done.
    #[oai(path = "/:id/file", method = "get", operation_id = "exports_file")]
    async fn file(&self, member: Member, id: Path<Uuid>) -> Result<Made, Failure> {
        let handed = member.edge.app.run(&member.scope, Fetch(id.0)).await?;
        Ok(Made(stored(&member.edge, &member.scope, &handed).await?))
    }

    /// Takes an export away, and its file with it.
    #[oai(path = "/:id", method = "delete", operation_id = "exports_delete")]
    async fn delete(&self, member: Member, id: Path<Uuid>) -> Result<Done, Failure> {
        member.edge.app.run(&member.scope, Remove(id.0)).await?;
        Ok(Done::Done)
    }
}
