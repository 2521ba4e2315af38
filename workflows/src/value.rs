//! Values: what a record's fields, a form and an expression hold.

use std::borrow::{Borrow, Cow};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, LocalResult, NaiveDate, NaiveDateTime, SecondsFormat, TimeDelta, TimeZone, Utc};
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::facts::TenantFacts;
use crate::subject::{Field, Kind};

/// Characters that count as much as one value.
pub(crate) const CHARACTERS: usize = 64;

/// One value. As JSON: numbers for `Int`, strings for everything exact (`Decimal`, `Time` in RFC 3339, `Date`, `Duration` in ISO 8601, `Ref`),
/// `{"amount": "…", "currency": "…"}` for `Money`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Value {
    /// Empty.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An exact decimal.
    Decimal(Decimal),
    /// Text, and the value of a `Choice`.
    Text(String),
    /// A moment.
    Time(DateTime<Utc>),
    /// A calendar day.
    Date(NaiveDate),
    /// A length of time.
    Duration(TimeDelta),
    /// An amount in a currency.
    Money(Money),
    /// The id of another record.
    Ref(Uuid),
    /// Several values.
    List(Vec<Value>),
    /// A record inside the record.
    Object(BTreeMap<String, Value>),
    /// The id of another record, with some of its fields. As JSON it is the id.
    Link(Link),
}

/// The id of another record, with some of its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The record.
    pub id: Uuid,
    /// Those of its fields that are at hand.
    pub fields: BTreeMap<String, Value>,
}

/// An exact amount in one currency. Amounts in different currencies have no order and no sum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Money {
    /// The amount, in units (not cents).
    #[serde(with = "rust_decimal::serde::str")]
    pub amount: Decimal,
    /// ISO 4217 code.
    pub currency: String,
}

impl FromStr for Money {
    type Err = ReadError;

    /// Reads `500000 KZT`.
    fn from_str(text: &str) -> Result<Self, ReadError> {
        let bad = || ReadError::new("bad_money", "1200.50 KZT");
        let (amount, currency) = text.trim().rsplit_once(' ').ok_or_else(bad)?;
        let amount = Decimal::from_str_exact(amount.trim()).map_err(|_| bad())?;
        if !is_currency(currency) {
            return Err(bad());
        }
        Ok(Self { amount, currency: currency.to_owned() })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}

fn is_currency(code: &str) -> bool {
    code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase())
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            Self::Decimal(value) => value.fmt(f),
            Self::Text(value) => f.write_str(value),
            Self::Time(value) => f.write_str(&rfc3339(*value)),
            Self::Date(value) => value.fmt(f),
            Self::Duration(value) => value.fmt(f),
            Self::Money(value) => value.fmt(f),
            Self::Ref(value) | Self::Link(Link { id: value, .. }) => value.fmt(f),
            Self::List(_) | Self::Object(_) => f.write_str(&serde_json::to_string(self).map_err(|_| fmt::Error)?),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(value) => serializer.serialize_i64(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::Time(value) => serializer.serialize_str(&rfc3339(*value)),
            Self::Money(value) => value.serialize(serializer),
            Self::List(values) => values.serialize(serializer),
            Self::Object(fields) => fields.serialize(serializer),
            Self::Decimal(_) | Self::Date(_) | Self::Duration(_) | Self::Ref(_) | Self::Link(_) => serializer.collect_str(self),
        }
    }
}

