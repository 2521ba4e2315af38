//! Running records come to the version new ones follow: first a dry run that says what would become of whom, then record by
//! record, each with a row of its history. A state that leads nowhere is refused before anything moves; what has ended stays
//! under the version it ended with.

use std::collections::BTreeMap;
use std::sync::Arc;

use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;
use workflows::sla::Cause;
use workflows::{Value, Workflow};

use super::clocks::{self, ClockChange, Running};
use super::draft::{Draft, FILE};
use super::publish::lock;
use super::records::{Census, Stand, Versioned, census};
use super::settle::{self, Leaping, Requests, Settled};
use super::text::subject;
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Error, FieldError, Refused, Result};
use crate::kernel::event::Event;
use crate::kernel::id::Id;
use crate::kernel::jobs::{Job, Lane};
use crate::kernel::permission::Permission;
use crate::kernel::tenant;
use crate::maintenance::work_order::WorkOrder;
use crate::workflow::approval;
use crate::workflow::begin::{About, by, category, merged};
use crate::workflow::history::{self, NewStep};
use crate::workflow::sla::{Runs, Turning};
use crate::workflow::timers::{self, NewTimer};
use crate::workflow::{Access, Routed, Routing, migrated};

/// Records moved in one transaction.
const BATCH: i64 = 200;

/// What a migration would do.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[oai(rename = "WorkflowMigration")]
pub struct Plan {
    /// The version records come to: the one new records follow.
    pub version: i32,
    /// Its states, which a mapping may name.
    pub states: Vec<String>,
    /// What would become of the records of each state under each other version.
    pub leaps: Vec<Leap>,
    /// Records whose state leads nowhere; a migration is refused until there are none.
    pub unmapped: i64,
}

/// Records in one state under one version, and what would become of them.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[oai(rename = "WorkflowLeap")]
pub struct Leap {
    /// The version they follow.
    pub version: i32,
    /// The state they are in.
    pub state: String,
    /// The state they would be in; none where nothing says so.
    pub to: Option<String>,
    /// How many.
    pub records: i64,
    /// Of these, with an approval request open.
    pub open_requests: i64,
    /// Whether any of those requests would be closed, because the new state asks for something else or for nothing.
    pub closes_requests: bool,
    /// How many of those requests would be closed.
    pub closed_requests: i64,
    /// Of these, where an approval leaves the new state and none of its levels concerns the record: nobody would decide on it any
    /// more. A migration is refused until there are none.
    pub lost_requests: i64,
    /// Service levels, timers and reminders of these records that would change.
    pub clocks: Vec<ClockChange>,
}

/// Counts what a migration would do; changes nothing.
#[derive(Debug, Clone)]
pub struct DryRun {
    /// The workflow.
    pub workflow: String,
    /// Old state → new state, over what the file's `migrate` says; states of one name need no entry.
    pub states: BTreeMap<String, String>,
}

impl Action for DryRun {
    const NEEDS: Permission = Permission::WorkflowManage;
    const ACCESS: tenant::Access = tenant::Access::Read;
    type Out = Plan;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Plan> {
        plan(cx, &self.workflow, &self.states).await.map(|(plan, _)| plan)
    }
}

/// Where the records of a workflow go.
pub(super) struct Route {
    pub target: Arc<Workflow>,
    states: BTreeMap<String, String>,
}

impl Route {
    async fn to_current(cx: &mut Cx<'_>, workflow: &str, states: &BTreeMap<String, String>) -> Result<Self> {
        let (definitions, company) = (cx.app().definitions(), cx.tenant());
        let target = definitions.current(cx.conn(), company, subject(workflow)?).await?;
        let unknown = states.iter().filter(|(_, to)| target.state(to).is_none());
        let wrong: Vec<FieldError> =
            unknown.map(|(from, to)| FieldError::new(format!("states/{from}"), "no_state").with("state", to)).collect();
        if !wrong.is_empty() {
            return Err(Error::Invalid(wrong));
        }
        Ok(Self { target, states: states.clone() })
    }

