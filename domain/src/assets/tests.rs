//! Catalogue tables of assets, and the tree of locations.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::{Asset, AssetInput, AssetType, AssetTypeInput, Category, CategoryInput, Location, LocationInput};
use crate::kernel::error::{Error, Result};
use crate::kernel::listing::{List, Query};
use crate::kernel::resource::{Create, Resource, Show, Update};
use crate::kernel::scope::Scope;
use crate::kernel::testing::{Company, World, named, read};
use crate::kernel::tests::conformance::{Keeps, Specimen, conformance};

conformance!(assets: Asset, asset_types: AssetType, categories: Category, locations: Location);

impl Specimen for Category {
    type Ground = ();
    const UNIQUE: Option<&'static str> = Some("name");

    async fn ground(_: &World, _: &Company) {}

    fn sample((): &(), n: usize) -> CategoryInput {
        read(json!({ "name": format!("category {n:02}"), "note": if n.is_multiple_of(2) { "" } else { "Noted" } }))
    }

    fn spoilt() -> (Json, &'static [(&'static str, &'static str)]) {
        (json!({ "name": " ", "note": "x".repeat(4001) }), &[("name", "required"), ("note", "too_long")])
    }

    async fn refer(world: &World, company: &Company, row: &Self) -> bool {
        let input = read(json!({ "name": "refers", "category_id": row.id }));
        world.app.run(&company.admin, Create::<AssetType> { input }).await.is_ok()
    }

    fn filters((): &()) -> Keeps<Self> {
        vec![("q=Y+03".into(), Box::new(|row| row.name == "category 03"))]
    }
}

impl Specimen for AssetType {
    type Ground = Uuid;
    const UNIQUE: Option<&'static str> = Some("name");

    async fn ground(world: &World, company: &Company) -> Uuid {
        let input = read(json!({ "name": "ground" }));
        world.app.run(&company.admin, Create::<Category> { input }).await.expect("adds").id
    }

    fn sample(category: &Uuid, n: usize) -> AssetTypeInput {
        read(json!({ "name": format!("type {n:02}"), "category_id": (!n.is_multiple_of(3)).then_some(category) }))
    }

    fn spoilt() -> (Json, &'static [(&'static str, &'static str)]) {
        (json!({ "name": "x".repeat(121), "note": "a\u{0}" }), &[("name", "too_long"), ("note", "control_characters")])
    }

    async fn refer(world: &World, company: &Company, row: &Self) -> bool {
        let input = read(json!({ "name": "refers", "tag": "refers", "type_id": row.id, "location_id": company.site }));
        world.app.run(&company.admin, Create::<Asset> { input }).await.is_ok()
    }

    fn filters(category: &Uuid) -> Keeps<Self> {
        let category = *category;
        vec![
            ("q=type+0".into(), Box::new(|row| row.name.starts_with("type 0"))),
            (format!("category={category}"), Box::new(move |row| row.category_id == Some(category))),
            ("category=none".into(), Box::new(|row| row.category_id.is_none())),
        ]
    }
}

/// Where assets of the tests stand, and what they are.
pub(crate) struct Yard {
    kinds: [Uuid; 2],
    hall: Uuid,
    site: Uuid,
    far: Uuid,
}

impl Specimen for Asset {
    type Ground = Yard;
    const UNIQUE: Option<&'static str> = Some("tag");

    async fn ground(world: &World, company: &Company) -> Yard {
        let kinds = world.app.run(&company.admin, List::<AssetType>::new(Query::all::<AssetType>())).await.expect("lists").data;
        let hall = world.location(&company.admin, "Hall", Some(company.site)).await.id;
        let far = world.location(&company.admin, "Far", None).await.id;
        Yard { kinds: [kinds[0].id, kinds[1].id], hall, site: company.site, far }
    }

    fn sample(yard: &Yard, n: usize) -> AssetInput {
        let places = [yard.hall, yard.site, yard.far];
        read(json!({
            "name": format!("asset {:02}", n / 2), "tag": format!("tag-{n:02}"), "serial": format!("SN{n:04}"),
            "type_id": yard.kinds[n % 2], "location_id": places[n % 3], "criticality": if n.is_multiple_of(4) { "critical" } else { "low" },
            "warranty_until": (n % 3 != 1).then(|| format!("2027-01-{:02}", n / 3 + 1)), "active": !n.is_multiple_of(5),
        }))
    }

    fn spoilt() -> (Json, &'static [(&'static str, &'static str)]) {
        (
            json!({ "name": "", "tag": "x".repeat(61), "criticality": "huge" }),
            &[("name", "required"), ("tag", "too_long"), ("criticality", "not_one_of")],
        )
    }

    async fn refer(world: &World, company: &Company, row: &Self) -> bool {
        world.order(&company.admin, json!({ "title": "refers", "asset_id": row.id })).await.is_ok()
    }

