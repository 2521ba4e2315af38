//! Records to choose from: in a form, in a filter, in a box one types into.

use domain::Error;
use domain::assets::{Asset, AssetType, Category, Location};
use domain::identity::member::Choices;
use domain::inventory::Vendor;
use domain::kernel::listing::{Cell, List, Query};
use domain::kernel::permission::Permission;
use domain::kernel::resource::{Record, Resource, Show};
use poem::web::Path;
use poem::{Request, Response, handler};
use templates::pages::parts::{Choice, Field};
use templates::pages::resource::ResourceOptions;
use uuid::Uuid;

use super::listed::{self, value};
use super::pages::Pages;
use super::respond;
use super::visitor::Member;
use crate::http::failure::{Failure, Result};

/// Entries of a choice.
#[derive(Default)]
pub struct Options {
    /// The entries.
    pub choices: Vec<Choice>,
    /// Whether there are more, to be searched for.
    pub more: bool,
}

/// Entries offered at once.
const OFFERED: &str = "200";

/// The pages.
pub fn pages(pages: Pages) -> Pages {
    pages.get("/:company/options/:list", options)
}

/// The entries of a list of this name that a text finds, the chosen one among them. Who may not see the list is offered nothing.
pub async fn find(member: &Member, list: &str, q: &str, chosen: &str) -> Result<Options> {
    match list {
        "assets" => of::<Asset>(member, &[("q", q)], chosen).await,
        "asset_types" => of::<AssetType>(member, &[("q", q)], chosen).await,
        "categories" => of::<Category>(member, &[("q", q)], chosen).await,
        "locations" => of::<Location>(member, &[("q", q)], chosen).await,
        "sites" => of::<Location>(member, &[("q", q), ("kind", "site")], chosen).await,
        "vendors" => of::<Vendor>(member, &[("q", q)], chosen).await,
        "members" => people(member, q, chosen, None).await,
        _ => Err(Error::NotFound.into()),
    }
}

/// Gives a field what it offers: the entries a text finds, and the way to others where there are more.
pub async fn offer(member: &Member, list: &str, field: &mut Field, sought: &str) -> Result<()> {
    let found = find(member, list, sought, &field.value).await?;
    field.search = (found.more || !sought.is_empty()).then(|| search(member, list));
    sought.clone_into(&mut field.sought);
    field.options = found.choices;
    Ok(())
}

/// The address that finds entries of a list.
pub fn search(member: &Member, list: &str) -> String {
    member.path(&format!("options/{}", list.replace('_', "-")))
}

/// The people work at a site may be given to, the chosen one among them.
pub async fn assignees(member: &Member, site: Option<Uuid>, chosen: &str) -> Result<Vec<Choice>> {
    Ok(people(member, "", chosen, site).await?.choices)
}

async fn people(member: &Member, q: &str, chosen: &str, site: Option<Uuid>) -> Result<Options> {
    if !member.scope.can(Permission::WorkOrderView) {
        return Ok(Options::default());
    }
    let wanted = q.to_lowercase();
    let chosen = chosen.parse().ok();
    let people = member.run(Choices { site, chosen }).await?.into_iter();
    let people = people.filter(|person| person.name.to_lowercase().contains(&wanted) || Some(person.id) == chosen);
    Ok(Options { choices: people.map(|person| Choice::new(person.id, person.name)).collect(), more: false })
}

async fn of<R: Resource>(member: &Member, narrowed: &[(&str, &str)], chosen: &str) -> Result<Options> {
    if !member.scope.can(R::READ) {
        return Ok(Options::default());
    }
    let in_use = R::FILTERS.iter().any(|filter| filter.name == "active").then_some(("active", "true"));
    let pairs: Vec<_> = narrowed.iter().copied().chain(in_use).chain([("limit", OFFERED)]).collect();
    let query = match Query::parse::<R>(&serde_urlencoded::to_string(pairs).unwrap_or_default(), &member.scope) {
        Ok(query) => query,
        // a text too short to be searched for finds nothing yet
        Err(Error::Invalid(_)) => return Ok(Options::default()),
        Err(error) => return Err(error.into()),
    };
    let page = member.run(List::<R>::new(query)).await?;
    let mut choices: Vec<Choice> = page.data.iter().map(choice::<R>).collect();
    if let Some(id) = missing(&choices, chosen) {
        match member.run(Show::<R>(id.into())).await {
            Ok(row) => choices.insert(0, choice::<R>(&row)),
            Err(Failure::Domain(Error::NotFound)) => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(Options { choices, more: page.next_cursor.is_some() })
}

fn missing(choices: &[Choice], chosen: &str) -> Option<Uuid> {
    let offered = choices.iter().any(|choice| choice.value == chosen);
    if offered { None } else { chosen.parse().ok() }
}

/// Trees show how deep an entry lies.
fn choice<R: Resource>(row: &R::Row) -> Choice {
    let label = match R::COLUMNS.first().map(|column| (column.cell)(row)) {
        Some(Cell::Tree(depth, name)) => format!("{}{name}", "— ".repeat(depth)),
        _ => row.title(),
    };
    Choice::new(row.id(), label)
}

/// `GET /{company}/options/{list}?q=…`
#[handler]
async fn options(member: Member, Path((_, list)): Path<(String, String)>, request: &Request) -> Result<Response> {
    let pairs = listed::pairs(request);
    let found = find(&member, &list.replace('-', "_"), value(&pairs, "q"), "").await?;
    respond::page(&member, &ResourceOptions { options: found.choices }).await
}
