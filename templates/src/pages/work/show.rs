//! One work order: its buttons explained, the decision it waits for, its facts and history.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;

use super::super::parts::{Chip, Crumb, Errors, Field, Link, Person, Text};
use super::WorkRow;

/// One work order.
#[derive(Clone, Debug, Serialize)]
pub struct WorkShow {
    /// First part of the company's paths.
    pub base: String,
    /// The way here.
    pub crumbs: Vec<Crumb>,
    /// The work order itself.
    pub order: WorkRow,
    /// Its version, sent with every change.
    pub version: i64,
    /// What is to be done, at length.
    pub description: Option<String>,
    /// What was done, once it is.
    pub resolution: Option<String>,
    /// Every way out of its state, allowed or not.
    pub actions: Vec<Action>,
    /// The decision it waits for.
    pub approval: Option<Approval>,
    /// Its service levels, the newest run first.
    pub levels: Vec<ServiceLevel>,
    /// What else is known about it.
    pub facts: WorkFacts,
    /// What happened, newest first.
    pub history: Vec<Event>,
    /// Who was quicker, where the reader's press came too late.
    pub stale: Option<Stale>,
    /// Why the reader's press was refused, in their language.
    pub refusal: Option<String>,
    /// The form; none without the right.
    pub edit_href: Option<String>,
}

/// A button of the work order, explained.
#[derive(Clone, Debug, Serialize)]
pub struct Action {
    /// Id of the transition.
    pub id: String,
    /// Its name.
    pub label: Text,
    /// Where it is posted.
    pub href: String,
    /// Whether the reader may press it now.
    pub allowed: bool,
    /// How it stands out.
    pub weight: Weight,
    /// What it asks.
    pub fields: Vec<Field>,
    /// Whether it asks why.
    pub reason: Reason,
    /// The reason typed before.
    pub reason_text: String,
    /// Why the reader may not press it.
    pub blockers: Vec<Blocker>,
    /// Whether its form is shown: the reader came for it, or it was refused.
    pub open: bool,
    /// What is wrong with its form.
    pub errors: Errors,
}

/// How much a button stands out; one primary button a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// One of several ways on.
    #[default]
    Plain,
    /// The usual next step.
    Primary,
    /// Ends the work badly: reject, cancel.
    Destructive,
}

/// Whether a step asks for a reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It does not.
    #[default]
    None,
    /// It may be left empty.
    Optional,
    /// It may not.
    Required,
}

/// One reason why a button is off.
#[derive(Clone, Debug, Serialize)]
pub struct Blocker {
    /// The reason.
    pub text: Text,
    /// Who could press it, where the reader may know.
    pub who_can: Vec<String>,
    /// Where it can be put right.
    pub fix: Option<FixLink>,
}

/// A link that puts something right.
#[derive(Clone, Debug, Serialize)]
pub struct FixLink {
    /// What it is called.
    pub label: Text,
    /// Where it leads.
    pub href: String,
}

/// A decision that is waited for.
#[derive(Clone, Debug, Serialize)]
pub struct Approval {
    /// Decisions made at this level.
    pub given: u32,
    /// Decisions needed at this level.
    pub needed: u32,
    /// Since when it waits.
    pub since: DateTime<Utc>,
    /// The roles whose people may decide.
    pub deciders: Vec<String>,
    /// Those who have agreed already, on the level it waits for.
    pub agreed: Vec<Agreed>,
    /// Who is missing for it, for a reader who can do something about that.
    pub missing: Missing,
    /// Every level in order, where there are several.
    pub levels: Vec<ApprovalLevel>,
    /// Whether the reader may decide.
    pub mine: bool,
    /// Where agreeing is posted.
    pub approve_href: String,
    /// Where refusing is posted, with `reason`.
    pub reject_href: String,
    /// The reason typed before.
    pub reason: String,
    /// What is wrong with the refusal.
    pub errors: Errors,
}

/// People a decision needs and the company does not have.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Missing {
    /// One sentence for each level.
    pub sentences: Vec<String>,
    /// Where people are invited, for those who may.
    pub people_href: Option<String>,
    /// Where the workflow is changed, for those who may.
    pub flow_href: Option<String>,
}

