//! Mistakes in the tests themselves: each is told with its place, several in one go.

use crate::support::{around, load, run, said, unreadable, with};

const SLA: &str = "slas: {answer: {clock: wall, start: [a], stop: [b, c], target: PT4H}}\n";

fn file() -> String {
    around("form: {who: {type: ref(member)}}\napprovals: {levels: [{id: first, role: manager}]}", SLA)
        .replace("form: {who: {type: ref(member)}}\n    ", "")
}

#[test]
fn every_mistake_is_told_with_its_place() {
    for (test, expected) in [
        ("- {name: a}", "5:5 WF005 `steps` is missing"),
        ("- {steps: [{create: true}]}", "WF005 `name` is missing"),
        ("- {name: a, steps: []}", "WF003"),
        ("- {name: a, step: [], steps: [{as: manager, create: true}]}", "WF004 unknown key `step`"),
        ("- {name: a, steps: [{as: manager, do: go}]}", "WF906"),
        ("- {name: a, steps: [{as: manager, create: true}, {as: manager, create: true}]}", "WF906"),
        ("- {name: a, steps: [{create: true}]}", "WF905 nobody acts"),
        ("- {name: a, steps: [{as: system, create: true}]}", "WF907"),
        ("- {name: a, steps: [{as: bob, create: true}]}", "WF901 nobody is called `bob`"),
        ("- {name: a, given: {actors: {bob: {role: boss}}}, steps: [{as: bob, create: true}]}", "WF202 unknown role `boss`"),
        ("- {name: a, given: {actors: {bob: {role: manager, can: [job.fly]}}}, steps: [{as: bob, create: true}]}", "WF201"),
        ("- {name: a, given: {as: manager, doc: {prio: high}}, steps: [{create: true}]}", "WF204 `job` has no field `prio`"),
        ("- {name: a, given: {as: manager, doc: {state: a}}, steps: [{create: true}]}", "WF204"),
        ("- {name: a, given: {as: manager, doc: {priority: urgent}}, steps: [{create: true}]}", "WF902 `urgent` will not do"),
        ("- {name: a, given: {as: manager, doc: {cost: 12 tenge}}, steps: [{create: true}]}", "WF902"),
        ("- {name: a, given: {as: manager, doc: {due_at: soon}}, steps: [{create: true}]}", "WF902"),
        ("- {name: a, given: {as: manager, doc: {urgent: null}}, steps: [{create: true}]}", "never empty"),
        ("- {name: a, given: {as: manager, doc: {asset: {speed: 1}}}, steps: [{create: true}]}", "WF004 unknown key `speed`"),
        ("- {name: a, given: {as: manager, doc: {parts: [{prt: x}]}}, steps: [{create: true}]}", "WF004 unknown key `prt`"),
        ("- {name: a, given: {as: manager, doc: {assignee: 5}}, steps: [{create: true}]}", "WF902 `5` will not do: expected a name"),
        (
            "- {name: a, given: {as: manager, stock: {main: many}}, steps: [{create: true}]}",
            "WF902 `many` will not do: expected a quantity",
        ),
        ("- {name: a, given: {as: manager, stock: {main: -1}}, steps: [{create: true}]}", "WF902"),
        ("- {name: a, given: {as: manager, calendar: {zone: Mars/Base}}, steps: [{create: true}]}", "WF903"),
        ("- {name: a, given: {as: manager, calendar: {hours: {mon: ['9-5']}}}, steps: [{create: true}]}", "WF903"),
        ("- {name: a, given: {as: manager, bookings: [{subject: job}]}, steps: [{create: true}]}", "WF005 `of` is missing"),
        ("- {name: a, given: {as: manager}, steps: [{create: true}, {do: fly}]}", "WF207 unknown transition `fly`"),
        ("- {name: a, given: {as: manager}, steps: [{create: true}, {do: go, edit: {note: x}}]}", "WF904"),
        ("- {name: a, given: {as: manager}, steps: [{create: true}, {do: go, deny: guard, expect: {state: a}}]}", "WF904"),
        ("- {name: a, given: {as: manager}, steps: [{create: true}, {do: [go, end], reason: x}]}", "WF908"),
        ("- {name: a, given: {as: manager}, steps: [{create: true}, {do: go, deny: no}]}", "WF006 `no` is not one of state, permission"),
        ("- {name: a, given: {as: manager}, steps: [{create: true}, {do: go, because: x}]}", "WF004 unknown key `because`"),
        ("- {name: a, given: {as: manager}, steps: [{create: true}, {advance: 3 days}]}", "WF311"),
        ("- {name: a, given: {as: manager}, steps: [{create: true, expect: {state: z}}]}", "WF205 unknown state `z`"),
        ("- {name: a, given: {as: manager}, steps: [{create: true, expect: {waiting: second}}]}", "WF909 unknown approval level `second`"),
        ("- {name: a, given: {as: manager}, steps: [{create: true, expect: {sla.repair: running}}]}", "WF909 unknown SLA `repair`"),
        ("- {name: a, given: {as: manager}, steps: [{create: true, expect: {sla.answer: late}}]}", "WF006"),
        (
            "- {name: a, given: {as: manager}, steps: [{create: true, expect: {sla.answer.speed: 1}}]}",
            "WF004 unknown key `sla.answer.speed`",
        ),
        ("- {name: a, given: {as: manager}, steps: [{create: true, expect: {stock.main.lost: 1}}]}", "WF006 `lost` is not one of on_hand"),
        ("- {name: a, given: {as: manager}, steps: [{create: true, expect: {stock.main.x.y.on_hand: 1}}]}", "WF004"),
        ("- {name: a, given: {as: manager}, steps: [{create: true, expect: {doc.nothing: 1}}]}", "WF204"),
        ("- {name: a, given: {as: manager}, steps: [{create: true, expect: {doc.parts: []}}]}", "WF902"),
        ("- {name: a, given: {as: manager}, steps: [{create: true, expect: {mood: good}}]}", "WF004 unknown key `mood`"),
        ("- {name: a, given: {as: manager}, steps: [{create: true, expect: {a.b: good}}]}", "WF004 unknown key `a.b`"),
        ("- {name: a, given: {as: manager}, steps: [{create: true, expect: {notified: [bob]}}]}", "WF901"),
    ] {
        let found = unreadable(&file(), &format!("  {test}\n"));
        assert!(found.iter().any(|found| found.contains(expected.trim_start_matches("5:5 "))), "{test}: {found:#?}");
    }
}

#[test]
fn mistakes_come_with_line_and_column_all_at_once() {
    let tests = "  - name: one
    given: {as: manager, doc: {prio: high}}
    steps:
      - {create: true, expect: {state: z}}
  - name: one
    given: {as: manager}
    steps:
      - {create: true}
";
    let source = with(&file(), tests);
    let line = source.lines().position(|line| line.contains("- name: one")).expect("it is there") + 1;
    assert_eq!(
        unreadable(&file(), tests),
        [
            format!("{}:32 WF204 `job` has no field `prio`", line + 1),
            format!("{}:40 WF205 unknown state `z`", line + 3),
            format!("{}:11 WF900 two tests are called `one`", line + 4),
        ]
    );
    let first = run(&source).expect_err("unreadable").remove(0);
    assert_eq!((first.file.as_str(), first.source.trim()), ("job.yml", "given: {as: manager, doc: {prio: high}}"));
}

#[test]
fn a_file_without_tests_passes_and_covers_nothing() {
    let report = run(&file()).expect("nothing to read");
    assert!(report.passed() && report.outcomes.is_empty());
    assert_eq!(report.coverage.missing.iter().map(said).filter(|gap| gap.contains("WF960")).count(), 2);
    assert!(load(&file()).is_ok());
}
