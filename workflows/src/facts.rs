//! What a decision is made from: the record, the person, the moment, the company, the votes so far, what was typed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::value::Record;

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
}

/// Who presses the button.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The member.
    pub id: Uuid,
    /// Key of the member's role.
    pub role: String,
    /// Keys of the permissions the member holds.
    pub permissions: BTreeSet<String>,
    /// Whether this is the system itself (a timer, another effect): it may fire `system` transitions only, and needs no permission for them.
    pub system: bool,
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
#[derive(Clone, Debug)]
pub struct Approval {
    /// The transition the request would fire.
    pub transition: String,
    /// Who asked; with `self: false` this person does not decide.
    pub requested_by: Uuid,
    /// The votes in favour; a rejection closes the request, so it is never among them.
    pub votes: Vec<Vote>,
}

/// One person's decision in favour.
#[derive(Clone, Debug)]
pub struct Vote {
    /// Who decided.
    pub member: Uuid,
    /// The id of the level the vote counts for.
    pub level: String,
}

/// What was sent along with the press.
#[derive(Clone, Debug, Default)]
pub struct Input {
    /// The form, as JSON; numbers, decimals and dates may come as strings too, as a page sends them.
    pub fields: BTreeMap<String, serde_json::Value>,
    /// Why.
    pub reason: Option<String>,
}
