//! Another company's ids are worth nothing: not in a path, not in an input, whatever the action; and nothing changes by trying.

use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::assets::{Asset, AssetInput, AssetType, Category, Location};
use crate::identity::{invitation, member, role, session};
use crate::insight::Timeline;
use crate::inventory::Vendor;
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Id;
use crate::kernel::platform::Caller;
use crate::kernel::resource::{Create, Delete, Record, Resource, Show, Update};
use crate::kernel::scope::Scope;
use crate::kernel::testing::{Company, World, named, press, read};
use crate::maintenance::work_order::{self, Edit, Import, Numbered, WorkOrder};
use crate::notify;
use crate::workflow::{Explain, History};

/// A company with one of everything.
struct Full {
    company: Company,
    location: Location,
    asset: Asset,
    asset_type: AssetType,
    category: Category,
    vendor: Vendor,
    order: WorkOrder,
    person: Scope,
    invitation: invitation::Invitation,
    notification: Uuid,
    delivery: Uuid,
}

async fn full(world: &World, slug: &str) -> Full {
    let company = world.company(slug).await;
    let admin = &company.admin;
    let location = world.location(admin, "Hall", Some(company.site)).await;
    let asset = world.asset(admin, "press", location.id).await;
    let vendor = world.vendor(admin, "Volta").await;
    let category = world.app.run(admin, Create::<Category> { input: read(json!({ "name": "Own" })) }).await.expect("adds");
    let asset_type = world
        .app
        .run(admin, Create::<AssetType> { input: read(json!({ "name": "Own", "category_id": category.id })) })
        .await
        .expect("adds");
    let person = world.member(&company, "technician", "timur").await;
    let order = world.order(&person, json!({ "title": "Leaks", "asset_id": asset.id, "vendor_id": vendor.id })).await.expect("asks");
    let invitation = world.app.run(admin, invitation::Invite(invite(&company, &json!({})))).await.expect("invites");
    let (notification, delivery) = sqlx::query_as(
        "SELECT n.id, d.id FROM notifications n JOIN deliveries d ON d.notification_id = n.id WHERE n.record_id = $1 AND d.state = 'pending' LIMIT 1",
    )
    .bind(order.id)
    .fetch_one(&mut world.superuser().await)
    .await
    .expect("somebody was told");
    Full { company, location, asset, asset_type, category, vendor, order, person, invitation, notification, delivery }
}

fn invite(company: &Company, more: &Json) -> invitation::Input {
    let mut input = json!({ "email": format!("new@{}.example", company.slug), "name": "New", "role_id": company.role("viewer"), "all_sites": true, "locale": "ru" });
    input.as_object_mut().expect("is one").extend(more.as_object().expect("is one").clone());
    read(input)
}

fn hidden<T>(what: &str, answer: Result<T>) {
    let answer = answer.map(drop);
    assert!(matches!(answer, Err(Error::NotFound)), "{what}: {answer:?}");
}

/// What every catalogue table answers about a stranger's row.
async fn catalogue<R: Resource>(world: &World, stranger: &Scope, row: &R::Row)
where
    R::Row: std::fmt::Debug,
{
    let (id, version) = (Id::<R>::from(row.id()), row.version());
    hidden(R::NAME, world.app.run(stranger, Show::<R>(id)).await);
    hidden(R::NAME, world.app.run(stranger, Update::<R> { id, version, input: R::input(row) }).await);
    hidden(R::NAME, world.app.run(stranger, Delete::<R> { id, version }).await);
}

