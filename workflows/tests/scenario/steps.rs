//! Creating, pressing, refusing; what is expected and what is found.

use workflows::scenario::{self, Setup};
use workflows::{CustomField, FieldKind, Vocabulary};

use crate::support::{JOB, VOCABULARY, around, fails, passes, run, with};

const GO: &str = "when: doc.urgent && (doc.assignee == actor.id || actor.can(\"job.manage\"))
require: [doc.assignee]
reason: required
form: {note: {type: text, required: true}, who: {type: ref(member)}}
effects:
  - set: {note: input.note, done_at: now}
  - notify: {text: job.told, to: [doc.assignee, 'role:finance', actor]}
  - assign: input.who";

fn file() -> String {
    around(GO, "")
}

const GIVEN: &str = "given: {actors: {tech: {role: technician}, lead: {role: manager}, fin: {role: finance}}, as: tech, doc: {urgent: true, assignee: tech}}";

fn test(steps: &str) -> String {
    let steps = crate::support::steps(steps.lines());
    format!("  - name: a test\n    {GIVEN}\n    steps:\n{steps}")
}

#[test]
fn a_press_moves_writes_and_tells() {
    let report = passes(
        &file(),
        &test(
            "{create: true, expect: {state: a, doc.note: null, doc.created_by: tech, doc.created_at: now, notified: []}}
{do: go, input: {note: fixed, who: lead}, reason: done, expect: {state: b, doc.note: fixed, doc.done_at: now, doc.assignee: lead, notified: [fin]}}
{as: lead, do: end, expect: {state: c, notified: []}}",
        ),
    );
    assert_eq!((report.outcomes[0].name.as_str(), report.outcomes[0].line), ("a test", 24));
}

#[test]
fn nobody_is_told_what_they_did_themselves() {
    let steps = "{create: true}\n{do: go, input: {note: x}, reason: y, expect: {notified: {job.told: [fin], job.late: []}}}";
    passes(&file(), &test(steps));
    let steps = "{create: true}\n{as: lead, do: go, input: {note: x}, reason: y, expect: {notified: {job.told: [fin, tech]}}}";
    passes(&file(), &test(steps));
}

#[test]
fn refusals_are_expected_by_their_code_and_reason() {
    passes(
        &file(),
        &test(
            "{create: true}
{do: end, deny: state, because: a}
{as: fin, do: go, input: {note: x}, reason: y, deny: permission, because: job.work}
{as: system, do: go, input: {note: x}, reason: y, deny: system}
{do: go, input: {note: x}, deny: form, because: reason}
{do: go, reason: y, deny: form, because: note}
{do: go, reason: y, input: {note: x, more: 1}, deny: form, because: more}
{edit: {assignee: lead}}
{do: go, input: {note: x}, reason: y, deny: guard, because: doc.assignee == actor.id}
{do: go, input: {note: x}, reason: y, deny: guard, because: doc.assignee}
{edit: {assignee: null}}
{do: go, input: {note: x}, reason: y, deny: guard, because: doc.assignee}
{edit: {assignee: tech, urgent: false}}
{do: go, input: {note: x}, reason: y, deny: guard, because: doc.urgent, }",
        ),
    );
}

