//! Service levels, timers and reminders as the clock of a test goes by.

use crate::support::{around, fails, passes};

const TIMED: &str = "slas:
  answer: {clock: business, start: [a], pause: [b], stop: [c], target: {by: doc.priority, high: PT4H, low: P2D}, warn: {at: 75%, notify: {text: job.soon, to: [doc.assignee]}}, breach: [{notify: {text: job.late, to: ['role:manager']}}, {after: PT2H, assign: {role: manager}}]}
timers:
  forgotten: {in: a, after: P2D, do: skip, when: 'doc.priority == \"high\"'}
  hint: {in: b, at: doc.ends_at, after: PT30M, when: doc.ends_at != null, notify: {text: job.told, to: [doc.created_by]}}
reminders:
  due: {field: doc.due_at, before: [P3D, P1D], after: P1D, every: P2D, max: 2, at: '08:00', in: [a], when: doc.due_at != null, notify: {text: job.soon, to: [doc.assignee]}}
  worn: {meter: 'doc.count > 100', in: [a, b], notify: {text: job.told, to: ['role:manager']}}
";

fn file() -> String {
    let file = around("effects: [{set: {ends_at: doc.due_at}}]", TIMED);
    file.replace(
        "  end: {",
        "  skip: {from: a, to: c, permission: job.manage, system: true}\n  back: {from: [b, c], to: a, permission: job.work}\n  end: {",
    )
    .replace("c: {category: done, terminal: true}", "c: {category: done}\n  d: {category: done, terminal: true}")
    .replace("  back:", "  close: {from: c, to: d, permission: job.view}\n  back:")
}

fn test(doc: &str, steps: &str) -> String {
    let steps = crate::support::steps(steps.lines());
    let given = format!(
        "given: {{actors: {{tech: {{role: technician}}, lead: {{role: manager}}}}, as: tech, at: '2026-03-02T09:00', calendar: {{zone: Asia/Almaty, hours: {{mon-fri: ['09:00-13:00', '14:00-18:00']}}, holidays: ['2026-03-09']}}, doc: {{assignee: tech, {doc}}}}}"
    );
    format!("  - name: a test\n    {given}\n    steps:\n{steps}")
}

#[test]
fn a_clock_runs_warns_breaches_pauses_and_stops_in_business_time() {
    passes(
        &file(),
        &test(
            "priority: high",
            "{create: true, expect: {sla.answer: running, sla.answer.due: '2026-03-02T13:00'}}
{advance: PT2H59M, expect: {sla.answer: running, notified: []}}
{advance: PT1M, expect: {sla.answer: warned, notified: {job.soon: [tech], job.late: []}}}
{do: go, expect: {sla.answer: paused, sla.answer.elapsed: PT3H}}
{advance: PT2H, expect: {sla.answer: paused, sla.answer.elapsed: PT3H, notified: []}}
{do: back, expect: {sla.answer: warned}}
{advance: PT1H, expect: {sla.answer: breached, notified: [lead], doc.assignee: tech}}
{advance: PT1H, expect: {sla.answer.elapsed: PT5H, doc.assignee: tech, notified: []}}
{advance: PT16H, expect: {sla.answer: breached, doc.assignee: lead, sla.answer.elapsed: PT7H}}
{do: [go, end], expect: {sla.answer: stopped}}
{do: back, expect: {sla.answer: running, sla.answer.elapsed: PT0S}}",
        ),
    );
}

#[test]
fn the_target_goes_by_the_field_and_a_day_is_a_working_day() {
    let steps = "{create: true, expect: {sla.answer.due: '2026-03-03T18:00'}}\n{advance: P1D, expect: {sla.answer.elapsed: PT8H}}";
    passes(&file(), &test("priority: low", steps));
}

#[test]
fn holidays_and_nights_do_not_count() {
    let steps = "{create: true}\n{do: go}\n{advance: P4D}\n{do: back}\n{advance: P3D, expect: {sla.answer.elapsed: PT8H, sla.answer: warned}}\n{advance: PT8H, expect: {sla.answer.elapsed: PT8H}}\n{advance: P1D, expect: {sla.answer.elapsed: PT15H}}";
    let low = test("priority: low", steps).replace("elapsed: PT8H, sla.answer: warned", "elapsed: PT8H, sla.answer: running");
    passes(&file(), &low);
}

#[test]
fn a_timer_fires_once_for_the_state_it_was_set_in() {
    passes(
        &file(),
        &test(
            "priority: high",
            "{create: true}
{advance: P1DT23H59M, expect: {state: a, fired: []}}
{advance: PT1M, expect: {state: c, fired: [skip]}}
{do: back}
{advance: P1D, expect: {state: a, fired: []}}
{do: go}
{do: back}
{advance: P1D, expect: {state: a, fired: []}}
{advance: P1D, expect: {state: c, fired: [skip]}}
{advance: P30D, expect: {state: c, fired: []}}",
        ),
    );
    passes(&file(), &test("priority: low", "{create: true}\n{advance: P30D, expect: {state: a, fired: []}}"));
}

#[test]
fn a_timer_counts_from_a_field() {
    passes(
        &file(),
        &test(
            "due_at: '2026-03-02T12:00'",
            "{create: true}\n{as: lead, do: go}\n{advance: PT3H29M, expect: {notified: []}}\n{advance: PT1M, expect: {notified: {job.told: [tech]}}}\n{advance: P1D, expect: {notified: []}}",
        ),
    );
}

