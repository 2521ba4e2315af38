//! The workflow language, from the outside: files, conditions, decisions, hostile input.

mod support;

mod approvals;
mod checks;
mod effects;
mod fire;
mod guards;
mod hostile;
mod load;
mod lookups;
mod model;
mod pictures;
mod properties;
mod schema;
mod shipped;
mod timed;
mod words;
