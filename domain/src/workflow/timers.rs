//! What is to happen to a record at a moment: one table for timers, reminders, service levels and escalations. A row's key names
//! one happening, so that none comes twice; whoever writes rows holds the record.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use uuid::Uuid;
use workflows::calendar::Calendar;
use workflows::sla::Clock;
use workflows::{Record, ReminderRule, Workflow};

use super::calendar;
use crate::kernel::action::Cx;
use crate::kernel::error::Result;

pub(super) const TIMER: &str = "timer";
pub(super) const REMINDER: &str = "reminder";
pub(super) const METER: &str = "meter";
pub(super) const SLA: &str = "sla";
pub(super) const ESCALATION: &str = "escalation";
/// Of a company's rule, not of a file: `notify::reminder` writes and carries out these.
pub(super) const RULE: &str = "rule";

/// A row to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NewTimer {
    pub kind: &'static str,
    /// The id of the rule in its file.
    pub rule: String,
    pub key: String,
    pub entry_seq: i32,
    /// `None`: nothing comes while the record stays as it is.
    pub due_at: Option<DateTime<Utc>>,
    /// Whether a row of this key that still waits comes at this moment from now on: what counts from a field has one row a value,
    /// and calendar and file may have changed since. What counts from the state's entry keeps the moment it began with.
    pub follows: bool,
}

impl NewTimer {
    pub(super) fn new(kind: &'static str, rule: &str, key: String, entry_seq: i32) -> Self {
        Self { kind, rule: rule.to_owned(), key, entry_seq, due_at: None, follows: false }
    }
}

/// A record in its state.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing<'a> {
    pub subject: &'static str,
    pub record: Uuid,
    /// The record as it stands, `state` included.
    pub doc: &'a Record,
    pub entry_seq: i32,
}

/// Why the rows of a record are looked at anew.
#[derive(Debug, Clone, Copy)]
pub(super) struct Since<'a> {
    /// It entered its state.
    pub entered: Option<Entry<'a>>,
    /// These fields were written.
    pub changed: &'a [&'a str],
}

/// How a record came into its state.
#[derive(Debug, Clone, Copy)]
pub(super) enum Entry<'a> {
    /// It is new.
    New,
    /// From this state.
    From(&'a str),
    /// It follows another file from now on.
    Migrated,
}

/// Whether the rows of timers and reminders change at all: most steps change none, and then cost nothing.
fn concerns(workflow: &Workflow, state: &str, since: Since<'_>) -> bool {
    let timed = |state: &str| workflow.timers_in(state).next().is_some();
    let reminders = |state: &str| workflow.reminders_in(state).map(|reminder| reminder.id.clone()).collect::<Vec<_>>();
    let is_meter = |reminder: &workflows::Reminder| matches!(reminder.rule, ReminderRule::Meter(_));
    let entered = match since.entered {
        None => false,
        Some(Entry::New) => timed(state) || !reminders(state).is_empty(),
        // the rows of a reminder outlive a step from one of its states to another; a meter is looked at
        Some(Entry::From(from)) => {
            timed(state) || timed(from) || reminders(state) != reminders(from) || workflow.reminders_in(state).any(is_meter)
        }
        Some(Entry::Migrated) => true,
    };
    let reads = |path: &str| since.changed.iter().any(|field| path == *field || path.split('.').next() == Some(field));
    entered
        || workflow.timers_in(state).filter_map(|timer| timer.at.as_deref()).any(reads)
        || !since.changed.is_empty()
            && workflow.reminders_in(state).any(|reminder| match &reminder.rule {
                ReminderRule::Date { field, .. } => reads(field),
                ReminderRule::Meter(_) => true,
            })
}

/// Puts the timers and reminders of a record in order after a step or an edit, and adds `more` rows in the same statement.
pub(super) async fn arrange(
    cx: &mut Cx<'_>,
    workflow: &Workflow,
    standing: Standing<'_>,
    since: Since<'_>,
    mut more: Vec<NewTimer>,
) -> Result<()> {
    let anew = concerns(workflow, standing.doc.state(), since);
    if anew {
        let from = if let Some(Entry::From(from)) = since.entered { Some(from) } else { None };
        more.extend(wanted(cx, workflow, standing, from).await?);
    }
    // a new record has nothing to drop
    let drops = anew && !matches!(since.entered, Some(Entry::New));
    put(cx, standing.subject, standing.record, drops, &more).await
}

async fn wanted(cx: &mut Cx<'_>, workflow: &Workflow, standing: Standing<'_>, from: Option<&str>) -> Result<Vec<NewTimer>> {
    let state = standing.doc.state();
    let zone = cx.scope().company().zone;
    let calendar = if workflow.timers_in(state).any(|timer| timer.clock == Clock::Business) {
        calendar::load(cx, calendar::named(workflow)).await?
    } else {
        Calendar::always(zone)
    };
    let mut rows = dated(workflow, standing, cx.now(), zone, &calendar);
    let metered: BTreeSet<&str> = [Some(state), from]
        .into_iter()
        .flatten()
        .flat_map(|state| workflow.reminders_in(state))
        .filter(|reminder| matches!(reminder.rule, ReminderRule::Meter(_)))
        .map(|reminder| reminder.id.as_str())
        .collect();
    rows.extend(
        metered
            .into_iter()
            .map(|id| NewTimer { due_at: Some(cx.now()), ..NewTimer::new(METER, id, format!("meter:{id}"), standing.entry_seq) }),
    );
    Ok(rows)
}

