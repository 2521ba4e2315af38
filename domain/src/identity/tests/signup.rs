//! A company comes to life in three steps; a key opens it once, for one address.

use chrono::TimeDelta;

use super::{account, figure, limit};
use crate::identity::company::{Input, Limit, Limits, List, Onboard};
use crate::identity::entrance::Companies;
use crate::identity::session::Credential;
use crate::identity::signup::Signup;
use crate::identity::signup_key::NewKey;
use crate::kernel::error::{Error, Refused};
use crate::kernel::platform::Caller;
use crate::kernel::testing::{PASSWORD, World, named};

const PEOPLE: &str = "SELECT count(*) FROM members WHERE kind = 'person'";

fn wrong_key() -> Vec<(String, String)> {
    vec![("key".to_owned(), "wrong_key".to_owned())]
}

#[tokio::test]
async fn given_a_key_when_its_person_signs_up_then_the_company_has_everything_it_needs() {
    let world = World::new().await;
    let company = world.company("north").await;
    let admin = &company.admin;
    assert_eq!((admin.actor().role_key.as_deref(), admin.actor().level, admin.locale()), (Some("admin"), 100, "en"));
    assert_eq!((admin.company().currency.as_str(), admin.company().zone), ("KZT", chrono_tz::Asia::Almaty));
    for (sql, count) in [
        ("SELECT count(*) FROM roles", 10),
        ("SELECT count(*) FROM categories", 5),
        ("SELECT count(*) FROM asset_types", 8),
        ("SELECT count(*) FROM locations WHERE kind = 'site'", 1),
        ("SELECT count(*) FROM members WHERE kind = 'system'", 1),
        (PEOPLE, 1),
        ("SELECT count(*) FROM platform.tenants WHERE status = 'active'", 1),
    ] {
        assert_eq!(figure(&world, sql).await, count, "{sql}");
    }
}

#[tokio::test]
async fn given_a_wrong_key_or_another_address_when_opened_then_both_are_answered_alike() {
    let world = World::new().await;
    let onboarded = world.onboard("north").await;
    let (app, request) = (&world.app, world.request());
    let opened = app.open_signup(" Admin@North.example ", &onboarded.signup_key, &request).await.expect("opens, however it is written");
    assert_eq!((opened.company.as_str(), opened.has_account), ("Demo north", false));
    assert_eq!(named(app.open_signup("admin@north.example", "no-such-key", &request).await), wrong_key());
    assert_eq!(named(app.open_signup("other@north.example", &onboarded.signup_key, &request).await), wrong_key());
    let signup = Signup { email: "other@north.example".into(), ..world.signup("north", &onboarded.signup_key) };
    assert_eq!(named(app.sign_up(&signup, World::words(), &request).await), wrong_key());
    assert_eq!(figure(&world, PEOPLE).await, 0);
}

#[tokio::test]
async fn given_ten_wrong_tries_when_the_right_key_comes_then_it_is_locked_until_an_operator_makes_another() {
    let world = World::new().await;
    let onboarded = world.onboard("north").await;
    for wrong in 0..10 {
        let opened = world.app.open_signup("admin@north.example", &onboarded.signup_key, &world.request()).await;
        assert!(opened.is_ok(), "after {wrong} wrong tries: {opened:?}");
        assert_eq!(named(world.app.open_signup("admin@north.example", "guess", &world.request()).await), wrong_key());
        world.clock.advance(TimeDelta::minutes(16));
    }
    let signup = world.signup("north", &onboarded.signup_key);
    assert_eq!(named(world.app.sign_up(&signup, World::words(), &world.request()).await), wrong_key());
    world.clock.advance(TimeDelta::minutes(16));
    let renewed = world.app.platform(&world.operator(), NewKey(onboarded.company.id.into())).await.expect("makes another");
    assert_eq!(named(world.app.open_signup("admin@north.example", &onboarded.signup_key, &world.request()).await), wrong_key());
    world.clock.advance(TimeDelta::minutes(16));
    let signup = world.signup("north", &renewed.signup_key);
    world.app.sign_up(&signup, World::words(), &world.request()).await.expect("signs up");
    let late = world.app.platform(&world.operator(), NewKey(onboarded.company.id.into())).await;
    assert!(matches!(late, Err(Error::Conflict("already_signed_up"))), "{late:?}");
}

#[tokio::test]
async fn given_guesses_one_after_another_when_they_come_too_fast_then_they_have_to_wait() {
    let world = World::new().await;
    world.onboard("north").await;
    let mut limited = 0;
    for _ in 0..8 {
        if let Err(Error::Limited { retry_after }) = world.app.open_signup("admin@north.example", "guess", &world.request()).await {
            assert!(retry_after > 0);
            limited += 1;
        }
    }
    assert_eq!(limited, 2, "six failures are counted, the first five for free");
}

