//! Who is told what. A workflow file names a text and recipients; [`tell`] resolves them inside the transaction, writes a
//! notification a person for the bell, and queues what goes outside. A message is worded when it is sent or shown, in the
//! reader's language. One happening is told to one person once, however often it is delivered.

mod bell;
pub mod delivery;
pub mod jobs;
pub mod telegram;
mod tell;

pub use bell::{Listed, MarkRead, Mine, Unread};
pub use tell::{Telling, tell};

/// Every message the templates can word; workflow files name them.
pub const TEXTS: &[&str] = &[
    "work_order.approval_requested",
    "work_order.approved",
    "work_order.rejected",
    "work_order.assigned",
    "work_order.completed",
    "work_order.reopened",
    "work_order.cancelled",
    "work_order.due_soon",
    "work_order.overdue",
    "work_order.sla_warning",
    "work_order.sla_breach",
];

/// A notification of a member.
#[derive(Debug)]
pub enum Notification {}
