//! A request sent twice acts once.

use chrono::TimeDelta;
use serde_json::json;

use super::Raw;
use crate::inventory::Vendor;
use crate::kernel::action::IdempotencyKey;
use crate::kernel::error::Error;
use crate::kernel::resource::Create;
use crate::kernel::scope::Scope;
use crate::kernel::testing::{Company, World, named, read};

fn key(name: &str, body: &str) -> Option<IdempotencyKey> {
    IdempotencyKey::new(name, &[b"POST", b"/vendors", body.as_bytes()]).ok()
}

fn vendor(name: &str) -> Create<Vendor> {
    Create { input: read(json!({ "name": name })) }
}

async fn start() -> (World, Company) {
    let world = World::new().await;
    let company = world.company("north").await;
    (world, company)
}

async fn rows(world: &World, scope: &Scope) -> (Option<String>, Option<String>) {
    let vendors = world.app.run(scope, Raw("SELECT count(*)::text FROM vendors")).await.expect("counts");
    let keys = world.app.run(scope, Raw("SELECT count(*)::text FROM idempotency_keys")).await.expect("counts");
    (vendors, keys)
}

#[tokio::test]
async fn given_a_key_when_the_same_request_comes_again_then_it_gets_the_first_answer_and_nothing_is_added() {
    let (world, company) = start().await;
    let first = world.app.run_once(&company.admin, key("k", "a"), vendor("Volta")).await.expect("adds");
    let again = world.app.run_once(&company.admin, key("k", "a"), vendor("Volta")).await.expect("answers");
    assert_eq!(first, again);
    assert_eq!(rows(&world, &company.admin).await, (Some("1".into()), Some("1".into())));
    let without = named(world.app.run_once(&company.admin, None, vendor("Volta")).await);
    assert_eq!(without, [("name".to_owned(), "taken".to_owned())]);
}

#[tokio::test]
async fn given_a_key_when_another_request_comes_under_it_then_it_is_refused() {
    let (world, company) = start().await;
    world.app.run_once(&company.admin, key("k", "a"), vendor("Volta")).await.expect("adds");
    let refused = named(world.app.run_once(&company.admin, key("k", "b"), vendor("Dynamo")).await);
    assert_eq!(refused, [("Idempotency-Key".to_owned(), "idempotency_mismatch".to_owned())]);
    let manager = world.member(&company, "manager", "marat").await;
    world.app.run_once(&manager, key("k", "b"), vendor("Dynamo")).await.expect("another person's key is another key");
}

#[tokio::test]
async fn given_a_key_when_a_day_has_passed_then_it_is_as_good_as_new() {
    let (world, company) = start().await;
    world.app.run_once(&company.admin, key("k", "a"), vendor("Volta")).await.expect("adds");
    world.clock.advance(TimeDelta::hours(24));
    world.app.run_once(&company.admin, key("k", "b"), vendor("Dynamo")).await.expect("adds");
    assert_eq!(rows(&world, &company.admin).await, (Some("2".into()), Some("1".into())));
}

#[tokio::test]
async fn given_a_key_when_the_action_fails_then_the_key_is_free_again() {
    let (world, company) = start().await;
    named(world.app.run_once(&company.admin, key("k", "a"), vendor(" ")).await);
    assert_eq!(rows(&world, &company.admin).await, (Some("0".into()), Some("0".into())));
    world.app.run_once(&company.admin, key("k", "b"), vendor("Volta")).await.expect("adds");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn given_a_key_when_two_requests_come_at_once_then_one_acts_and_both_are_answered_alike() {
    let (world, company) = start().await;
    for round in 0..10 {
        let (name, body) = (format!("vendor {round}"), format!("k{round}"));
        let once = || world.app.run_once(&company.admin, key(&body, "a"), vendor(&name));
        let (a, b) = tokio::join!(once(), once());
        assert_eq!(a.expect("answers"), b.expect("answers"));
    }
    assert_eq!(rows(&world, &company.admin).await, (Some("10".into()), Some("10".into())));
}

#[test]
fn given_a_key_nobody_should_send_when_read_then_it_is_refused() {
    for bad in ["", "with space", "ключ", "a\u{0}", &"k".repeat(201)] {
        assert!(matches!(IdempotencyKey::new(bad, &[]), Err(Error::Invalid(_))), "{bad:?}");
    }
}
