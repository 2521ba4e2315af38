//! What every request passes: who is behind it, in which language, what may frame and fetch the answer, and how a failure is
//! told.

pub mod assets;
pub mod body;
pub mod changes;
pub mod cookie;
pub mod csrf;
pub mod edge;
pub mod failure;
pub mod findings;
pub mod health;
pub mod observe;
mod phrases;
pub mod problem;
pub mod schema;
pub mod words;
