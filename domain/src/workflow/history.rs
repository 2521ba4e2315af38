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
    pub definition: &'a str,
    pub transition: Option<&'a str>,
    pub from: Option<&'a str>,
    pub to: &'a str,
    pub on_behalf_of: Option<Uuid>,
    pub reason: Option<&'a str>,
    pub input: Json,
    pub guards: &'a [GuardValue],
}

/// Writes a step and answers its number in the record's life. The record is locked, so nobody else takes it.
pub(super) async fn write(cx: &mut Cx<'_>, id: Uuid, step: &NewStep<'_>) -> Result<i32> {
    let (scope, now) = (cx.scope(), cx.now());
    Ok(sqlx::query_scalar!(
        "INSERT INTO workflow_history
           (tenant_id, id, at, subject, record_id, seq, definition, transition, from_state, to_state, actor, reason, input, guards, request,
            on_behalf_of)
         SELECT $1, $2, $3, $4, $5, coalesce(max(h.seq), 0) + 1, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15
         FROM workflow_history h WHERE h.tenant_id = $1 AND h.record_id = $5 RETURNING seq",
        scope.tenant().uuid(),
        id,
        now,
        step.subject,
        step.record,
        step.definition,
        step.transition,
        step.from,
        step.to,
        scope.actor().id.uuid(),
        step.reason,
        step.input,
        serde_json::to_value(step.guards)?,
        scope.request().id,
        step.on_behalf_of,
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
    /// For whom they decided, where somebody had handed their seat to them.
    pub on_behalf_of: Option<String>,
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
            r#"SELECT h.seq, h.at, h.transition, h.from_state, h.to_state, m.name AS actor, p.name AS "on_behalf_of?", h.reason
             FROM workflow_history h JOIN members m ON m.tenant_id = h.tenant_id AND m.id = h.actor
             LEFT JOIN members p ON p.tenant_id = h.tenant_id AND p.id = h.on_behalf_of
             WHERE h.tenant_id = $1 AND h.record_id = $2 ORDER BY h.seq"#,
            cx.tenant().uuid(),
            self.0.uuid(),
        )
        .fetch_all(cx.conn())
        .await?)
    }
}
