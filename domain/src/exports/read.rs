//! Whose export it is, and who is handed its file.

use uuid::Uuid;

use super::lists;
use super::model::{Kind, View};
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Error, Refused, Result};
use crate::kernel::files::FileKey;
use crate::kernel::permission::{Permission, Permissions};
use crate::kernel::tenant::Access;

/// The actor's exports and those a schedule sent them, newest first.
#[derive(Debug, Clone)]
pub struct Mine {
    /// Only those older than this one: where the next page begins.
    pub before: Option<Uuid>,
    /// How many, at most 200.
    pub limit: i64,
}

impl Action for Mine {
    const NEEDS: Permission = Permission::Member;
    const ACCESS: Access = Access::Read;
    type Out = Vec<View>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Vec<View>> {
        Ok(sqlx::query_as!(
            View,
            r#"SELECT e.id, e.list, e.query, e.columns, e.format, e.state, e.cancelling, e.rows_done, e.rows_total, e.truncated, e.bytes, e.reason,
                 e.member_id = $2 AS "own!", e.schedule_id, s.name AS "schedule?", e.created_at, e.finished_at, e.expires_at
               FROM exports e LEFT JOIN export_schedules s ON s.tenant_id = e.tenant_id AND s.id = e.schedule_id
               WHERE e.tenant_id = $1 AND (e.member_id = $2 OR $2 = ANY (e.recipients) AND e.state IN ('done', 'expired'))
                 AND ($3::uuid IS NULL OR e.id < $3) ORDER BY e.id DESC LIMIT $4"#,
            cx.tenant().uuid(),
            cx.scope().actor().id.uuid(),
            self.before,
            self.limit.clamp(1, 201),
        )
        .fetch_all(cx.conn())
        .await?)
    }
}

/// One of them.
#[derive(Debug, Clone)]
pub struct Show(
    /// Which.
    pub Uuid,
);

impl Action for Show {
    const NEEDS: Permission = Permission::Member;
    const ACCESS: Access = Access::Read;
    type Out = View;

    async fn run(self, cx: &mut Cx<'_>) -> Result<View> {
        view(cx, self.0).await?.ok_or(Error::NotFound)
    }
}

/// An export the actor asked for, or that was sent to them. Anybody else's is not there.
pub(super) async fn view(cx: &mut Cx<'_>, id: Uuid) -> Result<Option<View>> {
    Ok(sqlx::query_as!(
        View,
        r#"SELECT e.id, e.list, e.query, e.columns, e.format, e.state, e.cancelling, e.rows_done, e.rows_total, e.truncated, e.bytes, e.reason,
             e.member_id = $3 AS "own!", e.schedule_id, s.name AS "schedule?", e.created_at, e.finished_at, e.expires_at
           FROM exports e LEFT JOIN export_schedules s ON s.tenant_id = e.tenant_id AND s.id = e.schedule_id
           WHERE e.tenant_id = $1 AND e.id = $2 AND (e.member_id = $3 OR $3 = ANY (e.recipients) AND e.state IN ('done', 'expired'))"#,
        cx.tenant().uuid(),
        id,
        cx.scope().actor().id.uuid(),
    )
    .fetch_optional(cx.conn())
    .await?)
}

/// Refuses what the actor did not ask for.
pub(super) async fn own(cx: &mut Cx<'_>, id: Uuid) -> Result<()> {
    sqlx::query_scalar!(
        "SELECT id FROM exports WHERE tenant_id = $1 AND id = $2 AND member_id = $3 FOR UPDATE",
        cx.tenant().uuid(),
        id,
        cx.scope().actor().id.uuid(),
    )
    .fetch_optional(cx.conn())
    .await?
    .map(drop)
    .ok_or(Error::NotFound)
}

/// A file to be handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handed {
    /// Its key in the company's store.
    pub file: FileKey,
    /// The list.
    pub list: String,
    /// The kind of file.
    pub kind: Kind,
    /// When its contents were read, as a day in the company's zone.
    pub day: chrono::NaiveDate,
}

/// The file of an export the actor asked for or was sent, if they might see everything in it today.
#[derive(Debug, Clone)]
pub struct Fetch(
    /// Which.
    pub Uuid,
);

impl Action for Fetch {
    const NEEDS: Permission = Permission::Member;
    const ACCESS: Access = Access::Read;
    type Out = Handed;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Handed> {
        let row = sqlx::query!(
            "SELECT file, list, format, needs, sites, finished_at, expires_at FROM exports
             WHERE tenant_id = $1 AND id = $2 AND state = 'done' AND (member_id = $3 OR $3 = ANY (recipients))",
            cx.tenant().uuid(),
            self.0,
            cx.scope().actor().id.uuid(),
        )
        .fetch_optional(cx.conn())
        .await?
        .ok_or(Error::NotFound)?;
        if row.expires_at.is_none_or(|until| until <= cx.now()) {
            return Err(Error::Conflict("export_expired"));
        }
        let list = lists::find(&row.list).ok_or(Error::NotFound)?;
        cx.scope().need(list.reads())?;
        for needed in Permissions::from_keys(&row.needs).iter() {
            cx.scope().need(needed)?;
        }
        if !sees(cx.scope().sites(), row.sites.as_deref()) {
            return Err(Error::Forbidden(Refused::Sites));
        }
        let kind = Kind::parse(&row.format).ok_or(Error::NotFound)?;
        let read_at = row.finished_at.unwrap_or_else(|| cx.now());
        let day = read_at.with_timezone(&cx.scope().company().zone).date_naive();
        Ok(Handed { file: row.file.into(), list: row.list, kind, day })
    }
}

/// Whether somebody at these sites may see what was read at those; `None` is everywhere.
pub(super) fn sees(own: Option<&[Uuid]>, read: Option<&[Uuid]>) -> bool {
    own.is_none_or(|own| read.is_some_and(|read| read.iter().all(|site| own.contains(site))))
}
