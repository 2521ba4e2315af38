//! The work orders of five real excavators, brought into a company as finished repairs, with their dates and costs,
//! through the same API anybody's program would use. A row keeps the reference `excavators:<line>`, so that bringing them
//! in again adds nothing.

mod client;
mod file;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use futures::stream::{self, StreamExt};
use reqwest::Url;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::bar::Bar;
pub use client::Login;
use client::{Client, Refused};
use file::Row;
pub use file::Skipped;

/// The file this program was built with.
pub const FILE: &[u8] = include_bytes!("../../demo/excavators.csv");

/// The name of the asset type.
const KIND: &str = "Excavator";
/// The name of the site they work at.
const SITE: &str = "Excavators' mine";
/// Requests under way at a time.
const AT_ONCE: usize = 8;
/// The longest title the API takes, in characters.
const TITLE: usize = 200;

/// Where the orders go, and as whom.
pub struct Target {
    /// The installation.
    pub url: Url,
    /// Who brings them.
    pub login: Login,
}

/// What became of the rows.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Work orders that are new.
    pub added: u64,
    /// Work orders that were there already.
    pub known: u64,
    /// Rows left out, and why.
    pub skipped: Vec<Skipped>,
}

/// Who we are to the company.
#[derive(Deserialize)]
struct Me {
    currency: String,
    time_zone: Tz,
}

#[derive(Deserialize)]
struct Page {
    data: Vec<Named>,
}

/// What we need to know of a record.
#[derive(Deserialize)]
struct Named {
    id: Uuid,
    name: String,
    #[serde(default)]
    tag: String,
}

#[derive(Deserialize)]
struct Imported {
    added: bool,
}

/// Brings the rows of a file in.
pub async fn bring(target: Target, file: &[u8]) -> anyhow::Result<Summary> {
    let (rows, skipped) = file::read(file)?;
    let client = Client::connect(&target.url, target.login).await?;
    let carrier = Carrier::prepare(&client, &rows).await?;
    let mut bar = Bar::new("work orders", rows.len() as u64);
    let mut summary = Summary { skipped, ..Summary::default() };
    let mut answers = stream::iter(&rows).map(|row| async { (row.line, carrier.carry(row).await) }).buffer_unordered(AT_ONCE);
    while let Some((line, answer)) = answers.next().await {
        match answer {
            Ok(true) => summary.added += 1,
            Ok(false) => summary.known += 1,
            Err(error) => summary.skipped.push(Skipped { line, why: of_the_row(error, line)? }),
        }
        bar.advance(1);
    }
    bar.finish();
    summary.skipped.sort_by_key(|skipped| skipped.line);
    Ok(summary)
}

/// Why a row was refused. Anything but its own fault ends the whole run.
fn of_the_row(error: anyhow::Error, line: u64) -> anyhow::Result<String> {
    match error.downcast_ref::<Refused>() {
        Some(Refused { status, what }) if *status == reqwest::StatusCode::UNPROCESSABLE_ENTITY => Ok(what.clone()),
        _ => Err(error.context(format!("line {line} cannot be brought in"))),
    }
}

/// What every row is brought in with.
struct Carrier<'a> {
    client: &'a Client,
    me: Me,
    assets: BTreeMap<char, Uuid>,
}

impl<'a> Carrier<'a> {
    /// Finds the excavators in the company, adding what is missing.
    async fn prepare(client: &'a Client, rows: &[Row]) -> anyhow::Result<Self> {
        let me: Me = client.get("me").await?;
        let letters: BTreeSet<char> = rows.iter().map(|row| row.asset).collect();
        let kind = found_or_added(client, "asset-types", KIND, &json!({ "name": KIND })).await?;
        let site = found_or_added(client, "locations", SITE, &json!({ "name": SITE })).await?;
        let mut assets = BTreeMap::new();
        for letter in letters {
            let tag = format!("EXC-{letter}");
            let body = json!({ "name": format!("{KIND} {letter}"), "tag": tag, "type_id": kind, "location_id": site });
            assets.insert(letter, found_or_added(client, "assets", &tag, &body).await?);
        }
        Ok(Self { client, me, assets })
    }

    /// Brings one row in; whether it was new.
    async fn carry(&self, row: &Row) -> anyhow::Result<bool> {
        let asset = self.assets.get(&row.asset).context("an excavator without an asset")?;
        let body = order(row, *asset, &self.me);
        let imported: Imported = self.client.post("work-orders/import", &body).await?;
        Ok(imported.added)
    }
}

/// The id of the record of this name, or tag.
async fn found_or_added(client: &Client, list: &str, name: &str, body: &Value) -> anyhow::Result<Uuid> {
    let found = async {
        // a page holds what the search finds first: names that merely contain ours are few
        let page: Page = client.get(&format!("{list}?limit=200&q={}", name.replace(' ', "%20"))).await?;
        let same = page.data.into_iter().find(|record| record.tag == name || (record.tag.is_empty() && record.name == name));
        if let Some(record) = same {
            return Ok(record.id);
        }
        let added: Named = client.post(list, body).await?;
        anyhow::Ok(added.id)
    };
    found.await.with_context(|| format!("no “{name}” among the {list}"))
}

/// The API's input of a row. The file knows days, not hours: noon in the company's zone is on that day for everybody there.
fn order(row: &Row, asset: Uuid, me: &Me) -> Value {
    let at = noon(row.date, me.time_zone);
    let (title, rest) = title(row);
    let description: Vec<&str> = rest.into_iter().chain([&*row.order_type]).collect();
    json!({
        "external_ref": format!("excavators:{}", row.line),
        "title": title,
        "description": description.join("\n\n"),
        "kind": "repair",
        "asset_id": asset,
        "created_at": at,
        "completed_at": at,
        "cost": { "amount": row.cost.to_string(), "currency": me.currency },
    })
}

fn noon(date: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let wall = date.and_time(NaiveTime::MIN) + TimeDelta::hours(12);
    zone.from_local_datetime(&wall).earliest().map_or_else(|| wall.and_utc(), |at| at.to_utc())
}

/// The title of a row and, where it cannot say all, its whole text: one too long for a title is cut at a word and goes
/// into the description as it was; one without a text is called by its type.
fn title(row: &Row) -> (String, Option<&str>) {
    let text = row.text.trim();
    if text.is_empty() {
        return (format!("{KIND} {}, {}", row.asset, row.order_type), None);
    }
    if text.chars().count() <= TITLE {
        return (text.to_owned(), None);
    }
    let start: String = text.chars().take(TITLE - 1).collect();
    let cut = start.rfind(' ').unwrap_or(start.len());
    (format!("{}…", start[..cut].trim_end()), Some(&row.text))
}
