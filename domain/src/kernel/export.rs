//! Downloads: any list, filtered and sorted as on the screen, as CSV or XLSX, in constant memory. Columns come from the list;
//! words from whoever asks, in the reader's language.

use std::io::{self, Seek};
use std::sync::Arc;

use chrono_tz::Tz;
use futures::stream::{BoxStream, try_unfold, unfold};
use futures::{Stream, TryStreamExt};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{Format as Style, Workbook, Worksheet, XlsxError};
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;

use super::app::App;
use super::error::{Error, Result};
use super::listing::{Batch, Cell, Column, Listing, Query};
use super::permission::Permission;
use super::scope::Scope;

/// The kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// UTF-8 with a byte order mark, as spreadsheets expect it.
    Csv,
    /// Office Open XML.
    Xlsx,
}

impl Format {
    /// The format of this name: `csv` or `xlsx`.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "csv" => Some(Self::Csv),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }

    /// Its file extension.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// The word behind a key, in the reader's language.
pub type Words = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// Chunks waiting to be sent; a slow reader holds the writer back.
const CHUNKS: usize = 4;
/// Bytes of a chunk of a finished file.
const CHUNK: usize = 64 * 1024;

/// A list as a table of values, read a batch at a time.
pub struct Table {
    /// The keys of its columns' words.
    pub labels: Vec<String>,
    /// Its rows, in batches as they are read.
    pub batches: Batches,
    /// The zone its moments are shown in.
    pub zone: Tz,
}

/// Rows of a table, some at a time.
pub type Batches = BoxStream<'static, Result<Vec<Vec<Cell>>>>;

/// The columns of a list the reader may see, in its order.
pub fn columns<L: Listing>(scope: &Scope) -> impl Iterator<Item = &'static Column<L::Row>> {
    L::COLUMNS.iter().filter(|column| column.needs.is_none_or(|needed| scope.can(needed)))
}

/// What the query finds, as a table of the named columns; of all the reader may see where none is named. Rights are checked
/// before the first batch, and again with each.
pub fn table<L: Listing>(app: &App, scope: &Scope, query: Query, named: &[String]) -> Result<Table> {
    scope.need(Permission::ExportRun)?;
    scope.need(L::READ)?;
    let shown: Vec<_> = columns::<L>(scope).filter(|column| named.is_empty() || named.iter().any(|name| name == column.key)).collect();
    let labels = shown.iter().map(|column| L::label(column.key)).collect();
    let zone = scope.company().zone;
    let (app, scope) = (app.clone(), scope.clone());
    let batches = try_unfold(Some(None::<String>), move |at| {
        let (app, scope, query, shown) = (app.clone(), scope.clone(), query.clone(), shown.clone());
        async move {
            let Some(cursor) = at else { return Ok(None) };
            let page = app.run(&scope, Batch::<L>::after(&query, cursor.as_deref())?).await?;
            let rows = page.data.iter().map(|row| shown.iter().map(|column| (column.cell)(row)).collect()).collect();
            Ok(Some((rows, page.next_cursor.map(Some))))
        }
    });
    Ok(Table { labels, batches: Box::pin(batches), zone })
}

/// The file, piece by piece. Rights are checked before the first piece.
pub fn download<L: Listing>(
    app: &App,
    scope: &Scope,
    query: Query,
    format: Format,
    words: Words,
) -> Result<impl Stream<Item = Result<Vec<u8>>> + Send + use<L>> {
    Ok(sheet(table::<L>(app, scope, query, &[])?, format, words))
}

/// A table as a file, piece by piece, in constant memory. Dropped before its end it stops reading.
pub fn sheet(table: Table, format: Format, words: Words) -> impl Stream<Item = Result<Vec<u8>>> + Send + use<> {
    let (sender, receiver) = mpsc::channel(CHUNKS);
    tokio::spawn(async move {
        let job = Job { table, words, sender };
        let sender = job.sender.clone();
        let done = match format {
            Format::Csv => job.csv().await,
            Format::Xlsx => job.xlsx().await,
        };
        if let Err(error) = done {
            // the reader may be gone, which ends the download as well
            drop(sender.send(Err(error)).await);
        }
    });
    unfold(receiver, async |mut receiver| receiver.recv().await.map(|chunk| (chunk, receiver)))
}

struct Job {
    table: Table,
    words: Words,
    sender: mpsc::Sender<Result<Vec<u8>>>,
}

impl Job {
    fn headers(&self) -> Vec<String> {
        self.table.labels.iter().map(|label| (self.words)(label)).collect()
    }

    async fn csv(mut self) -> Result<()> {
        let mut first = vec![0xEF, 0xBB, 0xBF];
        first.extend(line(self.headers().iter().map(|header| harmless(header)))?);
        if !send(&self.sender, first).await {
            return Ok(());
        }
        let zone = self.table.zone;
        while let Some(rows) = self.table.batches.try_next().await? {
            let mut bytes = Vec::new();
            for row in rows {
                bytes.extend(line(row.iter().map(|cell| plain(cell, &*self.words, zone)))?);
            }
            if !send(&self.sender, bytes).await {
                break;
            }
        }
        Ok(())
    }

    async fn xlsx(mut self) -> Result<()> {
        let mut book = Workbook::new();
        let styles = Styles::new();
        let headers = self.headers();
        let sheet = book.add_worksheet_with_constant_memory().map_err(fault)?;
        head(sheet, &headers, &styles).map_err(fault)?;
        let mut at = 1;
        while let Some(rows) = self.table.batches.try_next().await? {
            for row in rows {
                for (index, cell) in (0..).zip(&row) {
                    write(sheet, at, index, cell, &*self.words, self.table.zone, &styles).map_err(fault)?;
                }
                at += 1;
            }
            if self.sender.is_closed() {
                return Ok(());
            }
        }
        let last = u16::try_from(headers.len().saturating_sub(1)).unwrap_or(u16::MAX);
        sheet.autofilter(0, 0, at - 1, last).map_err(fault)?;
        packed(book, &self.sender).await
    }
}

