//! Passwords: what is accepted, how they are stored, how they are forgotten, how guessing is slowed.

use argon2::password_hash::PasswordHasher;
use argon2::{Algorithm, Argon2, Params, Version};
use chrono::TimeDelta;

use super::{account, figure, login};
use crate::identity::login::Login;
use crate::identity::profile::NewPassword;
use crate::identity::reset::{Ask, WriteLetter};
use crate::identity::session::{Credential, SignedIn};
use crate::kernel::error::{Error, Result};
use crate::kernel::platform::Caller;
use crate::kernel::scope::Request;
use crate::kernel::testing::{Company, PASSWORD, World, named};

const ADMIN: &str = "admin@north.example";

async fn start() -> (World, Company) {
    let world = World::new().await;
    let company = world.company("north").await;
    (world, company)
}

async fn me(world: &World, company: &Company) -> SignedIn {
    world.app.signed_in(Credential::Cookie(company.begun.token.reveal())).await.expect("looks up").expect("is in")
}

fn wrong_login<T: std::fmt::Debug>(answer: Result<T>) {
    assert_eq!(named(answer), [("password".to_owned(), "wrong_login".to_owned())]);
}

async fn stored(world: &World) -> String {
    sqlx::query_scalar("SELECT password_hash FROM platform.accounts WHERE email = $1")
        .bind(ADMIN)
        .fetch_one(&mut world.superuser().await)
        .await
        .expect("is there")
}

#[tokio::test]
async fn given_a_new_password_when_it_is_weak_or_the_old_one_wrong_then_the_field_is_named() {
    let (world, company) = start().await;
    let me = me(&world, &company).await;
    let long = "ұзын".repeat(33);
    for (current, password, field, code) in [
        ("not the current one", "ottan-da-ystyq-soz-77", "current", "wrong_password"),
        (PASSWORD, "ystyq-soz-7", "password", "too_short"),
        (PASSWORD, &long, "password", "too_long"),
        (PASSWORD, "qwertyuiop123", "password", "common_password"),
        (PASSWORD, PASSWORD, "password", "same_password"),
    ] {
        let change = NewPassword { current: current.into(), password: password.into() };
        let refused = named(world.app.change_password(&me, &change, &world.request()).await);
        assert_eq!(refused, [(field.to_owned(), code.to_owned())]);
    }
    let longest = format!("{}ғ", "ұзынсөз".repeat(18)).chars().take(128).collect::<String>();
    let change = NewPassword { current: PASSWORD.into(), password: longest.clone() };
    world.app.change_password(&me, &change, &world.request()).await.expect("changes");
    world.app.login(&Login { password: longest.clone(), ..login(ADMIN) }, &world.request()).await.expect("logs in");
    wrong_login(world.app.login(&Login { password: format!("{longest}x"), ..login(ADMIN) }, &world.request()).await);
}

#[tokio::test]
async fn given_an_unlocked_screen_when_somebody_guesses_the_current_password_then_they_have_to_wait() {
    let (world, company) = start().await;
    let me = me(&world, &company).await;
    let guess = NewPassword { current: "not the current one".into(), password: "ottan-da-ystyq-soz-77".into() };
    let mut limited = false;
    for _ in 0..7 {
        limited |= matches!(world.app.change_password(&me, &guess, &world.request()).await, Err(Error::Limited { .. }));
    }
    assert!(limited);
}

