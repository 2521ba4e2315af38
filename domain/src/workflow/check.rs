//! What `check` does with a file: it is read as its author means it, with every effect of the language; its tests are played with the
//! roles a company starts with; and, when asked, they are tried on mistakes made on purpose.

use std::collections::{BTreeMap, BTreeSet};

use workflows::scenario::{self, Mutation, Report, Setup};
use workflows::{Diagnostic, Mode, Subject, Vocabulary, Workflow};

use super::definitions::{SUBJECTS, names};
use super::subjects::PLANNED;
use crate::identity::defaults::{ROLE_KEYS, ROLES};
use crate::kernel::permission::Permission;
use crate::notify::kinds;

/// A file without mistakes, and how its tests went.
#[derive(Debug)]
pub struct CheckedFile {
    /// The file, read.
    pub workflow: Workflow,
    /// Its tests.
    pub report: Report,
    /// What became of its mutants: only when that was asked for and the tests passed.
    pub mutation: Option<Mutation>,
}

/// Reads a file, plays its tests and, where `mutate` asks for it, tries them on mistakes.
///
/// # Errors
///
/// The file or its tests cannot be read: everything found.
pub fn check(source: &str, file: &str, mutate: bool) -> Result<CheckedFile, Vec<Diagnostic>> {
    read_for(source, file, |workflow, vocabulary, subject| {
        let roles = default_roles();
        let setup = Setup { subject, vocabulary, roles: &roles };
        let report = scenario::run(&workflow, &setup)?;
        let mutation = if mutate && report.passed() { Some(scenario::mutate(&workflow, &setup)?) } else { None };
        Ok(CheckedFile { workflow, report, mutation })
    })
}

/// Reads a file as its author means it, whether or not its records have a table yet.
///
/// # Errors
///
/// It cannot be read: everything found.
pub fn read_definition(source: &str, file: &str) -> Result<Workflow, Vec<Diagnostic>> {
    read_for(source, file, |workflow, _, _| Ok(workflow))
}

fn read_for<T>(
    source: &str,
    file: &str,
    then: impl FnOnce(Workflow, &Vocabulary<'_>, &'static Subject) -> Result<T, Vec<Diagnostic>>,
) -> Result<T, Vec<Diagnostic>> {
    let subjects: Vec<&'static Subject> = SUBJECTS.iter().copied().chain(PLANNED.iter().map(|planned| planned.subject)).collect();
    let permissions: Vec<&str> = Permission::grantable().map(Permission::key).collect();
    let texts: Vec<&str> = kinds::texts().iter().chain(PLANNED.iter().flat_map(|planned| planned.texts)).copied().collect();
    let vocabulary = Vocabulary {
        mode: Mode::Scenario,
        permissions: &permissions,
        roles: ROLE_KEYS,
        texts: &texts,
        subjects: &subjects,
        ..Vocabulary::default()
    };
    let subject = subjects.iter().copied().find(|subject| names(source, subject.key)).unwrap_or(SUBJECTS[0]);
    then(Workflow::load(source, file, subject, &vocabulary)?, &vocabulary, subject)
}

/// Key of each role a company starts with → keys of its permissions.
fn default_roles() -> BTreeMap<String, BTreeSet<String>> {
    let keys = |permissions: &[Permission]| permissions.iter().map(|permission| permission.key().to_owned()).collect();
    ROLES.iter().map(|role| (role.key.to_owned(), keys(role.permissions))).collect()
}
