//! Service levels on records (158): runs started, paused, resumed and stopped by steps, in the step's own transaction. A run keeps
//! the definition and the calendar it began with; what is stored is the run itself, its stretches being the evidence.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;
use workflows::sla::{Cause, Event, Health, Phase, Run, Terms, Thresholds};
use workflows::{Record, SlaChange, SlaChangeKind, Workflow};

use super::calendar;
use super::timers::{self, NewTimer};
use crate::kernel::action::Cx;
use crate::kernel::error::Result;

/// The latest run of each service level of a record.
#[derive(Debug, Default)]
pub(super) struct Runs(Vec<Kept>);

#[derive(Debug)]
struct Kept {
    id: Uuid,
    run: Run,
    changed: bool,
}

/// What a record's service levels are changed in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turning<'a> {
    pub workflow: &'a Workflow,
    /// The record as it will stand.
    pub doc: &'a Record,
    pub cause: &'a Cause,
}

impl Runs {
    /// Those of a record, which is locked.
    pub(super) async fn load(cx: &mut Cx<'_>, record: Uuid) -> Result<Self> {
        let rows = sqlx::query!(
            "SELECT DISTINCT ON (sla) id, run FROM sla_runs WHERE tenant_id = $1 AND record_id = $2 ORDER BY sla, number DESC",
            cx.tenant().uuid(),
            record,
        )
        .fetch_all(cx.conn())
        .await?;
        let kept = rows.into_iter().map(|row| Ok(Kept { id: row.id, run: serde_json::from_value(row.run)?, changed: false }));
        kept.collect::<Result<_>>().map(Self)
    }

    /// Starts, pauses, resumes and stops.
    pub(super) async fn turn(&mut self, cx: &mut Cx<'_>, on: Turning<'_>, changes: &[SlaChange]) -> Result<()> {
        let mut figures = None;
        for change in changes {
            let open = self.0.iter_mut().find(|kept| kept.run.terms.sla == change.sla && kept.run.phase() != Phase::Stopped);
            match (change.kind, open) {
                (SlaChangeKind::Start { target }, None) => {
                    if figures.is_none() {
                        figures = Some(Figures::load(cx, on.workflow).await?);
                    }
                    let terms = figures.as_ref().and_then(|figures| figures.terms(on, &change.sla, target));
                    self.start(terms, cx.now(), on.cause);
                }
                (SlaChangeKind::Start { .. } | SlaChangeKind::Resume, Some(kept)) => {
                    kept.changed |= kept.run.resume(cx.now(), on.cause.clone());
                }
                (SlaChangeKind::Pause, Some(kept)) => kept.changed |= kept.run.pause(cx.now(), on.cause.clone()),
                (SlaChangeKind::Stop, Some(kept)) => kept.changed |= kept.run.stop(cx.now(), on.cause.clone()),
                (_, None) => {}
            }
        }
        Ok(())
    }

    /// Stops those of service levels the file does not have: no step of it ever would.
    pub(super) fn stop_unknown(&mut self, workflow: &Workflow, now: DateTime<Utc>, cause: &Cause) {
        for kept in self.0.iter_mut().filter(|kept| workflow.sla(&kept.run.terms.sla).is_none()) {
            kept.changed |= kept.run.phase() != Phase::Stopped && kept.run.stop(now, cause.clone());
        }
    }

    /// What was issued stays issued: a run that follows another is a new one.
    fn start(&mut self, terms: Option<Terms>, now: DateTime<Utc>, cause: &Cause) {
        let Some(terms) = terms else { return };
        let before = self.0.iter().position(|kept| kept.run.terms.sla == terms.sla);
        let number = before.map_or(1, |at| self.0[at].run.number + 1);
        let fresh = Kept { id: Uuid::now_v7(), run: Run::start(number, terms, now, cause.clone()), changed: true };
        match before {
            Some(at) => self.0[at] = fresh,
            None => self.0.push(fresh),
        }
    }