#[tokio::test]
async fn given_a_stored_password_when_looked_at_then_it_is_argon2id_as_set() {
    let (world, _company) = start().await;
    assert!(stored(&world).await.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
}

#[tokio::test]
async fn given_a_hash_of_weaker_parameters_when_its_owner_logs_in_then_it_is_made_anew() {
    let (world, _company) = start().await;
    let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(64, 1, 1, None).expect("are parameters"));
    let hash = weak.hash_password(PASSWORD.as_bytes()).expect("hashes").to_string();
    sqlx::query("UPDATE platform.accounts SET password_hash = $2 WHERE email = $1")
        .bind(ADMIN)
        .bind(&hash)
        .execute(&mut world.superuser().await)
        .await
        .expect("weakens");
    wrong_login(world.app.login(&Login { password: "wrong wrong wrong".into(), ..login(ADMIN) }, &world.request()).await);
    assert_eq!(stored(&world).await, hash, "a wrong password changes nothing");
    world.app.login(&login(ADMIN), &world.request()).await.expect("logs in");
    assert!(stored(&world).await.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    world.app.login(&login(ADMIN), &world.request()).await.expect("logs in with the new hash");
}

#[tokio::test]
async fn given_an_unknown_address_and_a_wrong_password_when_tried_then_both_are_answered_alike() {
    let (world, _company) = start().await;
    let request = world.request();
    for email in [ADMIN, "nobody@north.example", "", "not an address"] {
        wrong_login(world.app.login(&Login { password: "wrong wrong wrong".into(), ..login(email) }, &request).await);
    }
    assert_eq!(figure(&world, "SELECT count(*) FROM platform.log WHERE kind = 'login.failed'").await, 4);
    world.app.login(&login(" ADMIN@North.example "), &request).await.expect("an address is the same however it is written");
    let nul = world.app.login(&login("a\u{0}@north.example"), &request).await;
    assert!(matches!(nul, Err(Error::Invalid(_))), "{nul:?}");
}

#[tokio::test]
async fn given_fifty_wrong_passwords_when_they_come_from_one_network_then_it_waits_and_the_owner_gets_in_from_another() {
    let (world, _company) = start().await;
    let wrong = Login { password: "wrong wrong wrong".into(), ..login(ADMIN) };
    let mut limited = 0;
    for _ in 0..50 {
        match world.app.login(&wrong, &world.request()).await {
            Err(Error::Limited { .. }) => limited += 1,
            answer => wrong_login(answer),
        }
        world.clock.advance(TimeDelta::milliseconds(100));
    }
    assert!(limited >= 40, "{limited}");
    let mut elsewhere = world.request();
    elsewhere.ip = "198.51.100.1".parse().ok();
    world.app.login(&login(ADMIN), &elsewhere).await.expect("the owner gets in");
    world.clock.advance(TimeDelta::minutes(15));
    world.app.login(&login(ADMIN), &world.request()).await.expect("nobody is locked out for good");
}

#[tokio::test]
async fn given_many_accounts_tried_from_one_network_when_thirty_have_failed_then_the_network_waits() {
    let (world, _company) = start().await;
    let mut answered = 0;
    for n in 0..40 {
        let wrong = Login { password: "wrong wrong wrong".into(), ..login(&format!("p{n}@north.example")) };
        let mut request = world.request();
        request.ip = format!("203.0.113.{n}").parse().ok();
        if !matches!(world.app.login(&wrong, &request).await, Err(Error::Limited { .. })) {
            answered += 1;
        }
    }
    assert_eq!(answered, 31);
}

#[tokio::test]
async fn given_a_forgotten_password_when_a_letter_is_asked_for_then_any_address_is_answered_alike() {
    let (world, _company) = start().await;
    let caller = Caller::anyone(world.request());
    for email in [ADMIN, "Admin@North.Example", "nobody@north.example"] {
        world.app.platform(&caller, Ask { email: email.into() }).await.expect("is answered");
    }
    assert_eq!(
        figure(&world, "SELECT count(*) FROM queue.jobs WHERE kind = 'identity.reset_mail'").await,
        1,
        "one letter, to the one who is known"
    );
    let mut limited = false;
    for _ in 0..8 {
        limited |= matches!(world.app.platform(&caller, Ask { email: ADMIN.into() }).await, Err(Error::Limited { .. }));
    }
    assert!(limited, "nobody fills somebody's mailbox");
}

#[tokio::test]
async fn given_letters_when_one_is_used_then_it_and_the_others_open_nothing_more() {
    let (world, _company) = start().await;
    let id = account(&world, ADMIN).await;
    let caller = Caller::anyone(world.request());
    let write =
        async || world.app.platform(&caller, WriteLetter(id.into())).await.expect("writes").expect("is known").token.reveal().to_owned();
    let (first, second) = (write().await, write().await);
    let new = "ottan-da-ystyq-soz-77";
    let weak = named(world.app.reset_password(&first, "short", &world.request()).await);
    assert_eq!(weak, [("password".to_owned(), "too_short".to_owned())]);
    world.app.reset_password(&first, new, &world.request()).await.expect("resets");
    for token in [first.as_str(), second.as_str(), "unknown"] {
        let spent = world.app.reset_password(token, "tagy-bir-jana-soz-78", &world.request()).await;
        assert!(matches!(spent, Err(Error::NotFound)), "{spent:?}");
    }
    world.app.login(&Login { password: new.into(), ..login(ADMIN) }, &world.request()).await.expect("logs in");
    let late = write().await;
    world.clock.advance(TimeDelta::hours(1));
    assert!(matches!(world.app.reset_account(&late, &world.request()).await, Err(Error::NotFound)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_one_letter_when_two_use_it_at_once_then_one_password_is_set() {
    let (world, _company) = start().await;
    let id = account(&world, ADMIN).await;
    let letter = world.app.platform(&Caller::anyone(world.request()), WriteLetter(id.into())).await.expect("writes").expect("is known");
    let (token, request) = (letter.token.reveal(), world.request());
    let (a, b) = tokio::join!(
        world.app.reset_password(token, "ottan-da-ystyq-soz-77", &request),
        world.app.reset_password(token, "tagy-bir-jana-soz-78", &request)
    );
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
}

/// The most memory this process ever held, in MiB.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("is Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("is told");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("is a number") / 1024
}

#[tokio::test(flavor = "multi_thread")]
async fn given_200_logins_at_once_when_they_are_hashed_then_memory_is_bounded_and_all_are_answered() {
    let world = World::with(None, 16).await;
    let before = peak_memory();
    let mut logins = tokio::task::JoinSet::new();
    for number in 0..200_u8 {
        let app = world.app.clone();
        // each from a network of its own: the throttle would answer most of them without a hash
        let request = Request::new(uuid::Uuid::now_v7(), Some(std::net::IpAddr::from([203, 0, number, 7])), "test");
        logins.spawn(async move { app.login(&login(&format!("nobody{number}@north.example")), &request).await.map(drop) });
    }
    for refused in logins.join_all().await {
        assert_eq!(named(refused), [("password".to_owned(), "wrong_login".to_owned())]);
    }
    let grown = peak_memory() - before;
    // one hash holds 19 MiB, all at once would hold 3,800; an allocator may keep more than the few at work, but not a quarter of that
    assert!(grown < 200 * 19 / 4, "{grown} MiB for 200 logins");
}
