//! What a demonstration company has: places, asset types, assets, vendors. What is there by its name is left alone.

use std::collections::BTreeMap;

use anyhow::Context;
use domain::App;
use domain::assets::{Asset, AssetInput, AssetType, AssetTypeInput, Category, Location, LocationInput};
use domain::inventory::Vendor;
use domain::kernel::listing::{List, Listing, Query};
use domain::kernel::resource::{Create, Update};
use domain::kernel::scope::Scope;
use uuid::Uuid;

use super::file::{CompanyFile, Place, Thing};

/// Names from the site down, joined.
const JOINT: &str = " / ";

/// Ids of locations, by their names from the site down.
#[derive(Default)]
pub struct Places(BTreeMap<String, Uuid>);

impl Places {
    /// The location of this path.
    pub fn find(&self, path: &str) -> anyhow::Result<Uuid> {
        self.0.get(path).copied().with_context(|| format!("there is no place {path}"))
    }
}

/// Ids of assets by tag, and of vendors by name.
pub struct Things {
    /// The assets.
    pub assets: BTreeMap<String, Uuid>,
    /// The vendors.
    pub vendors: BTreeMap<String, Uuid>,
}

/// Every row of a list that is no longer than a page.
pub async fn all<L: Listing>(app: &App, scope: &Scope) -> anyhow::Result<Vec<L::Row>> {
    let query = Query::parse::<L>("limit=200", scope)?;
    Ok(app.run(scope, List::<L>::new(query)).await?.data)
}

/// The company's tree of places.
pub async fn places(app: &App, admin: &Scope, file: &CompanyFile) -> anyhow::Result<Places> {
    let known = all::<Location>(app, admin).await?;
    let mut places = Places(known.iter().map(|place| (place.path.join(JOINT), place.id)).collect());
    if let ([site], Some(first)) = (&known[..], file.sites.first()) {
        // the site every company starts with becomes the first of the file
        let input = location(first, None);
        let site = app.run(admin, Update::<Location> { id: site.id.into(), version: site.version, input }).await?;
        places = Places([(site.name, site.id)].into());
    }
    let mut waiting: Vec<(&Place, Option<String>)> = file.sites.iter().rev().map(|site| (site, None)).collect();
    while let Some((place, parent)) = waiting.pop() {
        let path = parent.as_ref().map_or_else(|| place.name.clone(), |parent| format!("{parent}{JOINT}{}", place.name));
        if !places.0.contains_key(&path) {
            let parent = parent.as_deref().map(|parent| places.find(parent)).transpose()?;
            let made = app.run(admin, Create::<Location> { input: location(place, parent) }).await?;
            places.0.insert(path.clone(), made.id);
        }
        waiting.extend(place.inside.iter().rev().map(|inside| (inside, Some(path.clone()))));
    }
    Ok(places)
}

fn location(place: &Place, parent_id: Option<Uuid>) -> LocationInput {
    LocationInput {
        name: place.name.clone(),
        parent_id,
        kind: place.kind.clone(),
        code: place.code.clone(),
        address: place.address.clone(),
        active: true,
    }
}

/// The company's assets and vendors.
pub async fn things(app: &App, admin: &Scope, file: &CompanyFile, places: &Places) -> anyhow::Result<Things> {
    let kinds = kinds(app, admin, file).await?;
    let mut assets: BTreeMap<_, _> = all::<Asset>(app, admin).await?.into_iter().map(|asset| (asset.tag, asset.id)).collect();
    for thing in &file.assets {
        if !assets.contains_key(&thing.tag) {
            let type_id = *kinds.get(&thing.kind).with_context(|| format!("there is no asset type {}", thing.kind))?;
            let input = asset(thing, type_id, places.find(&thing.at)?);
            let made = app.run(admin, Create::<Asset> { input }).await.with_context(|| format!("{} cannot be added", thing.tag))?;
            assets.insert(made.tag, made.id);
        }
    }
    let mut vendors: BTreeMap<_, _> = all::<Vendor>(app, admin).await?.into_iter().map(|vendor| (vendor.name, vendor.id)).collect();
    for input in &file.vendors {
        if !vendors.contains_key(&input.name) {
            let made = app.run(admin, Create::<Vendor> { input: input.clone() }).await;
            let made = made.with_context(|| format!("{} cannot be added", input.name))?;
            vendors.insert(made.name, made.id);
        }
    }
    Ok(Things { assets, vendors })
}

fn asset(thing: &Thing, type_id: Uuid, location_id: Uuid) -> AssetInput {
    AssetInput {
        name: thing.name.clone(),
        tag: thing.tag.clone(),
        serial: thing.serial.clone(),
        type_id,
        location_id,
        manufacturer: thing.manufacturer.clone(),
        model: thing.model.clone(),
        criticality: thing.criticality.clone(),
        purchased_on: thing.bought,
        warranty_until: thing.warranty,
        note: String::new(),
        active: true,
    }
}

/// Ids of asset types by key: the file's own, and those a company starts with, which are found by their words.
async fn kinds(app: &App, admin: &Scope, file: &CompanyFile) -> anyhow::Result<BTreeMap<String, Uuid>> {
    let words = api::rest::words(&file.locale);
    let known: BTreeMap<_, _> = all::<AssetType>(app, admin).await?.into_iter().map(|kind| (kind.name, kind.id)).collect();
    let categories: BTreeMap<_, _> = all::<Category>(app, admin).await?.into_iter().map(|category| (category.name, category.id)).collect();
    let mut kinds = BTreeMap::new();
    for (key, kind) in &file.types {
        let id = if let Some(id) = known.get(&kind.name) {
            *id
        } else {
            let category_id = categories.get(&words(&format!("provision.category.{}", kind.category))).copied();
            let input = AssetTypeInput { name: kind.name.clone(), category_id, note: String::new() };
            app.run(admin, Create::<AssetType> { input }).await?.id
        };
        kinds.insert(key.clone(), id);
    }
    for (key, _) in domain::identity::defaults::ASSET_TYPES {
        if let Some(id) = known.get(&words(&format!("provision.asset_type.{key}"))) {
            kinds.insert((*key).to_owned(), *id);
        }
    }
    Ok(kinds)
}