#[tokio::test]
async fn given_a_key_when_three_days_have_passed_then_it_opens_nothing() {
    let world = World::new().await;
    let onboarded = world.onboard("north").await;
    world.clock.advance(TimeDelta::hours(72) - TimeDelta::seconds(1));
    world.app.open_signup("admin@north.example", &onboarded.signup_key, &world.request()).await.expect("opens to the last second");
    world.clock.advance(TimeDelta::seconds(1));
    let signup = world.signup("north", &onboarded.signup_key);
    assert_eq!(named(world.app.sign_up(&signup, World::words(), &world.request()).await), wrong_key());
}

#[tokio::test]
async fn given_a_used_key_when_it_comes_again_then_it_opens_nothing() {
    let world = World::new().await;
    let onboarded = world.onboard("north").await;
    let signup = world.signup("north", &onboarded.signup_key);
    world.app.sign_up(&signup, World::words(), &world.request()).await.expect("signs up");
    assert_eq!(named(world.app.sign_up(&signup, World::words(), &world.request()).await), wrong_key());
    assert_eq!(figure(&world, PEOPLE).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_one_key_when_two_use_it_at_once_then_one_is_in_and_the_other_finds_it_used() {
    let world = World::new().await;
    let onboarded = world.onboard("north").await;
    let signup = world.signup("north", &onboarded.signup_key);
    let request = world.request();
    let (a, b) = tokio::join!(world.app.sign_up(&signup, World::words(), &request), world.app.sign_up(&signup, World::words(), &request));
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
    assert_eq!(named(if a.is_ok() { b } else { a }), wrong_key());
    assert_eq!(figure(&world, PEOPLE).await, 1);
    assert_eq!(figure(&world, "SELECT count(*) FROM platform.sessions").await, 1);
}

#[tokio::test]
async fn given_an_account_when_its_address_gets_another_company_then_it_logs_in_and_joins() {
    let world = World::new().await;
    let north = world.company("north").await;
    let input =
        Input { name: "South".into(), slug: Some("south".into()), contact_email: "admin@north.example".into(), seats: 5, locale: None };
    let onboarded = world.app.platform(&world.operator(), Onboard(input)).await.expect("onboards");
    let request = world.request();
    let opened = world.app.open_signup("admin@north.example", &onboarded.signup_key, &request).await.expect("opens");
    assert!(opened.has_account);
    let signup = Signup { name: None, ..world.signup("north", &onboarded.signup_key) };
    let wrong = Signup { password: "not the password at all".into(), ..signup.clone() };
    assert_eq!(named(world.app.sign_up(&wrong, World::words(), &request).await), [("password".to_owned(), "wrong_login".to_owned())]);
    let (begun, slug) = world.app.sign_up(&signup, World::words(), &request).await.expect("joins");
    assert_eq!((begun.account, slug.as_str()), (north.begun.account, "south"));
    assert_eq!(figure(&world, "SELECT count(*) FROM platform.sessions").await, 2, "the session of that login goes on");
    let caller = Caller { account: Some(begun.account), operator: false, request };
    let companies = world.app.platform(&caller, Companies).await.expect("lists");
    assert_eq!(companies.iter().map(|company| company.slug.as_str()).collect::<Vec<_>>(), ["north", "south"]);
    let south = world.enter(&begun, "south").await;
    assert_eq!(south.actor().name, "Admin north");
}

#[tokio::test]
async fn given_an_operator_when_they_also_join_a_company_then_their_session_stays_as_short_as_an_operators() {
    let world = World::new().await;
    world.app.create_operator("root@mill.example", "Root", PASSWORD).await.expect("makes the operator");
    let input =
        Input { name: "South".into(), slug: Some("south".into()), contact_email: "root@mill.example".into(), seats: 5, locale: None };
    let onboarded = world.app.platform(&world.operator(), Onboard(input)).await.expect("onboards");
    let signup = Signup { email: "root@mill.example".into(), ..world.signup("south", &onboarded.signup_key) };
    let (begun, _) = world.app.sign_up(&signup, World::words(), &world.request()).await.expect("joins");
    assert!(begun.operator);
    for _ in 0..19 {
        world.clock.advance(TimeDelta::minutes(25));
        assert!(world.app.signed_in(Credential::Cookie(begun.token.reveal())).await.expect("looks up").is_some());
    }
    world.clock.advance(TimeDelta::minutes(10));
    assert!(world.app.signed_in(Credential::Cookie(begun.token.reveal())).await.expect("looks up").is_none(), "eight hours are over");
}

#[tokio::test]
async fn given_wrong_fields_when_signing_up_then_each_is_named_and_the_key_is_not_spent() {
    let world = World::new().await;
    let onboarded = world.onboard("north").await;
    let good = world.signup("north", &onboarded.signup_key);
    let request = world.request();
    let bad = Signup {
        email: "nobody".into(),
        key: " ".into(),
        locale: "de".into(),
        time_zone: "Mars/Base".into(),
        currency: "EUR".into(),
        ..good.clone()
    };
    let fields: Vec<String> = named(world.app.sign_up(&bad, World::words(), &request).await).into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["email", "key", "locale", "currency", "time_zone"]);
    for (name, password, expected) in [
        (None, PASSWORD, vec![("name", "required")]),
        (Some("Admin"), "short", vec![("password", "too_short")]),
        (Some("Admin"), "password1234", vec![("password", "common_password")]),
        (Some(" "), "x", vec![("name", "required"), ("password", "too_short")]),
    ] {
        let signup = Signup { name: name.map(str::to_owned), password: password.to_owned(), ..good.clone() };
        let refused = named(world.app.sign_up(&signup, World::words(), &request).await);
        assert_eq!(refused.iter().map(|(field, code)| (field.as_str(), code.as_str())).collect::<Vec<_>>(), expected);
    }
    world.app.sign_up(&good, World::words(), &request).await.expect("signs up");
}

#[tokio::test]
async fn given_nobody_or_nobody_special_when_they_would_onboard_then_they_are_refused() {
    let world = World::new().await;
    let company = world.company("north").await;
    let input = || Input { name: "South".into(), slug: None, contact_email: "a@south.example".into(), seats: 5, locale: None };
    let nobody = Caller::anyone(world.request());
    assert!(matches!(world.app.platform(&nobody, Onboard(input())).await, Err(Error::Unauthenticated)));
    let admin = Caller { account: Some(company.begun.account), operator: false, request: world.request() };
    assert!(matches!(world.app.platform(&admin, Onboard(input())).await, Err(Error::Forbidden(Refused::Operator))));
    assert!(matches!(world.app.platform(&admin, List { limit: 10, ..List::default() }).await, Err(Error::Forbidden(Refused::Operator))));
    let wrong = Input { name: " ".into(), slug: Some("Admin!".into()), contact_email: "x".into(), seats: 0, locale: Some("de".into()) };
    let fields: Vec<String> =
        named(world.app.platform(&world.operator(), Onboard(wrong)).await).into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["name", "contact_email", "seats", "locale", "slug"]);
    for (slug, code) in [("north", "taken"), ("platform", "reserved"), ("a--b", "bad_slug"), ("-a", "bad_slug"), ("a", "bad_slug")] {
        let wrong = Input { slug: Some(slug.into()), ..input() };
        assert_eq!(named(world.app.platform(&world.operator(), Onboard(wrong)).await), [("slug".to_owned(), code.to_owned())]);
    }
}

