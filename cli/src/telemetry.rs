//! Logs: JSON lines for machines, plain lines for a person at a terminal.

use std::io::IsTerminal;

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

/// Ours at `info`; the libraries speak when something is wrong.
const DEFAULT_FILTER: &str = "warn,millwright=info,api=info,worker=info,domain=info,templates=info";

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// Readable lines.
    Text,
}

/// Starts logging to standard error. Without a format, a terminal gets text and everything else JSON. `RUST_LOG`
/// chooses what is logged; a directive that cannot be read is an error that names it.
pub fn start(format: Option<LogFormat>) -> anyhow::Result<()> {
    let filter = match std::env::var("RUST_LOG") {
        Ok(directives) if !directives.trim().is_empty() => {
            EnvFilter::try_new(&directives).map_err(|error| anyhow::anyhow!("RUST_LOG must be a filter such as info,sqlx=warn: {error}"))?
        }
        _ => EnvFilter::new(DEFAULT_FILTER),
    };
    let terminal = std::io::stderr().is_terminal();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match format {
        Some(LogFormat::Json) => builder.json().finish().init(),
        None if !terminal => builder.json().finish().init(),
        _ => builder.with_ansi(terminal).with_target(false).compact().finish().init(),
    }
    Ok(())
}
