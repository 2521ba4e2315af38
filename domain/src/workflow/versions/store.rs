//! All the SQL of versions, drafts and takeovers.

use uuid::Uuid;

use super::model::{TextKind, Version, VersionText};
use crate::kernel::action::Cx;
use crate::kernel::error::{Error, Result};

/// What a company is writing.
#[derive(Debug, Clone)]
pub(super) struct StoredDraft {
    pub id: Uuid,
    pub kind: TextKind,
    pub base: i32,
    pub source: String,
    pub version: i32,
}

/// The draft of a workflow.
pub(super) async fn draft(cx: &mut Cx<'_>, workflow: &str) -> Result<Option<StoredDraft>> {
    let row = sqlx::query!(
        "SELECT id, kind, base, source, version FROM workflow_drafts WHERE tenant_id = $1 AND workflow = $2",
        cx.tenant().uuid(),
        workflow,
    )
    .fetch_optional(cx.conn())
    .await?;
    row.map(|row| {
        Ok(StoredDraft { id: row.id, kind: TextKind::parse(&row.kind)?, base: row.base, source: row.source, version: row.version })
    })
    .transpose()
}

/// The workflows with a draft.
pub(super) async fn drafted(cx: &mut Cx<'_>) -> Result<Vec<String>> {
    let tenant = cx.tenant().uuid();
    Ok(sqlx::query_scalar!("SELECT workflow FROM workflow_drafts WHERE tenant_id = $1", tenant).fetch_all(cx.conn()).await?)
}

/// Writes the first text of a draft; nothing when somebody else was first.
pub(super) async fn begin_draft(cx: &mut Cx<'_>, workflow: &str, kind: TextKind, base: i32, source: &str) -> Result<Option<i32>> {
    Ok(sqlx::query_scalar!(
        "INSERT INTO workflow_drafts (tenant_id, id, workflow, kind, base, source) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (tenant_id, workflow) DO NOTHING RETURNING version",
        cx.tenant().uuid(),
        Uuid::now_v7(),
        workflow,
        kind.as_str(),
        base,
        source,
    )
    .fetch_optional(cx.conn())
    .await?)
}

/// Writes a draft that is still at the version; answers the new one.
pub(super) async fn rewrite_draft(cx: &mut Cx<'_>, draft: &StoredDraft) -> Result<Option<i32>> {
    Ok(sqlx::query_scalar!(
        "UPDATE workflow_drafts SET kind = $4, base = $5, source = $6 WHERE tenant_id = $1 AND id = $2 AND version = $3 RETURNING version",
        cx.tenant().uuid(),
        draft.id,
        draft.version,
        draft.kind.as_str(),
        draft.base,
        draft.source,
    )
    .fetch_optional(cx.conn())
    .await?)
}

/// Removes a draft.
pub(super) async fn drop_draft(cx: &mut Cx<'_>, id: Uuid) -> Result<()> {
    sqlx::query!("DELETE FROM workflow_drafts WHERE tenant_id = $1 AND id = $2", cx.tenant().uuid(), id).execute(cx.conn()).await?;
    Ok(())
}

/// The hash new records of each workflow the company has taken over follow.
pub(super) async fn takeovers(cx: &mut Cx<'_>) -> Result<Vec<(String, String)>> {
    let tenant = cx.tenant().uuid();
    let rows =
        sqlx::query!("SELECT workflow, definition FROM workflow_takeovers WHERE tenant_id = $1", tenant).fetch_all(cx.conn()).await?;
    Ok(rows.into_iter().map(|row| (row.workflow, row.definition)).collect())
}

/// From now on new records follow this text.
pub(super) async fn take_over(cx: &mut Cx<'_>, workflow: &str, definition: &str) -> Result<()> {
    sqlx::query!(
        "INSERT INTO workflow_takeovers AS t (tenant_id, id, workflow, definition) VALUES ($1, $2, $3, $4)
         ON CONFLICT (tenant_id, workflow) DO UPDATE SET definition = $4",
        cx.tenant().uuid(),
        Uuid::now_v7(),
        workflow,
        definition,
    )
    .execute(cx.conn())
    .await?;
    Ok(())
}

