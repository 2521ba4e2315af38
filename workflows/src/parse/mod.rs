//! From YAML to a [`Workflow`]: shape, names, expressions; everything that is wrong is reported in one go.

mod approvals;
mod effects;
mod form;
pub(crate) mod reader;
mod states;
mod stock;
mod timed;
mod transitions;
mod versions;
mod words;

use std::fmt::Write as _;
use std::thread;

use sha2::{Digest, Sha256};

use crate::check;
use crate::definition::{Source, Workflow};
use crate::diagnostic::Diagnostic;
use crate::subject::{Subject, Vocabulary};
use crate::yaml::{self, At, Node, NodeKind};
use reader::Reader;

/// Stack for reading a file: the expression parser recurses, so it gets room of its own instead of whatever its caller has left.
const STACK_BYTES: usize = 64 * 1024 * 1024;

const KEYS: [&str; 16] = [
    "workflow",
    "version",
    "entity",
    "calendar",
    "initial",
    "states",
    "transitions",
    "slas",
    "timers",
    "reminders",
    "labels",
    "texts",
    "locked",
    "migrate",
    "invariants",
    "tests",
];
/// Keys of an overlay, which is merged with its base before it is read.
const OVERLAY: [&str; 4] = ["extends", "set", "add", "remove"];

impl Workflow {
    /// Reads and checks a file. `file` is its name in the findings.
    ///
    /// # Errors
    ///
    /// Everything found, in file order; a file with findings does not load.
    pub fn load(source: &str, file: &str, subject: &Subject, vocabulary: &Vocabulary<'_>) -> Result<Self, Vec<Diagnostic>> {
        let failed = |problem: &str| Err(vec![Diagnostic::new("WF001", At { line: 1, column: 1 }).with("problem", problem)]);
        let loaded = thread::scope(|scope| {
            let reader = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, || read(source, file, subject, vocabulary));
            match reader {
                // a panic in the parsers of others must not take a server's thread with it
                Ok(reader) => reader.join().unwrap_or_else(|_| failed("it cannot be read")),
                Err(_) => failed("there is no memory to read it"),
            }
        });
        loaded.map_err(|mut found| {
            found.sort_by_key(|finding| (finding.line, finding.column));
            found.dedup();
            found.into_iter().map(|finding| finding.located(file, source)).collect()
        })
    }
}

impl Workflow {
    /// The workflow a text says it is, with the line and the column of the name; none where it names none, or is no YAML.
    pub fn named(source: &str) -> Option<(String, u32, u32)> {
        let document = yaml::read(source).ok()?;
        let NodeKind::Map(entries) = document.kind else { return None };
        entries.into_iter().find_map(|(key, value)| match (key.kind, value.kind) {
            (NodeKind::Text(key), NodeKind::Text(name)) if key == "workflow" => Some((name, value.at.line, value.at.column)),
            _ => None,
        })
    }
}

fn read(source: &str, file: &str, subject: &Subject, vocabulary: &Vocabulary<'_>) -> Result<Workflow, Vec<Diagnostic>> {
    let document = yaml::read(source).map_err(|found| vec![found])?;
    let mut reader = Reader::new(source, subject, vocabulary);
    let workflow = workflow(&mut reader, &document, file);
    match workflow {
        Some(workflow) if reader.found.is_empty() => Ok(workflow),
        _ => Err(reader.found),
    }
}

fn workflow(reader: &mut Reader<'_>, document: &Node, name: &str) -> Option<Workflow> {
    let mut file = reader.map(document)?;
    for key in OVERLAY {
        if let Some(entry) = file.entries.iter().find(|entry| entry.key == key) {
            reader.report(entry.at, "WF222", &[("key", key)]);
            file.take(key);
        }
    }
    let key = reader.required(&mut file, "workflow").and_then(|node| reader.id(node));
    let version = reader.required(&mut file, "version").and_then(|node| reader.number(node, 1, 1_000_000));
    let entity = reader.required(&mut file, "entity").and_then(|node| reader.text(node).map(|entity| (node.at, entity)));
    if let Some((at, entity)) = entity.filter(|(_, entity)| *entity != reader.subject.key) {
        reader.report(at, "WF010", &[("found", entity), ("expected", reader.subject.key)]);
    }
    let [state_nodes, transition_nodes, initial_nodes] = ["states", "transitions", "initial"].map(|key| reader.required(&mut file, key));
    let [calendar, slas, timers, reminders, labels, texts, locked, migrate, invariants, tests] =
        ["calendar", "slas", "timers", "reminders", "labels", "texts", "locked", "migrate", "invariants", "tests"]
            .map(|key| file.take(key));
    reader.close(&file, &KEYS);

    let states = states::states(reader, state_nodes?);
    reader.places.extend(texts.map(|node| ("texts".to_owned(), node.at)));
    let texts = texts.map(|node| words::texts(reader, node)).unwrap_or_default();
    reader.declare(&states, transition_nodes?, slas, &texts);
    let transitions = transitions::transitions(reader, transition_nodes?, key.unwrap_or_default());
    let initial = states::initial(reader, initial_nodes?);
    let slas = slas.map(|node| timed::slas(reader, node)).unwrap_or_default();
    let timers = timers.map(|node| timed::timers(reader, node)).unwrap_or_default();
    let reminders = reminders.map(|node| timed::reminders(reader, node)).unwrap_or_default();
    let labels = labels.map(|node| words::labels(reader, node, &transitions)).unwrap_or_default();
    let locked = locked.map(|node| versions::locked(reader, node, document)).unwrap_or_default();
    let workflow = Workflow {
        key: key?.to_owned(),
        version: version?,
        entity: entity?.1.to_owned(),
        hash: hash(reader.source),
        initial,
        states,
        transitions,
        labels,
        texts,
        calendar: versions::calendar(reader, calendar),
        slas,
        timers,
        reminders,
        migrate: migrate.and_then(|node| versions::migrate(reader, node, version?)),
        locked,
        tests: tests.map_or(&[][..], |node| reader.list(node, 200, "tests")).to_vec(),
        invariants: invariants.map_or(&[][..], |node| reader.list(node, 40, "invariants")).to_vec(),
        text: Source { file: name.to_owned(), source: reader.source.to_owned(), places: std::mem::take(&mut reader.places) },
    };
    // the graph of a half-read file would only repeat what was found
    if reader.found.is_empty() {
        check::file(&workflow, reader.subject, reader.vocabulary, &mut reader.found);
    }
    Some(workflow)
}

fn hash(source: &str) -> String {
    Sha256::digest(source.as_bytes()).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // writing to a String cannot fail
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
