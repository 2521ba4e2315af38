//! Tests meant to harm: they are refused or end soon, and nothing falls over.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use crate::support::{around, load, run, run_until, with};

fn outlast(tests: &str) {
    let start = Instant::now();
    let source = with(&around("form: {n: {type: int}}", "invariants:\n  - 'stock.total() >= 0'\n"), tests);
    if load(&source).is_ok() {
        // whatever it says: it says it
        drop(run(&source));
    }
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[test]
fn nothing_a_test_says_falls_over() {
    let deep = format!("{}1{}", "(".repeat(300), ")".repeat(300));
    for step in [
        "{advance: P3653D}",
        "{advance: P99999999999D}",
        "{advance: {a: 1}}",
        "{do: go, input: {n: 99999999999}}",
        "{do: go, input: {n: {a: [1, 2, {b: 3}]}}}",
        "{do: go, input: [1]}",
        "{do: []}",
        "{do: [[go]]}",
        "{edit: {qty: 79228162514264337593543950335}}",
        "{edit: {due_at: '+262142-12-31T23:59'}}",
        "{edit: {due_at: '0000-00-00'}}",
        "{edit: {day: '9999-12-31'}}",
        "{edit: {cost: 1e400 KZT}}",
        "{expect: {stock.main.on_hand: 1e99}}",
        "{expect: {stock.....on_hand: 1}}",
        "{expect: {doc.: 1, stock.: 1, sla.: 1}}",
        "{delegate: manager}",
        "{as: '', create: true}",
        "{1: 2}",
        "[]",
        "null",
        "text",
    ] {
        outlast(&format!(
            "  - name: a\n    given: {{as: manager, stock: {{main: 1}}}}\n    steps:\n      - {{create: true}}\n      - {step}\n"
        ));
    }
    for given in
        ["{at: '9999-12-31T23:59'}", "{at: x}", "{stock: {main: 1e28}}", "{calendar: {hours: {}}}", "{actors: 1}", "{doc: []}", "[]", "7"]
    {
        outlast(&format!(
            "  - name: a\n    given: {given}\n    steps:\n      - {{as: manager, create: true}}\n      - {{advance: P3653D}}\n"
        ));
    }
    for tests in ["  - 1\n", "  - []\n", "  a: 1\n", "  - {name: a, steps: {a: 1}}\n", "  - {name: a, steps: 1}\n"] {
        outlast(tests);
    }
    for invariant in [
        "stock",
        "stock.total",
        "stock.total(stock.total(1)) == 1",
        "doc",
        "[1, 2].all(x, x > 1)",
        "!!!!!true",
        "1 == 1 == true",
        deep.as_str(),
    ] {
        let source =
            with(&around("", &format!("invariants:\n  - '{invariant}'\n")), "  - {name: a, steps: [{as: manager, create: true}]}\n");
        if load(&source).is_ok() {
            drop(run(&source));
        }
    }
}

#[test]
fn many_tests_and_long_ones_end_soon() {
    let step = "      - {advance: P300D}\n".repeat(150);
    let test = |i| format!("  - name: test {i}\n    given: {{as: manager}}\n    steps:\n      - {{create: true}}\n{step}");
    outlast(&(0..20).map(test).collect::<Vec<_>>().concat());
}

#[test]
fn a_moment_too_far_is_refused() {
    let steps = "      - {advance: P3653D}\n".repeat(199);
    outlast(&format!("  - name: a\n    given: {{as: manager}}\n    steps:\n      - {{create: true}}\n{steps}"));
}

/// Forty timers of ten years each, on a week of one minute, in thirty tests of many steps.
fn endless_waiting() -> String {
    let timer = |i| format!("  t{i}: {{in: a, after: P3653D, clock: business, effects: [{{set: {{urgent: true}}}}]}}\n");
    let timers = (0..40).map(timer).collect::<Vec<_>>().concat();
    let step = "      - {advance: PT1S}\n".repeat(190);
    let given = "{as: manager, calendar: {zone: Asia/Almaty, hours: {mon: ['09:00-09:01']}}}";
    let test = |i| format!("  - name: test {i}\n    given: {given}\n    steps:\n      - {{create: true}}\n{step}");
    with(&around("", &format!("timers:\n{timers}")), &(0..30).map(test).collect::<Vec<_>>().concat())
}

#[test]
fn waiting_is_counted_once_for_each_deadline() {
    let report = run(&endless_waiting()).expect("it can be read");
    assert_eq!(
        (report.outcomes.len(), report.outcomes[0].failures.len()),
        (30, 0),
        "a hundred and ninety looks at forty deadlines are cheap"
    );
}

#[test]
fn tests_that_cost_too_much_say_so() {
    // what each test does may be little: they pay out of one purse
    let edits = "      - {edit: {due_at: '2026-03-02T09:00:00Z'}}\n      - {advance: PT1S}\n      - {edit: {due_at: '2026-03-02T09:00:01Z'}}\n      - {advance: PT1S}\n".repeat(45);
    let timer = |i| {
        format!(
            "  t{i}: {{in: a, at: doc.due_at, after: P3653D, clock: business, when: doc.due_at != null, effects: [{{set: {{urgent: true}}}}]}}\n"
        )
    };
    let timers = (0..40).map(timer).collect::<Vec<_>>().concat();
    let given = "{as: manager, calendar: {zone: Asia/Almaty, hours: {mon: ['09:00-09:01']}}}";
    let test = |i| format!("  - name: test {i}\n    given: {given}\n    steps:\n      - {{create: true}}\n{edits}");
    let source = with(&around("", &format!("timers:\n{timers}")), &(0..12).map(test).collect::<Vec<_>>().concat());
    let report = run(&source).expect("it can be read");
    let codes: Vec<_> = report.outcomes.iter().map(|outcome| outcome.failures.first().map(|failure| failure.code)).collect();
    assert_eq!((codes[0], codes[11]), (None, Some("WF910")), "{codes:?}");
}

#[test]
fn a_play_can_be_stopped() {
    let report = run_until(&endless_waiting(), Arc::new(AtomicBool::new(true))).expect("it can be read");
    assert!(report.outcomes.iter().all(|outcome| outcome.failures.first().is_some_and(|failure| failure.code == "WF910")));
}
