//! Filters that put a value into the reader's language: `number`, `money`, `date`, `day`, `datetime`, `relative`.
//!
//! Contexts carry plain data: decimals and moments arrive as the text serde makes of them.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind, State};
use rust_decimal::Decimal;

use crate::format;
use crate::functions::{locale, shell};

/// Adds the filters.
pub(crate) fn register(environment: &mut Environment<'static>) {
    environment.add_filter("number", number);
    environment.add_filter("money", money);
    environment.add_filter("date", date);
    environment.add_filter("day", day);
    environment.add_filter("datetime", datetime);
    environment.add_filter("relative", relative);
}

fn number(state: &State<'_, '_>, value: &Value, places: Option<u32>) -> Result<String, Error> {
    Ok(format::number(locale(state)?, decimal(value)?, places))
}

fn money(state: &State<'_, '_>, amount: &Value, currency: &str) -> Result<String, Error> {
    Ok(format::money(locale(state)?, decimal(amount)?, currency))
}

fn date(state: &State<'_, '_>, value: &Value) -> Result<String, Error> {
    Ok(format::date(locale(state)?, local_date(state, value)?))
}

fn day(state: &State<'_, '_>, value: &Value) -> Result<String, Error> {
    Ok(format::day(locale(state)?, local_date(state, value)?))
}

/// A date, or the date a moment falls on in the reader's zone.
fn local_date(state: &State<'_, '_>, value: &Value) -> Result<NaiveDate, Error> {
    match value.as_str().map(NaiveDate::from_str) {
        Some(Ok(date)) => Ok(date),
        _ => Ok(moment(value)?.with_timezone(&zone(state)?).date_naive()),
    }
}

fn datetime(state: &State<'_, '_>, value: &Value) -> Result<String, Error> {
    Ok(format::datetime(locale(state)?, zone(state)?, moment(value)?))
}

fn relative(state: &State<'_, '_>, value: &Value) -> Result<String, Error> {
    let now = moment(&shell(state, "now")?)?;
    Ok(format::relative(locale(state)?, zone(state)?, now, moment(value)?))
}

fn zone(state: &State<'_, '_>) -> Result<Tz, Error> {
    parse(&shell(state, "zone")?, "time zone")
}

fn decimal(value: &Value) -> Result<Decimal, Error> {
    match f64::try_from(value.clone()) {
        Ok(float) if value.is_number() && !value.is_integer() => Decimal::try_from(float).map_err(|_| wrong(value, "number")),
        _ => parse(value, "number"),
    }
}

fn moment(value: &Value) -> Result<DateTime<Utc>, Error> {
    parse(value, "moment")
}

fn parse<T: FromStr>(value: &Value, kind: &str) -> Result<T, Error> {
    value.to_string().parse().map_err(|_| wrong(value, kind))
}

fn wrong(value: &Value, kind: &str) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("{value} is not a {kind}"))
}
