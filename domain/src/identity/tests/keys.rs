//! Signup keys: one shown, one mailed, and what takes them back.

use chrono::TimeDelta;

use crate::identity::company::{Limit, Limits, Onboarded, Show};
use crate::identity::signup::Complete;
use crate::identity::signup_key::{Letter, NewKey, SendKey, WriteLetter};
use crate::kernel::error::Error;
use crate::kernel::platform::Caller;
use crate::kernel::testing::{World, named};

async fn letter(world: &World, onboarded: &Onboarded) -> Option<Letter> {
    let worker = Caller::anyone(world.request());
    world.app.platform(&worker, WriteLetter(onboarded.company.id.into())).await.expect("writes")
}

async fn opens(world: &World, email: &str, key: &str) -> bool {
    match world.app.open_signup(email, key, &world.request()).await {
        Ok(opened) => opened.company.starts_with("Demo"),
        refused => {
            assert_eq!(named(refused), [("key".to_owned(), "wrong_key".to_owned())]);
            false
        }
    }
}

/// The kinds of mail waiting to be written for a company that has not signed up.
async fn mail(world: &World) -> Vec<String> {
    sqlx::query_scalar("SELECT kind FROM queue.jobs WHERE kind LIKE 'identity.%' ORDER BY created_at, id")
        .fetch_all(&mut world.superuser().await)
        .await
        .expect("reads the queue")
}

#[tokio::test]
async fn given_a_new_company_when_the_letter_is_written_then_its_key_opens_it_as_the_shown_one_does() {
    let world = World::new().await;
    let onboarded = world.onboard("north").await;
    assert_eq!(mail(&world).await, ["identity.signup_key_mail"]);
    let written = letter(&world, &onboarded).await.expect("nobody has signed up");
    assert_eq!((&*written.email, &*written.company, &*written.locale), ("admin@north.example", "Demo north", "kk"));
    assert_eq!(written.expires_at, world.app.clock().now() + TimeDelta::hours(72));
    assert!(opens(&world, "admin@north.example", &onboarded.signup_key).await);
    assert!(opens(&world, "admin@north.example", written.key.reveal()).await);
    let signup = world.signup("north", written.key.reveal());
    world.app.sign_up(&signup, World::words(), &world.request()).await.expect("signs up");
    assert!(!opens(&world, "admin@north.example", &onboarded.signup_key).await, "the other key is worth nothing now");
    assert!(letter(&world, &onboarded).await.is_none(), "there is nothing left to open");
    assert_eq!(mail(&world).await.last().map(String::as_str), Some("identity.welcome_mail"));
    let again = world.app.platform(&world.operator(), SendKey(onboarded.company.id.into())).await;
    assert!(matches!(again, Err(Error::Conflict("already_signed_up"))), "{again:?}");
}

#[tokio::test]
async fn given_a_letter_when_it_is_sent_again_then_only_the_newest_letters_key_and_the_shown_one_open() {
    let world = World::new().await;
    let onboarded = world.onboard("north").await;
    let first = letter(&world, &onboarded).await.expect("is open");
    world.app.platform(&world.operator(), SendKey(onboarded.company.id.into())).await.expect("sends");
    let second = letter(&world, &onboarded).await.expect("is open");
    for (key, good) in [(first.key.reveal(), false), (second.key.reveal(), true), (&*onboarded.signup_key, true)] {
        assert_eq!(opens(&world, "admin@north.example", key).await, good);
    }
    let made = world.app.platform(&world.operator(), NewKey(onboarded.company.id.into())).await.expect("makes");
    for (key, good) in [(second.key.reveal(), false), (&*onboarded.signup_key, false), (&*made.signup_key, true)] {
        assert_eq!(opens(&world, "admin@north.example", key).await, good);
    }
}

#[tokio::test]
async fn given_another_contact_when_nobody_has_signed_up_then_the_keys_before_are_worth_nothing_and_a_letter_goes_there() {
    let world = World::new().await;
    let onboarded = world.onboard("north").await;
    let first = letter(&world, &onboarded).await.expect("is open");
    sqlx::query("DELETE FROM queue.jobs").execute(&mut world.superuser().await).await.expect("as if written");
    let id = onboarded.company.id.into();
    let limits = |email: &str| Limits { name: "Demo north".into(), contact_email: email.into(), seats: 50, suspended: false };
    let change = |version, email: &str| Limit { id, version, limits: limits(email) };
    assert_eq!(
        named(world.app.platform(&world.operator(), change(1, "nobody")).await),
        [("contact_email".to_owned(), "not_an_email".to_owned())]
    );
    let same = world.app.platform(&world.operator(), change(1, "Admin@North.example")).await.expect("is the same address");
    assert!(mail(&world).await.is_empty() && opens(&world, "admin@north.example", &onboarded.signup_key).await);
    let changed = world.app.platform(&world.operator(), change(same.version, "boss@north.example")).await.expect("changes");
    assert_eq!((&*changed.contact_email, changed.key_expires_at), ("boss@north.example", None));
    assert_eq!(mail(&world).await, ["identity.signup_key_mail"]);
    let second = letter(&world, &onboarded).await.expect("is open");
    assert_eq!(second.email, "boss@north.example");
    for key in [&*onboarded.signup_key, first.key.reveal(), second.key.reveal()] {
        assert!(!opens(&world, "admin@north.example", key).await);
    }
    assert!(opens(&world, "boss@north.example", second.key.reveal()).await);
    let shown = world.app.platform(&world.operator(), Show(id)).await.expect("shows");
    assert_eq!((shown.seats_used, shown.seats_left), (0, 50));
}

#[tokio::test]
async fn given_a_key_tried_wrongly_too_often_when_the_company_is_shown_then_it_is_locked_and_opens_nothing() {
    let world = World::new().await;
    let onboarded = world.onboard("north").await;
    let show = async || world.app.platform(&world.operator(), Show(onboarded.company.id.into())).await.expect("shows");
    let fresh = show().await;
    assert!(fresh.key_expires_at.is_some() && !fresh.key_locked);
    sqlx::query("UPDATE platform.signup_keys SET attempts = 10").execute(&mut world.superuser().await).await.expect("as if tried");
    let locked = show().await;
    assert!(locked.key_expires_at.is_none() && locked.key_locked);
    assert!(!opens(&world, "admin@north.example", &onboarded.signup_key).await);
    // the last step looks again: the key may have been locked since the second one
    let caller = Caller::anyone(world.request());
    let completed = world.app.platform(&caller, Complete::of_somebody_new(world.signup("north", &onboarded.signup_key))).await;
    assert_eq!(named(completed), [("key".to_owned(), "wrong_key".to_owned())]);
    let made = world.app.platform(&world.operator(), NewKey(onboarded.company.id.into())).await.expect("makes");
    assert!(!show().await.key_locked && opens(&world, "admin@north.example", &made.signup_key).await);
}
