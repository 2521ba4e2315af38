//! What several pages are made of: words, choices, form fields, links.

use std::collections::BTreeMap;

use serde::Serialize;

/// Words of a page: a key of ours with its arguments, or text that came from a company's own data.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Text {
    /// Key in the locale files; none for ready text.
    pub key: Option<String>,
    /// Arguments of the key.
    pub args: BTreeMap<String, String>,
    /// The text itself where there is no key.
    pub text: String,
}

impl Text {
    /// Words of ours.
    pub fn key(key: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..Self::default() }
    }

    /// Text shown as it is.
    pub fn raw(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// The same words with an argument filled in.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.args.insert(name.to_owned(), value.into());
        self
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::raw(text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::raw(text)
    }
}

/// A coloured word: `tone` is neutral, info, progress, warn, danger or success.
#[derive(Clone, Debug, Serialize)]
pub struct Chip {
    /// What it says.
    pub label: Text,
    /// Its colour.
    pub tone: String,
}

impl Chip {
    /// A chip in a tone.
    pub fn new(label: Text, tone: &str) -> Self {
        Self { label, tone: tone.to_owned() }
    }
}

/// Somebody, as a list shows them.
#[derive(Clone, Debug, Serialize)]
pub struct Person {
    /// Full name.
    pub name: String,
    /// One or two letters.
    pub initials: String,
}

/// Something to follow.
#[derive(Clone, Debug, Serialize)]
pub struct Link {
    /// What it is called.
    pub label: String,
    /// Where it leads.
    pub href: String,
}

/// A step of the way to the page; the page itself has no address.
#[derive(Clone, Debug, Serialize)]
pub struct Crumb {
    /// What it is called.
    pub label: Text,
    /// Where it leads.
    pub href: Option<String>,
}

/// A tab or another one of a few views.
#[derive(Clone, Debug, Serialize)]
pub struct Tab {
    /// Last part of the label's key.
    pub key: String,
    /// Where it leads.
    pub href: String,
    /// Whether the reader is there.
    pub current: bool,
    /// How many records it holds.
    pub count: Option<u32>,
}

/// An entry of a select.
#[derive(Clone, Debug, Serialize)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: Text,
}

impl Choice {
    /// An entry.
    pub fn new(value: impl Into<String>, label: impl Into<Text>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

/// The end of a list: where its other pages are.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Pager {
    /// How many records there are, up to the cap; 0 where they were not counted.
    pub total: u32,
    /// Whether there are more than `total`.
    pub capped: bool,
    /// The list from its beginning.
    pub previous: Option<String>,
    /// The page after.
    pub next: Option<String>,
}

/// The head of a column: how it sorts.
#[derive(Clone, Debug, Serialize)]
pub struct SortHead {
    /// Last part of the label's key.
    pub key: String,
    /// The list sorted by it; none where it cannot be.
    pub href: Option<String>,
    /// `ascending` or `descending` where the list is sorted by it now.
    pub order: Option<String>,
}

impl SortHead {
    /// A column that does not sort the list now.
    pub fn new(key: &str, href: Option<String>) -> Self {
        Self { key: key.to_owned(), href, order: None }
    }
}

/// How a field is typed and shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Widget {
    /// One line.
    #[default]
    Text,
    /// Several lines.
    Textarea,
    /// One of `options`; with `search` they are looked up.
    Select,
    /// A decimal number.
    Number,
    /// An amount in `currency`.
    Money,
    /// A calendar date, `2026-11-20`.
    Date,
    /// A local date and time, `2026-11-20T14:05`.
    DateTime,
    /// Yes or no, sent as `true` or not at all.
    Checkbox,
    /// An email address.
    Email,
    /// A phone number.
    Phone,
    /// A web address.
    Url,
}

/// A field of a form, with what was typed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Field {
    /// Name it is sent under.
    pub name: String,
    /// What it is called.
    pub label: Text,
    /// How it is typed.
    pub widget: Widget,
    /// What it holds, as it is sent.
    pub value: String,
    /// Entries of a select.
    pub options: Vec<Choice>,
    /// Address that answers `?q=` with more entries.
    pub search: Option<String>,
    /// The text its entries were found by.
    pub sought: String,
    /// Whether it may not be empty.
    pub required: bool,
    /// A line under it.
    pub hint: Option<Text>,
    /// ISO 4217 code of an amount.
    pub currency: Option<String>,
    /// Most characters.
    pub max_length: Option<u32>,
    /// Least value of a number or date.
    pub min: Option<String>,
    /// Greatest value of a number or date.
    pub max: Option<String>,
    /// Whether it takes the whole width of the form.
    pub wide: bool,
}

impl Field {
    /// A field that may be empty.
    pub fn new(name: &str, label: Text, widget: Widget, value: impl Into<String>) -> Self {
        let wide = widget == Widget::Textarea;
        Self { name: name.to_owned(), label, widget, value: value.into(), wide, ..Self::default() }
    }

    /// The same field, not to be left empty.
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The same field over the whole width.
    pub fn wide(mut self) -> Self {
        self.wide = true;
        self
    }

    /// The same field with entries to choose from.
    pub fn options(mut self, options: Vec<Choice>) -> Self {
        self.options = options;
        self
    }
}

/// What is wrong with a form: field name → sentence in the reader's language; `""` is the whole form.
pub type Errors = BTreeMap<String, String>;

/// Errors from pairs of field name and sentence.
pub fn errors<const N: usize>(pairs: [(&str, &str); N]) -> Errors {
    pairs.into_iter().map(|(field, sentence)| (field.to_owned(), sentence.to_owned())).collect()
}