#[test]
fn a_test_that_is_wrong_says_where_and_what_is_found() {
    for (step, expected) in [
        ("{do: go, input: {note: x}, reason: y, expect: {state: a}}", "WF950 `state` should be a, but is b"),
        ("{do: go, input: {note: x}, reason: y, expect: {doc.note: y}}", "WF950 `doc.note` should be y, but is x"),
        ("{do: go, input: {note: x}, reason: y, expect: {doc.assignee: lead}}", "WF950 `doc.assignee` should be lead, but is empty"),
        ("{do: go, input: {note: x}, reason: y, expect: {doc.done_at: '2026-03-02T10:00'}}", "is 2026-03-02T09:00:00"),
        ("{do: go, input: {note: x}, reason: y, expect: {notified: []}}", "WF950 `notified` should be nobody, but is fin"),
        ("{do: go, input: {note: x}, reason: y, expect: {notified: [lead]}}", "WF951 `lead` should have been told; told: fin"),
        ("{do: go, input: {note: x}, reason: y, expect: {notified: {job.told: []}}}", "WF950 `job.told` should be nothing, but is fin"),
        ("{do: go, input: {note: x}, reason: y, expect: {waiting: null, votes: 1}}", "WF950 `votes` should be 1, but is 0"),
        ("{do: go, input: {note: x}, reason: y, expect: {fired: [end]}}", "WF950 `fired` should be end, but is nothing"),
        ("{do: go, input: {note: x}, reason: y, expect: {purged: true}}", "WF950 `purged` should be true, but is false"),
        ("{do: go, input: {note: x}, reason: y, deny: guard}", "WF953 `go` should have been refused as `guard`, but was done"),
        ("{do: go, input: {note: x}, deny: guard}", "WF954 `go` should have been refused as `guard`, but was as `form`: reason: required"),
        ("{do: go, input: {note: x}, deny: form, because: note}", "WF955 no reason speaks of `note`: reason: required"),
        ("{as: fin, do: go, expect: {state: b}}", "WF952 `go` was refused as `permission`: job.work"),
        ("{do: end}", "WF952 `end` was refused as `state`: a"),
    ] {
        let found = fails(&file(), &test(&format!("{{create: true}}\n{step}")));
        assert!(found.len() == 1 && found[0].contains(expected), "{step}: {found:#?}");
        assert!(found[0].starts_with("28:"), "{found:?}");
    }
}

#[test]
fn a_test_ends_at_its_first_wrong_step_and_the_others_go_on() {
    let one = test("{create: true, expect: {state: b, doc.urgent: false}}\n{do: end, expect: {state: a}}");
    let two = test("{create: true, expect: {state: a}}").replace("a test", "another");
    let report = run(&with(&file(), &format!("{one}{two}"))).expect("they can be read");
    assert_eq!(report.outcomes.iter().map(|outcome| outcome.failures.len()).collect::<Vec<_>>(), [2, 0]);
    assert!(!report.passed());
}

#[test]
fn several_presses_stop_at_the_first_that_is_refused() {
    let file = around("reason: optional", "");
    passes(&file, &test("{create: true}\n{do: [go, end], expect: {state: c}}"));
    let found = fails(&file, &test("{create: true}\n{do: [go, go]}"));
    assert!(found[0].contains("`go` was refused as `state`: b"), "{found:?}");
    passes(&file, &test("{create: true}\n{do: [go, go], deny: state}\n{do: go, expect: {state: b}}"));
}

#[test]
fn conditions_on_linked_records_lookups_and_branches() {
    let go = "require: [doc.asset]
when: 'doc.asset.meter != null && doc.asset.meter < 2000 && doc.due_at != null && doc.ends_at != null && !overlaps(\"job\", doc.asset, doc.due_at, doc.ends_at)'
form: {n: {type: int, required: true}}
effects:
  - transition: {record: doc.asset, do: deploy}";
    let file = around(go, "").replacen("    to: b\n", "    to: [{when: input.n > 1, state: b}, {state: c}]\n", 1);
    let given = |more: &str| {
        format!(
            "given: {{as: technician1, records: {{truck1: {{meter: 1500}}}}, doc: {{asset: truck1, due_at: '2026-03-03T09:00', ends_at: '2026-03-03T12:00'}}{more}}}"
        )
    };
    let steps = |steps: &str| format!("    steps:\n      - {{create: true, expect: {{doc.asset.meter: 1500}}}}\n      - {steps}\n");
    passes(
        &file,
        &format!("  - name: a\n    {}\n{}", given(""), steps("{do: go, input: {n: 2}, expect: {state: b, moved: {truck1: deploy}}}")),
    );
    passes(&file, &format!("  - name: a\n    {}\n{}", given(""), steps("{do: go, input: {n: 1}, expect: {state: c}}")));
    let booked = |from: &str, to: &str| given(&format!(", bookings: [{{subject: job, of: truck1, from: '{from}', to: '{to}'}}]"));
    let clash = booked("2026-03-03T11:00", "2026-03-04");
    passes(&file, &format!("  - name: a\n    {clash}\n{}", steps("{do: go, input: {n: 2}, deny: guard, because: overlaps}")));
    let after = booked("2026-03-03T12:00", "2026-03-04");
    passes(&file, &format!("  - name: a\n    {after}\n{}", steps("{do: go, input: {n: 2}, expect: {state: b}}")));
    let said = given(", lookups: {overlaps: true}");
    passes(&file, &format!("  - name: a\n    {said}\n{}", steps("{do: go, input: {n: 2}, deny: guard, because: overlaps}")));
}

