//! Lists as files made in the background: asking, following, fetching.

use domain::Error;
use domain::exports::{AnyList, Cancel, Describe, Described, FORMATS, Fetch, Input, Mine, Remove, Request as Ask, View, list as find};
use domain::kernel::listing::Query as Filters;
use domain::kernel::permission::Permission;
use poem::web::{Path, Query};
use poem::{Request, Response, handler};
use serde::Deserialize;
use templates::exports as words;
use templates::i18n::t;
use templates::pages::exports::{ExportPage, ExportRow, ExportWhat, ExportsPage};
use templates::pages::parts::{Choice, Errors, Text};
use templates::{Locale, format};
use uuid::Uuid;

use super::flash::Flash;
use super::form::{Form, Wrong};
use super::listed::{self, value};
use super::pages::Pages;
use super::paging::older;
use super::people::Named;
use super::respond::{done, page, part, whole};
use super::visitor::Member;
use crate::http::failure::Result;
use crate::rest::download::{self, File};

/// Exports on a page.
const ROWS: i64 = 50;

/// The pages of this file.
pub fn pages(pages: Pages) -> Pages {
    pages
        .get("/:company/exports", all)
        .get("/:company/exports/new", blank)
        .post("/:company/exports", ask)
        .get("/:company/exports/:id/file", file)
        .post("/:company/exports/:id/cancel", cancel)
        .post("/:company/exports/:id/delete", remove)
}

/// The address at which a list is exported as it is shown; none for whoever may not.
pub fn href(member: &Member, list: &str, query: &Filters) -> Option<String> {
    member.scope.can(Permission::ExportRun).then(|| format!("{}?list={list}&{}", member.path("exports/new"), query.to_query()))
}

#[derive(Deserialize)]
struct Asked {
    cursor: Option<Uuid>,
}

#[handler]
async fn all(member: Member, Query(Asked { cursor }): Query<Asked>) -> Result<Response> {
    let mut found = member.run(Mine { before: cursor, limit: ROWS + 1 }).await?;
    let shown = usize::try_from(ROWS).unwrap_or_default();
    let more = found.len() > shown;
    found.truncate(shown);
    let next = found.last().filter(|_| more).map(|last| last.id.to_string());
    let base = member.path("exports");
    let filters = described(&member, found.iter().map(|view| (view.list.clone(), view.query.clone())).collect()).await?;
    let items = found.iter().zip(filters).map(|(view, filter)| row(&member, view, filter)).collect();
    let live = found.iter().any(View::is_live);
    let pager = older(&base, &[], next);
    let schedules_href = member.scope.can(Permission::ExportRun).then(|| member.path("exports/schedules"));
    part(&member, &ExportsPage { base, live, items, pager, schedules_href }, "results").await
}

fn row(member: &Member, view: &View, filter: Vec<String>) -> ExportRow {
    let locale = member.locale;
    let expired = view.expires_at.is_some_and(|until| until <= member.edge.app.clock().now());
    let state = match view.state.as_str() {
        "running" if view.cancelling => "cancelling",
        "done" if expired => "expired",
        state => state,
    };
    ExportRow {
        id: view.id.to_string(),
        list: words::list(locale, &view.list),
        filter,
        format: view.format.to_uppercase(),
        state: state.to_owned(),
        tone: tone(state).to_owned(),
        done: view.rows_done.into(),
        total: view.rows_total.map(i64::from),
        truncated: view.truncated,
        size: size(locale, view.bytes.unwrap_or_default()),
        reason: view.reason.as_deref().map(|code| words::reason(locale, code)),
        at: view.created_at,
        until: view.expires_at,
        can_cancel: matches!(state, "queued" | "running"),
        can_remove: view.own && !view.is_live(),
        schedule: view.schedule.clone(),
    }
}

fn tone(state: &str) -> &'static str {
    match state {
        "running" => "progress",
        "done" => "success",
        "failed" => "danger",
        _ => "neutral",
    }
}

/// A size, in the unit people think in.
fn size(locale: Locale, bytes: i64) -> String {
    const KB: i64 = 1024;
    let (unit, step) = match bytes {
        ..KB => ("exports.size.bytes", 1),
        KB..1_048_576 => ("exports.size.kilobytes", KB),
        _ => ("exports.size.megabytes", KB * KB),
    };
    // a tenth is enough
    let tenths = rust_decimal::Decimal::new(bytes * 10 / step, 1);
    let places = u32::from(step > 1);
    t(locale, unit, &[("count", &format::number(locale, tenths, Some(places)))])
}

