//! The answers: a move, a vote, a refusal, an explanation. Codes and values only; the edges put words to them.

use std::collections::BTreeMap;

use serde::Serialize;
use uuid::Uuid;

use crate::definition::{Channel, FormField, Reason, Who};
use crate::value::Value;

/// How a new record begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Entered {
    /// The first state.
    pub state: String,
    /// Fields to write, in order.
    pub set: Vec<(String, Value)>,
    /// A new value of the `assignee` field: a `Ref`, or `Null` to clear it.
    pub assign: Option<Value>,
    /// What to send once the record is committed.
    pub outbox: Vec<Outbound>,
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
    Decided(Progress),
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
    /// What to send once the move is committed.
    pub outbox: Vec<Outbound>,
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
    /// Whether the record leaves the state in which a request was open: the request is then closed.
    pub closes_request: bool,
}

/// An approval request to open.
#[derive(Clone, Debug, PartialEq)]
pub struct Opening {
    /// The transition the request would fire.
    pub transition: String,
    /// The level to ask first.
    pub level: String,
    /// The message's key.
    pub text: String,
    /// The level's people.
    pub to: Vec<Recipient>,
    /// Whether the requester is among those to ask.
    pub own: bool,
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

/// Why a press was refused. In the order in which they are tested.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// The file has no such transition.
    UnknownTransition,
    /// The record is in another state.
    WrongState {
        /// The record's state.
        state: String,
        /// The states the transition leaves from.
        from: Vec<String>,
    },
    /// The system pressed, and the transition is not `system: true`.
    NotForSystem,
    /// The person lacks the transition's permission.
    Forbidden {
        /// What is needed.
        permission: String,
    },
    /// The transition needs approval and no request for it is open on this record.
    NoRequest,
    /// The person may ask but not decide on this level.
    NotEligible {
        /// The level.
        level: String,
        /// Who decides there.
        who: Who,
    },
    /// The person asked for it, and nobody decides their own request.
    OwnRequest,
    /// The person has voted already.
    AlreadyDecided,
    /// The form or the reason.
    Invalid(Vec<FieldProblem>),
    /// `require` and `when`: everything that stands in the way.
    GuardFailed(Vec<Blocker>),
}

impl Refusal {
    /// The refusal as blockers, the shape [`Explained`] has; none for [`Refusal::Invalid`], which is about the form.
    pub fn blockers(&self) -> Vec<Blocker> {
        let plain = |code| vec![Blocker::new(code)];
        match self {
            Self::UnknownTransition => plain("unknown_transition"),
            Self::WrongState { state, from } => {
                let need = from.iter().cloned().map(Value::Text).collect();
                vec![Blocker { need: Value::List(need), have: Value::Text(state.clone()), ..Blocker::new("wrong_state") }]
            }
            Self::NotForSystem => plain("not_for_system"),
            Self::Forbidden { permission } => vec![Blocker { need: Value::Text(permission.clone()), ..Blocker::new("permission") }],
            Self::NoRequest => plain("no_request"),
            Self::NotEligible { who, .. } => {
                let (code, need) = match who {
                    Who::Permission(permission) => ("not_eligible_permission", permission),
                    Who::Role(role) => ("not_eligible_role", role),
                };
                vec![Blocker { need: Value::Text(need.clone()), ..Blocker::new(code) }]
            }
            Self::OwnRequest => plain("own_request"),
            Self::AlreadyDecided => plain("already_decided"),
            Self::Invalid(_) => Vec::new(),
            Self::GuardFailed(blockers) => blockers.clone(),
        }
    }
}

/// What is wrong with one field of the form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldProblem {
    /// The field; `reason` for the reason.
    pub field: String,
    /// `required`, `unknown_field`, `wrong_type`, `not_a_number`, `not_a_date`, `not_a_time`, `not_a_uuid`, `not_one_of`, `out_of_range`, `too_long`,
    /// `too_short`, `bad_money`.
    pub code: &'static str,
    /// What its sentence names: `expected`, `options`, `min`, `max`.
    pub params: BTreeMap<&'static str, String>,
}

/// One thing that stands in the way, as data: the sentence is `blocker.<code>`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Blocker {
    /// One of [`Blocker::CODES`].
    pub code: &'static str,
    /// What is needed: a permission, a role, states, a value, or the condition as written.
    pub need: Value,
    /// What is there instead.
    pub have: Value,
    /// The record's field the blocker is about, without `doc.`.
    pub field: Option<String>,
    /// What the condition read: path → value. Redact it to what the caller may see.
    pub read: BTreeMap<String, Value>,
    /// For `any_of`: what would do, each on its own; for `all_of`: what is needed together.
    pub alternatives: Vec<Blocker>,
}

impl Blocker {
    /// Every code there is; the edges have a sentence for each.
    pub const CODES: &'static [&'static str] = &[
        "unknown_transition",
        "wrong_state",
        "permission",
        "not_for_system",
        "no_request",
        "not_eligible_permission",
        "not_eligible_role",
        "own_request",
        "already_decided",
        "required",
        "only_person",
        "must_be",
        "must_not_be",
        "must_be_less",
        "must_be_at_most",
        "must_be_more",
        "must_be_at_least",
        "any_of",
        "all_of",
        "guard",
        "guard_error",
    ];

    pub(crate) fn new(code: &'static str) -> Self {
        debug_assert!(Self::CODES.contains(&code), "{code} has no sentence");
        Self { code, need: Value::Null, have: Value::Null, field: None, read: BTreeMap::new(), alternatives: Vec::new() }
    }
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