    /// The new state of a record in an old one.
    pub fn of(&self, state: &str) -> Option<&str> {
        let written = self.target.migrate().and_then(|migrate| migrate.states.get(state));
        let to = self.states.get(state).or(written).map_or(state, String::as_str);
        self.target.state(to).map(|state| state.id.as_str())
    }
}

async fn plan(cx: &mut Cx<'_>, workflow: &str, states: &BTreeMap<String, String>) -> Result<(Plan, Route)> {
    let route = Route::to_current(cx, workflow, states).await?;
    let running = clocks::running(cx, workflow).await?;
    let requests = settle::requests(cx, workflow, &route).await?;
    let mut leaps = Vec::new();
    for group in census(cx, workflow).await?.into_iter().filter(|group| group.definition != route.target.hash()) {
        let definitions = cx.app().definitions();
        let old = definitions.of(cx.conn(), &group.definition).await?;
        if old.state(&group.state).is_none_or(|state| !state.terminal) {
            let asked = requests.get(&(group.definition.clone(), group.state.clone())).copied().unwrap_or_default();
            leaps.push(leap(&route, &old, group, (&running, asked)));
        }
    }
    let unmapped = leaps.iter().filter(|leap| leap.to.is_none()).map(|leap| leap.records).sum();
    let version = number(&route.target);
    let states = route.target.states().map(|state| state.id.clone()).collect();
    Ok((Plan { version, states, leaps, unmapped }, route))
}

fn leap(route: &Route, old: &Workflow, group: Census, (running, asked): (&[Running], Requests)) -> Leap {
    let to = route.of(&group.state).map(str::to_owned);
    let clocks = to.as_deref().map(|to| clocks::changes((old, &route.target), &group, to, running)).unwrap_or_default();
    Leap {
        version: number(old),
        closes_requests: asked.closed > 0,
        closed_requests: asked.closed,
        lost_requests: asked.lost,
        clocks,
        state: group.state,
        to,
        records: group.records,
        open_requests: group.open_requests,
    }
}

fn number(workflow: &Workflow) -> i32 {
    i32::try_from(workflow.version()).unwrap_or(i32::MAX)
}

/// Moves running records to the version new ones follow. What does not fit into one transaction is carried over by the worker.
#[derive(Debug, Clone)]
pub struct Migrate {
    /// The workflow.
    pub workflow: String,
    /// The version the dry run said they would come to; if new records follow another by now, nothing moves.
    pub version: i32,
    /// Old state → new state, as in the dry run.
    pub states: BTreeMap<String, String>,
}

/// How far a migration has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(rename = "WorkflowMigrated")]
pub struct Carried {
    /// The version records come to.
    pub version: i32,
    /// Records moved so far.
    pub moved: i64,
    /// Whether the worker goes on with others.
    pub more: bool,
}

impl Action for Migrate {
    const NEEDS: Permission = Permission::WorkflowManage;
    type Out = Carried;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Carried> {
        cx.refuse_limited()?;
        cx.hold(&lock(&self.workflow)).await?;
        // a mapping was made for one version: its states may not even be those of another
        let (definitions, company) = (cx.app().definitions(), cx.tenant());
        let current = number(&*definitions.current(cx.conn(), company, subject(&self.workflow)?).await?);
        if current != self.version {
            return Err(Error::Stale { current, state: None, changed_at: None, changed_by: None });
        }
        let (plan, route) = plan(cx, &self.workflow, &self.states).await?;
        if plan.unmapped > 0 {
            let lost = plan.leaps.iter().filter(|leap| leap.to.is_none());
            return Err(Error::Invalid(lost.map(|leap| FieldError::new(format!("states/{}", leap.state), "unmapped_state")).collect()));
        }
        let unasked: Vec<_> = plan.leaps.iter().filter(|leap| leap.lost_requests > 0).collect();
        if !unasked.is_empty() {
            let lost = |leap: &&Leap| FieldError::new(format!("states/{}", leap.state), "lost_requests").with("count", leap.lost_requests);
            return Err(Error::Invalid(unasked.iter().map(lost).collect()));
        }
        cx.emit(
            Event::new("workflow_file.migrated", FILE, Id::<Draft>::from(Uuid::now_v7()))
                .with(super::draft::about(&self.workflow, Some(plan.version))),
        );
        let member = cx.scope().actor().id.uuid();
        carry(cx, &self.workflow, &route, (member, Uuid::nil())).await
    }
}

