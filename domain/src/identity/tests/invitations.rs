//! Invitations: one person, one company, once.

use chrono::TimeDelta;

use super::{figure, limit};
use crate::identity::invitation::{Acceptance, Input, Invitation, Invite, List, Revoke, WriteLetter};
use crate::identity::{company, member, role};
use crate::kernel::error::{Error, Refused, Result};
use crate::kernel::scope::Scope;
use crate::kernel::testing::{Company, PASSWORD, World, named};

async fn invite(world: &World, company: &Company, scope: &Scope, email: &str, role: &str) -> Result<Invitation> {
    let input = Input {
        email: email.into(),
        name: "Aru".into(),
        role_id: company.role(role),
        all_sites: true,
        site_ids: Vec::new(),
        locale: "kk".into(),
    };
    world.app.run(scope, Invite(input)).await
}

/// The secret in a fresh letter.
async fn letter(world: &World, company: &Company, invitation: &Invitation) -> Option<String> {
    let letter = world.app.run(&company.admin, WriteLetter(invitation.id.into())).await.expect("answers");
    letter.map(|letter| letter.token.reveal().to_owned())
}

fn acceptance(token: &str) -> Acceptance {
    Acceptance { token: token.to_owned(), name: None, password: PASSWORD.to_owned() }
}

async fn start() -> (World, Company) {
    let world = World::new().await;
    let company = world.company("north").await;
    (world, company)
}

#[tokio::test]
async fn given_an_invitation_when_accepted_then_the_person_is_in_with_its_role_and_language_and_it_is_spent() {
    let (world, company) = start().await;
    let invitation = invite(&world, &company, &company.admin, "Aru@North.example", "technician").await.expect("invites");
    assert_eq!(invitation.email, "aru@north.example");
    assert_eq!(figure(&world, "SELECT count(*) FROM queue.jobs WHERE kind = 'identity.invitation_mail'").await, 1);
    let token = letter(&world, &company, &invitation).await.expect("is open");
    let offer = world.app.invitation_offer(&token, &world.request()).await.expect("offers");
    assert_eq!((offer.company.as_str(), offer.role.as_str(), offer.has_account), ("Demo north", "technician", false));
    let (begun, slug) = world.app.accept_invitation(&acceptance(&token), &world.request()).await.expect("accepts");
    let scope = world.enter(&begun, &slug).await;
    assert_eq!((scope.actor().name.as_str(), scope.actor().role_key.as_deref(), scope.locale()), ("Aru", Some("technician"), "kk"));
    let again = world.app.accept_invitation(&acceptance(&token), &world.request()).await;
    assert!(matches!(again, Err(Error::NotFound)), "{again:?}");
    assert!(world.app.run(&company.admin, List::open()).await.expect("lists").is_empty());
    assert!(letter(&world, &company, &invitation).await.is_none(), "no letter is written for what is spent");
}

