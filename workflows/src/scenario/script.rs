//! What a file's `tests` say, read: people, a clock, a record, steps and what each must lead to.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use indexmap::IndexMap;
use rust_decimal::Decimal;
use serde_json::Value as Json;
use uuid::Uuid;

use super::invariant::Invariant;
use super::ledger::Figure;
use super::names::Names;
use crate::calendar::{self, Calendar};
use crate::decision::{Place, Recipient};
use crate::duration::Span;
use crate::facts::TenantFacts;
use crate::value::Value;
use crate::yaml::At;

/// The name the system acts under.
pub(super) const SYSTEM: &str = "system";
/// A permission everybody in a test has: what a mutant asks for instead of the real one.
pub(super) const ANYBODY: &str = "";

/// All tests of a file.
#[derive(Debug, Default)]
pub(super) struct Script {
    pub invariants: Vec<Invariant>,
    pub scenarios: Vec<Scenario>,
    pub names: Names,
}

/// One test.
#[derive(Debug)]
pub(super) struct Scenario {
    pub at: At,
    pub name: String,
    pub given: Given,
    pub steps: Vec<Step>,
}

/// What there is before the first step.
#[derive(Debug)]
pub(super) struct Given {
    /// Who acts where a step names nobody.
    pub lead: Option<String>,
    pub people: IndexMap<String, Person>,
    pub start: DateTime<Utc>,
    pub calendar: Calendar,
    pub tenant: TenantFacts,
    pub doc: BTreeMap<String, Value>,
    pub stock: Vec<Lot>,
    pub bookings: Vec<Booking>,
    /// Lookup → its answer, whatever is asked.
    pub lookups: BTreeMap<String, Value>,
}

/// Somebody who acts.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub id: Uuid,
    pub role: String,
    pub permissions: BTreeSet<String>,
    /// Where they may act; `None` is everywhere.
    pub sites: Option<BTreeSet<Uuid>>,
}

/// Stock at the beginning; without a part, of the record's own.
#[derive(Debug)]
pub(super) struct Lot {
    pub place: Place,
    pub part: Option<Uuid>,
    pub quantity: Decimal,
}

/// A stretch of time something is taken for.
#[derive(Debug)]
pub(super) struct Booking {
    pub subject: String,
    pub of: Uuid,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
}

/// One step: time goes by, somebody acts, something is looked at.
#[derive(Debug)]
pub(super) struct Step {
    pub at: At,
    pub advance: Option<Span>,
    pub actor: Option<String>,
    pub act: Option<Act>,
    pub verdict: Verdict,
}

/// What somebody does.
#[derive(Debug)]
pub(super) enum Act {
    Create,
    Fire { transitions: Vec<String>, input: BTreeMap<String, Json>, reason: Option<String> },
    Edit(Vec<(String, Value)>),
    Delegate(String),
}

/// What a step must lead to.
#[derive(Debug)]
pub(super) enum Verdict {
    Expect(Vec<Claim>),
    Deny { at: At, code: Denial, because: Option<String> },
}

/// One thing that must hold after a step.
#[derive(Debug)]
pub(super) struct Claim {
    pub at: At,
    /// As it is written: `sla.resolution`.
    pub name: String,
    pub fact: Fact,
}

#[derive(Debug)]
pub(super) enum Fact {
    State(String),
    Waiting(Option<String>),
    Votes(u32),
    /// Each of these was told something; nobody was, if there are none.
    Notified(Vec<String>),
    /// Text → exactly these were told it.
    Told(Vec<(String, Vec<String>)>),
    Sla {
        id: String,
        is: SlaIs,
    },
    Stock {
        place: Option<Place>,
        part: Option<Uuid>,
        figure: Figure,
        is: Decimal,
    },
    Doc {
        path: Vec<String>,
        is: Wanted,
    },
    /// Record → transition asked of it.
    Moved(Vec<(String, String)>),
    Created(Vec<String>),
    Webhooks(Vec<String>),
    Fired(Vec<String>),
    Purged(bool),
}

#[derive(Debug)]
pub(super) enum Wanted {
    Value(Value),
    /// The clock of the step.
    Now,
    /// The company's day of the step.
    Today,
}

#[derive(Debug)]
pub(super) enum SlaIs {
    Standing(Standing),
    Elapsed(Span),
    Due(DateTime<Utc>),
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum $name { $($variant),+ }

        impl $name {
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

words! {
    /// Where a service level stands.
    Standing { Running = "running", Warned = "warned", Breached = "breached", Paused = "paused", Stopped = "stopped", None = "none" }
}

words! {
    /// Why a press is refused.
    Denial {
        State = "state",
        Permission = "permission",
        System = "system",
        Guard = "guard",
        Form = "form",
        NoRequest = "no_request",
        NotEligible = "not_eligible",
        OwnRequest = "own_request",
        AlreadyDecided = "already_decided",
        Effect = "effect",
    }
}

impl Person {
    /// Whether they are among these.
    pub fn is(&self, recipient: &Recipient) -> bool {
        match recipient {
            Recipient::Member(id) => self.id == *id,
            Recipient::Permission(permission) => self.permissions.contains(permission),
            Recipient::Role(role) => self.role == *role,
        }
    }
}

impl Given {
    /// A moment, or the beginning of a day, or where it is the `last` that counts, its end.
    pub fn moment(&self, value: &Value, last: bool) -> Option<DateTime<Utc>> {
        match value {
            Value::Time(time) => Some(*time),
            Value::Date(day) => {
                let day = if last { day.succ_opt()? } else { *day };
                calendar::local(self.calendar.zone(), day, NaiveTime::MIN)
            }
            _ => None,
        }
    }

    /// The company's day at `now`.
    pub fn day(&self, now: DateTime<Utc>) -> NaiveDate {
        now.with_timezone(&self.calendar.zone()).date_naive()
    }
}
