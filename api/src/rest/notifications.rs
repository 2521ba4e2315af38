//! What the member was told.

use domain::notify::{MarkRead, Mine, Unread};
use poem_openapi::param::{Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};
use uuid::Uuid;

use super::answer::{Done, Page, page_limit};
use super::caller::Member;
use crate::http::failure::{Failure, Result};

/// What the member was told.
pub struct Notifications;

/// How much of it is unread.
#[derive(Debug, Object)]
pub struct UnreadCount {
    /// Notifications not read yet.
    pub unread: i64,
}

#[OpenApi(tag = "super::tag::Tag::Notifications")]
impl Notifications {
    /// Lists the member's notifications, newest first.
    #[oai(path = "/notifications", method = "get", operation_id = "notifications_list")]
    async fn list(
        &self,
        member: Member,
        unread: Query<Option<bool>>,
        kind: Query<Option<String>>,
        cursor: Query<Option<Uuid>>,
        limit: Query<Option<i64>>,
    ) -> Result<Json<Page<domain::notify::Listed>>, Failure> {
        let limit = page_limit(limit.0)?;
        let mine = Mine { unread: unread.0.unwrap_or(false), kind: kind.0, before: cursor.0, limit };
        let data = member.edge.app.run(&member.scope, mine).await?;
        Ok(Json(Page::behind(data, limit, |last| last.id.to_string())))
    }

    /// Counts the unread ones.
    #[oai(path = "/notifications/unread", method = "get", operation_id = "notifications_unread")]
    async fn unread(&self, member: Member) -> Result<Json<UnreadCount>, Failure> {
        Ok(Json(UnreadCount { unread: member.edge.app.run(&member.scope, Unread).await? }))
    }

    /// Marks one as read.
    #[oai(path = "/notifications/:id/read", method = "post", operation_id = "notifications_read")]
    async fn read(&self, member: Member, id: Path<Uuid>) -> Result<Done, Failure> {
        member.edge.app.run(&member.scope, MarkRead(Some(id.0))).await?;
        Ok(Done::Done)
    }

    /// Marks all as read.
    #[oai(path = "/notifications/read", method = "post", operation_id = "notifications_read_all")]
    async fn read_all(&self, member: Member) -> Result<Done, Failure> {
        member.edge.app.run(&member.scope, MarkRead(None)).await?;
        Ok(Done::Done)
    }
}