/// Whether somebody still reads.
async fn send(sender: &mpsc::Sender<Result<Vec<u8>>>, bytes: Vec<u8>) -> bool {
    sender.send(Ok(bytes)).await.is_ok()
}

/// Sends a finished workbook, by way of the disk: packed in memory, a long one would fill it.
async fn packed(mut book: Workbook, sender: &mpsc::Sender<Result<Vec<u8>>>) -> Result<()> {
    let packing = tokio::task::spawn_blocking(move || -> Result<std::fs::File> {
        let mut file = tempfile::tempfile().map_err(disk)?;
        book.save_to_writer(&file).map_err(fault)?;
        file.rewind().map_err(disk)?;
        Ok(file)
    });
    let file = packing.await.map_err(|error| Error::Internal(error.to_string()))??;
    let mut file = tokio::fs::File::from_std(file);
    loop {
        let mut chunk = Vec::with_capacity(CHUNK);
        let read = (&mut file).take(CHUNK as u64).read_to_end(&mut chunk).await.map_err(disk)?;
        if read == 0 || !send(sender, chunk).await {
            return Ok(());
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn disk(error: io::Error) -> Error {
    Error::of_storage(&error)
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn fault(error: XlsxError) -> Error {
    if let XlsxError::IoError(error) = &error { Error::of_storage(error) } else { Error::Internal(error.to_string()) }
}

fn line(cells: impl Iterator<Item = String>) -> Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(cells).map_err(|error| Error::Internal(error.to_string()))?;
    writer.into_inner().map_err(|error| Error::Internal(error.to_string()))
}

/// A text that a spreadsheet would take for a formula is quoted by an apostrophe; a number is none.
fn harmless(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if formula && text.parse::<Decimal>().is_err() { format!("'{text}") } else { text.to_owned() }
}

fn plain(cell: &Cell, words: &(dyn Fn(&str) -> String + Send + Sync), zone: Tz) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) | Cell::Tree(_, text) => harmless(text),
        Cell::Key(key) => harmless(&words(key)),
        Cell::Int(number) => number.to_string(),
        Cell::Money(amount, _) => format!("{amount:.2}"),
        Cell::Date(date) => date.to_string(),
        Cell::Time(time) => time.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string(),
        Cell::Truth(truth) => words(if *truth { "app.yes" } else { "app.no" }),
    }
}

struct Styles {
    head: Style,
    date: Style,
    time: Style,
    money: Style,
}

impl Styles {
    fn new() -> Self {
        Self {
            head: Style::new().set_bold(),
            date: Style::new().set_num_format("yyyy-mm-dd"),
            time: Style::new().set_num_format("yyyy-mm-dd hh:mm"),
            money: Style::new().set_num_format("#,##0.00"),
        }
    }
}

fn head(sheet: &mut Worksheet, headers: &[String], styles: &Styles) -> Result<(), XlsxError> {
    for (index, header) in headers.iter().enumerate() {
        let index = u16::try_from(index).unwrap_or(u16::MAX);
        sheet.set_column_width(index, u8::try_from(header.chars().count() + 6).map_or(40.0, f64::from).clamp(12.0, 40.0))?;
        sheet.write_string_with_format(0, index, header, &styles.head)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a spreadsheet counts in floating point")]
fn write(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &Cell,
    words: &(dyn Fn(&str) -> String + Send + Sync),
    zone: Tz,
    styles: &Styles,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => return Ok(()),
        // a string cell is never a formula
        Cell::Text(text) | Cell::Tree(_, text) => sheet.write_string(row, column, text)?,
        Cell::Key(key) => sheet.write_string(row, column, words(key))?,
        Cell::Int(number) => sheet.write_number(row, column, *number as f64)?,
        Cell::Money(amount, _) => sheet.write_number_with_format(row, column, amount.to_f64().unwrap_or_default(), &styles.money)?,
        Cell::Date(date) => sheet.write_datetime_with_format(row, column, *date, &styles.date)?,
        Cell::Time(time) => sheet.write_datetime_with_format(row, column, time.with_timezone(&zone).naive_local(), &styles.time)?,
        Cell::Truth(truth) => sheet.write_string(row, column, words(if *truth { "app.yes" } else { "app.no" }))?,
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures::StreamExt;

    use super::*;

    #[tokio::test]
    async fn no_more_is_read_than_its_reader_takes() {
        let read = Arc::new(AtomicUsize::new(0));
        let counted = read.clone();
        let batches = futures::stream::repeat_with(move || {
            counted.fetch_add(1, Ordering::SeqCst);
            Ok(vec![vec![Cell::Int(7)]; 10])
        });
        let table = Table { labels: vec!["n".to_owned()], batches: Box::pin(batches), zone: Tz::UTC };
        let mut sheet = std::pin::pin!(sheet(table, Format::Csv, Arc::new(str::to_owned)));
        for taken in 1..=50 {
            sheet.next().await.expect("goes on").expect("writes");
            // whoever reads has its turn as often as it likes
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            assert!(read.load(Ordering::SeqCst) <= taken + CHUNKS + 1, "an endless list never fills the memory");
        }
    }

    #[test]
    fn formulas_are_quoted_and_numbers_are_not() {
        for formula in ["=HYPERLINK(\"x\")", "+cmd", "@sum", "-2+3", "\t=1"] {
            assert_eq!(harmless(formula), format!("'{formula}"));
        }
        assert_eq!(harmless("-5"), "-5");
        assert_eq!(harmless("Дизель"), "Дизель");
    }
}
