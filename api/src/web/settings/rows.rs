//! The domain's answers as pages show them.

use domain::workflow::versions::{Differing, Flow, FlowDetail, Replayed, StateRecords, TextKind};
use templates::Locale;
use templates::i18n::t;
use templates::pages::editor::{CoverageRow, ReplayFound, ReplayRow, TestRow, Tests};
use templates::pages::settings::{FindingRow, FlowRow, StateRow, VersionRow};
use workflows::Diagnostic;
use workflows::scenario::Report;

use crate::http::findings;
use crate::web::work::life::Life;

/// What a workflow is called.
pub fn name(locale: Locale, workflow: &str) -> String {
    t(locale, &format!("settings.name.{workflow}"), &[])
}

/// A workflow in the list.
pub fn flow(locale: Locale, flow: Flow) -> FlowRow {
    FlowRow {
        name: name(locale, &flow.workflow),
        workflow: flow.workflow,
        version: flow.version,
        follows_shipped: flow.follows_shipped,
        shipped_version: flow.shipped_version,
        newer_base: flow.newer_base,
        draft: flow.draft,
        records: flow.records,
        on_other_versions: flow.on_other_versions,
    }
}

/// The states with their records.
pub fn states(life: &Life, states: &[StateRecords]) -> Vec<StateRow> {
    let row = |state: &StateRecords| StateRow {
        name: life.state_name(&state.state),
        tone: state.tone.clone(),
        known: state.category.is_some(),
        records: state.records,
    };
    states.iter().map(row).collect()
}

/// The versions, each with the one before it.
pub fn versions(detail: &FlowDetail) -> Vec<VersionRow> {
    let before = detail.versions.iter().skip(1).map(|version| version.number.to_string()).chain(["shipped".to_owned()]);
    let row = |(version, before): (&domain::workflow::versions::Version, String)| VersionRow {
        number: version.number,
        before,
        overlay: version.kind == TextKind::Overlay,
        base: version.base,
        note: version.note.clone(),
        published_at: version.published_at,
        published_by: version.published_by.clone(),
        current: version.current,
        records: version.records,
    };
    detail.versions.iter().zip(before).map(row).collect()
}

/// What was found in the text of a workflow, or in the shipped one under it.
pub fn found(locale: Locale, workflow: &str, found: &[Diagnostic]) -> Vec<FindingRow> {
    let own = format!("{workflow}.yml");
    let row = |finding: &Diagnostic| FindingRow {
        code: finding.code.to_owned(),
        here: finding.file == own,
        file: finding.file.clone(),
        line: finding.line,
        column: finding.column,
        message: findings::sentence(locale, finding),
        help: findings::help(locale, finding),
        source: finding.source.trim_end().to_owned(),
    };
    found.iter().map(row).collect()
}

/// How the tests of a text went, or why they could not be played.
pub fn tests(locale: Locale, workflow: &str, played: &Result<Report, Vec<Diagnostic>>) -> Tests {
    match played {
        Err(problems) => Tests { passed: false, rows: Vec::new(), coverage: Vec::new(), findings: found(locale, workflow, problems) },
        Ok(report) => Tests {
            passed: report.passed(),
            rows: report
                .outcomes
                .iter()
                .map(|test| TestRow { name: test.name.clone(), failures: found(locale, workflow, &test.failures) })
                .collect(),
            coverage: report
                .coverage
                .counts
                .iter()
                .filter(|count| count.all > 0)
                .map(|count| CoverageRow { what: count.what.to_owned(), seen: whole(count.seen), all: whole(count.all) })
                .collect(),
            findings: found(locale, workflow, &report.coverage.missing),
        },
    }
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Differing steps shown at most.
const SHOWN: usize = 100;

/// What a replay found.
pub fn replay(life: &Life, replayed: &Replayed) -> ReplayFound {
    ReplayFound { steps: replayed.steps, rows: replayed.differing.iter().take(SHOWN).map(|step| differing(life, step)).collect() }
}

fn differing(life: &Life, step: &Differing) -> ReplayRow {
    let (from, to) = (life.state_name(&step.from), life.state_name(&step.to));
    let text = match &step.would {
        Some(would) => {
            let would = life.state_name(would);
            t(life.locale(), "settings.replay.elsewhere", &[("from", &from), ("to", &to), ("would", &would)])
        }
        None => t(life.locale(), "settings.replay.refused", &[("from", &from), ("to", &to), ("because", &step.because.join(", "))]),
    };
    ReplayRow {
        record: step.record.clone(),
        transition: life.transition_name(&step.transition),
        text,
        at: step.at,
        actor: step.actor.clone(),
        certain: step.certain,
    }
}
