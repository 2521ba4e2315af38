//! How two texts of a workflow differ.

use domain::workflow::versions::{Compared, Line};
use poem_openapi::Object;
use templates::Locale;
use workflows::compare;

use crate::http::changes;

/// How two texts of a workflow differ.
#[derive(Debug, Object)]
#[oai(rename = "WorkflowDifferences")]
pub struct Differences {
    /// Part by part, in the order of a file; absent where a text cannot be read, or is a patch that does not apply.
    pub changes: Option<Vec<Change>>,
    /// Line by line.
    pub lines: Vec<Line>,
}

/// One difference.
#[derive(Debug, Object)]
#[oai(rename = "WorkflowChange")]
pub struct Change {
    /// What it is about: `workflow`, `state`, `transition`, `field`, `level`, `effect`, `sla`, `timer`, `reminder`, `label`, `text`
    /// or `test`.
    pub part: String,
    /// The transition a field, a level or an effect belongs to; the language of a label or a text.
    pub owner: Option<String>,
    /// The part's id; an effect's name; empty for the workflow itself.
    pub id: String,
    /// `added`, `removed` or `changed`.
    pub kind: String,
    /// What changed in the part.
    pub options: Vec<OptionChange>,
    /// Its line in the first text, from 1.
    pub old_line: Option<u32>,
    /// Its line in the second text, from 1.
    pub new_line: Option<u32>,
    /// All of it in a sentence, in the language of `Accept-Language`.
    pub message: String,
}

/// What changed in a part.
#[derive(Debug, Object)]
#[oai(rename = "WorkflowOptionChange")]
pub struct OptionChange {
    /// The option, a path inside the part such as `approvals.on_reject`; empty where the part is one value.
    pub option: String,
    /// What it was, as YAML on one line; absent if it was not there.
    pub old: Option<String>,
    /// What it is; absent if it is gone.
    pub new: Option<String>,
}

impl Differences {
    /// In words of a language.
    pub fn told(locale: Locale, compared: Compared) -> Self {
        let Compared { changes, lines } = compared;
        let changes = changes.map(|changes| changes.into_iter().map(|change| Change::told(locale, change)).collect());
        Self { changes, lines }
    }
}

impl Change {
    fn told(locale: Locale, change: compare::Change) -> Self {
        let (message, part, kind) = (changes::sentence(locale, &change), changes::part(&change), changes::kind(&change));
        let option = |compare::OptionChange { option, old, new }| OptionChange { option, old, new };
        let compare::Change { owner, id, options, old_line, new_line, .. } = change;
        let options = options.into_iter().map(option).collect();
        Self { part: part.to_owned(), owner, id, kind: kind.to_owned(), options, old_line, new_line, message }
    }
}
