//! `millwright workflow check --replay`: a company's real history, decided once more by a file.

use std::fmt::Write as _;

use anyhow::Context;
use domain::App;
use domain::kernel::scope::{Request, Scope};
use domain::workflow::versions::{Check, Differing, Input, Replay as Replaying, Replayed};
use serde_json::{Value as Json, json};
use workflows::{Diagnostic, Workflow};

use super::connection::connect;
use crate::config::{self, Variables};
use crate::home::random_hex;

/// One connection does it.
const CONNECTIONS: u32 = 1;

/// What a company's history would have been by a file.
pub enum Replay {
    /// What differs.
    Done(Replayed),
    /// Records of this kind are not kept yet, so there is no history.
    NoRecords,
}

/// Replays the history of a company against files, each (name, text); with each, what is wrong with it as the company's own.
pub async fn all(
    files: &[(String, String)],
    company: &str,
    mut variables: Variables,
) -> anyhow::Result<Vec<(Option<Replay>, Vec<Diagnostic>)>> {
    // only the database is read; what the application asks for besides is never used
    let store = tempfile::tempdir().context("there is no folder for files that pass")?;
    variables.set_default(config::SECRET, random_hex::<32>()?);
    variables.set_default(config::PUBLIC_URL, "http://127.0.0.1");
    variables.set_default(config::FILES, format!("file://{}", store.path().display()));
    let app = connect(&config::core(&variables)?, CONNECTIONS).await?;
    let scope = app.company_scope(company, Request::internal("cli")).await.with_context(|| format!("the company {company}"))?;
    let mut replays = Vec::new();
    for file in files {
        replays.push(one(&app, &scope, file).await?);
    }
    Ok(replays)
}

async fn one(app: &App, scope: &Scope, (name, source): &(String, String)) -> anyhow::Result<(Option<Replay>, Vec<Diagnostic>)> {
    let Some((workflow, ..)) = Workflow::named(source) else { return Ok((None, Vec::new())) };
    let input = Input { source: source.clone() };
    let checked = match app.run(scope, Check { workflow: workflow.clone(), input: input.clone() }).await {
        Err(domain::Error::NotFound) => return Ok((Some(Replay::NoRecords), Vec::new())),
        checked => checked?,
    };
    if !checked.found.is_empty() {
        return Ok((None, checked.found.into_iter().map(|found| Diagnostic { file: name.clone(), ..found }).collect()));
    }
    Ok((Some(Replay::Done(app.run(scope, Replaying { workflow, input }).await?)), Vec::new()))
}

impl Replay {
    /// As it stands in the JSON of a file.
    pub fn json(&self) -> Json {
        match self {
            Self::Done(replayed) => json!(replayed),
            Self::NoRecords => Json::Null,
        }
    }

    /// As a terminal shows it: a line in all, and one for each step that would come out otherwise.
    pub fn text(&self, file: &str) -> String {
        let Self::Done(replayed) = self else { return format!("{file}: note: no records of this kind are kept yet, nothing to replay\n") };
        let (steps, differing) = (replayed.steps, replayed.differing.len());
        let older = if replayed.more { ", the newest" } else { "" };
        let mut text = format!("{file}: {steps} steps replayed{older}; decided otherwise: {differing}\n");
        for step in &replayed.differing {
            // writing to a String cannot fail
            let _ = writeln!(text, "  {}", line(step));
        }
        text
    }
}

fn line(step: &Differing) -> String {
    let Differing { record, seq, actor, transition, from, to, .. } = step;
    let outcome = match &step.would {
        Some(would) => format!("would lead to {would}"),
        None => format!("would be refused ({})", step.because.join(", ")),
    };
    let judged = if step.certain { "" } else { "; judged by the record as it is now" };
    format!("{record} #{seq} {} {actor}: {transition}, {from} -> {to}, {outcome}{judged}", step.at.format("%Y-%m-%d %H:%M"))
}
