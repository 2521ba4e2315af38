//! Tests that files carry: reading them, running them, what they cover, and which mistakes they notice.

mod approvals;
mod hostile;
mod mutants;
mod reading;
mod steps;
mod stock;
mod support;
mod time;
