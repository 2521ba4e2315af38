//! Which tick of a schedule was the last, where clocks change twice a year.

use chrono::offset::LocalResult;
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use cron::Schedule;

use super::Moment;

/// No clock is turned by more.
const TURN: TimeDelta = TimeDelta::hours(3);
/// Ticks looked back at: enough to leave the hours behind that a turned clock makes twice, once a second.
const LOOK_BACK: usize = 30_000;

/// The last tick at or before `now`, by the clock on the wall of `zone`. A time the wall's clock leaps over ticks as it lands; one it
/// shows twice ticks the first time.
pub fn latest(schedule: &Schedule, zone: Tz, now: DateTime<Utc>) -> Option<Moment> {
    // the calendar is asked for times on the wall, as if they were UTC's, which has every time once
    let wall = now.with_timezone(&zone).naive_local();
    // the wall may have been ahead before it was turned back: what it showed then has been
    let ahead = (wall + TURN).and_utc();
    let ticks = schedule.after(&ahead).rev().take(LOOK_BACK);
    ticks.map(|tick| Moment { at: instant(zone, tick.naive_utc()), day: tick.date_naive() }).find(|moment| moment.at <= now)
}

/// The instant at which the wall's clock first shows a time, or leaps over it.
fn instant(zone: Tz, wall: NaiveDateTime) -> DateTime<Utc> {
    use chrono::TimeZone;
    match zone.from_local_datetime(&wall) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.to_utc(),
        LocalResult::None => leap(zone, wall),
    }
}

/// The instant of the leap over a time: the first whose time on the wall is later.
fn leap(zone: Tz, wall: NaiveDateTime) -> DateTime<Utc> {
    let shown = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local();
    let (mut before, mut after) = ((wall - TimeDelta::days(2)).and_utc(), (wall + TimeDelta::days(2)).and_utc());
    while after - before > TimeDelta::seconds(1) {
        let middle = before + (after - before) / 2;
        if shown(middle) < wall {
            before = middle;
        } else {
            after = middle;
        }
    }
    // zones change on the second
    DateTime::from_timestamp(after.timestamp(), 0).unwrap_or(after)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ticked(cron: &str, zone: Tz, now: &str) -> String {
        let now = now.parse().expect("an instant");
        let moment = latest(&cron.parse().expect("a schedule"), zone, now).expect("has ticked before");
        moment.at.format("%FT%TZ").to_string()
    }

    const MORNING: &str = "0 0 8 * * *";

    #[test]
    fn mornings_are_those_of_the_place() {
        assert_eq!(ticked(MORNING, chrono_tz::Asia::Almaty, "2026-03-02T02:59:59Z"), "2026-03-01T03:00:00Z");
        assert_eq!(ticked(MORNING, chrono_tz::Asia::Almaty, "2026-03-02T03:00:00Z"), "2026-03-02T03:00:00Z");
        assert_eq!(ticked(MORNING, chrono_tz::America::New_York, "2026-03-02T13:00:00Z"), "2026-03-02T13:00:00Z");
    }

    #[test]
    fn a_time_the_clock_leaps_over_comes_as_it_lands() {
        // Berlin, 29 March 2026: 02:00 is followed by 03:00, at 01:00 UTC
        let half_past_two = "0 30 2 * * *";
        assert_eq!(ticked(half_past_two, chrono_tz::Europe::Berlin, "2026-03-29T00:59:59Z"), "2026-03-28T01:30:00Z");
        assert_eq!(ticked(half_past_two, chrono_tz::Europe::Berlin, "2026-03-29T01:00:00Z"), "2026-03-29T01:00:00Z");
        assert_eq!(ticked(half_past_two, chrono_tz::Europe::Berlin, "2026-03-30T00:30:00Z"), "2026-03-30T00:30:00Z");
        // Lord Howe leaps by half an hour
        assert_eq!(ticked("0 15 2 * * *", chrono_tz::Australia::Lord_Howe, "2026-10-03T15:30:00Z"), "2026-10-03T15:30:00Z");
    }

    #[test]
    fn a_time_the_clock_shows_twice_comes_the_first_time() {
        // Berlin, 25 October 2026: 03:00 is followed by 02:00, at 01:00 UTC
        let half_past_two = "0 30 2 * * *";
        for now in ["2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z", "2026-10-25T12:00:00Z"] {
            assert_eq!(ticked(half_past_two, chrono_tz::Europe::Berlin, now), "2026-10-25T00:30:00Z", "{now}");
        }
    }

    #[test]
    fn the_day_is_the_one_on_the_wall() {
        let schedule = "0 0 1 * * *".parse().expect("a schedule");
        let now = "2026-03-02T21:00:00Z".parse().expect("an instant");
        let moment = latest(&schedule, chrono_tz::Asia::Almaty, now).expect("has ticked");
        assert_eq!((moment.at.to_rfc3339(), moment.day.to_string()), ("2026-03-02T20:00:00+00:00".into(), "2026-03-03".into()));
    }

    proptest! {
        /// Minute by minute through a year: the last tick never goes back, and a day has one.
        #[test]
        fn a_day_has_one_tick(hour in 0u32..24, minute in 0u32..60, zone in prop::sample::select(vec![
            chrono_tz::Europe::Berlin, chrono_tz::America::New_York, chrono_tz::Australia::Lord_Howe, chrono_tz::Asia::Almaty,
            chrono_tz::Europe::Istanbul, chrono_tz::Africa::Casablanca]), start in 0i64..360)
        {
            let schedule = format!("0 {minute} {hour} * * *").parse().expect("a schedule");
            let begin = DateTime::from_timestamp(1_767_225_600 + start * 86_400, 0).expect("2026");
            let mut days = Vec::new();
            let mut last = None;
            for step in 0..5 * 48 {
                let now = begin + TimeDelta::minutes(30 * step);
                let moment = latest(&schedule, zone, now).expect("has ticked");
                prop_assert!(moment.at <= now);
                if let Some(last) = last.replace(moment.at) {
                    prop_assert!(last <= moment.at);
                    if last == moment.at { continue; }
                }
                days.push(moment.day);
            }
            let count = days.len();
            days.dedup();
            prop_assert_eq!(days.len(), count, "twice on one day");
            prop_assert!(days.windows(2).all(|pair| pair[0].succ_opt() == Some(pair[1])), "{:?}", days);
        }
    }
}
