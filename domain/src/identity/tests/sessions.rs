//! Sessions and access tokens: how long they live, and what ends them.

use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, EncodingKey, Header};

use super::{figure, login};
use crate::identity::login::{Begun, Login};
use crate::identity::profile::NewPassword;
use crate::identity::session::{Credential, End, Mine, SignedIn};
use crate::identity::token::Claims;
use crate::identity::{member, reset};
use crate::kernel::error::{Error, Refused};
use crate::kernel::permission::Permission;
use crate::kernel::platform::Caller;
use crate::kernel::testing::{Company, PASSWORD, World};

const ADMIN: &str = "admin@north.example";

async fn start() -> (World, Company) {
    let world = World::new().await;
    let company = world.company("north").await;
    (world, company)
}

async fn who(world: &World, begun: &Begun) -> Option<SignedIn> {
    world.app.signed_in(Credential::Cookie(begun.token.reveal())).await.expect("looks up")
}

async fn log_in(world: &World, remember: bool) -> Begun {
    world.app.login(&Login { remember, ..login(ADMIN) }, &world.request()).await.expect("logs in")
}

#[tokio::test]
async fn given_a_session_when_it_lies_idle_then_it_ends_after_twelve_hours_or_thirty_days() {
    let (world, _company) = start().await;
    for (remember, idle) in [(false, TimeDelta::hours(12)), (true, TimeDelta::days(30))] {
        let begun = log_in(&world, remember).await;
        world.clock.advance(idle - TimeDelta::seconds(1));
        assert!(who(&world, &begun).await.is_some(), "being seen begins the time anew");
        world.clock.advance(idle - TimeDelta::seconds(1));
        assert!(who(&world, &begun).await.is_some());
        world.clock.advance(idle);
        assert!(who(&world, &begun).await.is_none());
    }
}

#[tokio::test]
async fn given_a_session_in_use_when_ninety_days_have_passed_then_it_ends_all_the_same() {
    let (world, _company) = start().await;
    let begun = log_in(&world, true).await;
    for _ in 0..9 {
        assert!(who(&world, &begun).await.is_some());
        world.clock.advance(TimeDelta::days(10));
    }
    assert!(who(&world, &begun).await.is_none());
}

#[tokio::test]
async fn given_an_operator_when_idle_for_half_an_hour_then_the_session_ends_whatever_they_asked_for() {
    let world = World::new().await;
    world.app.create_operator("root@mill.example", "Root", PASSWORD).await.expect("makes the operator");
    for remember in [false, true] {
        let begun = world.app.login(&Login { remember, ..login("root@mill.example") }, &world.request()).await.expect("logs in");
        world.clock.advance(TimeDelta::minutes(29));
        assert!(who(&world, &begun).await.is_some_and(|who| who.operator));
        world.clock.advance(TimeDelta::minutes(30));
        assert!(who(&world, &begun).await.is_none());
    }
}

#[tokio::test]
async fn given_two_logins_when_one_ends_then_the_other_goes_on_and_nobody_ends_a_strangers() {
    let (world, company) = start().await;
    let (here, there) = (log_in(&world, false).await, log_in(&world, true).await);
    assert_ne!(here.token.reveal(), there.token.reveal(), "each login has a secret of its own");
    let me = who(&world, &here).await.expect("is in");
    let caller = me.caller(world.request());
    assert_eq!(world.app.platform(&caller, Mine).await.expect("lists").len(), 3, "the first one is that of the signup");
    world.app.platform(&caller, End(there.session)).await.expect("ends");
    assert!(who(&world, &there).await.is_none() && who(&world, &here).await.is_some());
    let (stranger, _) = world.member_at(&company, "viewer", "vera", None).await;
    let stranger = Caller { account: Some(stranger.account), operator: false, request: world.request() };
    assert!(matches!(world.app.platform(&stranger, End(here.session)).await, Err(Error::NotFound)));
    assert!(matches!(world.app.platform(&Caller::anyone(world.request()), End(here.session)).await, Err(Error::Unauthenticated)));
    assert!(who(&world, &here).await.is_some());
    world.app.platform(&caller, End(here.session)).await.expect("logs out");
    assert!(who(&world, &here).await.is_none());
}

