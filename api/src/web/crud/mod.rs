//! The pages of every catalogue table, written once over [`Resource`]: list, record, form, deletion, download. A table gets
//! them from one line in [`pages`]; its words are `resource.<table>.…`.

mod cells;
mod form;
mod list;
mod remove;
mod show;

use std::marker::PhantomData;

use domain::Error;
use domain::assets::{Asset, AssetType, Category, Location};
use domain::inventory::Vendor;
use domain::kernel::id::Id;
use domain::kernel::listing::Listing;
use domain::kernel::resource::Resource;
use poem::{FromRequest, Request, RequestBody};
use templates::pages::parts::{Crumb, Text};
use uuid::Uuid;

use super::pages::Pages;
use super::visitor::Member;
use crate::http::failure::{Failure, Result};

/// The pages of every table.
pub fn pages(pages: Pages) -> Pages {
    let tables = [of::<Vendor>, of::<Location>, of::<Asset>, of::<AssetType>, of::<Category>];
    tables.into_iter().fold(pages, |pages, add| add(pages))
}

fn of<R: Resource>(pages: Pages) -> Pages {
    let at = |rest: &str| format!("/:company/{}{rest}", slug(R::NAME));
    pages
        .get(&at(""), list::list::<R>::default())
        .get(&at("/download"), list::download::<R>::default())
        .get(&at("/new"), form::blank::<R>::default())
        .post(&at("/new"), form::create::<R>::default())
        .get(&at("/:id"), show::show::<R>::default())
        .get(&at("/:id/edit"), form::edit::<R>::default())
        .post(&at("/:id/edit"), form::update::<R>::default())
        .get(&at("/:id/delete"), remove::ask::<R>::default())
        .post(&at("/:id/delete"), remove::remove::<R>::default())
}

/// A member in front of a table.
struct At<R>(Member, PhantomData<fn() -> R>);

impl<'a, R: Resource> FromRequest<'a> for At<R> {
    async fn from_request(request: &'a Request, body: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self(Member::from_request(request, body).await?, PhantomData))
    }
}

/// A table's name in addresses.
fn slug(name: &str) -> String {
    name.replace('_', "-")
}

/// The list of a table.
fn home<R: Listing>(member: &Member) -> String {
    member.path(&slug(R::NAME))
}

/// The page of a record.
fn page_of<R: Listing>(member: &Member, id: Uuid) -> String {
    format!("{}/{id}", home::<R>(member))
}

/// The record an address names; one that names none is not found.
fn id<R: Resource>(request: &Request) -> Result<Id<R>> {
    let id = request.raw_path_param("id").and_then(|id| id.parse::<Uuid>().ok());
    id.map(Id::from).ok_or(Failure::Domain(Error::NotFound))
}

/// The way to a page of the table: its list, the record where there is one, the page itself.
fn crumbs<R: Listing>(member: &Member, record: Option<(Uuid, String)>, last: Text) -> Vec<Crumb> {
    let mut crumbs = vec![Crumb { label: Text::key(format!("resource.{}.title", R::NAME)), href: Some(home::<R>(member)) }];
    crumbs.extend(record.map(|(id, title)| Crumb { label: Text::raw(title), href: Some(page_of::<R>(member, id)) }));
    crumbs.push(Crumb { label: last, href: None });
    crumbs
}
