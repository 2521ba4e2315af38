//! What is asked of a list, read from a query string and turned back into one.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, FixedOffset, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{By, Filter, Limit, Listing, Sort};
use crate::kernel::error::{Error, FieldError, Result};
use crate::kernel::scope::Scope;
use crate::kernel::years;

/// A parsed filter value.
#[derive(Debug, Clone)]
pub(super) enum Chosen {
    Words(Vec<String>),
    References {
        ids: Vec<Uuid>,
        none: bool,
    },
    Truth(bool),
    Time(DateTime<Utc>),
    Text(String),
    /// A text to search for, unless it is too short, and the number it may be.
    Called(Option<String>, Option<i32>),
}

/// What is asked of a list: filters, order, page. Parsed once; turned back into a query string for links, saved views, jobs.
#[derive(Debug, Clone)]
pub struct Query {
    raw: Vec<(String, String)>,
    pub(super) chosen: Vec<(&'static Filter, Chosen)>,
    pub(super) sort: &'static Sort,
    pub(super) descending: bool,
    pub(super) limit: Limit,
    pub(super) after: Option<Cursor>,
}

/// Where a page ended, or with `back` where it began. It comes back from outside: its value is only ever bound, and one that is no value of the sort key is
/// refused when the database cannot read it.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub(super) struct Cursor {
    pub sort: String,
    pub descending: bool,
    pub value: Option<String>,
    pub id: Uuid,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub back: bool,
}

impl Cursor {
    pub fn encode(&self) -> Result<String> {
        Ok(URL_SAFE_NO_PAD.encode(serde_json::to_vec(self)?))
    }

    fn decode(text: &str) -> Result<Self, FieldError> {
        let decoded = URL_SAFE_NO_PAD.decode(text).ok().and_then(|json| serde_json::from_slice(&json).ok());
        decoded.ok_or_else(|| FieldError::new("cursor", BAD_CURSOR))
    }
}

/// The code of a cursor that is not one of this list in this order.
pub(super) const BAD_CURSOR: &str = "bad_cursor";

/// The shortest text searched for: trigrams need three characters.
const SHORTEST_SEARCH: usize = 3;
/// Longest filter value accepted.
const LONGEST_VALUE: usize = 2000;

impl Query {
    /// Reads `?state=open,on_hold&due.lt=…&q=…&sort=-due&limit=50&cursor=…`. Every wrong parameter is named.
    pub fn parse<L: Listing>(query: &str, scope: &Scope) -> Result<Self> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).map_err(|_| Error::field("query", "invalid"))?;
        let mut parsed = Self::all::<L>();
        let mut errors = Vec::new();
        for (name, value) in pairs {
            if value.is_empty() {
                continue;
            }
            if let Err(error) = parsed.take::<L>(name, value, scope) {
                errors.push(error);
            }
        }
        if errors.is_empty() {
            errors.extend(parsed.refuse_cursor());
        }
        if errors.is_empty() { Ok(parsed) } else { Err(Error::Invalid(errors)) }
    }

    /// The same rows after a cursor, so many at a time.
    pub(super) fn batch(&self, cursor: Option<&str>, rows: i64) -> Result<Self> {
        let after = cursor.map(Cursor::decode).transpose().map_err(|error| Error::Invalid(vec![error]))?;
        let batch = Self { limit: Limit(rows), after, ..self.clone() };
        batch.refuse_cursor().map_or(Ok(batch), |error| Err(Error::Invalid(vec![error])))
    }

    /// A cursor made under another order would skip rows, or repeat them.
    fn refuse_cursor(&self) -> Option<FieldError> {
        let cursor = self.after.as_ref()?;
        let fits = cursor.sort == self.sort.name && cursor.descending == self.descending && (cursor.value.is_some() || self.sort.nullable);
        (!fits).then(|| FieldError::new("cursor", BAD_CURSOR))
    }

    /// Whether the page before the cursor is asked for.
    pub(super) fn is_back(&self) -> bool {
        self.after.as_ref().is_some_and(|cursor| cursor.back)
    }

    /// The same rows from their end.
    pub(super) fn reversed(&self) -> Self {
        Self { descending: !self.descending, ..self.clone() }
    }

    /// Everything, in the default order.
    pub fn all<L: Listing>() -> Self {
        let sort = &L::SORTS[0];
        Self { raw: Vec::new(), chosen: Vec::new(), sort, descending: sort.descending, limit: Limit::DEFAULT, after: None }
    }

    fn take<L: Listing>(&mut self, name: String, value: String, scope: &Scope) -> Result<(), FieldError> {
        if value.contains('\0') {
            return Err(FieldError::new(name, "control_characters"));
        }
        if value.len() > LONGEST_VALUE {
            return Err(FieldError::new(name, "too_long").with("max", LONGEST_VALUE));
        }
        match name.as_str() {
            "sort" => {
                let key = value.trim_start_matches('-');
                let names = || L::SORTS.iter().map(|s| s.name).collect::<Vec<_>>().join(", ");
                self.sort = L::SORTS
                    .iter()
                    .find(|sort| sort.name == key)
                    .ok_or_else(|| FieldError::new("sort", "not_one_of").with("options", names()))?;
                self.descending = value.starts_with('-');
                self.raw.push((name, value));
            }
            "limit" => {
                let limit = value.parse().ok().filter(|n| (1..=Limit::MAX).contains(n));
                self.limit =
                    limit.map(Limit).ok_or_else(|| FieldError::new("limit", "out_of_range").with("min", 1).with("max", Limit::MAX))?;
                self.raw.push((name, value));
            }
            "cursor" => {
                self.after = Some(Cursor::decode(&value)?);
            }
            _ => {
                let filter = L::FILTERS.iter().find(|f| f.name == name).ok_or_else(|| FieldError::new(&name, "unknown_field"))?;
                let chosen = filter.read(&value, scope)?;
                self.chosen.push((filter, chosen));
                self.raw.push((name, value));
            }
        }
        Ok(())
    }

    /// The query string without the page: what a link, a saved view or an export carries.
    pub fn to_query(&self) -> String {
        serde_urlencoded::to_string(&self.raw).unwrap_or_default()
    }

    /// The value given to a parameter, as it was given.
    pub fn given(&self, name: &str) -> Option<&str> {
        self.raw.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Whether any filter is set: an empty list then says so.
    pub fn filtered(&self) -> bool {
        !self.chosen.is_empty()
    }

    /// The sort key and whether it descends.
    pub fn order(&self) -> (&'static str, bool) {
        (self.sort.name, self.descending)
    }

    /// Whether this is the first page.
    pub fn is_first(&self) -> bool {
        self.after.is_none()
    }
}

