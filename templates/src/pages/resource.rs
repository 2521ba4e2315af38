//! The pages every catalogue table shares, driven by what the table declares.
//!
//! `resource` is the table's name in paths and keys: `resource.<name>.title`, `.one`, `.new`, `.empty`, `.empty_hint`,
//! `.search`, and `.field.<field>` for columns, filters and fields.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::parts::{Chip, Choice, Crumb, Errors, Field, Pager, SortHead, Text};
use super::work::{Event, Money, Stale, WorkRow};
use crate::page::templates;

mod sample;

templates! {
    ResourceList => "resource/list.html",
    ResourceForm => "resource/form.html",
    ResourceShow => "resource/show.html",
    ResourceDelete => "resource/delete.html",
    ResourceOptions => "resource/options.html",
}

/// A list of a catalogue table; its block `results` is the partial update.
#[derive(Clone, Debug, Serialize)]
pub struct ResourceList {
    /// The table's name, `vendors`.
    pub resource: String,
    /// Path of the list, `/steppe/vendors`.
    pub path: String,
    /// Icon name, for the empty list.
    pub glyph: String,
    /// The form of a new one; none without the right.
    pub new_href: Option<String>,
    /// Words looked for.
    pub q: String,
    /// The order, `-name`.
    pub sort: String,
    /// The filter bar: selects, checkboxes, dates.
    pub filters: Vec<Field>,
    /// Whether anything narrows the list.
    pub filtered: bool,
    /// What was wrong with the filter and left out, in the reader's language.
    pub notices: Vec<String>,
    /// The columns.
    pub columns: Vec<SortHead>,
    /// The records of this page of the list.
    pub rows: Vec<Row>,
    /// The way to its other pages.
    pub pager: Pager,
    /// The same list as a CSV file; none without the right to export.
    pub csv_href: Option<String>,
    /// The list as a file made in the background.
    pub export_href: Option<String>,
    /// The same list as an Excel file.
    pub xlsx_href: Option<String>,
}

/// A record in a list.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Its page.
    pub href: String,
    /// How deep it lies in a tree; zero at the top and in flat lists.
    pub depth: u32,
    /// One cell a column; the first one names the record and links to it.
    pub cells: Vec<Cell>,
}

/// A value of a record, by the way it is shown.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Cell {
    /// Nothing.
    None,
    /// Words.
    Text {
        /// The words.
        value: Text,
    },
    /// A number.
    Number {
        /// A decimal.
        value: rust_decimal::Decimal,
    },
    /// An amount.
    Money {
        /// How much, of what.
        value: Money,
    },
    /// A calendar date.
    Date {
        /// The date.
        value: chrono::NaiveDate,
    },
    /// A moment.
    DateTime {
        /// The moment.
        value: DateTime<Utc>,
    },
    /// Something to follow: a page, `mailto:`, `tel:`, a web address.
    Link {
        /// What it is called.
        label: String,
        /// Where it leads.
        href: String,
    },
    /// A coloured word.
    Chip {
        /// The chip.
        value: Chip,
    },
    /// Yes or no.
    Bool {
        /// Which.
        value: bool,
    },
}

impl Cell {
    /// Words of a company's own, nothing where they are empty.
    pub fn text(value: impl Into<String>) -> Self {
        let value = value.into();
        if value.is_empty() { Self::None } else { Self::Text { value: Text::raw(value) } }
    }

    /// A link.
    pub fn link(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self::Link { label: label.into(), href: href.into() }
    }

    /// A chip.
    pub fn chip(label: Text, tone: &str) -> Self {
        Self::Chip { value: Chip::new(label, tone) }
    }
}

/// A new record, or a change of one.
#[derive(Clone, Debug, Serialize)]
pub struct ResourceForm {
    /// The table's name.
    pub resource: String,
    /// The way here.
    pub crumbs: Vec<Crumb>,
    /// Name of the record being changed; none for a new one.
    pub name: Option<String>,
    /// Its version.
    pub version: Option<i64>,
    /// Where it is posted.
    pub action: String,
    /// Where *cancel* leads.
    pub cancel_href: String,
    /// The fields with what was typed.
    pub fields: Vec<Field>,
    /// What is wrong.
    pub errors: Errors,
    /// Who was quicker, where somebody changed it meanwhile.
    pub stale: Option<Stale>,
}

/// One record.
#[derive(Clone, Debug, Serialize)]
pub struct ResourceShow {
    /// The table's name.
    pub resource: String,
    /// The way here.
    pub crumbs: Vec<Crumb>,
    /// Its name.
    pub name: String,
    /// Chips beside the name: status, criticality.
    pub chips: Vec<Chip>,
    /// Its fields.
    pub facts: Vec<Fact>,
    /// Long text.
    pub note: Option<String>,
    /// What happened to it, newest first.
    pub history: Vec<Event>,
    /// Its form; none without the right.
    pub edit_href: Option<String>,
    /// The page that asks before it is deleted; none without the right.
    pub delete_href: Option<String>,
    /// Work on it, for assets.
    pub work: Option<RelatedWork>,
    /// What lies inside it, for locations.
    pub children: Vec<Child>,
}

/// A named value of a record.
#[derive(Clone, Debug, Serialize)]
pub struct Fact {
    /// Field name, last part of the label's key.
    pub key: String,
    /// The value.
    pub value: Cell,
}

/// Work orders of an asset.
#[derive(Clone, Debug, Serialize)]
pub struct RelatedWork {
    /// The latest of them.
    pub rows: Vec<WorkRow>,
    /// All of them.
    pub all_href: String,
    /// The form of a new one for it; none without the right.
    pub new_href: Option<String>,
}

/// A record inside another one.
#[derive(Clone, Debug, Serialize)]
pub struct Child {
    /// Its name.
    pub name: String,
    /// Its page.
    pub href: String,
    /// What kind it is.
    pub kind: Text,
}

/// The question before a record is deleted.
#[derive(Clone, Debug, Serialize)]
pub struct ResourceDelete {
    /// The table's name.
    pub resource: String,
    /// The way here.
    pub crumbs: Vec<Crumb>,
    /// The record's name.
    pub name: String,
    /// Its version.
    pub version: i64,
    /// Where the answer is posted.
    pub action: String,
    /// Where *cancel* leads.
    pub cancel_href: String,
    /// Why it cannot be deleted, where it cannot.
    pub refusal: Option<String>,
}

/// Entries for a field that is searched: nothing but `<option>`s.
#[derive(Clone, Debug, Serialize)]
pub struct ResourceOptions {
    /// The entries found.
    pub options: Vec<Choice>,
}
