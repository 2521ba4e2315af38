//! The one door: whatever becomes of a transaction, the next one on its connection sees its own company and nothing else.

use std::future::poll_fn;
use std::task::Poll;

use serde_json::json;

use crate::inventory::Vendor;
use crate::kernel::action::{Action, Cx};
use crate::kernel::app::App;
use crate::kernel::error::{Error, Result};
use crate::kernel::listing::{List, Query};
use crate::kernel::permission::Permission;
use crate::kernel::resource::{Create, Show};
use crate::kernel::scope::Scope;
use crate::kernel::testing::{World, read};
use crate::kernel::tests::Raw;

/// Adds a vendor, reads all there are, and takes it back.
#[derive(Clone)]
struct Undone(String);

impl Action for Undone {
    const NEEDS: Permission = Permission::VendorEdit;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        sqlx::query("INSERT INTO vendors (tenant_id, id, name) VALUES ($1, gen_random_uuid(), $2)")
            .bind(cx.tenant().uuid())
            .bind(self.0)
            .execute(cx.conn())
            .await?;
        // no WHERE: the policies alone keep the others out
        let foreign: i64 = sqlx::query_scalar("SELECT count(*) FROM vendors WHERE tenant_id IS DISTINCT FROM $1")
            .bind(cx.tenant().uuid())
            .fetch_one(cx.conn())
            .await?;
        assert_eq!(foreign, 0);
        Err(Error::Conflict("on_purpose"))
    }
}

/// Names of all vendors a scope sees, without a WHERE of ours.
async fn seen(app: &App, scope: &Scope) -> String {
    app.run(scope, Raw("SELECT string_agg(name, ',' ORDER BY name) FROM vendors")).await.expect("reads").unwrap_or_default()
}

/// Drops the work after so many polls, wherever it is by then.
async fn cancelled_after<F: Future>(polls: usize, work: F) {
    let mut work = Box::pin(work);
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 || work.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        left -= 1;
        Poll::Pending
    })
    .await;
}

#[tokio::test]
async fn given_one_connection_when_two_companies_take_turns_a_thousand_times_then_neither_sees_the_other() {
    let world = World::with(None, 1).await;
    let companies = [world.company("north").await, world.company("south").await];
    let mut own = Vec::new();
    for company in &companies {
        own.push(world.vendor(&company.admin, &format!("{} vendor", company.slug)).await);
    }
    let app = &world.app;
    for turn in 0..1000 {
        let (mine, other) = (turn % 2, 1 - turn % 2);
        let scope = &companies[mine].admin;
        match turn / 2 % 5 {
            0 => assert_eq!(seen(app, scope).await, own[mine].name),
            1 => assert!(matches!(app.run(scope, Undone(format!("undone {turn}"))).await, Err(Error::Conflict("on_purpose")))),
            2 => assert!(matches!(app.run(scope, Show::<Vendor>(own[other].id.into())).await, Err(Error::NotFound))),
            3 => cancelled_after(turn / 10 % 7, app.run(scope, Undone(format!("cancelled {turn}")))).await,
            _ => {
                let reading = app.run(scope, List::<Vendor>::new(Query::all::<Vendor>()));
                tokio::select! {
                    biased;
                    () = tokio::task::yield_now() => {}
                    page = reading => assert_eq!(page.expect("lists").data, [own[mine].clone()]),
                }
            }
        }
    }
    for (company, vendor) in companies.iter().zip(&own) {
        assert_eq!(seen(app, &company.admin).await, vendor.name, "nothing undone or cancelled stayed");
    }
}

/// What a connection between transactions knows of the last one.
async fn traces(app: &App) -> (String, String, String, String) {
    sqlx::query_as(
        "SELECT current_user::text, coalesce(current_setting('app.tenant_id', true), ''), coalesce(current_setting('app.actor', true), ''),
           coalesce(current_setting('app.sites', true), '')",
    )
    .fetch_one(app.pool())
    .await
    .expect("answers")
}

