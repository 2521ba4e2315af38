//! What comes when its moment has come. The stager queues a job for each row of `timers` that is due; the job ends here. Whatever
//! it does happens in the transaction that marks the row as done, under the record's lock: a worker that dies leaves everything
//! or nothing, and two of them do it once.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use workflows::calendar::local;
use workflows::sla::Cause;
use workflows::{Facts, Fires, Input, Outcome, Workflow};

use super::approval;
use super::begin::{About, by};
use super::effects::subject;
use super::outcome::{Happening, happen};
use super::step::{Press, pressed};
use super::subject::{Access, Routed, Routing, actor_facts};
use super::{level, timers};
use crate::exports::schedule;
use crate::kernel::action::{Action, Cx};
use crate::kernel::app::App;
use crate::kernel::error::{Error, File, Result};
use crate::kernel::event::Event;
use crate::kernel::id::Id;
use crate::kernel::jobs::{Job, Lane};
use crate::kernel::permission::Permission;
use crate::kernel::scope::Scope;
use crate::notify::reminder;

/// A timer is due. The stager (`app.stage_timers`) queues it under the timer's id and its moment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TimerDue {
    /// The row.
    pub timer: Uuid,
}

impl Job for TimerDue {
    const KIND: &'static str = "workflow.timer";
    const QUEUE: Lane = Lane::Interactive;
    const MAX_ATTEMPTS: u16 = 20;
}

impl App {
    /// Carries out a timer as the company's system actor, `scope`. What the file or the record forbids by then is noted on the row
    /// and not tried again; a fault is for the caller to try again.
    pub async fn timer_due(&self, scope: &Scope, timer: Uuid) -> Result<()> {
        match self.run(scope, Due { timer, refused: None }).await {
            Err(error) if is_final(&error) => self.run(scope, Due { timer, refused: Some(error.code().to_owned()) }).await,
            done => done,
        }
    }
}

fn is_final(error: &Error) -> bool {
    !matches!(error, Error::Internal(_) | Error::Unavailable(_) | Error::Limited { .. })
}

/// What a row says once its record is locked.
struct Row {
    id: Uuid,
    kind: String,
    rule: String,
    key: String,
    entry_seq: i32,
    due_at: DateTime<Utc>,
    held: bool,
}

/// Carries out one row, or only notes why it was refused.
#[derive(Debug, Clone)]
struct Due {
    timer: Uuid,
    refused: Option<String>,
}

impl Action for Due {
    const NEEDS: Permission = Permission::Member;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        let found =
            sqlx::query!("SELECT subject, record_id, kind FROM timers WHERE tenant_id = $1 AND id = $2", cx.tenant().uuid(), self.timer)
                .fetch_optional(cx.conn())
                .await?;
        let Some(found) = found else { return Ok(()) };
        if found.kind == timers::RULE {
            return reminder::come(cx, self.timer, self.refused.as_deref()).await;
        }
        if found.kind == schedule::TIMER {
            return schedule::come(cx, self.timer, found.record_id, self.refused.as_deref()).await;
        }
        subject!(found.subject.as_str(), S => self.of::<S>(cx, found.record_id.into()).await)
    }
}

impl Due {
    async fn of<S: Routed>(&self, cx: &mut Cx<'_>, id: Id<S>) -> Result<()> {
        let before = S::load(cx, id, Access::Lock).await?;
        // only now, under the record's lock, does the row say what it will say when this commits
        let Some(row) = self.row(cx).await? else { return Ok(()) };
        let Some(before) = before else { return done(cx, row.id, Some("record_gone")).await };
        if row.due_at > cx.now() {
            return later(cx, &row, Some(row.due_at)).await;
        }
        let app = cx.app();
        let workflow = app.definitions().of(cx.conn(), &before.definition).await?;
        let coming = Coming { id, before, workflow: &workflow, row: &row };
        match (row.kind.as_str(), &self.refused) {
            (timers::SLA, refused) => {
                note(cx, row.id, refused.as_deref()).await?;
                level::come(cx, id, coming.before, &row.key, refused.is_none()).await
            }
            (timers::METER, refused) => {
                note(cx, row.id, refused.as_deref()).await?;
                coming.meter(cx, refused.is_none()).await
            }
            (_, Some(code)) => done(cx, row.id, Some(code)).await,
            (kind, None) => {
                done(cx, row.id, None).await?;
                match kind {
                    timers::TIMER => coming.timer(cx).await,
                    timers::REMINDER => coming.reminder(cx).await,
                    _ => coming.escalation(cx).await,
                }
            }
        }
    }

    async fn row(&self, cx: &mut Cx<'_>) -> Result<Option<Row>> {
        Ok(sqlx::query_as!(
            Row,
            r#"SELECT id, kind, rule, key, entry_seq, due_at AS "due_at!", held FROM timers
               WHERE tenant_id = $1 AND id = $2 AND wake_at IS NOT NULL AND due_at IS NOT NULL FOR UPDATE"#,
            cx.tenant().uuid(),
            self.timer,
        )
        .fetch_optional(cx.conn())
        .await?)
    }
}

/// The row has had its moment.
async fn done(cx: &mut Cx<'_>, timer: Uuid, refused: Option<&str>) -> Result<()> {
    let now = cx.now();
    sqlx::query!(
        "UPDATE timers SET wake_at = NULL, fired_at = $3, refused = $4 WHERE tenant_id = $1 AND id = $2",
        cx.tenant().uuid(),
        timer,
        now,
        refused,
    )
    .execute(cx.conn())
    .await?;
    Ok(())
}

