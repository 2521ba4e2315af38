//! The declared kinds of messages.

use std::collections::BTreeSet;

use crate::identity::defaults::ROLE_KEYS;
use crate::notify::kinds::{Audience, Channel, KINDS, Kind, Mode, OPTIONAL, to_members};

#[test]
fn a_kind_is_declared_once_and_soundly() {
    let keys: BTreeSet<&str> = KINDS.iter().map(|kind| kind.key).collect();
    assert_eq!(keys.len(), KINDS.len(), "two kinds share a key");
    for kind in KINDS {
        assert_eq!(Kind::find(kind.key).map(|kind| kind.key), Some(kind.key));
        assert!(!kind.channels.is_empty() && kind.mandatory.iter().all(|channel| kind.takes(*channel)), "{}", kind.key);
        assert!(kind.must_mention.iter().all(|name| kind.placeholders.contains(name)), "{}", kind.key);
        assert!(kind.placeholders.contains(&"url"), "{}: its button leads somewhere", kind.key);
        assert!(OPTIONAL.iter().all(|name| !kind.placeholders.contains(name)), "{}", kind.key);
        assert!(["info", "warn", "danger", "success", "neutral"].contains(&kind.tone), "{}", kind.key);
        assert_eq!(kind.audience == Audience::Addressee, !kind.takes(Channel::Bell), "{}: members have a bell", kind.key);
    }
    assert!(Kind::find("work_order").is_none());
}

#[test]
fn nobody_may_turn_off_what_is_mandatory_and_what_is_usual_may_be_chosen() {
    for kind in to_members() {
        for channel in Channel::ALL {
            let modes = kind.modes(channel);
            assert_eq!(modes.is_empty(), kind.mandatory.contains(&channel) || !kind.takes(channel), "{} {channel:?}", kind.key);
            for role in ROLE_KEYS.iter().map(|role| Some(*role)).chain([None]) {
                let usual = kind.usual(channel, role);
                assert!(modes.is_empty() || modes.contains(&usual), "{} {channel:?} {role:?}", kind.key);
            }
        }
    }
    let breach = Kind::find("work_order.sla_breach").expect("is declared");
    assert_eq!(breach.modes(Channel::Email), [Mode::Off, Mode::Now], "what is urgent is not put off");
}

#[test]
fn stored_names_read_back() {
    assert!(Channel::ALL.into_iter().all(|channel| Channel::parse(channel.as_str()) == Some(channel)));
    assert!(Mode::ALL.into_iter().all(|mode| Mode::parse(mode.as_str()) == Some(mode)));
    assert_eq!((Channel::parse("fax"), Mode::parse("weekly")), (None, None));
}
