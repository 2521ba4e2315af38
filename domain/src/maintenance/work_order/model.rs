//! What a work order is.

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use workflows::{Creatable, Field, Kind, Subject};

use crate::kernel::error::{Checks, Error, FieldError, Result};
use crate::kernel::money::Money;

/// How urgent, least first.
pub const PRIORITIES: &[&str] = &["low", "medium", "high", "critical"];

/// What kind of work (54).
pub const KINDS: &[&str] = &["repair", "scheduled_service", "inspection", "tyre_change", "body_repair", "recall"];

const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, nullable: false, writable: false }
}

const fn empty(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, nullable: true, writable: false }
}

const fn writable(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, nullable: true, writable: true }
}

/// The fields `work_order.yml` may name.
pub const SUBJECT: Subject = Subject {
    key: "work_order",
    fields: &[
        field("number", Kind::Int),
        field("title", Kind::Text),
        empty("description", Kind::Text),
        field("priority", Kind::Choice(PRIORITIES)),
        field("kind", Kind::Choice(KINDS)),
        empty("asset", Kind::Ref("asset")),
        field("location", Kind::Ref("location")),
        empty("vendor", Kind::Ref("vendor")),
        writable("assignee", Kind::Ref("member")),
        writable("due_at", Kind::Time),
        empty("scheduled_at", Kind::Time),
        writable("started_at", Kind::Time),
        writable("completed_at", Kind::Time),
        writable("resolution", Kind::Text),
        writable("meter_reading", Kind::Int),
        empty("estimated_cost", Kind::Money),
        writable("cost", Kind::Money),
        field("created_by", Kind::Ref("member")),
        field("created_at", Kind::Time),
        field("state", Kind::Text),
    ],
};

/// What a workflow's effect fills in of an order it creates.
pub const CREATABLE: Creatable = Creatable {
    subject: SUBJECT.key,
    fields: &[
        "title",
        "description",
        "priority",
        "kind",
        "asset",
        "location",
        "vendor",
        "assignee",
        "due_at",
        "scheduled_at",
        "estimated_cost",
    ],
    required: &["title"],
};

/// A work order, as those who may see it see it. Costs are absent without `cost.view`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
pub struct WorkOrder {
    /// Its id.
    pub id: Uuid,
    /// Its number in the company, as people say it: `WO-1042`.
    pub number: String,
    /// What is wrong, or to be done.
    pub title: String,
    /// More about it.
    pub description: String,
    /// The kind of work.
    pub kind: String,
    /// How urgent.
    pub priority: String,
    /// The state, as its definition names it.
    pub state: String,
    /// The state's category: `todo`, `doing`, `waiting`, `done` or `cancelled`.
    pub category: String,
    /// How its service levels stand, the worst of them: `ok`, `warning` or `critical`; absent where none applies.
    pub sla_status: Option<String>,
    /// The asset it is for.
    pub asset_id: Option<Uuid>,
    /// The asset's name and tag.
    pub asset: Option<String>,
    /// Where the work is.
    pub location_id: Uuid,
    /// Names from the site down to there.
    pub location: String,
    /// The site.
    pub site_id: Uuid,
    /// Who does it, if somebody from outside.
    pub vendor_id: Option<Uuid>,
    /// The vendor's name.
    pub vendor: Option<String>,
    /// Who does it.
    pub assignee_id: Option<Uuid>,
    /// Their name.
    pub assignee: Option<String>,
    /// When it should be done.
    pub due_at: Option<DateTime<Utc>>,
    /// When it is planned.
    pub scheduled_at: Option<DateTime<Utc>>,
    /// When work began.
    pub started_at: Option<DateTime<Utc>>,
    /// When work ended (48).
    pub completed_at: Option<DateTime<Utc>>,
    /// What was done.
    pub resolution: Option<String>,
    /// The meter's value at the service.
    pub meter_reading: Option<i64>,
    /// What it is expected to cost.
    pub estimated_cost: Option<Money>,
    /// What it cost; a credit is negative.
    pub cost: Option<Money>,
    /// The reference an import knows it by.
    pub external_ref: Option<String>,
    /// Who asked for it.
    pub created_by_id: Uuid,
    /// Their name.
    pub created_by: String,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// Its version, which a change must name.
    pub version: i32,
}

/// What is filled in of a work order. Its state, completion and cost come with its steps.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields, rename = "WorkOrderInput")]
pub struct Input {
    /// What is wrong, or to be done; at most 200 characters.
    pub title: String,
    /// More about it; at most 10 000 characters.
    #[serde(default)]
    #[oai(default)]
    pub description: String,
    /// `repair`, `scheduled_service`, `inspection`, `tyre_change`, `body_repair` or `recall`.
    #[serde(default = "repair")]
    #[oai(default = "repair")]
    pub kind: String,
    /// `low`, `medium`, `high` or `critical`.
    #[serde(default = "medium")]
    #[oai(default = "medium")]
    pub priority: String,
    /// The asset it is for.
    #[serde(default)]
    pub asset_id: Option<Uuid>,
    /// Where the work is; the asset's location when absent.
    #[serde(default)]
    pub location_id: Option<Uuid>,
    /// Who does it, if somebody from outside.
    #[serde(default)]
    pub vendor_id: Option<Uuid>,
    /// Who does it.
    #[serde(default)]
    pub assignee_id: Option<Uuid>,
    /// When it should be done.
    #[serde(default)]
    pub due_at: Option<DateTime<Utc>>,
    /// When it is planned.
    #[serde(default)]
    pub scheduled_at: Option<DateTime<Utc>>,
    /// What it is expected to cost, in the company's currency.
    #[serde(default)]
    pub estimated_cost: Option<Money>,
}

pub(super) fn repair() -> String {
    KINDS[0].to_owned()
}

pub(super) fn medium() -> String {
    "medium".to_owned()
}

impl Input {
    /// Names every field with a wrong value.
    pub(super) fn check(&self, checks: &mut Checks) {
        checks.text("title", &self.title, 200).max("description", &self.description, 10_000);
        checks.year("due_at", self.due_at.as_ref()).year("scheduled_at", self.scheduled_at.as_ref());
        checks.one_of("kind", &self.kind, KINDS).one_of("priority", &self.priority, PRIORITIES);
    }

    /// What a form begins with.
    pub fn blank() -> Self {
        Self {
            title: String::new(),
            description: String::new(),
            kind: repair(),
            priority: medium(),
            asset_id: None,
            location_id: None,
            vendor_id: None,
            assignee_id: None,
            due_at: None,
            scheduled_at: None,
            estimated_cost: None,
        }
    }

    /// The estimate as it is stored.
    pub(super) fn estimate(&self, currency: &str) -> Result<Option<Decimal>> {
        let estimate = self.estimated_cost.as_ref().map(|money| money.accept("estimated_cost", currency)).transpose()?;
        match estimate {
            Some(amount) if amount.is_sign_negative() && !amount.is_zero() => {
                Err(Error::Invalid(vec![FieldError::new("estimated_cost/amount", "too_small").with("min", 0)]))
            }
            estimate => Ok(estimate),
        }
    }
}

/// A number as people say it.
pub(super) fn spoken(number: i32) -> String {
    format!("WO-{number}")
}

/// A number as people write it: `WO-1042`, `wo-1042` or `1042`.
pub(super) fn heard(text: &str) -> Option<i32> {
    let text = text.trim();
    let digits = text.get(..3).filter(|prefix| prefix.eq_ignore_ascii_case("wo-")).map_or(text, |_| &text[3..]);
    digits.parse().ok().filter(|number| *number > 0)
}
