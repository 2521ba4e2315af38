//! Everything Millwright knows and does, over PostgreSQL: no HTTP, no templates, no SMTP. Three ideas carry it: one door to
//! the database ([`kernel::tenant`]), one door to behaviour ([`kernel::action`]), one declaration per catalogue table
//! ([`kernel::resource`]). It answers with codes and values; the edges put words to them.

pub mod assets;
pub mod exports;
pub mod identity;
pub mod insight;
pub mod inventory;
pub mod kernel;
pub mod maintenance;
pub mod notify;
pub mod platform;
#[cfg(test)]
mod tests;
pub mod workflow;

pub use kernel::app::{App, Settings};
pub use kernel::error::{Error, FieldError, Result};
