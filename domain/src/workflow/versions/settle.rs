//! What becomes of the approval request of a record that comes to another version: one answer, which the dry run counts and the
//! migration carries out.

use std::collections::BTreeMap;

use uuid::Uuid;
use workflows::{Approval, Facts, Opening, Record, Value, Workflow};

use super::migrate::Route;
use super::records::Versioned;
use crate::kernel::action::Cx;
use crate::kernel::error::Result;
use crate::kernel::id::Id;
use crate::maintenance::work_order::WorkOrder;
use crate::workflow::approval::{self, Request};
use crate::workflow::begin::About;
use crate::workflow::timers::NewTimer;
use crate::workflow::{Access, Routed, actor_facts};

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Settled {
    /// It stands with its votes; where there is none, none is opened.
    Stands,
    /// The new state asks for nothing.
    Closed,
    /// An approval leaves the new state, and none of its levels concerns this record: whoever sees it could go on alone.
    Lost,
    /// Another takes its place, or the first one is opened.
    Anew(Opening),
}

/// A record on its way from one file to another, as each reads it.
#[derive(Clone, Copy)]
pub(super) struct Leaping<'a> {
    pub old: &'a Workflow,
    pub target: &'a Workflow,
    pub was: &'a Record,
    pub now: &'a Record,
}

/// A request the new state asks for as well, and of the same level, stands; anything else is settled anew.
pub(super) fn settled(cx: &Cx<'_>, leaping: Leaping<'_>, request: Option<&Approval>) -> Settled {
    let Leaping { old, target, was, now } = leaping;
    let (actor, tenant) = actor_facts(cx.scope());
    let waiting = |workflow: &Workflow, doc: &Record, open: &Approval| workflow.pending(&Facts::new(doc, &actor, cx.now(), &tenant), open);
    let asked = target.approval_in(now.state()).map(|(transition, _)| &transition.id);
    let Some(asked) = asked else { return if request.is_some() { Settled::Closed } else { Settled::Stands } };
    let level = |opening: Option<Opening>| opening.map(|opening| (opening.level, opening.escalate_after));
    if let Some(open) = request.filter(|open| open.transition == *asked)
        && level(waiting(old, was, open)) == level(waiting(target, now, open))
    {
        return Settled::Stands;
    }
    let blank = Approval { transition: asked.clone(), ..Approval::default() };
    match waiting(target, now, &blank) {
        Some(opening) => Settled::Anew(opening),
        None if request.is_some() => Settled::Lost,
        None => Settled::Stands,
    }
}

/// Carries out what was settled for a request; answers the escalation to mind.
pub(super) async fn settle(
    cx: &mut Cx<'_>,
    about: &About<'_>,
    settled: Settled,
    request: Option<Request>,
    requested_by: Uuid,
) -> Result<Vec<NewTimer>> {
    if settled == Settled::Stands {
        return Ok(Vec::new());
    }
    let requester = request.as_ref().map_or(requested_by, |open| open.approval.requested_by);
    if let Some(open) = request {
        approval::close(cx, open.id, "void").await?;
    }
    let opening = if let Settled::Anew(opening) = &settled { Some(opening) } else { None };
    approval::open(cx, about, opening, requester).await
}

/// Requests of the records of one state under one version.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Requests {
    /// Those that would not stand.
    pub closed: i64,
    /// Of these, those in whose place nobody would be asked although an approval leaves the new state.
    pub lost: i64,
}

/// Settles every open request of the records that would move, without carrying anything out; by version and state.
pub(super) async fn requests(cx: &mut Cx<'_>, workflow: &str, route: &Route) -> Result<BTreeMap<(String, String), Requests>> {
    match workflow {
        key if key == WorkOrder::SUBJECT.key => of::<WorkOrder>(cx, route).await,
        _ => Ok(BTreeMap::new()),
    }
}

async fn of<S: Versioned>(cx: &mut Cx<'_>, route: &Route) -> Result<BTreeMap<(String, String), Requests>> {
    let mut found: BTreeMap<(String, String), Requests> = BTreeMap::new();
    for id in S::asked(cx, route.target.hash()).await?.into_iter().map(Id::<S>::from) {
        let Some(record) = S::load(cx, id, Access::Read).await? else { continue };
        let definitions = cx.app().definitions();
        let old = definitions.of(cx.conn(), &record.definition).await?;
        let Some(to) = route.of(record.doc.state()) else { continue };
        let request = approval::find(cx, &old, &record, id.uuid()).await?.request;
        let now = record.doc.clone().with("state", Value::Text(to.to_owned()));
        let leaping = Leaping { old: &old, target: &route.target, was: &record.doc, now: &now };
        let becomes = settled(cx, leaping, request.as_ref().map(|request| &request.approval));
        let counted = found.entry((record.definition.clone(), record.doc.state().to_owned())).or_default();
        let closes = match (&becomes, &request) {
            (Settled::Stands, _) | (_, None) => false,
            (Settled::Closed | Settled::Lost | Settled::Anew(_), Some(_)) => true,
        };
        counted.closed += i64::from(closes);
        counted.lost += i64::from(becomes == Settled::Lost);
    }
    Ok(found)
}
