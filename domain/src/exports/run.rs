//! A run of an export, step by step. The worker reads and writes between the steps, outside any transaction. A run has a number
//! of its own: one whose worker was thought dead finds that another has taken over, and records nothing.

use uuid::Uuid;

use super::announce::announce;
use super::model::{KEPT, Kind};
use crate::identity::Member;
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::Result;
use crate::kernel::files::FileKey;
use crate::kernel::id::Id;
use crate::kernel::permission::Permission;
use crate::kernel::scope::Scope;

/// What a run is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The export.
    pub export: Uuid,
    /// This run.
    pub run: Uuid,
    /// As whom it reads.
    pub member: Id<Member>,
    /// The list.
    pub list: String,
    /// Filters and order.
    pub query: String,
    /// The columns; all the member may see where none is named.
    pub columns: Vec<String>,
    /// The kind of file.
    pub kind: Kind,
    /// The language of its words.
    pub locale: String,
    /// Where the file is put: every run of an export puts it at the same place.
    pub file: FileKey,
}

/// Begins a run; nothing where the export is over or was cancelled meanwhile.
#[derive(Debug, Clone)]
pub struct Begin(
    /// The export.
    pub Uuid,
);

impl Action for Begin {
    const NEEDS: Permission = Permission::Member;
    type Out = Option<Order>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Option<Order>> {
        let (run, now) = (Uuid::now_v7(), cx.now());
        let row = sqlx::query!(
            "UPDATE exports SET state = CASE WHEN cancelling THEN 'cancelled' ELSE 'running' END, cancelling = false, run = $3,
               finished_at = CASE WHEN cancelling THEN $4::timestamptz END, rows_done = 0, rows_total = NULL
             WHERE tenant_id = $1 AND id = $2 AND state IN ('queued', 'running')
             RETURNING state, member_id, list, query, columns, format, locale, file",
            cx.tenant().uuid(),
            self.0,
            run,
            now,
        )
        .fetch_optional(cx.conn())
        .await?;
        Ok(row.filter(|row| row.state == "running").and_then(|row| {
            Some(Order {
                export: self.0,
                run,
                member: row.member_id.into(),
                list: row.list,
                query: row.query,
                columns: row.columns,
                kind: Kind::parse(&row.format)?,
                locale: row.locale,
                file: row.file.into(),
            })
        }))
    }
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It goes on.
    Going,
    /// Its member wants no more of it, or has taken it away.
    Stopped,
    /// Another run has taken over, or ended it.
    Superseded,
}

/// Writes down how far a run is; answers whether it is to go on.
#[derive(Debug, Clone)]
pub struct Progress {
    /// The export.
    pub export: Uuid,
    /// The run.
    pub run: Uuid,
    /// Rows written.
    pub done: u32,
    /// Rows there are, once counted.
    pub total: Option<u32>,
}

impl Action for Progress {
    const NEEDS: Permission = Permission::Member;
    type Out = Standing;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Standing> {
        let cancelling = sqlx::query_scalar!(
            "UPDATE exports SET rows_done = $4, rows_total = coalesce($5, rows_total)
             WHERE tenant_id = $1 AND id = $2 AND run = $3 AND state = 'running' RETURNING cancelling",
            cx.tenant().uuid(),
            self.export,
            self.run,
            count(self.done),
            self.total.map(count),
        )
        .fetch_optional(cx.conn())
        .await?;
        match cancelling {
            Some(false) => Ok(Standing::Going),
            Some(true) => Ok(Standing::Stopped),
            None => absent(cx, self.export).await,
        }
    }
}

fn count(rows: u32) -> i32 {
    i32::try_from(rows).unwrap_or(i32::MAX)
}

/// Why a run has no row any more.
async fn absent(cx: &mut Cx<'_>, export: Uuid) -> Result<Standing> {
    let there = sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM exports WHERE tenant_id = $1 AND id = $2) AS "there!""#,
        cx.tenant().uuid(),
        export
    )
    .fetch_one(cx.conn())
    .await?;
    Ok(if there { Standing::Superseded } else { Standing::Stopped })
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// The file is there.
    Done {
        /// Its size.
        bytes: u64,
        /// Its rows.
        rows: u32,
        /// Whether rows were left out.
        truncated: bool,
        /// The rights of what is in it.
        needs: Vec<Permission>,
        /// The sites its rows are of; all where there are none.
        sites: Option<Vec<Uuid>>,
    },
    /// There is none, for the reason of this code.
    Failed(&'static str),
    /// Its member stopped it.
    Cancelled,
}

