//! Whatever is patched: nothing panics, what is taken apart goes together again, and the order of two patches that do not meet is no matter.

use std::collections::BTreeMap;

use proptest::prelude::*;
use workflows::overlay::{apply, diff, merge3};

use crate::support::{BASE, alike, applied, difference, file, merged};

/// Options and parts of the base, none inside another, with values to put there.
const PLACES: [(&str, [&str; 3]); 14] = [
    ("states.on_hold.tone", ["info", "danger", "neutral"]),
    ("states.open.flags", ["[]", "[a, b]", "[billable, mobile]"]),
    ("states.open.category", ["doing", "waiting", "done"]),
    ("transitions.complete.reason", ["required", "none", "'no'"]),
    ("transitions.complete.form.minutes.min", ["1", "-5", "0.5"]),
    ("transitions.complete.form.resolution", ["{type: text}", "{type: choice, options: [a, b]}", "{type: int}"]),
    ("transitions.complete.permission", ["work_order.view", "work_order.manage", "x.y"]),
    ("transitions.approve.effects", ["[]", "[{set: {a: now}}]", "[{notify: {text: a.b, to: [actor]}, when: 'a == \"b\"'}]"]),
    ("transitions.approve.approvals.levels.first.need", ["2", "3", "4"]),
    ("slas.resolution.target.high", ["PT1H", "PT2H", "P1D"]),
    ("slas.resolution.clock", ["wall", "business ", "none"]),
    ("calendar", ["tenant.night", "tenant.day", "'null'"]),
    ("tests.another", ["{steps: [{create: true}]}", "{steps: [], given: {at: '2026-03-02T09:00'}}", "{steps: null}"]),
    ("texts.ru.work_order.approved", ["Согласовано", "'да: # нет'", "\"a\\nb\\t\\u2028\""]),
];
/// Parts the base lets go of.
const REMOVABLE: [&str; 6] = [
    "states.on_hold.tone",
    "transitions.complete.reason",
    "transitions.complete.form.minutes",
    "slas.resolution.target.low",
    "tests.another",
    "transitions.complete.require",
];
const ADDABLE: [(&str, &str); 6] = [
    ("states.inspection", "{category: waiting}"),
    ("transitions.inspect", "{from: open, to: inspection, permission: work_order.view}"),
    ("transitions.complete.form.cost", "{type: money}"),
    ("transitions.approve.approvals.levels.chief", "{id: chief, role: admin, need: 1}"),
    ("timers.auto", "{in: open, after: P7D, do: complete}"),
    ("tests.a new one.", "{name: a new one., steps: []}"),
];

/// A patch as its entries: path → `Some(set to)`, `None` for removal; and what it adds.
#[derive(Clone, Debug, Default, PartialEq)]
struct Entries {
    set: BTreeMap<&'static str, &'static str>,
    remove: Vec<&'static str>,
    add: Vec<(&'static str, &'static str)>,
}

impl Entries {
    fn write(&self) -> String {
        let line = |path: &str, value: &str| format!("  {path}: {value}\n");
        let set: Vec<String> = self.set.iter().map(|(path, value)| line(path, value)).collect();
        let add: Vec<String> = self.add.iter().map(|(path, value)| line(path, value)).collect();
        let section = |lines: Vec<String>| if lines.is_empty() { "  {}\n".to_owned() } else { lines.concat() };
        format!("extends: work_order@3\nset:\n{}add:\n{}remove: [{}]\n", section(set), section(add), self.remove.join(", "))
    }

    /// The two halves of it: the entries at even places, and the others.
    fn halves(&self, even: bool) -> Self {
        let mine = |index: usize| index.is_multiple_of(2) == even;
        Self {
            set: self.set.iter().enumerate().filter(|(i, _)| mine(*i)).map(|(_, (path, value))| (*path, *value)).collect(),
            remove: self.remove.iter().enumerate().filter(|(i, _)| mine(*i)).map(|(_, path)| *path).collect(),
            add: self.add.iter().enumerate().filter(|(i, _)| mine(*i)).map(|(_, entry)| *entry).collect(),
        }
    }
}

fn entries() -> impl Strategy<Value = Entries> {
    let set = prop::collection::btree_map(0..PLACES.len(), 0..3_usize, 0..8);
    let remove = prop::sample::subsequence(&REMOVABLE[..], 0..=REMOVABLE.len());
    let add = prop::sample::subsequence(&ADDABLE[..], 0..=ADDABLE.len());
    (set, remove, add).prop_map(|(set, remove, add)| {
        let touches =
            |path: &str, other: &str| path == other || path.starts_with(&format!("{other}.")) || other.starts_with(&format!("{path}."));
        let set: BTreeMap<&str, &str> = set.into_iter().map(|(place, value)| (PLACES[place].0, PLACES[place].1[value])).collect();
        let remove = remove.into_iter().filter(|path| !set.keys().any(|other| touches(path, other))).collect();
        Entries { set, remove, add }
    })
}

