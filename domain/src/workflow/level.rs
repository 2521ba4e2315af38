//! A service level's moment: what it owes by now is done in order, and the record shows how it stands.

use serde_json::json;
use workflows::Facts;
use workflows::sla::{Cause, Event as Moment};

use super::begin::merged;
use super::outcome::{Happening, happen};
use super::sla::{self, Runs};
use super::subject::{Access, Routed, Routing, actor_facts};
use super::timers;
use crate::kernel::action::Cx;
use crate::kernel::error::{Error, File, Result};
use crate::kernel::event::Event;
use crate::kernel::id::Id;

/// Carries out what the run named by a timer's key owes; without effects where they were refused. The record is locked.
pub(super) async fn come<S: Routed>(cx: &mut Cx<'_>, id: Id<S>, before: Routing<S>, key: &str, effective: bool) -> Result<()> {
    let (entry_seq, shown) = (before.entry_seq, before.sla);
    let mut before = Some(before);
    while let Some((run, moment)) = sla::owed(cx, id.uuid(), key).await? {
        let record = match before.take() {
            Some(record) => record,
            None => S::load(cx, id, Access::Lock).await?.ok_or(Error::NotFound)?,
        };
        emit::<S>(cx, id, &record, key, moment);
        if effective {
            carry_out(cx, id, record, run, moment).await?;
        }
    }
    let health = Runs::load(cx, id.uuid()).await?.health(cx.now());
    if health != shown {
        S::mark(cx, id, health).await?;
    }
    let next = sla::look_again(cx, id.uuid(), key, entry_seq).await?;
    timers::add(cx, S::SUBJECT.key, id.uuid(), &next).await
}

async fn carry_out<S: Routed>(cx: &mut Cx<'_>, id: Id<S>, record: Routing<S>, owed: sla::Owed, moment: Moment) -> Result<()> {
    let app = cx.app();
    // the effects are those of the file the run began under
    let workflow = app.definitions().of(cx.conn(), &owed.definition).await?;
    let (actor, tenant) = actor_facts(cx.scope());
    let facts = Facts::new(&record.doc, &actor, cx.now(), &tenant);
    let outcome = workflow.sla_event(&facts, &owed.sla, moment).map_err(|found| Error::Blocked(found, File(workflow.clone())))?;
    let what = Happening { happening: format!("{}:{moment}", owed.run), cause: Cause::Effect(format!("{}.{moment}", owed.sla)) };
    happen(cx, id, record, &workflow, outcome, what).await
}

/// The record's timeline tells when its time was nearly gone, and when it was.
fn emit<S: Routed>(cx: &mut Cx<'_>, id: Id<S>, record: &Routing<S>, key: &str, moment: Moment) {
    let subject = S::SUBJECT.key;
    let event = match moment {
        Moment::Warn => Event::new("workflow.sla_warned", subject, id),
        Moment::Breach(0) => Event::new("workflow.sla_breached", subject, id),
        Moment::Breach(_) => return,
    };
    let sla = key.split(':').nth(1).unwrap_or_default();
    cx.emit(event.with(merged(&record.mention, &json!({ "sla": sla }))));
}
