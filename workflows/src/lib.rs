//! The workflow language: a YAML file that says through which states a record goes, who may move it, what is asked, who agrees and who is told.
//!
//! The crate is pure: no database, no clock, no network. [`Workflow::load`] turns a file into an immutable, checked program; [`Workflow::initial`],
//! [`Workflow::fire`] and [`Workflow::explain`] are its three questions. They answer with data ([`Move`], [`Refusal`], [`Blocker`]); rows are written by
//! the domain and words are put to them at the edges.

mod check;
mod decide;
mod decision;
mod definition;
mod diagnostic;
mod diagram;
mod facts;
mod form;
mod guard;
mod parse;
mod shipped;
mod subject;
mod value;
mod yaml;

pub use decision::{
    Blocker, Entered, Explained, FieldProblem, GuardValue, Move, Notify, Opening, Outbound, Progress, Recipient, Refusal, Step,
};
pub use definition::{
    Approvals, Bound, Category, Channel, FieldKind, FormField, FromStates, Initial, Labels, Level, Reason, State, To, Tone, Transition,
    Who, Workflow,
};
pub use diagnostic::{Diagnostic, render, to_json};
pub use diagram::Labelled;
pub use facts::{Actor, Approval, Facts, Input, TenantFacts, Vote};
pub use shipped::{SHIPPED, Shipped};
pub use subject::{Field, Kind, Subject, Vocabulary};
pub use value::{Money, ReadError, Record, Value};

/// The largest file read, in bytes.
pub const MAX_FILE_BYTES: usize = 256 * 1024;
/// The largest guard or `set` expression, in bytes.
pub const MAX_EXPRESSION_BYTES: usize = 1024;
