//! What a migration does to the clocks of running records: service levels that start, stand still, go on or stop; timers and
//! reminders that are set, dropped, or come at another moment. Told before anything moves.

use std::collections::BTreeMap;

use poem_openapi::{Enum, Object};
use serde::{Deserialize, Serialize};
use workflows::{ReminderRule, Sla, Workflow};

use super::records::{Census, Versioned as _};
use crate::kernel::action::Cx;
use crate::kernel::error::Result;
use crate::maintenance::work_order::WorkOrder;
use crate::workflow::{Routed as _, timers};

/// What kind of clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "snake_case")]
#[oai(rename_all = "snake_case", rename = "WorkflowClockKind")]
pub enum ClockKind {
    /// A service level.
    ServiceLevel,
    /// A timer.
    Timer,
    /// A reminder.
    Reminder,
}

/// What becomes of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "snake_case")]
#[oai(rename_all = "snake_case", rename = "WorkflowClockFate")]
pub enum Fate {
    /// It begins; a timer or a reminder on a field does where the field is filled.
    Starts,
    /// It stands still from then on.
    Pauses,
    /// It goes on.
    Resumes,
    /// It ends, or does not come.
    Stops,
    /// It comes by the new file's rule.
    Changes,
}

/// A clock of records that a migration changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(rename = "WorkflowClockChange")]
pub struct ClockChange {
    /// What kind it is.
    pub kind: ClockKind,
    /// Its id in the file.
    pub id: String,
    /// What becomes of it.
    pub fate: Fate,
    /// Of how many records, at most.
    pub records: i64,
}

/// Records of one state under one version on which a clock runs.
#[derive(Debug, Clone)]
pub struct Running {
    /// The version's hash.
    pub definition: String,
    /// The state.
    pub state: String,
    /// `sla`, `timer`, `reminder` or `meter`.
    pub kind: String,
    /// The clock's id in the file.
    pub rule: String,
    /// Whether a service level stands still.
    pub paused: bool,
    /// How many.
    pub records: i64,
}

/// What runs on the records of a workflow.
pub(super) async fn running(cx: &mut Cx<'_>, workflow: &str) -> Result<Vec<Running>> {
    match workflow {
        key if key == WorkOrder::SUBJECT.key => WorkOrder::running(cx).await,
        _ => Ok(Vec::new()),
    }
}

/// What changes for the records of a group that come from one file to `to` of another.
pub(super) fn changes((old, target): (&Workflow, &Workflow), group: &Census, to: &str, running: &[Running]) -> Vec<ClockChange> {
    let here: Vec<&Running> = running.iter().filter(|it| it.definition == group.definition && it.state == group.state).collect();
    let mut changes = service_levels(target, group, to, &here);
    let (before, after) = (Rules::of(old, &group.state), Rules::of(target, to));
    for kind in [ClockKind::Timer, ClockKind::Reminder] {
        changes.extend(rules(kind, (&before, &after), group, &here));
    }
    changes
}

/// As [`Workflow::sla_carried`] and what follows it decide, before any record is looked at.
fn service_levels(target: &Workflow, group: &Census, to: &str, here: &[&Running]) -> Vec<ClockChange> {
    let change = |id: &str, fate, records| ClockChange { kind: ClockKind::ServiceLevel, id: id.to_owned(), fate, records };
    let mut changes = Vec::new();
    let mut open: BTreeMap<&str, i64> = BTreeMap::new();
    for run in here.iter().filter(|run| run.kind == timers::SLA) {
        *open.entry(&run.rule).or_default() += run.records;
        changes.extend(carried(target.sla(&run.rule), to, run.paused).map(|fate| change(&run.rule, fate, run.records)));
    }
    if to != group.state {
        let starting = target.slas().filter(|sla| has(&sla.start, to) && !has(&sla.stop, to) && !has(&sla.pause, to));
        let fresh = starting.map(|sla| (sla, group.records - open.get(sla.id.as_str()).copied().unwrap_or_default()));
        changes.extend(fresh.filter(|(_, records)| *records > 0).map(|(sla, records)| change(&sla.id, Fate::Starts, records)));
    }
    changes
}

fn has(states: &[String], state: &str) -> bool {
    states.iter().any(|id| id == state)
}

/// What becomes of a run; nothing of one that only effects turn.
fn carried(sla: Option<&Sla>, to: &str, paused: bool) -> Option<Fate> {
    let Some(sla) = sla else { return Some(Fate::Stops) };
    if sla.start.is_empty() {
        return None;
    }
    if has(&sla.stop, to) {
        Some(Fate::Stops)
    } else if has(&sla.pause, to) {
        (!paused).then_some(Fate::Pauses)
    } else {
        paused.then_some(Fate::Resumes)
    }
}

/// Timers and reminders of a state: id → by what it comes.
struct Rules {
    timers: BTreeMap<String, String>,
    reminders: BTreeMap<String, String>,
}

impl Rules {
    fn of(workflow: &Workflow, state: &str) -> Self {
        let timers = workflow.timers_in(state).map(|timer| {
            let counted = timer.at.as_ref().map(|field| format!("{field} {} {:?}", timer.after, timer.clock));
            // what counts from the entry goes on as it began
            (timer.id.clone(), counted.unwrap_or_default())
        });
        let reminders = workflow.reminders_in(state).map(|reminder| {
            let dated = match &reminder.rule {
                rule @ ReminderRule::Date { .. } => format!("{rule:?} {}", reminder.at),
                ReminderRule::Meter(_) => String::new(),
            };
            (reminder.id.clone(), dated)
        });
        Self { timers: timers.collect(), reminders: reminders.collect() }
    }

    fn by(&self, kind: ClockKind) -> &BTreeMap<String, String> {
        if kind == ClockKind::Timer { &self.timers } else { &self.reminders }
    }
}

fn rules(kind: ClockKind, (before, after): (&Rules, &Rules), group: &Census, here: &[&Running]) -> Vec<ClockChange> {
    let (before, after) = (before.by(kind), after.by(kind));
    let change = |id: &str, fate, records| ClockChange { kind, id: id.to_owned(), fate, records };
    let of_kind =
        |row: &Running| matches!((kind, row.kind.as_str()), (ClockKind::Timer, "timer") | (ClockKind::Reminder, "reminder" | "meter"));
    let mut changes = Vec::new();
    for row in here.iter().filter(|row| of_kind(row)) {
        match after.get(&row.rule) {
            None => changes.push(change(&row.rule, Fate::Stops, row.records)),
            Some(rule) if before.get(&row.rule) != Some(rule) => changes.push(change(&row.rule, Fate::Changes, row.records)),
            Some(_) => {}
        }
    }
    let fresh = after.keys().filter(|id| !before.contains_key(*id));
    changes.extend(fresh.map(|id| change(id, Fate::Starts, group.records)));
    changes
}
