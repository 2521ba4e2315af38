//! Service levels as people see them: how each stands on a record, and what was counted, stretch by stretch (158).

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde::Serialize;
use workflows::sla::{Cause, Run};

use super::sla::phase;
use super::subject::{Access, Routed};
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Id;
use crate::kernel::permission::Permission;
use crate::kernel::tenant;

/// A run of a service level on a record.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(rename = "ServiceLevelRun")]
pub struct RunView {
    /// The service level.
    pub sla: String,
    /// Which run of it on this record, from 1.
    pub number: u32,
    /// `running`, `paused` or `stopped`.
    pub phase: String,
    /// `ok`, `warning` or `critical`; of a run that is over, how it ended.
    pub health: String,
    /// `business` or `wall`: which time counts.
    pub clock: String,
    /// Seconds allowed.
    pub target: i64,
    /// Seconds counted.
    pub elapsed: i64,
    /// When the time is or was up; of a paused run, if it went on now.
    pub due_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub stopped_at: Option<DateTime<Utc>>,
    /// What was counted and what was not, in order.
    pub segments: Vec<SegmentView>,
}

/// A stretch of a run.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(rename = "ServiceLevelSegment")]
pub struct SegmentView {
    /// When it began.
    pub from: DateTime<Utc>,
    /// When it ended; absent while it lasts.
    pub to: Option<DateTime<Utc>>,
    /// Whether time counted.
    pub running: bool,
    /// Seconds counted.
    pub counted: i64,
    /// What began it: `state`, `effect` or `migration`.
    pub cause: String,
    /// The state, the effect's owner, or the version.
    pub of: String,
}

impl RunView {
    fn of(run: &Run, now: DateTime<Utc>) -> Self {
        let status = run.status(now);
        let mut counted = 0;
        let mut segments: Vec<SegmentView> = run.segments().iter().map(SegmentView::of).collect();
        for segment in &segments {
            counted += segment.counted;
        }
        // what the last stretch has counted so far
        if let Some(last) = segments.last_mut().filter(|last| last.to.is_none() && last.running) {
            last.counted = status.elapsed - counted;
        }
        Self {
            sla: run.terms.sla.clone(),
            number: run.number,
            phase: phase(status.phase).to_owned(),
            health: status.health.as_str().to_owned(),
            clock: run.terms.clock.as_str().to_owned(),
            // begun on a week without hours, which is no longer taken: it never comes to its end
            target: run.terms.target_seconds().unwrap_or_default(),
            elapsed: status.elapsed,
            due_at: status.due_at,
            stopped_at: run.stopped().map(|(at, _)| at),
            segments,
        }
    }
}

impl SegmentView {
    fn of(segment: &workflows::sla::Segment) -> Self {
        let (cause, of) = match &segment.cause {
            Cause::State(state) => ("state", state.clone()),
            Cause::Effect(owner) => ("effect", owner.clone()),
            Cause::Migration(version) => ("migration", version.to_string()),
        };
        let (from, to, running, counted) = (segment.from, segment.to, segment.running, segment.counted);
        Self { from, to, running, counted, cause: cause.to_owned(), of }
    }
}

/// The service levels of a record, each run, the newest first.
#[derive(Debug)]
pub struct ServiceLevels<S>(
    /// The record.
    pub Id<S>,
);

impl<S> Clone for ServiceLevels<S> {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

impl<S: Routed> Action for ServiceLevels<S> {
    const NEEDS: Permission = S::READ;
    const ACCESS: tenant::Access = tenant::Access::Read;
    type Out = Vec<RunView>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Vec<RunView>> {
        // the record's own policies decide whether its clocks may be seen
        S::load(cx, self.0, Access::Read).await?.ok_or(Error::NotFound)?;
        let now = cx.now();
        let runs = sqlx::query_scalar!(
            "SELECT run FROM sla_runs WHERE tenant_id = $1 AND record_id = $2 ORDER BY started_at DESC, sla LIMIT 100",
            cx.tenant().uuid(),
            self.0.uuid(),
        )
        .fetch_all(cx.conn())
        .await?;
        runs.into_iter().map(|run| Ok(RunView::of(&serde_json::from_value(run)?, now))).collect()
    }
}
