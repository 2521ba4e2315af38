//! Money: a decimal amount and its currency. On the wire a string with the currency's digits, so that 12.30 stays 12.30.

use poem_openapi::Object;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::error::{Error, Result};

/// The currencies a company may keep its books in (88), with their minor digits.
pub const CURRENCIES: &[&str] = &["KZT", "RUB", "USD", "TRY"];

/// Digits after the point of every currency in [`CURRENCIES`].
const MINOR_DIGITS: u32 = 2;

/// The largest amount a column holds.
const MAX: i64 = 999_999_999_999;

/// An amount of money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields)]
pub struct Money {
    /// Decimal string with the currency's digits, `"12.30"`.
    pub amount: String,
    /// ISO 4217 code.
    pub currency: String,
}

impl Money {
    /// The amount in the currency.
    pub fn new(amount: Decimal, currency: &str) -> Self {
        Self { amount: format!("{amount:.2}"), currency: currency.to_owned() }
    }

    /// A stored amount, which is in the company's currency.
    pub fn stored(amount: Option<Decimal>, currency: &str) -> Option<Self> {
        amount.map(|amount| Self::new(amount, currency))
    }

    /// The amount, if it is one the company's books can hold; the error names `field`.
    pub fn accept(&self, field: &str, currency: &str) -> Result<Decimal> {
        if self.currency != currency {
            return Err(Error::Invalid(vec![
                super::error::FieldError::new(format!("{field}/currency"), "currency_mismatch").with("expected", currency),
            ]));
        }
        let field = format!("{field}/amount");
        match parse(&self.amount) {
            Some(amount) => Ok(amount),
            None if is_unclear(&self.amount) => Err(Error::field(field, "ambiguous_number")),
            None => Err(Error::field(field, "bad_money")),
        }
    }
}

/// A decimal amount written plainly, `-1250.50`, with at most the currency's digits, within what a column holds.
pub fn parse(text: &str) -> Option<Decimal> {
    let (whole, cents) = text.split_once('.').unwrap_or((text, "00"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let plain = digits(whole.strip_prefix('-').unwrap_or(whole)) && digits(cents) && cents.len() <= MINOR_DIGITS as usize;
    Decimal::from_str_exact(text).ok().filter(|amount| plain && fits(*amount))
}

/// Whether three digits stand behind the only sign: they may be meant as thousands as well as a fraction.
fn is_unclear(text: &str) -> bool {
    let signs = text.chars().filter(|c| matches!(c, '.' | ',')).count();
    let behind = text.rsplit(['.', ',']).next().unwrap_or_default();
    signs == 1 && behind.len() == 3 && behind.bytes().all(|b| b.is_ascii_digit())
}

/// Whether the company's books can hold the amount.
pub fn fits(amount: Decimal) -> bool {
    amount.normalize().scale() <= MINOR_DIGITS && amount.abs() <= Decimal::from(MAX)
}

#[cfg(test)]
mod tests {
    use super::{Error, Money, parse};

    #[test]
    fn an_amount_keeps_its_digits_and_refuses_more() {
        let credit = parse("-5").expect("credits are amounts");
        assert_eq!(Money::new(credit, "KZT").amount, "-5.00");
        assert_eq!(parse("12.3").map(|a| Money::new(a, "KZT").amount).as_deref(), Some("12.30"));
        let refused =
            ["12.345", "12.300", "1,250", "2_500", "1 250", " 5", "+5", "1e3", ".5", "5.", "-", "--5", "", "9999999999999", "१२", "1.-5"];
        for text in refused {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn three_digits_behind_the_only_sign_are_told_to_be_unclear() {
        let code = |amount: &str| match (Money { amount: amount.to_owned(), currency: "TRY".to_owned() }.accept("cost", "TRY")) {
            Err(Error::Invalid(errors)) => errors[0].code.to_string(),
            other => panic!("{amount}: {other:?}"),
        };
        for text in ["1.250", "1,250", "-12.300"] {
            assert_eq!(code(text), "ambiguous_number", "{text}");
        }
        for text in ["1.2505", "1.250,50", "1,25", "abc", "1.abc", "2_500"] {
            assert_eq!(code(text), "bad_money", "{text}");
        }
    }
}
