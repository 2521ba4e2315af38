//! What every catalogue table does. A table is covered by one line, `conformance!(Vendor)`, and what it is made of, a
//! [`Specimen`].

use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::walk;
use crate::identity::defaults::ROLES;
use crate::identity::member;
use crate::kernel::error::{Error, Refused};
use crate::kernel::id::Id;
use crate::kernel::listing::{By, List, Query};
use crate::kernel::permission::Permission;
use crate::kernel::resource::{Create, Delete, Record, Resource, Show, Update};
use crate::kernel::scope::Scope;
use crate::kernel::testing::{Company, World, named};

/// What the tests of a catalogue table are made of.
pub(crate) trait Specimen: Resource<Row: Clone + PartialEq + std::fmt::Debug> {
    /// What its records refer to.
    type Ground: Send + Sync;

    /// Adds what its records refer to.
    async fn ground(world: &World, company: &Company) -> Self::Ground;
    /// A valid input; different for each `n`, with and without what may be left out.
    fn sample(ground: &Self::Ground, n: usize) -> Self::Input;
    /// Fields to spoil in an input's JSON, and the errors all of them together make, in the order they are told.
    fn spoilt() -> (Json, &'static [(&'static str, &'static str)]);
    /// The input's field that must be unique, if one must.
    const UNIQUE: Option<&'static str>;
    /// Adds a record that refers to this one; answers whether there is such a table.
    async fn refer(world: &World, company: &Company, row: &Self::Row) -> bool;
    /// Filters as somebody asks for them, with what they leave.
    fn filters(ground: &Self::Ground) -> Keeps<Self::Row>;
}

/// Filters as somebody asks for them, with what they leave.
pub(crate) type Keeps<R> = Vec<(String, Box<dyn Fn(&R) -> bool>)>;

/// Holds a catalogue table to what all of them promise.
macro_rules! conformance {
    ($($table:ident: $resource:ty),+ $(,)?) => {$(
        mod $table {
            use super::*;
            use $crate::kernel::tests::conformance as promise;

            #[tokio::test]
            async fn records_are_added_read_changed_and_removed() {
                promise::life::<$resource>().await;
            }

            #[tokio::test]
            async fn each_role_may_what_it_holds() {
                promise::gates::<$resource>().await;
            }

            #[tokio::test]
            async fn lists_are_walked_both_ways_and_filtered() {
                promise::lists::<$resource>().await;
            }
        }
    )+};
}
pub(crate) use conformance;

async fn ground<R: Specimen>() -> (World, Company, R::Ground) {
    let world = World::new().await;
    let company = world.company("north").await;
    let ground = R::ground(&world, &company).await;
    (world, company, ground)
}

async fn add<R: Specimen>(world: &World, scope: &Scope, input: R::Input) -> R::Row {
    world.app.run(scope, Create::<R> { input }).await.expect("adds")
}

/// What a trigger wrote of a row: operations, oldest first, with their differences.
async fn audited(world: &World, id: Uuid) -> Vec<(String, Json)> {
    sqlx::query_as("SELECT op, diff FROM audit_log WHERE row_id = $1 ORDER BY at, txid")
        .bind(id)
        .fetch_all(&mut world.superuser().await)
        .await
        .expect("reads the log")
}

async fn happened(world: &World, id: Uuid) -> Vec<String> {
    sqlx::query_scalar("SELECT kind FROM events WHERE record_id = $1 ORDER BY id")
        .bind(id)
        .fetch_all(&mut world.superuser().await)
        .await
        .expect("reads events")
}

pub(crate) async fn life<R: Specimen>() {
    let (world, company, ground) = ground::<R>().await;
    let (app, admin) = (&world.app, &company.admin);
    let row = add::<R>(&world, admin, R::sample(&ground, 1)).await;
    let id = Id::<R>::from(row.id());
    assert_eq!(row.version(), 1);
    assert_eq!(app.run(admin, Show::<R>(id)).await.expect("shows"), row);

    // as it stands, changed, and by somebody who read an older version
    let same = app.run(admin, Update::<R> { id, version: 1, input: R::input(&row) }).await;
    let same = same.expect("an edit form may be sent back untouched");
    assert_eq!(serde_json::to_value(R::input(&same)).expect("is JSON"), serde_json::to_value(R::input(&row)).expect("is JSON"));
    let changed = app.run(admin, Update::<R> { id, version: same.version(), input: R::sample(&ground, 2) }).await.expect("changes");
    assert_eq!(changed.version(), same.version() + 1);
    let stale = app.run(admin, Update::<R> { id, version: 1, input: R::sample(&ground, 3) }).await.expect_err("moved on");
    assert!(matches!(stale, Error::Stale { current, .. } if current == changed.version()), "{stale:?}");
    let stale = app.run(admin, Delete::<R> { id, version: 1 }).await.expect_err("moved on");
    assert!(matches!(stale, Error::Stale { current, .. } if current == changed.version()), "{stale:?}");
    assert_eq!(app.run(admin, Show::<R>(id)).await.expect("shows"), changed, "a refused change changes nothing");

    wrong::<R>(&world, admin, &ground, &changed).await;

    let gone = Id::<R>::new();
    for missing in [
        app.run(admin, Show::<R>(gone)).await.map(drop),
        app.run(admin, Update::<R> { id: gone, version: 1, input: R::sample(&ground, 3) }).await.map(drop),
        app.run(admin, Delete::<R> { id: gone, version: 1 }).await,
    ] {
        assert!(matches!(missing, Err(Error::NotFound)), "{missing:?}");
    }

    let held = add::<R>(&world, admin, R::sample(&ground, 5)).await;
    if R::refer(&world, &company, &held).await {
        let refused = app.run(admin, Delete::<R> { id: held.id().into(), version: held.version() }).await.expect_err("is referred to");
        assert!(matches!(refused, Error::Conflict("in_use")), "{refused:?}");
    }
    app.run(admin, Delete::<R> { id, version: changed.version() }).await.expect("removes");
    assert!(matches!(app.run(admin, Show::<R>(id)).await, Err(Error::NotFound)));

    let audited = audited(&world, id.uuid()).await;
    let ops: Vec<&str> = audited.iter().map(|(op, _)| op.as_str()).collect();
    assert_eq!(ops, ["insert", "update", "delete"], "an update that changes nothing leaves no line");
    assert!(audited.iter().all(|(_, diff)| diff.as_object().is_some_and(|diff| !diff.is_empty())), "{audited:?}");
    let update = audited[1].1.as_object().expect("is one");
    assert!(update.values().all(|change| change.as_array().is_some_and(|pair| pair.len() == 2 && pair[0] != pair[1])), "{update:?}");
    assert_eq!(happened(&world, id.uuid()).await, ["record.created", "record.changed", "record.changed", "record.removed"]);
}

/// Wrong inputs name their fields, and write nothing.
async fn wrong<R: Specimen>(world: &World, admin: &Scope, ground: &R::Ground, row: &R::Row) {
    let before = world.snapshot(admin).await;
    let (spoil, expected) = R::spoilt();
    let mut json = serde_json::to_value(R::sample(ground, 7)).expect("is JSON");
    json.as_object_mut().expect("is one").extend(spoil.as_object().expect("is one").clone());
    let spoilt: R::Input = serde_json::from_value(json).expect("is an input");
    let (id, version) = (row.id().into(), row.version());
    for refused in [
        world.app.run(admin, Create::<R> { input: spoilt.clone() }).await,
        world.app.run(admin, Update::<R> { id, version, input: spoilt }).await,
    ] {
        let refused = named(refused);
        assert_eq!(refused.iter().map(|(field, code)| (field.as_str(), code.as_str())).collect::<Vec<_>>(), expected);
    }
    if let Some(unique) = R::UNIQUE {
        let mut json = serde_json::to_value(R::sample(ground, 7)).expect("is JSON");
        json[unique] = serde_json::to_value(R::input(row)).expect("is JSON")[unique].clone();
        let input: R::Input = serde_json::from_value(json.clone()).expect("is an input");
        let taken = named(world.app.run(admin, Create::<R> { input }).await);
        assert_eq!(taken, [(unique.to_owned(), "taken".to_owned())]);
        assert_eq!(world.snapshot(admin).await, before);
        // spaces around it make it no other
        json[unique] = json!(format!(" {} ", json[unique].as_str().expect("is text")));
        let input: R::Input = serde_json::from_value(json).expect("is an input");
        let other = add::<R>(world, admin, R::sample(ground, 8)).await;
        let taken = named(world.app.run(admin, Update::<R> { id: other.id().into(), version: other.version(), input }).await);
        assert_eq!(taken, [(unique.to_owned(), "taken".to_owned())]);
    } else {
        assert_eq!(world.snapshot(admin).await, before);
    }
}

pub(crate) async fn gates<R: Specimen>() {
    let (world, company, ground) = ground::<R>().await;
    let app = &world.app;
    let member = world.member(&company, "viewer", "vera").await;
    let who = member.actor().id;
    for (n, role) in ROLES.iter().enumerate() {
        let before = app.run(&company.admin, member::Show(who)).await.expect("is there");
        let input = member::Input { role_id: company.role(role.key), all_sites: true, site_ids: Vec::new(), active: true };
        app.run(&company.admin, member::Change { id: who, version: before.version, input }).await.expect("gets the role");
        let scope = app.scope_of(member.tenant().uuid(), Some(who.uuid()), world.request()).await.expect("enters");
        let row = add::<R>(&world, &company.admin, R::sample(&ground, 10 + 3 * n)).await;
        let (id, version) = (Id::<R>::from(row.id()), row.version());
        let may = |permission: Permission| role.permissions.contains(&permission);
        gate(role.key, R::READ, may(R::READ), app.run(&scope, Show::<R>(id)).await);
        gate(role.key, R::READ, may(R::READ), app.run(&scope, List::<R>::new(Query::all::<R>())).await);
        gate(role.key, R::WRITE, may(R::WRITE), app.run(&scope, Create::<R> { input: R::sample(&ground, 11 + 3 * n) }).await);
        let updated = app.run(&scope, Update::<R> { id, version, input: R::sample(&ground, 12 + 3 * n) }).await;
        let version = updated.as_ref().map_or(version, Record::version);
        gate(role.key, R::WRITE, may(R::WRITE), updated);
        gate(role.key, R::DELETE, may(R::DELETE), app.run(&scope, Delete::<R> { id, version }).await);
    }
}

fn gate<T>(role: &str, permission: Permission, may: bool, answer: Result<T, Error>) {
    match answer.map(drop) {
        Ok(()) => assert!(may, "{role} did what needs {}", permission.key()),
        Err(Error::Forbidden(Refused::Permission(needed))) => assert!(!may && needed == permission, "{role} was refused {}", needed.key()),
        Err(other) => panic!("{role}: {other:?}"),
    }
}

pub(crate) async fn lists<R: Specimen>() {
    let (world, company, ground) = ground::<R>().await;
    let (app, admin) = (&world.app, &company.admin);
    for n in 0..11 {
        add::<R>(&world, admin, R::sample(&ground, n)).await;
    }
    walk::every_sort::<R>(app, admin, Record::id, |row, sort| {
        let json = serde_json::to_value(row).expect("is JSON");
        match json.get(sort)? {
            Json::Null => Some(None),
            Json::String(text) => Some(Some(text.clone())),
            // names from the root down sort as their list does
            Json::Array(parts) => Some(Some(parts.iter().filter_map(Json::as_str).collect::<Vec<_>>().join("\u{1}"))),
            other => Some(Some(other.to_string())),
        }
    })
    .await;
    let all = walk::pages::<R>(app, admin, "", 50).await;
    let filters = R::filters(&ground);
    for filter in R::FILTERS {
        assert!(
            filters.iter().any(|(query, _)| query.starts_with(&format!("{}=", filter.name))),
            "{} has no test of its filter {}",
            R::NAME,
            filter.name
        );
    }
    for (query, keeps) in filters {
        let found: Vec<Uuid> = walk::pages::<R>(app, admin, &query, 4).await.iter().map(Record::id).collect();
        let expected: Vec<Uuid> = all.iter().filter(|row| keeps(row)).map(Record::id).collect();
        assert_eq!(found, expected, "{}?{query}", R::NAME);
        assert!(!found.is_empty() && found.len() < all.len(), "{}?{query} tells nothing: {} of {}", R::NAME, found.len(), all.len());
        let parsed = Query::parse::<R>(&query, admin).expect("is a query");
        assert!(parsed.filtered());
        let again = Query::parse::<R>(&parsed.to_query(), admin).expect("is a query still");
        assert_eq!(again.to_query(), parsed.to_query());
    }
    refusals::<R>(admin);
}

/// Every wrong parameter is named, all of them at once.
fn refusals<R: Specimen>(admin: &Scope) {
    let mut query = "nonsense=1&sort=nonsense&limit=0&".to_owned();
    let mut expected = vec![("nonsense", "unknown_field"), ("sort", "not_one_of"), ("limit", "out_of_range")];
    for filter in R::FILTERS {
        let (value, code) = match filter.by {
            By::Choice(..) => ("nonsense", "not_one_of"),
            By::Truth(_) | By::Flag(_) => ("maybe", "not_one_of"),
            By::Word(_) => ("a'b", "invalid"),
            By::Reference(..) => ("nonsense", "not_a_uuid"),
            By::Before(_) | By::From(_) => ("yesterday", "not_a_date"),
            By::Search(_) | By::Called(_) => ("ab", "too_short"),
            By::Contains(_) => ("a%00", "control_characters"),
        };
        query.extend([filter.name, "=", value, "&"]);
        expected.push((filter.name, code));
    }
    let refused = named(Query::parse::<R>(&query, admin));
    assert_eq!(refused.iter().map(|(field, code)| (field.as_str(), code.as_str())).collect::<Vec<_>>(), expected, "{}", R::NAME);
}
