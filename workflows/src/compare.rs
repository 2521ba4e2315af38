//! What differs between two versions of a workflow. Data only; words are put to it at the edges.

use serde::Serialize;

use crate::diagnostic::Diagnostic;
use crate::overlay::File;
use crate::overlay::path::{Children, children};
use crate::overlay::tree::{Kind, Side, Tree};
use crate::overlay::write;
use crate::yaml;

/// One difference between two versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What kind of part it is about.
    pub part: Part,
    /// The transition a field, a level or an effect belongs to; the language of a label or a text.
    pub owner: Option<String>,
    /// The part's id; an effect's name; empty for the workflow itself.
    pub id: String,
    /// What happened to it.
    pub kind: ChangeKind,
    /// For a changed part: what changed in it.
    pub options: Vec<OptionChange>,
    /// Its line in the older file, from 1.
    pub old_line: Option<u32>,
    /// Its line in the newer file, from 1.
    pub new_line: Option<u32>,
}

/// What a difference is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The workflow itself: its beginning, calendar, locks, invariants, migration.
    Workflow,
    /// A state.
    State,
    /// A transition.
    Transition,
    /// A field of a transition's form.
    Field,
    /// A level of a transition's approvals.
    Level,
    /// An effect of a transition.
    Effect,
    /// A service level.
    Sla,
    /// A timer.
    Timer,
    /// A reminder.
    Reminder,
    /// A label.
    Label,
    /// A text.
    Text,
    /// A scenario.
    Test,
}

/// What happened to a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It is new.
    Added,
    /// It is gone.
    Removed,
    /// It is another.
    Changed,
}

/// What changed in a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OptionChange {
    /// The option, a path inside the part: `permission`, `approvals.on_reject`, `target.high`. Empty if the part is one value.
    pub option: String,
    /// What it was, as YAML on one line; `None` if it was not there.
    pub old: Option<String>,
    /// What it is; `None` if it is gone.
    pub new: Option<String>,
}

/// Sections whose parts have nothing inside but options.
const SIMPLE: [(&str, Part); 5] =
    [("states", Part::State), ("slas", Part::Sla), ("timers", Part::Timer), ("reminders", Part::Reminder), ("tests", Part::Test)];
/// Options of a transition that are parts of their own.
const INNER: [&str; 3] = ["form", "approvals.levels", "effects"];

/// Every difference between two files of one workflow, whole ones (see [`crate::overlay::apply`] for patches), in the order of a file: the workflow,
/// states, SLAs, timers, reminders, tests, transitions with what is inside, labels, texts.
///
/// # Errors
///
/// A file that is not YAML.
pub fn compare(old: File<'_>, new: File<'_>) -> Result<Vec<Change>, Vec<Diagnostic>> {
    let read = |file: File<'_>| {
        let tree = yaml::read(file.source).and_then(|node| Tree::read(&node, Side::Base));
        tree.map_err(|finding| vec![finding.located(file.name, file.source)])
    };
    let (old, new) = (read(old)?, read(new)?);
    let mut comparison = Comparison::default();
    let sections: Vec<&str> = SIMPLE.iter().map(|(key, _)| *key).chain(["transitions", "labels", "texts"]).collect();
    comparison.part(Part::Workflow, None, "", (Some(&old), Some(&new)), &sections);
    for (key, part) in SIMPLE {
        comparison.section(part, None, &[key], (old.get(key), new.get(key)));
    }
    comparison.transitions(old.get("transitions"), new.get("transitions"));
    for (section, part) in [("labels", Part::Label), ("texts", Part::Text)] {
        let sides = (old.get(section), new.get(section));
        for (language, sides) in pairs(&[section], sides) {
            comparison.words(part, section, &language, sides);
        }
    }
    Ok(comparison.changes)
}

type Sides<'t> = (Option<&'t Tree>, Option<&'t Tree>);

#[derive(Default)]
struct Comparison {
    changes: Vec<Change>,
}

impl Comparison {
    fn section(&mut self, part: Part, owner: Option<&str>, path: &[&str], sides: Sides<'_>) {
        for (id, sides) in pairs(path, sides) {
            self.part(part, owner, &id, sides, &[]);
        }
    }

    fn transitions(&mut self, old: Option<&Tree>, new: Option<&Tree>) {
        for (id, (old, new)) in pairs(&["transitions"], (old, new)) {
            self.part(Part::Transition, None, &id, (old, new), &INNER);
            let (Some(old), Some(new)) = (old, new) else { continue };
            let (form, approvals) = ((old.get("form"), new.get("form")), (old.get("approvals"), new.get("approvals")));
            self.section(Part::Field, Some(&id), &["transitions", &id, "form"], form);
            let levels = |side: Option<&'_ Tree>| side.and_then(|approvals| approvals.get("levels")).cloned();
            let (before, after) = (levels(approvals.0), levels(approvals.1));
            self.section(Part::Level, Some(&id), &["transitions", &id, "approvals", "levels"], (before.as_ref(), after.as_ref()));
            self.effects(&id, old.get("effects"), new.get("effects"));
        }
    }

