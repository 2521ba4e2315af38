//! Every fault of a whole file: its code and its place.

use std::collections::BTreeSet;

use workflows::{Diagnostic, Staffed, Vocabulary, Workflow, together};

use crate::support::{SCENARIO, SUBJECT, VOCABULARY, loaded, rehearsed};

/// A sound file with everything in it.
const FILE: &str = "workflow: work_order
version: 1
entity: work_order
initial: [{to: draft}]
states:
  draft: {category: todo}
  open: {category: todo}
  hold: {category: waiting}
  done: {category: done}
  closed: {category: done, terminal: true}
  dropped: {category: cancelled, terminal: true}
transitions:
  submit: {from: draft, to: open, permission: work_order.view, require: [doc.due_at], approvals: {levels: [{id: boss, role: manager, need: 2}]}}
  hold: {from: open, to: hold, permission: work_order.view, system: true}
  resume: {from: hold, to: open, permission: work_order.view, system: true}
  finish:
    from: open
    to: done
    permission: work_order.view
    effects:
      - stock.consume: {lines: doc.parts}
      - stop_sla: visit
  begin:
    from: open
    to: same
    permission: work_order.view
    effects:
      - stock.reserve: {lines: doc.parts}
      - start_sla: visit
  close: {from: done, to: closed, permission: work_order.manage, system: true}
  drop: {from: [draft, open, hold], to: dropped, permission: work_order.cancel, effects: [{stock.release: {lines: doc.parts}}, {stop_sla: visit}]}
slas:
  repair: {clock: wall, start: open, pause: hold, stop: [done, dropped], target: PT4H}
  visit: {clock: wall, target: PT1H}
timers:
  auto_close: {in: done, after: P7D, do: close}
  stuck: {in: open, at: doc.due_at, after: PT1H, notify: {text: work_order.approved, to: [doc.created_by]}}
reminders:
  due: {in: open, field: doc.due_at, before: [P1D], notify: {text: work_order.approved, to: [doc.created_by]}}
";

fn found(source: &str, vocabulary: &Vocabulary<'_>) -> Vec<Diagnostic> {
    Workflow::load(source, "test.yml", &SUBJECT, vocabulary).err().unwrap_or_default()
}

#[test]
fn every_fault_of_a_whole_file_is_found_where_it_is() {
    assert_eq!(found(FILE, &SCENARIO), [], "{}", workflows::render(&found(FILE, &SCENARIO)));
    for (from, to, code, line, column) in [
        ("after: P7D, do: close", "after: P7D, do: drop", "WF111", 36, 42),
        ("in: done, after: P7D", "in: [done, hold], after: P7D", "WF112", 36, 50),
        (
            "to: closed, permission: work_order.manage, system: true",
            "to: closed, permission: work_order.manage, system: true, reason: required",
            "WF113",
            36,
            42,
        ),
        ("  stuck:", "  again: {in: done, after: P7D, do: close}\n  stuck:", "WF108", 37, 3),
        ("  stuck:", "  off: {in: open, after: P1D, do: hold}\n  on: {in: hold, after: P1D, do: resume}\n  stuck:", "WF107", 37, 3),
        ("stop: [done, dropped]", "stop: done", "WF601", 33, 3),
        ("{stop_sla: visit}]}", "{stop_sla: visit, when: doc.urgent}]}", "WF601", 34, 3),
        ("start_sla: visit", "stop_sla: visit", "WF603", 34, 3),
        ("require: [doc.due_at], ", "", "WF602", 37, 3),
        ("target: PT4H", "target: PT0S", "WF311", 33, 82),
        ("pause: hold", "pause: [hold, open]", "WF605", 33, 11),
        ("      - stock.consume: {lines: doc.parts}\n", "", "WF801", 27, 9),
        ("lines: doc.parts}\n      - start", "lines: doc.tasks}\n      - start", "WF309", 28, 32),
        ("in: done, after: P7D, do: close", "in: gone, after: P7D, do: close", "WF205", 36, 20),
        ("before: [P1D]", "before: [PT6H]", "WF311", 39, 47),
        ("before: [P1D]", "every: P1D", "WF005", 39, 45),
        ("field: doc.due_at", "field: doc.title", "WF309", 39, 26),
    ] {
        assert!(FILE.contains(from), "{from}");
        let found = found(&FILE.replacen(from, to, 1), &SCENARIO);
        let places: Vec<_> = found.iter().map(|finding| (finding.code, finding.line, finding.column)).collect();
        assert!(places.contains(&(code, line, column)), "{from} → {to}: {places:?}\n{}", workflows::render(&found));
        for finding in &found {
            assert!(!finding.message().contains('{') && !finding.source.is_empty(), "{}", finding.message());
        }
    }
}

