//! Patches that apply, patches that do not, and where their faults stand.

use workflows::compare::compare;
use workflows::overlay::{apply, extends};
use workflows::{Field, Kind, Subject, Vocabulary, render};

use crate::support::{BASE, alike, applied, difference, file, findings, short};

fn patch(body: &str) -> String {
    format!("extends: work_order@3\n{body}")
}

#[test]
fn a_file_says_what_it_extends() {
    assert_eq!(extends("extends: work_order@3\n"), Some(("work_order".to_owned(), 3)));
    for text in
        [BASE, "extends: work_order", "extends: work_order@0", "extends: Work@1", "extends: a@-1", "extends: a@+1", "extends: [a]", "\t"]
    {
        assert_eq!(extends(text), None, "{text}");
    }
}

#[test]
fn an_empty_patch_changes_nothing() {
    let result = applied("extends: work_order@3\n");
    assert!(alike(BASE, &result.text), "{}", result.text);
    assert!(alike(BASE, &applied("extends: work_order@3\nset: {}\nadd: {}\nremove: []\n").text));
}

#[test]
fn every_shipped_file_survives_being_taken_apart() {
    for shipped in workflows::SHIPPED {
        let version = shipped.source.lines().find_map(|line| line.strip_prefix("version: ")).expect("a version");
        let key = shipped.source.lines().find_map(|line| line.strip_prefix("workflow: ")).expect("a name");
        let own = format!("extends: {key}@{version}\n");
        let result = apply(file(shipped.file, shipped.source), file("own.yml", &own)).unwrap_or_else(|found| panic!("{}", render(&found)));
        assert!(alike(shipped.source, &result.text), "{}", result.text);
        assert_eq!(compare(file("old", shipped.source), file("new", &result.text)), Ok(Vec::new()), "{}", shipped.file);
    }
}

#[test]
fn parts_are_changed_added_and_removed_by_id() {
    let result = applied(&patch(
        "version: 7
set:
  transitions.approve.approvals.levels.first.need: 2
  transitions.complete.reason: required
  transitions.complete.form.minutes: {type: int, min: 1}
  slas.resolution.target.high: PT4H
  texts.en.work_order.approved: It goes ahead
  labels.kk.states.open: Ашық
  tests.a dot. and a colon: {steps: [{create: true}]}
add:
  states.inspection: {category: waiting}
  transitions.approve.approvals.levels.chief: {role: admin, need: 1}
  transitions.complete.form.cost: {type: money}
  timers.auto: {in: inspection, after: P1D, do: complete}
  tests.third: {steps: []}
remove: [slas.resolution.target.low, tests.another, transitions.complete.require]
",
    ));
    assert!(
        alike(
            &result.text,
            &BASE
                .replace("version: 3", "version: 7")
                .replace("work_order.approve, need: 1}", "work_order.approve, need: 2}")
                .replace("reason: optional", "reason: required")
                .replace("min: 0}", "min: 1}\n      cost: {type: money}")
                .replace("PT8H, low: P5D", "PT4H")
                .replace("    require: [doc.assignee]\n", "")
                .replace("terminal: true}\n", "terminal: true}\n  inspection: {category: waiting}\n")
                .replace("'doc.cost != null'}\n", "'doc.cost != null'}\n        - {id: chief, role: admin, need: 1}\n")
                .replace("    steps: []\n  - name: another\n", "    steps: [{create: true}]\n  - name: third\n")
                .replace("tests:\n", "texts: {en: {work_order.approved: It goes ahead}}\nlabels: {kk: {states: {open: Ашық}}}\ntests:\n")
                .replace("slas:\n", "timers:\n  auto: {in: inspection, after: P1D, do: complete}\nslas:\n")
        ),
        "{}",
        result.text
    );
    let order: Vec<&str> = result.text.lines().filter(|line| !line.starts_with([' ', '-'])).collect();
    assert_eq!(
        order,
        [
            "workflow: work_order",
            "version: 7",
            "entity: work_order",
            "calendar: tenant.default",
            "initial:",
            "states:",
            "transitions:",
            "slas:",
            "locked:",
            "tests:",
            "texts:",
            "labels:",
            "timers:",
        ],
        "the base's order, what is new behind it"
    );
}

