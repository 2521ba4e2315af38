//! Runs of service levels: they start, pause, warn, breach and stop.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use workflows::calendar::Calendar;
use workflows::duration::Span;
use workflows::sla::{Cause, Clock, Event, Health, Phase, Run, Terms, Thresholds};
use workflows::{Field, Kind, Record, Subject, Value, Vocabulary, Workflow};

use crate::support::{calendar, here, office, shown, span, utc};

const HOUR: i64 = 3_600;

fn terms(clock: Clock, target: &str, calendar: &Calendar) -> Terms {
    Terms {
        format: Terms::FORMAT,
        sla: "resolution".to_owned(),
        definition: "cafe".to_owned(),
        clock,
        target: span(target),
        warn: Some(80),
        breach: vec![span("PT0S"), span("PT2H")],
        calendar: (clock == Clock::Business).then(|| calendar.clone()),
    }
}

fn entered(state: &str) -> Cause {
    Cause::State(state.to_owned())
}

/// A run of four working hours that starts on Monday at nine.
fn monday(calendar: &Calendar) -> Run {
    Run::start(1, terms(Clock::Business, "PT4H", calendar), here(calendar, "2026-03-02 09:00"), entered("open"))
}

#[test]
fn a_run_warns_breaches_and_breaches_again() {
    let office = office("Asia/Almaty");
    let mut run = monday(&office);
    let at = |text: &str| here(&office, text);
    assert_eq!(run.next_due(), Some((Event::Warn, at("2026-03-02 12:12"))));
    let early = at("2026-03-02 12:11");
    assert_eq!(run.status(early).word(), "running");
    assert!(!run.deliver(Event::Warn, early), "nothing is due yet");
    let now = at("2026-03-02 12:12");
    assert_eq!((run.status(now).word(), run.status(now).health), ("warned", Health::Warning));
    assert!(run.deliver(Event::Warn, now));
    assert!(!run.deliver(Event::Warn, now), "once is enough");
    assert_eq!(run.next_due(), Some((Event::Breach(0), at("2026-03-02 13:00"))));
    let now = at("2026-03-02 13:30");
    assert_eq!((run.status(now).word(), run.status(now).remaining), ("breached", Some(0)), "lunch does not count");
    assert!(run.deliver(Event::Breach(0), now));
    assert_eq!(run.next_due(), Some((Event::Breach(1), at("2026-03-02 16:00"))), "two working hours later");
    assert!(run.deliver(Event::Breach(1), at("2026-03-05 10:00")), "late, but not lost");
    assert_eq!(run.next_due(), None);
    assert!(!run.deliver(Event::Breach(2), at("2026-03-06 10:00")), "there is no such step");
}

#[test]
fn waiting_stops_the_clock() {
    let office = office("Asia/Almaty");
    let mut run = monday(&office);
    let at = |text: &str| here(&office, text);
    assert!(run.pause(at("2026-03-02 10:00"), entered("waiting_parts")));
    assert!(!run.pause(at("2026-03-02 10:30"), entered("waiting_parts")), "it waits already");
    let now = at("2026-03-04 17:00");
    let status = run.status(now);
    assert_eq!((status.word(), status.phase, status.elapsed, status.remaining), ("paused", Phase::Paused, HOUR, Some(3 * HOUR)));
    assert_eq!(status.due_at.map(|due| shown(&office, due)).as_deref(), Some("2026-03-05 11:00+05:00"), "if it went on now");
    assert_eq!(run.next_due(), None);
    assert!(run.resume(at("2026-03-05 09:00"), entered("open")));
    assert_eq!(run.next_due(), Some((Event::Warn, at("2026-03-05 11:12"))));
    assert_eq!(run.status(at("2026-03-05 12:00")).word(), "breached");
    let evidence: Vec<(bool, i64, &Cause)> = run.segments().iter().map(|part| (part.running, part.counted, &part.cause)).collect();
    assert_eq!(evidence, [(true, HOUR, &entered("open")), (false, 0, &entered("waiting_parts")), (true, 0, &entered("open"))]);
}

