//! Reading a patch: what it extends, and its entries.

use super::path::Path;
use super::tree::{Kind, Tree};
use crate::diagnostic::Diagnostic;
use crate::yaml::{self, At};

const KEYS: [&str; 5] = ["extends", "version", "set", "add", "remove"];
/// What a patch leaves alone: it is the base's identity.
pub(super) const FIXED: [&str; 7] = ["workflow", "version", "entity", "extends", "set", "add", "remove"];
const MOST: usize = 500;

/// A patch, read.
#[derive(Debug)]
pub(super) struct Patch {
    pub base: (String, u32),
    pub extends_at: At,
    pub version: Option<Tree>,
    pub entries: Vec<Change>,
}

/// One entry.
#[derive(Debug)]
pub(super) struct Change {
    pub path: Path,
    pub at: At,
    pub action: Action,
}

#[derive(Debug)]
pub(super) enum Action {
    Set(Tree),
    Add(Tree),
    Remove,
}

impl Patch {
    /// Reads the patch; everything that is wrong with its shape is found in one go.
    pub fn read(tree: &Tree) -> Result<Self, Vec<Diagnostic>> {
        let mut found = Vec::new();
        let Kind::Map(entries) = &tree.kind else { return Err(vec![expected(tree, "a mapping")]) };
        for entry in entries.iter().filter(|entry| !KEYS.contains(&entry.key.as_str())) {
            found.push(Diagnostic::new("WF004", entry.origin.at).with("key", &entry.key).with("known", KEYS.join(", ")));
        }
        let base = match tree.get("extends") {
            None => {
                found.push(Diagnostic::new("WF005", tree.origin.at).with("key", "extends"));
                None
            }
            Some(node) => {
                let base = node.text().and_then(extends);
                if base.is_none() {
                    found.push(Diagnostic::new("WF700", node.origin.at));
                }
                base.map(|base| (base, node.origin.at))
            }
        };
        let version = tree.get("version").cloned();
        if let Some(version) = version.as_ref().filter(|version| version.int().is_none()) {
            found.push(expected(version, "a whole number"));
        }
        let mut changes = Vec::new();
        for (key, make) in [("set", Action::Set as fn(Tree) -> Action), ("add", Action::Add)] {
            changes.extend(tree.get(key).map(|node| values(node, make, &mut found)).unwrap_or_default());
        }
        changes.extend(tree.get("remove").map(|node| removals(node, &mut found)).unwrap_or_default());
        if changes.len() > MOST {
            found.push(Diagnostic::new("WF009", tree.origin.at).with("limit", MOST.to_string()).with("what", "entries"));
        } else {
            apart(&changes, &mut found);
        }
        match base {
            Some((base, extends_at)) if found.is_empty() => Ok(Self { base, extends_at, version, entries: changes }),
            _ => Err(found),
        }
    }

    /// The place of the entry that has to do with `path`; of `extends` where there is none.
    pub fn near(&self, path: &Path) -> At {
        self.entries.iter().find(|change| change.path.touches(path)).map_or(self.extends_at, |change| change.at)
    }

    /// The text of this patch, `source`, for another version of its base.
    pub fn rebased(&self, source: &str, version: u32) -> String {
        let (old, new) = (format!("{}@{}", self.base.0, self.base.1), format!("{}@{version}", self.base.0));
        let start = yaml::line_start(source, self.extends_at.line);
        format!("{}{}", &source[..start], source[start..].replacen(&old, &new, 1))
    }
}

/// Reads `work_order@3`.
pub(super) fn extends(text: &str) -> Option<(String, u32)> {
    let (key, version) = text.split_once('@')?;
    let sound = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    let version = version.bytes().all(|byte| byte.is_ascii_digit()).then(|| version.parse().ok()).flatten()?;
    (sound && version > 0).then(|| (key.to_owned(), version))
}

fn expected(tree: &Tree, expected: &str) -> Diagnostic {
    Diagnostic::new("WF003", tree.origin.at).with("expected", expected).with("found", tree.describe())
}

/// `set` and `add`: path → value.
fn values(node: &Tree, make: fn(Tree) -> Action, found: &mut Vec<Diagnostic>) -> Vec<Change> {
    let Kind::Map(entries) = &node.kind else {
        found.push(expected(node, "a mapping of paths"));
        return Vec::new();
    };
    let mut changes = Vec::with_capacity(entries.len());
    for entry in entries {
        let at = entry.origin.at;
        changes.extend(path(&entry.key, at, found).map(|path| Change { path, at, action: make(entry.value.clone()) }));
    }
    changes
}

/// `remove`: a list of paths.
fn removals(node: &Tree, found: &mut Vec<Diagnostic>) -> Vec<Change> {
    let Kind::List(items) = &node.kind else {
        found.push(expected(node, "a list of paths"));
        return Vec::new();
    };
    let mut changes = Vec::with_capacity(items.len());
    for item in items {
        match item.text() {
            Some(text) => {
                let at = item.origin.at;
                changes.extend(path(text, at, found).map(|path| Change { path, at, action: Action::Remove }));
            }
            None => found.push(expected(item, "a path")),
        }
    }
    changes
}

fn path(text: &str, at: At, found: &mut Vec<Diagnostic>) -> Option<Path> {
    let Some(path) = Path::parse(text) else {
        found.push(Diagnostic::new("WF707", at).with("path", text));
        return None;
    };
    if path.0.first().is_some_and(|first| FIXED.contains(&first.as_str())) {
        found.push(Diagnostic::new("WF706", at).with("path", text));
        return None;
    }
    Some(path)
}

/// Entries may not touch one another's places: which comes first would then matter.
fn apart(changes: &[Change], found: &mut Vec<Diagnostic>) {
    for (i, change) in changes.iter().enumerate() {
        if let Some(other) = changes[..i].iter().find(|other| other.path.touches(&change.path)) {
            let finding = Diagnostic::new("WF704", change.at).with("path", change.path.to_string());
            found.push(finding.with("other", other.path.to_string()).with("line", other.at.line.to_string()));
        }
    }
}
