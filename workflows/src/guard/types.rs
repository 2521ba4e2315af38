//! The types of expressions, and the names they may use.

use std::fmt;

use crate::definition::{FieldKind, FormField};
use crate::subject::{CustomField, Field, Kind, Subject, Vocabulary};

/// The type of an expression, apart from whether it may be empty.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Type {
    Bool,
    Int,
    Decimal,
    Text,
    Choice(Vec<String>),
    Time,
    Date,
    Duration,
    Money,
    Ref(String),
    /// A reference whose record's fields are at hand.
    Link(&'static str, &'static [Field]),
    List(Box<Typed>),
    Object(&'static [Field]),
    /// The literal `null`.
    Null,
    /// Of an expression in which a mistake has been found already, or an empty list's element: fits everything.
    Any,
}

/// A type, and whether the value may be empty.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Typed {
    pub ty: Type,
    pub nullable: bool,
}

impl Typed {
    pub const ANY: Self = Self::of(Type::Any);

    pub const fn of(ty: Type) -> Self {
        Self { ty, nullable: false }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("bool"),
            Self::Int => f.write_str("int"),
            Self::Decimal => f.write_str("decimal"),
            Self::Text => f.write_str("text"),
            Self::Choice(_) => f.write_str("choice"),
            Self::Time => f.write_str("time"),
            Self::Date => f.write_str("date"),
            Self::Duration => f.write_str("duration"),
            Self::Money => f.write_str("money"),
            Self::Ref(of) => write!(f, "ref({of})"),
            Self::Link(of, _) => write!(f, "ref({of})"),
            Self::List(of) => write!(f, "list of {}", of.ty),
            Self::Object(_) => f.write_str("object"),
            Self::Null => f.write_str("null"),
            Self::Any => f.write_str("anything"),
        }
    }
}

impl Type {
    /// Whether two types can be compared for equality, and live in one list.
    pub fn fits(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) | (Self::Text | Self::Choice(_), Self::Text | Self::Choice(_)) => true,
            (Self::List(a), Self::List(b)) => a.ty.fits(&b.ty),
            (a, b) => match (a.refers_to(), b.refers_to()) {
                (Some(a), Some(b)) => a == b,
                _ => a == b,
            },
        }
    }

    /// The kind of record a reference is to.
    pub fn refers_to(&self) -> Option<&str> {
        match self {
            Self::Ref(of) => Some(of),
            Self::Link(of, _) => Some(of),
            _ => None,
        }
    }

    /// The fields of what has some.
    pub fn fields(&self) -> Option<&'static [Field]> {
        match self {
            Self::Object(fields) | Self::Link(_, fields) => Some(fields),
            _ => None,
        }
    }
}

impl From<&Kind> for Type {
    fn from(kind: &Kind) -> Self {
        match kind {
            Kind::Bool => Self::Bool,
            Kind::Int => Self::Int,
            Kind::Decimal => Self::Decimal,
            Kind::Text => Self::Text,
            Kind::Choice(options) => Self::Choice(options.iter().map(|&option| option.to_owned()).collect()),
            Kind::Time => Self::Time,
            Kind::Date => Self::Date,
            Kind::Money => Self::Money,
            Kind::Ref(of) => Self::Ref((*of).to_owned()),
            Kind::List(of) => Self::List(Box::new(Typed::of(Self::from(*of)))),
            Kind::Object(fields) => Self::Object(fields),
            Kind::Link { subject, fields } => Self::Link(subject, fields),
        }
    }
}

impl From<&FieldKind> for Type {
    fn from(kind: &FieldKind) -> Self {
        match kind {
            FieldKind::Text | FieldKind::String => Self::Text,
            FieldKind::Int => Self::Int,
            FieldKind::Decimal => Self::Decimal,
            FieldKind::Bool => Self::Bool,
            FieldKind::Date => Self::Date,
            FieldKind::Time => Self::Time,
            FieldKind::Choice(options) => Self::Choice(options.clone()),
            FieldKind::Ref(of) => Self::Ref(of.clone()),
            FieldKind::Money => Self::Money,
            FieldKind::Files => Self::List(Box::new(Typed::of(Self::Ref("file".to_owned())))),
        }
    }
}

impl From<&Field> for Typed {
    fn from(field: &Field) -> Self {
        Self { ty: Type::from(&field.kind), nullable: field.nullable }
    }
}

impl From<&CustomField> for Typed {
    fn from(field: &CustomField) -> Self {
        Self { ty: Type::from(&field.kind), nullable: true }
    }
}

impl From<&FormField> for Typed {
    fn from(field: &FormField) -> Self {
        // an unticked box is `false` and no files are an empty list
        let nullable = !field.required && !matches!(field.kind, FieldKind::Bool | FieldKind::Files);
        Self { ty: Type::from(&field.kind), nullable }
    }
}

/// The type of the record's field at a path; it may be empty where anything on the way may be. `None` where there is no such field.
pub(crate) fn field_type(subject: &Subject, vocabulary: &Vocabulary<'_>, path: &str) -> Option<Typed> {
    if let (Some(name), None) = (path.strip_prefix("custom."), subject.field("custom")) {
        return vocabulary.custom.iter().find(|field| field.name == name).map(Typed::from);
    }
    let (mut fields, mut found, mut nullable) = (subject.fields, None, false);
    for name in path.split('.') {
        let typed = Typed::from(fields.iter().find(|field| field.name == name)?);
        nullable |= typed.nullable;
        fields = typed.ty.fields().unwrap_or_default();
        found = Some(typed);
    }
    found.map(|typed| Typed { nullable, ..typed })
}

/// The names an expression may use, where it stands.
#[derive(Clone, Copy)]
pub(crate) struct Names<'a> {
    pub subject: &'a Subject,
    pub vocabulary: &'a Vocabulary<'a>,
    /// The transition's form; empty where there is none.
    pub form: &'a [FormField],
    /// Record fields known not to be empty, because the transition requires them.
    pub required: &'a [String],
}

/// What an expression may begin with.
pub(super) const ROOTS: [&str; 5] = ["doc", "input", "actor", "now", "tenant"];
/// What it may call, besides lookups.
pub(super) const FUNCTIONS: [&str; 13] = [
    "actor.can",
    "money",
    "duration",
    "date",
    "size",
    "startsWith",
    "endsWith",
    "contains",
    "all",
    "exists",
    "exists_one",
    "filter",
    "map",
];
