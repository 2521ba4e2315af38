//! A small subject, its roles, and files around the tests that are tried.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use workflows::scenario::{self, Mutation, Report, Setup};
use workflows::{Diagnostic, Field, Kind, Mode, Subject, Vocabulary, Workflow};

const fn field(name: &'static str, kind: Kind, nullable: bool, writable: bool) -> Field {
    Field { name, kind, nullable, writable }
}

const ASSET: &[Field] = &[field("meter", Kind::Int, true, false), field("keeper", Kind::Ref("member"), true, false)];

const LINE: &[Field] = &[
    field("part", Kind::Ref("part"), false, false),
    field("qty", Kind::Decimal, false, false),
    field("location", Kind::Ref("location"), true, false),
];

/// A job: a little of everything.
pub const JOB: Subject = Subject {
    key: "job",
    fields: &[
        field("priority", Kind::Choice(&["low", "high"]), false, true),
        field("assignee", Kind::Ref("member"), true, true),
        field("cost", Kind::Money, true, true),
        field("due_at", Kind::Time, true, true),
        field("ends_at", Kind::Time, true, true),
        field("done_at", Kind::Time, true, true),
        field("day", Kind::Date, true, true),
        field("note", Kind::Text, true, true),
        field("urgent", Kind::Bool, false, true),
        field("count", Kind::Int, false, true),
        field("asset", Kind::Link { subject: "asset", fields: ASSET }, true, true),
        field("part", Kind::Ref("part"), false, false),
        field("qty", Kind::Decimal, false, true),
        field("from_location", Kind::Ref("location"), true, false),
        field("to_location", Kind::Ref("location"), true, false),
        field("parts", Kind::List(&Kind::Object(LINE)), false, false),
        field("created_by", Kind::Ref("member"), false, false),
        field("created_at", Kind::Time, false, false),
        field("state", Kind::Text, false, false),
    ],
};

pub const VOCABULARY: Vocabulary<'static> = Vocabulary {
    mode: Mode::Scenario,
    permissions: &["job.view", "job.work", "job.approve", "job.manage"],
    roles: &["technician", "manager", "finance", "storekeeper"],
    texts: &["job.approval_requested", "job.told", "job.late", "job.soon"],
    variables: &[],
    custom: &[],
    subjects: &[],
    creatable: &[],
    languages: &[],
    labelled: &[],
};

pub fn roles() -> BTreeMap<String, BTreeSet<String>> {
    let role = |name: &str, permissions: &[&str]| (name.to_owned(), permissions.iter().map(|&permission| permission.to_owned()).collect());
    BTreeMap::from([
        role("technician", &["job.view", "job.work"]),
        role("manager", &["job.view", "job.work", "job.approve", "job.manage"]),
        role("finance", &["job.view"]),
        role("storekeeper", &["job.view", "job.work"]),
    ])
}

pub fn load(source: &str) -> Result<Workflow, Vec<Diagnostic>> {
    Workflow::load(source, "job.yml", &JOB, &VOCABULARY)
}

fn loaded(source: &str) -> Workflow {
    load(source).unwrap_or_else(|found| panic!("{}", workflows::render(&found)))
}

pub fn run(source: &str) -> Result<Report, Vec<Diagnostic>> {
    let roles = roles();
    scenario::run(&loaded(source), &Setup { subject: &JOB, vocabulary: &VOCABULARY, roles: &roles })
}

pub fn run_until(source: &str, stop: Arc<AtomicBool>) -> Result<Report, Vec<Diagnostic>> {
    let roles = roles();
    scenario::run_until(&loaded(source), &Setup { subject: &JOB, vocabulary: &VOCABULARY, roles: &roles }, stop)
}

pub fn mutate(source: &str) -> Mutation {
    let roles = roles();
    let mutation = scenario::mutate(&loaded(source), &Setup { subject: &JOB, vocabulary: &VOCABULARY, roles: &roles });
    mutation.unwrap_or_else(|found| panic!("{}", workflows::render(&found)))
}

/// The file with these tests at its end.
pub fn with(file: &str, tests: &str) -> String {
    format!("{file}tests:\n{tests}")
}

/// The tests, all of which pass.
pub fn passes(file: &str, tests: &str) -> Report {
    let report = run(&with(file, tests)).unwrap_or_else(|found| panic!("{}", workflows::render(&found)));
    assert!(!report.outcomes.is_empty(), "there are tests");
    assert!(report.passed(), "{}", workflows::render(&report.failures()));
    report
}

/// What the tests find wrong, as `line:column code message`.
pub fn fails(file: &str, tests: &str) -> Vec<String> {
    let report = run(&with(file, tests)).unwrap_or_else(|found| panic!("{}", workflows::render(&found)));
    report.failures().iter().map(said).collect()
}

/// What cannot be read in the tests.
pub fn unreadable(file: &str, tests: &str) -> Vec<String> {
    run(&with(file, tests)).expect_err("they cannot be read").iter().map(said).collect()
}

pub fn said(finding: &Diagnostic) -> String {
    format!("{}:{} {} {}", finding.line, finding.column, finding.code, finding.message())
}

/// Three states and two transitions: `go` from `a` to `b`, whose body is given, and `end` from `b` to `c`.
pub fn around(go: &str, more: &str) -> String {
    let body = go.replace('\n', "\n    ");
    format!(
        "workflow: job\nversion: 1\nentity: job\ninitial: [{{to: a}}]\nstates:\n  a: {{category: todo}}\n  b: {{category: doing}}\n  \
         c: {{category: done, terminal: true}}\ntransitions:\n  end: {{from: b, to: c, permission: job.view}}\n  go:\n    from: a\n    \
         to: b\n    permission: job.work\n    {body}\n{more}"
    )
}

/// Steps, one a line, as the list of a test.
pub fn steps<'s>(steps: impl IntoIterator<Item = &'s str>) -> String {
    steps.into_iter().fold(String::new(), |list, step| list + "      - " + step + "\n")
}
