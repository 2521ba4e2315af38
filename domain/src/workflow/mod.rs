//! Records with a life. The `workflows` crate decides; this module knows the rows: which definition a record follows, the
//! request open on it, its history, who is told. One action, [`Fire`], is behind every button of every subject, because a
//! company's file may name transitions nobody here has heard of; creation ([`begin`]) and [`Explain`] stand beside it.
//! Pages, REST, Telegram, timers and imports all come through these.

mod approval;
mod asked;
mod begin;
mod calendar;
mod check;
mod definitions;
mod delegation;
mod due;
mod effects;
mod explain;
mod figures;
mod fire;
mod history;
mod level;
mod lookups;
mod offered;
mod outcome;
mod reask;
mod says;
mod service_levels;
mod sla;
mod step;
mod subject;
pub mod subjects;
#[cfg(test)]
mod tests;
mod timers;
pub mod versions;

pub use asked::{ApprovalView, LevelView, VoterView};
pub use begin::{Begun, begin, edited, enter, import, migrated};
pub use calendar::{ChangeCalendar, CompanyCalendar, ShowCalendar, WorkingHours};
pub use check::{CheckedFile, check, read_definition};
pub use definitions::{Definitions, load as load_definition};
pub use delegation::{Delegate, Delegated, Delegation, Delegations, Handover, TakeBack};
pub use due::TimerDue;
pub use explain::{Blocked, Explain, Explanation, TransitionView};
pub use figures::{Figures, ListFigures, OwnFigures, SetFigures};
pub use fire::{Fire, Fired};
pub use history::{History, Step};
pub use offered::REQUEST_CHANGED;
pub(crate) use offered::{Offered, take};
pub use service_levels::{RunView, SegmentView, ServiceLevels};
pub use subject::{Access, Routed, Routing, Writes, actor_facts};
pub use versions::{Census, Running, Stand, Versioned};
pub use workflows::{Input, Reason};