fn rfc3339(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Why JSON is not the value that was expected: a field problem's code and what would have been right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: expected {expected}")]
pub struct ReadError {
    /// A code of [`crate::FieldProblem`].
    pub code: &'static str,
    /// The type, or an example.
    pub expected: String,
}

impl ReadError {
    pub(crate) fn new(code: &'static str, expected: &str) -> Self {
        Self { code, expected: expected.to_owned() }
    }
}

impl Value {
    /// Whether it is empty.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text inside, if it is text.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The id inside, if it is a reference.
    pub fn as_ref_id(&self) -> Option<Uuid> {
        match self {
            Self::Ref(id) | Self::Link(Link { id, .. }) => Some(*id),
            _ => None,
        }
    }

    /// How much it holds: 1 for itself and for each value inside, more for long texts and for fields. Counted no further than just past `limit`.
    pub(crate) fn weight(&self, limit: usize) -> usize {
        let inside = |values: &mut dyn Iterator<Item = &Self>, own: usize| {
            let mut weight = own;
            for value in values {
                if weight > limit {
                    break;
                }
                weight += value.weight(limit - weight);
            }
            weight
        };
        match self {
            Self::Text(text) => 1 + text.len() / CHARACTERS,
            Self::List(values) => inside(&mut values.iter(), 1),
            Self::Object(fields) | Self::Link(Link { fields, .. }) => inside(&mut fields.values(), 4 + fields.len()),
            _ => 1,
        }
    }

    /// The field `name` of what is inside, if it has fields; [`Value::Null`] where there is none.
    pub fn field(&self, name: &str) -> &Self {
        match self {
            Self::Object(fields) | Self::Link(Link { fields, .. }) => fields.get(name).unwrap_or(&Self::Null),
            _ => &Self::Null,
        }
    }

    /// Reads a value of `kind` from JSON; `null` is [`Value::Null`]. The inverse of serialising.
    ///
    /// # Errors
    ///
    /// The JSON is not of that kind.
    pub fn read(kind: &Kind, json: &Json, tenant: &TenantFacts) -> Result<Self, ReadError> {
        if json.is_null() {
            return Ok(Self::Null);
        }
        match kind {
            Kind::Bool => read_bool(json),
            Kind::Int => read_int(json),
            Kind::Decimal => read_decimal(json).map(Self::Decimal),
            Kind::Text => read_text(json).map(|text| Self::Text(text.to_owned())),
            Kind::Choice(options) => read_choice(json, options),
            Kind::Time => read_time(json, tenant),
            Kind::Date => read_date(json),
            Kind::Money => read_money(json, tenant),
            Kind::Ref(_) => read_ref(json),
            Kind::List(of) => {
                let items = json.as_array().ok_or_else(|| ReadError::new("wrong_type", "list"))?;
                items.iter().map(|item| Self::read(of, item, tenant)).collect::<Result<_, _>>().map(Self::List)
            }
            Kind::Object(fields) => {
                let object = json.as_object().ok_or_else(|| ReadError::new("wrong_type", "object"))?;
                read_fields(fields, object, tenant).map(Self::Object)
            }
            Kind::Link { fields, .. } => match json {
                Json::Object(object) => {
                    let Self::Ref(id) = read_ref(object.get("id").unwrap_or(&Json::Null))? else {
                        return Err(ReadError::new("not_a_uuid", "uuid"));
                    };
                    Ok(Self::Link(Link { id, fields: read_fields(fields, object, tenant)? }))
                }
                _ => read_ref(json),
            },
        }
    }
}

fn read_fields(
    fields: &[Field],
    object: &serde_json::Map<String, Json>,
    tenant: &TenantFacts,
) -> Result<BTreeMap<String, Value>, ReadError> {
    let read = |field: &Field| {
        let value = Value::read(&field.kind, object.get(field.name).unwrap_or(&Json::Null), tenant)?;
        Ok((field.name.to_owned(), value))
    };
    fields.iter().map(read).collect()
}

pub(crate) fn read_text(json: &Json) -> Result<&str, ReadError> {
    json.as_str().ok_or_else(|| ReadError::new("wrong_type", "text"))
}

pub(crate) fn read_bool(json: &Json) -> Result<Value, ReadError> {
    match json {
        Json::Bool(value) => Ok(Value::Bool(*value)),
        Json::String(text) if text == "true" || text == "on" => Ok(Value::Bool(true)),
        Json::String(text) if text == "false" => Ok(Value::Bool(false)),
        _ => Err(ReadError::new("wrong_type", "bool")),
    }
}

pub(crate) fn read_int(json: &Json) -> Result<Value, ReadError> {
    let number = match json {
        Json::Number(number) => number.as_i64(),
        Json::String(text) => text.trim().parse().ok(),
        _ => return Err(ReadError::new("wrong_type", "int")),
    };
    number.map(Value::Int).ok_or_else(|| ReadError::new("not_a_number", "int"))
}

pub(crate) fn read_decimal(json: &Json) -> Result<Decimal, ReadError> {
    let text = match json {
        Json::Number(number) => Cow::Owned(number.to_string()),
        Json::String(text) => Cow::Borrowed(text.trim()),
        _ => return Err(ReadError::new("wrong_type", "decimal")),
    };
    // the library reads `2_500` too, which nobody means
    let number = Decimal::from_str_exact(&text).ok().filter(|_| !text.contains('_'));
    number.ok_or_else(|| ReadError::new("not_a_number", "decimal"))
}

pub(crate) fn read_choice<S: Borrow<str>>(json: &Json, options: &[S]) -> Result<Value, ReadError> {
    let text = read_text(json)?;
    if options.iter().any(|option| option.borrow() == text) {
        return Ok(Value::Text(text.to_owned()));
    }
    Err(ReadError { code: "not_one_of", expected: options.join(", ") })
}

/// A moment with its offset, or, as a page's field sends it, without: then it is the company's local time.
pub(crate) fn read_time(json: &Json, tenant: &TenantFacts) -> Result<Value, ReadError> {
    let text = read_text(json)?.trim();
    let bad = || ReadError::new("not_a_time", "2026-03-02T09:00:00Z");
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Ok(Value::Time(time.with_timezone(&Utc)));
    }
    let local =
        ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"].iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()).ok_or_else(bad)?;
    match tenant.zone.from_local_datetime(&local) {
        LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => Ok(Value::Time(time.with_timezone(&Utc))),
        LocalResult::None => Err(bad()),
    }
}

