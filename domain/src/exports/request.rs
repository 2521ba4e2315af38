//! Asking for an export, stopping it, taking it away.

use uuid::Uuid;

use super::jobs::{RemoveFile, RunExport};
use super::lists;
use super::model::{FORMATS, Input, Kind, View};
use super::read::{own, view};
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Error, FieldError, Result};
use crate::kernel::files::FileKey;
use crate::kernel::permission::Permission;
use crate::kernel::scope::Scope;

/// Seconds after which a company that has too many exports waiting may ask for another.
const LATER: u64 = 60;

/// Asks for an export. Filters and columns are checked now and read again when it runs.
#[derive(Debug, Clone)]
pub struct Request(
    /// What is asked for.
    pub Input,
);

impl Action for Request {
    const NEEDS: Permission = Permission::ExportRun;
    type Out = View;

    async fn run(self, cx: &mut Cx<'_>) -> Result<View> {
        let wrong = wrong_in(&self.0, cx.scope())?;
        if !wrong.is_empty() {
            return Err(Error::Invalid(wrong));
        }
        let limits = cx.app().settings().exports;
        cx.hold("exports").await?;
        let live = sqlx::query_scalar!(
            r#"SELECT count(*) AS "count!" FROM exports WHERE tenant_id = $1 AND state IN ('queued', 'running')"#,
            cx.tenant().uuid()
        )
        .fetch_one(cx.conn())
        .await?;
        if live >= i64::from(limits.at_once) {
            return Err(Error::Limited { retry_after: LATER });
        }
        let (member, locale) = (cx.scope().actor().id.uuid(), cx.scope().locale().to_owned());
        let id = insert(cx, &self.0, &Asker { member, locale, schedule: None, recipients: Vec::new() }).await?;
        view(cx, id).await?.ok_or(Error::NotFound)
    }
}

/// What of an input cannot be exported, part by part.
pub(super) fn wrong_in(input: &Input, scope: &Scope) -> Result<Vec<FieldError>> {
    let mut wrong = Vec::new();
    if Kind::parse(&input.format).is_none() {
        wrong.push(FieldError::new("format", "not_one_of").with("options", FORMATS.join(", ")));
    }
    let Some(list) = lists::find(&input.list) else {
        let names: Vec<&str> = lists::LISTS.iter().map(|list| list.name()).collect();
        wrong.push(FieldError::new("list", "not_one_of").with("options", names.join(", ")));
        return Ok(wrong);
    };
    scope.need(list.reads())?;
    let columns = list.columns(scope);
    if !input.columns.iter().all(|key| columns.iter().any(|column| column.key == key)) {
        let keys: Vec<&str> = columns.iter().map(|column| column.key).collect();
        wrong.push(FieldError::new("columns", "not_one_of").with("options", keys.join(", ")));
    }
    match list.query(&input.query, scope) {
        Err(Error::Invalid(errors)) => {
            wrong.extend(errors.into_iter().map(|error| FieldError { field: format!("query/{}", error.field), ..error }));
        }
        read => drop(read?),
    }
    Ok(wrong)
}

/// For whom an export is made.
pub(super) struct Asker {
    /// As whom it reads.
    pub member: Uuid,
    /// The language of its words.
    pub locale: String,
    /// The schedule behind it.
    pub schedule: Option<Uuid>,
    /// The members the schedule sends it to.
    pub recipients: Vec<Uuid>,
}

/// Adds the row and queues the work.
pub(super) async fn insert(cx: &mut Cx<'_>, input: &Input, asker: &Asker) -> Result<Uuid> {
    let id = Uuid::now_v7();
    let now = cx.now();
    sqlx::query!(
        "INSERT INTO exports (tenant_id, id, member_id, list, query, columns, format, locale, file, schedule_id, recipients, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        cx.tenant().uuid(),
        id,
        asker.member,
        input.list,
        input.query,
        &input.columns,
        input.format,
        asker.locale,
        FileKey::new().uuid(),
        asker.schedule,
        &asker.recipients,
        now,
    )
    .execute(cx.conn())
    .await?;
    cx.enqueue(&RunExport { export: id })?;
    Ok(id)
}

/// Stops an export of the actor's: one that waits at once, one that runs within two seconds.
#[derive(Debug, Clone)]
pub struct Cancel(
    /// Which.
    pub Uuid,
);

impl Action for Cancel {
    const NEEDS: Permission = Permission::Member;
    type Out = View;

    async fn run(self, cx: &mut Cx<'_>) -> Result<View> {
        own(cx, self.0).await?;
        let now = cx.now();
        sqlx::query!(
            "UPDATE exports SET cancelling = state = 'running', state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END,
               finished_at = CASE state WHEN 'queued' THEN $3::timestamptz END
             WHERE tenant_id = $1 AND id = $2 AND state IN ('queued', 'running')",
            cx.tenant().uuid(),
            self.0,
            now,
        )
        .execute(cx.conn())
        .await?;
        view(cx, self.0).await?.ok_or(Error::NotFound)
    }
}

/// Takes an export of the actor's away, and its file with it. One that runs is stopped first.
#[derive(Debug, Clone)]
pub struct Remove(
    /// Which.
    pub Uuid,
);

impl Action for Remove {
    const NEEDS: Permission = Permission::Member;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        own(cx, self.0).await?;
        let file = sqlx::query_scalar!("DELETE FROM exports WHERE tenant_id = $1 AND id = $2 RETURNING file", cx.tenant().uuid(), self.0)
            .fetch_optional(cx.conn())
            .await?;
        if let Some(file) = file {
            // a run that is under way finds its row gone and removes what it has written itself
            cx.enqueue(&RemoveFile { file })?;
        }
        Ok(())
    }
}
