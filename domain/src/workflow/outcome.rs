//! What effects outside any step come to: those of timers, reminders and service levels. The record keeps its state.

use workflows::sla::Cause;
use workflows::{Outcome, Workflow};

use super::begin::{About, by, category, edited};
use super::effects;
use super::sla::{Runs, Turning};
use super::step::after;
use super::subject::{Access, Routed, Routing, Writes};
use super::timers;
use crate::kernel::action::Cx;
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Id;

/// What brought effects about.
pub(super) struct Happening {
    /// Told apart from every other, so that nobody is told of it twice.
    pub happening: String,
    /// What clocks note as their cause.
    pub cause: Cause,
}

/// Carries effects out on a record that is locked.
pub(super) async fn happen<S: Routed>(
    cx: &mut Cx<'_>,
    id: Id<S>,
    before: Routing<S>,
    workflow: &Workflow,
    outcome: Outcome,
    what: Happening,
) -> Result<()> {
    // the record may have come to another version since what happens now began
    let own = cx.app().definitions().of(cx.conn(), &before.definition).await?;
    let mut set = outcome.set;
    set.extend(outcome.assign.map(|assignee| ("assignee".to_owned(), assignee)));
    set.extend(effects::assigned::<S>(cx, &outcome.db, before.site).await?);
    let doc = after(&before.doc, before.doc.state(), &set);
    let (mut sla, mut rows) = (before.sla, Vec::new());
    if !outcome.slas.is_empty() {
        let mut runs = Runs::load(cx, id.uuid()).await?;
        runs.turn(cx, Turning { workflow, doc: &doc, cause: &what.cause }, &outcome.slas).await?;
        sla = runs.health(cx.now());
        rows = runs.save(cx, S::SUBJECT.key, id.uuid(), before.entry_seq).await?;
    }
    let mention = by(cx, &before.mention);
    // what it says is said in the words of the file that says it
    let about = About::new(id, before.site, workflow, before.entry_seq, what.happening, &mention);
    if !set.is_empty() {
        let state = before.doc.state().to_owned();
        let changed: Vec<String> = set.iter().map(|(field, _)| field.clone()).collect();
        let writes = Writes { category: category(&own, &state), state, entry_seq: before.entry_seq, sla, set };
        S::write(cx, id, before.held.clone(), writes).await?;
        let now = S::load(cx, id, Access::Lock).await?.ok_or(Error::NotFound)?;
        let changed: Vec<&str> = changed.iter().map(String::as_str).collect();
        edited(cx, id, &own, (&before.doc, &now), &changed).await?;
    } else if sla != before.sla {
        S::mark(cx, id, sla).await?;
    }
    timers::add(cx, S::SUBJECT.key, id.uuid(), &rows).await?;
    effects::carry_out(cx, &outcome.db, 0).await?;
    effects::send(cx, &about, &outcome.outbox).await
}