/// Somebody who has agreed.
#[derive(Clone, Debug, Serialize)]
pub struct Agreed {
    /// Who.
    pub person: Person,
    /// In whose place, where that seat was handed to them.
    pub on_behalf_of: Option<String>,
}

/// A level of a decision.
#[derive(Clone, Debug, Serialize)]
pub struct ApprovalLevel {
    /// What it is called.
    pub name: Text,
    /// `agreed`, `skipped`, `waiting` or `later`.
    pub standing: String,
    /// Decisions made.
    pub given: u32,
    /// Decisions needed.
    pub needed: u32,
    /// Those who have agreed.
    pub agreed: Vec<Agreed>,
    /// Whether others were asked as well because nobody answered.
    pub escalated: bool,
}

/// A service level at work on the order.
#[derive(Clone, Debug, Serialize)]
pub struct ServiceLevel {
    /// What it is called.
    pub name: Text,
    /// Which run of it this is, from 1.
    pub number: u32,
    /// `running`, `paused` or `stopped`.
    pub phase: String,
    /// `ok`, `warning` or `critical`.
    pub health: String,
    /// `business` or `wall`.
    pub clock: String,
    /// The time counted, in the reader's words.
    pub elapsed: String,
    /// The time allowed, in the reader's words.
    pub target: String,
    /// When the time is up, while it runs.
    pub due: Option<DateTime<Utc>>,
    /// What was counted and what was not.
    pub stretches: Vec<Stretch>,
}

/// A stretch of a service level.
#[derive(Clone, Debug, Serialize)]
pub struct Stretch {
    /// When it began.
    pub from: DateTime<Utc>,
    /// When it ended.
    pub to: Option<DateTime<Utc>>,
    /// The time counted, in the reader's words; none where time did not count.
    pub counted: Option<String>,
    /// What began it: a state.
    pub cause: Text,
}

/// Facts beside a work order.
#[derive(Clone, Debug, Default, Serialize)]
pub struct WorkFacts {
    /// `service`, `repair`, `inspection`, `tyre_change`, `body_repair` or `recall`.
    pub kind: String,
    /// What it is about.
    pub asset: Option<Link>,
    /// Where.
    pub location: Option<Link>,
    /// The outside firm.
    pub vendor: Option<Link>,
    /// When the work is planned.
    pub scheduled_at: Option<DateTime<Utc>>,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it was done.
    pub completed_at: Option<DateTime<Utc>>,
    /// Expected cost; none without the right to see costs.
    pub estimated_cost: Option<Money>,
    /// Cost in the end.
    pub cost: Option<Money>,
    /// What the asset's meter read when the work was done.
    pub meter_reading: Option<i64>,
    /// Its number where it came from.
    pub external_ref: Option<String>,
    /// Who made it.
    pub created_by: Option<Person>,
    /// When.
    pub created: Option<DateTime<Utc>>,
    /// When it was last changed.
    pub updated: Option<DateTime<Utc>>,
}

/// An amount.
#[derive(Clone, Debug, Serialize)]
pub struct Money {
    /// How much.
    pub amount: Decimal,
    /// ISO 4217 code.
    pub currency: String,
}

/// Something that happened to a record.
#[derive(Clone, Debug, Serialize)]
pub struct Event {
    /// The sentence, `event.<kind>` as a rule.
    pub text: Text,
    /// Icon name.
    pub icon: String,
    /// Colour.
    pub tone: String,
    /// Who did it; none for the system.
    pub who: Option<Person>,
    /// The state before and after a move.
    pub moved: Option<Moved>,
    /// The reason given.
    pub note: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// From one state to another.
#[derive(Clone, Debug, Serialize)]
pub struct Moved {
    /// Before; none for a new record.
    pub from: Option<Chip>,
    /// After.
    pub to: Chip,
}

/// Somebody else was quicker.
#[derive(Clone, Debug, Serialize)]
pub struct Stale {
    /// Who; none for the system.
    pub who: Option<String>,
    /// When; none where it is not known.
    pub at: Option<DateTime<Utc>>,
    /// Where the record stands now; none for a record without states.
    pub state: Option<Chip>,
}
