//! Domain events: what happened, in the trade's words, written in the transaction in which it happened.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::error::Result;
use super::id::Id;
use super::scope::Scope;

/// Something that happened to a record.
#[derive(Debug, Clone)]
pub struct Event {
    /// `subject.verb`, the key of the sentence a timeline shows.
    pub kind: &'static str,
    /// The table or aggregate: `work_order`, `vendors`.
    pub subject: &'static str,
    /// The record.
    pub record: Uuid,
    /// What the sentence mentions.
    pub data: Value,
}

impl Event {
    /// An event whose sentence mentions nothing but actor and record.
    pub fn new<T>(kind: &'static str, subject: &'static str, record: Id<T>) -> Self {
        Self { kind, subject, record: record.uuid(), data: Value::Object(serde_json::Map::new()) }
    }

    /// With values the sentence mentions.
    #[must_use]
    pub fn with(mut self, data: impl Serialize) -> Self {
        self.data = serde_json::to_value(data).unwrap_or_default();
        self
    }
}

pub(crate) async fn insert(conn: &mut PgConnection, scope: &Scope, at: DateTime<Utc>, events: &[Event]) -> Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = events.iter().map(|_| Uuid::now_v7()).collect();
    let kinds: Vec<&str> = events.iter().map(|e| e.kind).collect();
    let subjects: Vec<&str> = events.iter().map(|e| e.subject).collect();
    let records: Vec<Uuid> = events.iter().map(|e| e.record).collect();
    let data: Vec<Value> = events.iter().map(|e| e.data.clone()).collect();
    sqlx::query!(
        "INSERT INTO events (tenant_id, id, at, actor, kind, subject, record_id, data)
         SELECT $1, e.id, $2, $3, e.kind, e.subject, e.record_id, e.data
         FROM unnest($4::uuid[], $5::text[], $6::text[], $7::uuid[], $8::jsonb[]) AS e (id, kind, subject, record_id, data)",
        scope.tenant().uuid(),
        at,
        scope.actor().id.uuid(),
        &ids,
        &kinds as &[&str],
        &subjects as &[&str],
        &records,
        &data,
    )
    .execute(conn)
    .await?;
    Ok(())
}
