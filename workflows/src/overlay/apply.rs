//! Carrying out a patch.

use super::patch::{Action, Change, Patch};
use super::path::{self, Path, Place, place};
use super::tree::{Entry, Kind, Origin, Side, Tree};
use crate::diagnostic::{Diagnostic, nearest};
use crate::yaml::NodeKind;

/// How many names a hint is looked for among.
const MOST_HINTS: usize = 200;

impl Patch {
    /// The base with every entry carried out: removals, then replacements, then additions, each in file order.
    pub fn apply(&self, base: &Tree) -> Result<Tree, Vec<Diagnostic>> {
        let mut found = Vec::new();
        self.check_base(base, &mut found);
        let mut result = base.clone();
        let (mut set, mut add) = (Vec::new(), Vec::new());
        for change in &self.entries {
            match &change.action {
                Action::Remove => found.extend(remove(&mut result, change).err()),
                Action::Set(value) => set.push((change, value)),
                Action::Add(value) => add.push((change, value)),
            }
        }
        found.extend(set.into_iter().filter_map(|(change, value)| replace(&mut result, change, value).err()));
        found.extend(add.into_iter().filter_map(|(change, value)| insert(&mut result, change, value).err()));
        if let (Some(version), Kind::Map(entries)) = (&self.version, &mut result.kind) {
            for entry in entries.iter_mut().filter(|entry| entry.key == "version") {
                entry.value = version.clone();
            }
        }
        if found.is_empty() { Ok(result) } else { Err(found) }
    }

    fn check_base(&self, base: &Tree, found: &mut Vec<Diagnostic>) {
        let key = base.get("workflow").and_then(Tree::text).unwrap_or_default();
        let version = base.get("version").and_then(Tree::int).unwrap_or_default();
        if key != self.base.0 || version != i64::from(self.base.1) {
            let (wanted, given) = (format!("{}@{}", self.base.0, self.base.1), format!("{key}@{version}"));
            found.push(Diagnostic::new("WF701", self.extends_at).with("wanted", wanted).with("found", given));
        }
    }
}

fn remove(root: &mut Tree, change: &Change) -> Result<(), Diagnostic> {
    let missing = || missing(root, change);
    let (container, name) = change.path.split().ok_or_else(missing)?;
    let index = path::find(root, container).and_then(|tree| path::index(tree, container, name)).ok_or_else(missing)?;
    match path::find_mut(root, container).map(|tree| &mut tree.kind) {
        Some(Kind::Map(entries)) => drop(entries.remove(index)),
        Some(Kind::List(items)) => drop(items.remove(index)),
        _ => {}
    }
    Ok(())
}

fn replace(root: &mut Tree, change: &Change, value: &Tree) -> Result<(), Diagnostic> {
    let value = identified(change, value)?;
    if let Some(node) = path::find_mut(root, &change.path.0) {
        *node = value;
        return Ok(());
    }
    let finding = missing(root, change);
    let Some((container, name)) = change.path.split() else { return Err(finding) };
    // parts must be there, options need not
    let inside = match place(container) {
        Place::Parts | Place::Listed(_) | Place::Whole => None,
        Place::Words => path::container(root, container, origin(change)),
        Place::Options => path::find_mut(root, container),
    };
    match inside.map(|tree| &mut tree.kind) {
        Some(Kind::Map(entries)) => {
            entries.push(Entry { key: name.to_owned(), origin: origin(change), value });
            Ok(())
        }
        _ => Err(finding),
    }
}

fn insert(root: &mut Tree, change: &Change, value: &Tree) -> Result<(), Diagnostic> {
    let finding = |code| Diagnostic::new(code, change.at).with("path", change.path.to_string());
    let Some((container, name)) = change.path.split() else { return Err(finding("WF707")) };
    if !matches!(place(container), Place::Parts | Place::Listed(_)) {
        return Err(finding("WF708"));
    }
    let value = identified(change, value)?;
    let unreachable = missing(root, change);
    let inside = path::container(root, container, origin(change)).ok_or(unreachable)?;
    if path::children(inside, container).is_none_or(|named| named.contains_key(name)) {
        return Err(finding("WF703"));
    }
    match &mut inside.kind {
        Kind::Map(entries) => entries.push(Entry { key: name.to_owned(), origin: origin(change), value }),
        Kind::List(items) => items.push(value),
        Kind::Scalar(_) => {}
    }
    Ok(())
}

/// The value of a part in a list bears its id; where the patch leaves it out it is taken from the path.
fn identified(change: &Change, value: &Tree) -> Result<Tree, Diagnostic> {
    let mut value = value.clone();
    let Some((container, name)) = change.path.split() else { return Ok(value) };
    let Place::Listed(key) = place(container) else { return Ok(value) };
    match value.get(key).map(Tree::text) {
        Some(Some(id)) if id == name => {}
        Some(_) => {
            let finding = Diagnostic::new("WF709", change.at).with("path", change.path.to_string());
            return Err(finding.with("key", key));
        }
        None => {
            if let Kind::Map(entries) = &mut value.kind {
                let origin = origin(change);
                let id = Tree { origin, kind: Kind::Scalar(NodeKind::Text(name.to_owned())) };
                entries.insert(0, Entry { key: key.to_owned(), origin, value: id });
            } else {
                let finding = Diagnostic::new("WF003", change.at).with("expected", "a mapping");
                return Err(finding.with("found", value.describe()));
            }
        }
    }
    Ok(value)
}

fn origin(change: &Change) -> Origin {
    Origin { side: Side::Overlay, at: change.at }
}

/// There is nothing at the path: names how far it leads, and what is near.
fn missing(root: &Tree, change: &Change) -> Diagnostic {
    let Path(segments) = &change.path;
    let depth = (1..segments.len()).take_while(|depth| path::find(root, &segments[..*depth]).is_some()).count();
    let (known, name) = (&segments[..depth], &segments[depth]);
    let children = path::find(root, known).and_then(|tree| path::children(tree, known)).unwrap_or_default();
    let hint = match (nearest(name, children.keys().copied().take(MOST_HINTS)), &change.action) {
        (hint, Action::Set(_)) if hint.is_empty() && depth + 1 == segments.len() => "what is new comes under `add`".to_owned(),
        (hint, _) => hint,
    };
    let whole = if known.is_empty() { "the base".to_owned() } else { format!("`{}`", known.join(".")) };
    Diagnostic::new("WF702", change.at).with("owner", whole).with("name", name).with("hint", hint)
}
