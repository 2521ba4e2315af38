//! How members want to be told, what a company's messages say, what became of them.

use domain::Error;
use domain::notify::kinds::Channel;
use domain::notify::log::{ChangeRetention, Delivery, Figures, Log, Mail, Retention, ShowRetention};
use domain::notify::own::{ChangeText, ListTexts, OwnText, Place, ResetText, ShowText, Words};
use domain::notify::preference::{ChangePreferences, Choices, Preferences, ShowPreferences};
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::answer::{Done, Found, Page, page_limit, version};
use super::caller::{Account, Member};
use crate::http::body::Body;
use crate::http::failure::{Failure, Result};

/// Preferences, texts, the log of messages.
pub struct Messages;

/// How long messages are kept.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields, rename = "NotificationRetentionInput")]
pub struct Keep {
    /// In days, 7 to 730.
    pub keep_days: i32,
}

/// Which text an address names.
fn place(kind: String, channel: &str, locale: String) -> Result<Place, Failure> {
    let channel = Channel::parse(channel).ok_or(Error::NotFound)?;
    Ok(Place { kind, channel, locale })
}

#[OpenApi]
impl Messages {
    /// Reads how the caller takes every kind of message by every channel, and their quiet hours.
    #[oai(
        path = "/me/notification-preferences",
        method = "get",
        operation_id = "notification_preferences_show",
        tag = "super::tag::Tag::Me"
    )]
    async fn preferences(&self, member: Member) -> Result<Json<Preferences>, Failure> {
        Ok(Json(member.edge.app.run(&member.scope, ShowPreferences).await?))
    }

    /// Replaces what the caller chose. A kind and channel not named is taken the usual way; what is mandatory cannot be turned off.
    #[oai(
        path = "/me/notification-preferences",
        method = "put",
        operation_id = "notification_preferences_update",
        tag = "super::tag::Tag::Me"
    )]
    async fn change_preferences(&self, member: Member, body: Body<Choices>) -> Result<Json<Preferences>, Failure> {
        Ok(Json(member.edge.app.run(&member.scope, ChangePreferences(body.value)).await?))
    }

    /// Lists the texts the company has written in place of ours. Needs `notification.manage`.
    #[oai(path = "/notification-texts", method = "get", operation_id = "notification_texts_list", tag = "super::tag::Tag::Settings")]
    async fn texts(&self, member: Member) -> Result<Json<Vec<Place>>, Failure> {
        Ok(Json(member.edge.app.run(&member.scope, ListTexts).await?))
    }

    /// Reads the company's own text of a kind for a channel in a language; version 0 and no words where ours is said.
    #[oai(
        path = "/notification-texts/:kind/:channel/:locale",
        method = "get",
        operation_id = "notification_texts_show",
        tag = "super::tag::Tag::Settings"
    )]
    async fn text(
        &self,
        member: Member,
        kind: Path<String>,
        channel: Path<String>,
        locale: Path<String>,
    ) -> Result<Found<OwnText>, Failure> {
        let found = member.edge.app.run(&member.scope, ShowText(place(kind.0, &channel.0, locale.0)?)).await?;
        let version = found.version;
        Ok(Found::new(found, version))
    }

    /// Writes the company's own text. A placeholder the kind does not know is refused by name and line.
    #[oai(
        path = "/notification-texts/:kind/:channel/:locale",
        method = "put",
        operation_id = "notification_texts_update",
        tag = "super::tag::Tag::Settings"
    )]
    async fn change_text(
        &self,
        member: Member,
        kind: Path<String>,
        channel: Path<String>,
        locale: Path<String>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        body: Body<Words>,
    ) -> Result<Found<OwnText>, Failure> {
        let version = version(if_match.0.as_deref())?;
        let place = place(kind.0, &channel.0, locale.0)?;
        let found = member.edge.app.run(&member.scope, ChangeText { place, version, words: body.value }).await?;
        let version = found.version;
        Ok(Found::new(found, version))
    }

    /// Goes back to our text.
    #[oai(
        path = "/notification-texts/:kind/:channel/:locale",
        method = "delete",
        operation_id = "notification_texts_delete",
        tag = "super::tag::Tag::Settings"
    )]
    async fn reset_text(
        &self,
        member: Member,
        kind: Path<String>,
        channel: Path<String>,
        locale: Path<String>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
    ) -> Result<Done, Failure> {
        let version = version(if_match.0.as_deref())?;
        let place = place(kind.0, &channel.0, locale.0)?;
        member.edge.app.run(&member.scope, ResetText { place, version }).await?;
        Ok(Done::Done)
    }

    /// Reads how long the company keeps what people were told. Needs `notification.manage`.
    #[oai(
        path = "/notification-retention",
        method = "get",
        operation_id = "notification_retention_show",
        tag = "super::tag::Tag::Settings"
    )]
    async fn retention(&self, member: Member) -> Result<Found<Retention>, Failure> {
        let found = member.edge.app.run(&member.scope, ShowRetention).await?;
        let version = found.version;
        Ok(Found::new(found, version))
    }

    /// Says how long the company keeps what people were told.
    #[oai(
        path = "/notification-retention",
        method = "put",
        operation_id = "notification_retention_update",
        tag = "super::tag::Tag::Settings"
    )]
    async fn change_retention(
        &self,
        member: Member,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        body: Body<Keep>,
    ) -> Result<Found<Retention>, Failure> {
        let version = version(if_match.0.as_deref())?;
        let found = member.edge.app.run(&member.scope, ChangeRetention { version, keep_days: body.value.keep_days }).await?;
        let version = found.version;
        Ok(Found::new(found, version))
    }

    /// Lists what became of every message, newest first. Needs `notification.manage`.
    #[oai(path = "/notification-log", method = "get", operation_id = "notification_log", tag = "super::tag::Tag::Settings")]
    #[expect(clippy::too_many_arguments, reason = "a filter is a parameter")]
    async fn log(
        &self,
        member: Member,
        state: Query<Option<String>>,
        channel: Query<Option<Channel>>,
        kind: Query<Option<String>>,
        member_id: Query<Option<Uuid>>,
        cursor: Query<Option<Uuid>>,
        limit: Query<Option<i64>>,
    ) -> Result<Json<Page<Delivery>>, Failure> {
        let limit = page_limit(limit.0)?;
        let log = Log { state: state.0, channel: channel.0, kind: kind.0, member: member_id.0, before: cursor.0, limit };
        let data = member.edge.app.run(&member.scope, log).await?;
        Ok(Json(Page::behind(data, limit, |last| last.id.to_string())))
    }

    /// Tells how messages of every company went over some days (7 unless told otherwise): counts and refusals, nothing that was said.
    #[oai(path = "/platform/mail", method = "get", operation_id = "platform_mail", tag = "super::tag::Tag::Platform")]
    async fn mail(&self, account: Account, days: Query<Option<i64>>) -> Result<Json<Vec<Figures>>, Failure> {
        let caller = account.signed_in.caller(account.origin.clone());
        Ok(Json(account.edge.app.platform(&caller, Mail { days: days.0.unwrap_or(7) }).await?))
    }
}