#[tokio::test]
async fn given_a_suspended_company_when_its_people_come_then_they_are_kept_out_until_it_goes_on() {
    let world = World::new().await;
    let company = world.company("north").await;
    let cookie = company.begun.token.reveal();
    limit(&world, &company.admin, 50, true).await;
    let kept_out = world.app.enter(Credential::Cookie(cookie), "north", world.request()).await;
    assert!(matches!(kept_out, Err(Error::Forbidden(Refused::Suspended))), "{kept_out:?}");
    let job = world.app.scope_of(company.admin.tenant().uuid(), None, world.request()).await;
    assert!(matches!(job, Err(Error::Forbidden(Refused::Suspended))), "{job:?}");
    let caller = Caller { account: Some(company.begun.account), operator: false, request: world.request() };
    assert!(world.app.platform(&caller, Companies).await.expect("lists").is_empty());
    let now = limit(&world, &company.admin, 50, false).await;
    world.enter(&company.begun, "north").await;
    let stale = Limit {
        id: company.admin.tenant(),
        version: now.version - 1,
        limits: Limits { name: "x".into(), contact_email: "x@y.example".into(), seats: 1, suspended: true },
    };
    assert!(matches!(world.app.platform(&world.operator(), stale).await, Err(Error::Stale { current, .. }) if current == now.version));
}

#[tokio::test]
async fn given_a_disabled_account_when_it_would_come_in_then_nothing_opens() {
    let world = World::new().await;
    let company = world.company("north").await;
    let id = account(&world, "admin@north.example").await;
    sqlx::query("UPDATE platform.accounts SET disabled_at = now() WHERE id = $1")
        .bind(id)
        .execute(&mut world.superuser().await)
        .await
        .expect("disables");
    assert!(world.app.signed_in(Credential::Cookie(company.begun.token.reveal())).await.expect("looks up").is_none());
    let refused = named(world.app.login(&super::login("admin@north.example"), &world.request()).await);
    assert_eq!(refused, [("password".to_owned(), "wrong_login".to_owned())]);
}
