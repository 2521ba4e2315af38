//! Mutants: every kind of mistake survives a test that does not look, and dies of one that does.

use crate::support::{around, mutate, passes, with};

const GIVEN: &str = "    given: {actors: {tech: {role: technician}, lead: {role: manager}, boss: {role: manager}, fin1: {role: finance, can: [job.work]}, fin2: {role: finance, can: [job.work]}, here: {role: storekeeper, sites: [main]}, there: {role: storekeeper, sites: [site]}}, as: tech, doc: {assignee: tech, from_location: main}}\n";

fn test(name: &str, steps: &[&str]) -> String {
    let steps = crate::support::steps(steps.iter().copied());
    format!("  - name: {name}\n{GIVEN}    steps:\n{steps}")
}

/// Codes of the mutants that survive.
fn survivors(file: &str, tests: &str) -> Vec<&'static str> {
    passes(file, tests);
    mutate(&with(file, tests)).survivors.iter().map(|survivor| survivor.code).collect()
}

/// (what a file has, steps that do not look at it, steps that do, the code of the mutant)
type Row = (&'static str, &'static [&'static str], &'static [&'static str], &'static str);

const CREATE: &str = "{create: true}";

const ROWS: &[Row] = &[
    ("system: true", &[CREATE, "{do: go}"], &[CREATE, "{as: finance1, do: go, deny: permission}", "{do: go}"], "WF989"),
    ("reason: required", &[CREATE, "{do: go, reason: x}"], &[CREATE, "{do: go, deny: form, because: reason}"], "WF991"),
    ("require: [doc.assignee]", &[CREATE, "{do: go}"], &[CREATE, "{edit: {assignee: null}}", "{do: go, deny: guard}"], "WF992"),
    (
        "form: {note: {type: text, required: true}}",
        &[CREATE, "{do: go, input: {note: x}}"],
        &[CREATE, "{do: go, deny: form, because: note}"],
        "WF993",
    ),
    ("when: '!doc.urgent'", &[CREATE], &[CREATE, "{do: go, expect: {state: b}}"], "WF980"),
    ("when: '!doc.urgent'", &[CREATE, "{do: go}"], &[CREATE, "{edit: {urgent: true}}", "{do: go, deny: guard}"], "WF981"),
    (
        "when: 'doc.urgent || doc.count > 1'",
        &[CREATE, "{edit: {urgent: true}}", "{do: go}"],
        &[CREATE, "{edit: {count: 2}}", "{do: go}"],
        "WF982",
    ),
    ("effects: [{set: {note: '\"x\"'}}]", &[CREATE, "{do: go}"], &[CREATE, "{do: go, expect: {doc.note: x}}"], "WF983"),
    (
        "effects: [{set: {note: '\"x\"', urgent: 'true'}}]",
        &[CREATE, "{do: go, expect: {doc.note: x}}"],
        &[CREATE, "{do: go, expect: {doc.note: x, doc.urgent: true}}"],
        "WF985",
    ),
    (
        "effects: [{notify: {text: job.told, to: ['role:manager']}}]",
        &[CREATE, "{do: go}"],
        &[CREATE, "{do: go, expect: {notified: [lead]}}"],
        "WF983",
    ),
    (
        "effects: [{notify: {text: job.told, to: ['role:manager', 'role:finance']}}]",
        &[CREATE, "{do: go, expect: {notified: [lead]}}"],
        &[CREATE, "{do: go, expect: {notified: [lead, fin1]}}"],
        "WF984",
    ),
    ("reason: optional", &[CREATE, "{do: go}"], &[CREATE, "{do: go, expect: {state: b}}"], "WF987"),
    ("reason: optional", &[CREATE], &["{create: true, expect: {state: a}}"], "WF986"),
    ("approvals: {levels: [{id: one, role: manager}]}", &[CREATE], &[CREATE, "{as: fin1, do: go, deny: not_eligible}"], "WF994"),
    (
        "approvals: {levels: [{id: one, role: manager}]}",
        &[CREATE, "{as: lead, do: go}"],
        &["{as: lead, create: true}", "{as: lead, do: go, deny: own_request}"],
        "WF995",
    ),
    (
        "approvals: {void_on_change: [cost], levels: [{id: one, role: finance, need: 2}]}",
        &[CREATE, "{as: fin1, do: go}"],
        &[CREATE, "{as: fin1, do: go}", "{edit: {cost: 5 KZT}, expect: {votes: 0}}"],
        "WF996",
    ),
    (
        "approvals: {levels: [{id: one, role: manager}, {id: two, role: finance}]}",
        &[CREATE, "{as: lead, do: go}"],
        &[CREATE, "{as: lead, do: go, expect: {waiting: two}}", "{as: fin1, do: go, expect: {state: b}}"],
        "WF997",
    ),
    ("approvals: {levels: [{id: one, role: finance, need: 2}]}", &[CREATE], &[CREATE, "{as: fin1, do: go, expect: {state: a}}"], "WF998"),
    (
        "approvals: {levels: [{id: one, role: storekeeper, scope: doc.from_location}]}",
        &[CREATE, "{as: here, do: go}"],
        &[CREATE, "{as: there, do: go, deny: not_eligible}"],
        "WF999",
    ),
    (
        "approvals: {levels: [{id: one, role: finance, escalate: {after: PT1H, to: ['role:manager']}}]}",
        &[CREATE],
        &[CREATE, "{advance: P3D, expect: {notified: [lead]}}"],
        "WF970",
    ),
];

#[test]
fn each_mistake_in_a_step_survives_who_does_not_look_and_dies_of_who_does() {
    for (go, blind, sharp, code) in ROWS {
        let file = around(go, "");
        assert!(survivors(&file, &test("blind", blind)).contains(code), "{go}: {code} should survive {blind:?}");
        let both = format!("{}{}", test("blind", blind), test("sharp", sharp));
        passes(&file, &both);
        let of_go =
            |survivor: &&workflows::Diagnostic| survivor.code == *code && survivor.params.get("transition").is_none_or(|id| id == "go");
        let left: Vec<_> = mutate(&with(&file, &both)).survivors.iter().filter(of_go).map(crate::support::said).collect();
        assert!(left.is_empty(), "{go}: {sharp:?} should notice: {left:#?}");
    }
}

const TIMED: &str = "slas:
  answer: {clock: wall, start: [a], pause: [b], stop: [c], target: PT4H, warn: {at: 50%, notify: {text: job.soon, to: ['role:finance']}}, breach: [{notify: {text: job.late, to: ['role:manager']}}, {after: PT2H, notify: {text: job.told, to: ['role:storekeeper']}}]}
timers:
  nag: {in: [a, b], after: P2D, notify: {text: job.told, to: ['role:manager']}}
reminders:
  due: {field: doc.due_at, before: [P3D], after: P1D, every: P1D, max: 2, in: [a, b], when: doc.due_at != null, notify: {text: job.soon, to: [doc.assignee]}}
";

#[test]
fn each_mistake_about_time_survives_who_does_not_look_and_dies_of_who_does() {
    let file = around("", TIMED);
    let left = survivors(&file, &test("blind", &[CREATE, "{do: [go, end]}"]));
    for code in ["WF971", "WF972", "WF973", "WF974", "WF975", "WF976", "WF977", "WF978", "WF979"] {
        assert!(left.contains(&code), "{code} should survive: {left:?}");
    }
    let tests = [
        test(
            "clock",
            &[
                "{create: true, expect: {sla.answer: running}}",
                "{advance: PT2H, expect: {notified: {job.soon: [fin1, fin2]}}}",
                "{advance: PT2H, expect: {notified: {job.late: [lead, boss], job.told: []}}}",
                "{advance: PT2H, expect: {notified: {job.told: [here, there]}}}",
                "{do: go, expect: {state: b, sla.answer: paused}}",
                "{do: end, expect: {state: c, sla.answer: stopped}}",
            ],
        ),
        test(
            "nag",
            &[
                CREATE,
                "{advance: P2D, expect: {notified: {job.told: [lead, boss, here, there]}}}",
                "{do: go}",
                "{advance: P2D, expect: {notified: {job.told: [lead, boss]}}}",
            ],
        ),
        test(
            "due",
            &[
                CREATE,
                "{edit: {due_at: '2026-03-20T12:00'}}",
                "{advance: P18D, expect: {notified: {job.soon: [tech, fin1, fin2]}}}",
                "{do: go}",
                "{advance: P1D, expect: {notified: {job.soon: [tech]}}}",
                "{advance: P1D, expect: {notified: {job.soon: [tech]}}}",
                "{advance: P1D, expect: {notified: {job.soon: []}}}",
            ],
        ),
        test(
            "due at home",
            &[
                CREATE,
                "{edit: {due_at: '2026-03-05T12:00'}}",
                "{advance: P2D, expect: {notified: {job.soon: [fin1, fin2]}}}",
                "{advance: P2D, expect: {notified: {job.soon: [tech]}}}",
            ],
        ),
    ]
    .concat();
    let left: Vec<_> =
        mutate(&with(&file, &tests)).survivors.iter().map(crate::support::said).filter(|said| said.contains("WF97")).collect();
    passes(&file, &tests);
    assert!(left.is_empty(), "{left:#?}");
}

#[test]
fn a_survivor_is_told_with_its_line() {
    let file = around("when: 'doc.count == 0 && !doc.urgent'\nreason: required", "");
    let tests = test("blind", &[CREATE, "{do: go, reason: x, expect: {state: b}}"]);
    let source = with(&file, &tests);
    let left: Vec<_> = mutate(&source).survivors.iter().map(crate::support::said).collect();
    assert!(left.contains(&"15:12 WF981 no test notices when `doc.count == 0` is left out (transition.go)".to_owned()), "{left:#?}");
    assert!(left.contains(&"15:30 WF981 no test notices when `!doc.urgent` is left out (transition.go)".to_owned()), "{left:#?}");
    assert!(left.contains(&"16:5 WF991 no test notices when `go` asks for no reason".to_owned()), "{left:#?}");
    assert!(!left.iter().any(|said| said.contains("WF980")), "turned round it does not go through: {left:#?}");
}

#[test]
fn without_tests_everything_survives() {
    let file = around("reason: required\nwhen: doc.urgent", "");
    let mutation = mutate(&file);
    assert_eq!(mutation.mutants, mutation.survivors.len());
    assert!(mutation.mutants > 6, "{}", mutation.mutants);
}
