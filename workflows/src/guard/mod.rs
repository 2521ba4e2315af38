//! Conditions and expressions: CEL, type-checked against the record before it is ever run.
//!
//! Compiling reads the text with the `cel` crate, checks its tree ([`check`]), and lowers it to [`code::Code`], in which paths (`doc.due_at`),
//! constants (`money("500000 KZT")`), permission tests (`actor.can("…")`) and lookups (`overlaps(…)`) are leaves with values of ours. Running that
//! allocates next to nothing and is bounded: each node visited and each character read costs fuel. A condition is kept as its conjuncts, so that
//! every reason it fails for can be told.

mod calls;
mod check;
mod code;
mod compile;
mod eval;
mod lookup;
mod mutant;
mod need;
mod split;
mod types;

use cel::common::ast::IdedExpr;

use code::Code;
pub(crate) use compile::{Compiler, Text};
pub(crate) use eval::Scope;
pub use lookup::{LOOKUPS, LookupArg, LookupKind};
pub(crate) use types::{Names, Type, Typed, field_type};

use crate::decision::Blocker;
use crate::facts::Call;
use crate::value::Value;
use need::Need;

/// A list longer than this fails the condition that goes through it.
pub(crate) const MAX_LIST: usize = 1_000;
/// Nodes of one expression, after macros are written out.
const MAX_NODES: usize = 256;
/// Depth of one expression's tree: what an unoptimised build runs within a megabyte of stack.
const MAX_DEPTH: usize = 24;

/// What one evaluation may cost: nodes visited, values copied, and every so many characters read.
const FUEL: u32 = 50_000;
/// The most a value may hold that is written somewhere, as [`Value::weight`] counts.
const MAX_RESULT: usize = 5_000;

/// A condition: all of its conjuncts must hold.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    pub conjuncts: Vec<Conjunct>,
}

/// One part of a condition.
#[derive(Clone, Debug)]
pub(crate) struct Conjunct {
    pub expression: Expression,
    need: Need,
}

/// A checked expression, ready to run.
#[derive(Clone, Debug)]
pub(crate) struct Expression {
    pub source: String,
    /// Whether its value may be empty.
    pub nullable: bool,
    code: Code,
    /// What it reads, each once.
    paths: Vec<Path>,
}

/// Something the checker has found a node to stand for.
#[derive(Debug)]
enum Slot {
    Path(Path),
    Can(String),
    Const(Value),
    /// A lookup and its arguments.
    Lookup(&'static LookupKind, Vec<IdedExpr>),
}

/// The place of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Path {
    /// As it is written.
    text: String,
    root: Root,
    /// What follows the root.
    segments: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Root {
    Doc,
    Input,
    ActorId,
    ActorRole,
    Now,
    Currency,
    Zone,
}

impl Expression {
    /// Whether it reads the form.
    pub fn reads_input(&self) -> bool {
        self.paths.iter().any(|path| path.root == Root::Input)
    }

    /// Whether it reads `doc.<field>`, or a field of it.
    pub fn reads_field(&self, field: &str) -> bool {
        self.paths.iter().any(|path| {
            path.root == Root::Doc
                && path
                    .text
                    .strip_prefix("doc.")
                    .and_then(|text| text.strip_prefix(field))
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }

    /// The lookups it makes on these facts, as far as their arguments have values.
    pub fn lookups(&self, scope: &Scope<'_>, calls: &mut Vec<Call>) {
        self.code.lookups(scope, calls);
    }
}

impl Guard {
    /// Whether any part reads the form.
    pub fn reads_input(&self) -> bool {
        self.conjuncts.iter().any(|conjunct| conjunct.expression.reads_input())
    }
}

impl Guard {
    /// The record's fields that are not empty where it holds, as paths without `doc.`.
    pub fn required(&self) -> Vec<String> {
        let present = self.conjuncts.iter().filter_map(|conjunct| conjunct.need.present());
        present.filter_map(|path| path.text.strip_prefix("doc.")).map(str::to_owned).collect()
    }

    /// Whether `doc.<field>` is not empty where it holds.
    pub fn requires(&self, field: &str) -> bool {
        self.required().iter().any(|name| name == field)
    }
}

impl Conjunct {
    /// The reason it does not hold.
    pub fn blocker(&self, scope: &Scope<'_>) -> Blocker {
        let blocker = self.need.blocker(&self.expression.source, scope);
        Blocker { read: self.expression.read(scope), ..blocker }
    }
}