impl Filter {
    fn read(&self, value: &str, scope: &Scope) -> Result<Chosen, FieldError> {
        let wrong = |code| FieldError::new(self.name, code);
        match &self.by {
            By::Choice(_, options) => {
                let words: Vec<String> = value.split(',').map(str::to_owned).collect();
                if words.iter().all(|word| options.contains(&word.as_str())) {
                    Ok(Chosen::Words(words))
                } else {
                    Err(wrong("not_one_of").with("options", options.join(", ")))
                }
            }
            By::Word(_) => {
                let word = |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
                let words: Vec<String> = value.split(',').map(str::to_owned).collect();
                if words.iter().all(|w| word(w)) { Ok(Chosen::Words(words)) } else { Err(wrong("invalid")) }
            }
            By::Reference(..) => {
                let mut ids = Vec::new();
                let mut none = false;
                for part in value.split(',') {
                    match part {
                        "none" => none = true,
                        "me" => ids.push(scope.actor().id.uuid()),
                        id => ids.push(id.parse().map_err(|_| wrong("not_a_uuid"))?),
                    }
                }
                Ok(Chosen::References { ids, none })
            }
            By::Truth(_) | By::Flag(_) => value.parse().map(Chosen::Truth).map_err(|_| wrong("not_one_of").with("options", "true, false")),
            By::Before(_) | By::From(_) => match read_time(value, scope.company().zone) {
                None => Err(wrong("not_a_date")),
                Some(time) if !years::hold(&time) => Err(wrong("year_out_of_range")),
                Some(time) => Ok(Chosen::Time(time.to_utc())),
            },
            By::Called(called) => {
                let (text, number) = (value.trim(), (called.heard)(value));
                let long = text.chars().count() >= SHORTEST_SEARCH;
                if !long && number.is_none() {
                    return Err(wrong("too_short").with("min", SHORTEST_SEARCH));
                }
                Ok(Chosen::Called(long.then(|| text.to_owned()), number))
            }
            By::Search(_) if value.trim().chars().count() < SHORTEST_SEARCH => Err(wrong("too_short").with("min", SHORTEST_SEARCH)),
            By::Contains(_) | By::Search(_) => Ok(Chosen::Text(value.trim().to_owned())),
        }
    }
}

/// A moment, or the beginning of a day, in the years it was written in.
fn read_time(value: &str, zone: Tz) -> Option<DateTime<FixedOffset>> {
    if let Ok(time) = DateTime::parse_from_rfc3339(value) {
        return Some(time);
    }
    let midnight = value.parse::<NaiveDate>().ok()?.and_hms_opt(0, 0, 0)?;
    zone.from_local_datetime(&midnight).earliest().map(|time| time.fixed_offset())
}
