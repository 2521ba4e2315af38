//! The workflow language, from the outside: files, conditions, decisions, hostile input.

mod support;

mod fire;
mod guards;
mod hostile;
mod load;
mod properties;
mod shipped;
mod words;