/// Why the effects of a row that is looked at again and again were left out the last time; nothing where they were not.
async fn note(cx: &mut Cx<'_>, timer: Uuid, refused: Option<&str>) -> Result<()> {
    sqlx::query!(
        "UPDATE timers SET refused = $3 WHERE tenant_id = $1 AND id = $2 AND refused IS DISTINCT FROM $3",
        cx.tenant().uuid(),
        timer,
        refused,
    )
    .execute(cx.conn())
    .await?;
    Ok(())
}

/// The row is to be looked at again, or not while the record stays as it is.
async fn later(cx: &mut Cx<'_>, row: &Row, due_at: Option<DateTime<Utc>>) -> Result<()> {
    sqlx::query!(
        "UPDATE timers SET due_at = $3, wake_at = $3, held = $4 WHERE tenant_id = $1 AND id = $2",
        cx.tenant().uuid(),
        row.id,
        due_at,
        row.held,
    )
    .execute(cx.conn())
    .await?;
    Ok(())
}

/// A row whose moment has come, and its record, locked.
struct Coming<'a, S: Routed> {
    id: Id<S>,
    before: Routing<S>,
    workflow: &'a Arc<Workflow>,
    row: &'a Row,
}

impl<S: Routed> Coming<'_, S> {
    /// A timer of a state the record has left, or left and come back to, does nothing.
    async fn timer(self, cx: &mut Cx<'_>) -> Result<()> {
        if self.row.entry_seq != self.before.entry_seq {
            return Ok(());
        }
        let fires = self.ask(cx, |facts| self.workflow.timer_fires(facts, &self.row.rule))?;
        match fires {
            Fires::Nothing => Ok(()),
            Fires::Transition(transition) => {
                let press = Press { id: self.id, transition: &transition, input: &Input::default(), version: None, depth: 0 };
                pressed(cx, &press, &self.before, self.workflow).await.map(drop)
            }
            Fires::Effects(outcome) => self.happen(cx, *outcome).await,
        }
    }

    /// A reminder of a day that is no longer the record's does nothing.
    async fn reminder(self, cx: &mut Cx<'_>) -> Result<()> {
        let of = |field: &str| format!("reminder:{}:{}:", self.row.rule, self.before.doc.at(field));
        let field = self.workflow.reminder(&self.row.rule).and_then(|reminder| match &reminder.rule {
            workflows::ReminderRule::Date { field, .. } => Some(field.as_str()),
            workflows::ReminderRule::Meter(_) => None,
        });
        if !field.is_some_and(|field| self.row.key.starts_with(&of(field))) {
            return Ok(());
        }
        match self.ask(cx, |facts| self.workflow.reminds(facts, &self.row.rule))? {
            Some(outcome) => self.happen(cx, outcome).await,
            None => Ok(()),
        }
    }

    /// A meter is told of once each time its condition comes to hold, and looked at again the next day.
    async fn meter(self, cx: &mut Cx<'_>, effective: bool) -> Result<()> {
        let found = self.ask(cx, |facts| self.workflow.reminds(facts, &self.row.rule)).unwrap_or_default();
        let next = self.next_look(cx);
        let row = Row { held: found.is_some(), kind: String::new(), rule: String::new(), key: String::new(), ..*self.row };
        later(cx, &row, next).await?;
        match found {
            Some(outcome) if effective && !self.row.held => self.happen(cx, outcome).await,
            _ => Ok(()),
        }
    }

    fn next_look(&self, cx: &Cx<'_>) -> Option<DateTime<Utc>> {
        let reminder = self.workflow.reminders_in(self.before.doc.state()).find(|reminder| reminder.id == self.row.rule)?;
        let zone = cx.scope().company().zone;
        let today = cx.now().with_timezone(&zone).date_naive();
        (0..=2).filter_map(|days| local(zone, today + TimeDelta::days(days), reminder.at)).find(|at| *at > cx.now())
    }

    /// More people may decide from now on, and are told so. Nothing is decided by it.
    async fn escalation(self, cx: &mut Cx<'_>) -> Result<()> {
        let Self { id, before, workflow, row } = self;
        let Some(request) = approval::find(cx, workflow, &before, id.uuid()).await?.request else { return Ok(()) };
        if row.key != format!("escalation:{}:{}", request.id, row.rule) {
            return Ok(());
        }
        let (actor, tenant) = actor_facts(cx.scope());
        let facts = Facts::new(&before.doc, &actor, cx.now(), &tenant);
        let Some(opening) = workflow.escalation(&facts, &request.approval, &row.rule) else { return Ok(()) };
        approval::escalate(cx, request.id, &row.rule).await?;
        let mention = by(cx, &before.mention);
        let about = About::new(id, before.site, workflow, before.entry_seq, request.id.to_string(), &mention);
        approval::tell(cx, &about, request.id, &opening, request.approval.requested_by, "escalated").await?;
        let said = super::begin::merged(&before.mention, &serde_json::json!({ "level": row.rule }));
        cx.emit(Event::new("workflow.escalated", S::SUBJECT.key, id).with(said));
        Ok(())
    }

    /// Asks the file what comes of it, for the system.
    fn ask<T>(&self, cx: &Cx<'_>, question: impl FnOnce(&Facts<'_>) -> Result<T, Vec<workflows::Blocker>>) -> Result<T> {
        let (actor, tenant) = actor_facts(cx.scope());
        question(&Facts::new(&self.before.doc, &actor, cx.now(), &tenant))
            .map_err(|found| Error::Blocked(found, File(self.workflow.clone())))
    }

    async fn happen(self, cx: &mut Cx<'_>, outcome: Outcome) -> Result<()> {
        let name = format!("{}.{}", self.row.kind, self.row.rule);
        let happening = Happening { happening: format!("{}:{}", self.row.id, self.row.due_at.timestamp()), cause: Cause::Effect(name) };
        happen(cx, self.id, self.before, self.workflow, outcome, happening).await
    }
}
