//! Paths, and what the language keeps where.

use indexmap::IndexMap;

use super::tree::{Entry, Kind, Origin, Tree};

/// Name → child, in order.
pub(crate) type Children<'t> = IndexMap<&'t str, &'t Tree>;

/// The way to a part or an option, by ids and keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Path(pub Vec<String>);

/// What stands in a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Parts by their keys.
    Parts,
    /// A list of parts that bear their id in this key.
    Listed(&'static str),
    /// Words: options whose container comes into being by itself.
    Words,
    /// Options of a part.
    Options,
    /// Nothing that has a name: a test is one thing.
    Whole,
}

impl Path {
    /// Splits a path at its dots. Behind `texts.<language>` and `tests` the rest is one name, dots and all.
    pub fn parse(text: &str) -> Option<Self> {
        let whole = match text.split('.').next()? {
            "texts" => 2,
            "tests" => 1,
            _ => usize::MAX,
        };
        let mut segments = Vec::new();
        let mut rest = text;
        while segments.len() < whole
            && let Some((segment, after)) = rest.split_once('.')
        {
            segments.push(segment.to_owned());
            rest = after;
        }
        segments.push(rest.to_owned());
        segments.iter().all(|segment| !segment.is_empty()).then_some(Self(segments))
    }

    pub fn child(&self, key: &str) -> Self {
        Self(self.0.iter().cloned().chain([key.to_owned()]).collect())
    }

    /// The container and the name in it.
    pub fn split(&self) -> Option<(&[String], &str)> {
        self.0.split_last().map(|(name, container)| (container, name.as_str()))
    }

    /// Whether one leads to, into or around the other.
    pub fn touches(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(a, b)| a == b)
    }

    /// Whether the path, written down, is read as itself.
    pub fn is_plain(&self) -> bool {
        Self::parse(&self.to_string()).is_some_and(|read| read == *self)
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

/// What the container at `path` holds.
pub(crate) fn place(path: &[String]) -> Place {
    let words: Vec<&str> = path.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["states" | "transitions" | "slas" | "timers" | "reminders"] | ["transitions", _, "form"] => Place::Parts,
        ["transitions", _, "approvals", "levels"] => Place::Listed("id"),
        ["tests"] => Place::Listed("name"),
        ["tests", ..] => Place::Whole,
        ["texts" | "labels"] | ["texts" | "labels", _] | ["labels", _, _] => Place::Words,
        _ => Place::Options,
    }
}

/// The children of a container by name, in order; `None` where they have no names, or two have the same.
pub(crate) fn children<'t>(tree: &'t Tree, path: &[String]) -> Option<Children<'t>> {
    let named: Vec<(&str, &Tree)> = match (&tree.kind, place(path)) {
        (Kind::Map(entries), Place::Parts | Place::Words | Place::Options) => {
            entries.iter().map(|entry| (entry.key.as_str(), &entry.value)).collect()
        }
        (Kind::List(items), Place::Listed(key)) => items.iter().map(|item| Some((item.get(key)?.text()?, item))).collect::<Option<_>>()?,
        _ => return None,
    };
    let count = named.len();
    let children: Children<'t> = named.into_iter().collect();
    (children.len() == count && !children.contains_key("")).then_some(children)
}

/// The node at a path.
pub(crate) fn find<'t>(root: &'t Tree, path: &[String]) -> Option<&'t Tree> {
    (0..path.len()).try_fold(root, |tree, depth| {
        let index = index(tree, &path[..depth], &path[depth])?;
        match &tree.kind {
            Kind::Map(entries) => entries.get(index).map(|entry| &entry.value),
            Kind::List(items) => items.get(index),
            Kind::Scalar(_) => None,
        }
    })
}

/// The same, to change it.
pub(crate) fn find_mut<'t>(root: &'t mut Tree, path: &[String]) -> Option<&'t mut Tree> {
    (0..path.len()).try_fold(root, |tree, depth| {
        let index = index(tree, &path[..depth], &path[depth])?;
        match &mut tree.kind {
            Kind::Map(entries) => entries.get_mut(index).map(|entry| &mut entry.value),
            Kind::List(items) => items.get_mut(index),
            Kind::Scalar(_) => None,
        }
    })
}

/// Where the child called `name` stands in its container.
pub(crate) fn index(container: &Tree, path: &[String], name: &str) -> Option<usize> {
    match (&container.kind, place(path)) {
        (Kind::Map(entries), Place::Parts | Place::Words | Place::Options) => entries.iter().position(|entry| entry.key == name),
        (Kind::List(items), Place::Listed(key)) => items.iter().position(|item| item.get(key).and_then(Tree::text) == Some(name)),
        _ => None,
    }
}

/// The container at `path`, made if the language lets it come into being by itself.
pub(crate) fn container<'t>(root: &'t mut Tree, path: &[String], origin: Origin) -> Option<&'t mut Tree> {
    for depth in 1..=path.len() {
        let (at, name) = (&path[..depth], &path[depth - 1]);
        if find(root, at).is_none() {
            let made = match place(at) {
                Place::Parts | Place::Words => Tree::empty_map(origin),
                Place::Listed(_) => Tree { origin, kind: Kind::List(Vec::new()) },
                Place::Options | Place::Whole => return None,
            };
            let Kind::Map(entries) = &mut find_mut(root, &at[..depth - 1])?.kind else { return None };
            if entries.iter().any(|entry| entry.key == *name) {
                return None;
            }
            entries.push(Entry { key: name.clone(), origin, value: made });
        }
    }
    find_mut(root, path)
}
