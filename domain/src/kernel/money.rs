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
        parse(&self.amount).ok_or_else(|| Error::field(format!("{field}/amount"), "bad_money"))
    }
}

/// A decimal amount with at most the currency's digits, within what a column holds.
pub fn parse(text: &str) -> Option<Decimal> {
    Decimal::from_str_exact(text.trim()).ok().filter(|amount| fits(*amount))
}

/// Whether the company's books can hold the amount.
pub fn fits(amount: Decimal) -> bool {
    amount.normalize().scale() <= MINOR_DIGITS && amount.abs() <= Decimal::from(MAX)
}

#[cfg(test)]
mod tests {
    use super::{Money, parse};

    #[test]
    fn an_amount_keeps_its_digits_and_refuses_more() {
        let credit = parse("-5").expect("credits are amounts");
        assert_eq!(Money::new(credit, "KZT").amount, "-5.00");
        assert_eq!(parse("12.345"), None);
        assert_eq!(parse("12.300").map(|a| Money::new(a, "KZT").amount).as_deref(), Some("12.30"));
        assert_eq!(parse("9999999999999"), None);
    }
}
