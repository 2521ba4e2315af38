//! What a demonstration company is made of, as its file says it.

use std::collections::BTreeMap;

use anyhow::Context;
use chrono::NaiveDate;
use chrono_tz::Tz;
use domain::inventory::VendorInput;
use serde::Deserialize;

/// The first company, which the excavators belong to.
pub const DALA: &str = include_str!("../../demo/dala.yml");
/// The second.
pub const LOJISTIK: &str = include_str!("../../demo/lojistik.yml");

/// A company.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompanyFile {
    /// Its name.
    pub name: String,
    /// Its name in addresses.
    pub slug: String,
    /// Its language.
    pub locale: String,
    /// Its time zone.
    pub time_zone: Tz,
    /// The currency of its books.
    pub currency: String,
    /// Its people; the first signs it up.
    pub people: Vec<Person>,
    /// Its places; the first takes the place of the one every company starts with.
    pub sites: Vec<Place>,
    /// Asset types beside those every company starts with, by key.
    pub types: BTreeMap<String, Type>,
    /// Its vendors.
    pub vendors: Vec<VendorInput>,
    /// Its assets.
    pub assets: Vec<Thing>,
    /// Its work orders; no two have one title.
    pub orders: Vec<Order>,
}

/// Somebody.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// What the file calls them.
    pub key: String,
    /// Their name.
    pub name: String,
    /// The address they log in with.
    pub email: String,
    /// Their language.
    pub locale: String,
    /// Key of a default role.
    pub role: String,
    /// Names of the sites they are limited to; none means all.
    #[serde(default)]
    pub sites: Vec<String>,
}

/// A location and what is in it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Its name.
    pub name: String,
    /// `building`, `area` or `room`; a site's is ignored.
    #[serde(default = "area")]
    pub kind: String,
    /// A short code.
    #[serde(default)]
    pub code: String,
    /// Postal address.
    #[serde(default)]
    pub address: String,
    /// What is in it.
    #[serde(default)]
    pub inside: Vec<Place>,
}

fn area() -> String {
    "area".to_owned()
}

/// An asset type.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Type {
    /// Its name.
    pub name: String,
    /// Key of a category every company starts with.
    pub category: String,
}

/// An asset.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thing {
    /// Its name.
    pub name: String,
    /// The tag on it.
    pub tag: String,
    /// Key of a type: the file's, or one every company starts with.
    pub kind: String,
    /// Where it stands: names from the site down, joined by ` / `.
    pub at: String,
    /// Its maker's serial number.
    #[serde(default)]
    pub serial: String,
    /// Who made it.
    #[serde(default)]
    pub manufacturer: String,
    /// Its model.
    #[serde(default)]
    pub model: String,
    /// How much hangs on it.
    #[serde(default = "medium")]
    pub criticality: String,
    /// When it was bought.
    #[serde(default)]
    pub bought: Option<NaiveDate>,
    /// The last day of its warranty.
    #[serde(default)]
    pub warranty: Option<NaiveDate>,
}

fn medium() -> String {
    "medium".to_owned()
}

/// A work order and its life.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// What is wrong, or to be done.
    pub title: String,
    /// More about it.
    #[serde(default)]
    pub text: String,
    /// Tag of the asset.
    pub asset: String,
    /// The kind of work.
    #[serde(default = "repair")]
    pub kind: String,
    /// How urgent.
    #[serde(default = "medium")]
    pub priority: String,
    /// Key of the person who asks.
    pub by: String,
    /// Key of the person who does it.
    #[serde(default)]
    pub to: Option<String>,
    /// Name of the vendor who does it.
    #[serde(default)]
    pub vendor: Option<String>,
    /// So many days ago it was asked for, at least one.
    pub days: i64,
    /// So many days after that it is due.
    #[serde(default)]
    pub due: Option<i64>,
    /// So many days it took.
    #[serde(default = "one")]
    pub took: i64,
    /// What it is expected to cost, in whole units of the company's currency.
    #[serde(default)]
    pub estimate: Option<u64>,
    /// What it cost.
    #[serde(default)]
    pub cost: Option<u64>,
    /// Where it stands today.
    pub ends: End,
    /// Why it was rejected, cancelled, reopened or waits.
    #[serde(default)]
    pub why: Option<String>,
    /// What was done.
    #[serde(default)]
    pub done: Option<String>,
}

fn repair() -> String {
    "repair".to_owned()
}

const fn one() -> i64 {
    1
}

/// Where a work order stands today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// Nobody has decided.
    OnHold,
    /// Somebody decided against it.
    Rejected,
    /// Given to somebody or nobody, not begun.
    Open,
    /// Begun.
    InProgress,
    /// Stopped for want of parts.
    WaitingParts,
    /// Done.
    Completed,
    /// Done, but not well: open again.
    Reopened,
    /// Done and looked over.
    Closed,
    /// Given up.
    Cancelled,
}

/// Reads a company's file.
pub fn load(text: &str) -> anyhow::Result<CompanyFile> {
    serde_saphyr::from_str(text).map_err(|error| anyhow::anyhow!("a demonstration file cannot be read: {error}"))
}

impl CompanyFile {
    /// Who signs the company up.
    pub fn admin(&self) -> anyhow::Result<&Person> {
        self.people.first().context("a demonstration company has nobody")
    }

    /// Somebody, by what the file calls them.
    pub fn person(&self, key: &str) -> anyhow::Result<&Person> {
        self.people.iter().find(|person| person.key == key).with_context(|| format!("{} has no person {key}", self.slug))
    }

    /// The first of a role.
    pub fn first_of(&self, role: &str) -> anyhow::Result<&Person> {
        self.people.iter().find(|person| person.role == role).with_context(|| format!("{} has no {role}", self.slug))
    }
}
