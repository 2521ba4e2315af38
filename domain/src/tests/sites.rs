//! A member limited to sites: the rest of the company does not exist for them.

use serde_json::json;
use uuid::Uuid;

use crate::assets::{Asset, Location, LocationInput};
use crate::identity::{invitation, member};
use crate::insight::{Dashboard, Recent, Timeline};
use crate::kernel::error::{Error, Refused};
use crate::kernel::listing::{Count, CountOf, List, Query};
use crate::kernel::resource::{Delete, Resource, Show, Update};
use crate::kernel::scope::Scope;
use crate::kernel::testing::{Company, World, named, press, read};
use crate::kernel::tests::Raw;
use crate::maintenance::work_order::{self, Edit, Import, Numbered, WorkOrder};
use crate::workflow::{Explain, History};

/// Two sites with an asset and an order each, and somebody of the first.
struct Two {
    world: World,
    company: Company,
    far: Location,
    near_asset: Asset,
    far_asset: Asset,
    near_order: WorkOrder,
    far_order: WorkOrder,
    local: Scope,
}

async fn two() -> Two {
    let world = World::new().await;
    let company = world.company("north").await;
    let admin = &company.admin;
    let far = world.location(admin, "Far", None).await;
    let near_asset = world.asset(admin, "near press", company.site).await;
    let far_asset = world.asset(admin, "far press", far.id).await;
    let near_order = world.order(admin, json!({ "title": "near work", "asset_id": near_asset.id })).await.expect("asks");
    let far_order = world.order(admin, json!({ "title": "far work", "asset_id": far_asset.id })).await.expect("asks");
    let (_, local) = world.member_at(&company, "manager", "lena", Some(vec![company.site])).await;
    Two { world, company, far, near_asset, far_asset, near_order, far_order, local }
}

#[tokio::test]
async fn given_a_member_of_one_site_when_they_look_around_then_only_that_site_is_there() {
    let two = two().await;
    let (app, local) = (&two.world.app, &two.local);
    let all = Query::all::<Asset>();
    let assets = app.run(local, List::<Asset>::new(all.clone())).await.expect("lists").data;
    assert_eq!(assets, std::slice::from_ref(&two.near_asset));
    assert_eq!(app.run(local, CountOf::<Asset>::new(all)).await.expect("counts"), Count(1));
    let found = Query::parse::<Asset>("q=press", local).expect("is a query");
    assert_eq!(app.run(local, List::<Asset>::new(found)).await.expect("searches").data, std::slice::from_ref(&two.near_asset));
    let sites = app.run(local, List::<Location>::new(Query::all::<Location>())).await.expect("lists").data;
    assert!(sites.iter().all(|location| location.site_id == two.company.site) && !sites.is_empty());
    for query in ["", "q=work", "q=press"] {
        let query = Query::parse::<WorkOrder>(query, local).expect("is a query");
        let orders = app.run(local, List::<WorkOrder>::new(query)).await.expect("lists").data;
        assert_eq!(orders.iter().map(|order| order.id).collect::<Vec<_>>(), [two.near_order.id]);
    }
    let figures = app.run(local, Dashboard { days: 30 }).await.expect("counts");
    assert_eq!((figures.open, figures.unassigned), (1, 1));
    assert_eq!(app.run(&two.company.admin, Dashboard { days: 30 }).await.expect("counts").open, 2);
    let recent = app.run(local, Recent { limit: 50 }).await.expect("reads");
    assert!(recent.iter().all(|happening| happening.record_id == two.near_order.id) && !recent.is_empty());
}

#[tokio::test]
async fn given_a_member_of_one_site_when_they_name_what_is_elsewhere_then_it_is_not_found_and_stays_as_it_is() {
    let two = two().await;
    let (app, local) = (&two.world.app, &two.local);
    let before = two.world.snapshot(&two.company.admin).await;
    let (asset, order) = (two.far_asset.id, two.far_order.id);
    let edit = read(json!({ "title": "Mine", "location_id": two.company.site }));
    let input = Asset::input(&two.near_asset);
    for missing in [
        app.run(local, Show::<Location>(two.far.id.into())).await.map(drop),
        app.run(local, Delete::<Location> { id: two.far.id.into(), version: 1 }).await,
        app.run(local, Show::<Asset>(asset.into())).await.map(drop),
        app.run(local, Update::<Asset> { id: asset.into(), version: 1, input }).await.map(drop),
        app.run(local, work_order::Show(order.into())).await.map(drop),
        app.run(local, Numbered(two.far_order.number.clone())).await.map(drop),
        app.run(local, Edit { id: order.into(), version: two.far_order.version, input: edit }).await.map(drop),
        app.run(local, Explain::<WorkOrder>(order.into())).await.map(drop),
        app.run(local, History::<WorkOrder>(order.into())).await.map(drop),
        app.run(local, Timeline(order.into())).await.map(drop),
        app.run(local, press(order, "cancel", json!({ "reason": "x" }))).await.map(drop),
    ] {
        assert!(matches!(missing, Err(Error::NotFound)), "{missing:?}");
    }
    assert_eq!(two.world.snapshot(&two.company.admin).await, before);
}

