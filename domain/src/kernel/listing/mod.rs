//! Lists, written once: filters, sorting, keyset paging, capped counts, search, streaming.
//!
//! A list declares its columns, sort keys and filters as data. From one line a filter gets its parser with errors that name
//! it, its SQL, its query-string form for links and saved views, its OpenAPI parameter and its field in the filter bar; a
//! struct per list would have repeated each of these.

mod page;
mod query;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use sqlx::FromRow;
use sqlx::postgres::PgRow;

pub use page::{Batch, Count, CountOf, List, Page};
pub use query::Query;

use super::permission::Permission;
use super::scope::Scope;

/// A list of rows somebody may see, filter, sort, page through and download.
pub trait Listing: Send + Sync + Sized + 'static {
    /// One line of it.
    type Row: for<'r> FromRow<'r, PgRow> + Send + Sync + Unpin + 'static;
    /// Its name: the key of its words, the name of its file.
    const NAME: &'static str;
    /// The right to see it.
    const READ: Permission;
    /// The columns selected, as SQL.
    const SELECT: &'static str;
    /// The tables, as SQL; every join carries the tenant.
    const FROM: &'static str;
    /// The alias of the listed table in [`FROM`](Listing::FROM).
    const ALIAS: &'static str;
    /// What it can be sorted by; the first is the default.
    const SORTS: &'static [Sort];
    /// What it can be filtered by.
    const FILTERS: &'static [Filter];
    /// What is shown and downloaded, in this order.
    const COLUMNS: &'static [Column<Self::Row>];

    /// The key of a column's words.
    fn label(column: &str) -> String {
        format!("resource.{}.field.{column}", Self::NAME)
    }

    /// Takes out of a row what the reader may not see.
    fn conceal(_row: &mut Self::Row, _reader: &Scope) {}
}

/// A sort key.
#[derive(Debug)]
pub struct Sort {
    /// Its public name.
    pub name: &'static str,
    /// The column; of names and other texts people wrote, under the collation `app.names`.
    pub sql: &'static str,
    /// The column's type, by which a cursor's value is bound.
    pub cast: &'static str,
    /// Whether rows may lack it; they come last when ascending.
    pub nullable: bool,
    /// Whether it descends unless asked otherwise.
    pub descending: bool,
}

/// A filter.
#[derive(Debug)]
pub struct Filter {
    /// Its public name; a comparison is part of it: `due.lt`.
    pub name: &'static str,
    /// How it restricts.
    pub by: By,
}

/// How a filter restricts. SQL is static; values are bound, or are words of a closed list: under a generic plan a bound
/// list of states would miss the partial indexes.
#[derive(Debug)]
pub enum By {
    /// The column is one of the chosen options.
    Choice(&'static str, &'static [&'static str]),
    /// The column is one of the given words (letters, digits, `_`): workflow states.
    Word(&'static str),
    /// The column refers to one of the given records of the named list; `none` finds rows without, `me` the actor.
    Reference(&'static str, &'static str),
    /// The column is true or false.
    Truth(&'static str),
    /// The column is before a time; a date means its beginning in the company's zone.
    Before(&'static str),
    /// The column is at or after a time.
    From(&'static str),
    /// A fixed condition holds, or does not; `{now}` in it is the time of the transaction.
    Flag(&'static str),
    /// One of the columns contains the text: for short tables.
    Contains(&'static [&'static str]),
    /// The named search function finds the row: for long tables.
    Search(&'static str),
    /// As [`Search`](By::Search), or the row has the number people call it by.
    Called(Called),
}

/// How rows are found by their words or by their number.
#[derive(Debug)]
pub struct Called {
    /// The search function.
    pub search: &'static str,
    /// The ids of rows with a number, as SQL that ends where the number is bound.
    pub number: &'static str,
    /// The number in what was typed, if it is one.
    pub heard: fn(&str) -> Option<i32>,
}

/// A column of a list.
pub struct Column<R: 'static> {
    /// Its key under the list's name in the words, and its header in a download.
    pub key: &'static str,
    /// The sort key behind its header, if any.
    pub sort: Option<&'static str>,
    /// Whether it is shown on the page, or only downloaded.
    pub shown: bool,
    /// A permission without which it is left out.
    pub needs: Option<Permission>,
    /// Its value in a row.
    pub cell: fn(&R) -> Cell,
}

impl<R> Column<R> {
    /// A column shown to everybody.
    pub const fn new(key: &'static str, cell: fn(&R) -> Cell) -> Self {
        Self { key, sort: None, shown: true, needs: None, cell }
    }

    /// Sorted by the key of the same or another name.
    #[must_use]
    pub const fn sorted(mut self, sort: &'static str) -> Self {
        self.sort = Some(sort);
        self
    }

    /// Downloaded only.
    #[must_use]
    pub const fn hidden(mut self) -> Self {
        self.shown = false;
        self
    }

    /// Left out without the permission.
    #[must_use]
    pub const fn needs(mut self, permission: Permission) -> Self {
        self.needs = Some(permission);
        self
    }
}

/// A value in a list. Words and formats are put to it at the edges.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Text as somebody wrote it.
    Text(String),
    /// A word of a closed list, by the key of its name.
    Key(String),
    /// A whole number.
    Int(i64),
    /// An amount and its currency.
    Money(Decimal, String),
    /// A day.
    Date(NaiveDate),
    /// A moment, shown in the reader's zone.
    Time(DateTime<Utc>),
    /// Yes or no.
    Truth(bool),
    /// Indented text: the depth in a tree and the name.
    Tree(usize, String),
}

impl Cell {
    /// Text, or nothing when there is none.
    pub fn text(value: impl Into<String>) -> Self {
        let value = value.into();
        if value.is_empty() { Self::Empty } else { Self::Text(value) }
    }

    /// `wrap(value)`, or nothing.
    pub fn maybe<T>(value: Option<T>, wrap: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Empty, wrap)
    }
}

/// Rows of a page that follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(i64);

impl Limit {
    /// A page unless asked otherwise (141).
    pub const DEFAULT: Self = Self(50);
    /// The longest page.
    pub const MAX: i64 = 200;
}