    fn filters(yard: &Yard) -> Keeps<Self> {
        let (kind, hall, site) = (yard.kinds[0], yard.hall, yard.site);
        vec![
            ("q=N0003".into(), Box::new(|row| row.serial == "SN0003")),
            ("q=ASSET+01".into(), Box::new(|row| row.name == "asset 01")),
            (format!("type={kind}"), Box::new(move |row| row.type_id == kind)),
            (format!("location={hall}"), Box::new(move |row| row.location_id == hall)),
            (format!("site={site}"), Box::new(move |row| row.site_id == site)),
            ("criticality=critical,high".into(), Box::new(|row| row.criticality == "critical")),
            ("active=false".into(), Box::new(|row| !row.active)),
        ]
    }
}

impl Specimen for Location {
    type Ground = [Uuid; 2];
    const UNIQUE: Option<&'static str> = Some("name");

    async fn ground(world: &World, company: &Company) -> [Uuid; 2] {
        [company.site, world.location(&company.admin, "far", None).await.id]
    }

    fn sample(sites: &[Uuid; 2], n: usize) -> LocationInput {
        let site = sites[usize::from(n.is_multiple_of(4))];
        let kind = if n.is_multiple_of(2) { "room" } else { "area" };
        read(
            json!({ "name": format!("place {n:02}"), "parent_id": site, "kind": kind, "code": format!("C{n}"), "active": !n.is_multiple_of(3) }),
        )
    }

    fn spoilt() -> (Json, &'static [(&'static str, &'static str)]) {
        (
            json!({ "name": "", "kind": "planet", "code": "x".repeat(41) }),
            &[("name", "required"), ("kind", "not_one_of"), ("code", "too_long")],
        )
    }

    async fn refer(world: &World, company: &Company, row: &Self) -> bool {
        world.location(&company.admin, "refers", Some(row.id)).await;
        true
    }

    fn filters(sites: &[Uuid; 2]) -> Keeps<Self> {
        let far = sites[1];
        vec![
            ("q=PLACE+1".into(), Box::new(|row| row.name.starts_with("place 1"))),
            ("kind=room".into(), Box::new(|row| row.kind == "room")),
            ("active=false".into(), Box::new(|row| !row.active)),
            (format!("site={far}"), Box::new(move |row| row.site_id == far)),
            (format!("parent={far}"), Box::new(move |row| row.parent_id == Some(far))),
            ("parent=none".into(), Box::new(|row| row.parent_id.is_none())),
        ]
    }
}

/// A tree: north → hall → line → cell, and a second site.
struct Tree {
    world: World,
    company: Company,
    hall: Location,
    line: Location,
    cell: Location,
    south: Location,
}

impl Tree {
    async fn grow() -> Self {
        let world = World::new().await;
        let company = world.company("north").await;
        let admin = &company.admin;
        let hall = world.location(admin, "Hall", Some(company.site)).await;
        let line = world.location(admin, "Line", Some(hall.id)).await;
        let cell = world.location(admin, "Cell", Some(line.id)).await;
        let south = world.location(admin, "South", None).await;
        Self { world, company, hall, line, cell, south }
    }

    async fn shown(&self, id: Uuid) -> Location {
        self.world.app.run(&self.company.admin, Show::<Location>(id.into())).await.expect("shows")
    }

    async fn change(&self, scope: &Scope, id: Uuid, change: Json) -> Result<Location> {
        let before = self.shown(id).await;
        let mut input = serde_json::to_value(Location::input(&before)).expect("is JSON");
        input.as_object_mut().expect("is one").extend(change.as_object().expect("is one").clone());
        self.world.app.run(scope, Update::<Location> { id: id.into(), version: before.version, input: read(input) }).await
    }
}