#[test]
fn what_does_not_apply_is_found_at_its_line_in_one_go() {
    for (body, expected) in [
        ("set: {states.opne.tone: info}\n", vec!["WF702 2:7"]),
        ("set: {states.inspection: {category: todo}}\n", vec!["WF702 2:7"]),
        ("set: {transitions.approve.approvals.levels.second.need: 2}\n", vec!["WF702 2:7"]),
        ("set: {timers.auto: {in: open}}\n", vec!["WF702 2:7"]),
        ("set: {states.open.tone.deep: info}\n", vec!["WF702 2:7"]),
        ("remove: [states.gone, states.open.gone, gone]\n", vec!["WF702 2:10", "WF702 2:23", "WF702 2:41"]),
        ("add: {states.open: {category: todo}}\n", vec!["WF703 2:7"]),
        ("add: {transitions.complete.when: doc.urgent}\n", vec!["WF708 2:7"]),
        ("add: {transitions.gone.form.x: {type: int}}\n", vec!["WF702 2:7"]),
        ("add: {transitions.approve.approvals.levels.x: {id: y}}\n", vec!["WF709 2:7"]),
        ("add: {transitions.approve.approvals.levels.x: 1}\n", vec!["WF003 2:7"]),
        ("set: {states.open.tone: info, states.open: {category: todo}}\n", vec!["WF704 2:31"]),
        ("set: {states.open.tone: info}\nremove: [states.open]\n", vec!["WF704 3:10"]),
        ("set: {workflow: other, version: 9, extends: x}\n", vec!["WF706 2:7", "WF706 2:24", "WF706 2:36"]),
        ("set: {states..open: 1, '': 1, .: 1}\n", vec!["WF707 2:7", "WF707 2:24", "WF707 2:31"]),
        ("set: [a]\nadd: 1\nremove: {a: b}\n", vec!["WF003 2:6", "WF003 3:6", "WF003 4:9"]),
        ("remove: [1]\nversion: two\nsets: {}\n", vec!["WF003 2:10", "WF003 3:10", "WF004 4:1"]),
        (
            "set: {states.opne.tone: info}\nadd: {states.open: {category: todo}}\nremove: [gone]\n",
            vec!["WF702 2:7", "WF703 3:7", "WF702 4:10"],
        ),
        ("set: {1: 2}\n", vec!["WF003 2:7"]),
    ] {
        assert_eq!(findings(&patch(body)), expected, "{body}");
    }
    assert_eq!(findings("set: {}\n"), ["WF005 1:1"]);
    assert_eq!(findings("extends: [work_order@3]\n"), ["WF700 1:10"]);
    assert_eq!(findings("extends: work_order@4\n"), ["WF701 1:10"]);
    assert_eq!(findings("extends: dispatch@3\nset: {states.gone.tone: info}\n"), ["WF701 1:10", "WF702 2:7"]);
    assert_eq!(findings("- a\n"), ["WF003 1:1"]);
    assert_eq!(findings("extends: work_order@3\nextends: work_order@3\n"), ["WF001 2:1"]);
    let many: Vec<String> = (0..501).map(|i| format!("  states.s{i}: {{category: todo}}\n")).collect();
    assert_eq!(findings(&patch(&format!("add:\n{}", many.concat()))), ["WF009 1:1"]);
}

#[test]
fn findings_say_what_to_do() {
    let found = |body: &str| {
        let (base, overlay) = (file("base.yml", BASE), patch(body));
        let found = apply(base, file("own.yml", &overlay)).expect_err("findings");
        render(&found)
    };
    assert_eq!(
        found("set:\n  states.opne.tone: info\n"),
        "own.yml:3:3: error[WF702]: `states` has nothing called `opne`\n  |\n3 |   states.opne.tone: info\n  |   ^\n  help: did you mean `open`?\n\n"
    );
    assert!(found("set: {states.checking: {category: todo}}\n").contains("help: what is new comes under `add`"));
    assert!(found("remove: [gone]\n").contains("the base has nothing called `gone`"));
}

