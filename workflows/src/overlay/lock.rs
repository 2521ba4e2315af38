//! Locked parts: a patch may make them stricter, never weaker.

use super::patch::Patch;
use super::path::{self, Path};
use super::tree::{Kind, Tree};
use crate::diagnostic::Diagnostic;
use crate::yaml::NodeKind;

/// Every locked part of `base` that is weaker in `result`.
pub(super) fn weakened(base: &Tree, result: &Tree, patch: &Patch) -> Vec<Diagnostic> {
    let Some(locked) = base.get("locked") else { return Vec::new() };
    let mut found = Vec::new();
    for path in locked.items().iter().filter_map(|item| Path::parse(item.text()?)) {
        let (before, after) = (path::find(base, &path.0), path::find(result, &path.0));
        let last = path.0.last().map_or("", String::as_str);
        if let Some(before) = before
            && !after.is_some_and(|after| holds(last, before, after))
        {
            found.push(Diagnostic::new("WF705", patch.near(&path)).with("path", path.to_string()));
        }
    }
    if !result.get("locked").is_some_and(|after| covers(locked, after)) {
        let path = Path(vec!["locked".to_owned()]);
        found.push(Diagnostic::new("WF705", patch.near(&path)).with("path", "locked"));
    }
    found
}

/// Whether `after` is at least as strict as `before`, both being the value of `key`. What cannot be judged must be the same.
fn holds(key: &str, before: &Tree, after: &Tree) -> bool {
    match key {
        "need" => before.int().zip(after.int()).is_some_and(|(before, after)| after >= before),
        "self" => before.same(after) || is_false(after),
        "reason" => before.text().zip(after.text()).is_some_and(|(before, after)| asked(after) >= asked(before)),
        "require" | "void_on_change" => covers(before, after),
        "levels" => levels(before, after),
        _ => match (&before.kind, &after.kind) {
            (Kind::Map(_), Kind::Map(_)) => options(before, after),
            _ => before.same(after),
        },
    }
}

/// Options: none gone that restricts, none new that loosens.
fn options(before: &Tree, after: &Tree) -> bool {
    let kept = before.entries().iter().all(|entry| match after.get(&entry.key) {
        Some(value) => holds(&entry.key, &entry.value, value),
        // left out, it means no: no self-approval
        None => entry.key == "self",
    });
    // a level's condition lets it be skipped; a transition's, or an approval where there was none, only restricts
    let is_level = before.get("need").is_some() || before.get("id").is_some();
    let added = after.entries().iter().filter(|entry| before.get(&entry.key).is_none());
    kept && added.into_iter().all(|entry| match entry.key.as_str() {
        "when" => !is_level,
        "self" => is_false(&entry.value),
        "approvals" | "require" | "void_on_change" | "reason" => true,
        "need" => entry.value.int().is_some_and(|need| need >= 1),
        _ => false,
    })
}

/// Every level is still there, in order, at least as strict; more may stand between and behind them.
fn levels(before: &Tree, after: &Tree) -> bool {
    let id = |level: &Tree| level.get("id").and_then(Tree::text).map(str::to_owned);
    let mut rest = after.items().iter();
    before.items().iter().all(|level| rest.by_ref().find(|other| id(other) == id(level)).is_some_and(|other| holds("", level, other)))
}

fn covers(before: &Tree, after: &Tree) -> bool {
    let listed = |item: &Tree| after.items().iter().any(|other| other.same(item));
    matches!(before.kind, Kind::List(_)) && before.items().iter().all(listed)
}

fn is_false(tree: &Tree) -> bool {
    matches!(tree.kind, Kind::Scalar(NodeKind::Bool(false)))
}

fn asked(reason: &str) -> u8 {
    match reason {
        "required" => 2,
        "optional" => 1,
        _ => 0,
    }
}
