//! From YAML to a [`Workflow`]: shape, names, expressions; everything that is wrong is reported in one go.

mod effects;
mod form;
mod reader;
mod states;
mod transitions;
mod words;

use std::fmt::Write as _;
use std::thread;

use sha2::{Digest, Sha256};

use crate::check;
use crate::definition::Workflow;
use crate::diagnostic::Diagnostic;
use crate::subject::{Subject, Vocabulary};
use crate::yaml::{self, At, Node};
use reader::Reader;

/// Stack for reading a file: the expression parser recurses, so it gets room of its own instead of whatever its caller has left.
const STACK_BYTES: usize = 64 * 1024 * 1024;

const KEYS: [&str; 8] = ["workflow", "version", "entity", "initial", "states", "transitions", "labels", "texts"];
/// Keys of the language whose machinery does not exist yet.
const LATER: [&str; 12] =
    ["calendar", "slas", "timers", "reminders", "invariants", "tests", "migrate", "extends", "set", "add", "remove", "locked"];

impl Workflow {
    /// Reads and checks a file. `file` is its name in the findings.
    ///
    /// # Errors
    ///
    /// Everything found, in file order; a file with findings does not load.
    pub fn load(source: &str, file: &str, subject: &Subject, vocabulary: &Vocabulary<'_>) -> Result<Self, Vec<Diagnostic>> {
        let failed = |problem: &str| Err(vec![Diagnostic::new("WF001", At { line: 1, column: 1 }).with("problem", problem)]);
        let loaded = thread::scope(|scope| {
            let reader = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, || read(source, subject, vocabulary));
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

fn read(source: &str, subject: &Subject, vocabulary: &Vocabulary<'_>) -> Result<Workflow, Vec<Diagnostic>> {
    let document = yaml::read(source).map_err(|found| vec![found])?;
    let mut reader = Reader::new(source, subject, vocabulary);
    let workflow = workflow(&mut reader, &document);
    match workflow {
        Some(workflow) if reader.found.is_empty() => Ok(workflow),
        _ => Err(reader.found),
    }
}

fn workflow(reader: &mut Reader<'_>, document: &Node) -> Option<Workflow> {
    let mut file = reader.map(document)?;
    let key = reader.required(&mut file, "workflow").and_then(|node| reader.id(node));
    let version = reader.required(&mut file, "version").and_then(|node| reader.number(node, 1, 1_000_000));
    let entity = reader.required(&mut file, "entity").and_then(|node| reader.text(node).map(|entity| (node.at, entity)));
    if let Some((at, entity)) = entity.filter(|(_, entity)| *entity != reader.subject.key) {
        reader.report(at, "WF010", &[("found", entity), ("expected", reader.subject.key)]);
    }
    let state_nodes = reader.required(&mut file, "states");
    let transition_nodes = reader.required(&mut file, "transitions");
    let initial_nodes = reader.required(&mut file, "initial");
    let label_nodes = file.take("labels");
    let text_nodes = file.take("texts");
    reader.close(&file, &KEYS, &LATER);

    let states = states::states(reader, state_nodes?);
    let texts = text_nodes.map(|node| words::texts(reader, node)).unwrap_or_default();
    reader.declare(&states, transition_nodes?, &texts);
    let transitions = transitions::transitions(reader, transition_nodes?, key.unwrap_or_default());
    let initial = states::initial(reader, initial_nodes?);
    let labels = label_nodes.map(|node| words::labels(reader, node, &transitions)).unwrap_or_default();
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
    };
    // the graph of a half-read file would only repeat what was found
    if reader.found.is_empty() {
        check::graph(&workflow, &reader.places, &mut reader.found);
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
