//! Reading a list: a page after a cursor, a capped count, a batch of a download.

#![expect(clippy::disallowed_types, reason = "a list is made of static SQL; values are bound or words of closed lists")]

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Postgres, QueryBuilder, Row as _};
use uuid::Uuid;

use super::query::{BAD_CURSOR, Chosen, Cursor, Query};
use super::{By, Filter, Listing};
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Error, Result};
use crate::kernel::permission::Permission;
use crate::kernel::tenant::Access;

/// More hits of a search function than this are not joined.
const SEARCH_CAP: i32 = 1000;

/// One page.
#[derive(Debug, Clone, Serialize)]
pub struct Page<R> {
    /// The rows.
    pub data: Vec<R>,
    /// Where the next page begins; none after the last.
    pub next_cursor: Option<String>,
    /// Where the page before ends; none on the first.
    pub previous_cursor: Option<String>,
}

/// Reads a page of a list.
pub struct List<L: Listing> {
    query: Query,
    list: std::marker::PhantomData<fn() -> L>,
}

impl<L: Listing> List<L> {
    /// The page the query asks for.
    pub fn new(query: Query) -> Self {
        Self { query, list: std::marker::PhantomData }
    }
}

impl<L: Listing> Clone for List<L> {
    fn clone(&self) -> Self {
        Self::new(self.query.clone())
    }
}

impl<L: Listing> Action for List<L> {
    const NEEDS: Permission = L::READ;
    const ACCESS: Access = Access::Read;
    type Out = Page<L::Row>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Page<L::Row>> {
        // a page before a cursor is the page after it in the reverse order, turned round
        let reversed = self.query.is_back().then(|| self.query.reversed());
        let query = reversed.as_ref().unwrap_or(&self.query);
        let limit = query.limit.0;
        // One row more than asked tells whether there is a next page.
        let wanted = limit + 1;
        let mut rows = segment::<L>(cx, query, query.after.as_ref(), wanted).await?;
        if query.sort.nullable && !missing_first(query) {
            let lacking = i64::try_from(rows.len()).map_or(0, |have| wanted - have);
            if lacking > 0 && query.after.as_ref().is_none_or(|c| c.value.is_some()) {
                rows.extend(missing::<L>(cx, query, None, lacking).await?);
            }
        }
        page::<L>(cx, &self.query, rows, limit)
    }
}

/// With descending order PostgreSQL puts rows without a value first, and a backward index scan gives them so.
fn missing_first(query: &Query) -> bool {
    query.sort.nullable && query.descending
}

/// Rows whose sort key has a value, or, past the last of them, those without: each an index range of its own.
async fn segment<L: Listing>(cx: &mut Cx<'_>, query: &Query, after: Option<&Cursor>, limit: i64) -> Result<Vec<PgRow>> {
    if !query.sort.nullable {
        return valued::<L>(cx, query, after, limit).await;
    }
    match after {
        Some(cursor) if cursor.value.is_none() => {
            let mut rows = missing::<L>(cx, query, Some(cursor.id), limit).await?;
            if missing_first(query) {
                let lacking = limit - i64::try_from(rows.len()).unwrap_or(limit);
                rows.extend(valued::<L>(cx, query, None, lacking).await?);
            }
            Ok(rows)
        }
        None if missing_first(query) => {
            let mut rows = missing::<L>(cx, query, None, limit).await?;
            let lacking = limit - i64::try_from(rows.len()).unwrap_or(limit);
            if lacking > 0 {
                rows.extend(valued::<L>(cx, query, None, lacking).await?);
            }
            Ok(rows)
        }
        _ => valued::<L>(cx, query, after, limit).await,
    }
}

async fn valued<L: Listing>(cx: &mut Cx<'_>, query: &Query, after: Option<&Cursor>, limit: i64) -> Result<Vec<PgRow>> {
    let (column, alias) = (query.sort.sql, L::ALIAS);
    let (direction, past) = if query.descending { ("DESC", "<") } else { ("ASC", ">") };
    let mut sql = select::<L>(cx, query, &format!("{column}::text"));
    if query.sort.nullable {
        sql.push(format!(" AND {column} IS NOT NULL"));
    }
    if let Some(cursor) = after {
        sql.push(format!(" AND ({column}, {alias}.id) {past} (")).push_bind(cursor.value.clone());
        sql.push(format!("::text::{}, ", query.sort.cast)).push_bind(cursor.id).push(")");
    }
    sql.push(format!(" ORDER BY {column} {direction}, {alias}.id {direction} LIMIT {limit}"));
    fetch(cx, query, sql).await
}