#[tokio::test]
async fn given_a_member_of_one_site_when_they_record_something_elsewhere_then_the_place_is_unknown() {
    let two = two().await;
    let (app, local) = (&two.world.app, &two.local);
    let before = two.world.snapshot(&two.company.admin).await;
    let unknown = |field: &str| vec![(field.to_owned(), "unknown_reference".to_owned())];
    let far = two.far.id;
    assert_eq!(named(two.world.order(local, json!({ "title": "x", "location_id": far })).await), unknown("location_id"));
    assert_eq!(named(two.world.order(local, json!({ "title": "x", "asset_id": two.far_asset.id })).await), unknown("asset_id"));
    let input = crate::assets::AssetInput { location_id: far, ..Asset::input(&two.near_asset) };
    let moved = Update::<Asset> { id: two.near_asset.id.into(), version: two.near_asset.version, input };
    assert_eq!(named(app.run(local, moved).await), unknown("location_id"));
    let edit =
        Edit { id: two.near_order.id.into(), version: two.near_order.version, input: read(json!({ "title": "x", "location_id": far })) };
    assert_eq!(named(app.run(local, edit).await), unknown("location_id"));
    let import = json!({ "external_ref": "1", "title": "x", "location_id": far, "created_at": "2004-06-01T08:00:00Z", "completed_at": "2004-06-01T08:00:00Z" });
    assert!(matches!(app.run(local, Import(read(import))).await, Err(Error::Forbidden(_))));
    assert_eq!(two.world.snapshot(&two.company.admin).await, before);
}

#[tokio::test]
async fn given_a_member_of_one_site_when_they_invite_then_nobody_gets_more_sites_than_they_have() {
    let two = two().await;
    let (app, local) = (&two.world.app, &two.local);
    let invite = |sites: Option<Vec<Uuid>>| {
        invitation::Invite(invitation::Input {
            email: "new@north.example".into(),
            name: "New".into(),
            role_id: two.company.role("technician"),
            all_sites: sites.is_none(),
            site_ids: sites.unwrap_or_default(),
            locale: "kk".into(),
        })
    };
    for (sites, code) in [
        (None, "not_all_sites"),
        (Some(vec![]), "required"),
        (Some(vec![two.far.id]), "unknown_reference"),
        (Some(vec![two.company.site, two.far.id]), "unknown_reference"),
    ] {
        assert_eq!(named(app.run(local, invite(sites)).await), [("site_ids".to_owned(), code.to_owned())]);
    }
    let invited = app.run(local, invite(Some(vec![two.company.site]))).await.expect("invites for the own site");
    assert_eq!((invited.all_sites, invited.site_ids), (false, vec![two.company.site]));
}

