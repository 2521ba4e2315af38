//! Nobody grants above their level or what they lack; the last admin stays; nobody changes their own membership.

use uuid::Uuid;

use crate::identity::{member, role};
use crate::kernel::error::{Error, Refused, Result};
use crate::kernel::id::Id;
use crate::kernel::scope::Scope;
use crate::kernel::testing::{Company, World, named};

async fn change(world: &World, actor: &Scope, who: &Scope, role: Uuid, active: bool) -> Result<member::Member> {
    let id = who.actor().id;
    let version: i32 = sqlx::query_scalar("SELECT version FROM members WHERE id = $1")
        .bind(id.uuid())
        .fetch_one(&mut world.superuser().await)
        .await
        .expect("is there");
    world
        .app
        .run(actor, member::Change { id, version, input: member::Input { role_id: role, all_sites: true, site_ids: Vec::new(), active } })
        .await
}

fn is_level<T: std::fmt::Debug>(answer: Result<T>) {
    let answer = answer.map(drop);
    assert!(matches!(answer, Err(Error::Forbidden(Refused::Level))), "{answer:?}");
}

async fn start() -> (World, Company) {
    let world = World::new().await;
    let company = world.company("north").await;
    (world, company)
}

#[tokio::test]
async fn given_a_manager_when_they_change_people_then_only_those_below_them_and_only_to_what_they_hold() {
    let (world, company) = start().await;
    let manager = world.member(&company, "manager", "marat").await;
    let peer = world.member(&company, "manager", "maral").await;
    let technician = world.member(&company, "technician", "timur").await;
    is_level(change(&world, &manager, &company.admin, company.role("viewer"), true).await);
    is_level(change(&world, &manager, &peer, company.role("viewer"), true).await);
    is_level(change(&world, &manager, &technician, company.role("manager"), true).await);
    is_level(change(&world, &manager, &technician, company.role("admin"), true).await);
    // finance may read the audit, which a manager may not
    is_level(change(&world, &manager, &technician, company.role("finance"), true).await);
    let changed = change(&world, &manager, &technician, company.role("storekeeper"), true).await.expect("is below");
    assert_eq!(changed.role, "storekeeper");
    let own = change(&world, &manager, &manager, company.role("viewer"), true).await;
    assert!(matches!(own, Err(Error::Conflict("own_membership"))), "{own:?}");
    let stale = member::Change {
        id: technician.actor().id,
        version: 1,
        input: member::Input { role_id: company.role("viewer"), all_sites: true, site_ids: Vec::new(), active: true },
    };
    let stale = world.app.run(&manager, stale).await;
    assert!(matches!(stale, Err(Error::Stale { current: 2, .. })), "{stale:?}");
}

#[tokio::test]
async fn given_roles_of_its_own_when_a_company_defines_them_then_none_is_above_whoever_does() {
    let (world, company) = start().await;
    let input = |name: &str, level: i32, permissions: &[&str]| role::Input {
        name: name.into(),
        level,
        permissions: permissions.iter().map(|p| (*p).to_owned()).collect(),
    };
    let save = |scope: Scope, id: Option<(Id<role::Role>, i32)>, input: role::Input| {
        let app = world.app.clone();
        async move { app.run(&scope, role::Save { id, input }).await }
    };
    let admin = &company.admin;
    let chief = save(admin.clone(), None, input("Chief", 90, &["role.manage", "member.manage", "member.view", "work_order.view"]))
        .await
        .expect("adds");
    let person = world.member(&company, "viewer", "vera").await;
    change(&world, admin, &person, chief.id, true).await.expect("promotes");
    let vera = world.app.scope_of(admin.tenant().uuid(), Some(person.actor().id.uuid()), world.request()).await.expect("enters");
    assert_eq!(vera.actor().level, 90, "a change of role takes effect at once");
    for (wrong, field, code) in [
        (input("Higher", 90, &[]), "level", "out_of_range"),
        (input("Lower", 0, &[]), "level", "out_of_range"),
        (input("Rich", 10, &["cost.view"]), "permissions", "not_yours_to_grant"),
        (input("Odd", 10, &["fly"]), "permissions", "unknown_permission"),
        (input("Odd", 10, &["member"]), "permissions", "unknown_permission"),
        (input("Chief", 10, &[]), "name", "taken"),
    ] {
        let refused = named(save(vera.clone(), None, wrong).await);
        assert_eq!((refused[0].0.as_str(), refused.len()), (field, 1), "{refused:?}");
        assert!(refused[0].1 == code || refused[0].1 == "not_grantable", "{refused:?}");
    }
    is_level(save(vera.clone(), Some((chief.id.into(), chief.version)), input("Chief", 50, &[])).await);
    // a role that holds what vera lacks is not hers to change, however low
    let rich = save(admin.clone(), None, input("Rich", 5, &["cost.view"])).await.expect("adds");
    is_level(save(vera.clone(), Some((rich.id.into(), rich.version)), input("Poor", 5, &[])).await);
    let poor = save(vera.clone(), None, input("Poor", 5, &["work_order.view"])).await.expect("adds");
    let renamed = save(vera.clone(), Some((poor.id.into(), poor.version)), input("Poorer", 4, &[])).await.expect("changes");
    let stale = save(vera, Some((poor.id.into(), poor.version)), input("Poorest", 3, &[])).await;
    assert!(matches!(stale, Err(Error::Stale { current, .. }) if current == renamed.version), "{stale:?}");
    let protected = save(admin.clone(), Some((company.role("admin").into(), 1)), input("Everything", 99, &[])).await;
    assert!(matches!(protected, Err(Error::Conflict("protected_role"))), "{protected:?}");
    assert!(matches!(save(admin.clone(), Some((Id::new(), 1)), input("Nothing", 3, &[])).await, Err(Error::NotFound)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_two_admins_when_each_dismisses_the_other_at_once_then_one_stays() {
    let (world, company) = start().await;
    let mut other = world.member(&company, "admin", "ada").await;
    let mut admin = company.admin.clone();
    for round in 0..5 {
        let viewer = company.role("viewer");
        let (a, b) = tokio::join!(change(&world, &admin, &other, viewer, true), change(&world, &other, &admin, viewer, round % 2 == 0));
        assert!(a.is_ok() != b.is_ok(), "round {round}: {a:?} {b:?}");
        let (stayed, fell, lost) = if a.is_ok() { (&admin, &other, b) } else { (&other, &admin, a) };
        assert!(matches!(lost, Err(Error::Conflict("last_admin"))), "round {round}: {lost:?}");
        change(&world, stayed, fell, company.role("admin"), true).await.expect("and may come back");
        let again = |scope: &Scope| world.app.scope_of(scope.tenant().uuid(), Some(scope.actor().id.uuid()), world.request());
        (admin, other) = (again(&admin).await.expect("enters"), again(&other).await.expect("enters"));
    }
}
