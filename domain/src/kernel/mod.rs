//! What every feature stands on: the door to the database ([`tenant`]), the door to behaviour ([`action`]), lists and
//! catalogue tables written once ([`listing`], [`resource`]), ids, clock, errors, events, jobs. It knows no feature, save the
//! names of the things a [`scope::Scope`] is made of.

pub mod action;
pub mod app;
pub mod bell;
pub mod clock;
pub mod error;
pub mod event;
pub mod export;
pub mod files;
pub(crate) mod history;
pub mod housekeeping;
pub mod id;
pub mod jobs;
pub mod listing;
pub mod migrate;
pub mod money;
pub mod permission;
pub mod platform;
pub mod resource;
pub mod scope;
pub mod seal;
pub mod secret;
pub mod tenant;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
#[cfg(test)]
pub(crate) mod tests;
pub mod years;
