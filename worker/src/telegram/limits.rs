//! What Telegram lets one bot say: thirty messages a second in all, one a second to a chat, twenty a minute to a group. A message
//! that would come too early waits here for a moment, or is put off without a call; so is one to a chat Telegram has asked to be
//! left alone, while the other chats flow. Each process counts for itself: should several of them together say too much,
//! Telegram answers 429, which is honoured the same way.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Messages of the bot a second.
const BOT: Rate = Rate { times: 30, within: Duration::from_secs(1) };
/// Messages to one chat.
const CHAT: Rate = Rate { times: 1, within: Duration::from_secs(1) };
/// Messages to one group.
const GROUP: Rate = Rate { times: 20, within: Duration::from_mins(1) };
/// So long a message waits for its turn in the hands of its job; if it is longer, the job is put off.
const PATIENCE: Duration = Duration::from_secs(2);
/// Chats remembered; beyond, those that have been silent are forgotten.
const CHATS: usize = 10_000;

#[derive(Clone, Copy)]
struct Rate {
    times: usize,
    within: Duration,
}

/// When something was said lately, oldest first; some of it may be about to be said.
#[derive(Debug, Default)]
struct Said(VecDeque<Instant>);

impl Said {
    /// The earliest moment from `now` on at which once more is within the rate.
    fn next(&self, now: Instant, rate: Rate) -> Instant {
        let before = self.0.len().checked_sub(rate.times).and_then(|at| self.0.get(at));
        before.map_or(now, |before| now.max(*before + rate.within))
    }

    fn note(&mut self, at: Instant, rate: Rate) {
        self.0.push_back(at);
        while self.0.len() > rate.times {
            self.0.pop_front();
        }
    }
}

#[derive(Debug, Default)]
struct Chat {
    said: Said,
    in_minute: Said,
    /// Telegram asked to be left alone until then.
    silent_until: Option<Instant>,
}

#[derive(Debug, Default)]
struct State {
    bot: Said,
    chats: HashMap<i64, Chat>,
}

/// Whether a message may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It may, at this moment; its place is kept.
    At(Instant),
    /// Not for so long; nothing is kept.
    Later(Duration),
}

/// The limits of one bot in this process. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Limits(Arc<Mutex<State>>);

/// Groups have negative numbers.
fn is_group(chat: i64) -> bool {
    chat < 0
}

impl Limits {
    /// The turn of a message to a chat.
    pub fn turn(&self, now: Instant, chat: i64) -> Turn {
        let mut state = self.state();
        state.forget(now);
        let State { bot, chats } = &mut *state;
        let known = chats.entry(chat).or_default();
        let mut at = known.said.next(now, CHAT).max(bot.next(now, BOT));
        if is_group(chat) {
            at = at.max(known.in_minute.next(now, GROUP));
        }
        if let Some(until) = known.silent_until {
            at = at.max(until);
        }
        if at - now > PATIENCE {
            return Turn::Later(at - now);
        }
        known.said.note(at, CHAT);
        known.in_minute.note(at, GROUP);
        bot.note(at, BOT);
        Turn::At(at)
    }

    /// Telegram asked to leave the chat alone for so long.
    pub fn silence(&self, now: Instant, chat: i64, wait: Duration) {
        self.state().chats.entry(chat).or_default().silent_until = Some(now + wait);
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn forget(&mut self, now: Instant) {
        if self.chats.len() < CHATS {
            return;
        }
        self.chats.retain(|_, chat| {
            let spoken_to = chat.said.0.back().is_some_and(|last| now.saturating_duration_since(*last) < GROUP.within);
            spoken_to || chat.silent_until.is_some_and(|until| until > now)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn waits(turn: Turn, now: Instant) -> Duration {
        match turn {
            Turn::At(at) => at - now,
            Turn::Later(wait) => wait,
        }
    }

    #[test]
    fn a_chat_hears_one_message_a_second_and_the_others_at_once() {
        let (limits, now) = (Limits::default(), Instant::now());
        assert_eq!(limits.turn(now, 1), Turn::At(now));
        assert_eq!(limits.turn(now, 1), Turn::At(now + SECOND));
        assert_eq!(limits.turn(now, 1), Turn::At(now + 2 * SECOND));
        assert_eq!(limits.turn(now, 1), Turn::Later(3 * SECOND), "the job does not wait so long");
        assert_eq!(limits.turn(now, 2), Turn::At(now));
        let later = now + 3 * SECOND;
        assert_eq!(limits.turn(later, 1), Turn::At(later), "what was put off kept no place");
    }

    #[test]
    fn the_bot_says_thirty_messages_a_second() {
        let (limits, now) = (Limits::default(), Instant::now());
        let within = |from: i64| (from..from + 30).map(|chat| waits(limits.turn(now, chat), now)).max();
        assert_eq!(within(1), Some(Duration::ZERO));
        assert_eq!(within(101), Some(SECOND));
        assert_eq!(within(201), Some(2 * SECOND));
        assert_eq!(limits.turn(now, 999), Turn::Later(3 * SECOND));
        assert_eq!(limits.turn(now + 5 * SECOND, 999), Turn::At(now + 5 * SECOND));
    }

    #[test]
    fn a_group_hears_twenty_messages_a_minute() {
        let (limits, began) = (Limits::default(), Instant::now());
        let mut now = began;
        for _ in 0..20 {
            assert_eq!(limits.turn(now, -7), Turn::At(now));
            now += SECOND;
        }
        assert_eq!(limits.turn(now, -7), Turn::Later(40 * SECOND), "a minute after the first");
        assert_eq!(limits.turn(now, 7), Turn::At(now), "a person is no group");
        now = began + 60 * SECOND;
        assert_eq!(limits.turn(now, -7), Turn::At(now));
    }

    #[test]
    fn a_chat_that_asked_for_patience_gets_it_to_the_second_and_alone() {
        for seconds in [3, 10_072] {
            let (limits, now) = (Limits::default(), Instant::now());
            let wait = seconds * SECOND;
            limits.silence(now, 5, wait);
            assert_eq!(limits.turn(now, 5), Turn::Later(wait));
            assert_eq!(limits.turn(now, 6), Turn::At(now), "other chats flow");
            let almost = now + wait - Duration::from_millis(2_001);
            assert_eq!(limits.turn(almost, 5), Turn::Later(Duration::from_millis(2_001)), "no early call");
            assert_eq!(limits.turn(now + wait, 5), Turn::At(now + wait));
        }
    }

    #[test]
    fn chats_that_fell_silent_are_forgotten() {
        let (limits, mut now) = (Limits::default(), Instant::now());
        limits.silence(now, -1, 3_600 * SECOND);
        for chat in 1..i64::try_from(CHATS).expect("fits") {
            limits.turn(now, chat);
            now += Duration::from_millis(34);
        }
        limits.turn(now + 61 * SECOND, 0);
        let known = limits.state().chats.len();
        assert_eq!(known, 2, "the newest, and the one that asked for patience");
    }
}