/// Goes on with a migration behind the record it came to.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CarryOver {
    /// The workflow.
    pub workflow: String,
    /// The version it goes to; a migration ends when another is published.
    pub definition: String,
    /// Old state → new state.
    pub states: BTreeMap<String, String>,
    /// The last record moved.
    pub after: Uuid,
    /// Who migrates.
    pub member: Uuid,
}

impl Job for CarryOver {
    const KIND: &'static str = "workflow.carry_over";
    const QUEUE: Lane = Lane::Bulk;

    fn unique_key(&self) -> Option<String> {
        Some(format!("{} {} {}", self.workflow, self.definition, self.after))
    }
}

/// The company's system actor carries over, for whoever began: the right was asked for when the migration was, and a right lost
/// meanwhile must not leave half of the records under one version and half under another.
impl Action for CarryOver {
    const NEEDS: Permission = Permission::Member;
    type Out = Carried;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Carried> {
        if !cx.scope().actor().system {
            return Err(Error::Forbidden(Refused::Permission(Permission::WorkflowManage)));
        }
        cx.hold(&lock(&self.workflow)).await?;
        let (definitions, company) = (cx.app().definitions(), cx.tenant());
        let current = definitions.current(cx.conn(), company, subject(&self.workflow)?).await?;
        if current.hash() != self.definition {
            let begun = number(&*definitions.of(cx.conn(), &self.definition).await?);
            cx.emit(
                Event::new("workflow_file.migration_ended", FILE, Id::<Draft>::from(Uuid::now_v7()))
                    .with(super::draft::about(&self.workflow, Some(begun))),
            );
            return Ok(Carried { version: number(&current), moved: 0, more: false });
        }
        let route = Route { target: current, states: self.states };
        carry(cx, &self.workflow, &route, (self.member, self.after)).await
    }
}

/// Moves a batch, for a member and behind a record, and leaves the next to the worker.
async fn carry(cx: &mut Cx<'_>, workflow: &str, route: &Route, (member, after): (Uuid, Uuid)) -> Result<Carried> {
    let (moved, last) = match workflow {
        key if key == WorkOrder::SUBJECT.key => batch::<WorkOrder>(cx, route, (member, after)).await?,
        _ => (0, None),
    };
    if let Some(after) = last {
        let states = route.states.clone();
        let next = CarryOver { workflow: workflow.to_owned(), definition: route.target.hash().to_owned(), states, after, member };
        cx.enqueue(&next)?;
    }
    Ok(Carried { version: number(&route.target), moved, more: last.is_some() })
}

/// Answers how many were moved, and the last one looked at if there may be more.
async fn batch<S: Versioned>(cx: &mut Cx<'_>, route: &Route, (member, after): (Uuid, Uuid)) -> Result<(i64, Option<Uuid>)> {
    let ids = S::next(cx, route.target.hash(), after, BATCH).await?;
    let mut moved = 0;
    for id in &ids {
        moved += i64::from(one::<S>(cx, route, member, Id::from(*id)).await?);
    }
    let full = i64::try_from(ids.len()).is_ok_and(|count| count == BATCH);
    Ok((moved, ids.last().copied().filter(|_| full)))
}

