//! Conditions and expressions: CEL, type-checked against the record before it is ever run.
//!
//! Compiling reads the text with the `cel` crate, checks its tree ([`check`]), and replaces what is known beforehand by numbered *slots*: paths
//! (`doc.due_at`), constants (`money("500000 KZT")`) and permission tests (`actor.can("…")`). Running it then looks slots up and parses nothing.
//! A condition is kept as its conjuncts, so that every reason it fails for can be told.

mod calls;
mod check;
mod compile;
mod eval;
mod exact;
mod need;
mod split;
mod types;

use cel::common::ast::IdedExpr;
use cel::common::value::Val;

pub(crate) use compile::{Compiler, Text};
pub(crate) use eval::Scope;
pub(crate) use types::{Names, Type, Typed};

use crate::decision::Blocker;
use need::Need;

/// A list longer than this fails the condition that goes through it.
pub(crate) const MAX_LIST: usize = 1_000;
/// Nodes of one expression, after macros are written out.
const MAX_NODES: usize = 256;
/// Depth of one expression's tree: what an unoptimised build runs within a megabyte of stack.
const MAX_DEPTH: usize = 24;

/// A condition: all of its conjuncts must hold.
#[derive(Debug)]
pub(crate) struct Guard {
    pub conjuncts: Vec<Conjunct>,
}

/// One part of a condition.
#[derive(Debug)]
pub(crate) struct Conjunct {
    pub expression: Expression,
    need: Need,
}

/// A checked expression, ready to run.
#[derive(Debug)]
pub(crate) struct Expression {
    pub source: String,
    tree: IdedExpr,
    slots: Vec<Slot>,
}

/// Something the tree refers to by number.
#[derive(Debug)]
enum Slot {
    Path(Path),
    Can(String),
    Const(Box<dyn Val>),
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
        self.slots.iter().any(|slot| matches!(slot, Slot::Path(path) if path.root == Root::Input))
    }

    /// Whether it reads `doc.<field>`.
    pub fn reads_field(&self, field: &str) -> bool {
        self.slots.iter().any(
            |slot| matches!(slot, Slot::Path(path) if path.root == Root::Doc && path.segments.first().is_some_and(|first| first == field)),
        )
    }
}

impl Guard {
    /// Whether any part reads the form.
    pub fn reads_input(&self) -> bool {
        self.conjuncts.iter().any(|conjunct| conjunct.expression.reads_input())
    }
}

impl Conjunct {
    /// The reason it does not hold.
    pub fn blocker(&self, scope: &Scope<'_>) -> Blocker {
        let blocker = self.need.blocker(&self.expression.source, scope);
        Blocker { read: self.expression.read(scope), ..blocker }
    }
}