#[tokio::test]
async fn given_an_invitation_taken_back_or_expired_or_unknown_when_its_link_is_followed_then_nothing_is_found() {
    let (world, company) = start().await;
    let withdrawn = invite(&world, &company, &company.admin, "aru@north.example", "viewer").await.expect("invites");
    let token = letter(&world, &company, &withdrawn).await.expect("is open");
    world.app.run(&company.admin, Revoke(withdrawn.id.into())).await.expect("takes it back");
    let old = invite(&world, &company, &company.admin, "aru@north.example", "viewer").await.expect("may be invited again");
    let expired = letter(&world, &company, &old).await.expect("is open");
    world.clock.advance(TimeDelta::hours(72) - TimeDelta::seconds(1));
    world.app.invitation_offer(&expired, &world.request()).await.expect("is good to the last second");
    world.clock.advance(TimeDelta::seconds(1));
    for token in [token.as_str(), expired.as_str(), "unknown", ""] {
        let offer = world.app.invitation_offer(token, &world.request()).await;
        assert!(matches!(offer, Err(Error::NotFound)), "{offer:?}");
        let accepted = world.app.accept_invitation(&acceptance(token), &world.request()).await;
        assert!(matches!(accepted, Err(Error::NotFound)), "{accepted:?}");
    }
    assert!(letter(&world, &company, &old).await.is_none(), "a letter would come too late");
    invite(&world, &company, &company.admin, "aru@north.example", "viewer").await.expect("an expired invitation blocks no other");
    assert!(matches!(world.app.run(&company.admin, Revoke(withdrawn.id.into())).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn given_a_second_letter_when_it_is_written_then_the_first_one_opens_nothing() {
    let (world, company) = start().await;
    let invitation = invite(&world, &company, &company.admin, "aru@north.example", "viewer").await.expect("invites");
    let first = letter(&world, &company, &invitation).await.expect("is open");
    let second = letter(&world, &company, &invitation).await.expect("is open");
    assert!(matches!(world.app.invitation_offer(&first, &world.request()).await, Err(Error::NotFound)));
    world.app.invitation_offer(&second, &world.request()).await.expect("offers");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_one_link_when_two_follow_it_at_once_then_one_is_in() {
    let (world, company) = start().await;
    let invitation = invite(&world, &company, &company.admin, "aru@north.example", "viewer").await.expect("invites");
    let token = letter(&world, &company, &invitation).await.expect("is open");
    let (accept, request) = (acceptance(&token), world.request());
    let (a, b) = tokio::join!(world.app.accept_invitation(&accept, &request), world.app.accept_invitation(&accept, &request));
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
    let lost = if a.is_ok() { b } else { a };
    assert!(matches!(lost, Err(Error::NotFound | Error::Invalid(_))), "{lost:?}");
    assert_eq!(figure(&world, "SELECT count(*) FROM members WHERE email = 'aru@north.example'").await, 1);
}

#[tokio::test]
async fn given_a_person_already_there_or_invited_when_invited_then_the_address_is_named() {
    let (world, company) = start().await;
    for (email, code) in [("admin@north.example", "already_member"), ("aru@north.example", "already_invited"), ("nobody", "not_an_email")] {
        if code == "already_invited" {
            invite(&world, &company, &company.admin, email, "viewer").await.expect("invites once");
        }
        let refused = named(invite(&world, &company, &company.admin, email, "viewer").await);
        assert_eq!(refused, [("email".to_owned(), code.to_owned())]);
    }
}

#[tokio::test]
async fn given_as_many_people_as_seats_when_another_would_come_then_there_is_no_seat() {
    let (world, company) = start().await;
    let vera = world.member(&company, "viewer", "vera").await;
    limit(&world, &company.admin, 3, false).await;
    let open = invite(&world, &company, &company.admin, "aru@north.example", "viewer").await.expect("takes the last seat");
    let full = |answer: Result<Invitation>| assert!(matches!(answer, Err(Error::Conflict("seats_exhausted"))), "{answer:?}");
    full(invite(&world, &company, &company.admin, "dina@north.example", "viewer").await);
    world.app.run(&company.admin, Revoke(open.id.into())).await.expect("takes it back");
    change(&world, &company, &vera, false).await.expect("keeps vera out");
    invite(&world, &company, &company.admin, "dina@north.example", "viewer").await.expect("a seat was free");
    invite(&world, &company, &company.admin, "aru@north.example", "viewer").await.expect("and another");
    let back = change(&world, &company, &vera, true).await;
    assert!(matches!(back, Err(Error::Conflict("seats_exhausted"))), "who was kept out needs a seat to come back: {back:?}");
}

async fn change(world: &World, company: &Company, who: &Scope, active: bool) -> Result<member::Member> {
    let before = world.app.run(&company.admin, member::Show(who.actor().id)).await.expect("is there");
    let input = member::Input { role_id: before.role_id, all_sites: before.all_sites, site_ids: before.site_ids, active };
    world.app.run(&company.admin, member::Change { id: who.actor().id, version: before.version, input }).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_one_seat_when_two_are_invited_at_once_then_one_gets_it() {
    let (world, company) = start().await;
    limit(&world, &company.admin, 2, false).await;
    let admin = &company.admin;
    let (a, b) = tokio::join!(
        invite(&world, &company, admin, "a@north.example", "viewer"),
        invite(&world, &company, admin, "b@north.example", "viewer")
    );
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
}

#[tokio::test]
async fn given_an_account_of_another_company_when_invited_then_it_joins_with_its_own_password() {
    let (world, company) = start().await;
    let other = world.company("south").await;
    let invitation = invite(&world, &company, &company.admin, "admin@south.example", "finance").await.expect("invites");
    let token = letter(&world, &company, &invitation).await.expect("is open");
    assert!(world.app.invitation_offer(&token, &world.request()).await.expect("offers").has_account);
    let wrong = Acceptance { password: "some other long password".into(), ..acceptance(&token) };
    assert_eq!(named(world.app.accept_invitation(&wrong, &world.request()).await), [("password".to_owned(), "wrong_login".to_owned())]);
    let (begun, slug) = world.app.accept_invitation(&acceptance(&token), &world.request()).await.expect("joins");
    assert_eq!(begun.account, other.begun.account);
    let (here, there) = (world.enter(&begun, &slug).await, world.enter(&begun, "south").await);
    assert_eq!((here.actor().role_key.as_deref(), there.actor().role_key.as_deref()), (Some("finance"), Some("admin")));
    assert_ne!(here.tenant(), there.tenant());
}

#[tokio::test]
async fn given_a_manager_when_they_invite_then_only_into_roles_below_their_own() {
    let (world, company) = start().await;
    let manager = world.member(&company, "manager", "marat").await;
    for role in ["admin", "manager"] {
        let refused = invite(&world, &company, &manager, "aru@north.example", role).await;
        assert!(matches!(refused, Err(Error::Forbidden(Refused::Level))), "{role}: {refused:?}");
    }
    // an auditor's right is one a manager does not hold, however low the role
    let refused = invite(&world, &company, &manager, "aru@north.example", "finance").await;
    assert!(matches!(refused, Err(Error::Forbidden(Refused::Level))), "{refused:?}");
    let invitation = invite(&world, &company, &manager, "aru@north.example", "technician").await.expect("invites");
    world.app.run(&manager, Revoke(invitation.id.into())).await.expect("takes it back");
    let above = invite(&world, &company, &company.admin, "aru@north.example", "admin").await.expect("invites");
    assert!(matches!(world.app.run(&manager, Revoke(above.id.into())).await, Err(Error::Forbidden(Refused::Level))));
    let technician = world.member(&company, "technician", "timur").await;
    let refused = invite(&world, &company, &technician, "dina@north.example", "viewer").await;
    assert!(matches!(refused, Err(Error::Forbidden(Refused::Permission(_)))), "{refused:?}");
}

#[tokio::test]
async fn given_letters_and_keys_when_the_database_is_read_then_no_secret_is_in_it() {
    let (world, company) = start().await;
    let invitation = invite(&world, &company, &company.admin, "aru@north.example", "viewer").await.expect("invites");
    let token = letter(&world, &company, &invitation).await.expect("is open");
    let input = company::Input { name: "South".into(), slug: None, contact_email: "a@south.example".into(), seats: 1, locale: None };
    let key = world.app.platform(&world.operator(), company::Onboard(input)).await.expect("onboards").signup_key;
    let cookie = company.begun.token.reveal();
    for (table, sql) in [
        ("invitations", "SELECT count(*) FROM invitations t WHERE to_jsonb(t)::text LIKE '%' || $1 || '%'"),
        ("signup_keys", "SELECT count(*) FROM platform.signup_keys t WHERE to_jsonb(t)::text LIKE '%' || $1 || '%'"),
        ("sessions", "SELECT count(*) FROM platform.sessions t WHERE to_jsonb(t)::text LIKE '%' || $1 || '%'"),
        ("jobs", "SELECT count(*) FROM queue.jobs t WHERE to_jsonb(t)::text LIKE '%' || $1 || '%'"),
        ("log", "SELECT count(*) FROM platform.log t WHERE to_jsonb(t)::text LIKE '%' || $1 || '%'"),
        ("audit", "SELECT count(*) FROM audit_log t WHERE to_jsonb(t)::text LIKE '%' || $1 || '%'"),
    ] {
        for secret in [token.as_str(), key.as_str(), cookie, PASSWORD] {
            let found: i64 = sqlx::query_scalar(sql).bind(secret).fetch_one(&mut world.superuser().await).await.expect("counts");
            assert_eq!(found, 0, "a secret lies in {table}");
        }
    }
    assert!(!format!("{:?}", company.begun).contains(cookie), "nor does a log line show one");
    let roles = world.app.run(&company.admin, role::List).await.expect("lists");
    assert_eq!(roles.iter().map(|role| role.members).sum::<i64>(), 1);
}