#[tokio::test]
async fn given_another_password_when_it_is_set_then_the_other_sessions_end_and_by_letter_all_of_them() {
    let (world, company) = start().await;
    let (here, there) = (log_in(&world, false).await, log_in(&world, false).await);
    let me = who(&world, &here).await.expect("is in");
    let next = "ottan-da-ystyq-soz-77";
    let change = NewPassword { current: PASSWORD.into(), password: next.into() };
    world.app.change_password(&me, &change, &world.request()).await.expect("changes");
    assert!(who(&world, &here).await.is_some() && who(&world, &there).await.is_none() && who(&world, &company.begun).await.is_none());
    let letter =
        world.app.platform(&Caller::anyone(world.request()), reset::WriteLetter(here.account)).await.expect("writes").expect("is known");
    world.app.reset_password(letter.token.reveal(), "tagy-bir-jana-soz-78", &world.request()).await.expect("resets");
    assert!(who(&world, &here).await.is_none());
    assert_eq!(figure(&world, "SELECT count(*) FROM platform.sessions").await, 0);
    assert!(world.app.login(&login(ADMIN), &world.request()).await.is_err(), "the old password is no longer one");
}

#[tokio::test]
async fn given_a_member_when_their_role_changes_or_they_are_kept_out_then_it_holds_from_the_next_request() {
    let (world, company) = start().await;
    let (begun, scope) = world.member_at(&company, "viewer", "vera", None).await;
    assert!(!scope.can(Permission::WorkOrderCreate));
    let id = scope.actor().id;
    let change = |role: &str, active: bool, version: i32| member::Change {
        id,
        version,
        input: member::Input { role_id: company.role(role), all_sites: false, site_ids: vec![company.site], active },
    };
    let changed = world.app.run(&company.admin, change("technician", true, 1)).await.expect("promotes");
    let scope = world.enter(&begun, "north").await;
    assert!(scope.can(Permission::WorkOrderCreate));
    assert_eq!(scope.sites(), Some(&[company.site][..]));
    world.app.run(&company.admin, change("technician", false, changed.version)).await.expect("keeps out");
    let kept_out = world.app.enter(Credential::Cookie(begun.token.reveal()), "north", world.request()).await;
    assert!(matches!(kept_out, Err(Error::NotFound)), "{kept_out:?}");
    assert!(who(&world, &begun).await.is_some(), "the account itself goes on: it may have other companies");
    let job = world.app.scope_of(scope.tenant().uuid(), Some(id.uuid()), world.request()).await;
    assert!(matches!(job, Err(Error::NotFound)), "{job:?}");
    let refused = company.admin.need(Permission::Member);
    assert!(!matches!(refused, Err(Error::Forbidden(Refused::Permission(_)))));
}

#[tokio::test]
async fn given_an_access_token_when_half_an_hour_has_passed_or_its_session_ended_then_it_is_worth_nothing() {
    let (world, _company) = start().await;
    let begun = log_in(&world, false).await;
    let token = world.app.access_token(&begun, "north").await.expect("issues");
    let (me, scope) = world.app.enter_by_token(&token, world.request()).await.expect("enters");
    assert_eq!((me.session, scope.company().slug.as_str()), (begun.session, "north"));
    world.clock.advance(TimeDelta::minutes(30) - TimeDelta::seconds(1));
    assert!(world.app.enter_by_token(&token, world.request()).await.is_ok());
    world.clock.advance(TimeDelta::seconds(1));
    let late = world.app.enter_by_token(&token, world.request()).await;
    assert!(matches!(late, Err(Error::Unauthenticated)), "{late:?}");
    let token = world.app.access_token(&begun, "north").await.expect("issues");
    world.app.platform(&me.caller(world.request()), End(begun.session)).await.expect("logs out");
    let dead = world.app.enter_by_token(&token, world.request()).await;
    assert!(matches!(dead, Err(Error::Unauthenticated)), "{dead:?}");
}

