//! Overlays: a company patches a shipped file by id instead of taking it over whole.
//!
//! ```yaml
//! extends: work_order@3        # the base, and the version the patch was made on
//! version: 4                   # of the result; the base's where it is left out
//! set:                         # replaces what is at a path; options may be new, parts must be there
//!   transitions.approve.approvals.levels.first.need: 2
//!   texts.en.work_order.approved: Your order goes ahead
//! add:                         # parts that are not there yet
//!   states.inspection: {category: waiting}
//! remove: [transitions.await_parts, timers.auto_close]
//! ```
//!
//! A path names parts by their ids: states, transitions, form fields, SLAs, timers and reminders by their keys, approval levels by `id`, tests by
//! `name`. Lists without ids are replaced whole. What the base lists under `locked` may be made stricter and never weaker.

mod apply;
mod lock;
mod merge;
mod patch;
pub(crate) mod path;
pub(crate) mod tree;
mod wording;
pub(crate) mod write;

use crate::diagnostic::Diagnostic;
use crate::subject::{Subject, Vocabulary};
use crate::{Workflow, yaml};
use patch::Patch;
use tree::{Side, Tree};
pub(crate) use wording::wording;
use write::Mark;

/// A file and the name it has in findings.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its text.
    pub source: &'a str,
}

/// A base with a patch applied: a whole file.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The whole file. Parts stand in the base's order, added ones after them; comments are not kept.
    pub text: String,
    marks: Vec<Mark>,
    base: (String, String),
    overlay: (String, String),
}

/// A patch carried over to a new version of its base.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The patch for the new base: the old text with the new version in `extends` where that says it all, else written anew.
    pub overlay: String,
    /// The new base with that patch.
    pub applied: Applied,
}

/// The base a file is a patch of, as (`workflow`, `version`); `None` for a whole file, or one that cannot be read.
pub fn extends(source: &str) -> Option<(String, u32)> {
    let root = yaml::read(source).ok()?;
    let tree = Tree::read(&root, Side::Overlay).ok()?;
    patch::extends(tree.get("extends")?.text()?)
}

/// Applies a patch to its base.
///
/// # Errors
///
/// Everything that does not apply, at its line of the patch (`WF7xx`); or a file that cannot be read.
pub fn apply(base: File<'_>, overlay: File<'_>) -> Result<Applied, Vec<Diagnostic>> {
    let tree = read(base, Side::Base)?;
    let patch = read_patch(overlay)?;
    let applied = patch.apply(&tree).map_err(|found| placed(overlay, found))?;
    let weakened = lock::weakened(&tree, &applied, &patch);
    if !weakened.is_empty() {
        return Err(placed(overlay, weakened));
    }
    let (text, marks) = write::document(&applied);
    let owned = |file: File<'_>| (file.name.to_owned(), file.source.to_owned());
    Ok(Applied { text, marks, base: owned(base), overlay: owned(overlay) })
}

/// Carries a patch of `old` over to `new`: what only one side changed is taken, what both changed differently is a conflict.
///
/// # Errors
///
/// Every conflict, at its line of the patch, with the place in the new base (`WF71x`); or what [`apply`] finds.
pub fn merge3(old: File<'_>, new: File<'_>, overlay: File<'_>) -> Result<Merged, Vec<Diagnostic>> {
    let (before, after) = (read(old, Side::Base)?, read(new, Side::Base)?);
    let patch = read_patch(overlay)?;
    let mine = patch.apply(&before).map_err(|found| placed(overlay, found))?;
    let (merged, conflicts) = merge::three_way(&before, &after, &mine, &patch);
    if !conflicts.is_empty() {
        return Err(placed(overlay, conflicts));
    }
    let weakened = lock::weakened(&after, &merged, &patch);
    if !weakened.is_empty() {
        return Err(placed(overlay, weakened));
    }
    let version = merge::version(&after);
    let kept = patch.rebased(overlay.source, version);
    if let Ok(applied) = apply(new, File { name: overlay.name, source: &kept })
        && read(File { name: overlay.name, source: &applied.text }, Side::Base).is_ok_and(|tree| tree.same(&merged))
    {
        return Ok(Merged { overlay: kept, applied });
    }
    let written = merge::patch(&after, &merged);
    let applied = apply(new, File { name: overlay.name, source: &written })?;
    Ok(Merged { overlay: written, applied })
}

/// The patch that turns `base` into `target`: what a company changed in a file it took over whole. The order of parts in a mapping is not kept.
///
/// # Errors
///
/// A file that cannot be read, or the two are not of one workflow.
pub fn diff(base: File<'_>, target: File<'_>) -> Result<String, Vec<Diagnostic>> {
    let (before, after) = (read(base, Side::Base)?, read(target, Side::Base)?);
    let found = merge::strangers(&before, &after);
    if found.is_empty() { Ok(merge::patch(&before, &after)) } else { Err(placed(target, found)) }
}

impl Applied {
    /// Reads and checks the whole file; findings stand at the lines of the patch and of the base they come from.
    ///
    /// # Errors
    ///
    /// Everything found.
    pub fn load(&self, subject: &Subject, vocabulary: &Vocabulary<'_>) -> Result<Workflow, Vec<Diagnostic>> {
        let loaded = Workflow::load(&self.text, &self.base.0, subject, vocabulary);
        loaded.map_err(|found| found.into_iter().map(|finding| self.locate(finding)).collect())
    }

    /// A finding in [`Applied::text`] at the place it comes from: a line of the patch or of the base.
    pub fn locate(&self, finding: Diagnostic) -> Diagnostic {
        let place = (finding.line, finding.column);
        let after = self.marks.partition_point(|mark| (mark.at.line, mark.at.column) <= place);
        let Some(mark) = after.checked_sub(1).and_then(|index| self.marks.get(index)) else { return finding };
        let (name, source) = match mark.origin.side {
            Side::Base => &self.base,
            Side::Overlay => &self.overlay,
        };
        let (line, column) = mark.origin_of(&finding, source);
        Diagnostic { line, column, ..finding }.located(name, source)
    }
}

fn read(file: File<'_>, side: Side) -> Result<Tree, Vec<Diagnostic>> {
    let tree = yaml::read(file.source).and_then(|node| Tree::read(&node, side));
    tree.map_err(|finding| vec![finding.located(file.name, file.source)])
}

fn read_patch(file: File<'_>) -> Result<Patch, Vec<Diagnostic>> {
    Patch::read(&read(file, Side::Overlay)?).map_err(|found| placed(file, found))
}

/// Findings in `file`, in its order.
fn placed(file: File<'_>, mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    found.sort_by_key(|finding| (finding.line, finding.column));
    found.into_iter().map(|finding| finding.located(file.name, file.source)).collect()
}
