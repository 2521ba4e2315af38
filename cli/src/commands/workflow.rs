//! `millwright workflow`: what a file's author sees, without a database unless a company's history is to be replayed.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use domain::workflow::CheckedFile;
use serde_json::{Value as Json, json};
use workflows::{Diagnostic, Labelled, Workflow};

use super::replay::{self, Replay};
use crate::args::{Drawing, Findings};
use crate::config::Variables;
use crate::terminal;

/// What became of one file.
struct Outcome {
    name: String,
    /// Read, tests played; or what keeps it from being read.
    checked: Result<CheckedFile, Vec<Diagnostic>>,
    /// What is wrong between it and the other files, whose records it moves; with a replay, what is wrong with it as the company's own.
    between: Vec<Diagnostic>,
    /// What a company's history would have been by it.
    replay: Option<Replay>,
}

/// Checks files, or those of this program, plays their tests, and writes everything found. Fails when anything is wrong: a mistake, a test, with
/// `mutate` a mistake made on purpose that no test notices. With a company, its history is decided once more by each file.
pub async fn check(files: &[PathBuf], format: Findings, mutate: bool, replay: Option<(&str, Variables)>) -> anyhow::Result<ExitCode> {
    let sources = if files.is_empty() { shipped() } else { read(files)? };
    let check = |(name, source): &(String, String)| Outcome {
        checked: domain::workflow::check(source, name, mutate),
        name: name.clone(),
        between: Vec::new(),
        replay: None,
    };
    let mut outcomes: Vec<Outcome> = sources.iter().map(check).collect();
    let readable: Vec<&Workflow> = outcomes.iter().filter_map(|outcome| Some(&outcome.checked.as_ref().ok()?.workflow)).collect();
    let between = workflows::together(&readable);
    for outcome in &mut outcomes {
        outcome.between = between.iter().filter(|finding| finding.file == outcome.name).cloned().collect();
    }
    if let Some((company, variables)) = replay {
        let replays = replay::all(&sources, company, variables).await?;
        for (outcome, (replayed, found)) in outcomes.iter_mut().zip(replays).filter(|(outcome, _)| outcome.checked.is_ok()) {
            outcome.replay = replayed;
            outcome.between.extend(found);
        }
    }
    match format {
        Findings::Json => terminal::say(outcomes.iter().map(Outcome::json).collect::<Json>()),
        Findings::Text => terminal::say(text(&outcomes).trim_end()),
    }
    Ok(if outcomes.iter().all(|outcome| outcome.wrong().is_empty()) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Describes the language for editors.
pub fn schema() -> anyhow::Result<ExitCode> {
    terminal::say(serde_json::to_string_pretty(&Workflow::json_schema())?);
    Ok(ExitCode::SUCCESS)
}

/// Draws a file's states and transitions, labelled with their ids.
pub fn graph(file: &Path, format: Drawing) -> anyhow::Result<ExitCode> {
    let (name, source) = read_one(file)?;
    match domain::workflow::read_definition(&source, &name) {
        Ok(workflow) => {
            let drawn = match format {
                Drawing::Mermaid => workflow.mermaid(),
                Drawing::Svg => workflow.svg(None, &|part: Labelled<'_>| part.plain()),
            };
            terminal::say(drawn.trim_end());
            Ok(ExitCode::SUCCESS)
        }
        Err(found) => {
            terminal::note(workflows::render(&found).trim_end());
            Ok(ExitCode::FAILURE)
        }
    }
}

impl Outcome {
    /// Everything that makes the check fail.
    fn wrong(&self) -> Vec<Diagnostic> {
        match &self.checked {
            Err(found) => found.clone(),
            Ok(checked) => {
                let survivors = checked.mutation.iter().flat_map(|mutation| mutation.survivors.iter().cloned());
                self.between.iter().cloned().chain(checked.report.failures()).chain(survivors).collect()
            }
        }
    }

    fn json(&self) -> Json {
        let (tests, mutation) = match &self.checked {
            Ok(checked) => (json!(checked.report), json!(checked.mutation)),
            Err(_) => (Json::Null, Json::Null),
        };
        let replay = json!(self.replay.as_ref().map(Replay::json));
        json!({ "file": self.name, "findings": workflows::to_json(&self.wrong()), "tests": tests, "mutation": mutation, "replay": replay })
    }

    /// The file's row: its name, then `seen/all` for its tests, everything they came by, and its mutants.
    fn row(&self) -> Vec<String> {
        let Ok(checked) = &self.checked else { return vec![self.name.clone(), "unreadable".to_owned()] };
        let tests = &checked.report.outcomes;
        let passed = tests.iter().filter(|test| test.failures.is_empty()).count();
        let mut row = vec![self.name.clone(), format!("{passed}/{}", tests.len())];
        row.extend(checked.report.coverage.counts.iter().map(|count| format!("{}/{}", count.seen, count.all)));
        row.extend(
            checked.mutation.as_ref().map(|mutation| format!("{}/{}", mutation.mutants - mutation.survivors.len(), mutation.mutants)),
        );
        row
    }
}

/// What a terminal shows: what is wrong as a compiler writes it, what no test came by a line each, then a table.
fn text(outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    for outcome in outcomes {
        text.push_str(&workflows::render(&outcome.wrong()));
    }
    let checked = || outcomes.iter().filter_map(|outcome| outcome.checked.as_ref().ok());
    for gap in checked().flat_map(|checked| &checked.report.coverage.missing) {
        // writing to a String cannot fail
        let _ = writeln!(text, "{}:{}:{}: note[{}]: {}", gap.file, gap.line, gap.column, gap.code, gap.message());
    }
    for outcome in outcomes {
        text.extend(outcome.replay.iter().map(|replay| replay.text(&outcome.name)));
    }
    let mut heads = vec!["file".to_owned(), "tests".to_owned()];
    let counts = checked().next().map(|checked| &checked.report.coverage.counts);
    heads.extend(counts.into_iter().flatten().map(|count| count.what.replace('_', " ")));
    if checked().any(|checked| checked.mutation.is_some()) {
        heads.push("mutants".to_owned());
    }
    let rows: Vec<Vec<String>> = std::iter::once(heads).chain(outcomes.iter().map(Outcome::row)).collect();
    text + &table(&rows)
}

/// Rows with their columns under each other: the first to the left, the others to the right.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate();
        let cells = cells.map(|(i, (cell, width))| if i == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

/// The files this program was built with.
fn shipped() -> Vec<(String, String)> {
    workflows::SHIPPED.iter().map(|shipped| (shipped.file.to_owned(), shipped.source.to_owned())).collect()
}

fn read(files: &[PathBuf]) -> anyhow::Result<Vec<(String, String)>> {
    files.iter().map(|file| read_one(file)).collect()
}

fn read_one(file: &Path) -> anyhow::Result<(String, String)> {
    let name = file.display().to_string();
    let source = std::fs::read_to_string(file).with_context(|| format!("{name} cannot be read"))?;
    Ok((name, source))
}
