//! By which ways a message reaches one person, and when: what they chose for the kind, their quiet hours, the letter in which
//! several are listed. Pure: the same person, kind and moment always give the same ways.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use workflows::calendar::local;

use super::kinds::{Channel, Kind, Mode, Urgency};

/// When the daily letter goes out, by the reader's clock.
const MORNING: NaiveTime = NaiveTime::from_hms_opt(8, 0, 0).expect("an hour of the day");

/// Hours in which only what is urgent comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quiet {
    pub from: NaiveTime,
    pub until: NaiveTime,
    pub zone: Tz,
}

impl Quiet {
    /// When the quiet around a moment ends; nothing outside of it.
    pub fn end(&self, moment: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let here = moment.with_timezone(&self.zone);
        let (day, time) = (here.date_naive(), here.time());
        let over_night = self.from > self.until;
        let (begun, over) = (time >= self.from, time >= self.until);
        let quiet = if over_night { begun || !over } else { begun && !over };
        let day = if over_night && begun { day.succ_opt()? } else { day };
        local(self.zone, day, self.until).filter(|end| quiet && *end > moment)
    }
}

/// Somebody to be told.
#[derive(Debug)]
pub(super) struct Reader {
    pub email: Option<String>,
    pub telegram_chat: Option<i64>,
    /// The key of their role, where it is one of the default ones.
    pub role: Option<String>,
    /// What they chose for the kind.
    pub modes: BTreeMap<Channel, Mode>,
    /// The channels a workflow file says, whatever they chose; empty where it leaves that to them.
    pub only: Vec<Channel>,
    pub quiet: Option<Quiet>,
    /// By whose clock letters are collected: theirs, or the company's.
    pub zone: Tz,
}

/// A message outside the application.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Way {
    pub channel: Channel,
    /// Nothing: the person has no address for the channel.
    pub address: Option<String>,
    /// When it is sent; nothing for at once.
    pub wake_at: Option<DateTime<Utc>>,
    /// The letter it is listed in.
    pub digest: Option<Mode>,
}

impl Reader {
    /// How they take a kind by a channel.
    pub fn mode(&self, kind: &Kind, channel: Channel) -> Mode {
        let usual = kind.usual(channel, self.role.as_deref());
        let chosen = self.modes.get(&channel).copied().filter(|mode| kind.modes(channel).contains(mode)).unwrap_or(usual);
        let said = self.only.is_empty() || kind.mandatory.contains(&channel) || self.only.contains(&channel);
        match chosen {
            _ if !said => Mode::Off,
            // a channel that the file names is taken; how soon is still theirs to say
            Mode::Off if !self.only.is_empty() && kind.takes(channel) => Mode::Now,
            chosen => chosen,
        }
    }

    /// The ways outside the application.
    pub fn ways(&self, kind: &Kind, now: DateTime<Utc>) -> Vec<Way> {
        [Channel::Email, Channel::Telegram].into_iter().filter_map(|channel| self.way(kind, channel, now)).collect()
    }

    fn way(&self, kind: &Kind, channel: Channel, now: DateTime<Utc>) -> Option<Way> {
        let mode = self.mode(kind, channel);
        if mode == Mode::Off {
            return None;
        }
        let address = match channel {
            Channel::Telegram => self.telegram_chat.map(|chat| chat.to_string()),
            Channel::Email | Channel::Bell => self.email.clone(),
        };
        let digest = Some(mode).filter(|mode| matches!(mode, Mode::Hourly | Mode::Daily));
        let collected = digest.and_then(|mode| collected(mode, self.zone, now));
        let quiet = self.quiet.filter(|_| kind.urgency != Urgency::Urgent);
        let waits = quiet.and_then(|quiet| quiet.end(collected.unwrap_or(now))).or(collected);
        Some(Way { channel, wake_at: waits.filter(|_| address.is_some()), digest: digest.filter(|_| address.is_some()), address })
    }
}

