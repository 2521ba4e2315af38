//! What a transition asks.

use crate::value::Value;

/// A field of a transition's form.
#[derive(Clone, Debug)]
pub struct FormField {
    /// Its name, `input.<name>` in conditions.
    pub name: String,
    /// What is typed into it.
    pub kind: FieldKind,
    /// Whether it must be filled.
    pub required: bool,
    /// The least value; for text the least length, for files the least number.
    pub min: Option<Bound>,
    /// The greatest value; for text the greatest length, for files the greatest number.
    pub max: Option<Bound>,
}

/// What is typed into a form field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Text of several lines.
    Text,
    /// One line of text.
    String,
    /// A whole number.
    Int,
    /// An exact decimal.
    Decimal,
    /// A tick box.
    Bool,
    /// A calendar day.
    Date,
    /// A moment.
    Time,
    /// One of these.
    Choice(Vec<String>),
    /// A record of the named subject.
    Ref(String),
    /// An amount; without a currency, the company's.
    Money,
    /// Files, each named by the id of its upload.
    Files,
}

/// An end of a field's range.
#[derive(Clone, Debug, PartialEq)]
pub enum Bound {
    /// A number of the file.
    Literal(Value),
    /// The value of this record field, a path without `doc.`; no bound while it is empty.
    Field(String),
}
