//! Numbers, money and dates as each language writes them.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use rust_decimal::Decimal;

use crate::format;
use crate::i18n::Locale;
use crate::page::sample_time;
use crate::typed;

fn decimal(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

/// Spaces of every kind look the same to a reader.
fn plain(text: &str) -> String {
    text.replace(['\u{a0}', '\u{202f}'], " ")
}

fn each(write: impl Fn(Locale) -> String) -> [String; 4] {
    Locale::ALL.map(|locale| plain(&write(locale)))
}

#[test]
fn numbers() {
    let number = |text: &'static str, places| each(|locale| format::number(locale, decimal(text), places));
    assert_eq!(number("1234567.8", None), ["1 234 567,8", "1 234 567,8", "1,234,567.8", "1.234.567,8"]);
    assert_eq!(number("-0.005", Some(2)), ["0,00", "0,00", "0.00", "0,00"]);
    assert_eq!(number("-1.005", Some(2)), ["-1,00", "-1,00", "-1.00", "-1,00"]);
    assert_eq!(number("12", Some(1)), ["12,0", "12,0", "12.0", "12,0"]);
}

#[test]
fn money() {
    let money = |amount: &'static str, currency| each(|locale| format::money(locale, decimal(amount), currency));
    assert_eq!(money("12500", "KZT"), ["12 500,00 ₸", "12 500,00 ₸", "₸12,500.00", "₺12.500,00"].map(|text| text.replace('₺', "₸")));
    assert_eq!(money("-9.9", "TRY"), ["−9,90 ₺", "−9,90 ₺", "−₺9.90", "−₺9,90"]);
    assert_eq!(money("1", "USD"), ["1,00 $", "1,00 $", "$1.00", "$1,00"]);
    assert_eq!(money("1", "CHF"), ["1,00 CHF", "1,00 CHF", "1.00 CHF", "1,00 CHF"]);
    assert_eq!(money("-0", "RUB"), ["0,00 ₽", "0,00 ₽", "₽0.00", "₽0,00"]);
}

#[test]
fn an_amount_is_read_as_it_is_shown() {
    for locale in Locale::ALL {
        for amount in ["0.00", "9.90", "12.50", "999.99", "1000.00", "1250.50", "-1250.50", "1234567.89", "-999999999999.00"] {
            for currency in ["KZT", "RUB", "USD", "TRY", "CHF"] {
                let shown = format::money(locale, decimal(amount), currency);
                assert_eq!(typed::money(locale, &shown, currency).as_deref(), Some(amount), "{locale:?} {shown}");
            }
            let shown = format::number(locale, decimal(amount), Some(2));
            assert_eq!(typed::number(locale, &plain(&shown)).as_deref(), Some(amount), "{locale:?} {shown}");
        }
    }
}

#[test]
fn an_amount_is_read_the_way_the_language_writes_it() {
    let read = |text: &str| Locale::ALL.map(|locale| typed::money(locale, text, "TRY").unwrap_or_else(|| "—".to_owned()));
    // kk, ru, en, tr
    for (text, expected) in [
        ("1250", ["1250"; 4]),
        ("1250.5", ["1250.5"; 4]),
        ("1250,50", ["1250.50"; 4]),
        ("1 250,5", ["1250.5"; 4]),
        ("1 250.50", ["1250.50"; 4]),
        ("1 250,500", ["1250.500", "1250.500", "—", "1250.500"]),
        ("1\u{a0}250\u{a0}000", ["1250000"; 4]),
        ("1\u{202f}250", ["1250"; 4]),
        // one sign and three digits: thousands where the language groups so; where it is the language's point it stays a
        // fraction, which money has no room for
        ("1.250", ["—", "—", "1.250", "1250"]),
        ("1,250", ["1.250", "1.250", "1250", "1.250"]),
        ("0.250", ["—", "—", "0.250", "—"]),
        ("12500.250", ["—", "—", "12500.250", "—"]),
        ("1.250,50", ["—", "—", "—", "1250.50"]),
        ("1,250.50", ["—", "—", "1250.50", "—"]),
        ("1.250.000", ["—", "—", "—", "1250000"]),
        ("1250.000,5", ["—"; 4]),
        ("1.25.000", ["—"; 4]),
        ("1 25", ["—"; 4]),
        ("1 250 00", ["—"; 4]),
        ("2_500", ["—"; 4]),
        ("+5", ["—"; 4]),
        ("1e3", ["—"; 4]),
        ("--5", ["—"; 4]),
        ("5.", ["—"; 4]),
        (".5", ["—"; 4]),
        (",250", ["—"; 4]),
        ("", ["—"; 4]),
        ("₺", ["—"; 4]),
        ("१२", ["—"; 4]),
        ("−9,90 ₺", ["-9.90"; 4]),
        ("−₺9,90", ["-9.90"; 4]),
        ("₺-9,90", ["-9.90"; 4]),
        ("9,90 TRY", ["9.90"; 4]),
        ("9,90 $", ["—"; 4]),
    ] {
        assert_eq!(read(text), expected, "{text}");
    }
}

#[test]
fn dates_and_moments() {
    let date = NaiveDate::from_ymd_opt(2026, 11, 5).expect("a date");
    assert_eq!(each(|locale| format::date(locale, date)), ["2026 ж. 05 қар.", "5 нояб. 2026 г.", "5 Nov 2026", "5 Kas 2026"]);
    assert_eq!(each(|locale| format::day(locale, date)), ["5 қар.", "5 нояб.", "5 Nov", "5 Kas"]);
    // 09:45 in Greenwich is the afternoon in Almaty, where clocks have been five hours ahead since 2024
    let moment = each(|locale| format::datetime(locale, Tz::Asia__Almaty, sample_time()));
    for text in &moment {
        assert!(text.ends_with("14:45"), "{text}");
    }
    let newyear: DateTime<Utc> = "2026-12-31T20:30:00Z".parse().expect("a moment");
    assert!(format::datetime(Locale::En, Tz::Asia__Almaty, newyear).starts_with("1 Jan 2027"));
}

#[test]
fn distances() {
    let now = sample_time();
    let relative = |delta| each(|locale| format::relative(locale, Tz::UTC, now, now + delta));
    assert_eq!(relative(TimeDelta::seconds(-59)), ["жаңа ғана", "только что", "just now", "az önce"]);
    assert_eq!(relative(TimeDelta::minutes(-21)), ["21 минут бұрын", "21 минуту назад", "21 minutes ago", "21 dakika önce"]);
    assert_eq!(relative(TimeDelta::hours(2)), ["2 сағаттан кейін", "через 2 часа", "in 2 hours", "2 saat sonra"]);
    assert_eq!(relative(TimeDelta::days(-29))[2], "29 days ago");
    assert_eq!(relative(TimeDelta::days(-30))[2], "21 Oct 2026");
}