#[test]
fn locked_parts_are_made_stricter_and_never_weaker() {
    let approvals = "transitions.approve.approvals";
    for stricter in [
        format!("set: {{{approvals}.levels.first.need: 2}}"),
        format!("set: {{{approvals}.self: false}}"),
        format!("add: {{{approvals}.levels.chief: {{role: admin, need: 1}}}}"),
        format!("set: {{{approvals}.void_on_change: [cost]}}"),
        "set: {transitions.approve.reason: required, states.open.tone: warn}".to_owned(),
        "set: {locked: [transitions.approve.approvals, states.completed, slas.resolution]}".to_owned(),
    ] {
        assert_eq!(findings(&patch(&stricter)), [""; 0], "{stricter}");
    }
    for weaker in [
        format!("set: {{{approvals}.levels.finance.need: 1}}"),
        format!("set: {{{approvals}.levels.first.when: doc.urgent}}"),
        format!("set: {{{approvals}.levels.finance.when: doc.urgent}}"),
        format!("set: {{{approvals}.levels.finance.role: viewer}}"),
        format!("set: {{{approvals}.levels.first: {{id: first, perm: work_order.view, need: 1}}}}"),
        format!("set: {{{approvals}.levels.first.escalate: {{after: PT1H, to: 'role:viewer'}}}}"),
        format!("set: {{{approvals}.levels: [{{id: first, perm: work_order.approve, need: 1}}]}}"),
        format!("set: {{{approvals}.self: true}}"),
        format!("set: {{{approvals}: {{levels: []}}}}"),
        format!("set: {{{approvals}: nobody}}"),
        "set: {transitions.approve: {from: on_hold, to: open, permission: work_order.view}}".to_owned(),
        "set: {states.completed.terminal: false}".to_owned(),
        "set: {locked: [states.completed]}".to_owned(),
    ] {
        assert_eq!(findings(&patch(&weaker)), ["WF705 2:7"], "{weaker}");
    }
    for removed in [&format!("{approvals}.levels.finance"), approvals, "transitions.approve", "states.completed"] {
        assert_eq!(findings(&patch(&format!("remove: [{removed}]"))), ["WF705 2:10"], "{removed}");
    }
    assert_eq!(findings(&patch("remove: [locked]")), ["WF705 2:10"], "the lock itself is locked");
    let swapped = format!(
        "set: {{{approvals}.levels: [{{id: finance, role: finance, need: 2, when: 'doc.cost != null'}}, {{id: first, perm: work_order.approve, need: 1}}]}}"
    );
    assert_eq!(findings(&patch(&swapped)), ["WF705 2:7"], "levels keep their order");
}

#[test]
fn findings_in_the_whole_file_stand_where_they_come_from() {
    let own =
        patch("set:\n  transitions.complete.when: \"doc.nonsense == 'a'\"\nadd:\n  states.inspection: {category: waiting, tone: loud}\n");
    let result = applied(&own);
    // what a reader of the whole file would find: inside a condition, at a word of the base, at a word of the patch
    for (needle, skip, name, source) in [
        ("doc.nonsense", 4, "own.yml", own.as_str()),
        ("loud", 0, "own.yml", &own),
        ("doc.cost", 4, "base.yml", BASE),
        ("actor.can", 6, "base.yml", BASE),
        ("success", 0, "base.yml", BASE),
        ("resolution: {type", 0, "base.yml", BASE),
        ("PT8H", 0, "base.yml", BASE),
        ("another", 0, "base.yml", BASE),
        ("workflow:", 0, "base.yml", BASE),
    ] {
        let (line, column) = place(&result.text, needle);
        let found = result.locate(workflows::Diagnostic { line, column: column + skip, ..anywhere() });
        let (line, column) = place(source, needle);
        assert_eq!((found.file.as_str(), found.line, found.column), (name, line, column + skip), "{needle}: {}", found.source);
        assert!(found.source.contains(needle));
    }
    let (line, column) = place(&result.text, "inspection");
    assert_eq!(
        short(&result.locate(workflows::Diagnostic { line, column, ..anywhere() })),
        "WF003 5:3",
        "a part that is new, at its entry"
    );
}