#[tokio::test]
async fn given_a_token_of_one_company_when_used_for_another_then_it_opens_nothing() {
    let (world, company) = start().await;
    let input = crate::identity::invitation::Input {
        email: ADMIN.into(),
        name: "Admin".into(),
        role_id: uuid::Uuid::nil(),
        all_sites: true,
        site_ids: Vec::new(),
        locale: "en".into(),
    };
    let south = world.company("south").await;
    let input = crate::identity::invitation::Input { role_id: south.role("viewer"), ..input };
    let invitation = world.app.run(&south.admin, crate::identity::invitation::Invite(input)).await.expect("invites");
    let letter = world
        .app
        .run(&south.admin, crate::identity::invitation::WriteLetter(invitation.id.into()))
        .await
        .expect("writes")
        .expect("is open");
    let acceptance =
        crate::identity::invitation::Acceptance { token: letter.token.reveal().to_owned(), name: None, password: PASSWORD.into() };
    let (begun, _) = world.app.accept_invitation(&acceptance, &world.request()).await.expect("joins");
    let token = world.app.access_token(&begun, "north").await.expect("issues");
    world.app.enter(Credential::Bearer(&token), "north", world.request()).await.expect("enters its own");
    let other = world.app.enter(Credential::Bearer(&token), "south", world.request()).await;
    assert!(matches!(other, Err(Error::Unauthenticated)), "{other:?}");
    world.app.enter(Credential::Cookie(begun.token.reveal()), "south", world.request()).await.expect("a session opens both");
    let refused = world.app.access_token(&company.begun, "nowhere").await;
    assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
    let platform = world.app.access_token(&begun, "").await.expect("issues");
    assert!(world.app.signed_in(Credential::Bearer(&platform)).await.expect("looks up").is_some());
    assert!(
        world.app.enter(Credential::Bearer(&platform), "north", world.request()).await.is_err(),
        "a token without a company opens none"
    );
    let foreign = world.app.enter(Credential::Cookie(company.begun.token.reveal()), "nowhere", world.request()).await;
    assert!(matches!(foreign, Err(Error::NotFound)), "{foreign:?}");
}

#[tokio::test]
async fn given_a_forged_token_when_presented_then_it_is_nobodys() {
    let (world, company) = start().await;
    let exp = (world.clock.now() + TimeDelta::minutes(10)).timestamp();
    let claims = Claims { session: company.begun.session, company: "north".into(), exp };
    let good = world.app.access_token(&company.begun, "north").await.expect("issues");
    let forged = jsonwebtoken::encode(
        &Header::new(Algorithm::HS256),
        &claims,
        &EncodingKey::from_secret(b"another secret, long enough to look right"),
    )
    .expect("signs");
    let other_way = jsonwebtoken::encode(
        &Header::new(Algorithm::HS512),
        &claims,
        &EncodingKey::from_secret(&world.app.secret().derive("api access token")),
    )
    .expect("signs");
    let parts: Vec<&str> = good.split('.').collect();
    let unsigned = format!("eyJ0eXAiOiJKV1QiLCJhbGciOiJub25lIn0.{}.", parts[1]);
    let cut = format!("{}.{}.", parts[0], parts[1]);
    let swapped = format!("{}.{}.{}", parts[0], forged.split('.').nth(1).expect("has one"), parts[2]);
    for token in [forged.as_str(), &other_way, &unsigned, &cut, &swapped, "", "a.b.c"] {
        let entered = world.app.enter_by_token(token, world.request()).await;
        assert!(matches!(entered, Err(Error::Unauthenticated)), "{token}: {entered:?}");
        assert!(world.app.signed_in(Credential::Bearer(token)).await.expect("looks up").is_none());
    }
}
