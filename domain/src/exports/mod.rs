//! Lists as files made in the background (121, 122). What is asked for is kept as data: the list,
//! its filter and order as a query string, the columns. It is read anew when the job runs, as the member who asked and with the
//! rights they have by then. A file is handed only to whoever might have seen everything in it.

mod announce;
mod describe;
pub mod jobs;
mod lists;
mod model;
mod read;
mod request;
mod run;
pub mod schedule;
#[cfg(test)]
mod tests;

pub use describe::{Describe, Described};
pub use lists::{AnyList, ColumnOf, LISTS, find as list};
pub use model::{Export, FORMATS, Input, Kind, Limits, View};
pub use read::{Fetch, Handed, Mine, Show};
pub use request::{Cancel, Remove, Request};
pub use run::{Begin, End, Ended, Expire, Expired, Order, Progress, Standing};
