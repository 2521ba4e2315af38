//! Records with a life. The `workflows` crate decides; this module knows the rows: which definition a record follows, the
//! request open on it, its history, who is told. One action, [`Fire`], is behind every button of every subject, because a
//! company's file may name transitions nobody here has heard of; creation ([`begin`]) and [`Explain`] stand beside it.
//! Pages, REST, Telegram, timers and imports all come through these.

mod approval;
mod begin;
mod definitions;
mod explain;
mod fire;
mod history;
mod subject;

pub use begin::{Begun, begin, enter, import};
pub use definitions::{Definitions, load as load_definition};
pub use explain::{ApprovalView, Blocked, Explain, Explanation, TransitionView};
pub use fire::{Fire, Fired};
pub use history::{History, Step};
pub use subject::{Access, Routed, Routing, Writes, actor_facts};