#[test]
fn several_faults_are_told_in_one_go() {
    let source =
        FILE.replace("stop: [done, dropped]", "stop: done").replace("require: [doc.due_at], ", "").replace("do: close", "do: drop");
    let codes: BTreeSet<_> = found(&source, &SCENARIO).iter().map(|finding| finding.code).collect();
    assert_eq!(codes, BTreeSet::from(["WF111", "WF112", "WF601", "WF602"]));
}

#[test]
fn a_timer_whose_field_may_be_empty_is_sound_where_it_is_tested_or_filled_on_every_way() {
    let tested = FILE
        .replace("require: [doc.due_at], ", "")
        .replace("{in: open, at: doc.due_at,", "{in: open, when: doc.due_at != null, at: doc.due_at,")
        .replace("{in: open, field:", "{in: open, when: 'doc.urgent && doc.due_at != null', field:");
    assert_eq!(found(&tested, &SCENARIO), []);
    let written = FILE.replace("require: [doc.due_at], ", "effects: [{set: {due_at: now}}], ");
    assert_eq!(found(&written, &SCENARIO), []);
    let cleared = FILE.replace(
        "to: open, permission: work_order.view, system: true}",
        "to: open, permission: work_order.view, system: true, effects: [{set: {due_at: null}}]}",
    );
    assert_eq!(found(&cleared, &SCENARIO).iter().map(|finding| finding.code).collect::<Vec<_>>(), ["WF602", "WF602"]);
}

#[test]
fn labels_and_texts_are_asked_for_in_every_language() {
    let file = "workflow: work_order\nversion: 1\nentity: work_order\ninitial: [{to: a}]\nstates:\n  a: {category: todo}\n  b: {category: done, terminal: true}\n\
                transitions:\n  go: {from: a, to: b, permission: work_order.view, form: {n: {type: int}}}\n\
                labels: {ru: {states: {a: А, b: Б}, transitions: {go: Вперёд}, fields: {n: Число}}}\ntexts: {ru: {ready: Готово}}\n";
    let asked = Vocabulary { languages: &["ru", "tr"], labelled: &["wf.work_order.state.b"], ..VOCABULARY };
    let found = found(file, &asked);
    let missing: Vec<_> = found.iter().map(|finding| (finding.code, finding.line, finding.message())).collect();
    assert_eq!(
        missing,
        [
            ("WF401", 6, "no label for state `a` in `tr`".to_owned()),
            ("WF401", 9, "no label for transition `go` in `tr`".to_owned()),
            ("WF401", 9, "no label for field `n` in `tr`".to_owned()),
            ("WF402", 11, "the text `ready` is missing in `tr`".to_owned()),
        ]
    );
    let mentions = Vocabulary { variables: &["number"], ..VOCABULARY };
    let source = file.replace("Готово", "'%{numbr} готов'");
    let wrong = &crate::checks::found(&source, &mentions)[0];
    assert_eq!((wrong.code, wrong.line, wrong.message().as_str()), ("WF221", 11, "messages cannot mention `numbr`"));
    let levels = file.replace("fields: {n: Число}", "levels: {boss: Начальник}");
    assert_eq!(crate::checks::found(&levels, &VOCABULARY)[0].code, "WF220");
}

