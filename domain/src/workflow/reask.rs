//! What an edit does to the request of a record's state: it opens what had asked nobody, goes on to the next level, or begins anew.

use uuid::Uuid;
use workflows::{Facts, Reasked, Record, Workflow};

use super::approval::{self, Request};
use super::begin::About;
use super::lookups;
use super::subject::actor_facts;
use super::timers::NewTimer;
use crate::kernel::action::Cx;
use crate::kernel::error::Result;

/// A record's fields, before and after they were written.
#[derive(Clone, Copy)]
pub(super) struct Edit<'a> {
    pub was: &'a Record,
    pub now: &'a Record,
    /// The names of those that were.
    pub changed: &'a [&'a str],
    /// Who counts as having asked where nobody is known to have brought the record into its state.
    pub created_by: Uuid,
}

/// Asks whoever is to be asked now; answers the escalation to mind. The record is locked.
pub(super) async fn reask(
    cx: &mut Cx<'_>,
    about: &About<'_>,
    workflow: &Workflow,
    edit: Edit<'_>,
    request: Option<Request>,
) -> Result<Vec<NewTimer>> {
    if edit.changed.is_empty() || workflow.approval_in(edit.now.state()).is_none() {
        return Ok(Vec::new());
    }
    let (actor, tenant) = actor_facts(cx.scope());
    let (was, now) = (Facts::new(edit.was, &actor, cx.now(), &tenant), Facts::new(edit.now, &actor, cx.now(), &tenant));
    let calls = [workflow.lookups_explained(&was), workflow.lookups_explained(&now)].concat();
    let lookups = lookups::answered(cx, calls, about.record).await?;
    let approval = request.as_ref().map(|request| &request.approval);
    match (workflow.reasked(&was.with_lookups(&lookups), &now.with_lookups(&lookups), approval, edit.changed), request) {
        (Reasked::Stands, _) | (Reasked::Passed(_), None) => Ok(Vec::new()),
        (Reasked::Passed(opening), Some(request)) => {
            approval::keep_only(cx, about.record, opening.as_ref().map(|opening| opening.level.as_str())).await?;
            let Some(opening) = opening else { return Ok(Vec::new()) };
            let turn = format!("asked:{}", about.happening);
            approval::ask(cx, about, (request.id, &turn), &opening, request.approval.requested_by).await
        }
        (Reasked::Anew(opening), Some(request)) => {
            approval::close(cx, request.id, "void").await?;
            approval::open(cx, about, opening.as_ref(), request.approval.requested_by).await
        }
        (Reasked::Anew(opening), None) => {
            // a request that was met in this very state has had its answer
            if approval::was_met(cx, about.record, about.entry_seq).await? {
                return Ok(Vec::new());
            }
            let requester = approval::last_person(cx, about.record, about.entry_seq, edit.created_by).await?;
            approval::open(cx, about, opening.as_ref(), requester).await
        }
    }
}
