//! The company's settings: its workflow files.

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;

use super::parts::{Choice, Errors, Text, errors};
use crate::page::{sample_time, templates};

templates! {
    WorkflowsPage => "settings/workflows.html",
    WorkflowPage => "settings/workflow.html",
    DifferencesPage => "settings/differences.html",
    MigratePage => "settings/migrate.html",
}

/// `GET /{company}/settings/workflows`.
#[derive(Clone, Debug, Serialize)]
pub struct WorkflowsPage {
    /// The workflows.
    pub flows: Vec<FlowRow>,
}

/// A workflow in the list.
#[derive(Clone, Debug, Serialize)]
pub struct FlowRow {
    /// Its key, such as `work_order`.
    pub workflow: String,
    /// What it is called.
    pub name: String,
    /// The version new records follow.
    pub version: i32,
    /// Whether that is the shipped file.
    pub follows_shipped: bool,
    /// The version of the shipped file.
    pub shipped_version: i32,
    /// Whether a newer shipped version waits to be merged.
    pub newer_base: bool,
    /// Whether a draft is being written.
    pub draft: bool,
    /// Records.
    pub records: i64,
    /// Of these, under another version.
    pub on_other_versions: i64,
}

fn flow(follows_shipped: bool) -> FlowRow {
    FlowRow {
        workflow: "work_order".into(),
        name: "Жұмыс тапсырмасы <x>".into(),
        version: 4,
        follows_shipped,
        shipped_version: 5,
        newer_base: !follows_shipped,
        draft: !follows_shipped,
        records: 12_034,
        on_other_versions: if follows_shipped { 0 } else { 17 },
    }
}

impl WorkflowsPage {
    fn samples() -> Vec<Self> {
        vec![Self { flows: vec![flow(true), flow(false)] }]
    }
}

/// `GET /{company}/settings/workflows/{workflow}`, with `POST …/restore` (`number`), `…/follow`, `…/merge` (`version`).
#[derive(Clone, Debug, Serialize)]
pub struct WorkflowPage {
    /// What the list says.
    pub flow: FlowRow,
    /// The states as SVG, for the function `drawing`.
    pub svg: String,
    /// The states with their records.
    pub states: Vec<StateRow>,
    /// The company's versions, newest first.
    pub versions: Vec<VersionRow>,
    /// Version of the draft, 0 without one.
    pub draft_version: i32,
    /// What the company has nobody for.
    pub warnings: Vec<FindingRow>,
    /// What a merge could not decide.
    pub conflicts: Vec<FindingRow>,
    /// What is wrong.
    pub errors: Errors,
}

/// A state and the records in it.
#[derive(Clone, Debug, Serialize)]
pub struct StateRow {
    /// What it is called.
    pub name: String,
    /// Its colour.
    pub tone: String,
    /// Whether the version new records follow has it.
    pub known: bool,
    /// Records in it.
    pub records: i64,
}

/// A version in the history.
#[derive(Clone, Debug, Serialize)]
pub struct VersionRow {
    /// Its number.
    pub number: i32,
    /// The one before it: a number, or `shipped`.
    pub before: String,
    /// Whether it is a patch.
    pub overlay: bool,
    /// The shipped version under it.
    pub base: i32,
    /// What was noted.
    pub note: String,
    /// When it was published.
    pub published_at: DateTime<Utc>,
    /// By whom.
    pub published_by: String,
    /// Whether new records follow it.
    pub current: bool,
    /// Records that follow it.
    pub records: i64,
}

/// Something check found.
#[derive(Clone, Debug, Serialize)]
pub struct FindingRow {
    /// Its code.
    pub code: String,
    /// The file it is in.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// What to do about it; empty where there is nothing to add.
    pub help: String,
    /// The line.
    pub source: String,
    /// Whether it is in the text being written, not in the shipped file under it.
    pub here: bool,
}

pub(super) fn finding(here: bool) -> FindingRow {
    FindingRow {
        code: "WF303".into(),
        file: "work_order.yml (3)".into(),
        line: 48,
        column: 11,
        message: "`doc.asignee` <x>".into(),
        help: if here { "…".into() } else { String::new() },
        source: "    when: doc.asignee == actor.id".into(),
        here,
    }
}

const SVG: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" class="wf-diagram" viewBox="0 0 232 100" width="232" height="100" role="img"><g class="wf-state wf-info"><rect x="16" y="16" width="200" height="48" rx="8"/><text x="116" y="40" text-anchor="middle" dominant-baseline="central">Ашық · 12</text></g></svg>"#;

impl WorkflowPage {
    fn samples() -> Vec<Self> {
        let state = |name: &str, tone: &str, known| StateRow { name: name.into(), tone: tone.into(), known, records: 12 };
        let version = |number, current| VersionRow {
            number,
            before: if current { "3".into() } else { "shipped".into() },
            overlay: !current,
            base: 3,
            note: if current { "Екі адам келісуі керек <x>".into() } else { String::new() },
            published_at: sample_time() - Duration::days(3),
            published_by: "Айгерім Бекова".into(),
            current,
            records: 40,
        };
        let own = Self {
            flow: flow(false),
            svg: SVG.into(),
            states: vec![state("Ашық", "info", true), state("Күтуде", "warn", false)],
            versions: vec![version(4, true), version(3, false)],
            draft_version: 2,
            warnings: vec![finding(true)],
            conflicts: Vec::new(),
            errors: Errors::new(),
        };
        let shipped = Self { flow: flow(true), versions: Vec::new(), ..own.clone() };
        let refused = Self { conflicts: vec![finding(true)], errors: errors([("", "…")]), ..own.clone() };
        vec![own, shipped, refused]
    }
}