    /// How the record stands: as its worst run does. A run that is over counts as it ended.
    pub(super) fn health(&self, now: DateTime<Utc>) -> Option<Health> {
        self.0.iter().map(|kept| kept.run.status(now).health).max()
    }

    /// Writes what was changed; answers when each of these runs is to be looked at next.
    pub(super) async fn save(&self, cx: &mut Cx<'_>, subject: &str, record: Uuid, entry_seq: i32) -> Result<Vec<NewTimer>> {
        let changed: Vec<&Kept> = self.0.iter().filter(|kept| kept.changed).collect();
        if changed.is_empty() {
            return Ok(Vec::new());
        }
        let now = cx.now();
        let mut rows = Columns::default();
        for Kept { id, run, .. } in &changed {
            let status = run.status(now);
            rows.ids.push(*id);
            rows.slas.push(&run.terms.sla);
            rows.numbers.push(i32::try_from(run.number).unwrap_or(i32::MAX));
            rows.runs.push(serde_json::to_value(run)?);
            rows.phases.push(phase(status.phase));
            rows.healths.push(status.health.as_str());
            rows.started.push(run.segments().first().map_or(now, |first| first.from));
            rows.due.push(status.due_at);
            rows.stopped.push(run.stopped().map(|(at, _)| at));
        }
        sqlx::query!(
            "INSERT INTO sla_runs (tenant_id, id, subject, record_id, sla, number, run, phase, health, started_at, due_at, stopped_at)
             SELECT $1, n.id, $2, $3, n.sla, n.number, n.run, n.phase, n.health, n.started_at, n.due_at, n.stopped_at
             FROM unnest($4::uuid[], $5::text[], $6::integer[], $7::jsonb[], $8::text[], $9::text[], $10::timestamptz[],
               $11::timestamptz[], $12::timestamptz[]) AS n (id, sla, number, run, phase, health, started_at, due_at, stopped_at)
             ON CONFLICT (tenant_id, id) DO UPDATE
               SET run = excluded.run, phase = excluded.phase, health = excluded.health, due_at = excluded.due_at, stopped_at = excluded.stopped_at",
            cx.tenant().uuid(),
            subject,
            record,
            &rows.ids,
            &rows.slas as &[&str],
            &rows.numbers,
            &rows.runs,
            &rows.phases as &[&str],
            &rows.healths as &[&str],
            &rows.started,
            &rows.due as &[Option<DateTime<Utc>>],
            &rows.stopped as &[Option<DateTime<Utc>>],
        )
        .execute(cx.conn())
        .await?;
        Ok(changed.into_iter().map(|kept| timer(&kept.run, now, entry_seq)).collect())
    }
}

/// An event of a run that is to be carried out.
#[derive(Debug)]
pub(super) struct Owed {
    /// The run's row.
    pub run: Uuid,
    pub sla: String,
    /// The hash of the file the run began under.
    pub definition: String,
}

/// Takes the first event which the run of a timer's key owes by now, and notes it as delivered.
pub(super) async fn owed(cx: &mut Cx<'_>, record: Uuid, key: &str) -> Result<Option<(Owed, Event)>> {
    let Some(mut kept) = keyed(cx, record, key).await? else { return Ok(None) };
    let now = cx.now();
    let Some((event, _)) = kept.run.owed(now).into_iter().next() else { return Ok(None) };
    if !kept.run.deliver(event, now) {
        return Ok(None);
    }
    let owed = Owed { run: kept.id, sla: kept.run.terms.sla.clone(), definition: kept.run.terms.definition.clone() };
    let status = kept.run.status(now);
    sqlx::query!(
        "UPDATE sla_runs SET run = $3, health = $4 WHERE tenant_id = $1 AND id = $2",
        cx.tenant().uuid(),
        kept.id,
        serde_json::to_value(&kept.run)?,
        status.health.as_str(),
    )
    .execute(cx.conn())
    .await?;
    Ok(Some((owed, event)))
}