/// The timers and date reminders of a record as it stands. A deadline that has passed comes at once; a message whose moment has
/// passed is not sent late.
pub(super) fn dated(workflow: &Workflow, standing: Standing<'_>, now: DateTime<Utc>, zone: Tz, calendar: &Calendar) -> Vec<NewTimer> {
    let Standing { doc, entry_seq, .. } = standing;
    let mut rows = Vec::new();
    for timer in workflow.timers_in(doc.state()) {
        let Some(due) = timer.due(now, doc, calendar) else { continue };
        // a timer that counts from the entry has one row for it; one that counts from a field has one for each value of it
        let key = match &timer.at {
            None => format!("timer:{}:{entry_seq}", timer.id),
            Some(field) => format!("timer:{}:{entry_seq}:{}", timer.id, doc.at(field)),
        };
        rows.push(NewTimer { due_at: Some(due), follows: timer.at.is_some(), ..NewTimer::new(TIMER, &timer.id, key, entry_seq) });
    }
    for reminder in workflow.reminders_in(doc.state()) {
        let ReminderRule::Date { field, .. } = &reminder.rule else { continue };
        let value = doc.at(field);
        for offset in reminder.offsets(value, zone).into_iter().filter(|offset| offset.at >= now) {
            let key = format!("reminder:{}:{value}:{}", reminder.id, offset.offset);
            rows.push(NewTimer { due_at: Some(offset.at), follows: true, ..NewTimer::new(REMINDER, &reminder.id, key, entry_seq) });
        }
    }
    rows
}

/// Adds rows to a record that stays as it is.
pub(super) async fn add(cx: &mut Cx<'_>, subject: &str, record: Uuid, rows: &[NewTimer]) -> Result<()> {
    put(cx, subject, record, false, rows).await
}

/// Writes rows. With `drops`, waiting timers and reminders which are not among them are dropped, save reminders whose moment has come: the
/// worker is about to see to them, and looks at the record again. What has come already stays as it
/// is, whatever moment its key would come to now; the row of a service level or a meter is set to its next moment.
async fn put(cx: &mut Cx<'_>, subject: &str, record: Uuid, drops: bool, rows: &[NewTimer]) -> Result<()> {
    if rows.is_empty() && !drops {
        return Ok(());
    }
    let now = cx.now();
    let ids: Vec<Uuid> = rows.iter().map(|_| Uuid::now_v7()).collect();
    let kinds: Vec<&str> = rows.iter().map(|row| row.kind).collect();
    let rules: Vec<&str> = rows.iter().map(|row| row.rule.as_str()).collect();
    let keys: Vec<&str> = rows.iter().map(|row| row.key.as_str()).collect();
    let entries: Vec<i32> = rows.iter().map(|row| row.entry_seq).collect();
    let dues: Vec<Option<DateTime<Utc>>> = rows.iter().map(|row| row.due_at).collect();
    let following: Vec<&str> = rows.iter().filter(|row| row.follows).map(|row| row.key.as_str()).collect();
    sqlx::query!(
        "WITH gone AS (DELETE FROM timers WHERE tenant_id = $1 AND record_id = $3 AND $4 AND kind IN ('timer', 'reminder')
           AND wake_at IS NOT NULL AND key <> ALL ($8) AND (kind = 'timer' OR due_at > $11))
         INSERT INTO timers (tenant_id, id, subject, record_id, kind, rule, key, entry_seq, due_at, wake_at)
         SELECT $1, n.id, $2, $3, n.kind, n.rule, n.key, n.entry_seq, n.due_at, n.due_at
         FROM unnest($5::uuid[], $6::text[], $7::text[], $8::text[], $9::integer[], $10::timestamptz[])
           AS n (id, kind, rule, key, entry_seq, due_at)
         ON CONFLICT (tenant_id, record_id, key) DO UPDATE
           SET due_at = excluded.due_at, wake_at = excluded.wake_at, entry_seq = excluded.entry_seq
           WHERE (timers.kind IN ('sla', 'meter') AND timers.wake_at IS DISTINCT FROM excluded.wake_at)
             OR (timers.key = ANY ($12) AND timers.wake_at IS NOT NULL AND timers.due_at IS DISTINCT FROM excluded.due_at)",
        cx.tenant().uuid(),
        subject,
        record,
        drops,
        &ids,
        &kinds as &[&str],
        &rules as &[&str],
        &keys as &[&str],
        &entries,
        &dues as &[Option<DateTime<Utc>>],
        now,
        &following as &[&str],
    )
    .execute(cx.conn())
    .await?;
    Ok(())
}
