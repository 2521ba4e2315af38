//! The REST API over a real database, one file per family of addresses.

mod auth;
mod bad_input;
mod catalogue;
mod client;
mod exports;
mod hours;
mod isolation;
mod jobs;
mod messages;
mod platform;
mod reference;
mod work_orders;
mod workflows;
