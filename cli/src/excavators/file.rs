//! The file of the excavators' work orders, read row by row. What is not what its column says is told and left out: a
//! guess would put a wrong cost into somebody's books.

use std::fmt;

use anyhow::Context;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Deserialize;

/// The columns, in their order.
const COLUMNS: [&str; 5] = ["BscStartDate", "Asset", "OriginalShorttext", "PMType", "Cost"];

/// A work order as the mine wrote it down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its line in the file, which the header is the first of.
    pub line: u64,
    /// The day.
    pub date: NaiveDate,
    /// The excavator's letter.
    pub asset: char,
    /// What was done, as somebody typed it.
    pub text: String,
    /// The order type, `PM01`.
    pub order_type: String,
    /// What it cost; a credit is negative.
    pub cost: Decimal,
}

/// A row that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Its line in the file.
    pub line: u64,
    /// What is wrong with it.
    pub why: String,
}

impl fmt::Display for Skipped {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}: {}", self.line, self.why)
    }
}

#[derive(Deserialize)]
struct Raw {
    #[serde(rename = "BscStartDate")]
    date: String,
    #[serde(rename = "Asset")]
    asset: String,
    #[serde(rename = "OriginalShorttext")]
    text: String,
    #[serde(rename = "PMType")]
    order_type: String,
    #[serde(rename = "Cost")]
    cost: String,
}

/// Reads the file: what can be used and what cannot, each in the file's order.
///
/// # Errors
/// When it is another file altogether: its columns are not these.
pub fn read(bytes: &[u8]) -> anyhow::Result<(Vec<Row>, Vec<Skipped>)> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let header = reader.headers().context("the file has no header")?.clone();
    anyhow::ensure!(header.iter().eq(COLUMNS), "the file's columns are not {}", COLUMNS.join(", "));
    let (mut rows, mut skipped) = (Vec::new(), Vec::new());
    for record in reader.records() {
        let record = record.context("the file is no CSV")?;
        let line = record.position().map_or(0, csv::Position::line);
        match record.deserialize::<Raw>(Some(&header)) {
            _ if record.len() != COLUMNS.len() => {
                skipped.push(Skipped { line, why: format!("{} columns instead of {}", record.len(), COLUMNS.len()) });
            }
            Ok(raw) => match check(line, raw) {
                Ok(row) => rows.push(row),
                Err(why) => skipped.push(Skipped { line, why }),
            },
            Err(error) => skipped.push(Skipped { line, why: error.to_string() }),
        }
    }
    Ok((rows, skipped))
}

/// The row, or everything that is wrong with it.
fn check(line: u64, raw: Raw) -> Result<Row, String> {
    let date = NaiveDate::parse_from_str(&raw.date, "%Y-%m-%d").ok();
    let asset = letter(&raw.asset);
    let order_type = is_order_type(&raw.order_type);
    let cost = Decimal::from_str_exact(&raw.cost).ok().filter(|cost| cost.normalize().scale() <= 2);
    if let (Some(date), Some(asset), true, Some(cost)) = (date, asset, order_type, cost) {
        return Ok(Row { line, date, asset, text: raw.text, order_type: raw.order_type, cost });
    }
    let wrong = [
        (date.is_none(), COLUMNS[0], &raw.date, "a date such as 2004-07-01"),
        (asset.is_none(), COLUMNS[1], &raw.asset, "an excavator's letter"),
        (!order_type, COLUMNS[3], &raw.order_type, "an order type such as PM01"),
        (cost.is_none(), COLUMNS[4], &raw.cost, "an amount"),
    ];
    let told = wrong.iter().filter(|(wrong, ..)| *wrong);
    Err(told.map(|(_, column, value, expected)| format!("{column} is “{value}” and not {expected}")).collect::<Vec<_>>().join("; "))
}

fn letter(text: &str) -> Option<char> {
    let mut chars = text.chars();
    chars.next().filter(|letter| letter.is_ascii_uppercase() && chars.next().is_none())
}

fn is_order_type(text: &str) -> bool {
    text.strip_prefix("PM").is_some_and(|digits| digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit()))
}
