//! The built program, as whoever starts it sees it.

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The program in a folder, with no environment but what finds PostgreSQL.
fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_millwright"));
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command
}

fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = program(folder.path());
    command.args(arguments).envs(environment.iter().copied()).output().expect("the program runs")
}

fn errors(output: &Output) -> String {
    assert!(!output.status.success(), "it must fail");
    String::from_utf8(output.stderr.clone()).expect("text")
}

#[test]
fn what_is_missing_is_named_a_line_each() {
    let text = errors(&run(&["api"], &[]));
    let names = ["error: DATABASE_URL", "MILLWRIGHT_PUBLIC_URL", "MILLWRIGHT_SECRET", "MILLWRIGHT_FILES"];
    assert_eq!(text.lines().count(), names.len(), "{text}");
    for (line, name) in text.lines().zip(names) {
        assert!(line.starts_with(&format!("{name} is missing; it must be ")), "{line}");
    }
}

#[test]
fn a_wrong_value_is_one_line_without_the_value() {
    let text = errors(&run(&["migrate"], &[("DATABASE_URL", "Hunter2")]));
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.starts_with("error: DATABASE_URL must be "), "{text}");
    assert!(!text.contains("Hunter2"), "{text}");
}

#[test]
fn a_wrong_log_filter_is_one_line() {
    let text = errors(&run(&["openapi"], &[("RUST_LOG", "info,=")]));
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.starts_with("error: RUST_LOG must be "), "{text}");
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let text = errors(&run(&["workflow", "check", "no-such.yml"], &[]));
    assert!(text.starts_with("error: no-such.yml cannot be read"), "{text}");
}

#[test]
fn the_api_is_described() {
    let output = run(&["openapi"], &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(text.starts_with("{\n") && text.contains("\"work_orders_import\""), "{text}");
}

#[test]
fn the_shipped_workflows_are_in_order() {
    let output = run(&["workflow", "check"], &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}
