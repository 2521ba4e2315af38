//! Numbers, money, dates and moments as each language writes them, by ICU.

use std::sync::LazyLock;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use icu::datetime::DateTimeFormatter;
use icu::datetime::fieldsets::{MD, YMD, YMDT};
use icu::datetime::input::{Date, DateTime as Moment, Time};
use icu::datetime::options::TimePrecision;
use icu::decimal::DecimalFormatter;
use icu::decimal::input::Decimal as Digits;
use icu::decimal::options::DecimalFormatterOptions;
use icu::locale::{Locale as Tag, locale};
use rust_decimal::Decimal;

use crate::i18n::{self, Locale};

/// Making a formatter costs far more than using one: each language has its own, made once.
struct Formatters {
    decimal: DecimalFormatter,
    day: DateTimeFormatter<MD>,
    date: DateTimeFormatter<YMD>,
    moment: DateTimeFormatter<YMDT>,
}

static FORMATTERS: LazyLock<[Formatters; 4]> = LazyLock::new(|| {
    // English outside America: the day before the month, and a clock of 24 hours
    [locale!("kk"), locale!("ru"), locale!("en-GB"), locale!("tr")].map(|tag: Tag| {
        let moment = YMDT::medium().with_time_precision(TimePrecision::Minute);
        Formatters {
            decimal: DecimalFormatter::try_new((&tag).into(), DecimalFormatterOptions::default()).expect("compiled data has our languages"),
            day: DateTimeFormatter::try_new((&tag).into(), MD::medium()).expect("compiled data has our languages"),
            date: DateTimeFormatter::try_new((&tag).into(), YMD::medium()).expect("compiled data has our languages"),
            moment: DateTimeFormatter::try_new((&tag).into(), moment).expect("compiled data has our languages"),
        }
    })
});

/// A number with the language's separators. `places` rounds half to even and pads; without it the number is written as it is.
pub fn number(locale: Locale, value: Decimal, places: Option<u32>) -> String {
    let text = match places {
        Some(places) => format!("{:.*}", places as usize, value.round_dp(places)),
        None => value.to_string(),
    };
    match Digits::try_from_str(&text) {
        Ok(digits) => FORMATTERS[locale as usize].decimal.format_to_string(&digits),
        Err(_) => text,
    }
}

/// An amount with two places and the currency's symbol where the language puts it; a currency without a symbol shows its code.
pub fn money(locale: Locale, amount: Decimal, currency: &str) -> String {
    let digits = number(locale, amount.abs(), Some(2));
    let sign = if amount.is_sign_negative() && !amount.is_zero() { "−" } else { "" };
    let Some(symbol) = symbol(currency) else { return format!("{sign}{digits}\u{a0}{currency}") };
    match locale {
        Locale::Kk | Locale::Ru => format!("{sign}{digits}\u{a0}{symbol}"),
        Locale::En | Locale::Tr => format!("{sign}{symbol}{digits}"),
    }
}

/// A currency's sign; none where it is told by its code.
pub fn symbol(currency: &str) -> Option<&'static str> {
    match currency {
        "KZT" => Some("₸"),
        "RUB" => Some("₽"),
        "TRY" => Some("₺"),
        "USD" => Some("$"),
        "EUR" => Some("€"),
        _ => None,
    }
}

/// A day of the year, where the year is plain: `20 Nov`.
pub fn day(locale: Locale, date: NaiveDate) -> String {
    match iso(date) {
        Some(value) => FORMATTERS[locale as usize].day.format(&value).to_string(),
        None => date.to_string(),
    }
}

/// A calendar date: `20 Nov 2026`.
pub fn date(locale: Locale, date: NaiveDate) -> String {
    match iso(date) {
        Some(value) => FORMATTERS[locale as usize].date.format(&value).to_string(),
        None => date.to_string(),
    }
}

/// A moment in the reader's zone, to the minute: `20 Nov 2026, 14:05`.
pub fn datetime(locale: Locale, zone: Tz, moment: DateTime<Utc>) -> String {
    let local = moment.with_timezone(&zone).naive_local();
    match instant(local) {
        Some(value) => FORMATTERS[locale as usize].moment.format(&value).to_string(),
        None => local.to_string(),
    }
}

fn iso(date: NaiveDate) -> Option<Date<icu::calendar::Iso>> {
    Date::try_new_iso(date.year(), u8::try_from(date.month()).ok()?, u8::try_from(date.day()).ok()?).ok()
}

fn instant(local: NaiveDateTime) -> Option<Moment<icu::calendar::Iso>> {
    let part = |value: u32| u8::try_from(value).ok();
    let time = Time::try_new(part(local.hour())?, part(local.minute())?, part(local.second())?, 0).ok()?;
    Some(Moment { date: iso(local.date())?, time })
}

/// How long ago, or how soon: `5 minutes ago`, `in 2 days`. Past 30 days it is the date.
pub fn relative(locale: Locale, zone: Tz, now: DateTime<Utc>, moment: DateTime<Utc>) -> String {
    let distance = now - moment;
    let side = if distance < TimeDelta::zero() { "in" } else { "ago" };
    let minutes = distance.num_minutes().abs();
    let (unit, count) = match minutes {
        0 => return i18n::t(locale, "app.relative.now", &[]),
        1..60 => ("minute", minutes),
        60..1440 => ("hour", minutes / 60),
        1440..43_200 => ("day", minutes / 1440),
        _ => return date(locale, moment.with_timezone(&zone).date_naive()),
    };
    i18n::tn(locale, &format!("app.relative.{side}.{unit}"), count, &[])
}
