//! What the domain tells the language about a kind of record.

use crate::definition::FieldKind;

/// A kind of record a workflow can move: its key and the fields guards may read and `set` may write.
#[derive(Debug)]
pub struct Subject {
    /// The `entity` of a file, such as `work_order`.
    pub key: &'static str,
    /// Every field of the record a file may name, `state` included.
    pub fields: &'static [Field],
}

impl Subject {
    /// The field called `name`.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// One field of a subject, or of an object nested in it.
#[derive(Debug)]
pub struct Field {
    /// Its name after `doc.`.
    pub name: &'static str,
    /// The type of its values.
    pub kind: Kind,
    /// Whether it may be empty: a guard must then test it against `null` before using it.
    pub nullable: bool,
    /// Whether the `set` effect may write it.
    pub writable: bool,
}

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// A 64-bit integer.
    Int,
    /// An exact decimal.
    Decimal,
    /// Text.
    Text,
    /// Text out of a closed list.
    Choice(&'static [&'static str]),
    /// A moment, UTC.
    Time,
    /// A calendar day.
    Date,
    /// An amount in a currency.
    Money,
    /// The id of a record of the named subject, such as `member` or `asset`.
    Ref(&'static str),
    /// Several values of one kind.
    List(&'static Kind),
    /// A record inside the record.
    Object(&'static [Field]),
    /// The id of a record of another subject, some of whose fields are at hand: `doc.asset` is the id, `doc.asset.meter` a field.
    Link {
        /// The other record's kind.
        subject: &'static str,
        /// Those of its fields a file may name.
        fields: &'static [Field],
    },
}

impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.kind == other.kind && self.nullable == other.nullable
    }
}

impl Eq for Field {}

/// A field a company has added to its records: `doc.custom.<name>`. It may always be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomField {
    /// Its name.
    pub name: String,
    /// The type of its values.
    pub kind: FieldKind,
}

/// What a file is read for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// To move records: effects whose machinery is not built are refused.
    #[default]
    Live,
    /// To be checked and tried in scenarios, which know every effect.
    Scenario,
}

/// What a `create` effect of a live file fills in of a kind of record.
#[derive(Clone, Copy, Debug)]
pub struct Creatable {
    /// The kind of record.
    pub subject: &'static str,
    /// The fields it may set.
    pub fields: &'static [&'static str],
    /// Those it must set.
    pub required: &'static [&'static str],
}

/// The names that live outside a file and that it may use.
#[derive(Clone, Copy, Debug, Default)]
pub struct Vocabulary<'a> {
    /// What the file is read for.
    pub mode: Mode,
    /// Every permission key.
    pub permissions: &'a [&'a str],
    /// Every role key of the company.
    pub roles: &'a [&'a str],
    /// Every message the templates know.
    pub texts: &'a [&'a str],
    /// What messages may mention, as `%{name}`; empty where a company's own texts are not looked into.
    pub variables: &'a [&'a str],
    /// The company's own fields of the subject.
    pub custom: &'a [CustomField],
    /// The kinds of records `create` and `transition` may name; empty where any will do.
    pub subjects: &'a [&'static Subject],
    /// What `create` fills in of them; a kind that is not among them may be given any field.
    pub creatable: &'a [Creatable],
    /// The languages in which every state, transition and form field must have a label: of the product's or of the file's own.
    pub languages: &'a [&'a str],
    /// The labels the product has: `wf.work_order.state.open`.
    pub labelled: &'a [&'a str],
}