pub(crate) fn read_date(json: &Json) -> Result<Value, ReadError> {
    let text = read_text(json)?.trim();
    NaiveDate::parse_from_str(text, "%Y-%m-%d").map(Value::Date).map_err(|_| ReadError::new("not_a_date", "2026-03-02"))
}

/// `{"amount", "currency"}`, `"1200.50 KZT"`, or an amount alone, which is in the company's currency.
pub(crate) fn read_money(json: &Json, tenant: &TenantFacts) -> Result<Value, ReadError> {
    let bad = || ReadError::new("bad_money", "1200.50 KZT");
    let money = match json {
        Json::Object(object) => {
            let amount = object.get("amount").ok_or_else(bad).and_then(|amount| read_decimal(amount).map_err(|_| bad()))?;
            let currency = object.get("currency").map_or(Some(tenant.currency.as_str()), Json::as_str).ok_or_else(bad)?;
            if object.len() > 2 || !is_currency(currency) {
                return Err(bad());
            }
            Money { amount, currency: currency.to_owned() }
        }
        Json::String(text) if text.trim().contains(' ') => text.parse()?,
        Json::Number(_) | Json::String(_) => Money { amount: read_decimal(json).map_err(|_| bad())?, currency: tenant.currency.clone() },
        _ => return Err(ReadError::new("wrong_type", "money")),
    };
    Ok(Value::Money(money))
}

pub(crate) fn read_ref(json: &Json) -> Result<Value, ReadError> {
    Uuid::parse_str(read_text(json)?.trim()).map(Value::Ref).map_err(|_| ReadError::new("not_a_uuid", "uuid"))
}

/// A record as the domain hands it over: field name → value. An absent field reads as empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record(BTreeMap<Cow<'static, str>, Value>);

impl Record {
    /// The value of `name`; [`Value::Null`] if absent.
    pub fn get(&self, name: &str) -> &Value {
        self.0.get(name).unwrap_or(&Value::Null)
    }

    /// The value at a path of names with dots between, such as `asset.meter`; [`Value::Null`] where it leads nowhere.
    pub fn at(&self, path: &str) -> &Value {
        let mut names = path.split('.');
        let first = names.next().map_or(&Value::Null, |name| self.get(name));
        names.fold(first, Value::field)
    }

    /// Writes `name`.
    pub fn insert(&mut self, name: impl Into<Cow<'static, str>>, value: Value) {
        self.0.insert(name.into(), value);
    }

    /// The record with `name` written.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: Value) -> Self {
        self.insert(name, value);
        self
    }

    /// The `state`, or the empty text while there is none.
    pub fn state(&self) -> &str {
        self.get("state").as_text().unwrap_or_default()
    }

    /// Every field there is.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value))
    }
}

impl<N: Into<Cow<'static, str>>> FromIterator<(N, Value)> for Record {
    fn from_iter<I: IntoIterator<Item = (N, Value)>>(fields: I) -> Self {
        Self(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }
}