#[test]
fn a_companys_own_fields_are_given_and_looked_at() {
    let custom = [
        CustomField { name: "grade".to_owned(), kind: FieldKind::Choice(vec!["a".to_owned(), "b".to_owned()]) },
        CustomField { name: "checked_by".to_owned(), kind: FieldKind::Ref("member".to_owned()) },
    ];
    let vocabulary = Vocabulary { custom: &custom, ..VOCABULARY };
    let file = around("when: 'doc.custom.grade != null && doc.custom.grade == \"a\"'", "");
    let with_tests = |tests: &str| with(&file, tests);
    let play = |tests: &str| {
        let workflow = workflows::Workflow::load(&with_tests(tests), "job.yml", &JOB, &vocabulary).expect("it loads");
        let roles = crate::support::roles();
        scenario::run(&workflow, &Setup { subject: &JOB, vocabulary: &vocabulary, roles: &roles })
    };
    let given = "given: {as: technician1, doc: {custom: {grade: a, checked_by: technician1}}}";
    let steps = "steps:\n      - {create: true, expect: {doc.custom.grade: a, doc.custom.checked_by: technician1}}\n      - {do: go, expect: {state: b}}\n";
    let report = play(&format!("  - name: a\n    {given}\n    {steps}")).expect("it can be read");
    assert!(report.passed(), "{}", workflows::render(&report.failures()));
    for (wrong, code) in [("grade: c", "WF006"), ("size: 3", "WF204"), ("checked_by: 4", "WF902")] {
        let given = given.replace("grade: a, checked_by: technician1", wrong);
        let found = play(&format!("  - name: a\n    {given}\n    {steps}")).expect_err("it cannot be read");
        assert_eq!(found[0].code, code, "{wrong}");
    }
}

#[test]
fn what_was_come_by_is_counted_and_what_was_not_is_named() {
    let report = passes(&file(), &test("{create: true}\n{do: go, input: {note: x}, reason: y}"));
    let counts: Vec<_> = report.coverage.counts.iter().map(|count| (count.what, count.seen, count.all)).collect();
    assert_eq!(
        counts,
        [("transitions", 1, 2), ("slas", 0, 0), ("timers", 0, 0), ("reminders", 0, 0), ("levels", 0, 0), ("guard_branches", 2, 4)]
    );
    let missing: Vec<_> = report.coverage.missing.iter().map(crate::support::said).collect();
    assert_eq!(
        missing,
        [
            "10:3 WF960 no test fires `end`",
            "15:11 WF962 no test has `doc.urgent` false",
            "15:25 WF962 no test has `(doc.assignee == actor.id || actor.can(\"job.manage\"))` false",
        ]
    );
}

#[test]
fn the_same_file_gives_the_same_report_again() {
    let source = with(&file(), &test("{create: true}\n{do: go, input: {note: x}, reason: y, expect: {state: a}}"));
    let json = || serde_json::to_string(&run(&source).expect("readable")).expect("JSON");
    assert_eq!(json(), json());
}
