//! One file a command: each turns arguments and environment into calls of the crates that do the work.

pub mod admin;
pub mod api;
pub mod connection;
pub mod demo;
pub mod migrate;
mod password;
mod replay;
pub mod up;
pub mod worker;
pub mod workflow;