    /// Effects have no ids: those of one side that the other has too, word by word, are the same.
    fn effects(&mut self, owner: &str, old: Option<&Tree>, new: Option<&Tree>) {
        let (old, mut rest) = (old.map_or(&[][..], Tree::items), new.map_or(&[][..], Tree::items).iter().collect::<Vec<_>>());
        let mut gone = Vec::new();
        for effect in old {
            match rest.iter().position(|other| other.same(effect)) {
                Some(index) => drop(rest.remove(index)),
                None => gone.push(effect),
            }
        }
        let name = |effect: &Tree| effect.entries().iter().find(|entry| entry.key != "when").map(|entry| entry.key.clone());
        for (effect, kind) in gone.into_iter().map(|it| (it, ChangeKind::Removed)).chain(rest.into_iter().map(|it| (it, ChangeKind::Added)))
        {
            let (line, id) = (Some(effect.origin.at.line), name(effect).unwrap_or_default());
            let text = Some(write::line(effect));
            let (old, new, old_line, new_line) =
                if kind == ChangeKind::Removed { (text, None, line, None) } else { (None, text, None, line) };
            let options = vec![OptionChange { option: String::new(), old, new }];
            self.changes.push(Change { part: Part::Effect, owner: Some(owner.to_owned()), id, kind, options, old_line, new_line });
        }
    }

    /// The labels or texts of one language.
    fn words(&mut self, part: Part, section: &str, language: &str, sides: Sides<'_>) {
        if part == Part::Text {
            self.section(part, Some(language), &[section, language], sides);
            return;
        }
        for (kind, sides) in pairs(&[section, language], sides) {
            for (id, sides) in pairs(&[section, language, &kind], sides) {
                self.part(part, Some(language), &format!("{kind}.{id}"), sides, &[]);
            }
        }
    }

    /// One part: new, gone, or changed in some option that is not in `apart`.
    fn part(&mut self, part: Part, owner: Option<&str>, id: &str, (old, new): Sides<'_>, apart: &[&str]) {
        let mut options = Vec::new();
        let kind = match (old, new) {
            (None, None) => return,
            (None, Some(_)) => ChangeKind::Added,
            (Some(_), None) => ChangeKind::Removed,
            (Some(old), Some(new)) => {
                differing("", (Some(old), Some(new)), apart, &mut options);
                if options.is_empty() {
                    return;
                }
                ChangeKind::Changed
            }
        };
        let line = |side: Option<&Tree>| side.map(|tree| tree.origin.at.line);
        let (old_line, new_line) = (line(old), line(new));
        self.changes.push(Change { part, owner: owner.map(str::to_owned), id: id.to_owned(), kind, options, old_line, new_line });
    }
}

/// The children of either side by name: the newer file's order, what is gone behind it.
fn pairs<'t>(path: &[&str], (old, new): Sides<'t>) -> Vec<(String, Sides<'t>)> {
    let path: Vec<String> = path.iter().map(|&segment| segment.to_owned()).collect();
    let named = |side: Option<&'t Tree>| side.and_then(|tree| children(tree, &path)).unwrap_or_default();
    both(&named(old), &named(new))
}

fn both<'t>(old: &Children<'t>, new: &Children<'t>) -> Vec<(String, Sides<'t>)> {
    let gone = old.keys().filter(|name| !new.contains_key(*name));
    new.keys().chain(gone).map(|&name| (name.to_owned(), (old.get(name).copied(), new.get(name).copied()))).collect()
}

/// Options that differ, mappings gone into; those in `apart` left out.
fn differing<'t>(path: &str, (old, new): Sides<'t>, apart: &[&str], found: &mut Vec<OptionChange>) {
    if apart.contains(&path) {
        return;
    }
    let inside = |side: Option<&Tree>| side.is_some_and(|tree| matches!(tree.kind, Kind::Map(_)));
    if inside(old) && inside(new) {
        let options = |side: Option<&'t Tree>| side.map_or(&[][..], Tree::entries).iter().map(|it| (it.key.as_str(), &it.value)).collect();
        for (key, sides) in both(&options(old), &options(new)) {
            differing(&if path.is_empty() { key } else { format!("{path}.{key}") }, sides, apart, found);
        }
        return;
    }
    // of something new or gone that holds parts, the parts are told one by one
    if (old.is_none() || new.is_none()) && apart.iter().any(|option| option.starts_with(&format!("{path}."))) {
        let keys = old.or(new).map_or(&[][..], Tree::entries);
        for entry in keys {
            let value = Some(&entry.value);
            differing(&format!("{path}.{}", entry.key), if old.is_some() { (value, None) } else { (None, value) }, apart, found);
        }
        return;
    }
    let same = old.zip(new).is_some_and(|(old, new)| old.same(new));
    if !same {
        found.push(OptionChange { option: path.to_owned(), old: old.map(write::line), new: new.map(write::line) });
    }
}
