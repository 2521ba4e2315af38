//! What differs between two versions, and what becomes of the records of the older.

use std::collections::BTreeMap;

use workflows::compare::{Change, ChangeKind, Part, StateMove, compare, migration};
use workflows::{Field, Kind, Subject, Vocabulary, Workflow, render};

use crate::support::{BASE, file, short};

fn changes(new: &str) -> Vec<Change> {
    compare(file("old.yml", BASE), file("new.yml", new)).unwrap_or_else(|found| panic!("{}", render(&found)))
}

/// A difference as one line.
fn told(change: &Change) -> String {
    let owner = change.owner.as_ref().map(|owner| format!("{owner}/")).unwrap_or_default();
    let options = change.options.iter().map(|option| {
        let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "-".to_owned());
        format!(" {}: {} → {}", option.option, side(&option.old), side(&option.new))
    });
    let kind = match change.kind {
        ChangeKind::Added => "+",
        ChangeKind::Removed => "-",
        ChangeKind::Changed => "~",
    };
    format!("{kind} {:?} {owner}{}{}", change.part, change.id, options.collect::<Vec<_>>().join(";"))
}

#[test]
fn differences_are_told_part_by_part() {
    let new = BASE
        .replace("version: 3", "version: 4")
        .replace("  on_hold: {category: todo, tone: warn}", "  on_hold: {category: waiting, tone: warn}\n  inspection: {category: doing}")
        .replace("    permission: work_order.view\n", "    permission: work_order.manage\n")
        .replace("    approvals:\n", "    approvals:\n      on_reject: reject\n")
        .replace("need: 1}", "need: 2}")
        .replace("        - {id: finance, role: finance, need: 2, when: 'doc.cost != null'}\n", "        - {id: chief, role: admin, need: 1}\n")
        .replace("[doc.created_by, doc.assignee]}\n", "[doc.created_by]}\n      - set: {started_at: now}\n")
        .replace("max: 4000", "max: 400")
        .replace("      minutes: {type: int, min: 0}\n", "")
        .replace("high: PT8H", "high: PT4H")
        .replace("locked:", "timers:\n  auto: {in: open, after: P7D, do: complete}\ntexts: {en: {work_order.approved: Go}}\nlabels: {kk: {states: {open: Ашық}}}\nlocked:")
        .replace("  - name: another\n", "  - name: a third\n");
    assert_eq!(
        changes(&new).iter().map(told).collect::<Vec<_>>(),
        [
            "~ Workflow  version: 3 → 4",
            "~ State on_hold category: todo → waiting",
            "+ State inspection",
            "~ Sla resolution target.high: PT8H → PT4H",
            "+ Timer auto",
            "+ Test a third",
            "- Test another",
            "~ Transition approve permission: work_order.view → work_order.manage; approvals.on_reject: - → reject",
            "~ Level approve/first need: 1 → 2",
            "+ Level approve/chief",
            "- Level approve/finance",
            "- Effect approve/notify : {notify: {text: work_order.approved, to: [doc.created_by, doc.assignee]}} → -",
            "+ Effect approve/notify : - → {notify: {text: work_order.approved, to: [doc.created_by]}}",
            "+ Effect approve/set : - → {set: {started_at: now}}",
            "~ Field complete/resolution max: 4000 → 400",
            "- Field complete/minutes",
            "+ Label kk/states.open",
            "+ Text en/work_order.approved",
        ]
    );
}

#[test]
fn the_same_file_written_otherwise_has_no_differences() {
    let other = BASE.replace("{category: todo, tone: warn}", "\n    tone: warn # first\n    category: 'todo'");
    assert_eq!(changes(&other), []);
}

#[test]
fn lines_of_both_files_are_at_hand() {
    let new = BASE.replace("states:\n", "\n\nstates:\n").replace("tone: success", "tone: neutral");
    let [change] = changes(&new).try_into().expect("one difference");
    assert_eq!((change.part, change.old_line, change.new_line), (Part::State, Some(13), Some(15)));
}

#[test]
fn approvals_that_come_and_go_are_told_level_by_level() {
    let (before, rest) = BASE.split_once("    approvals:\n").expect("approvals");
    let (_, after) = rest.split_once("    effects:\n").expect("effects");
    let without = format!("{before}    effects:\n{after}");
    assert_eq!(changes(&without).iter().map(told).collect::<Vec<_>>(), ["- Level approve/first", "- Level approve/finance"]);
}

