//! The elected process that looks at the calendar.

use std::collections::HashMap;
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::kernel::clock::Clock;
use domain::kernel::jobs::{self, Tick};
use sqlx::PgConnection;

use super::{Each, Moment, Schedule, latest};
use crate::queue::leader::Duty;
use crate::queue::listen;
use crate::queue::pool::within;

/// Companies a statement, so that none runs long.
const BATCH: i32 = 1000;
const LIMIT: Duration = Duration::from_secs(10);
/// How often it looks.
const EVERY: Duration = Duration::from_secs(1);

/// Whose clock it goes by.
#[derive(Clone, Debug)]
pub enum Time {
    /// The database's, which all processes share.
    Database,
    /// One that a test moves.
    Of(Clock),
}

/// The duty of the calendar.
#[derive(Debug)]
pub struct Ticker {
    schedules: Vec<(Schedule, cron::Schedule)>,
    time: Time,
    /// The tick of a schedule and zone that everybody has been given: the database need not be asked again.
    given: HashMap<(&'static str, Tz), DateTime<Utc>>,
    zones: Vec<Tz>,
    zones_of: Option<DateTime<Utc>>,
}

impl Ticker {
    /// For these schedules. One that cannot be read is left out and said so; a test reads those of this program.
    pub fn new(schedules: &[Schedule], time: Time) -> Self {
        let read = |schedule: &Schedule| match cron::Schedule::from_str(schedule.cron) {
            Ok(cron) => Some((*schedule, cron)),
            Err(error) => {
                tracing::error!(schedule = schedule.name, %error, "cannot be read and never ticks");
                None
            }
        };
        Self { schedules: schedules.iter().filter_map(read).collect(), time, given: HashMap::new(), zones: Vec::new(), zones_of: None }
    }

    /// Queues what is due now; answers how many jobs.
    ///
    /// # Errors
    /// The database's. What was queued stays so; the rest is queued the next time.
    pub async fn tick(&mut self, conn: &mut PgConnection) -> sqlx::Result<i64> {
        let now = self.now(conn).await?;
        self.look_up_zones(conn, now).await?;
        let mut queued = 0;
        for (schedule, cron) in &self.schedules {
            let zones = if schedule.each == Each::Platform { &[Tz::UTC][..] } else { &self.zones };
            for zone in zones {
                let Some(moment) = latest(cron, *zone, now) else { continue };
                if self.given.get(&(schedule.name, *zone)).is_some_and(|given| *given >= moment.at) {
                    continue;
                }
                queued += give(conn, schedule, *zone, moment).await?;
                self.given.insert((schedule.name, *zone), moment.at);
            }
        }
        Ok(queued)
    }

    async fn now(&self, conn: &mut PgConnection) -> sqlx::Result<DateTime<Utc>> {
        match &self.time {
            Time::Database => within(LIMIT, sqlx::query_scalar("SELECT now()").fetch_one(conn)).await,
            Time::Of(clock) => Ok(clock.now()),
        }
    }

    /// Companies come and move: looked up every minute. A company that came since its zone was given a tick is younger than the tick.
    async fn look_up_zones(&mut self, conn: &mut PgConnection, now: DateTime<Utc>) -> sqlx::Result<()> {
        if self.zones_of.is_some_and(|of| now - of < chrono::TimeDelta::minutes(1)) {
            return Ok(());
        }
        let names: Vec<String> = within(LIMIT, sqlx::query_scalar("SELECT zone FROM queue.zones()").fetch_all(conn)).await?;
        self.zones = names.iter().filter_map(|name| name.parse().ok()).collect();
        self.zones_of = Some(now);
        Ok(())
    }
}

/// Gives the tick to everybody it is for.
async fn give(conn: &mut PgConnection, schedule: &Schedule, zone: Tz, moment: Moment) -> sqlx::Result<i64> {
    let job = match (schedule.job)(moment) {
        Ok(job) => job,
        Err(error) => {
            tracing::error!(schedule = schedule.name, %error, "its job cannot be written");
            return Ok(0);
        }
    };
    let zone = (schedule.each == Each::Tenant).then(|| zone.name());
    let tick = Tick { name: schedule.name, zone, at: moment.at };
    let mut all = 0;
    loop {
        let queued = within(LIMIT, jobs::tick(conn, tick, &job, BATCH)).await?;
        all += queued;
        if queued < i64::from(BATCH) {
            break;
        }
    }
    if all > 0 {
        tracing::info!(schedule = schedule.name, at = %moment.at, jobs = all, "ticked");
        metrics::counter!("millwright_ticks_total", "schedule" => schedule.name).increment(all.unsigned_abs());
        within(LIMIT, listen::ring(conn, job.lane())).await?;
    }
    Ok(all)
}

impl Duty for Ticker {
    const LOCK: i64 = 0x4d69_6c6c_0004;
    const NAME: &'static str = "the calendar";

    async fn round(&mut self, conn: &mut PgConnection) -> sqlx::Result<Duration> {
        self.tick(conn).await?;
        Ok(EVERY)
    }

    /// Whoever is elected meanwhile gives what is due; elected again, it is looked up afresh.
    fn resigned(&mut self) {
        self.given.clear();
        self.zones_of = None;
    }
}
