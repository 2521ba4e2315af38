//! Removing a role.

use crate::identity::invitation::{self, Invite, Revoke};
use crate::identity::role::{Delete, Input, List, Role, Save};
use crate::kernel::error::{Error, Refused, Result};
use crate::kernel::scope::Scope;
use crate::kernel::testing::{Company, World};

async fn role(world: &World, company: &Company, name: &str, level: i32) -> Role {
    let input = Input { name: name.to_owned(), level, permissions: vec!["work_order.view".to_owned()] };
    world.app.run(&company.admin, Save { id: None, input }).await.expect("adds a role")
}

async fn delete(world: &World, actor: &Scope, role: &Role) -> Result<()> {
    world.app.run(actor, Delete { id: role.id.into(), version: role.version }).await
}

async fn invite(world: &World, company: &Company, role: &Role, name: &str) -> invitation::Invitation {
    let input = invitation::Input {
        email: format!("{name}@north.example"),
        name: name.to_owned(),
        role_id: role.id,
        all_sites: true,
        site_ids: Vec::new(),
        locale: "kk".to_owned(),
    };
    world.app.run(&company.admin, Invite(input)).await.expect("invites")
}

/// Whom a refusal names.
fn holders(refused: Result<()>) -> String {
    match refused {
        Err(Error::Invalid(errors)) if errors[0].code == "role_held" => errors[0].params[0].1.clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn given_a_role_when_somebody_holds_it_or_is_invited_to_it_then_it_stays_and_they_are_named() {
    let world = World::new().await;
    let company = world.company("north").await;
    let fitter = role(&world, &company, "Fitter", 30).await;
    let invited = invite(&world, &company, &fitter, "zere").await;
    assert_eq!(holders(delete(&world, &company.admin, &fitter).await), "zere");
    let letter = world.letter(&company, "zere@north.example").await;
    let acceptance = invitation::Acceptance { token: letter, name: None, password: crate::kernel::testing::PASSWORD.to_owned() };
    world.app.accept_invitation(&acceptance, &world.request()).await.expect("accepts");
    invite(&world, &company, &fitter, "abai").await;
    assert_eq!(holders(delete(&world, &company.admin, &fitter).await), "abai, zere");
    assert_eq!(invited.role, "Fitter");
    for number in 0..12 {
        invite(&world, &company, &fitter, &format!("n{number:02}")).await;
    }
    assert!(holders(delete(&world, &company.admin, &fitter).await).ends_with(", n08, …"));
}

#[tokio::test]
async fn given_a_role_nobody_holds_when_it_is_removed_then_its_past_invitations_keep_its_name_and_the_audit_knows() {
    let world = World::new().await;
    let company = world.company("north").await;
    let fitter = role(&world, &company, "Fitter", 30).await;
    let revoked = invite(&world, &company, &fitter, "zere").await;
    world.app.run(&company.admin, Revoke(revoked.id.into())).await.expect("takes back");
    invite(&world, &company, &fitter, "abai").await;
    world.clock.advance(chrono::TimeDelta::hours(73));
    let stale = Role { version: fitter.version + 1, ..fitter.clone() };
    let refused = delete(&world, &company.admin, &stale).await.expect_err("is of another version");
    assert!(
        matches!(refused, Error::Stale { current: 1, ref changed_by, .. } if changed_by.as_deref() == Some("Admin north")),
        "{refused:?}"
    );
    delete(&world, &company.admin, &fitter).await.expect("nobody holds it");
    let roles = world.app.run(&company.admin, List).await.expect("lists");
    assert!(roles.iter().all(|role| role.id != fitter.id));
    let past = invitation::List { which: invitation::Which::Past, before: None, limit: 10 };
    let past = world.app.run(&company.admin, past).await.expect("lists");
    let seen: Vec<_> = past.iter().map(|each| (&*each.name, &*each.role, each.role_id, each.state)).collect();
    assert_eq!(seen, [("abai", "Fitter", None, invitation::State::Expired), ("zere", "Fitter", None, invitation::State::Revoked)]);
    let audited: i64 =
        sqlx::query_scalar("SELECT count(*) FROM audit_log WHERE tbl = 'roles' AND op = 'delete' AND row_id = $1 AND actor = $2")
            .bind(fitter.id)
            .bind(company.admin.actor().id.uuid())
            .fetch_one(&mut world.superuser().await)
            .await
            .expect("counts");
    assert_eq!(audited, 1);
}

#[tokio::test]
async fn given_a_default_role_or_one_above_when_somebody_would_remove_it_then_it_stays() {
    let world = World::new().await;
    let company = world.company("north").await;
    let roles = world.app.run(&company.admin, List).await.expect("lists");
    let driver = roles.iter().find(|role| role.key.as_deref() == Some("driver")).expect("is there");
    assert!(matches!(delete(&world, &company.admin, driver).await, Err(Error::Conflict("built_in_role"))));
    let chief = role(&world, &company, "Chief", 95).await;
    let input =
        Input { name: "Deputy".to_owned(), level: 90, permissions: vec!["role.view".into(), "role.manage".into(), "member.view".into()] };
    let deputy = world.app.run(&company.admin, Save { id: None, input }).await.expect("adds a role");
    invite(&world, &company, &deputy, "dauren").await;
    let letter = world.letter(&company, "dauren@north.example").await;
    let acceptance = invitation::Acceptance { token: letter, name: None, password: crate::kernel::testing::PASSWORD.to_owned() };
    let (begun, slug) = world.app.accept_invitation(&acceptance, &world.request()).await.expect("accepts");
    let dauren = world.enter(&begun, &slug).await;
    assert!(matches!(delete(&world, &dauren, &chief).await, Err(Error::Forbidden(Refused::Level))));
    let viewer = world.member(&company, "viewer", "vera").await;
    assert!(matches!(delete(&world, &viewer, &chief).await, Err(Error::Forbidden(Refused::Permission(_)))));
    delete(&world, &company.admin, &chief).await.expect("is below");
}
