//! Who is told what. A workflow file names a text and recipients; [`tell`] resolves them inside the transaction, writes a
//! notification a person for the bell, and queues what goes outside. A message is worded when it is sent or shown, in the
//! reader's language. One happening is told to one person once, however often it is delivered.

mod bell;
pub mod delivery;
pub mod group;
mod group_message;
pub mod jobs;
pub mod kinds;
pub mod log;
pub mod mail_server;
pub mod outage;
pub mod own;
pub mod preference;
pub mod press;
pub mod refusal;
pub mod reminder;
pub mod telegram;
mod tell;
#[cfg(test)]
mod tests;
pub mod text;
pub mod unsubscribe;
mod way;

pub use bell::{Listed, MarkRead, Mine, Unread};
pub use group_message::{LoadToGroup, RecordToGroup, ToGroup};
pub use kinds::{Channel, Kind};
pub use tell::{Telling, Words, tell};

/// A notification of a member.
#[derive(Debug)]
pub enum Notification {}
