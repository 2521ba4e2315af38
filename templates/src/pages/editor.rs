//! The editor of a workflow file.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::parts::{Errors, errors};
use super::settings::{DiffLine, FindingRow, finding};
use crate::page::{sample_time, templates};

templates! {
    WorkflowEditPage => "settings/edit.html",
}

/// `GET`/`POST /{company}/settings/workflows/{workflow}/edit`: fields `source`, `version`, `note`, `do` (`check`, `test`, `replay`, `save`,
/// `discard`, `publish`); `POST …/check` answers the block `findings`.
#[derive(Clone, Debug, Serialize)]
pub struct WorkflowEditPage {
    /// Its key.
    pub workflow: String,
    /// What it is called.
    pub name: String,
    /// What a patch extends, such as `work_order@2`.
    pub base_version: String,
    /// Version of the draft, sent back with a change; 0 without one.
    pub version: i32,
    /// The text.
    pub source: String,
    /// Whether the text is kept nowhere: script asks before leaving it.
    pub unsaved: bool,
    /// From what somebody else has saved meanwhile to the text, changed lines with some around them; none where nobody has.
    pub theirs: Option<Vec<Vec<DiffLine>>>,
    /// The note typed.
    pub note: String,
    /// What check found in the text.
    pub findings: Vec<FindingRow>,
    /// What the company has nobody for.
    pub warnings: Vec<FindingRow>,
    /// How its tests went, where they were played.
    pub tests: Option<Tests>,
    /// What a replay found, where there was one.
    pub replay: Option<ReplayFound>,
    /// What is wrong.
    pub errors: Errors,
}

/// How the tests of a text went.
#[derive(Clone, Debug, Serialize)]
pub struct Tests {
    /// Whether all passed.
    pub passed: bool,
    /// Each test.
    pub rows: Vec<TestRow>,
    /// What they came by.
    pub coverage: Vec<CoverageRow>,
    /// Why they could not be played, or what they did not come by.
    pub findings: Vec<FindingRow>,
}

/// A test.
#[derive(Clone, Debug, Serialize)]
pub struct TestRow {
    /// Its name.
    pub name: String,
    /// What was found wrong; empty if it passed.
    pub failures: Vec<FindingRow>,
}

/// How many parts of a kind the tests came by; its label is `settings.tests.coverage.<what>`.
#[derive(Clone, Debug, Serialize)]
pub struct CoverageRow {
    /// The kind.
    pub what: String,
    /// How many were seen.
    pub seen: i64,
    /// How many there are.
    pub all: i64,
}

/// What a replay found.
#[derive(Clone, Debug, Serialize)]
pub struct ReplayFound {
    /// Steps decided once more.
    pub steps: i64,
    /// Those that would differ.
    pub rows: Vec<ReplayRow>,
}

/// A step that would be decided otherwise.
#[derive(Clone, Debug, Serialize)]
pub struct ReplayRow {
    /// The record's number.
    pub record: String,
    /// The step.
    pub transition: String,
    /// What would happen instead.
    pub text: String,
    /// When it was taken.
    pub at: DateTime<Utc>,
    /// By whom.
    pub actor: String,
    /// Whether the history held all that was asked.
    pub certain: bool,
}

impl WorkflowEditPage {
    fn samples() -> Vec<Self> {
        let fresh = Self {
            workflow: "work_order".into(),
            name: "Жұмыс тапсырмасы".into(),
            base_version: "work_order@5".into(),
            version: 0,
            source: "# <x>\nworkflow: work_order\n".into(),
            unsaved: false,
            theirs: None,
            note: String::new(),
            findings: Vec::new(),
            warnings: Vec::new(),
            tests: None,
            replay: None,
            errors: Errors::new(),
        };
        let wrong = Self {
            version: 3,
            unsaved: true,
            theirs: Some(vec![
                ["removed", "added", "same"]
                    .map(|kind| DiffLine { kind: kind.into(), before: Some(3), after: Some(4), text: "# <x>".into() })
                    .into(),
            ]),
            note: "<x>".into(),
            findings: vec![finding(true), finding(false)],
            errors: errors([("", "…"), ("note", "…")]),
            ..fresh.clone()
        };
        let test = |name: &str, failures| TestRow { name: name.into(), failures };
        let coverage = ["transitions", "guard_branches", "levels", "slas", "timers", "reminders"].map(|what| CoverageRow {
            what: what.into(),
            seen: 7,
            all: 12,
        });
        let played = Self {
            tests: Some(Tests {
                passed: false,
                rows: vec![test("a technician asks", Vec::new()), test("nobody <x>", vec![finding(true)])],
                coverage: coverage.into(),
                findings: vec![finding(true)],
            }),
            ..fresh.clone()
        };
        let unplayed =
            Self { tests: Some(Tests { passed: true, rows: Vec::new(), coverage: Vec::new(), findings: Vec::new() }), ..fresh.clone() };
        let row = |certain| ReplayRow {
            record: "WO-1042".into(),
            transition: "start".into(),
            text: "…<x>".into(),
            at: sample_time(),
            actor: "Серік".into(),
            certain,
        };
        let replayed = Self { replay: Some(ReplayFound { steps: 2_000, rows: vec![row(true), row(false)] }), ..fresh.clone() };
        let same = Self { replay: Some(ReplayFound { steps: 1, rows: Vec::new() }), ..fresh.clone() };
        let unstaffed = Self { warnings: vec![finding(true)], ..fresh.clone() };
        vec![fresh, wrong, unstaffed, played, unplayed, replayed, same]
    }
}
