//! `millwright workflow`: what a file's author sees without a database.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;

use crate::args::Findings;
use crate::terminal;

/// Checks files, or those of this program, and writes everything found. Fails when anything was.
pub fn check(files: &[PathBuf], format: Findings) -> anyhow::Result<ExitCode> {
    let sources = if files.is_empty() { shipped() } else { read(files)? };
    let mut found = Vec::new();
    for (name, source) in &sources {
        if let Err(findings) = domain::workflow::load_definition(source, name) {
            found.extend(findings);
        }
    }
    match format {
        Findings::Json => terminal::say(workflows::to_json(&found)),
        Findings::Text if found.is_empty() => terminal::say(format!("workflow files checked: {}; nothing found", sources.len())),
        Findings::Text => terminal::say(workflows::render(&found).trim_end()),
    }
    Ok(if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Draws a file's states and transitions.
pub fn graph(file: &Path) -> anyhow::Result<ExitCode> {
    let (name, source) = read_one(file)?;
    match domain::workflow::load_definition(&source, &name) {
        Ok(workflow) => {
            terminal::say(workflow.mermaid().trim_end());
            Ok(ExitCode::SUCCESS)
        }
        Err(found) => {
            terminal::note(workflows::render(&found).trim_end());
            Ok(ExitCode::FAILURE)
        }
    }
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