#[tokio::test]
async fn given_ids_of_another_company_when_any_action_is_tried_then_they_are_not_found_and_nothing_changes() {
    let world = World::new().await;
    let north = full(&world, "north").await;
    let south = world.company("south").await;
    let stranger = south.admin.clone();
    let (app, owner) = (&world.app, &north.company.admin);
    let before = world.snapshot(owner).await;
    catalogue::<Vendor>(&world, &stranger, &north.vendor).await;
    catalogue::<Category>(&world, &stranger, &north.category).await;
    catalogue::<Location>(&world, &stranger, &north.location).await;
    let input = read(json!({ "name": "x", "category_id": null }));
    hidden("asset_types", app.run(&stranger, Update::<AssetType> { id: north.asset_type.id.into(), version: 1, input }).await);
    hidden("asset_types", app.run(&stranger, Show::<AssetType>(north.asset_type.id.into())).await);
    hidden("asset_types", app.run(&stranger, Delete::<AssetType> { id: north.asset_type.id.into(), version: 1 }).await);
    let own = world.asset(&stranger, "press", south.site).await;
    let input = AssetInput { tag: "other".into(), ..Asset::input(&own) };
    hidden("assets", app.run(&stranger, Update::<Asset> { id: north.asset.id.into(), version: 1, input }).await);
    hidden("assets", app.run(&stranger, Show::<Asset>(north.asset.id.into())).await);
    hidden("assets", app.run(&stranger, Delete::<Asset> { id: north.asset.id.into(), version: 1 }).await);

    let order = Id::<WorkOrder>::from(north.order.id);
    hidden("work order", app.run(&stranger, work_order::Show(order)).await);
    hidden("work order", app.run(&stranger, Numbered(north.order.number.clone())).await);
    let input = read(json!({ "title": "Mine", "location_id": north.location.id }));
    hidden("work order", app.run(&stranger, Edit { id: order, version: 1, input }).await);
    hidden("work order", app.run(&stranger, Explain::<WorkOrder>(order)).await.map(drop));
    hidden("work order", app.run(&stranger, History::<WorkOrder>(order)).await);
    hidden("work order", app.run(&stranger, Timeline(order)).await);
    for transition in ["approve", "reject", "assign", "start", "await_parts", "resume", "complete", "reopen", "close", "cancel", "nonsense"]
    {
        hidden(transition, app.run(&stranger, press(north.order.id, transition, json!({ "reason": "x" }))).await);
    }

    let person = north.person.actor().id;
    hidden("member", app.run(&stranger, member::Show(person)).await);
    let input = member::Input { role_id: stranger.actor().role.uuid(), all_sites: true, site_ids: Vec::new(), active: false };
    hidden("member", app.run(&stranger, member::Change { id: person, version: 1, input }).await);
    let role = Id::from(north.company.role("viewer"));
    let input = role::Input { name: "Mine".into(), level: 1, permissions: Vec::new() };
    hidden("role", app.run(&stranger, role::Save { id: Some((role, 1)), input }).await);
    let invitation = Id::from(north.invitation.id);
    hidden("invitation", app.run(&stranger, invitation::Revoke(invitation)).await);
    assert!(app.run(&stranger, invitation::WriteLetter(invitation)).await.expect("answers").is_none());
    assert!(app.run(&stranger, invitation::List::open()).await.expect("lists").is_empty());
    hidden("notification", app.run(&stranger, notify::MarkRead(Some(north.notification))).await);
    assert!(app.run(&stranger, notify::delivery::Load(north.delivery)).await.expect("answers").is_none());
    let outcome = notify::delivery::Outcome::Refused("x".into());
    app.run(&stranger, notify::delivery::Record { delivery: north.delivery, outcome }).await.expect("finds nothing to record");
    hidden("member", app.scope_of(stranger.tenant().uuid(), Some(person.uuid()), world.request()).await);
    assert_eq!(world.snapshot(owner).await, before);

    let theirs = north.company.begun.session;
    let caller = Caller { account: Some(Id::new()), operator: false, request: world.request() };
    hidden("session", app.platform(&caller, session::End(theirs)).await);
    app.run(owner, notify::MarkRead(Some(north.notification))).await.expect("the owner reads it");
}

