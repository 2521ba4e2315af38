//! A company's own versions of workflow files: what it writes, what check says of it, what it published, and what new records
//! follow. A company follows the shipped file until it publishes a version of its own, whole or as a patch; it may go back to
//! an older version, which becomes a new one, or to the shipped file. What is published never changes and moves no record:
//! [`Migrate`] does that.

mod apart;
mod check;
mod clocks;
mod compare;
mod draft;
mod lines;
mod list;
mod migrate;
mod model;
mod publish;
mod rebase;
mod records;
mod replay;
mod settle;
mod staffing;
mod store;
#[cfg(test)]
mod tests;
mod text;

pub(super) use apart::Turns;
pub use check::{Check, Checked, Rehearse};
pub use clocks::{ClockChange, ClockKind, Fate, Running};
pub use compare::{Against, Compare, Compared, Side};
pub use draft::{Discard, Draft, ReadDraft, SaveDraft};
pub use lines::{Line, LineKind};
pub use list::{Diagram, List, Read, Show};
pub use migrate::{Carried, CarryOver, DryRun, Leap, Migrate, Plan};
pub use model::{Flow, FlowDetail, Input, StateRecords, TextKind, Version, VersionText};
pub use publish::{Follow, Publish, RollBack};
pub use rebase::Rebase;
pub use records::{Census, Stand, Versioned};
pub use replay::{Differing, Replay, Replayed};
pub use staffing::{ShortLevel, Staffing, Unstaffed};