/// `GET /{company}/settings/workflows/{workflow}/differences?from=…&to=…`.
#[derive(Clone, Debug, Serialize)]
pub struct DifferencesPage {
    /// Its key.
    pub workflow: String,
    /// What it is called.
    pub name: String,
    /// The text compared from.
    pub from_side: String,
    /// The text compared to.
    pub to_side: String,
    /// Texts there are.
    pub sides: Vec<Choice>,
    /// What differs part by part; none where a text cannot be read.
    pub changes: Option<Vec<ChangeRow>>,
    /// Changed lines with some around them.
    pub hunks: Vec<Vec<DiffLine>>,
}

/// A part in which two texts differ.
#[derive(Clone, Debug, Serialize)]
pub struct ChangeRow {
    /// `added`, `removed` or `changed`.
    pub kind: String,
    /// The part, by name.
    pub text: String,
    /// What changed in it.
    pub options: Vec<String>,
    /// Its line in the second text.
    pub line: Option<u32>,
}

/// A line of two compared texts.
#[derive(Clone, Debug, Serialize)]
pub struct DiffLine {
    /// `same`, `added` or `removed`.
    pub kind: String,
    /// Its number in the first text.
    pub before: Option<u32>,
    /// Its number in the second text.
    pub after: Option<u32>,
    /// What it says.
    pub text: String,
}

impl DifferencesPage {
    fn samples() -> Vec<Self> {
        let line = |kind: &str, before, after| DiffLine { kind: kind.into(), before, after, text: "  need: 2 <x>".into() };
        let change = |kind: &str| ChangeRow {
            kind: kind.into(),
            text: "“approve” <x>".into(),
            options: if kind == "changed" { vec!["permission: work_order.view → work_order.manage".into()] } else { Vec::new() },
            line: (kind != "removed").then_some(48),
        };
        let some = Self {
            workflow: "work_order".into(),
            name: "Жұмыс тапсырмасы".into(),
            from_side: "shipped".into(),
            to_side: "4".into(),
            sides: vec![Choice::new("shipped", Text::key("settings.differences.shipped")), Choice::new("4", "4")],
            changes: Some(vec![change("added"), change("removed"), change("changed")]),
            hunks: vec![vec![line("same", Some(1), Some(1)), line("removed", Some(2), None), line("added", None, Some(2))]],
        };
        let none = Self { changes: Some(Vec::new()), hunks: Vec::new(), ..some.clone() };
        let unread = Self { changes: None, ..some.clone() };
        vec![some, none, unread]
    }
}

/// `GET`/`POST /{company}/settings/workflows/{workflow}/migrate`: fields `version`, `state.<old>`, `do` (`try`, `go`).
#[derive(Clone, Debug, Serialize)]
pub struct MigratePage {
    /// Its key.
    pub workflow: String,
    /// What it is called.
    pub name: String,
    /// The version records come to.
    pub version: i32,
    /// What would become of whom.
    pub rows: Vec<LeapRow>,
    /// States of that version.
    pub choices: Vec<Choice>,
    /// Records whose state leads nowhere.
    pub unmapped: i64,
    /// Records that would move.
    pub records: i64,
    /// What is wrong.
    pub errors: Errors,
}

/// Records in one state under one version.
#[derive(Clone, Debug, Serialize)]
pub struct LeapRow {
    /// The state's id.
    pub state: String,
    /// What it is called.
    pub name: String,
    /// The version they follow.
    pub version: i32,
    /// How many.
    pub records: i64,
    /// Of these, waiting for a decision.
    pub open_requests: i64,
    /// Of these, whose request would be closed.
    pub closed_requests: i64,
    /// Of these, on which nobody would decide any more.
    pub lost_requests: i64,
    /// Service levels, timers and reminders that would change, in words.
    pub clocks: Vec<String>,
    /// The state they would be in; empty where nothing says so.
    pub to: String,
    /// What that is called.
    pub to_name: String,
    /// Whether this is the state's first row: one answer is for all its versions.
    pub first: bool,
}

impl MigratePage {
    fn samples() -> Vec<Self> {
        let row = |to: &str, first| LeapRow {
            state: format!("waiting{to}"),
            name: "Күтуде <x>".into(),
            version: 3,
            records: 21,
            open_requests: 2,
            closed_requests: i64::from(first) * 2,
            lost_requests: i64::from(first),
            clocks: if first { vec!["“resolution” <x>: 12".into(), "“due”: 3".into()] } else { Vec::new() },
            to: to.into(),
            to_name: "Ашық".into(),
            first,
        };
        let lost = Self {
            workflow: "work_order".into(),
            name: "Жұмыс тапсырмасы".into(),
            version: 4,
            rows: vec![row("open", true), row("open", false), row("", true)],
            choices: vec![Choice::new("open", "Ашық")],
            unmapped: 21,
            records: 63,
            errors: errors([("", "…")]),
        };
        let ready = Self { unmapped: 0, errors: Errors::new(), rows: vec![row("open", true)], ..lost.clone() };
        let none = Self { rows: Vec::new(), unmapped: 0, records: 0, errors: Errors::new(), ..lost.clone() };
        vec![lost, ready, none]
    }
}
