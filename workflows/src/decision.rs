//! The answers: a move, a vote, a refusal, an explanation. Codes and values only; the edges put words to them.

use std::collections::BTreeMap;

use serde::Serialize;
use uuid::Uuid;

use crate::definition::{Channel, FormField, Reason};
use crate::duration::Span;
use crate::value::Value;

mod effect;
mod refusal;

pub use effect::{DbEffect, DbOp, OnShort, Place, Stock, StockLine, Webhook};
pub use refusal::{Blocker, FieldProblem, Refusal};

/// How a new record begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Entered {
    /// The first state.
    pub state: String,
    /// Fields to write, in order.
    pub set: Vec<(String, Value)>,
    /// A new value of the `assignee` field: a `Ref`, or `Null` to clear it.
    pub assign: Option<Value>,
    /// What else is to be done inside the transaction, in file order.
    pub db: Vec<DbEffect>,
    /// Service levels that start, pause, go on or stop.
    pub slas: Vec<SlaChange>,
    /// What to send once the record is committed.
    pub outbox: Vec<Outbound>,
    /// Webhooks to call once the record is committed.
    pub webhooks: Vec<Webhook>,
    /// The guard values that chose the state.
    pub guards: Vec<GuardValue>,
    /// The approval request that opens with it.
    pub opens: Option<Opening>,
}

/// What a press did.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// The record moves.
    Moved(Box<Move>),
    /// A vote is recorded; the state stays.
    Decided(Decided),
}

/// A vote that was not the last one needed.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    /// Where the level stands, this vote included.
    pub progress: Progress,
    /// For whom the person decided, if not for themselves.
    pub on_behalf_of: Option<Uuid>,
    /// When the vote completed its level: the next one to ask.
    pub opens: Option<Opening>,
}

/// A transition to carry out.
#[derive(Clone, Debug, PartialEq)]
pub struct Move {
    /// The transition.
    pub transition: String,
    /// The state before.
    pub from: String,
    /// The state after; the same as `from` for `to: same`.
    pub to: String,
    /// Fields to write, in order.
    pub set: Vec<(String, Value)>,
    /// A new value of the `assignee` field: a `Ref`, or `Null` to clear it.
    pub assign: Option<Value>,
    /// What else is to be done inside the transaction, in file order.
    pub db: Vec<DbEffect>,
    /// Service levels that start, pause, go on or stop.
    pub slas: Vec<SlaChange>,
    /// What to send once the move is committed.
    pub outbox: Vec<Outbound>,
    /// Webhooks to call once the move is committed.
    pub webhooks: Vec<Webhook>,
    /// Every condition that was tested, with the values it read.
    pub guards: Vec<GuardValue>,
    /// The form, typed. Fields left empty are absent.
    pub input: BTreeMap<String, Value>,
    /// The reason, trimmed; `None` when none was given.
    pub reason: Option<String>,
    /// The approval request that opens on entering `to`; `None` when the state stays.
    pub opens: Option<Opening>,
    /// The approval level whose last needed vote this press was.
    pub decided: Option<String>,
    /// For whom that vote was given, if not for the person themselves.
    pub on_behalf_of: Option<Uuid>,
    /// Whether the record leaves the state in which a request was open: the request is then closed.
    pub closes_request: bool,
}

/// What effects outside a transition come to: those of a timer, a reminder, a service level.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Fields to write, in order.
    pub set: Vec<(String, Value)>,
    /// A new value of the `assignee` field: a `Ref`, or `Null` to clear it.
    pub assign: Option<Value>,
    /// What else is to be done inside the transaction, in file order.
    pub db: Vec<DbEffect>,
    /// Service levels that start or stop.
    pub slas: Vec<SlaChange>,
    /// What to send once it is committed.
    pub outbox: Vec<Outbound>,
    /// Webhooks to call once it is committed.
    pub webhooks: Vec<Webhook>,
}