impl Ended {
    /// A file whose rows a scope has read.
    pub fn done(reader: &Scope, bytes: u64, rows: u32, truncated: bool, needs: Vec<Permission>) -> Self {
        Self::Done { bytes, rows, truncated, needs, sites: reader.sites().map(<[Uuid]>::to_vec) }
    }
}

/// Writes down how a run ended and tells those concerned. Unless it answers [`Standing::Going`] nothing was written; a
/// file that was [`Standing::Stopped`] is nobody's and is to be removed.
#[derive(Debug, Clone)]
pub struct End {
    /// The export.
    pub export: Uuid,
    /// The run.
    pub run: Uuid,
    /// How.
    pub how: Ended,
}

impl Action for End {
    const NEEDS: Permission = Permission::Member;
    type Out = Standing;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Standing> {
        let standing = self.record(cx).await?;
        if standing == Standing::Going && self.how != Ended::Cancelled {
            announce(cx, self.export).await?;
        }
        Ok(standing)
    }
}

impl End {
    async fn record(&self, cx: &mut Cx<'_>) -> Result<Standing> {
        let now = cx.now();
        let ended = match &self.how {
            Ended::Done { bytes, rows, truncated, needs, sites } => {
                let needs: Vec<String> = needs.iter().map(|needed| needed.key().to_owned()).collect();
                sqlx::query!(
                    "UPDATE exports SET state = 'done', bytes = $4, rows_done = $5, truncated = $6, needs = $7, sites = $8, finished_at = $9,
                       expires_at = $10
                     WHERE tenant_id = $1 AND id = $2 AND run = $3 AND state = 'running' AND NOT cancelling",
                    cx.tenant().uuid(),
                    self.export,
                    self.run,
                    i64::try_from(*bytes).unwrap_or(i64::MAX),
                    count(*rows),
                    truncated,
                    &needs,
                    sites.as_deref(),
                    now,
                    now + KEPT,
                )
                .execute(cx.conn())
                .await?
            }
            Ended::Failed(_) | Ended::Cancelled => {
                let reason = if let Ended::Failed(code) = self.how { Some(code) } else { None };
                sqlx::query!(
                    "UPDATE exports SET state = CASE WHEN $4::text IS NULL THEN 'cancelled' ELSE 'failed' END, reason = $4, cancelling = false,
                       finished_at = $5
                     WHERE tenant_id = $1 AND id = $2 AND run = $3 AND state = 'running'",
                    cx.tenant().uuid(),
                    self.export,
                    self.run,
                    reason,
                    now,
                )
                .execute(cx.conn())
                .await?
            }
        };
        if ended.rows_affected() == 1 {
            return Ok(Standing::Going);
        }
        let cancelled = sqlx::query!(
            "UPDATE exports SET state = 'cancelled', cancelling = false, finished_at = $4
             WHERE tenant_id = $1 AND id = $2 AND run = $3 AND state = 'running'",
            cx.tenant().uuid(),
            self.export,
            self.run,
            now,
        )
        .execute(cx.conn())
        .await?;
        if cancelled.rows_affected() == 1 { Ok(Standing::Stopped) } else { absent(cx, self.export).await }
    }
}

/// The file of an export that has had its time, to be removed before [`Expired`].
#[derive(Debug, Clone)]
pub struct Expire(
    /// Which.
    pub Uuid,
);

impl Action for Expire {
    const NEEDS: Permission = Permission::Member;
    const ACCESS: crate::kernel::tenant::Access = crate::kernel::tenant::Access::Read;
    type Out = Option<FileKey>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Option<FileKey>> {
        let now = cx.now();
        let file = sqlx::query_scalar!(
            "SELECT file FROM exports WHERE tenant_id = $1 AND id = $2 AND state = 'done' AND expires_at <= $3",
            cx.tenant().uuid(),
            self.0,
            now,
        )
        .fetch_optional(cx.conn())
        .await?;
        Ok(file.map(FileKey::from))
    }
}

/// Writes down that the file is gone.
#[derive(Debug, Clone)]
pub struct Expired(
    /// Which.
    pub Uuid,
);

impl Action for Expired {
    const NEEDS: Permission = Permission::Member;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        sqlx::query!(
            "UPDATE exports SET state = 'expired' WHERE tenant_id = $1 AND id = $2 AND state = 'done'",
            cx.tenant().uuid(),
            self.0
        )
        .execute(cx.conn())
        .await?;
        Ok(())
    }
}
