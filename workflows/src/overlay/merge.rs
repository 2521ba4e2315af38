//! Three-way merging, and the patch between two trees.

use super::patch::{FIXED, Patch};
use super::path::{self, Children, Path, Place, place};
use super::tree::{Entry, Kind, Origin, Side, Tree};
use super::write;
use crate::diagnostic::Diagnostic;
use crate::yaml::{At, NodeKind};

/// The base's new version with a patch's changes, and the places both changed differently. `old` and `new` are the base, `mine` is `old` patched.
pub(super) fn three_way(old: &Tree, new: &Tree, mine: &Tree, patch: &Patch) -> (Tree, Vec<Diagnostic>) {
    let mut merge = Merge { patch, conflicts: Vec::new() };
    let merged = merge.node(&Path(Vec::new()), Some(old), Some(new), Some(mine)).unwrap_or_else(|| new.clone());
    (merged, merge.conflicts)
}

/// The `version` of a base.
pub(super) fn version(base: &Tree) -> u32 {
    base.get("version").and_then(Tree::int).and_then(|version| version.try_into().ok()).unwrap_or_default()
}

struct Merge<'a> {
    patch: &'a Patch,
    conflicts: Vec<Diagnostic>,
}

impl Merge<'_> {
    /// What stands at `path` in the end.
    fn node(&mut self, path: &Path, old: Option<&Tree>, new: Option<&Tree>, mine: Option<&Tree>) -> Option<Tree> {
        // whose version it is the patch says itself, or leaves to the base
        if path.0.len() == 1 && path.0[0] == "version" {
            return if self.patch.version.is_some() { mine.cloned() } else { new.cloned() };
        }
        if same(new, mine) || same(old, mine) {
            return new.cloned();
        }
        if same(old, new) {
            return mine.cloned();
        }
        if let (Some(new), Some(mine)) = (new, mine)
            && let Some(merged) = self.children(path, old, new, mine)
        {
            return Some(merged);
        }
        let code = match (new, mine) {
            (None, _) => "WF711",
            (_, None) => "WF712",
            _ if old.is_none() => "WF713",
            _ => "WF710",
        };
        let line = new.map_or(0, |new| new.origin.at.line).to_string();
        self.conflicts.push(Diagnostic::new(code, self.patch.near(path)).with("path", path.to_string()).with("line", line));
        new.cloned()
    }

    /// Merges child by child, where all three have named ones; an absent container of parts counts as an empty one.
    fn children<'a>(&mut self, path: &Path, old: Option<&'a Tree>, new: &'a Tree, mine: &'a Tree) -> Option<Tree> {
        let before = match old {
            Some(old) => path::children(old, &path.0)?,
            None if matches!(place(&path.0), Place::Options | Place::Whole) => return None,
            None => Children::new(),
        };
        let (theirs, ours) = (path::children(new, &path.0)?, path::children(mine, &path.0)?);
        let in_list = matches!(place(&path.0), Place::Listed(_));
        if in_list && !kept(&before, &ours).eq(kept(&ours, &before)) {
            // this side puts parts into another order: there is no telling where theirs belong
            return None;
        }
        let added = ours.keys().filter(|name| !theirs.contains_key(*name));
        let mut merged = Vec::with_capacity(theirs.len());
        for name in theirs.keys().chain(added).copied() {
            let pick = |from: &Children<'a>| from.get(name).copied();
            let tree = self.node(&path.child(name), pick(&before), pick(&theirs), pick(&ours));
            merged.extend(tree.map(|tree| (name.to_owned(), tree)));
        }
        Some(rebuilt(new.origin, in_list, merged))
    }
}

/// The names of `children` that `others` has too, in order.
fn kept<'a>(children: &'a Children<'_>, others: &'a Children<'_>) -> impl Iterator<Item = &'a str> {
    children.keys().copied().filter(|name| others.contains_key(name))
}

fn same(a: Option<&Tree>, b: Option<&Tree>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.same(b),
        (None, None) => true,
        _ => false,
    }
}

fn rebuilt(origin: Origin, in_list: bool, named: Vec<(String, Tree)>) -> Tree {
    let kind = if in_list {
        Kind::List(named.into_iter().map(|(_, tree)| tree).collect())
    } else {
        Kind::Map(named.into_iter().map(|(key, value)| Entry { key, origin: value.origin, value }).collect())
    };
    Tree { origin, kind }
}

