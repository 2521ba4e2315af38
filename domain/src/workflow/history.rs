//! What every step left behind: who, from where to where, why, what was typed, what the guards read.

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde::Serialize;
use serde_json::Value as Json;
use uuid::Uuid;
use workflows::GuardValue;

use super::subject::Routed;
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::Result;
use crate::kernel::id::Id;
use crate::kernel::permission::Permission;
use crate::kernel::tenant;

/// A step to be written.
pub(super) struct NewStep<'a> {
    pub subject: &'static str,
    pub record: Uuid,
    pub seq: i32,
    pub definition: &'a str,
    pub transition: Option<&'a str>,
    pub from: Option<&'a str>,
    pub to: &'a str,
    pub reason: Option<&'a str>,
    pub input: Json,
    pub guards: &'a [GuardValue],
}

/// Writes a step and answers its id, which keys whatever it sends.
pub(super) async fn write(cx: &mut Cx<'_>, step: &NewStep<'_>) -> Result<Uuid> {
    let id = Uuid::now_v7();
    let (scope, now) = (cx.scope(), cx.now());
    sqlx::query!(
        "INSERT INTO workflow_history
           (tenant_id, id, at, subject, record_id, seq, definition, transition, from_state, to_state, actor, reason, input, guards, request)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        scope.tenant().uuid(),
        id,
        now,
        step.subject,
        step.record,
        step.seq,
        step.definition,
        step.transition,
        step.from,
        step.to,
        scope.actor().id.uuid(),
        step.reason,
        step.input,
        serde_json::to_value(step.guards)?,
        scope.request().id,
    )
    .execute(cx.conn())
    .await?;
    Ok(id)
}

/// The number of the record's next step. The record is locked, so nobody else takes it.
pub(super) async fn next_seq(cx: &mut Cx<'_>, record: Uuid) -> Result<i32> {
    Ok(sqlx::query_scalar!(
        r#"SELECT coalesce(max(seq), 0) + 1 AS "next!" FROM workflow_history WHERE tenant_id = $1 AND record_id = $2"#,
        cx.tenant().uuid(),
        record,
    )
    .fetch_one(cx.conn())
    .await?)
}

/// A step of a record's life.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(rename = "HistoryStep")]
pub struct Step {
    /// Its number in the record's life, from 1.
    pub seq: i32,
    /// When.
    pub at: DateTime<Utc>,
    /// The transition; none for the creation.
    pub transition: Option<String>,
    /// The state before; none for the creation.
    pub from_state: Option<String>,
    /// The state after.
    pub to_state: String,
    /// Who.
    pub actor: String,
    /// Why, where it was said.
    pub reason: Option<String>,
}

/// The steps of a record's life, oldest first.
#[derive(Debug)]
pub struct History<S>(
    /// The record.
    pub Id<S>,
);

impl<S> Clone for History<S> {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

impl<S: Routed> Action for History<S> {
    const NEEDS: Permission = S::READ;
    const ACCESS: tenant::Access = tenant::Access::Read;
    type Out = Vec<Step>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Vec<Step>> {
        // the record's own policies decide whether its life may be seen
        S::load(cx, self.0, super::Access::Read).await?.ok_or(crate::kernel::error::Error::NotFound)?;
        Ok(sqlx::query_as!(
            Step,
            "SELECT h.seq, h.at, h.transition, h.from_state, h.to_state, m.name AS actor, h.reason
             FROM workflow_history h JOIN members m ON m.tenant_id = h.tenant_id AND m.id = h.actor
             WHERE h.tenant_id = $1 AND h.record_id = $2 ORDER BY h.seq",
            cx.tenant().uuid(),
            self.0.uuid(),
        )
        .fetch_all(cx.conn())
        .await?)
    }
}
