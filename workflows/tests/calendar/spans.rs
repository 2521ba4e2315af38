//! Lengths of time as they are written.

use chrono::TimeDelta;
use proptest::prelude::*;
use workflows::duration::Span;

use crate::support::{calendar, office, span};

#[test]
fn spans_are_read_and_written() {
    for (text, days, seconds, written) in [
        ("PT4H", 0, 14_400, "PT4H"),
        ("P2D", 2, 0, "P2D"),
        ("P1W", 7, 0, "P7D"),
        ("P1W2DT3H4M5S", 9, 11_045, "P9DT3H4M5S"),
        ("PT90M", 0, 5_400, "PT1H30M"),
        ("PT36H", 0, 129_600, "PT36H"),
        ("PT0S", 0, 0, "PT0S"),
        ("P0D", 0, 0, "PT0S"),
        ("P3653D", 3_653, 0, "P3653D"),
    ] {
        assert_eq!(Span::parse(text), Some(Span { days, seconds }), "{text}");
        assert_eq!(Span { days, seconds }.to_string(), written);
    }
}

#[test]
fn what_is_no_span_is_refused() {
    for text in [
        "",
        "P",
        "PT",
        "4H",
        "P4H",
        "PT2D",
        "P-1D",
        "P+1D",
        "P1.5D",
        "P1Y",
        "P1M",
        "PT1H1H",
        "PT1M1H",
        "P1D1W",
        "P 1D",
        "P1DT",
        "p1d",
        "PD",
        "PTH",
        "P3654D",
        "P3653DT1S",
        "PT99999999999H",
        "P4294967295D",
        "P1D\n",
        "PT１H",
    ] {
        assert_eq!(Span::parse(text), None, "{text}");
    }
}

#[test]
fn a_day_is_24_hours_on_the_wall_and_the_longest_weekday_at_work() {
    assert_eq!(span("P1DT1H").wall(), TimeDelta::hours(25));
    assert_eq!(span("P2DT1H").on(&office("Asia/Almaty")), Some(17 * 3_600));
    assert_eq!(span("P1D").on(&calendar("Asia/Almaty", &[("mon-thu", &["09:00-18:00"]), ("fri", &["09:00-15:00"])], &[])), Some(9 * 3_600));
    for never in ["P1D", "PT4H", "PT0S"] {
        assert_eq!(span(never).on(&calendar("Asia/Almaty", &[], &[])), None, "nothing ever ends where nobody works");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_back(days in 0..3_600_u32, seconds in 0..4_000_000_u32) {
        let span = Span { days, seconds };
        prop_assert_eq!(Span::parse(&span.to_string()), Some(span));
        let json = serde_json::to_string(&span).expect("JSON");
        prop_assert_eq!(serde_json::from_str::<Span>(&json).expect("a span"), span);
    }

    #[test]
    fn any_text_is_a_span_or_none(text in "[PWDTHMS0-9+.-]{0,12}|.{0,12}") {
        if let Some(span) = Span::parse(&text) {
            prop_assert!(span.wall() <= TimeDelta::days(3_653));
            prop_assert_eq!(Span::parse(&span.to_string()), Some(span));
        }
    }
}