/// Moves one record, unless it has ended, or came to a state that leads nowhere or asks nobody any more since the dry run. Its service levels go on under
/// the definition and the calendar they started with, as far as the new file has them.
async fn one<S: Versioned>(cx: &mut Cx<'_>, route: &Route, member: Uuid, id: Id<S>) -> Result<bool> {
    let Some(before) = S::load(cx, id, Access::Lock).await? else { return Ok(false) };
    let definitions = cx.app().definitions();
    let old = definitions.of(cx.conn(), &before.definition).await?;
    let from = before.doc.state().to_owned();
    let ended = old.state(&from).is_some_and(|state| state.terminal);
    let Some(to) = route.of(&from).filter(|_| !ended && before.definition != route.target.hash()) else { return Ok(false) };
    let request = approval::find(cx, &old, &before, id.uuid()).await?.request;
    let doc = before.doc.clone().with("state", Value::Text(to.to_owned()));
    let leaping = Leaping { old: &old, target: &route.target, was: &before.doc, now: &doc };
    let settled = settle::settled(cx, leaping, request.as_ref().map(|request| &request.approval));
    if settled == Settled::Lost {
        return Ok(false);
    }
    let happening = Uuid::now_v7();
    let for_whom = Some(member).filter(|_| cx.scope().actor().system);
    let step = NewStep { on_behalf_of: for_whom, ..written::<S>(&before, route, id, (&from, to), &old) };
    let seq = history::write(cx, happening, &step).await?;
    let entry_seq = if to == from { before.entry_seq } else { seq };
    let category = category(&route.target, to);
    S::put(cx, id, Stand { definition: route.target.hash(), state: to, category, entry_seq }).await?;
    let said = json!({ "from": from, "to": to, "version": route.target.version() });
    cx.emit(Event::new("workflow.migrated", S::SUBJECT.key, id).with(merged(&before.mention, &said)));
    let now = Routing { doc, entry_seq, ..before };
    let mention = by(cx, &now.mention);
    let about = About::new(id, now.site, &route.target, entry_seq, happening.to_string(), &mention);
    let requester = approval::last_person(cx, id.uuid(), entry_seq, now.requested_by).await?;
    let mut rows = settle::settle(cx, &about, settled, request, requester).await?;
    migrated(cx, id, &route.target, &now).await?;
    rows.extend(carry_clocks(cx, id, &now, &route.target, to != from).await?);
    if !rows.is_empty() {
        timers::add(cx, S::SUBJECT.key, id.uuid(), &rows).await?;
    }
    Ok(true)
}

/// Brings the running service levels to where the new file has them; answers when each is to be looked at next.
async fn carry_clocks<S: Versioned>(cx: &mut Cx<'_>, id: Id<S>, now: &Routing<S>, target: &Workflow, moved: bool) -> Result<Vec<NewTimer>> {
    let cause = Cause::Migration(target.version());
    let mut runs = Runs::load(cx, id.uuid()).await?;
    let changes = target.sla_carried(moved, now.doc.state(), &now.doc);
    runs.turn(cx, Turning { workflow: target, doc: &now.doc, cause: &cause }, &changes).await?;
    runs.stop_unknown(target, cx.now(), &cause);
    let health = runs.health(cx.now());
    if health != now.sla {
        S::mark(cx, id, health).await?;
    }
    runs.save(cx, S::SUBJECT.key, id.uuid(), now.entry_seq).await
}

fn written<'a, S: Versioned>(
    before: &Routing<S>,
    route: &'a Route,
    id: Id<S>,
    (from, to): (&'a str, &'a str),
    old: &Workflow,
) -> NewStep<'a> {
    NewStep {
        subject: S::SUBJECT.key,
        record: id.uuid(),
        definition: route.target.hash(),
        transition: None,
        from: Some(from),
        to,
        on_behalf_of: None,
        reason: None,
        input: json!({ "migrated": { "definition": before.definition, "version": old.version() } }),
        guards: &[],
    }
}
