//! `millwright`: the one program. It reads arguments and environment, starts the parts asked for and stops them again;
//! what Millwright knows and does is in the other crates.

mod args;
mod bar;
mod cluster;
mod commands;
mod config;
mod demo;
mod excavators;
mod home;
mod parts;
mod shutdown;
mod telemetry;
mod terminal;

use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;

use args::{Admin, Arguments, Command, Demo, Workflow};
use config::Variables;

/// Gives large blocks back to the system at once. The C library keeps what a thread freed for that thread, and every thread that ever
/// hashed a password would go on holding its 19 MiB.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // before anything opens a TLS connection: there is no other provider in this program
    let provider = rustls::crypto::ring::default_provider().install_default();
    debug_assert!(provider.is_ok(), "main is the only one to install a provider");
    match start(Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            terminal::note(format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn start(arguments: Arguments) -> anyhow::Result<ExitCode> {
    telemetry::start(arguments.log_format)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("the system gives no threads")?;
    runtime.block_on(run(arguments.command))
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    let variables = Variables::of_process();
    match command {
        Command::Up { listen } => commands::up::run(variables, listen).await?,
        Command::Api => commands::api::run(&variables).await?,
        Command::Worker => commands::worker::run(&variables).await?,
        Command::Migrate => commands::migrate::run(&variables).await?,
        Command::Admin(Admin::Create(new)) => commands::admin::create(&variables, new).await?,
        Command::Demo(Demo::Seed) => commands::demo::seed(&variables).await?,
        Command::Demo(Demo::Excavators(into)) => commands::demo::excavators(into).await?,
        Command::Workflow(Workflow::Check { files, format, mutate, company, .. }) => {
            let replay = company.as_deref().map(|company| (company, variables));
            return commands::workflow::check(&files, format, mutate, replay).await;
        }
        Command::Workflow(Workflow::Graph { file, format }) => return commands::workflow::graph(&file, format),
        Command::Workflow(Workflow::Schema) => return commands::workflow::schema(),
        Command::Openapi => terminal::say(::api::rest::spec().trim_end()),
    }
    Ok(ExitCode::SUCCESS)
}
