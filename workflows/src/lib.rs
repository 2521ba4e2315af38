//! The workflow language: a YAML file that says through which states a record goes, who may move it, what is asked, who agrees and who is told.
//!
//! The crate is pure: no database, no clock, no network. [`Workflow::load`] turns a file into an immutable, checked program; [`Workflow::initial`],
//! [`Workflow::fire`] and [`Workflow::explain`] are its three questions, [`Workflow::timer_fires`], [`Workflow::reminds`] and [`Workflow::sla_event`] what
//! time asks. They answer with data ([`Move`], [`Refusal`], [`Blocker`], [`Outcome`]); rows are written by the domain and words are put to them at the
//! edges. What a condition asks of other records is named beforehand ([`Workflow::lookups_needed`]) and answered in [`Facts`].

pub mod calendar;
mod check;
pub mod compare;
mod decide;
mod decision;
mod definition;
mod diagnostic;
mod diagram;
pub mod duration;
mod facts;
mod form;
mod guard;
pub mod overlay;
mod parse;
pub mod scenario;
mod schema;
mod shipped;
pub mod sla;
mod subject;
mod value;
mod yaml;

pub use check::{Staffed, together};
pub use decide::MAX_NESTED;
pub use decision::{
    Blocker, DbEffect, DbOp, Decided, Entered, Explained, FieldProblem, Fires, GuardValue, Move, Notify, OnShort, Opening, Outbound,
    Outcome, Place, Progress, Reasked, Recipient, Refusal, Scoped, SlaChange, SlaChangeKind, Step, Stock, StockLine, Webhook,
};
pub use definition::{
    Approvals, Bound, Branch, Breach, CalendarRef, Category, Channel, EFFECTS, EffectKind, Effects, Escalate, FieldKind, FormField,
    FromStates, Initial, Labels, Level, Meter, Migrate, Moment, Offset, Protocol, Reason, Reminder, ReminderRule, Sla, SlaTarget, State,
    StockOp, Timer, TimerAction, To, Tone, Transition, Warn, Who, Workflow,
};
pub use diagnostic::{Diagnostic, render, to_json};
pub use diagram::Labelled;
pub use facts::{Actor, Approval, Call, Facts, Input, Lookups, Principal, TenantFacts, Vote};
pub use form::YEARS;
pub use guard::{LOOKUPS, LookupArg, LookupKind};
pub use shipped::{SHIPPED, Shipped};
pub use subject::{Creatable, CustomField, Field, Kind, Mode, Subject, Vocabulary};
pub use value::{Link, Money, ReadError, Record, Value};

/// The largest file read, in bytes.
pub const MAX_FILE_BYTES: usize = 256 * 1024;
/// The largest guard or `set` expression, in bytes.
pub const MAX_EXPRESSION_BYTES: usize = 1024;