/// What lists are narrowed to, each a line a filter.
pub async fn described(member: &Member, asked: Vec<(String, String)>) -> Result<Vec<Vec<String>>> {
    let found = member.run(Describe(asked.clone())).await?;
    let said = |(list, _): &(String, String), lines: Vec<Described>| {
        let line = |line: &Described| {
            let values = line.values(|word| words::word(member.locale, list, line.filter, word));
            words::line(member.locale, list, line.filter, &values)
        };
        lines.iter().map(line).collect()
    };
    Ok(asked.iter().zip(found).map(|(asked, lines)| said(asked, lines)).collect())
}

#[handler]
async fn blank(member: Member, request: &Request) -> Result<Response> {
    page(&member, &form(&member, asked(request), Errors::new()).await?).await
}

/// The list a request asks for, as its page shows it.
pub fn asked(request: &Request) -> Input {
    let pairs = listed::pairs(request);
    let list = value(&pairs, "list").to_owned();
    let query = serde_urlencoded::to_string(listed::with(&pairs, &["list", "cursor", "limit"], None)).unwrap_or_default();
    Input { list, query, format: FORMATS[1].to_owned(), columns: Vec::new() }
}

/// The part of a form that says what is exported.
pub fn typed(form: &Form) -> Input {
    Input {
        list: form.typed("list"),
        format: form.typed("format"),
        query: form.typed("query"),
        columns: form.all("columns").map(str::to_owned).collect(),
    }
}

/// The form of an export.
async fn form(member: &Member, input: Input, errors: Errors) -> Result<ExportPage> {
    let schedule_href = format!("{}?list={}&{}", member.path("exports/schedules/new"), input.list, input.query);
    let list = back(member, &input);
    let what = what(member, input, errors.is_empty()).await?;
    Ok(ExportPage { action: member.path("exports"), cancel: list, schedule_href, what, errors })
}

/// What is exported: the list and its filter, formats and columns to choose from. With `every`, every column where none is named.
pub async fn what(member: &Member, input: Input, every: bool) -> Result<ExportWhat> {
    member.scope.need(Permission::ExportRun)?;
    let list: &dyn AnyList = find(&input.list).ok_or(Error::NotFound)?;
    member.scope.need(list.reads())?;
    let app = &member.edge.app;
    let limits = app.settings().exports;
    let found = match list.query(&input.query, &member.scope) {
        // a filter that no longer fits is told where the form is sent
        Err(Error::Invalid(_)) => 0,
        read => list.count(app, &member.scope, read?, limits.document_rows).await?,
    };
    let document_rows = i64::from(limits.document_rows);
    let columns = list.columns(&member.scope);
    let chosen =
        if input.columns.is_empty() && every { columns.iter().map(|column| column.key.to_owned()).collect() } else { input.columns };
    Ok(ExportWhat {
        list_name: words::list(member.locale, &input.list),
        filter: described(member, vec![(input.list.clone(), input.query.clone())]).await?.concat(),
        kept: vec![("list".to_owned(), input.list), ("query".to_owned(), input.query)],
        rows: found.min(document_rows),
        cut: found > document_rows,
        formats: FORMATS.map(str::to_owned).into(),
        format: input.format,
        sheet_rows: limits.rows.into(),
        document_rows,
        columns: columns.iter().map(|column| Choice::new(column.key, Text::key(column.label.clone()))).collect(),
        chosen,
    })
}

/// The page of a list as it was, for whoever thinks better of it.
pub fn back(member: &Member, input: &Input) -> String {
    let page = if input.list == "members" { "people".to_owned() } else { input.list.replace('_', "-") };
    format!("{}?{}", member.path(&page), input.query)
}

#[handler]
async fn ask(member: Member, form: Form) -> Result<Response> {
    let input = typed(&form);
    match member.edge.app.run(&member.scope, Ask(input.clone())).await {
        Ok(_) => Ok(done(&member, &member.path("exports"), Flash::new("export_asked"))),
        Err(error) => {
            let wrong = Wrong::of(member.locale, error)?;
            let again = self::form(&member, input, wrong.errors).await?;
            whole(&member, wrong.status, &again).await
        }
    }
}

#[handler]
async fn cancel(member: Member, Path(Named { id }): Path<Named<Uuid>>) -> Result<Response> {
    member.run(Cancel(id)).await?;
    Ok(done(&member, &member.path("exports"), Flash::new("export_cancelled")))
}

#[handler]
async fn remove(member: Member, Path(Named { id }): Path<Named<Uuid>>) -> Result<Response> {
    member.run(Remove(id)).await?;
    Ok(done(&member, &member.path("exports"), Flash::new("export_removed")))
}

#[handler]
async fn file(member: Member, Path(Named { id }): Path<Named<Uuid>>) -> Result<File> {
    let handed = member.run(Fetch(id)).await?;
    download::stored(&member.edge, &member.scope, &handed).await
}
