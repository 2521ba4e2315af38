//! The worker over real PostgreSQL, a real SMTP conversation and a Bot API server of our own.

mod claims;
mod crashes;
mod enqueue;
mod exports;
mod faults;
mod groups;
mod letters;
mod limits;
mod mail;
mod main_job;
mod measured;
mod messages;
mod polling;
mod restart;
mod runs;
mod schedule;
mod servers;
mod signals;
mod support;
mod telegram;
mod timers;