#[test]
fn a_stopped_run_is_history() {
    let office = office("Asia/Almaty");
    let mut run = monday(&office);
    let at = |text: &str| here(&office, text);
    assert!(run.stop(at("2026-03-02 12:30"), entered("completed")));
    assert!(!run.stop(at("2026-03-02 12:40"), entered("closed")));
    assert!(!run.pause(at("2026-03-02 12:40"), entered("waiting_parts")) && !run.resume(at("2026-03-02 12:40"), entered("open")));
    for now in [at("2026-03-02 12:30"), at("2026-03-30 09:00")] {
        let status = run.status(now);
        assert_eq!((status.word(), status.health, status.elapsed), ("stopped", Health::Warning, 3 * HOUR + HOUR / 2));
        assert_eq!((status.due_at, status.warn_at), (None, Some(at("2026-03-02 12:12"))), "it was warned of and never breached");
        assert_eq!(run.owed(now), [(Event::Warn, at("2026-03-02 12:12"))], "the worker was away: the warning is still owed");
    }
    assert_eq!(run.next_due(), Some((Event::Warn, at("2026-03-02 12:12"))));
    assert_eq!(run.stopped(), Some((at("2026-03-02 12:30"), &entered("completed"))));
}

#[test]
fn a_reopened_record_has_a_new_run() {
    let office = office("Asia/Almaty");
    let mut first = monday(&office);
    first.stop(here(&office, "2026-03-03 09:00"), entered("completed"));
    let kept = first.clone();
    let second = Run::start(first.number + 1, first.terms.clone(), here(&office, "2026-03-04 09:00"), entered("open"));
    assert_eq!((second.number, second.elapsed(here(&office, "2026-03-04 10:00"))), (2, HOUR));
    assert_eq!(first, kept);
}

#[test]
fn a_wall_clock_counts_nights() {
    let calendar = office("Asia/Almaty");
    let run = Run::start(1, terms(Clock::Wall, "P1DT1H", &calendar), utc("2026-03-06 16:00"), Cause::Effect("arrive".to_owned()));
    assert_eq!(run.status(utc("2026-03-06 20:00")).due_at, Some(utc("2026-03-07 17:00")));
    assert_eq!(run.moment(Event::Breach(1)), Some(utc("2026-03-07 19:00")));
    assert_eq!(run.elapsed(utc("2026-03-07 16:00")), 24 * HOUR);
}

#[test]
fn a_calendar_that_never_works_never_breaches() {
    let run = Run::start(1, terms(Clock::Business, "PT4H", &calendar("UTC", &[], &[])), utc("2026-03-06 16:00"), entered("open"));
    let status = run.status(utc("2030-03-06 16:00"));
    assert_eq!((status.word(), status.due_at, run.next_due()), ("running", None, None));
}