#[test]
fn what_is_not_yaml_is_found() {
    let found = compare(file("old.yml", BASE), file("new.yml", "a: [")).expect_err("a fault");
    assert_eq!((found[0].code, found[0].file.as_str()), ("WF001", "new.yml"));
}

const SUBJECT: Subject = Subject { key: "ticket", fields: &[Field { name: "state", kind: Kind::Text, nullable: false, writable: false }] };

/// A workflow of these states, one leading to the next.
fn version(number: u32, states: &[&str], migrate: &str) -> Workflow {
    let defined: Vec<String> = states.iter().map(|state| format!("  {state}: {{category: todo}}\n")).collect();
    let step = |pair: &[&str]| format!("  to_{}: {{from: {}, to: {}, permission: p.q}}\n", pair[1], pair[0], pair[1]);
    let (defined, steps) = (defined.concat(), states.windows(2).map(step).collect::<Vec<_>>().concat());
    let last = states.last().expect("a state");
    let source = format!(
        "workflow: ticket\nversion: {number}\nentity: ticket\n{migrate}initial: [{{to: {}}}]\nstates:\n{defined}  over: {{category: done, terminal: true}}\ntransitions:\n\
         {steps}  end: {{from: {last}, to: over, permission: p.q}}\n",
        states[0]
    );
    let vocabulary = Vocabulary { permissions: &["p.q"], ..Vocabulary::default() };
    Workflow::load(&source, "ticket.yml", &SUBJECT, &vocabulary).unwrap_or_else(|found| panic!("{}", render(&found)))
}

fn counts(records: &[(&str, u64)]) -> BTreeMap<String, u64> {
    records.iter().map(|(state, count)| ((*state).to_owned(), *count)).collect()
}

#[test]
fn records_move_to_the_state_of_the_same_name_or_the_one_mapped() {
    let (old, new) = (version(1, &["a", "b", "c"], ""), version(2, &["a", "d"], "migrate: {from: 1, states: {b: d}}\n"));
    let moves = migration(&old, &new, &counts(&[("a", 3), ("b", 2)])).expect("a plan");
    let told: Vec<(&str, Option<&str>, u64)> =
        moves.iter().map(|it: &StateMove| (it.from.as_str(), it.to.as_deref(), it.records)).collect();
    assert_eq!(told, [("a", Some("a"), 3), ("b", Some("d"), 2), ("c", None, 0), ("over", Some("over"), 0)]);
}

#[test]
fn what_keeps_records_from_coming_over_is_found_in_one_go() {
    let (old, new) = (version(2, &["a", "bench", "c"], ""), version(4, &["a", "d"], "migrate: {from: 3, states: {bensh: d}}\n"));
    let found = migration(&old, &new, &counts(&[("a", 3), ("bench", 2), ("c", 1), ("elsewhere", 1)])).expect_err("faults");
    assert_eq!(found.iter().map(short).collect::<Vec<_>>(), ["WF720 4:11", "WF722 4:29", "WF721 4:20", "WF721 4:20", "WF721 4:20"]);
    assert_eq!(found[0].message(), "the records are of version 2, `migrate.from` is 3");
    assert_eq!((found[1].message().as_str(), found[1].help().as_str()), ("version 2 has no state `bensh`", "did you mean `bench`?"));
    assert_eq!(found[2].message(), "2 records are in the state `bench`, which this version does not have");
    assert_eq!(found[2].source, "migrate: {from: 3, states: {bensh: d}}");
    let silent = migration(&old, &version(3, &["a"], ""), &counts(&[])).expect_err("no migration");
    assert_eq!(silent.iter().map(short).collect::<Vec<_>>(), ["WF723 2:1"]);
    assert_eq!(silent[0].help(), "`migrate: {from: 2}` lets them come over");
}

#[test]
fn an_empty_state_may_vanish() {
    let (old, new) = (version(1, &["a", "b"], ""), version(2, &["a"], "migrate: {from: 1}\n"));
    assert!(migration(&old, &new, &counts(&[("a", 1), ("b", 0)])).is_ok());
    assert!(migration(&old, &new, &counts(&[("b", 1)])).is_err());
}