#[tokio::test]
async fn given_ids_of_another_company_when_put_into_an_input_then_the_field_is_named_and_nothing_is_written() {
    let world = World::new().await;
    let north = full(&world, "north").await;
    let south = full(&world, "south").await;
    let (app, admin) = (&world.app, &south.company.admin);
    let (before, untouched) = (world.snapshot(admin).await, world.snapshot(&north.company.admin).await);
    let system: Uuid = sqlx::query_scalar("SELECT id FROM locations WHERE tenant_id = $1 AND parent_id IS NULL")
        .bind(north.company.admin.tenant().uuid())
        .fetch_one(&mut world.superuser().await)
        .await
        .expect("is there");
    let foreign = [
        ("asset_id", north.asset.id),
        ("location_id", north.location.id),
        ("vendor_id", north.vendor.id),
        ("assignee_id", north.person.actor().id.uuid()),
    ];
    for (field, id) in foreign {
        let mut input = json!({ "title": "Leaks", "location_id": south.location.id });
        input[field] = json!(id);
        assert_eq!(named(app.run(admin, work_order::Create(read(input.clone()))).await), unknown(field));
        let edit = Edit { id: south.order.id.into(), version: south.order.version, input: read(input) };
        assert_eq!(named(app.run(admin, edit).await), unknown(field));
        if field != "vendor_id" && field != "assignee_id" {
            let mut input = json!({ "external_ref": "1", "title": "Old", "location_id": south.location.id,
                "created_at": "2004-06-01T08:00:00Z", "completed_at": "2004-06-03T10:30:00Z" });
            input[field] = json!(id);
            assert_eq!(named(app.run(admin, Import(read(input))).await), unknown(field));
        }
    }
    let asset = json!({ "name": "x", "tag": "x", "type_id": south.asset_type.id, "location_id": south.location.id });
    for (field, id) in [("type_id", north.asset_type.id), ("location_id", north.location.id)] {
        refused::<Asset>(&world, admin, &south.asset, &asset, field, id).await;
    }
    refused::<Location>(&world, admin, &south.location, &json!({ "name": "x" }), "parent_id", system).await;
    refused::<AssetType>(&world, admin, &south.asset_type, &json!({ "name": "x" }), "category_id", north.category.id).await;

    let role = north.company.role("viewer");
    assert_eq!(
        named(app.run(admin, invitation::Invite(invite(&south.company, &json!({ "email": "x@y.example", "role_id": role })))).await),
        unknown("role_id")
    );
    assert_eq!(
        named(
            app.run(
                admin,
                invitation::Invite(invite(&south.company, &json!({ "email": "x@y.example", "all_sites": false, "site_ids": [system] })))
            )
            .await
        ),
        unknown("site_ids")
    );
    let id = south.person.actor().id;
    for (field, role_id, site_ids) in
        [("role_id", role, vec![]), ("site_ids", south.company.role("viewer"), vec![south.company.site, system])]
    {
        let input = member::Input { role_id, all_sites: site_ids.is_empty(), site_ids, active: true };
        assert_eq!(named(app.run(admin, member::Change { id, version: 1, input }).await), unknown(field));
    }
    assert_eq!(world.snapshot(admin).await, before);
    assert_eq!(world.snapshot(&north.company.admin).await, untouched);
}

fn unknown(field: &str) -> Vec<(String, String)> {
    vec![(field.to_owned(), "unknown_reference".to_owned())]
}

/// A reference is refused when a record is added and when it is changed.
async fn refused<R: Resource>(world: &World, scope: &Scope, row: &R::Row, input: &Json, field: &str, id: Uuid)
where
    R::Row: std::fmt::Debug,
{
    let mut input = input.clone();
    input[field] = json!(id);
    let input: R::Input = read(input);
    assert_eq!(named(world.app.run(scope, Create::<R> { input: input.clone() }).await), unknown(field), "{}", R::NAME);
    let update = Update::<R> { id: row.id().into(), version: row.version(), input };
    assert_eq!(named(world.app.run(scope, update).await), unknown(field), "{}", R::NAME);
}
