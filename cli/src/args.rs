//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use reqwest::Url;

use crate::telemetry::LogFormat;

/// Millwright: maintenance and assets of many companies.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 100)]
pub struct Arguments {
    /// How log lines look; without it a terminal gets text, everything else JSON.
    #[arg(long, global = true, value_enum)]
    pub log_format: Option<LogFormat>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run everything in one process, with a private PostgreSQL unless DATABASE_URL names another.
    Up {
        /// Where API and pages listen [env: MILLWRIGHT_LISTEN] [default: 127.0.0.1:8080].
        #[arg(long)]
        listen: Option<SocketAddr>,
    },
    /// Serve API and pages.
    Api,
    /// Run background jobs: mail, Telegram, schedules.
    Worker,
    /// Bring the database to the newest schema.
    Migrate,
    /// Look after the operators of the installation.
    #[command(subcommand)]
    Admin(Admin),
    /// Check and draw workflow files.
    #[command(subcommand)]
    Workflow(Workflow),
    /// Fill an installation with something to look at.
    #[command(subcommand)]
    Demo(Demo),
    /// Print the OpenAPI description of the HTTP API.
    Openapi,
}

/// Operators of the installation.
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Make an account that may onboard companies and look after all of them.
    Create(NewAdmin),
}

/// A new operator.
#[derive(Debug, Args)]
pub struct NewAdmin {
    /// The address they log in with.
    #[arg(long)]
    pub email: String,
    /// What to call them; the address where it is not given.
    #[arg(long)]
    pub name: Option<String>,
    /// Read the password from standard input; without it one is made up and printed once.
    #[arg(long)]
    pub password_stdin: bool,
}

/// Workflow files.
#[derive(Debug, Subcommand)]
pub enum Workflow {
    /// Find every mistake in workflow files and play their tests; those of this program where none is named.
    Check {
        /// The files.
        files: Vec<PathBuf>,
        /// Put mistakes into the files, one at a time, and fail where no test notices.
        #[arg(long)]
        mutate: bool,
        /// Decide a company's newest steps once more by each file, and list those that would come out otherwise, which is no mistake.
        /// Needs `DATABASE_URL`; the file is checked as the company's own.
        #[arg(long, requires = "company")]
        replay: bool,
        /// The company whose history is replayed, by its name in addresses.
        #[arg(long, requires = "replay")]
        company: Option<String>,
        /// How findings are written.
        #[arg(long, value_enum, default_value_t = Findings::Text)]
        format: Findings,
    },
    /// Print the JSON Schema of workflow files, by which an editor completes and underlines.
    Schema,
    /// Print the states and transitions of a workflow file as a diagram.
    Graph {
        /// The file.
        file: PathBuf,
        /// How it is drawn.
        #[arg(long, value_enum, default_value_t = Drawing::Mermaid)]
        format: Drawing,
    },
}

/// How a diagram is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Drawing {
    /// As text for Mermaid.
    Mermaid,
    /// As a picture.
    Svg,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Findings {
    /// As a compiler writes them.
    Text,
    /// One JSON array with an entry a file.
    Json,
}

/// Demonstration data.
#[derive(Debug, Subcommand)]
pub enum Demo {
    /// Make the demonstration companies and their people; doing it again changes nothing.
    Seed,
    /// Bring the work orders of five real excavators in through the REST API; doing it again adds nothing.
    Excavators(Excavators),
}

/// Where the excavators' work orders go, and as whom.
#[derive(Debug, Args)]
pub struct Excavators {
    /// Where the installation is reached.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    pub url: Url,
    /// The account that brings them in; the demonstration company's administrator where it is not given.
    #[arg(long, requires = "password_stdin")]
    pub email: Option<String>,
    /// Read the account's password from standard input.
    #[arg(long)]
    pub password_stdin: bool,
    /// The company, by its name in addresses, where the account has several.
    #[arg(long)]
    pub company: Option<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn arguments_are_read() {
        let up = Arguments::parse_from(["millwright", "up", "--listen", "127.0.0.1:9000"]);
        assert!(matches!(up.command, Command::Up { listen: Some(at) } if at.port() == 9000));
        let excavators = Arguments::parse_from(["millwright", "demo", "excavators", "--company", "dala"]);
        assert!(matches!(
            excavators.command,
            Command::Demo(Demo::Excavators(into)) if into.url.port() == Some(8080) && into.company.as_deref() == Some("dala")
        ));
        let check = Arguments::parse_from(["millwright", "workflow", "check", "a.yml", "b.yml", "--format", "json", "--mutate"]);
        assert!(matches!(
            check.command,
            Command::Workflow(Workflow::Check { files, format: Findings::Json, mutate: true, replay: false, company: None }) if files.len() == 2
        ));
        let replay = Arguments::parse_from(["millwright", "workflow", "check", "a.yml", "--replay", "--company", "dala"]);
        assert!(matches!(
            replay.command,
            Command::Workflow(Workflow::Check { replay: true, company: Some(company), .. }) if company == "dala"
        ));
        assert!(Arguments::try_parse_from(["millwright", "workflow", "check", "--replay"]).is_err(), "whose history");
        assert!(Arguments::try_parse_from(["millwright", "up", "--listen", "8080"]).is_err());
        assert!(Arguments::try_parse_from(["millwright", "admin", "create"]).is_err());
        let no_password = ["millwright", "demo", "excavators", "--email", "a@example.org"];
        assert!(Arguments::try_parse_from(no_password).is_err(), "a password of one's own comes with an address of one's own");
    }
}