#[test]
fn a_company_without_the_people_is_told_so() {
    let workflow = rehearsed(FILE);
    let role = |role: &str, permissions: &[&str], members| Staffed {
        role: role.to_owned(),
        permissions: permissions.iter().map(|&permission| permission.to_owned()).collect(),
        members,
    };
    let told = |roles: &[Staffed]| {
        let found = workflow.staffing(roles);
        found
            .iter()
            .map(|finding| {
                (finding.code, finding.line, finding.params.get("level").or(finding.params.get("transition")).cloned().unwrap_or_default())
            })
            .collect::<Vec<_>>()
    };
    let worker = role("technician", &["work_order.view"], 5);
    let all = ["work_order.view", "work_order.cancel", "work_order.manage"];
    assert_eq!(told(&[role("manager", &all, 2), worker.clone()]), []);
    assert_eq!(told(&[role("manager", &all, 1), worker.clone()]), [("WF502", 13, "boss".to_owned())]);
    assert_eq!(told(&[role("manager", &all, 0), worker]), [("WF503", 13, "boss".to_owned()), ("WF501", 31, "drop".to_owned())]);
}

const NESTING: &str = "workflow: work_order
version: 1
entity: work_order
initial: [{to: a}]
states:
  a: {category: todo}
  b: {category: done, terminal: true}
transitions:
  go: {from: a, to: b, permission: work_order.view, require: [doc.asset], effects: [{transition: {record: doc.asset, do: retire}}]}
";

#[test]
fn transitions_that_fire_one_another_must_come_to_an_end() {
    const ASSET: workflows::Subject = workflows::Subject {
        key: "asset",
        fields: &[workflows::Field { name: "order", kind: workflows::Kind::Ref("work_order"), nullable: false, writable: false }],
    };
    let order = loaded(NESTING);
    let asset = |effects: &str| {
        let source = format!(
            "workflow: asset\nversion: 1\nentity: asset\ninitial: [{{to: a}}]\nstates:\n  a: {{category: todo}}\n  b: {{category: done, terminal: true}}\n\
             transitions:\n  retire: {{from: a, to: b, permission: work_order.view{effects}}}\n"
        );
        Workflow::load(&source, "asset.yml", &ASSET, &VOCABULARY).unwrap_or_else(|found| panic!("{}", workflows::render(&found)))
    };
    let codes = |asset: &Workflow| {
        together(&[&order, asset]).iter().map(|finding| (finding.code, finding.file.clone(), finding.line)).collect::<Vec<_>>()
    };
    assert_eq!(codes(&asset("")), []);
    let circle = [("WF109", "test.yml".to_owned(), 9), ("WF109", "asset.yml".to_owned(), 9)];
    assert_eq!(codes(&asset(", effects: [{transition: {record: doc.order, do: go}}]")), circle);
    assert_eq!(codes(&asset(", effects: [{transition: {record: doc.order, do: gone}}]")), [("WF207", "asset.yml".to_owned(), 9)]);
    let own = NESTING.replace("record: doc.asset", "record: doc.created_by");
    assert_eq!(found(&own, &VOCABULARY), [], "another kind of record, whose file is not at hand");
}

#[test]
fn a_chain_of_transitions_has_an_end_in_sight() {
    const PART: workflows::Subject = workflows::Subject {
        key: "asset",
        fields: &[workflows::Field { name: "parent", kind: workflows::Kind::Ref("asset"), nullable: false, writable: false }],
    };
    let codes = |length: usize| {
        let step = |i: usize| {
            let next = format!(", effects: [{{transition: {{record: doc.parent, do: go{}}}}}]", i + 1);
            format!("  go{i}: {{from: a, to: b, permission: work_order.view{}}}\n", if i < length { next } else { String::new() })
        };
        let source = format!(
            "workflow: asset\nversion: 1\nentity: asset\ninitial: [{{to: a}}]\nstates:\n  a: {{category: todo}}\n  \
             b: {{category: done, terminal: true}}\ntransitions:\n{}",
            (0..=length).map(step).collect::<Vec<_>>().concat()
        );
        let found = Workflow::load(&source, "asset.yml", &PART, &VOCABULARY).err().unwrap_or_default();
        found.iter().map(|finding| (finding.code, finding.line)).collect::<Vec<_>>()
    };
    assert_eq!(codes(workflows::MAX_NESTED), []);
    assert_eq!(codes(workflows::MAX_NESTED + 1), [("WF110", 9)]);
}
