//! A new version of the base under an old patch.

use crate::support::{BASE, alike, merged, short};

const OWN: &str = "# ours
extends: work_order@3
set:
  transitions.approve.approvals.levels.first.need: 2   # four eyes
  slas.resolution.target.high: PT4H
add:
  states.inspection: {category: waiting}
remove: [transitions.complete.form.minutes]
";

fn new(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(BASE.replace("version: 3", "version: 4"), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    })
}

#[test]
fn what_only_one_side_changed_is_taken() {
    let new = new(&[
        ("tone: info", "tone: progress"),
        ("low: P5D", "low: P7D"),
        ("  completed: {category", "  archived: {category: done}\n  completed: {category"),
        ("'doc.cost != null'}\n", "'doc.cost != null'}\n        - {id: chief, role: admin, need: 1}\n"),
        ("  - name: another\n    steps: []\n", "  - name: a third\n    steps: []\n"),
    ]);
    let result = merged(&new, OWN).unwrap_or_else(|found| panic!("{}", workflows::render(&found)));
    assert_eq!(result.overlay, OWN.replace("@3", "@4"), "the patch keeps its comments");
    let expected = new
        .replace("work_order.approve, need: 1}", "work_order.approve, need: 2}")
        .replace("high: PT8H", "high: PT4H")
        .replace("terminal: true}\n", "terminal: true}\n  inspection: {category: waiting}\n")
        .replace("      minutes: {type: int, min: 0}\n", "");
    assert!(alike(&result.applied.text, &expected), "{}", result.applied.text);
}

#[test]
fn what_both_did_alike_is_done_once() {
    let new = new(&[
        ("work_order.approve, need: 1}", "work_order.approve, need: 2}"),
        ("high: PT8H", "high: PT4H"),
        ("terminal: true}\n", "terminal: true}\n  inspection: {category: waiting}\n"),
        ("      minutes: {type: int, min: 0}\n", ""),
    ]);
    let result = merged(&new, OWN).unwrap_or_else(|found| panic!("{}", workflows::render(&found)));
    assert_eq!(result.overlay, "extends: work_order@4\n", "nothing is left of the patch");
    assert!(alike(&result.applied.text, &new));
}

#[test]
fn a_change_next_to_a_change_is_merged_option_by_option() {
    let own = "extends: work_order@3\nset: {states.open: {category: doing, tone: info, flags: [billable]}}\n";
    let new = new(&[("tone: info", "tone: progress")]);
    let result = merged(&new, own).unwrap_or_else(|found| panic!("{}", workflows::render(&found)));
    assert_eq!(
        result.overlay, "extends: work_order@4\nset:\n  states.open.category: doing\n",
        "the patch says less now, so it is written anew"
    );
}

#[test]
fn what_both_changed_differently_is_a_conflict_at_its_line() {
    for (own, change, expected) in [
        ("set:\n  states.open.tone: warn\n", ("tone: info", "tone: progress"), "WF710 3:3"),
        ("set:\n  states.open.flags: [a]\n", ("[billable]", "[billable, b]"), "WF710 3:3"),
        ("set:\n  transitions.complete.reason: required\n", ("    reason: optional\n", ""), "WF711 3:3"),
        ("set:\n  slas.resolution.target.high: PT1H\n", ("high: PT8H, ", ""), "WF711 3:3"),
        ("remove: [transitions.complete.form.minutes]\n", ("min: 0", "min: 1"), "WF712 2:10"),
        ("remove: [slas]\n", ("low: P5D", "low: P6D"), "WF712 2:10"),
        (
            "add:\n  states.inspection: {category: waiting}\n",
            ("  completed: {", "  inspection: {category: todo}\n  completed: {"),
            "WF713 3:3",
        ),
        ("set: {calendar: tenant.night}\n", ("tenant.default", "tenant.day"), "WF710 2:7"),
        ("set: {initial: [{to: open}]}\n", ("can(\"work_order.approve\")", "can(\"work_order.manage\")"), "WF710 2:7"),
    ] {
        let found = merged(&new(&[change]), &format!("extends: work_order@3\n{own}")).expect_err(own);
        let found: Vec<String> = found.iter().map(short).collect();
        assert_eq!(found, [expected], "{own}");
    }
}

#[test]
fn every_conflict_is_listed_with_the_place_in_the_new_base() {
    let new = new(&[("high: PT8H", "high: PT6H"), ("work_order.approve, need: 1}", "work_order.approve, need: 3}")]);
    let found = merged(&new, OWN).expect_err("two conflicts");
    assert_eq!(found.iter().map(short).collect::<Vec<_>>(), ["WF710 4:3", "WF710 5:3"]);
    assert_eq!(found[0].message(), "`transitions.approve.approvals.levels.first.need` was changed here and in the new base, line 21");
    assert_eq!(found[0].source, "  transitions.approve.approvals.levels.first.need: 2   # four eyes");
}

#[test]
fn a_lock_of_the_new_base_holds() {
    let own = "extends: work_order@3\nremove: [transitions.complete.require]\n";
    assert!(merged(&new(&[]), own).is_ok());
    let found = merged(&new(&[("locked: [", "locked: [transitions.complete.require, ")]), own).expect_err("it is locked now");
    assert_eq!(found.iter().map(short).collect::<Vec<_>>(), ["WF705 2:10"]);
}

#[test]
fn the_version_is_the_patch_s_own_or_the_base_s() {
    let own = |version: &str| format!("extends: work_order@3\n{version}set: {{states.open.tone: warn}}\n");
    let text = |version: &str| merged(&new(&[]), &own(version)).expect("no conflict").applied.text;
    assert!(text("").contains("\nversion: 4\n"));
    assert!(text("version: 12\n").contains("\nversion: 12\n"));
}