/// The patch that makes `target` of `base`, written down.
pub(super) fn patch(base: &Tree, target: &Tree) -> String {
    let mut difference = Difference::default();
    difference.children(&Path(Vec::new()), base, target);
    let key = base.get("workflow").and_then(Tree::text).unwrap_or_default();
    let mut entries = vec![entry("extends", text(&format!("{key}@{}", version(base))))];
    if let Some(version) = target.get("version").filter(|version| !same(Some(version), base.get("version"))) {
        entries.push(entry("version", version.clone()));
    }
    for (key, changes) in [("set", difference.set), ("add", difference.add)] {
        if !changes.is_empty() {
            entries.push(entry(key, tree(Kind::Map(changes))));
        }
    }
    if !difference.remove.is_empty() {
        entries.push(entry("remove", tree(Kind::List(difference.remove))));
    }
    write::document(&tree(Kind::Map(entries))).0
}

/// What keeps two files from being a base and a patch of it: they are not of one workflow, or one of them is a patch itself.
pub(super) fn strangers(base: &Tree, target: &Tree) -> Vec<Diagnostic> {
    let fixed = FIXED.iter().filter(|key| **key != "version" && !same(base.get(key), target.get(key)));
    let at = |key: &str| target.get(key).map_or(target.origin.at, |value| value.origin.at);
    fixed.map(|key| Diagnostic::new("WF706", at(key)).with("path", *key)).collect()
}

#[derive(Default)]
struct Difference {
    set: Vec<Entry>,
    add: Vec<Entry>,
    remove: Vec<Tree>,
}

impl Difference {
    fn node(&mut self, path: &Path, base: &Tree, target: &Tree) {
        if !base.same(target) && !self.children(path, base, target) {
            self.set.push(entry(&path.to_string(), target.clone()));
        }
    }

    /// Goes into two containers; `false` if the target's must be written whole.
    fn children(&mut self, path: &Path, base: &Tree, target: &Tree) -> bool {
        let (Some(before), Some(after)) = (path::children(base, &path.0), path::children(target, &path.0)) else { return false };
        let mut names = before.keys().chain(after.keys());
        let addressable = path.0.is_empty() || names.all(|name| path.child(name).is_plain());
        // what is added to a list goes to its end
        let in_order = !matches!(place(&path.0), Place::Listed(_)) || {
            let count = kept(&before, &after).count();
            kept(&before, &after).eq(after.keys().copied().take(count))
        };
        if !addressable || !in_order {
            return false;
        }
        for name in before.keys().filter(|name| !after.contains_key(*name)) {
            self.remove.push(text(&path.child(name).to_string()));
        }
        for (name, value) in &after {
            let path = path.child(name);
            match before.get(name) {
                _ if path.0[0] == "version" => {}
                Some(before) => self.node(&path, before, value),
                None => self.added(&path, value),
            }
        }
        true
    }

    /// A part or an option the base does not have.
    fn added(&mut self, path: &Path, value: &Tree) {
        let (container, _) = path.split().unwrap_or_default();
        let added = entry(&path.to_string(), value.clone());
        match (place(container), place(&path.0)) {
            (Place::Parts | Place::Listed(_), _) => self.add.push(added),
            // a container that comes into being by itself: what is in it is added
            (_, Place::Parts | Place::Listed(_) | Place::Words)
                if path::children(value, &path.0)
                    .is_some_and(|named| !named.is_empty() && named.keys().all(|name| path.child(name).is_plain())) =>
            {
                for (name, child) in path::children(value, &path.0).unwrap_or_default() {
                    self.added(&path.child(name), child);
                }
            }
            _ => self.set.push(added),
        }
    }
}

const NOWHERE: Origin = Origin { side: Side::Overlay, at: At { line: 1, column: 1 } };

fn tree(kind: Kind) -> Tree {
    Tree { origin: NOWHERE, kind }
}

fn text(text: &str) -> Tree {
    tree(Kind::Scalar(NodeKind::Text(text.to_owned())))
}

fn entry(key: &str, value: Tree) -> Entry {
    Entry { key: key.to_owned(), origin: NOWHERE, value }
}
