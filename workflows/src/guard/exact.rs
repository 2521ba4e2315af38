//! The values CEL does not know: exact decimals, money, references, days. They mix with nothing but their own kind.

use std::any::Any;
use std::cmp::Ordering;

use cel::ExecutionError;
use cel::common::traits::{Adder, Comparer, Multiplier, Subtractor};
use cel::common::types::Type;
use cel::common::value::{CowVal, StaticVal, Val};
use chrono::NaiveDate;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::value::{Money, Value};

static EXACT: Type = Type::new_unspecified_type("millwright.exact");

/// A value of a kind of ours inside CEL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Exact {
    Decimal(Decimal),
    Money(Money),
    Ref(Uuid),
    Date(NaiveDate),
}

impl From<Exact> for Value {
    fn from(exact: Exact) -> Self {
        match exact {
            Exact::Decimal(value) => Self::Decimal(value),
            Exact::Money(value) => Self::Money(value),
            Exact::Ref(value) => Self::Ref(value),
            Exact::Date(value) => Self::Date(value),
        }
    }
}

impl Val for Exact {
    fn get_type(&self) -> &Type {
        &EXACT
    }

    fn cel_type() -> &'static Type {
        &EXACT
    }

    fn as_adder<'b, 'v>(&'b self) -> Option<&'b (dyn Adder + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn as_subtractor<'b, 'v>(&'b self) -> Option<&'b (dyn Subtractor + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn as_multiplier<'b, 'v>(&'b self) -> Option<&'b (dyn Multiplier + 'v)>
    where
        Self: 'v,
    {
        Some(self)
    }

    fn as_comparer(&self) -> Option<&dyn Comparer> {
        Some(self)
    }

    fn equals(&self, other: &dyn Val) -> bool {
        other.downcast_ref::<Self>() == Some(self)
    }

    fn clone_as_boxed<'v>(&self) -> Box<dyn Val + 'v>
    where
        Self: 'v,
    {
        Box::new(self.clone())
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }
}

impl StaticVal for Exact {}

impl Comparer for Exact {
    fn compare(&self, rhs: &dyn Val) -> Result<Ordering, ExecutionError> {
        match (self, rhs.downcast_ref::<Self>()) {
            (Self::Decimal(a), Some(Self::Decimal(b))) => Ok(a.cmp(b)),
            (Self::Date(a), Some(Self::Date(b))) => Ok(a.cmp(b)),
            (Self::Money(a), Some(Self::Money(b))) => same_currency("<", a, b).map(|()| a.amount.cmp(&b.amount)),
            _ => Err(mixed("<")),
        }
    }
}

impl Adder for Exact {
    fn add<'b, 'v>(&'b self, rhs: &(dyn Val + 'v)) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.combine("+", rhs, Decimal::checked_add)
    }
}

impl Subtractor for Exact {
    fn sub<'b, 'v>(&'b self, rhs: &(dyn Val + 'v)) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.combine("-", rhs, Decimal::checked_sub)
    }
}

impl Multiplier for Exact {
    fn mul<'b, 'v>(&'b self, rhs: &(dyn Val + 'v)) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        match (self, rhs.downcast_ref::<Self>()) {
            (Self::Decimal(_), Some(Self::Decimal(_))) => self.combine("*", rhs, Decimal::checked_mul),
            _ => Err(mixed("*")),
        }
    }
}

impl Exact {
    fn combine<'b, 'v>(
        &self,
        operator: &'static str,
        rhs: &(dyn Val + 'v),
        with: fn(Decimal, Decimal) -> Option<Decimal>,
    ) -> Result<CowVal<'b, 'v>, ExecutionError> {
        let overflow = || ExecutionError::function_error(operator, "overflow");
        let sum = match (self, rhs.downcast_ref::<Self>()) {
            (Self::Decimal(a), Some(Self::Decimal(b))) => Self::Decimal(with(*a, *b).ok_or_else(overflow)?),
            (Self::Money(a), Some(Self::Money(b))) => {
                same_currency(operator, a, b)?;
                Self::Money(Money { amount: with(a.amount, b.amount).ok_or_else(overflow)?, currency: a.currency.clone() })
            }
            _ => return Err(mixed(operator)),
        };
        Ok(CowVal::owned(sum))
    }
}

fn same_currency(operator: &str, a: &Money, b: &Money) -> Result<(), ExecutionError> {
    if a.currency == b.currency {
        return Ok(());
    }
    Err(ExecutionError::function_error(operator, format!("{} and {} are different currencies", a.currency, b.currency)))
}

fn mixed(operator: &str) -> ExecutionError {
    ExecutionError::function_error(operator, "the values are of different kinds")
}