#[test]
fn a_run_keeps_what_it_started_under() {
    let run = monday(&office("Asia/Almaty"));
    let stored = serde_json::to_string(&run).expect("JSON");
    let read: Run = serde_json::from_str(&stored).expect("a run");
    assert_eq!(read, run, "the calendar is in the snapshot: {stored}");
    assert!(stored.contains(r#""format":1"#) && stored.contains(r#""target":"PT4H""#) && stored.contains("Asia/Almaty"), "{stored}");
    let later = stored.replace(r#""format":1"#, r#""format":2"#);
    assert!(serde_json::from_str::<Run>(&later).is_err(), "what a later version wrote is not misread");
}

#[test]
fn a_clock_of_another_transaction_does_not_turn_time_back() {
    let office = office("UTC");
    let mut run = Run::start(1, terms(Clock::Business, "PT4H", &office), utc("2026-03-02 10:00"), entered("open"));
    assert!(run.pause(utc("2026-03-02 09:59"), entered("waiting_parts")));
    assert!(run.stop(utc("2026-03-02 09:58"), entered("completed")));
    assert_eq!(run.elapsed(utc("2026-03-03 10:00")), 0);
    assert_eq!(run.stopped().map(|(at, _)| at), Some(utc("2026-03-02 10:00")));
}

#[test]
fn a_company_sets_its_own_thresholds() {
    let mine = Thresholds {
        target: Some(span("PT6H")),
        by: [("critical".to_owned(), span("PT2H")), ("low".to_owned(), span("PT0S"))].into(),
        warn: Some(50),
    };
    assert_eq!(mine.target(Some("critical"), span("PT4H")), span("PT2H"));
    assert_eq!(mine.target(Some("high"), span("PT4H")), span("PT6H"));
    assert_eq!(mine.target(Some("low"), span("P5D")), span("P5D"), "no time at all is no target");
    assert_eq!(mine.warn(Some(80)), Some(50));
    assert_eq!(mine.warn(None), None, "the file has nothing to do at a warning");
    let none = Thresholds::default();
    assert_eq!((none.target(None, span("P1D")), none.warn(Some(80))), (span("P1D"), Some(80)));
    assert_eq!(Thresholds { warn: Some(100), ..none }.warn(Some(80)), Some(80));
}

#[test]
fn a_run_starts_under_the_company_s_figures() {
    const SUBJECT: Subject = Subject {
        key: "ticket",
        fields: &[
            Field { name: "state", kind: Kind::Text, nullable: false, writable: false },
            Field { name: "priority", kind: Kind::Choice(&["high", "low"]), nullable: false, writable: true },
        ],
    };
    let source = "workflow: ticket\nversion: 1\nentity: ticket\ninitial: [{to: a}]\nstates:\n  a: {category: todo}\n  b: {category: done, terminal: true}\n\
                  transitions:\n  go: {from: a, to: b, permission: p.q}\nslas:\n  by: {clock: business, start: [a], stop: [b], target: {by: doc.priority, \
                  high: PT4H, low: P2D}, warn: {at: 80%, notify: {text: t.x, to: [actor]}}}\n  flat: {clock: wall, start: [a], stop: [b], target: PT6H}\n";
    let vocabulary = Vocabulary { permissions: &["p.q"], texts: &["t.x"], ..Vocabulary::default() };
    let workflow =
        Workflow::load(source, "ticket.yml", &SUBJECT, &vocabulary).unwrap_or_else(|found| panic!("{}", workflows::render(&found)));
    let own = Thresholds { target: Some(span("PT9H")), by: [("high".to_owned(), span("PT1H"))].into(), warn: Some(60) };
    let started = |sla: &str, priority: &str| {
        let doc = Record::default().with("priority", Value::Text(priority.to_owned()));
        let sla = workflow.sla(sla).expect("it is there");
        let target = sla.target_for(&doc).expect("it applies");
        let terms = workflow.sla_terms(&sla.id, target, &office("UTC")).expect("it is there");
        let own = terms.clone().under(&own, sla, &doc);
        ((terms.target, terms.warn, terms.calendar.is_some()), (own.target, own.warn, own.definition == workflow.hash()))
    };
    assert_eq!(started("by", "high"), ((span("PT4H"), Some(80), true), (span("PT1H"), Some(60), true)));
    assert_eq!(started("by", "low"), ((span("P2D"), Some(80), true), (span("PT9H"), Some(60), true)));
    assert_eq!(
        started("flat", "low"),
        ((span("PT6H"), None, false), (span("PT9H"), None, true)),
        "without a warning there is none to move"
    );
}

#[test]
fn events_have_names() {
    for (event, name) in [(Event::Warn, "warn"), (Event::Breach(0), "breach.0"), (Event::Breach(12), "breach.12")] {
        assert_eq!(event.to_string(), name);
        assert_eq!(Event::parse(name), Some(event));
    }
    assert_eq!(Event::parse("breach"), None);
    assert_eq!(Event::parse("breach.-1"), None);
}

/// What is done to a run, each so many minutes after the one before.
#[derive(Clone, Debug)]
enum Act {
    Pause,
    Resume,
    Deliver,
    Stop,
}

fn acts() -> impl Strategy<Value = Vec<(Act, i64)>> {
    let act = prop_oneof![5 => Just(Act::Pause), 5 => Just(Act::Resume), 4 => Just(Act::Deliver), 1 => Just(Act::Stop)];
    prop::collection::vec((act, 0..2_000_i64), 0..12)
}

/// Plays the acts, calling back before and after each.
fn play(run: &mut Run, acts: &[(Act, i64)], mut step: impl FnMut(&Run, &Run, &Act, DateTime<Utc>)) -> DateTime<Utc> {
    let mut now = run.segments()[0].from;
    for (act, minutes) in acts {
        now += TimeDelta::minutes(*minutes);
        let before = run.clone();
        match act {
            Act::Pause => _ = run.pause(now, entered("waiting")),
            Act::Resume => _ = run.resume(now, entered("open")),
            Act::Stop => _ = run.stop(now, entered("done")),
            Act::Deliver => {
                for (event, _) in run.owed(now) {
                    assert!(run.deliver(event, now));
                }
            }
        }
        step(&before, run, act, now);
    }
    now
}

fn started(clock: bool, hours: u32, start: i64) -> Run {
    let office = office("Europe/Berlin");
    let clock = if clock { Clock::Business } else { Clock::Wall };
    let target = Span { days: 0, seconds: hours * 3_600 };
    let terms = Terms { target, ..terms(clock, "PT1H", &office) };
    // around the night the clock goes forward
    Run::start(1, terms, utc("2026-03-26 00:00") + TimeDelta::minutes(start), entered("open"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn segments_come_to_what_has_elapsed(clock in any::<bool>(), hours in 1..60_u32, start in 0..9_000_i64, acts in acts()) {
        let mut run = started(clock, hours, start);
        let now = play(&mut run, &acts, |_, _, _, _| {});
        run.stop(now, entered("done"));
        let sum: i64 = run.segments().iter().map(|segment| segment.counted).sum();
        prop_assert_eq!(sum, run.elapsed(now + TimeDelta::days(9)));
        for pair in run.segments().windows(2) {
            prop_assert_eq!(pair[0].to, Some(pair[1].from), "no gap, no overlap");
            prop_assert_ne!(pair[0].running, pair[1].running);
        }
        for segment in run.segments() {
            let to = segment.to.expect("a stopped run is closed");
            let counted = if segment.running { run.terms.calendar.as_ref().map_or((to - segment.from).num_seconds(), |it| it.between(segment.from, to)) } else { 0 };
            prop_assert_eq!(segment.counted, counted);
        }
    }

    #[test]
    fn pausing_never_brings_a_deadline_nearer(clock in any::<bool>(), hours in 1..60_u32, start in 0..9_000_i64, acts in acts()) {
        let mut run = started(clock, hours, start);
        play(&mut run, &acts, |before, after, act, now| {
            let (due, then) = (before.status(now).due_at, after.status(now).due_at);
            if matches!(act, Act::Pause | Act::Resume) {
                assert_eq!(due, then, "at the moment itself nothing changes");
                let later = now + TimeDelta::hours(30);
                assert!(after.status(later).due_at >= then, "waiting moves it away");
            }
        });
    }

    #[test]
    fn a_stop_freezes(clock in any::<bool>(), hours in 1..60_u32, start in 0..9_000_i64, acts in acts(), later in 0..90_000_i64) {
        let mut run = started(clock, hours, start);
        let now = play(&mut run, &acts, |_, _, _, _| {});
        run.stop(now, entered("done"));
        let frozen = run.clone();
        let then = now + TimeDelta::minutes(later);
        prop_assert_eq!(run.status(now), run.status(then));
        prop_assert!(!run.pause(then, entered("a")) && !run.resume(then, entered("b")) && !run.stop(then, entered("c")));
        prop_assert_eq!(run.owed(now), run.owed(then));
        prop_assert_eq!(run, frozen);
    }

    #[test]
    fn every_event_comes_once_and_in_time(clock in any::<bool>(), hours in 1..60_u32, start in 0..9_000_i64, acts in acts()) {
        let mut run = started(clock, hours, start);
        let mut seen = Vec::new();
        play(&mut run, &acts, |before, after, _, now| {
            for event in before.terms.events() {
                if after.delivered(event) && !before.delivered(event) {
                    assert!(!seen.contains(&event));
                    seen.push(event);
                    assert!(before.elapsed(now) >= before.terms.due_seconds(event).expect("it is an event"));
                }
            }
            if let Some((event, at)) = after.next_due() {
                assert_eq!(at <= now, after.owed(now).contains(&(event, at)));
                assert_eq!(after.elapsed(at.min(now)) >= after.terms.due_seconds(event).expect("it is an event"), at <= now);
            }
        });
        prop_assert!(run.terms.events().windows(2).all(|pair| run.terms.due_seconds(pair[0]) <= run.terms.due_seconds(pair[1])));
    }
}
