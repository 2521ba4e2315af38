//! The shape of the house, read from its sources: small files, few doors, each with its reason.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const CRATES: &[&str] = &["api", "cli", "domain", "templates", "worker", "workflows"];
const LONGEST: usize = 400;

/// What may be done outside any one company, and why nobody needs a company for it.
const PLATFORM_ACTIONS: &[(&str, &str)] = &[
    ("board.rs Look", "operators only"),
    ("jobs.rs Cancel", "operators only"),
    ("jobs.rs Discard", "operators only"),
    ("jobs.rs List", "operators only"),
    ("jobs.rs Retry", "operators only"),
    ("jobs.rs Show", "operators only"),
    ("housekeeping.rs KeepHouse", "the worker's, by the calendar"),
    ("company.rs CreateOperator", "the first operator has nobody to ask; the command line alone calls it"),
    ("company.rs Limit", "operators only"),
    ("company.rs List", "operators only"),
    ("company.rs Onboard", "operators only"),
    ("company.rs Show", "operators only"),
    ("entrance.rs Companies", "the caller's own"),
    ("entrance.rs KeptOut", "the caller's own"),
    ("accept.rs Accept", "checks the letter's secret"),
    ("accept.rs HasAccount", "tells it to whoever holds the letter's secret"),
    ("log.rs Mail", "operators only"),
    ("login.rs Fail", "notes a wrong password"),
    ("login.rs Find", "finds the hash a password is checked against"),
    ("login.rs Succeed", "begins the session of a checked password"),
    ("profile.rs CurrentHash", "the caller's own"),
    ("profile.rs Prefer", "the caller's own"),
    ("profile.rs SetPassword", "the caller's own"),
    ("reset.rs Ask", "answers the same for any address"),
    ("reset.rs Complete", "checks the letter's secret"),
    ("reset.rs Open", "checks the letter's secret"),
    ("reset.rs WriteLetter", "the worker's, by an account's id from the queue"),
    ("session.rs End", "the caller's own"),
    ("session.rs Mine", "the caller's own"),
    ("signup.rs Complete", "checks the key"),
    ("signup.rs TryKey", "checks the key"),
    ("signup_key.rs NewKey", "operators only"),
    ("signup_key.rs SendKey", "operators only"),
    ("signup_key.rs WriteLetter", "the worker's, by a company's id from the queue"),
    ("group.rs AskGroupLink", "writes for the scope it is given, if it looks after the company"),
    ("press.rs AwaitReason", "writes beside a code that was checked"),
    ("press.rs FindAsked", "found by chat and message, which only that chat can answer"),
    ("press.rs FindCode", "checks a code, and its chat where it has one"),
    ("press.rs MakeCodes", "writes for the scope it is given"),
    ("press.rs UseCode", "uses up a code that was checked, as its member or whoever pressed in a group"),
    ("telegram.rs AskLink", "writes for the scope it is given"),
    ("telegram.rs UseLink", "checks a link's code"),
];

/// Who builds scopes.
const SCOPE_BUILDERS: &[(&str, &str)] = &[
    ("domain/src/identity/session.rs", "authenticators"),
    ("domain/src/identity/signup.rs", "a company's birth, before anybody is in it"),
];

/// Who writes SQL that is not a literal.
const FREE_SQL: &[(&str, &str)] = &[
    ("domain/src/kernel/listing/page.rs", "lists, from declarations; values are bound"),
    ("domain/src/kernel/migrate.rs", "our own migration files"),
    ("domain/src/kernel/tenant.rs", "a transaction's settings, from typed values"),
    ("domain/src/kernel/testing.rs", "names of databases and tables of tests"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// Rust files of a folder and those below, by their path from the root.
fn sources(folder: &Path, found: &mut BTreeMap<String, String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.expect("is there").path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "target") {
                sources(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root()).expect("is in the workspace").to_string_lossy().replace('\\', "/");
            found.insert(name, std::fs::read_to_string(&path).expect("is text"));
        }
    }
}

fn house() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for name in CRATES {
        sources(&root().join(name), &mut found);
    }
    assert!(found.len() > 50, "the sources are where they are looked for");
    found
}

fn is_test(path: &str) -> bool {
    path.split('/').any(|part| part == "tests" || part == "tests.rs" || part == "benches")
}

/// The source without its own test module, which closes the file.
fn proper(source: &str) -> &str {
    source.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or(source)
}

#[test]
fn no_file_is_longer_than_a_reader_can_hold() {
    let long: Vec<String> = house()
        .iter()
        .filter(|(path, _)| !is_test(path))
        .map(|(path, source)| (path, source.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(path, lines)| format!("{path}: {lines}"))
        .collect();
    assert!(long.is_empty(), "longer than {LONGEST} lines: {long:#?}");
}

#[test]
fn whoever_works_outside_a_company_says_why() {
    let mut found = Vec::new();
    for (path, source) in house().iter().filter(|(path, _)| !is_test(path)) {
        for line in proper(source).lines() {
            if let Some((_, action)) = line.split_once("PlatformAction for ") {
                let file = path.rsplit('/').next().unwrap_or(path);
                let name = action.split(|c: char| !c.is_alphanumeric()).next().unwrap_or(action);
                found.push(format!("{file} {name}"));
            }
        }
    }
    let mut allowed: Vec<String> = PLATFORM_ACTIONS.iter().map(|(action, _)| (*action).to_owned()).collect();
    allowed.sort();
    found.sort();
    assert_eq!(found, allowed);
}

/// Files, tests left out, that say one of the words.
fn saying(words: &[&str]) -> Vec<String> {
    house()
        .iter()
        .filter(|(path, source)| !is_test(path) && words.iter().any(|word| source.contains(word)))
        .map(|(path, _)| path.clone())
        .collect()
}

fn files(allowed: &[(&str, &str)]) -> Vec<String> {
    allowed.iter().map(|(file, _)| (*file).to_owned()).collect()
}

#[test]
fn scopes_are_built_where_somebody_was_recognised_and_nowhere_else() {
    assert_eq!(saying(&["Scope::build("]), files(SCOPE_BUILDERS));
}

#[test]
fn sql_is_literal_save_in_the_few_files_that_say_why() {
    let free: Vec<String> =
        saying(&["AssertSqlSafe", "QueryBuilder"]).into_iter().filter(|path| !path.starts_with("worker/src/queue/")).collect();
    assert_eq!(free, files(FREE_SQL));
}

#[test]
fn no_arrow_points_back() {
    for (name, allowed) in [
        ("workflows", &[][..]),
        ("templates", &[]),
        ("domain", &["workflows"]),
        // buttons and forms are made of the language's own types
        ("api", &["domain", "templates", "workflows"]),
        ("worker", &["domain", "templates"]),
        ("cli", &["api", "domain", "templates", "worker", "workflows"]),
    ] {
        let manifest = std::fs::read_to_string(root().join(name).join("Cargo.toml")).expect("is there");
        let dependencies = manifest.split("[dependencies]").nth(1).and_then(|rest| rest.split("\n[").next()).unwrap_or_default();
        for other in CRATES {
            let depends = dependencies.lines().any(|line| line.split(['.', ' ', '=']).next() == Some(*other));
            assert!(!depends || allowed.contains(other), "{name} depends on {other}");
        }
    }
}

#[test]
fn the_clock_is_read_in_one_place() {
    let reading: Vec<String> = house()
        .iter()
        .filter(|(path, source)| path.starts_with("domain/src/") && !is_test(path) && proper(source).contains("Utc::now"))
        .map(|(path, _)| path.clone())
        .collect();
    assert_eq!(reading, ["domain/src/kernel/clock.rs"]);
}
