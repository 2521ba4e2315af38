//! Lookups: the questions conditions ask of other records. Each is declared here with its types and answered before the decision.

use cel::common::ast::IdedExpr;

use super::Slot;
use super::calls::literal_text;
use super::check::Checker;
use super::types::{Type, Typed};
use crate::diagnostic::nearest;
use crate::subject::{Kind, Mode};

/// What a lookup takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookupArg {
    /// The key of a kind of record, written as text.
    Subject,
    /// A reference to a record of any kind.
    AnyRef,
    /// A reference to a record of this kind.
    Ref(&'static str),
    /// A moment or a day.
    Moment,
}

/// A registered lookup.
#[derive(Clone, Copy, Debug)]
pub struct LookupKind {
    /// Its name in a condition.
    pub name: &'static str,
    /// What it takes.
    pub args: &'static [LookupArg],
    /// What it gives; never empty.
    pub gives: Kind,
    /// Whether live files may use it: something answers it. Scenarios may use all.
    pub built: bool,
}

/// Every lookup there is.
pub const LOOKUPS: &[LookupKind] = &[
    // whether another live record of the kind holds this one at any time between the two moments
    LookupKind {
        name: "overlaps",
        args: &[LookupArg::Subject, LookupArg::AnyRef, LookupArg::Moment, LookupArg::Moment],
        gives: Kind::Bool,
        built: false,
    },
    // how many other records of the kind that name this one have not ended
    LookupKind { name: "open_records", args: &[LookupArg::Subject, LookupArg::AnyRef], gives: Kind::Int, built: true },
    // how much of the part is on hand at the place and not reserved
    LookupKind { name: "available", args: &[LookupArg::Ref("part"), LookupArg::Ref("location")], gives: Kind::Decimal, built: false },
];

impl LookupKind {
    /// The lookup called `name`.
    pub fn named(name: &str) -> Option<&'static Self> {
        LOOKUPS.iter().find(|lookup| lookup.name == name)
    }
}

impl Checker<'_> {
    /// A call of a lookup: its arguments are values, so that it can be answered before the decision.
    pub(super) fn lookup(&mut self, node: &IdedExpr, name: &str, args: &[IdedExpr]) -> Typed {
        let Some(lookup) = LookupKind::named(name) else { return Typed::ANY };
        if !lookup.built && self.names.vocabulary.mode == Mode::Live {
            return self.report(node, "WF200", &[("key", name)]);
        }
        if self.is_folding() {
            return self.report(node, "WF304", &[("what", &format!("`{name}` for each element of a list"))]);
        }
        if args.len() != lookup.args.len() {
            let (expected, found) = (format!("`{}` arguments", lookup.args.len()), args.len().to_string());
            return self.report(node, "WF309", &[("expected", &expected), ("found", &found)]);
        }
        for (arg, wanted) in args.iter().zip(lookup.args) {
            self.argument(arg, *wanted, name);
        }
        self.replace(node, Slot::Lookup(lookup, args.to_vec()));
        Typed::of(Type::from(&lookup.gives))
    }

    fn argument(&mut self, arg: &IdedExpr, wanted: LookupArg, name: &str) {
        if wanted == LookupArg::Subject {
            let Some(subject) = literal_text(arg) else {
                self.report(arg, "WF313", &[("name", name)]);
                return;
            };
            let known = self.names.vocabulary.subjects;
            if !known.is_empty() && !known.iter().any(|known| known.key == subject) {
                let hint = nearest(subject, known.iter().map(|known| known.key));
                self.report(arg, "WF218", &[("name", subject), ("hint", &hint)]);
            }
            return;
        }
        let found = self.value(arg);
        let (fits, expected) = match wanted {
            LookupArg::Moment => (matches!(found, Type::Time | Type::Date), "time".to_owned()),
            LookupArg::Ref(of) => (found.refers_to() == Some(of), format!("ref({of})")),
            LookupArg::AnyRef | LookupArg::Subject => (found.refers_to().is_some(), "a reference".to_owned()),
        };
        if !fits && found != Type::Any {
            self.report(arg, "WF309", &[("expected", &expected), ("found", &found.to_string())]);
        }
    }
}
