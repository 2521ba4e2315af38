//! What differs between two versions.

use workflows::compare::{Change, ChangeKind, Part, compare};
use workflows::render;

use crate::support::{BASE, file};

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