/// A tree of YAML as nobody would write it.
fn wild() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        ".{0,30}".prop_map(Into::into),
        "[ \n\t:#'\"\\\\{}\\[\\],&*!|>%@`~a-c0-9.-]{0,12}".prop_map(Into::into),
        prop::sample::select(vec![
            "true",
            "No",
            "null",
            "~",
            "1",
            "1.0",
            "0x1f",
            "1e3",
            ".inf",
            ".NaN",
            "2026-03-02",
            "=",
            "<<",
            "-",
            "? a",
            "- a"
        ])
        .prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::btree_map(".{0,8}|[a-z]{1,5}", inner, 0..5)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_patch_is_found_again(entries in entries()) {
        let target = applied(&entries.write()).text;
        let found = difference(BASE, &target);
        prop_assert!(alike(&applied(&found).text, &target), "{}\n{}", entries.write(), found);
        // and it is the same patch, but for entries that say what the base says anyway
        let again = difference(BASE, &applied(&found).text);
        prop_assert_eq!(&found, &again);
        let said = |path: &str| found.contains(&format!("  {path}:"));
        for (path, _) in &entries.add {
            prop_assert!(said(path), "{} in {}", path, found);
        }
        for path in &entries.remove {
            prop_assert!(found.contains(&format!("- {path}\n")), "{} in {}", path, found);
        }
        for line in found.lines().filter_map(|line| line.strip_prefix("  ")?.split_once(": ").map(|(path, _)| path)) {
            let known = entries.set.keys().chain(entries.add.iter().map(|(path, _)| path)).any(|path| line == *path || line.starts_with(&format!("{path}.")));
            prop_assert!(known, "{line} was never asked for: {}", found);
        }
    }

    #[test]
    fn patches_that_do_not_meet_merge_either_way(entries in entries()) {
        let (mine, theirs) = (entries.halves(true), entries.halves(false));
        let both = applied(&entries.write()).text;
        for (first, second) in [(&mine, &theirs), (&theirs, &mine)] {
            let new = applied(&first.write()).text.replacen("version: 3", "version: 4", 1);
            let result = merged(&new, &second.write()).unwrap_or_else(|found| panic!("{}", workflows::render(&found)));
            prop_assert!(alike(&result.applied.text, &both.replacen("version: 3", "version: 4", 1)), "{}\n{}", first.write(), second.write());
        }
    }

    #[test]
    fn merging_keeps_the_patch_or_names_a_conflict(mine in entries(), theirs in entries()) {
        let new = applied(&theirs.write()).text.replacen("version: 3", "version: 4", 1);
        match merged(&new, &mine.write()) {
            Ok(result) => {
                // what the patch sets is set, and nothing of the new base is lost but where the patch says so
                let wanted = applied(&mine.write()).text;
                // what says no more than the base did changes nothing, and gives way
                let changed = difference(BASE, &wanted);
                for path in mine.set.keys().filter(|path| changed.contains(&format!("  {path}:"))) {
                    prop_assert!(!difference(&wanted, &result.applied.text.replacen("version: 4", "version: 3", 1)).contains(&format!("  {path}:")), "{path}");
                }
                let own = difference(&new, &result.applied.text);
                for line in own.lines().filter_map(|line| line.strip_prefix("  ")?.split_once(": ").map(|(path, _)| path)) {
                    prop_assert!(mine.set.keys().chain(mine.add.iter().map(|(path, _)| path)).any(|path| line.starts_with(path)), "{line}");
                }
            }
            Err(found) => prop_assert!(found.iter().all(|finding| matches!(finding.code, "WF710" | "WF711" | "WF712" | "WF713")), "{}", workflows::render(&found)),
        }
    }

    #[test]
    fn any_value_is_written_as_it_is_read(value in wild()) {
        // JSON is YAML; what YAML does not read is nothing to write
        let overlay = format!("extends: work_order@3\nset:\n  states.open.wild: {value}\n");
        if let Ok(result) = apply(file("base.yml", BASE), file("own.yml", &overlay)) {
            let again = diff(file("base.yml", BASE), file("own.yml", &result.text)).unwrap_or_else(|found| panic!("{}\n{}", workflows::render(&found), result.text));
            let twice = apply(file("base.yml", BASE), file("own.yml", &again)).unwrap_or_else(|found| panic!("{}\n{again}", workflows::render(&found)));
            prop_assert!(alike(&twice.text, &result.text), "{}", again);
            prop_assert_eq!(twice.text, result.text);
        }
    }

    #[test]
    fn any_text_is_a_patch_or_is_refused(overlay in ".{0,200}|(extends: work_order@3\n)?((set|add):\n  [a-z.:{} -]{0,20}\n|remove: [\\[\\]a-z., ]{0,20}\n){0,3}") {
        let _ = apply(file("base.yml", BASE), file("own.yml", &overlay));
        let _ = apply(file("base.yml", &overlay), file("own.yml", "extends: work_order@3\n"));
        let _ = diff(file("base.yml", BASE), file("own.yml", &overlay));
    }

    #[test]
    fn a_damaged_base_or_patch_is_read_or_refused(at in 0..1_500_usize, junk in "[ -~\n]{0,10}", cut in 0..30_usize, entries in entries()) {
        let damaged = |text: &str| {
            let mut text = text.to_owned();
            let from = at % text.len();
            let to = (from + cut).min(text.len());
            if text.is_char_boundary(from) && text.is_char_boundary(to) {
                text.replace_range(from..to, &junk);
            }
            text
        };
        let (base, overlay) = (damaged(BASE), damaged(&entries.write()));
        let _ = apply(file("base.yml", BASE), file("own.yml", &overlay));
        let _ = apply(file("base.yml", &base), file("own.yml", &entries.write()));
        let _ = merge3(file("base.yml", BASE), file("new.yml", &base), file("own.yml", &entries.write()));
        let _ = merge3(file("base.yml", &base), file("new.yml", BASE), file("own.yml", &overlay));
    }
}
