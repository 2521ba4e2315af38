//! Scenarios: the tests a file carries, run in a world without a database or a clock.
//!
//! [`run`] plays every test of a file: people with the roles of the company, a clock and a calendar that only the test moves, stock, service levels,
//! timers and reminders that fire as time goes by, and messages that are only noted. [`mutate`] plays them again on workflows with one thing wrong
//! each, and tells which of them no test notices. Both give the same answer whenever and wherever they are run.

mod act;
mod budget;
mod clock;
mod invariant;
mod judge;
mod ledger;
mod mutate;
mod names;
mod read;
mod refused;
mod script;
mod seen;
mod sites;
mod values;
mod wording;
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;

use serde::Serialize;

use crate::definition::Workflow;
use crate::diagnostic::Diagnostic;
use crate::parse::reader::Reader;
use crate::subject::{Subject, Vocabulary};
use crate::yaml::At;
use budget::Budget;
use read::Ground;
use script::Script;
use seen::Seen;

pub use seen::{Count, Coverage};
pub(crate) use wording::wording;

/// Stack for reading and playing: expression parsers recurse, and what they are given was not written by us.
const STACK_BYTES: usize = 64 * 1024 * 1024;

/// What the tests of a file are read and played against, besides the file.
#[derive(Clone, Copy, Debug)]
pub struct Setup<'a> {
    /// The subject the workflow was loaded for.
    pub subject: &'a Subject,
    /// The vocabulary it was loaded with.
    pub vocabulary: &'a Vocabulary<'a>,
    /// Key of each role → keys of its permissions.
    pub roles: &'a BTreeMap<String, BTreeSet<String>>,
}

/// How the tests of a file went.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Each test, in file order.
    pub outcomes: Vec<Outcome>,
    /// What they came by.
    pub coverage: Coverage,
}

impl Report {
    /// Whether every test passed.
    pub fn passed(&self) -> bool {
        self.outcomes.iter().all(|outcome| outcome.failures.is_empty())
    }

    /// Everything found wrong, in file order.
    pub fn failures(&self) -> Vec<Diagnostic> {
        self.outcomes.iter().flat_map(|outcome| outcome.failures.iter().cloned()).collect()
    }
}

/// How one test went.
#[derive(Clone, Debug, Serialize)]
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// Its line in the file, from 1.
    pub line: u32,
    /// What was found wrong, at the first step where anything was; empty if it passed.
    pub failures: Vec<Diagnostic>,
}

/// What became of the mutants of a file.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Mutation {
    /// How many there were.
    pub mutants: usize,
    /// Those no test noticed, in file order.
    pub survivors: Vec<Diagnostic>,
}

/// Plays the tests of a file.
///
/// # Errors
///
/// They cannot be read: everything found, in file order.
pub fn run(workflow: &Workflow, setup: &Setup<'_>) -> Result<Report, Vec<Diagnostic>> {
    run_until(workflow, setup, Arc::default())
}

/// Plays them until `stop` is set; the tests not done by then fail.
///
/// # Errors
///
/// They cannot be read: everything found, in file order.
pub fn run_until(workflow: &Workflow, setup: &Setup<'_>, stop: Arc<AtomicBool>) -> Result<Report, Vec<Diagnostic>> {
    apart(workflow, || {
        let script = read(workflow, setup)?;
        let mut seen = Seen::default();
        let mut budget = Budget::new(stop);
        let mut outcomes = Vec::with_capacity(script.scenarios.len());
        for scenario in &script.scenarios {
            let failures = act::play(workflow, setup.subject, &script, scenario, (&mut seen, &mut budget));
            let failures = failures.into_iter().map(|failure| workflow.located(failure)).collect();
            outcomes.push(Outcome { name: scenario.name.clone(), line: scenario.at.line, failures });
        }
        Ok(Report { outcomes, coverage: seen.coverage(workflow) })
    })
}

/// Plays the tests of a file, which must pass, on each of its mutants.
///
/// # Errors
///
/// They cannot be read: everything found, in file order.
pub fn mutate(workflow: &Workflow, setup: &Setup<'_>) -> Result<Mutation, Vec<Diagnostic>> {
    apart(workflow, || {
        let script = read(workflow, setup)?;
        // what a mutant needs no copy of
        let mut bare = workflow.clone();
        bare.tests = Vec::new();
        let mutants = mutate::mutants(&bare);
        bare.text.source = String::new();
        let survives = |mutant: &&mutate::Mutant| {
            let wrong = mutant.apply(&bare);
            let mut budget = Budget::new(Arc::default());
            let notices = |scenario| {
                let wrong = act::play(&wrong, setup.subject, &script, scenario, (&mut Seen::default(), &mut budget));
                !wrong.is_empty()
            };
            !script.scenarios.iter().any(notices)
        };
        let survivors = mutants.iter().filter(survives).map(|mutant| workflow.located(mutant.survived.clone())).collect();
        Ok(Mutation { mutants: mutants.len(), survivors })
    })
}

fn read(workflow: &Workflow, setup: &Setup<'_>) -> Result<Script, Vec<Diagnostic>> {
    let mut reader = Reader::new(&workflow.text.source, setup.subject, setup.vocabulary);
    let ground = Ground { workflow, subject: setup.subject, roles: setup.roles };
    let script = read::script(&mut reader, ground, workflow.scenarios(), workflow.invariants());
    if reader.found.is_empty() {
        return Ok(script);
    }
    let mut found = reader.found;
    found.sort_by_key(|finding| (finding.line, finding.column));
    found.dedup();
    Err(found.into_iter().map(|finding| workflow.located(finding)).collect())
}

/// Runs `work` on a stack of its own; a panic in the parsers of others must not take a server's thread with it.
fn apart<T: Send>(workflow: &Workflow, work: impl FnOnce() -> Result<T, Vec<Diagnostic>> + Send) -> Result<T, Vec<Diagnostic>> {
    let failed = |problem: &str| {
        let finding = Diagnostic::new("WF959", At { line: 1, column: 1 }).with("problem", problem);
        Err(vec![workflow.located(finding)])
    };
    thread::scope(|scope| match thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, work) {
        Ok(worker) => worker.join().unwrap_or_else(|_| failed("something in them cannot be followed")),
        Err(_) => failed("there is no memory to run them"),
    })
}
