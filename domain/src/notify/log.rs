//! What became of every message: the company's log, how long it is kept (117), and the operator's figures, which tell how mail
//! goes and nothing that was said.

use chrono::{DateTime, TimeDelta, Utc};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::kinds::Channel;
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Error, FieldError, Result};
use crate::kernel::permission::Permission;
use crate::kernel::platform::{PlatformAction, Px, Standing};
use crate::kernel::tenant::Access;

/// What may become of a message.
pub const STATES: &[&str] = &["pending", "sent", "refused", "skipped"];

/// Days what people were told is kept, until a company says otherwise.
pub const KEEP_DAYS: i32 = 90;

/// A message outside the application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Object)]
#[oai(rename = "NotificationDelivery")]
pub struct Delivery {
    /// Its id.
    pub id: Uuid,
    /// When it was told.
    pub at: DateTime<Utc>,
    /// The kind's key.
    pub kind: String,
    /// `email` or `telegram`.
    pub channel: String,
    /// Whom it was for.
    pub member_id: Uuid,
    /// Their name.
    pub member: String,
    /// The address or chat; empty where there is none.
    pub address: String,
    /// `pending`, `sent`, `refused` or `skipped`.
    pub state: String,
    /// Why it was refused, skipped, or failed the last time: `no_address`, `turned_off`, or what the server
    /// answered.
    pub reason: Option<String>,
    /// How often it was tried.
    pub attempts: i32,
    /// The moment it waits for.
    pub wake_at: Option<DateTime<Utc>>,
    /// `hourly` or `daily` where it is listed in a letter.
    pub digest: Option<String>,
    /// When it was sent, or given up.
    pub sent_at: Option<DateTime<Utc>>,
}

/// The company's messages, newest first.
#[derive(Debug, Clone, Default)]
pub struct Log {
    /// Only in this state.
    pub state: Option<String>,
    /// Only by this channel.
    pub channel: Option<Channel>,
    /// Only of this kind.
    pub kind: Option<String>,
    /// Only to this member.
    pub member: Option<Uuid>,
    /// Only older than this one: where the next page begins.
    pub before: Option<Uuid>,
    /// How many, at most 200.
    pub limit: i64,
}

impl Action for Log {
    const NEEDS: Permission = Permission::NotificationManage;
    const ACCESS: Access = Access::Read;
    type Out = Vec<Delivery>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Vec<Delivery>> {
        cx.refuse_limited()?;
        Ok(sqlx::query_as!(
            Delivery,
            "SELECT d.id, n.at, n.kind, d.channel, n.member_id, m.name AS member, d.address, d.state, d.reason, d.attempts, d.wake_at,
               d.digest, d.sent_at
             FROM deliveries d
             JOIN notifications n ON n.tenant_id = d.tenant_id AND n.id = d.notification_id
             JOIN members m ON m.tenant_id = n.tenant_id AND m.id = n.member_id
             WHERE d.tenant_id = $1 AND ($2::text IS NULL OR d.state = $2) AND ($3::text IS NULL OR d.channel = $3)
               AND ($4::text IS NULL OR n.kind = $4) AND ($5::uuid IS NULL OR n.member_id = $5) AND ($6::uuid IS NULL OR d.id < $6)
             ORDER BY d.id DESC LIMIT $7",
            cx.tenant().uuid(),
            self.state,
            self.channel.map(Channel::as_str),
            self.kind,
            self.member,
            self.before,
            self.limit.clamp(1, 200),
        )
        .fetch_all(cx.conn())
        .await?)
    }
}

/// How long the company keeps what people were told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(rename = "NotificationRetention")]
pub struct Retention {
    /// In days, 7 to 730.
    pub keep_days: i32,
    /// The version a change must name; 0 until the company says anything.
    pub version: i32,
}

/// Reads how long.
#[derive(Debug, Clone)]
pub struct ShowRetention;

impl Action for ShowRetention {
    const NEEDS: Permission = Permission::NotificationManage;
    const ACCESS: Access = Access::Read;
    type Out = Retention;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Retention> {
        retention(cx).await
    }
}

async fn retention(cx: &mut Cx<'_>) -> Result<Retention> {
    let tenant = cx.tenant().uuid();
    let stored = sqlx::query_as!(Retention, "SELECT keep_days, version FROM notification_settings WHERE tenant_id = $1", tenant)
        .fetch_optional(cx.conn())
        .await?;
    Ok(stored.unwrap_or(Retention { keep_days: KEEP_DAYS, version: 0 }))
}

/// Says how long.
#[derive(Debug, Clone)]
pub struct ChangeRetention {
    /// The version that was read.
    pub version: i32,
    /// Days.
    pub keep_days: i32,
}

impl Action for ChangeRetention {
    const NEEDS: Permission = Permission::NotificationManage;
    type Out = Retention;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Retention> {
        cx.refuse_limited()?;
        if !(7..=730).contains(&self.keep_days) {
            return Err(Error::Invalid(vec![FieldError::new("keep_days", "out_of_range").with("min", 7).with("max", 730)]));
        }
        cx.hold("notification_settings").await?;
        let current = retention(cx).await?.version;
        if current != self.version {
            return Err(Error::Stale { current, state: None, changed_at: None, changed_by: None });
        }
        Ok(sqlx::query_as!(
            Retention,
            "INSERT INTO notification_settings (tenant_id, id, keep_days) VALUES ($1, $2, $3)
             ON CONFLICT (tenant_id) DO UPDATE SET keep_days = excluded.keep_days RETURNING keep_days, version",
            cx.tenant().uuid(),
            Uuid::now_v7(),
            self.keep_days,
        )
        .fetch_one(cx.conn())
        .await?)
    }
}

/// How a company's messages go by a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Object)]
#[oai(rename = "MailFigures")]
pub struct Figures {
    /// The company.
    pub company_id: Uuid,
    /// Its name.
    pub company: String,
    /// `email` or `telegram`.
    pub channel: String,
    /// Waiting to be sent.
    pub pending: i64,
    /// Taken by the server.
    pub sent: i64,
    /// Refused for good.
    pub refused: i64,
    /// Not sent for want of an address.
    pub skipped: i64,
    /// What the server answered to the last refused one.
    pub refusal: Option<String>,
    /// When.
    pub refused_at: Option<DateTime<Utc>>,
}

/// How messages went in every company over some days, those with refusals first.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Days looked back, 1 to 90.
    pub days: i64,
}

impl PlatformAction for Mail {
    const NEEDS: Standing = Standing::Operator;
    type Out = Vec<Figures>;

    async fn run(self, px: &mut Px<'_>) -> Result<Vec<Figures>> {
        let since = px.now() - TimeDelta::days(self.days.clamp(1, 90));
        Ok(sqlx::query_as!(
            Figures,
            r#"SELECT f.tenant_id AS "company_id!", t.name AS company, f.channel AS "channel!", f.pending AS "pending!", f.sent AS "sent!",
                 f.refused AS "refused!", f.skipped AS "skipped!", f.refusal, f.refused_at
               FROM app.mail_figures($1) f JOIN platform.tenants t ON t.id = f.tenant_id
               ORDER BY f.refused DESC, t.name, f.channel LIMIT 1000"#,
            since,
        )
        .fetch_all(px.conn())
        .await?)
    }
}
