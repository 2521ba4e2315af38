//! What a decision is made from: the record, the person, the moment, the company, the votes so far, what was typed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::value::{Record, Value};

/// Everything a guard may read besides the form.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The record, its `state` included (absent while it is being created).
    pub doc: &'a Record,
    /// Who presses.
    pub actor: &'a Actor,
    /// Transaction time.
    pub now: DateTime<Utc>,
    /// The company.
    pub tenant: &'a TenantFacts,
    /// Answers to the calls [`crate::Workflow::lookups_needed`] named.
    pub lookups: &'a Lookups,
}

impl<'a> Facts<'a> {
    /// Facts without answers to lookups.
    pub fn new(doc: &'a Record, actor: &'a Actor, now: DateTime<Utc>, tenant: &'a TenantFacts) -> Self {
        Self { doc, actor, now, tenant, lookups: Lookups::none() }
    }

    /// The same with answers to lookups.
    #[must_use]
    pub fn with_lookups(self, lookups: &'a Lookups) -> Self {
        Self { lookups, ..self }
    }
}

/// A question a condition asks of other records: a registered function and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The function's name, one of [`crate::LOOKUPS`].
    pub name: &'static str,
    /// Its arguments.
    pub args: Vec<Value>,
}

/// Answers to lookups. A call without an answer leaves its condition without a value.
#[derive(Clone, Debug, Default)]
pub struct Lookups(Vec<(Call, Value)>);

static NO_LOOKUPS: Lookups = Lookups(Vec::new());

impl Lookups {
    /// No answers.
    pub fn none() -> &'static Self {
        &NO_LOOKUPS
    }

    /// Remembers the answer to `call`.
    pub fn insert(&mut self, call: Call, answer: Value) {
        self.0.push((call, answer));
    }

    /// The answer to a call.
    pub fn get(&self, name: &str, args: &[Value]) -> Option<&Value> {
        self.0.iter().find(|(call, _)| call.name == name && call.args == args).map(|(_, answer)| answer)
    }
}

/// Who presses the button.
#[derive(Clone, Debug, Default)]
pub struct Actor {
    /// The member.
    pub id: Uuid,
    /// Key of the member's role.
    pub role: String,
    /// Keys of the permissions the member holds.
    pub permissions: BTreeSet<String>,
    /// Whether this is the system itself (a timer, another effect): it may fire `system` transitions only, and needs no permission for them.
    pub system: bool,
    /// The places (sites and locations) the member may act at; `None` for all.
    pub sites: Option<BTreeSet<Uuid>>,
    /// Those who have delegated their decisions to the member, in the order in which they count.
    pub on_behalf_of: Vec<Principal>,
}

/// Somebody who has delegated their decisions to another.
#[derive(Clone, Debug, Default)]
pub struct Principal {
    /// The member.
    pub member: Uuid,
    /// Key of the member's role.
    pub role: String,
    /// Keys of the permissions the member holds.
    pub permissions: BTreeSet<String>,
    /// The places the member may act at; `None` for all.
    pub sites: Option<BTreeSet<Uuid>>,
}

impl Actor {
    /// Whether the actor holds `permission`.
    pub fn can(&self, permission: &str) -> bool {
        self.permissions.contains(permission)
    }
}

/// What guards may know about the company.
#[derive(Clone, Debug)]
pub struct TenantFacts {
    /// ISO 4217 code of the company's currency.
    pub currency: String,
    /// The company's time zone.
    pub zone: chrono_tz::Tz,
}

/// The request open on a record: what was asked, by whom, and the decisions taken so far.
#[derive(Clone, Debug, Default)]
pub struct Approval {
    /// The transition the request would fire.
    pub transition: String,
    /// Who asked; with `self: false` this person does not decide.
    pub requested_by: Uuid,
    /// The votes in favour; a rejection closes the request, so it is never among them.
    pub votes: Vec<Vote>,
    /// Ids of the levels whose escalation has come: those it names may decide as well.
    pub escalated: Vec<String>,
}

/// One person's decision in favour.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vote {
    /// Who decided.
    pub member: Uuid,
    /// The id of the level the vote counts for.
    pub level: String,
    /// For whom, if not for themselves.
    pub on_behalf_of: Option<Uuid>,
}

/// What was sent along with the press.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// The form, as JSON; numbers, decimals and dates may come as strings too, as a page sends them.
    pub fields: BTreeMap<String, serde_json::Value>,
    /// Why.
    pub reason: Option<String>,
}
