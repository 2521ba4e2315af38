//! Who must agree.

use super::effect::Target;
use crate::duration::Span;
use crate::guard::Guard;

/// Who must agree before a transition fires.
#[derive(Clone, Debug)]
pub struct Approvals {
    /// The transition a rejection fires.
    pub on_reject: Option<String>,
    /// Whether the requester may decide.
    pub own: bool,
    /// The message that asks a level; `<workflow>.approval_requested` unless the file says otherwise.
    pub text: String,
    /// Record fields whose edit voids the decisions taken so far.
    pub void_on_change: Vec<String>,
    /// The levels, in order.
    pub levels: Vec<Level>,
}

/// One level of approval.
#[derive(Clone, Debug)]
pub struct Level {
    /// Its id.
    pub id: String,
    /// Who decides.
    pub who: Who,
    /// How many must agree.
    pub need: u32,
    /// The record field, a path without `doc.`, naming the place those who decide must be able to act at.
    pub scope: Option<String>,
    /// Who else is asked when nobody has decided for long.
    pub escalate: Option<Escalate>,
    pub(crate) when: Option<Guard>,
}

/// Who decides on a level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// Whoever holds this permission.
    Permission(String),
    /// Whoever is of this role.
    Role(String),
}

/// More people to ask after a while. They may then decide as well; escalation itself decides nothing.
#[derive(Clone, Debug)]
pub struct Escalate {
    /// Business time after the level was asked.
    pub after: Span,
    pub(crate) to: Vec<Target>,
}