/// The row of a timer's key, set to the run's next moment. What is shown of the run is brought up to now.
pub(super) async fn look_again(cx: &mut Cx<'_>, record: Uuid, key: &str, entry_seq: i32) -> Result<Vec<NewTimer>> {
    let Some(kept) = keyed(cx, record, key).await? else { return Ok(Vec::new()) };
    let now = cx.now();
    sqlx::query!(
        "UPDATE sla_runs SET health = $3 WHERE tenant_id = $1 AND id = $2 AND health <> $3",
        cx.tenant().uuid(),
        kept.id,
        kept.run.status(now).health.as_str(),
    )
    .execute(cx.conn())
    .await?;
    Ok(vec![timer(&kept.run, now, entry_seq)])
}

async fn keyed(cx: &mut Cx<'_>, record: Uuid, key: &str) -> Result<Option<Kept>> {
    let row = sqlx::query!(
        "SELECT id, run FROM sla_runs WHERE tenant_id = $1 AND record_id = $2 AND 'sla:' || sla || ':' || number = $3",
        cx.tenant().uuid(),
        record,
        key,
    )
    .fetch_optional(cx.conn())
    .await?;
    row.map(|row| Ok(Kept { id: row.id, run: serde_json::from_value(row.run)?, changed: false })).transpose()
}

#[derive(Default)]
struct Columns<'a> {
    ids: Vec<Uuid>,
    slas: Vec<&'a str>,
    numbers: Vec<i32>,
    runs: Vec<serde_json::Value>,
    phases: Vec<&'static str>,
    healths: Vec<&'static str>,
    started: Vec<DateTime<Utc>>,
    due: Vec<Option<DateTime<Utc>>>,
    stopped: Vec<Option<DateTime<Utc>>>,
}

pub(super) fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Running => "running",
        Phase::Paused => "paused",
        Phase::Stopped => "stopped",
    }
}

/// The row that minds a run: due at its next event, or sooner, when its colour changes.
fn timer(run: &Run, now: DateTime<Utc>, entry_seq: i32) -> NewTimer {
    let status = run.status(now);
    let running = status.phase == Phase::Running;
    let colours = [status.warn_at.filter(|_| status.health == Health::Ok), status.due_at.filter(|_| status.health != Health::Critical)];
    let colours = colours.into_iter().flatten().filter(|_| running);
    let due_at = run.next_due().map(|(_, at)| at).into_iter().chain(colours).min();
    let (sla, number) = (&run.terms.sla, run.number);
    NewTimer { due_at, ..NewTimer::new(timers::SLA, sla, format!("sla:{sla}:{number}"), entry_seq) }
}

/// The company's own hours and figures, as a run starts under them.
struct Figures {
    calendar: workflows::calendar::Calendar,
    thresholds: BTreeMap<String, Thresholds>,
}

impl Figures {
    async fn load(cx: &mut Cx<'_>, workflow: &Workflow) -> Result<Self> {
        let row = sqlx::query!(
            "SELECT (SELECT calendar FROM calendars WHERE tenant_id = $1 AND key = $2) AS calendar,
               (SELECT jsonb_object_agg(sla, thresholds) FROM sla_thresholds WHERE tenant_id = $1 AND workflow = $3) AS thresholds",
            cx.tenant().uuid(),
            calendar::named(workflow),
            workflow.key(),
        )
        .fetch_one(cx.conn())
        .await?;
        let calendar = calendar::read(cx, row.calendar)?;
        let thresholds = row.thresholds.map_or_else(|| Ok(BTreeMap::new()), serde_json::from_value)?;
        Ok(Self { calendar, thresholds })
    }

    fn terms(&self, on: Turning<'_>, id: &str, target: workflows::duration::Span) -> Option<Terms> {
        let (sla, terms) = (on.workflow.sla(id)?, on.workflow.sla_terms(id, target, &self.calendar)?);
        Some(match self.thresholds.get(id) {
            Some(own) => terms.under(own, sla, on.doc),
            None => terms,
        })
    }
}
