//! A company's own texts, by kind, channel and language; where it has none, ours are said. For the bell the subject is the line.

use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::kinds::{Channel, Kind, to_members};
use super::text::{self, Fault};
use crate::identity::signup::LOCALES;
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Checks, Error, FieldError, Result};
use crate::kernel::permission::Permission;
use crate::kernel::tenant::Access;

/// Which text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(rename = "NotificationTextOf")]
pub struct Place {
    /// The kind's key.
    pub kind: String,
    /// The channel.
    pub channel: Channel,
    /// `kk`, `ru`, `en` or `tr`.
    pub locale: String,
}

impl Place {
    /// The kind, if there may be such a text.
    pub fn kind(&self) -> Result<&'static Kind> {
        let kind = to_members().find(|kind| kind.key == self.kind && kind.takes(self.channel));
        kind.filter(|_| LOCALES.contains(&&*self.locale)).ok_or(Error::NotFound)
    }
}

/// A company's own text, and its version; version 0 stands for none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(rename = "NotificationText")]
pub struct OwnText {
    /// The subject of a letter, the first line of a message, the line of the bell.
    pub subject: String,
    /// The rest; the bell has none.
    pub body: String,
    /// Its version, which a change must name.
    pub version: i32,
}

/// The words of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields, rename = "NotificationTextInput")]
pub struct Words {
    /// At most 300 characters, of them `{{placeholders}}`.
    pub subject: String,
    /// At most 8,000 characters; empty for the bell.
    #[serde(default)]
    #[oai(default)]
    pub body: String,
}

/// Which texts the company has written.
#[derive(Debug, Clone)]
pub struct ListTexts;

impl Action for ListTexts {
    const NEEDS: Permission = Permission::NotificationManage;
    const ACCESS: Access = Access::Read;
    type Out = Vec<Place>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Vec<Place>> {
        let rows = sqlx::query!(
            "SELECT kind, channel, locale FROM notification_texts WHERE tenant_id = $1 ORDER BY kind, channel, locale LIMIT 1000",
            cx.tenant().uuid(),
        )
        .fetch_all(cx.conn())
        .await?;
        let place = |kind, channel: String, locale| Some(Place { kind, channel: Channel::parse(&channel)?, locale });
        Ok(rows.into_iter().filter_map(|row| place(row.kind, row.channel, row.locale)).collect())
    }
}

/// Reads a text of the company.
#[derive(Debug, Clone)]
pub struct ShowText(
    /// Which.
    pub Place,
);

impl Action for ShowText {
    const NEEDS: Permission = Permission::NotificationManage;
    const ACCESS: Access = Access::Read;
    type Out = OwnText;

    async fn run(self, cx: &mut Cx<'_>) -> Result<OwnText> {
        self.0.kind()?;
        Ok(stored(cx, &self.0).await?.unwrap_or_default())
    }
}

async fn stored(cx: &mut Cx<'_>, place: &Place) -> Result<Option<OwnText>> {
    Ok(sqlx::query_as!(
        OwnText,
        "SELECT subject, body, version FROM notification_texts WHERE tenant_id = $1 AND kind = $2 AND channel = $3 AND locale = $4",
        cx.tenant().uuid(),
        place.kind,
        place.channel.as_str(),
        place.locale,
    )
    .fetch_optional(cx.conn())
    .await?)
}

/// Writes a text of the company.
#[derive(Debug, Clone)]
pub struct ChangeText {
    /// Which.
    pub place: Place,
    /// The version that was read.
    pub version: i32,
    /// The words.
    pub words: Words,
}