async fn missing<L: Listing>(cx: &mut Cx<'_>, query: &Query, after: Option<Uuid>, limit: i64) -> Result<Vec<PgRow>> {
    let alias = L::ALIAS;
    let (direction, past) = if query.descending { ("DESC", "<") } else { ("ASC", ">") };
    let mut sql = select::<L>(cx, query, "NULL::text");
    sql.push(format!(" AND {} IS NULL", query.sort.sql));
    if let Some(id) = after {
        sql.push(format!(" AND {alias}.id {past} ")).push_bind(id);
    }
    sql.push(format!(" ORDER BY {alias}.id {direction} LIMIT {limit}"));
    fetch(cx, query, sql).await
}

fn select<L: Listing>(cx: &Cx<'_>, query: &Query, sort_value: &str) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new(format!("SELECT {}, {sort_value} AS sort_value, {}.id AS sort_id", L::SELECT, L::ALIAS));
    restrict::<L>(cx, query, &mut sql);
    sql
}

fn restrict<L: Listing>(cx: &Cx<'_>, query: &Query, sql: &mut QueryBuilder<Postgres>) {
    sql.push(format!(" FROM {} WHERE {}.tenant_id = ", L::FROM, L::ALIAS)).push_bind(cx.tenant().uuid());
    for (filter, chosen) in &query.chosen {
        filter.restrict(chosen, cx.now(), sql);
    }
}

async fn fetch(cx: &mut Cx<'_>, query: &Query, mut sql: QueryBuilder<Postgres>) -> Result<Vec<PgRow>> {
    let rows = sql.build().fetch_all(cx.conn()).await;
    rows.map_err(|error| {
        // class 22 is data the column's type cannot read: only a cursor brings such
        let unreadable = error.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|code| code.starts_with("22"));
        if unreadable && query.after.is_some() { Error::field("cursor", BAD_CURSOR) } else { error.into() }
    })
}

fn page<L: Listing>(cx: &Cx<'_>, query: &Query, mut rows: Vec<PgRow>, limit: i64) -> Result<Page<L::Row>> {
    let limit = usize::try_from(limit).unwrap_or_default();
    let more = rows.len() > limit;
    rows.truncate(limit);
    if query.is_back() {
        rows.reverse();
    }
    let (follows, precedes) = if query.is_back() { (true, more) } else { (more, query.after.is_some()) };
    let next_cursor = rows.last().filter(|_| follows).map(|last| mark(query, last, false)).transpose()?;
    let previous_cursor = rows.first().filter(|_| precedes).map(|first| mark(query, first, true)).transpose()?;
    let mut data = rows.iter().map(L::Row::from_row).collect::<Result<Vec<_>, _>>()?;
    for row in &mut data {
        L::conceal(row, cx.scope());
    }
    Ok(Page { data, next_cursor, previous_cursor })
}

/// The cursor at a row.
fn mark(query: &Query, row: &PgRow, back: bool) -> Result<String> {
    let cursor = Cursor {
        sort: query.sort.name.to_owned(),
        descending: query.descending,
        value: row.try_get("sort_value")?,
        id: row.try_get("sort_id")?,
        back,
    };
    cursor.encode()
}

/// How many rows a query finds, counted no further than [`Count::CAP`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count(pub i64);

impl Count {
    /// Counting stops here.
    pub const CAP: i64 = 1000;

    /// Whether there are more than were counted.
    pub fn capped(self) -> bool {
        self.0 > Self::CAP
    }
}

/// Counts what a query finds.
pub struct CountOf<L: Listing>(List<L>, i64);

impl<L: Listing> CountOf<L> {
    /// The rows of the query, whatever its page.
    pub fn new(query: Query) -> Self {
        Self::up_to(query, Count::CAP)
    }

    /// The same, counted further: to one more than `cap`.
    pub fn up_to(query: Query, cap: i64) -> Self {
        Self(List::new(query), cap)
    }
}