/// From now on new records follow the shipped file. Answers whether they did not before.
pub(super) async fn give_back(cx: &mut Cx<'_>, workflow: &str) -> Result<bool> {
    let tenant = cx.tenant().uuid();
    let gone = sqlx::query!("DELETE FROM workflow_takeovers WHERE tenant_id = $1 AND workflow = $2", tenant, workflow)
        .execute(cx.conn())
        .await?
        .rows_affected();
    Ok(gone == 1)
}

/// A published version with its texts.
#[derive(Debug, Clone)]
pub(super) struct StoredVersion {
    pub shown: Version,
    pub definition: String,
}

/// The versions of a workflow, newest first. How many records follow each is not known here.
pub(super) async fn versions(cx: &mut Cx<'_>, workflow: &str) -> Result<Vec<StoredVersion>> {
    let rows = sqlx::query!(
        r#"SELECT v.number, v.kind, v.base, v.note, v.published_at, m.name AS publisher, v.definition,
             EXISTS (SELECT FROM workflow_takeovers t WHERE t.tenant_id = v.tenant_id AND t.definition = v.definition) AS "current!"
           FROM workflow_versions v JOIN members m ON m.tenant_id = v.tenant_id AND m.id = v.published_by
           WHERE v.tenant_id = $1 AND v.workflow = $2 ORDER BY v.number DESC"#,
        cx.tenant().uuid(),
        workflow,
    )
    .fetch_all(cx.conn())
    .await?;
    rows.into_iter()
        .map(|row| {
            let shown = Version {
                number: row.number,
                kind: TextKind::parse(&row.kind)?,
                base: row.base,
                note: row.note,
                published_at: row.published_at,
                published_by: row.publisher,
                current: row.current,
                records: 0,
            };
            Ok(StoredVersion { shown, definition: row.definition })
        })
        .collect()
}

/// The texts of a version of the company.
pub(super) async fn text(cx: &mut Cx<'_>, workflow: &str, number: i32) -> Result<Option<VersionText>> {
    let row = sqlx::query!(
        "SELECT kind, base, source, merged FROM workflow_versions WHERE tenant_id = $1 AND workflow = $2 AND number = $3",
        cx.tenant().uuid(),
        workflow,
        number,
    )
    .fetch_optional(cx.conn())
    .await?;
    row.map(|row| Ok(VersionText { number, kind: TextKind::parse(&row.kind)?, base: row.base, source: row.source, merged: row.merged }))
        .transpose()
}

/// The text of a shipped version, of this program or of one before it.
pub(super) async fn shipped_text(cx: &mut Cx<'_>, workflow: &str, version: i32) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!("SELECT source FROM platform.workflow_definitions WHERE workflow = $1 AND version = $2", workflow, version)
        .fetch_optional(cx.conn())
        .await?)
}

/// The highest number the company has given.
pub(super) async fn last_number(cx: &mut Cx<'_>, workflow: &str) -> Result<i32> {
    Ok(sqlx::query_scalar!(
        r#"SELECT coalesce(max(number), 0) AS "last!" FROM workflow_versions WHERE tenant_id = $1 AND workflow = $2"#,
        cx.tenant().uuid(),
        workflow,
    )
    .fetch_one(cx.conn())
    .await?)
}

/// A version to be written.
pub(super) struct NewVersion<'a> {
    pub id: Uuid,
    pub workflow: &'a str,
    pub text: &'a VersionText,
    pub definition: &'a str,
    pub note: &'a str,
}

/// Writes a version and answers it.
pub(super) async fn add(cx: &mut Cx<'_>, new: &NewVersion<'_>) -> Result<Version> {
    let (scope, now) = (cx.scope(), cx.now());
    sqlx::query!(
        "INSERT INTO workflow_versions (tenant_id, id, workflow, number, kind, base, source, merged, definition, note, published_at, published_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        scope.tenant().uuid(),
        new.id,
        new.workflow,
        new.text.number,
        new.text.kind.as_str(),
        new.text.base,
        new.text.source,
        new.text.merged,
        new.definition,
        new.note,
        now,
        scope.actor().id.uuid(),
    )
    .execute(cx.conn())
    .await?;
    take_over(cx, new.workflow, new.definition).await?;
    let added = versions(cx, new.workflow).await?.into_iter().find(|version| version.definition == new.definition);
    added.map(|version| version.shown).ok_or(Error::NotFound)
}
