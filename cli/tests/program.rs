//! The built program, as whoever starts it sees it.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use domain::kernel::testing::World;
use serde_json::json;

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
fn the_shipped_workflows_are_in_order_and_their_tests_notice_mistakes() {
    let output = run(&["workflow", "check", "--mutate"], &[]);
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success(), "{text}");
    let heads: Vec<&str> = text.lines().next().expect("a table").split_whitespace().collect();
    assert_eq!(heads[..3], ["file", "tests", "transitions"], "{text}");
    assert!(text.lines().any(|line| line.starts_with("workflows/definitions/work_order.yml ")), "{text}");
}

#[tokio::test]
async fn a_companys_history_is_decided_once_more_by_a_file() {
    let world = World::new().await;
    let company = world.company("north").await;
    let order = world.work_order(&company.admin, "Belt", company.site).await;
    world.press(&company.admin, &order, "cancel", json!({ "reason": "twice" })).await.expect("cancels");
    let shipped = workflows::SHIPPED.iter().find(|shipped| shipped.entity == "work_order").expect("is shipped").source;
    let without_tests = shipped.split("\ntests:").next().expect("a text").to_owned() + "\n";
    let stricter = without_tests
        .replace("permission: work_order.cancel\n    reason", "permission: work_order.cancel\n    when: doc.vendor != null\n    reason");
    assert_ne!(stricter, without_tests, "the text to change is not in the file any more");
    let folder = tempfile::tempdir().expect("a folder");
    let replay = |source: &str, more: &[&str]| {
        std::fs::write(folder.path().join("own.yml"), source).expect("it is written");
        let mut command = program(folder.path());
        command.args(["workflow", "check", "own.yml", "--replay", "--company"]).args(more);
        command.env("DATABASE_URL", &world.app.settings().database_url).output().expect("the program runs")
    };
    let said = |output: &Output| String::from_utf8(output.stdout.clone()).expect("text");
    let same = replay(&without_tests, &["north"]);
    assert!(same.status.success() && said(&same).contains("own.yml: 1 steps replayed; decided otherwise: 0\n"), "{same:?}");
    let other = replay(&stricter, &["north"]);
    assert!(other.status.success(), "what differs may be meant: {other:?}");
    assert!(
        said(&other).contains("decided otherwise: 1\n") && said(&other).contains(": cancel, open -> cancelled, would be refused ("),
        "{other:?}"
    );
    let json: serde_json::Value = serde_json::from_str(&said(&replay(&stricter, &["north", "--format", "json"]))).expect("is JSON");
    assert_eq!((&json[0]["replay"]["steps"], &json[0]["replay"]["differing"][0]["transition"]), (&json!(1), &json!("cancel")));
    // what only scenarios may do is told as it would be to the company
    let unbuilt = replay(&without_tests.replacen("      - set: {started_at: now}", "      - purge: {}", 1), &["north"]);
    assert!(!unbuilt.status.success() && said(&unbuilt).contains("error[WF200]: `purge` is not built yet"), "{unbuilt:?}");
    let planned = workflows::SHIPPED.iter().find(|shipped| shipped.entity == "contract").expect("is shipped").source;
    assert!(said(&replay(planned, &["north"])).contains("no records of this kind are kept yet"));
    assert!(errors(&replay(&without_tests, &["nobody"])).starts_with("error: the company nobody"));
    assert!(errors(&run(&["workflow", "check", "--replay", "--company", "north"], &[])).starts_with("error: DATABASE_URL is missing"));
}

/// A work order's file with one transition and one test of it.
const FILE: &str = "workflow: work_order
version: 1
entity: work_order
initial: [{to: open}]
states:
  open: {category: todo}
  closed: {category: done, terminal: true}
transitions:
  close: {from: open, to: closed, permission: work_order.manage}
tests:
  - name: a manager closes it
    steps:
      - {as: manager, create: true, expect: {state: open}}
      - {as: technician, do: close, deny: permission}
      - {as: manager, do: close, expect: {state: closed}}
";

fn check(source: &str, more: &[&str]) -> (bool, String) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("own.yml"), source).expect("it is written");
    let output = program(folder.path()).args(["workflow", "check", "own.yml"]).args(more).output().expect("the program runs");
    (output.status.success(), String::from_utf8(output.stdout).expect("text"))
}

#[test]
fn a_file_is_told_by_its_tests() {
    let (sound, text) = check(FILE, &["--mutate"]);
    assert!(sound, "{text}");
    let row: Vec<&str> = text.lines().nth(1).expect("a row").split_whitespace().collect();
    assert_eq!(row[..3], ["own.yml", "1/1", "1/1"], "{text}");
    assert_eq!(row.last(), Some(&"3/3"), "{text}");

    let (sound, text) = check(&FILE.replace("closed}}\n", "open}}\n"), &["--mutate"]);
    assert!(!sound && text.starts_with("own.yml:15:43: error[WF950]: `state` should be open, but is closed\n"), "{text}");

    let blind = FILE.replace("      - {as: technician, do: close, deny: permission}\n", "");
    assert!(check(&blind, &[]).0, "nothing is wrong as it is");
    let (sound, text) = check(&blind, &["--mutate"]);
    assert!(!sound && text.contains("own.yml:9:35: error[WF989]: no test notices when anybody may `close`"), "{text}");

    let (sound, text) = check(&FILE.replace("do: close, expect", "do: clos, expect"), &[]);
    assert!(!sound && text.contains("error[WF207]: unknown transition `clos`") && text.contains("unreadable"), "{text}");
}

#[test]
fn what_no_test_comes_by_is_noted_and_no_fault() {
    let (sound, text) = check(FILE.split("tests:").next().expect("the file"), &[]);
    assert!(sound && text.contains("own.yml:9:3: note[WF960]: no test fires `close`\n"), "{text}");
}

#[test]
fn a_file_is_drawn_as_text_and_as_a_picture() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("own.yml"), FILE).expect("it is written");
    let graph = |more: &[&str]| {
        let output = program(folder.path()).args(["workflow", "graph", "own.yml"]).args(more).output().expect("the program runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    let text = graph(&[]);
    assert!(text.starts_with("stateDiagram-v2\n") && text.contains("close"), "{text}");
    let picture = graph(&["--format", "svg"]);
    assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n") && picture.contains(">closed<"), "{picture}");
}

#[test]
fn a_program_reads_the_check_as_json() {
    let (sound, text) = check(FILE, &["--format", "json", "--mutate"]);
    let files: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert!(sound);
    assert_eq!((&files[0]["file"], &files[0]["findings"]), (&"own.yml".into(), &serde_json::json!([])));
    assert_eq!(files[0]["tests"]["outcomes"][0]["name"], "a manager closes it");
    assert_eq!(files[0]["mutation"]["mutants"], 3);
    let (sound, text) = check("workflow: work_order", &["--format", "json"]);
    let files: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert!(!sound && files[0]["findings"][0]["code"].as_str().is_some_and(|code| code.starts_with("WF")), "{text}");
}