/// What a timer comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Fires {
    /// This transition is to be fired by the system.
    Transition(String),
    /// These effects are to be carried out.
    Effects(Box<Outcome>),
    /// Nothing: its condition does not hold, or the record has left the timer's states.
    Nothing,
}

/// What a step does to a service level's clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SlaChange {
    /// The service level.
    pub sla: String,
    /// What happens.
    pub kind: SlaChangeKind,
}

/// What happens to a service level's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SlaChangeKind {
    /// A new run starts, to end within `target`. A run that is paused goes on instead; for one that runs nothing changes.
    Start {
        /// How long it may run.
        target: Span,
    },
    /// A run stands still, if there is one.
    Pause,
    /// A paused run goes on, if there is one.
    Resume,
    /// A run ends, if there is one.
    Stop,
}

/// An approval request to open, or its next level.
#[derive(Clone, Debug, PartialEq)]
pub struct Opening {
    /// The transition the request would fire.
    pub transition: String,
    /// The level to ask.
    pub level: String,
    /// How many must agree.
    pub need: u32,
    /// The message's key.
    pub text: String,
    /// The level's people.
    pub to: Vec<Recipient>,
    /// Whether the requester is among those to ask.
    pub own: bool,
    /// Where those asked must be able to act; `None` for anywhere.
    pub scope: Option<Scoped>,
    /// After how much business time [`crate::Workflow::escalation`] tells whom else to ask; `None` for never.
    pub escalate_after: Option<Span>,
}

/// What becomes of a request when its record says something else.
#[derive(Clone, Debug, PartialEq)]
pub enum Reasked {
    /// Whoever was asked is asked still.
    Stands,
    /// It keeps its votes and goes to this level; to none where those that are left are skipped.
    Passed(Option<Opening>),
    /// What was decided is void, and the first level is asked; nobody where every level is skipped.
    Anew(Option<Opening>),
}

/// Where people must be able to act to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scoped {
    /// At this place.
    At(Uuid),
    /// Everywhere: the record names no place.
    Everywhere,
}

/// Where an approval request stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Progress {
    /// The level being decided.
    pub level: String,
    /// Votes of that level, the new one included.
    pub have: u32,
    /// Votes needed.
    pub need: u32,
}

/// A message of an effect.
#[derive(Clone, Debug, PartialEq)]
pub struct Outbound {
    /// The effect's place in its list, from 0: with the history row it makes the delivery key.
    pub index: usize,
    /// The message.
    pub notify: Notify,
}

/// Who is told what, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Notify {
    /// The message's key.
    pub text: String,
    /// To whom; one message a person.
    pub to: Vec<Recipient>,
    /// Through what; empty means each person's own preferences.
    pub channels: Vec<Channel>,
}

/// Somebody, or everybody of a kind. Empty record fields have already dropped out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// Everybody holding this permission.
    Permission(String),
    /// Everybody of this role.
    Role(String),
    /// One member.
    Member(Uuid),
}

/// A condition that was tested, for the history.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GuardValue {
    /// The condition as written.
    pub condition: String,
    /// What it came to.
    pub holds: bool,
    /// What it read: path → value.
    pub read: BTreeMap<String, Value>,
}

/// One transition, seen by one person: what it would do, what it asks, and all that stands in the way.
#[derive(Clone, Debug)]
pub struct Explained<'w> {
    /// The transition.
    pub transition: &'w str,
    /// The state it would lead to; `None` while it depends on the form.
    pub to: Option<&'w str>,
    /// Whether it leaves from the record's state.
    pub in_state: bool,
    /// Whether a press would be accepted, given a valid form. Conditions on the form itself are tested at the press.
    pub allowed: bool,
    /// Everything that stands in the way.
    pub blockers: Vec<Blocker>,
    /// What is asked.
    pub form: &'w [FormField],
    /// Whether a reason is asked.
    pub reason: Reason,
    /// For a transition under approval with an open request: where it stands, this person's vote not counted.
    pub progress: Option<Progress>,
}
