//! The approval request open on a record, and its votes.

use uuid::Uuid;
use workflows::{Approval, Vote, Workflow};

use crate::kernel::action::Cx;
use super::subject::{Routed, Routing};
use crate::kernel::error::Result;

/// An open request.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub id: Uuid,
    pub approval: Approval,
    /// Names of those who voted, in order.
    pub voters: Vec<String>,
}

/// The request open on a record; only a state which an approved transition leaves can have one.
pub(super) async fn find<S: Routed>(cx: &mut Cx<'_>, workflow: &Workflow, routing: &Routing<S>, record: Uuid) -> Result<Option<Request>> {
    if workflow.approval_in(routing.doc.state()).is_none() {
        return Ok(None);
    }
    let requested_by = routing.requested_by;
    let tenant = cx.tenant().uuid();
    let rows = sqlx::query!(
        r#"SELECT a.id, a.transition, d.member_id AS "member_id?", d.level AS "level?", m.name AS "name?"
           FROM approvals a
           LEFT JOIN approval_decisions d ON d.tenant_id = a.tenant_id AND d.approval_id = a.id
           LEFT JOIN members m ON m.tenant_id = d.tenant_id AND m.id = d.member_id
           WHERE a.tenant_id = $1 AND a.record_id = $2 AND a.status = 'open' ORDER BY d.id"#,
        tenant,
        record,
    )
    .fetch_all(cx.conn())
    .await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let (id, transition) = (first.id, first.transition.clone());
    let mut votes = Vec::new();
    let mut names = Vec::new();
    for row in rows {
        if let (Some(member), Some(level), Some(name)) = (row.member_id, row.level, row.name) {
            votes.push(Vote { member, level });
            names.push(name);
        }
    }
    Ok(Some(Request { id, approval: Approval { transition, requested_by, votes }, voters: names }))
}

/// Opens a request.
pub(super) async fn open(cx: &mut Cx<'_>, subject: &'static str, record: Uuid, transition: &str, entry_seq: i32) -> Result<()> {
    sqlx::query!(
        "INSERT INTO approvals (tenant_id, id, subject, record_id, transition, entry_seq) VALUES ($1, $2, $3, $4, $5, $6)",
        cx.tenant().uuid(),
        Uuid::now_v7(),
        subject,
        record,
        transition,
        entry_seq,
    )
    .execute(cx.conn())
    .await?;
    Ok(())
}

/// Records the actor's vote.
pub(super) async fn vote(cx: &mut Cx<'_>, request: Uuid, level: &str) -> Result<()> {
    let (scope, now) = (cx.scope(), cx.now());
    sqlx::query!(
        "INSERT INTO approval_decisions (tenant_id, id, approval_id, level, member_id, at) VALUES ($1, $2, $3, $4, $5, $6)",
        scope.tenant().uuid(),
        Uuid::now_v7(),
        request,
        level,
        scope.actor().id.uuid(),
        now,
    )
    .execute(cx.conn())
    .await?;
    Ok(())
}

/// Closes a request: met by its last vote, or void because the record went another way.
pub(super) async fn close(cx: &mut Cx<'_>, request: Uuid, status: &str) -> Result<()> {
    sqlx::query!("UPDATE approvals SET status = $3 WHERE tenant_id = $1 AND id = $2", cx.tenant().uuid(), request, status)
        .execute(cx.conn())
        .await?;
    Ok(())
}