#[tokio::test]
async fn given_a_manager_of_one_site_when_they_manage_people_then_only_those_who_work_nowhere_else() {
    let two = two().await;
    let (app, local, company) = (&two.world.app, &two.local, &two.company);
    let everywhere = two.world.member(company, "technician", "timur").await;
    let (_, far) = two.world.member_at(company, "technician", "farida", Some(vec![two.far.id])).await;
    let (_, both) = two.world.member_at(company, "technician", "botagoz", Some(vec![company.site, two.far.id])).await;
    let (_, near) = two.world.member_at(company, "technician", "nurlan", Some(vec![company.site])).await;
    let near_only = || member::Input { role_id: company.role("viewer"), all_sites: false, site_ids: vec![company.site], active: false };
    let change = |who: &Scope, input| member::Change { id: who.actor().id, version: 1, input };
    let before = two.world.snapshot(&company.admin).await;
    for who in [&everywhere, &far, &both] {
        let refused = app.run(local, change(who, near_only())).await.expect_err("works elsewhere too");
        assert!(matches!(refused, Error::Forbidden(Refused::Sites)), "{refused:?}");
    }
    let all = member::Input { all_sites: true, site_ids: Vec::new(), ..near_only() };
    assert_eq!(named(app.run(local, change(&near, all)).await), [("site_ids".to_owned(), "not_all_sites".to_owned())]);
    let none = member::Input { site_ids: Vec::new(), ..near_only() };
    assert_eq!(named(app.run(&company.admin, change(&near, none)).await), [("site_ids".to_owned(), "required".to_owned())]);
    let both = member::Input { all_sites: true, ..near_only() };
    assert_eq!(named(app.run(&company.admin, change(&near, both)).await), [("site_ids".to_owned(), "all_or_some".to_owned())]);
    let input = invitation::Input {
        email: "new@north.example".into(),
        name: "New".into(),
        role_id: company.role("technician"),
        all_sites: true,
        site_ids: Vec::new(),
        locale: "kk".into(),
    };
    assert_eq!(two.world.snapshot(&company.admin).await, before);
    let invited = app.run(&company.admin, invitation::Invite(input)).await.expect("invites everywhere");
    let refused = app.run(local, invitation::Revoke(invited.id.into())).await.expect_err("is for elsewhere too");
    assert!(matches!(refused, Error::Forbidden(Refused::Sites)), "{refused:?}");
    let changed = app.run(local, change(&near, near_only())).await.expect("is theirs to manage");
    assert!(!changed.active && !changed.all_sites);
}

#[tokio::test]
async fn given_more_finds_than_are_counted_when_a_member_of_one_site_searches_then_their_own_are_among_them() {
    let two = two().await;
    let admin = &two.company.admin;
    for number in 0..3 {
        let far = two.world.asset(admin, &format!("far pump {number}"), two.far.id).await;
        two.world.order(admin, json!({ "title": "oil", "asset_id": far.id })).await.expect("asks");
        two.world.order(admin, json!({ "title": "pump it", "asset_id": two.far_asset.id })).await.expect("asks");
    }
    let near = two.world.asset(admin, "near pump", two.company.site).await;
    let of_asset = two.world.order(admin, json!({ "title": "oil", "asset_id": near.id })).await.expect("asks");
    let titled = two.world.order(admin, json!({ "title": "pump it", "asset_id": two.near_asset.id })).await.expect("asks");
    let (_, away) = two.world.member_at(&two.company, "manager", "farida", Some(vec![two.far.id])).await;
    let found = async |scope: &Scope, search| two.world.app.run(scope, Raw(search)).await.expect("searches").unwrap_or_default();
    // whichever comes first for whoever sees everything: each of the two finds one of their own
    let assets = "SELECT string_agg(f::text, ',') FROM app.search_assets('%pump%', 1) f";
    assert_eq!(found(&two.local, assets).await, near.id.to_string());
    let theirs = found(&away, assets).await;
    assert!(theirs != near.id.to_string() && !theirs.is_empty(), "{theirs}");
    let orders = "SELECT string_agg(f::text, ',' ORDER BY f) FROM app.search_work_orders('%pump%', 1) f";
    assert_eq!(found(&two.local, orders).await, format!("{},{}", of_asset.id, titled.id));
    assert_eq!(found(&away, orders).await.split(',').count(), 2);
}

#[tokio::test]
async fn given_people_limited_to_a_site_when_it_is_removed_or_moved_then_it_stays_a_site() {
    let two = two().await;
    let (app, admin) = (&two.world.app, &two.company.admin);
    let place = &two.far;
    let gone = |site: &Location| Delete::<Location> { id: site.id.into(), version: site.version };
    let (_, far) = two.world.member_at(&two.company, "technician", "farida", Some(vec![place.id])).await;
    assert!(matches!(app.run(admin, gone(place)).await, Err(Error::Conflict("in_use"))));
    let input = LocationInput { parent_id: Some(two.company.site), kind: "area".to_owned(), ..Location::input(place) };
    let moved = Update::<Location> { id: place.id.into(), version: place.version, input };
    assert_eq!(named(app.run(admin, moved).await), [("parent_id".to_owned(), "people_limited_to_it".to_owned())]);
    let input = member::Input { role_id: two.company.role("technician"), all_sites: true, site_ids: Vec::new(), active: true };
    app.run(admin, member::Change { id: far.actor().id, version: 1, input }).await.expect("works everywhere now");
    let empty = two.world.location(admin, "Empty", None).await;
    app.run(admin, gone(&empty)).await.expect("nobody is limited to it");
}