#[tokio::test]
async fn given_a_transaction_that_ended_when_its_connection_is_used_again_then_nothing_of_it_is_left() {
    let world = World::with(None, 1).await;
    let company = world.company("north").await;
    let (_, local) = world.member_at(&company, "manager", "lena", Some(vec![company.site])).await;
    let clean = ("millwright_app".to_owned(), String::new(), String::new(), String::new());
    let app = &world.app;
    for scope in [&company.admin, &local] {
        app.run(scope, Create::<Vendor> { input: read(json!({ "name": format!("of {}", scope.actor().name) })) }).await.expect("commits");
        assert_eq!(traces(app).await, clean, "after a commit");
        app.run(scope, Undone("x".into())).await.expect_err("rolls back");
        assert_eq!(traces(app).await, clean, "after an error");
        app.run(scope, List::<Vendor>::new(Query::all::<Vendor>())).await.expect("reads");
        assert_eq!(traces(app).await, clean, "after a read");
        for polls in 1..12 {
            cancelled_after(polls, app.run(scope, Undone("y".into()))).await;
            assert_eq!(traces(app).await, clean, "after being cancelled at poll {polls}");
        }
        let outside = sqlx::query("SELECT FROM vendors").execute(app.pool()).await.expect_err("is no company's");
        let code = outside.as_database_error().and_then(sqlx::error::DatabaseError::code);
        assert_eq!(code.as_deref(), Some("42501"), "outside a company its tables are closed: {outside}");
    }
}

#[tokio::test]
async fn given_a_scope_when_its_transaction_speaks_then_it_cannot_leave_its_company() {
    let world = World::new().await;
    let (north, south) = (world.company("north").await, world.company("south").await);
    world.vendor(&south.admin, "South vendor").await;
    let before = world.snapshot(&south.admin).await;
    let south_id = south.admin.tenant();
    for statement in ["UPDATE vendors SET name = 'x'", "DELETE FROM vendors", "UPDATE members SET active = false WHERE kind = 'system'"] {
        world.app.run(&north.admin, Raw(statement)).await.expect("touches the own company only");
    }
    assert_eq!(world.snapshot(&south.admin).await, before);
    let id = south_id.uuid();
    for statement in
        ["INSERT INTO vendors (tenant_id, id, name) VALUES ($1, gen_random_uuid(), 'smuggled')", "UPDATE categories SET tenant_id = $1"]
    {
        let refused = world.app.run(&north.admin, Bound(statement, id)).await.expect_err("belongs elsewhere");
        assert!(matches!(refused, Error::Internal(ref why) if why.contains("row-level security")), "{refused:?}");
    }
    assert_eq!(world.snapshot(&south.admin).await, before);
}

/// A statement with one id.
#[derive(Clone)]
struct Bound(&'static str, uuid::Uuid);

impl Action for Bound {
    const NEEDS: Permission = Permission::Member;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        sqlx::query(self.0).bind(self.1).execute(cx.conn()).await?;
        Ok(())
    }
}

#[tokio::test]
async fn given_a_role_that_owns_a_table_when_the_program_starts_then_it_refuses_to_serve() {
    for role in ["millwright_app", "millwright_tenant"] {
        let world = World::with(None, 2).await;
        let mut conn = world.superuser().await;
        let (give, take) = match role {
            "millwright_app" => ("ALTER TABLE vendors OWNER TO millwright_app", "ALTER TABLE vendors OWNER TO postgres"),
            _ => ("ALTER TABLE vendors OWNER TO millwright_tenant", "ALTER TABLE vendors OWNER TO postgres"),
        };
        sqlx::query("GRANT CREATE ON SCHEMA public TO millwright_app, millwright_tenant").execute(&mut conn).await.expect("grants");
        sqlx::query(give).execute(&mut conn).await.expect("gives");
        let again = || App::connect(world.app.settings().clone(), world.clock.clone());
        match again().await.map(drop) {
            Err(Error::Unavailable(why)) => assert!(why.contains("is not held by row-level security"), "{why}"),
            other => panic!("{role}: {other:?}"),
        }
        sqlx::query(take).execute(&mut conn).await.expect("takes back");
        again().await.map(drop).expect("serves again");
    }
}
