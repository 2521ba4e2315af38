//! Creation goes the same way as every later step: the file says where a record begins and who hears of it.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use uuid::Uuid;
use workflows::{Entered, Facts, Opening, Outbound, Record, Workflow};

use super::approval;
use super::history::{self, NewStep};
use super::subject::{Routed, actor_facts};
use crate::kernel::action::Cx;
use crate::kernel::error::{Error, Result};
use crate::kernel::event::Event;
use crate::kernel::id::Id;
use crate::notify::{self, Telling};

/// Where a new record begins.
pub struct Begun {
    /// What it follows from now on.
    pub workflow: Arc<Workflow>,
    /// The state, fields and messages of its first step.
    pub entered: Entered,
    /// The state's category.
    pub category: &'static str,
}

/// Asks the current definition where a record with these fields begins.
pub fn begin<S: Routed>(cx: &Cx<'_>, doc: &Record) -> Result<Begun> {
    let workflow = cx.app().definitions().current(S::SUBJECT)?;
    let (actor, tenant) = actor_facts(cx.scope());
    let facts = Facts { doc, actor: &actor, now: cx.now(), tenant: &tenant };
    let mut entered = workflow.initial(&facts).map_err(Error::Blocked)?;
    if let Some(assignee) = entered.assign.take() {
        entered.set.push(("assignee".to_owned(), assignee));
    }
    let category = category(&workflow, &entered.state);
    Ok(Begun { workflow, entered, category })
}

/// Writes the first step of a record that was just inserted, and tells whom the file names.
pub async fn enter<S: Routed>(cx: &mut Cx<'_>, id: Id<S>, site: Uuid, begun: &Begun, mention: &Json) -> Result<()> {
    let Begun { workflow, entered, .. } = begun;
    let step = NewStep {
        subject: S::SUBJECT.key,
        record: id.uuid(),
        definition: workflow.hash(),
        transition: None,
        from: None,
        to: &entered.state,
        reason: None,
        input: json!({}),
        guards: &entered.guards,
    };
    let id_of_step = Uuid::now_v7();
    history::write(cx, id_of_step, &step).await?;
    cx.emit(Event::new("workflow.created", S::SUBJECT.key, id).with(mention));
    let mention = &by(cx, mention);
    let about = About { subject: S::SUBJECT.key, record: id.uuid(), site, step: id_of_step, entry_seq: 1, mention };
    let requester = cx.scope().actor().id.uuid();
    open(cx, &about, entered.opens.as_ref(), requester).await?;
    send(cx, &about, &entered.outbox).await
}

/// Writes the only step of a record that was finished elsewhere. Nobody is told.
pub async fn import<S: Routed>(cx: &mut Cx<'_>, id: Id<S>, workflow: &Workflow, state: &str, mention: &Json) -> Result<()> {
    let step = NewStep {
        subject: S::SUBJECT.key,
        record: id.uuid(),
        definition: workflow.hash(),
        transition: None,
        from: None,
        to: state,
        reason: None,
        input: json!({ "imported": true }),
        guards: &[],
    };
    history::write(cx, Uuid::now_v7(), &step).await?;
    cx.emit(Event::new("workflow.imported", S::SUBJECT.key, id).with(mention));
    Ok(())
}

/// The record messages are about.
pub(super) struct About<'a> {
    pub subject: &'static str,
    pub record: Uuid,
    pub site: Uuid,
    pub step: Uuid,
    pub entry_seq: i32,
    pub mention: &'a Json,
}

/// Opens the approval request of the state just entered and tells those who decide.
pub(super) async fn open(cx: &mut Cx<'_>, about: &About<'_>, opening: Option<&Opening>, requester: Uuid) -> Result<()> {
    let Some(opening) = opening else { return Ok(()) };
    approval::open(cx, about.subject, about.record, &opening.transition, about.entry_seq).await?;
    let telling = Telling {
        text: &opening.text,
        to: &opening.to,
        subject: about.subject,
        record: about.record,
        site: about.site,
        mention: about.mention,
        dedupe: format!("{}:approval", about.step),
        except: (!opening.own).then_some(requester),
    };
    notify::tell(cx, &telling).await
}

/// Sends what a step's effects say.
pub(super) async fn send(cx: &mut Cx<'_>, about: &About<'_>, outbox: &[Outbound]) -> Result<()> {
    // nobody is told what they did themselves
    let except = Some(cx.scope().actor().id.uuid());
    for outbound in outbox {
        let telling = Telling {
            text: &outbound.notify.text,
            to: &outbound.notify.to,
            subject: about.subject,
            record: about.record,
            site: about.site,
            mention: about.mention,
            dedupe: format!("{}:{}", about.step, outbound.index),
            except,
        };
        notify::tell(cx, &telling).await?;
    }
    Ok(())
}

/// What messages mention, and who did it.
pub(super) fn by(cx: &Cx<'_>, mention: &Json) -> Json {
    merged(mention, &json!({ "actor": cx.scope().actor().name }))
}

/// Both, the second prevailing; what is null is left out.
pub(super) fn merged(mention: &Json, more: &Json) -> Json {
    let mut all = mention.clone();
    if let (Some(all), Some(more)) = (all.as_object_mut(), more.as_object()) {
        all.extend(more.iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.clone(), value.clone())));
    }
    all
}

pub(super) fn category(workflow: &Workflow, state: &str) -> &'static str {
    workflow.state(state).map_or("todo", |state| state.category.as_str())
}
