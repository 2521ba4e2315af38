//! Exports sent by the calendar (163): every day, week or month a list is made into a file, with the rights its owner has by
//! then, and those it is sent to are told where it lies. They are handed it only where they may see everything in it. The next
//! time of a schedule is a row of `timers`, so that each comes once, whoever looks at the clock.

mod come;
mod keep;
mod model;
mod rhythm;

pub(crate) use come::come;
pub use keep::{ChangeSchedule, CreateSchedule, DeleteSchedule, ListSchedules, Recipients, ShowSchedule};
pub use model::{EVERY, ExportSchedule, Schedule, ScheduleInput};

pub(super) use keep::stop;

/// What rows of `timers` are called.
pub(crate) const TIMER: &str = "export";