#[tokio::test]
async fn given_a_branch_when_it_is_renamed_and_moved_then_everything_below_follows() {
    let tree = Tree::grow().await;
    let admin = &tree.company.admin;
    let asset = tree.world.asset(admin, "robot", tree.cell.id).await;
    let order = tree.world.order(admin, json!({ "title": "Squeaks", "asset_id": asset.id })).await.expect("asks");
    let site = tree.shown(tree.company.site).await.name;
    assert_eq!(tree.cell.path, [site.as_str(), "Hall", "Line", "Cell"]);
    tree.change(admin, tree.hall.id, json!({ "name": " Halle " })).await.expect("renames");
    assert_eq!(tree.shown(tree.cell.id).await.path, [site.as_str(), "Halle", "Line", "Cell"]);
    tree.change(admin, tree.line.id, json!({ "parent_id": tree.south.id })).await.expect("moves");
    let cell = tree.shown(tree.cell.id).await;
    assert_eq!((cell.path.join("/"), cell.site_id), ("South/Line/Cell".to_owned(), tree.south.id));
    let asset = tree.world.app.run(admin, Show::<Asset>(asset.id.into())).await.expect("shows");
    assert_eq!((asset.site_id, asset.location_path.join("/")), (tree.south.id, "South/Line/Cell".to_owned()));
    let order = tree.world.app.run(admin, crate::maintenance::work_order::Show(order.id.into())).await.expect("shows");
    assert_eq!((order.site_id, order.location.as_str()), (tree.south.id, "South / Line / Cell"));
    // a branch may become a site of its own, and its assets with it
    tree.change(admin, tree.line.id, json!({ "parent_id": null })).await.expect("becomes a site");
    let (line, cell) = (tree.shown(tree.line.id).await, tree.shown(tree.cell.id).await);
    assert_eq!((line.kind.as_str(), line.site_id, cell.site_id, cell.path.join("/")), ("site", line.id, line.id, "Line/Cell".to_owned()));
    let asset = tree.world.app.run(admin, Show::<Asset>(asset.id.into())).await.expect("shows");
    assert_eq!(asset.site_id, line.id);
}

#[tokio::test]
async fn given_a_tree_when_a_branch_would_hang_on_itself_then_it_is_refused() {
    let tree = Tree::grow().await;
    let admin = &tree.company.admin;
    for (child, parent) in [(&tree.hall, &tree.hall), (&tree.hall, &tree.line), (&tree.hall, &tree.cell), (&tree.line, &tree.cell)] {
        let refused = named(tree.change(admin, child.id, json!({ "parent_id": parent.id })).await);
        assert_eq!(refused, [("parent_id".to_owned(), "cycle".to_owned())]);
    }
    let refused = named(tree.change(admin, tree.company.site, json!({ "parent_id": tree.cell.id, "kind": "area" })).await);
    assert_eq!(refused, [("parent_id".to_owned(), "cycle".to_owned())]);
    let refused = named(tree.change(admin, tree.hall.id, json!({ "kind": "site" })).await);
    assert_eq!(refused, [("kind".to_owned(), "site_has_no_parent".to_owned())]);
    let twin = read(json!({ "name": "Line", "parent_id": tree.hall.id }));
    let refused = named(tree.world.app.run(admin, Create::<Location> { input: twin }).await);
    assert_eq!(refused, [("name".to_owned(), "taken".to_owned())]);
    tree.world.location(admin, "Line", Some(tree.south.id)).await;
    let twin = read(json!({ "name": "South", "kind": "site" }));
    assert_eq!(named(tree.world.app.run(admin, Create::<Location> { input: twin }).await), [("name".to_owned(), "taken".to_owned())]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_two_branches_when_each_is_hung_on_the_other_at_once_then_one_stays_where_it_is() {
    let tree = Tree::grow().await;
    let admin = &tree.company.admin;
    for round in 0..10 {
        let a = tree.world.location(admin, &format!("a{round}"), Some(tree.company.site)).await;
        let b = tree.world.location(admin, &format!("b{round}"), Some(tree.company.site)).await;
        let (x, y) =
            tokio::join!(tree.change(admin, a.id, json!({ "parent_id": b.id })), tree.change(admin, b.id, json!({ "parent_id": a.id })));
        assert!(x.is_ok() != y.is_ok(), "round {round}: {x:?} {y:?}");
        let refused = named(if x.is_ok() { y } else { x });
        assert_eq!(refused, [("parent_id".to_owned(), "cycle".to_owned())]);
    }
}

#[tokio::test]
async fn given_a_member_of_one_site_when_they_arrange_the_tree_then_it_stays_within_their_site() {
    let tree = Tree::grow().await;
    let (_, local) = tree.world.member_at(&tree.company, "manager", "lena", Some(vec![tree.company.site])).await;
    tree.change(&local, tree.line.id, json!({ "name": "Line 1" })).await.expect("renames within");
    tree.change(&local, tree.company.site, json!({ "address": "1 Mill Road" })).await.expect("changes the own site");
    tree.world.location(&local, "Yard", Some(tree.company.site)).await;
    let outside = [("parent_id".to_owned(), "outside_your_sites".to_owned())];
    assert_eq!(named(tree.change(&local, tree.line.id, json!({ "parent_id": null })).await), outside);
    let input = read(json!({ "name": "East", "kind": "site" }));
    assert_eq!(named(tree.world.app.run(&local, Create::<Location> { input }).await), outside);
    let unknown = [("parent_id".to_owned(), "unknown_reference".to_owned())];
    assert_eq!(named(tree.change(&local, tree.line.id, json!({ "parent_id": tree.south.id })).await), unknown);
    let foreign = tree.change(&local, tree.south.id, json!({ "name": "Mine" })).await;
    assert!(matches!(foreign, Err(Error::NotFound)), "{foreign:?}");
}