/// When the next letter of a mode goes out: at the full hour, or at eight in the morning.
fn collected(mode: Mode, zone: Tz, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let here = now.with_timezone(&zone);
    if mode == Mode::Hourly {
        let gone = i64::from(here.minute()) * 60 + i64::from(here.second());
        return Some(now - TimeDelta::nanoseconds(i64::from(here.nanosecond())) + TimeDelta::seconds(3600 - gone));
    }
    let today = here.date_naive();
    [Some(today), today.succ_opt()].into_iter().flatten().filter_map(|day| local(zone, day, MORNING)).find(|at| *at > now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> NaiveTime {
        text.parse().expect("a time")
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a moment")
    }

    fn kind(key: &str) -> &'static Kind {
        Kind::find(key).expect("a kind")
    }

    /// Quiet from ten in the evening till seven, in Almaty (UTC+5).
    fn reader() -> Reader {
        let zone = Tz::Asia__Almaty;
        Reader {
            email: Some("a@example.kz".to_owned()),
            telegram_chat: None,
            role: None,
            modes: BTreeMap::new(),
            only: Vec::new(),
            quiet: Some(Quiet { from: time("22:00:00"), until: time("07:00:00"), zone }),
            zone,
        }
    }

    fn mail(reader: &Reader, key: &str, now: &str) -> Option<DateTime<Utc>> {
        let ways = reader.ways(kind(key), at(now));
        ways.iter().find(|way| way.channel == Channel::Email).expect("a letter").wake_at
    }

    #[test]
    fn channels_a_file_names_are_taken_and_no_other_save_what_is_mandatory() {
        let off = BTreeMap::from([(Channel::Email, Mode::Off), (Channel::Telegram, Mode::Daily)]);
        let said = |only: &[Channel]| Reader { modes: off.clone(), only: only.to_vec(), ..reader() };
        let modes = |only: &[Channel], key: &str| Channel::ALL.map(|channel| said(only).mode(kind(key), channel));
        assert_eq!(modes(&[], "work_order.completed"), [Mode::Now, Mode::Off, Mode::Now]);
        assert_eq!(modes(&[Channel::Email], "work_order.completed"), [Mode::Off, Mode::Now, Mode::Off]);
        assert_eq!(modes(&[Channel::Bell], "work_order.completed"), [Mode::Now, Mode::Off, Mode::Off]);
        assert_eq!(modes(&[Channel::Telegram], "work_order.approval_requested"), [Mode::Now, Mode::Now, Mode::Now]);
    }

    #[test]
    fn in_quiet_hours_only_what_is_urgent_comes() {
        let reader = reader();
        assert_eq!(mail(&reader, "work_order.assigned", "2026-03-02T12:00:00Z"), None, "five in the afternoon");
        assert_eq!(mail(&reader, "work_order.assigned", "2026-03-02T17:00:00Z"), Some(at("2026-03-03T02:00:00Z")), "ten in the evening");
        assert_eq!(mail(&reader, "work_order.assigned", "2026-03-03T01:59:59Z"), Some(at("2026-03-03T02:00:00Z")));
        assert_eq!(mail(&reader, "work_order.assigned", "2026-03-03T02:00:00Z"), None, "seven: it is over");
        assert_eq!(mail(&reader, "work_order.sla_breach", "2026-03-02T20:00:00Z"), None, "urgent");
        let noon = Quiet { from: time("12:00:00"), until: time("13:00:00"), zone: Tz::UTC };
        assert_eq!(noon.end(at("2026-03-02T12:30:00Z")), Some(at("2026-03-02T13:00:00Z")));
        assert_eq!(noon.end(at("2026-03-02T13:00:00Z")), None);
    }

    #[test]
    fn quiet_ends_when_the_clock_on_the_wall_says_so() {
        // in New York the clock leaps from two to three on the 8th
        let quiet = Quiet { from: time("23:00:00"), until: time("02:30:00"), zone: Tz::America__New_York };
        assert_eq!(quiet.end(at("2026-03-08T05:00:00Z")), Some(at("2026-03-08T07:00:00Z")), "the moment of the leap");
        assert_eq!(quiet.end(at("2026-11-01T04:30:00Z")), Some(at("2026-11-01T07:30:00Z")), "an hour comes twice");
    }

    #[test]
    fn letters_are_collected_by_the_readers_clock_and_wait_for_the_end_of_the_quiet() {
        let mut reader = reader();
        reader.modes.insert(Channel::Email, Mode::Daily);
        assert_eq!(mail(&reader, "work_order.completed", "2026-03-02T02:59:00Z"), Some(at("2026-03-02T03:00:00Z")));
        assert_eq!(mail(&reader, "work_order.completed", "2026-03-02T03:00:00Z"), Some(at("2026-03-03T03:00:00Z")));
        reader.modes.insert(Channel::Email, Mode::Hourly);
        assert_eq!(mail(&reader, "work_order.completed", "2026-03-02T10:20:30.5Z"), Some(at("2026-03-02T11:00:00Z")));
        assert_eq!(mail(&reader, "work_order.completed", "2026-03-02T16:20:00Z"), Some(at("2026-03-03T02:00:00Z")), "ten in the evening");
        reader.zone = Tz::Asia__Kolkata;
        reader.quiet = None;
        assert_eq!(mail(&reader, "work_order.completed", "2026-03-02T10:20:00Z"), Some(at("2026-03-02T10:30:00Z")), "half an hour off");
    }

    #[test]
    fn what_was_chosen_holds_where_it_may_be_chosen() {
        let mut reader = reader();
        reader.quiet = None;
        reader.modes.insert(Channel::Email, Mode::Off);
        let now = at("2026-03-02T10:00:00Z");
        let channels = |reader: &Reader, key: &str| reader.ways(kind(key), now).iter().map(|way| way.channel).collect::<Vec<_>>();
        assert_eq!(channels(&reader, "work_order.completed"), [Channel::Telegram]);
        assert_eq!(channels(&reader, "work_order.approval_requested"), [Channel::Email, Channel::Telegram], "mandatory by mail");
        let skipped = reader.ways(kind("work_order.completed"), now);
        assert_eq!(skipped[0], Way { channel: Channel::Telegram, address: None, wake_at: None, digest: None }, "no chat is linked");
        let onlooker = Reader { role: Some("viewer".to_owned()), modes: BTreeMap::new(), ..reader };
        assert_eq!(onlooker.mode(kind("work_order.completed"), Channel::Email), Mode::Daily);
        assert_eq!(onlooker.mode(kind("work_order.assigned"), Channel::Email), Mode::Now);
    }
}
