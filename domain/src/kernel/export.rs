//! Downloads: any list, filtered and sorted as on the screen, as CSV or XLSX, in constant memory. Columns come from the list;
//! words from whoever asks, in the reader's language.

use std::marker::PhantomData;
use std::sync::Arc;

use chrono_tz::Tz;
use futures::Stream;
use futures::stream::unfold;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{Format as Style, Workbook, Worksheet, XlsxError};
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

/// The file, piece by piece. Rights are checked before the first piece.
pub fn download<L: Listing>(
    app: &App,
    scope: &Scope,
    query: Query,
    format: Format,
    words: Words,
) -> Result<impl Stream<Item = Result<Vec<u8>>> + Send + use<L>> {
    scope.need(Permission::ExportRun)?;
    scope.need(L::READ)?;
    let (sender, receiver) = mpsc::channel(CHUNKS);
    let job = Job::<L> { list: PhantomData, app: app.clone(), scope: scope.clone(), query, words, sender };
    tokio::spawn(async move {
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
    Ok(unfold(receiver, async |mut receiver| receiver.recv().await.map(|chunk| (chunk, receiver))))
}

struct Job<L: Listing> {
    list: PhantomData<fn() -> L>,
    app: App,
    scope: Scope,
    query: Query,
    words: Words,
    sender: mpsc::Sender<Result<Vec<u8>>>,
}

impl<L: Listing> Job<L> {
    fn columns(&self) -> Vec<&'static Column<L::Row>> {
        L::COLUMNS.iter().filter(|column| column.needs.is_none_or(|needed| self.scope.can(needed))).collect()
    }

    fn headers(&self) -> Vec<String> {
        self.columns().iter().map(|column| (self.words)(&L::label(column.key))).collect()
    }

    async fn batch(&self, cursor: Option<&str>) -> Result<super::listing::Page<L::Row>> {
        self.app.run(&self.scope, Batch::<L>::after(&self.query, cursor)?).await
    }

    /// Whether somebody still reads.
    async fn send(&self, bytes: Vec<u8>) -> bool {
        self.sender.send(Ok(bytes)).await.is_ok()
    }

    async fn csv(&self) -> Result<()> {
        let mut first = vec![0xEF, 0xBB, 0xBF];
        first.extend(line(self.headers().iter().map(|header| harmless(header)))?);
        if !self.send(first).await {
            return Ok(());
        }
        let (columns, zone) = (self.columns(), self.scope.company().zone);
        let mut cursor = None;
        loop {
            let page = self.batch(cursor.as_deref()).await?;
            let mut bytes = Vec::new();
            for row in &page.data {
                bytes.extend(line(columns.iter().map(|column| plain(&(column.cell)(row), &*self.words, zone)))?);
            }
            cursor = page.next_cursor;
            if !self.send(bytes).await || cursor.is_none() {
                return Ok(());
            }
        }
    }

    async fn xlsx(&self) -> Result<()> {
        let mut book = Workbook::new();
        let styles = Styles::new();
        let (columns, zone) = (self.columns(), self.scope.company().zone);
        let headers = self.headers();
        let sheet = book.add_worksheet_with_constant_memory().map_err(fault)?;
        head(sheet, &headers, &styles).map_err(fault)?;
        let mut cursor = None;
        let mut at = 1;
        loop {
            let page = self.batch(cursor.as_deref()).await?;
            for row in &page.data {
                for (index, column) in columns.iter().enumerate() {
                    let index = u16::try_from(index).unwrap_or(u16::MAX);
                    write(sheet, at, index, &(column.cell)(row), &*self.words, zone, &styles).map_err(fault)?;
                }
                at += 1;
            }
            cursor = page.next_cursor;
            if cursor.is_none() || self.sender.is_closed() {
                break;
            }
        }
        let last = u16::try_from(headers.len().saturating_sub(1)).unwrap_or(u16::MAX);
        sheet.autofilter(0, 0, at - 1, last).map_err(fault)?;
        let bytes =
            tokio::task::spawn_blocking(move || book.save_to_buffer()).await.map_err(|e| Error::Internal(e.to_string()))?.map_err(fault)?;
        for chunk in bytes.chunks(CHUNK) {
            if !self.send(chunk.to_vec()).await {
                break;
            }
        }
        Ok(())
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn fault(error: XlsxError) -> Error {
    Error::Internal(error.to_string())
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
    use super::harmless;

    #[test]
    fn formulas_are_quoted_and_numbers_are_not() {
        for formula in ["=HYPERLINK(\"x\")", "+cmd", "@sum", "-2+3", "\t=1"] {
            assert_eq!(harmless(formula), format!("'{formula}"));
        }
        assert_eq!(harmless("-5"), "-5");
        assert_eq!(harmless("Дизель"), "Дизель");
    }
}