impl<L: Listing> Clone for CountOf<L> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), self.1)
    }
}

impl<L: Listing> Action for CountOf<L> {
    const NEEDS: Permission = L::READ;
    const ACCESS: Access = Access::Read;
    type Out = Count;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Count> {
        let mut sql = QueryBuilder::new("SELECT count(*) FROM (SELECT 1");
        restrict::<L>(cx, &self.0.query, &mut sql);
        sql.push(format!(" LIMIT {}) AS capped", self.1 + 1));
        Ok(Count(sql.build_query_scalar().fetch_one(cx.conn()).await?))
    }
}

/// A page of the query for a download: the next rows after a cursor, more at a time than a screen shows.
pub struct Batch<L: Listing>(List<L>);

impl<L: Listing> Batch<L> {
    /// Rows fetched at a time.
    pub const ROWS: i64 = 1000;

    /// The rows after `cursor`, or the first.
    pub fn after(query: &Query, cursor: Option<&str>) -> Result<Self> {
        Ok(Self(List::new(query.batch(cursor, Self::ROWS)?)))
    }
}

impl<L: Listing> Clone for Batch<L> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<L: Listing> Action for Batch<L> {
    const NEEDS: Permission = Permission::ExportRun;
    const ACCESS: Access = Access::Read;
    type Out = Page<L::Row>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Page<L::Row>> {
        cx.scope().need(L::READ)?;
        self.0.run(cx).await
    }
}

impl Filter {
    fn restrict(&self, chosen: &Chosen, now: DateTime<Utc>, sql: &mut QueryBuilder<Postgres>) {
        sql.push(" AND ");
        match (&self.by, chosen) {
            (By::Choice(column, _) | By::Word(column), Chosen::Words(words)) => {
                // checked to be words of the closed list, or letters, digits and `_`
                sql.push(format!("{column} IN ('{}')", words.join("','")));
            }
            (By::Reference(column, _), Chosen::References { ids, none }) => {
                sql.push(format!("({column} = ANY(")).push_bind(ids.clone()).push(")");
                if *none {
                    sql.push(format!(" OR {column} IS NULL"));
                }
                sql.push(")");
            }
            (By::Truth(column), Chosen::Truth(truth)) => {
                sql.push(format!("{column} = {truth}"));
            }
            (By::Flag(condition), Chosen::Truth(truth)) => {
                sql.push("((");
                for (i, part) in condition.split("{now}").enumerate() {
                    if i > 0 {
                        sql.push_bind(now);
                    }
                    sql.push(part);
                }
                // what cannot be told, for lack of a date, does not hold
                sql.push(if *truth { ") IS TRUE)" } else { ") IS NOT TRUE)" });
            }
            (By::Before(column), Chosen::Time(time)) => {
                sql.push(format!("{column} < ")).push_bind(*time);
            }
            (By::From(column), Chosen::Time(time)) => {
                sql.push(format!("{column} >= ")).push_bind(*time);
            }
            (By::Contains(columns), Chosen::Text(text)) => {
                sql.push(format!("concat_ws(' ', {}) ILIKE ", columns.join(", "))).push_bind(pattern(text));
            }
            (By::Search(function), Chosen::Text(text)) => search(function, Some(text), None, sql),
            (By::Called(called), Chosen::Called(text, number)) => {
                search(called.search, text.as_deref(), number.map(|number| (called.number, number)), sql);
            }
            _ => unreachable!("a filter reads the kind of value it restricts by"),
        }
    }
}

/// The rows a search function finds, and those of a number; as an array of ids, so that each is looked up by its index.
fn search(function: &'static str, text: Option<&str>, number: Option<(&'static str, i32)>, sql: &mut QueryBuilder<Postgres>) {
    let (column, function) = function.split_once('=').unwrap_or(("id", function));
    sql.push(format!("{column} = ANY(ARRAY("));
    if let Some(text) = text {
        sql.push(format!("SELECT {function}(")).push_bind(pattern(text)).push(", ").push_bind(SEARCH_CAP).push(")");
    }
    if let Some((numbered, number)) = number {
        sql.push(if text.is_some() { " UNION ALL " } else { "" }).push(numbered).push_bind(number);
    }
    sql.push("))");
}

fn pattern(text: &str) -> String {
    format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}