/// Line and column of the first occurrence.
fn place(text: &str, needle: &str) -> (u32, u32) {
    let (index, line) = text.lines().enumerate().find(|(_, line)| line.contains(needle)).expect("the needle is there");
    let column = line.split(needle).next().expect("a beginning").chars().count();
    let number = |index: usize| u32::try_from(index + 1).expect("a small number");
    (number(index), number(column))
}

/// A finding in the whole file.
fn anywhere() -> workflows::Diagnostic {
    workflows::Diagnostic {
        code: "WF003",
        file: "whole.yml".to_owned(),
        line: 1,
        column: 1,
        params: std::collections::BTreeMap::default(),
        source: String::new(),
    }
}

#[test]
fn a_patched_file_loads_or_is_refused_at_the_lines_of_both() {
    let subject = Subject {
        key: "ticket",
        fields: &[
            Field { name: "state", kind: Kind::Text, nullable: false, writable: false },
            Field { name: "urgent", kind: Kind::Bool, nullable: false, writable: true },
        ],
    };
    let vocabulary = Vocabulary { permissions: &["p.q"], ..Vocabulary::default() };
    let base = "workflow: ticket\nversion: 1\nentity: ticket\ninitial: [{to: a}]\nstates:\n  a: {category: todo}\n  b: {category: done, terminal: true}\n\
                transitions:\n  go: {from: a, to: b, permission: p.q}\n";
    let whole = |own: &str| apply(file("base.yml", base), file("own.yml", own)).expect("it applies").load(&subject, &vocabulary);
    let loaded = whole("extends: ticket@1\nset: {transitions.go.when: doc.urgent}\n").unwrap_or_else(|found| panic!("{}", render(&found)));
    assert_eq!((loaded.version(), loaded.transitions().len()), (1, 1));
    let own = "extends: ticket@1\nset:\n  transitions.go.when: doc.urgent && doc.urgant\nadd:\n  states.c: {category: waiting}\nremove: [states.b]\n";
    let found = whole(own).expect_err("two mistakes of the patch, one it makes of the base");
    let told: Vec<String> = found.iter().map(|finding| format!("{} {}", finding.file, short(finding))).collect();
    assert_eq!(told, ["base.yml WF205 9:21", "own.yml WF303 3:38"]);
}

#[test]
fn a_difference_is_a_patch_a_person_would_write() {
    let target = BASE
        .replace("tone: warn}", "tone: danger}")
        .replace("  open: {category", "  inspection: {category: waiting}\n  open: {category")
        .replace("    reason: optional\n", "")
        .replace("need: 1}\n", "need: 1}\n        - {id: chief, role: admin, need: 1}\n")
        .replace("high: PT8H", "high: PT4H")
        .replace("locked:", "texts:\n  en: {work_order.approved: It goes ahead}\nlocked:");
    assert_eq!(
        difference(BASE, &target),
        "extends: work_order@3
set:
  states.on_hold.tone: danger
  transitions.approve.approvals.levels:
    - {id: first, perm: work_order.approve, need: 1}
    - {id: chief, role: admin, need: 1}
    - {id: finance, role: finance, need: 2, when: 'doc.cost != null'}
  slas.resolution.target.high: PT4H
  texts.en.work_order.approved: It goes ahead
add:
  states.inspection: {category: waiting}
remove:
  - transitions.complete.reason
"
    );
    let found = workflows::overlay::diff(file("a.yml", BASE), file("b.yml", "workflow: dispatch\nset: {}\n"));
    let found: Vec<String> = found.expect_err("they are of two workflows").iter().map(short).collect();
    assert_eq!(found, ["WF706 1:1", "WF706 1:11", "WF706 2:6"], "`entity` is gone, `workflow` another, and it is a patch");
}
