//! Documents of lists: cells put into words, then set by typst away from the asynchronous threads.

use domain::exports::{Describe, Order};
use domain::kernel::export::Table;
use domain::kernel::listing::Cell;
use domain::kernel::scope::Scope;
use domain::{App, Error, Result};
use futures::TryStreamExt;
use templates::exports as words;
use templates::format;
use templates::i18n::{t, tn};
use templates::{Locale, assets};
use tokio::sync::Semaphore;

use crate::jobs::locale;

/// One document is set at a time: thousands of rows take hundreds of megabytes meanwhile. One that is given up holds its turn to
/// its end, as it cannot be stopped.
static DESK: Semaphore = Semaphore::const_new(1);

/// A list as a document of at most `cap` rows. Where there are more it says so on its first page.
pub async fn list(app: &App, reader: &Scope, order: &Order, table: Table, cap: u32) -> Result<Vec<u8>> {
    let locale = locale(&order.locale);
    let cap = usize::try_from(cap).unwrap_or(usize::MAX);
    let mut document = head(app, reader, order, locale).await?;
    let Table { labels, mut batches, zone } = table;
    document.columns = labels.iter().map(|label| documents::Column { label: t(locale, label, &[]), end: false }).collect();
    let mut more = false;
    while let Some(rows) = batches.try_next().await? {
        for row in rows {
            more = document.rows.len() >= cap;
            if more {
                break;
            }
            for (column, cell) in document.columns.iter_mut().zip(&row) {
                column.end |= matches!(cell, Cell::Int(_) | Cell::Money(..));
            }
            document.rows.push(row.iter().map(|cell| said(locale, zone, cell)).collect());
        }
        if more {
            break;
        }
    }
    if more {
        document.notice = Some(tn(locale, "exports.document.cut", i64::try_from(cap).unwrap_or(i64::MAX), &[]));
    }
    let fonts = assets::document_fonts();
    let turn = DESK.acquire().await.map_err(|error| Error::Internal(error.to_string()))?;
    let setting = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let fonts: Vec<&[u8]> = fonts.iter().map(AsRef::as_ref).collect();
        documents::list(&document, &fonts)
    });
    let set = setting.await.map_err(|error| Error::Internal(error.to_string()))?;
    set.map_err(|error| Error::Internal(error.to_string()))
}

/// Everything but the table.
async fn head(app: &App, reader: &Scope, order: &Order, locale: Locale) -> Result<documents::List> {
    let list = order.list.as_str();
    let filters = app.run(reader, Describe(vec![(list.to_owned(), order.query.clone())])).await?.into_iter().flatten();
    let lines = filters.map(|line| {
        let values = line.values(|word| words::word(locale, list, line.filter, word));
        words::line(locale, list, line.filter, &values)
    });
    let company = reader.company();
    let when = format::datetime(locale, company.zone, app.clock().now());
    Ok(documents::List {
        lang: locale.as_str().to_owned(),
        company: company.name.clone(),
        title: words::list(locale, list),
        made: t(locale, "exports.document.made", &[("name", &reader.actor().name), ("when", &when)]),
        filter: lines.collect(),
        empty: t(locale, "app.nothing_matches", &[]),
        page: t(locale, "exports.document.page", &[("page", "{page}"), ("pages", "{pages}")]),
        ..documents::List::default()
    })
}

/// A cell in words.
fn said(locale: Locale, zone: chrono_tz::Tz, cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Tree(depth, text) => format!("{}{text}", "— ".repeat(*depth)),
        Cell::Key(key) => t(locale, key, &[]),
        Cell::Int(number) => format::number(locale, (*number).into(), None),
        Cell::Money(amount, currency) => format::money(locale, *amount, currency),
        Cell::Date(date) => format::date(locale, *date),
        Cell::Time(time) => format::datetime(locale, zone, *time),
        Cell::Truth(truth) => t(locale, if *truth { "app.yes" } else { "app.no" }, &[]),
    }
}
