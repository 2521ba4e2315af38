//! A step somebody was offered: under a button of a chat, in a link of a letter. It is taken only from the very state entry it
//! was offered for, however often the record has come back to the state since; and a decision only on the very request it was
//! offered for: one whose record says something else now, where that matters, is void and was asked again.

use uuid::Uuid;
use workflows::Input;

use super::approval;
use super::effects::subject;
use super::fire::Fired;
use super::step::{Press, press};
use super::subject::{Access, Routed};
use crate::kernel::action::Cx;
use crate::kernel::error::{Error, File, Result};

/// The request was asked again: the record says something else now.
pub const REQUEST_CHANGED: &str = "request_changed";

/// A step offered to somebody.
pub(crate) struct Offered<'a> {
    /// The kind of record.
    pub subject: &'a str,
    /// The record.
    pub record: Uuid,
    /// The transition.
    pub transition: &'a str,
    /// The state entry it was offered for.
    pub entry_seq: i32,
    /// The request it was offered for, where it decides one.
    pub request: Option<Uuid>,
    /// What was typed.
    pub input: &'a Input,
}

/// Takes the step as the scope's actor, with every check a press of the page's button meets.
pub(crate) async fn take(cx: &mut Cx<'_>, offered: &Offered<'_>) -> Result<Fired> {
    subject!(offered.subject, S => of::<S>(cx, offered).await)
}

async fn of<S: Routed>(cx: &mut Cx<'_>, offered: &Offered<'_>) -> Result<Fired> {
    cx.scope().need(S::READ)?;
    let id = offered.record.into();
    let before = S::load(cx, id, Access::Lock).await?.ok_or(Error::NotFound)?;
    if before.entry_seq != offered.entry_seq {
        let (state, changed_at) = (before.doc.state().to_owned(), before.changed_at);
        // who changed it last may not be who moved it: the history knows
        let definitions = cx.app().definitions();
        let file = File(definitions.of(cx.conn(), &before.definition).await?);
        return Err(Error::WrongState { state, changed_at, changed_by: None, file });
    }
    if let Some(request) = offered.request
        && !approval::is_open(cx, request).await?
    {
        return Err(Error::Conflict(REQUEST_CHANGED));
    }
    press(cx, Press::<S> { id, transition: offered.transition, input: offered.input, version: None, depth: 0 }).await
}
