//! What stands in the way.

use std::collections::BTreeMap;

use serde::Serialize;
use uuid::Uuid;

use crate::definition::Who;
use crate::value::Value;

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
    /// The person is of the level, but may not act at the place the record names.
    NotAtSite {
        /// The level.
        level: String,
        /// The place; `None` when the record names none, so that it takes somebody who may act everywhere.
        site: Option<Uuid>,
    },
    /// The person asked for it, and nobody decides their own request.
    OwnRequest,
    /// The person has voted already, or somebody has for them.
    AlreadyDecided,
    /// The form or the reason.
    Invalid(Vec<FieldProblem>),
    /// `require` and `when`: everything that stands in the way.
    GuardFailed(Vec<Blocker>),
}

impl Refusal {
    /// The refusal as blockers, the shape [`Explained`](crate::Explained) has; none for [`Refusal::Invalid`], which is about the form.
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
            Self::NotAtSite { site, .. } => {
                vec![Blocker { need: site.map_or(Value::Null, Value::Ref), ..Blocker::new("not_at_site") }]
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
        "not_at_site",
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
