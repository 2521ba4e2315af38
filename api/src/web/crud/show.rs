//! The page of a record: its values, what happened to it, and what hangs on it.

use domain::assets::{Asset, Location};
use domain::insight::Life as Happened;
use domain::kernel::listing::{List, Listing, Query};
use domain::kernel::permission::Permission;
use domain::kernel::resource::{Record, Resource, Show};
use domain::maintenance::work_order::WorkOrder;
use poem::{Request, Response, handler};
use serde_json::Value;
use templates::pages::parts::{Chip, Text};
use templates::pages::resource::{Child, RelatedWork, ResourceShow};
use uuid::Uuid;

use super::form::input;
use super::{At, cells, crumbs, id, page_of};
use crate::http::failure::Result;
use crate::web::happenings::event;
use crate::web::respond;
use crate::web::visitor::Member;
use crate::web::work::life::Life;
use crate::web::work::row::Rows;

/// `GET /{company}/{table}/{id}`.
#[handler]
pub async fn show<R: Resource>(At(member, _): At<R>, request: &Request) -> Result<Response> {
    let id = id::<R>(request)?;
    let row = member.run(Show::<R>(id)).await?;
    let happened = member.run(Happened::<R>(id)).await?;
    let life = Life::of(&member).await?;
    let input = input::<R>(&row)?;
    let here = page_of::<R>(&member, row.id());
    let out_of_use = input.get("active") == Some(&Value::Bool(false));
    let page = ResourceShow {
        resource: R::NAME.to_owned(),
        crumbs: crumbs::<R>(&member, None, Text::raw(row.title())),
        name: row.title(),
        chips: out_of_use.then(|| Chip::new(Text::key("resource.filter.active.out_of_use"), "neutral")).into_iter().collect(),
        facts: cells::facts::<R>(&member, &row, &input),
        note: input.get(cells::NOTE).and_then(Value::as_str).filter(|note| !note.is_empty()).map(str::to_owned),
        history: happened.iter().map(|each| event(&life, each)).collect(),
        edit_href: member.scope.can(R::WRITE).then(|| format!("{here}/edit")),
        delete_href: member.scope.can(R::DELETE).then(|| format!("{here}/delete")),
        work: if R::NAME == Asset::NAME { work(&member, &life, row.id()).await? } else { None },
        children: if R::NAME == Location::NAME { children(&member, row.id()).await? } else { Vec::new() },
    };
    respond::page(&member, &page).await
}

/// The latest orders of an asset.
async fn work(member: &Member, life: &Life, asset: Uuid) -> Result<Option<RelatedWork>> {
    if !member.scope.can(Permission::WorkOrderView) {
        return Ok(None);
    }
    let query = Query::parse::<WorkOrder>(&format!("asset={asset}&limit=5"), &member.scope)?;
    let rows = Rows::new(member, life);
    let found = member.run(List::<WorkOrder>::new(query)).await?;
    let orders = member.path("work-orders");
    Ok(Some(RelatedWork {
        rows: found.data.into_iter().map(|row| rows.row(row)).collect(),
        all_href: format!("{orders}?asset={asset}"),
        new_href: member.scope.can(Permission::WorkOrderCreate).then(|| format!("{orders}/new?asset_id={asset}")),
    }))
}

/// What lies directly inside a location.
async fn children(member: &Member, parent: Uuid) -> Result<Vec<Child>> {
    let query = Query::parse::<Location>(&format!("parent={parent}&limit=200&sort=name"), &member.scope)?;
    let found = member.run(List::<Location>::new(query)).await?;
    let child = |place: Location| Child {
        href: page_of::<Location>(member, place.id),
        kind: Text::key(format!("resource.locations.kind.{}", place.kind)),
        name: place.name,
    };
    Ok(found.data.into_iter().map(child).collect())
}
