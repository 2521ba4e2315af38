//! Work orders (44–48, 54, 55): somebody asks for work on an asset or at a place, somebody agrees, somebody does it. Which
//! step leads where, who may press, what is asked and who is told stands in `work_order.yml` and nowhere here; this folder
//! holds what an order is, how it is stored and listed, and the verbs that are no steps: create, edit, import.

mod create;
mod edit;
mod import;
mod list;
mod model;
mod routed;
mod show;
mod store;
#[cfg(test)]
mod tests;
mod versioned;

pub use create::{Create, WouldWait};
pub use edit::Edit;
pub use import::{Import, ImportInput, Imported};
pub use list::Row;
pub use model::{CREATABLE, Input, KINDS, PRIORITIES, SUBJECT, WorkOrder};
pub use show::{Numbered, Show};