#[test]
fn reminders_come_at_their_hour_and_none_is_sent_twice_or_late() {
    let quiet = file()
        .replace("notify: {text: job.soon, to: [doc.assignee]}}, breach", "notify: {text: job.told, to: [doc.assignee]}}, breach")
        .replace(", {after: PT2H, assign: {role: manager}}", "");
    passes(
        &quiet,
        &test(
            "priority: low, due_at: '2026-03-04T15:00'",
            "{create: true}
{advance: PT22H59M, expect: {notified: {job.soon: []}}}
{advance: PT1M, expect: {notified: {job.soon: [tech]}}}
{advance: P1D, expect: {notified: {job.soon: []}}}
{advance: P1D, expect: {notified: {job.soon: [tech]}}}
{advance: P2D, expect: {notified: {job.soon: [tech]}}}
{advance: P30D, expect: {notified: {job.soon: []}}}
{edit: {due_at: '2026-05-01T00:00'}}
{advance: P25D, expect: {notified: {job.soon: [tech]}}}",
        ),
    );
    let elsewhere = "{create: true}\n{do: go}\n{advance: P1D, expect: {notified: {job.soon: []}}}\n{do: back}\n{advance: PT1H, expect: {notified: {job.soon: []}}}";
    passes(&quiet, &test("priority: low, due_at: '2026-03-04T15:00'", elsewhere));
}

#[test]
fn a_meter_reminds_each_time_it_comes_to_be_too_much() {
    passes(
        &file(),
        &test(
            "count: 100",
            "{create: true, expect: {notified: []}}
{edit: {count: 101}, expect: {notified: {job.told: [lead]}}}
{edit: {count: 102}, expect: {notified: []}}
{edit: {count: 5}, expect: {notified: []}}
{edit: {count: 101}, expect: {notified: [lead]}}",
        ),
    );
}

#[test]
fn what_becomes_due_on_the_way_happens_in_order_of_time() {
    passes(
        &file(),
        &test(
            "priority: high, due_at: '2026-03-05T15:00'",
            "{create: true}\n{advance: P30D, expect: {state: c, fired: [skip], sla.answer: stopped, sla.answer.elapsed: PT16H, doc.assignee: lead, notified: {job.soon: [tech, lead]}}}",
        ),
    );
}

#[test]
fn clocks_are_driven_by_effects_and_changes_of_the_clock_are_honoured() {
    let file = around(
        "effects: [{start_sla: visit}]",
        "slas: {visit: {clock: wall, target: PT6H, breach: [{notify: {text: job.late, to: ['role:manager']}}]}}\n",
    )
    .replace("end: {from: b, to: c, permission: job.view}", "end: {from: b, to: c, permission: job.view, effects: [{stop_sla: visit}]}");
    let given = "given: {actors: {tech: {role: technician}, lead: {role: manager}}, as: tech, at: '2026-03-28T22:00', calendar: {zone: Europe/Berlin, hours: {mon-sun: ['00:00-24:00']}}}";
    let steps = "      - {create: true, expect: {sla.visit: none}}\n      - {do: go, expect: {sla.visit: running, sla.visit.due: '2026-03-29T05:00'}}\n      \
                 - {advance: PT5H, expect: {sla.visit: running}}\n      - {advance: PT1H, expect: {sla.visit: breached, notified: [lead]}}\n      - {do: end, expect: {sla.visit: stopped}}\n";
    passes(&file, &format!("  - name: a test\n    {given}\n    steps:\n{steps}"));
}

#[test]
fn a_file_that_never_rests_is_stopped() {
    let file = around("", "timers: {spin: {in: b, after: PT0S, do: again}, back: {in: a, after: PT0S, do: go}}\n")
        .replace("  end: {", "  again: {from: b, to: a, permission: job.work, system: true}\n  end: {")
        .replace("    permission: job.work\n    ", "    permission: job.work\n    system: true\n    ");
    let found = crate::support::load(&file).expect_err("the graph shows it");
    assert!(found.iter().any(|finding| finding.code == "WF107"), "{}", workflows::render(&found));
    // reminders that answer one another are not in the graph
    let meters = "reminders: {up: {meter: 'doc.count == 0', in: [a], effects: [{set: {count: '1'}}]}}\ntimers: {down: {in: a, after: PT0S, effects: [{set: {count: '0'}}]}}\n";
    passes(&around("", meters), &test("priority: low", "{create: true, expect: {doc.count: 1}}\n{advance: PT1S, expect: {doc.count: 1}}"));
}

#[test]
fn what_a_clock_shows_instead_is_told() {
    for (claim, expected) in [
        ("sla.answer: paused", "WF950 `sla.answer` should be paused, but is running"),
        ("sla.answer.elapsed: PT1H", "WF950 `sla.answer.elapsed` should be 1:00:00, but is 0:00:00"),
        ("sla.answer.due: '2026-03-02T12:00'", "should be 2026-03-02T12:00:00, but is 2026-03-02T13:00:00"),
        ("fired: [skip]", "should be skip, but is nothing"),
    ] {
        let found = fails(&file(), &test("priority: high", &format!("{{create: true, expect: {{{claim}}}}}")));
        assert!(found.len() == 1 && found[0].contains(expected), "{claim}: {found:?}");
    }
}