impl Words {
    /// Refuses a placeholder the kind does not know, by name and line, and a text without one it must have.
    pub fn check(&self, kind: &Kind, channel: Channel) -> Result<()> {
        let mut checks = Checks::new();
        checks.text("subject", &self.subject, 300);
        if channel == Channel::Bell {
            checks.max("body", &self.body, 0);
        } else {
            checks.text("body", &self.body, 8_000);
        }
        let mut mentioned = std::collections::BTreeSet::new();
        for (field, text) in [("subject", &self.subject), ("body", &self.body)] {
            match text::check(kind, text) {
                Ok(names) => mentioned.extend(names),
                Err(fault) => {
                    checks.push(wrong(field, &fault));
                }
            }
        }
        if self.subject.lines().count() > 1 {
            checks.push(FieldError::new("subject", "one_line"));
        }
        checks.done()?;
        let missing = kind.must_mention.iter().find(|name| !mentioned.contains(*name));
        match missing {
            Some(name) => Err(Error::Invalid(vec![FieldError::new("subject", "placeholder_missing").with("name", name)])),
            None => Ok(()),
        }
    }
}

fn wrong(field: &str, fault: &Fault) -> FieldError {
    match fault {
        Fault::Unknown { name, line } => FieldError::new(field, "unknown_placeholder").with("name", name).with("line", line),
        Fault::Unclosed { line } => FieldError::new(field, "unclosed_placeholder").with("line", line),
        Fault::TooMany => FieldError::new(field, "too_many_placeholders").with("max", text::MOST),
        Fault::TooLong => FieldError::new(field, "text_too_large").with("max", text::LIMIT / 1024),
    }
}

impl Action for ChangeText {
    const NEEDS: Permission = Permission::NotificationManage;
    type Out = OwnText;

    async fn run(self, cx: &mut Cx<'_>) -> Result<OwnText> {
        cx.refuse_limited()?;
        let kind = self.place.kind()?;
        self.words.check(kind, self.place.channel)?;
        refuse_stale(cx, &self.place, self.version).await?;
        let (subject, body) = (self.words.subject.trim(), self.words.body.trim());
        Ok(sqlx::query_as!(
            OwnText,
            "INSERT INTO notification_texts (tenant_id, id, kind, channel, locale, subject, body) VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (tenant_id, kind, channel, locale) DO UPDATE SET subject = excluded.subject, body = excluded.body
             RETURNING subject, body, version",
            cx.tenant().uuid(),
            Uuid::now_v7(),
            kind.key,
            self.place.channel.as_str(),
            self.place.locale,
            subject,
            body,
        )
        .fetch_one(cx.conn())
        .await?)
    }
}

async fn refuse_stale(cx: &mut Cx<'_>, place: &Place, version: i32) -> Result<()> {
    cx.hold(&format!("text:{}:{}:{}", place.kind, place.channel.as_str(), place.locale)).await?;
    let current = stored(cx, place).await?.map_or(0, |text| text.version);
    if current == version { Ok(()) } else { Err(Error::Stale { current, state: None, changed_at: None, changed_by: None }) }
}

/// Goes back to our text.
#[derive(Debug, Clone)]
pub struct ResetText {
    /// Which.
    pub place: Place,
    /// The version that was read.
    pub version: i32,
}

impl Action for ResetText {
    const NEEDS: Permission = Permission::NotificationManage;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        cx.refuse_limited()?;
        let kind = self.place.kind()?;
        refuse_stale(cx, &self.place, self.version).await?;
        sqlx::query!(
            "DELETE FROM notification_texts WHERE tenant_id = $1 AND kind = $2 AND channel = $3 AND locale = $4",
            cx.tenant().uuid(),
            kind.key,
            self.place.channel.as_str(),
            self.place.locale,
        )
        .execute(cx.conn())
        .await?;
        Ok(())
    }
}

/// The company's own lines of the bell in a language: kind and line.
#[derive(Debug, Clone)]
pub struct BellLines {
    /// The reader's language.
    pub locale: String,
}

impl Action for BellLines {
    const NEEDS: Permission = Permission::Member;
    const ACCESS: Access = Access::Read;
    type Out = Vec<(String, String)>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Vec<(String, String)>> {
        let rows = sqlx::query!(
            "SELECT kind, subject FROM notification_texts WHERE tenant_id = $1 AND channel = 'bell' AND locale = $2",
            cx.tenant().uuid(),
            self.locale,
        )
        .fetch_all(cx.conn())
        .await?;
        Ok(rows.into_iter().map(|row| (row.kind, row.subject)).collect())
    }
}
