//! What happens by the calendar: one line of [`SCHEDULES`] each. A tick is queued once, however many processes look at the clock:
//! it is a key of `queue.ticks`, written in the transaction that queues the job. Of ticks missed while nobody worked only the latest
//! is made up for.

mod duty;
mod when;

use chrono::{DateTime, NaiveDate, Utc};
use domain::kernel::housekeeping::KeepHouse;
use domain::kernel::jobs::{Job, NewJob};
use domain::notify::reminder::DailyChecks;

pub use duty::{Ticker, Time};
pub use when::latest;

/// For whom a schedule ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Each {
    /// The platform itself, by UTC.
    Platform,
    /// Every active company, by the clock on its wall.
    Tenant,
}

/// A moment at which a schedule ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The instant.
    pub at: DateTime<Utc>,
    /// The day where it ticks.
    pub day: NaiveDate,
}

/// Something that is done by the calendar.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// Its name, never reused for something else: ticks are remembered by it.
    pub name: &'static str,
    /// When: seconds, minutes, hours, days of the month, months, days of the week.
    pub cron: &'static str,
    /// For whom.
    pub each: Each,
    /// The job a tick queues.
    pub job: fn(Moment) -> serde_json::Result<NewJob>,
}

impl Schedule {
    /// Queues a job made of the moment.
    pub const fn new(name: &'static str, cron: &'static str, each: Each, job: fn(Moment) -> serde_json::Result<NewJob>) -> Self {
        Self { name, cron, each, job }
    }
}

/// Everything this program does by the calendar.
pub const SCHEDULES: &[Schedule] = &[
    // not on the hour, when everybody's reminders come
    Schedule::new("platform.keep_house", "0 17 * * * *", Each::Platform, |_| queued(&KeepHouse {})),
    Schedule::new("notify.daily", "0 0 8 * * *", Each::Tenant, |moment| queued(&DailyChecks { day: moment.day })),
];

fn queued<J: Job>(job: &J) -> serde_json::Result<NewJob> {
    NewJob::of(job)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_schedule_can_be_read_and_has_a_name_of_its_own() {
        let names: BTreeSet<_> = SCHEDULES.iter().map(|schedule| schedule.name).collect();
        assert_eq!(names.len(), SCHEDULES.len());
        for schedule in SCHEDULES {
            schedule.cron.parse::<cron::Schedule>().expect(schedule.name);
            let at = DateTime::UNIX_EPOCH;
            (schedule.job)(Moment { at, day: at.date_naive() }).expect(schedule.name);
        }
    }
}
