//! The worker over real PostgreSQL, a real SMTP conversation and a Bot API server of our own.

mod claims;
mod enqueue;
mod faults;
mod mail;
mod main_job;
mod runs;
mod support;
mod telegram;
mod timers;
