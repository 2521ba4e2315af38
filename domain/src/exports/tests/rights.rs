//! Whose export it is, what may be in it, and who may have it later.

use futures::TryStreamExt;
use serde_json::json;
use uuid::Uuid;

use super::{ask, begin, done, end, fetch, house, input};
use crate::exports::read::sees;
use crate::exports::{Cancel, Mine, Remove, Request, Show, list};
use crate::kernel::error::Error;
use crate::kernel::export::{Format, sheet};
use crate::kernel::testing::World;

#[tokio::test]
async fn nobody_reaches_anothers_export() {
    let world = World::new().await;
    let (north, south) = (world.company("north").await, world.company("south").await);
    let colleague = world.member(&north, "manager", "colleague").await;
    let id = ask(&world, &north.admin).await.id;
    let house = house(&world, &north).await;
    let order = begin(&world, &house, id).await;
    end(&world, &house, &order, done(&north.admin)).await;
    for other in [&colleague, &south.admin] {
        assert!(matches!(world.app.run(other, Show(id)).await, Err(Error::NotFound)));
        assert!(matches!(world.app.run(other, Cancel(id)).await, Err(Error::NotFound)));
        assert!(matches!(world.app.run(other, Remove(id)).await, Err(Error::NotFound)));
        assert!(matches!(fetch(&world, other, id).await, Err(Error::NotFound)));
        assert!(world.app.run(other, Mine { before: None, limit: 50 }).await.expect("lists").is_empty());
    }
    assert_eq!(world.app.run(&north.admin, Mine { before: None, limit: 50 }).await.expect("lists").len(), 1);
}

#[tokio::test]
async fn a_list_one_may_not_see_or_download_is_not_exported() {
    let world = World::new().await;
    let company = world.company("north").await;
    let technician = world.member(&company, "technician", "tech").await;
    let members = world.app.run(&technician, Request(input("members", "csv", ""))).await;
    assert!(matches!(members, Err(Error::Forbidden(_))), "{members:?}");
}

#[tokio::test]
async fn costs_are_in_nobodys_file_who_may_not_see_them() {
    let world = World::new().await;
    let company = world.company("north").await;
    let order = json!({ "title": "Pump", "location_id": company.site });
    world.order(&company.admin, order).await.expect("asks");
    let mut conn = world.superuser().await;
    sqlx::query("UPDATE work_orders SET cost = 98765.43").execute(&mut conn).await.expect("costs");
    sqlx::query("UPDATE roles SET permissions = array_remove(permissions, 'cost.view') || '{export.run}' WHERE key = 'manager'")
        .execute(&mut conn)
        .await
        .expect("changes");
    let manager = world.member(&company, "manager", "boss").await;
    let orders = list("work_orders").expect("is a list");
    for (reader, sees) in [(&company.admin, true), (&manager, false)] {
        let asked = crate::exports::Input { columns: vec!["cost".into()], ..input("work_orders", "csv", "") };
        assert_eq!(world.app.run(reader, Request(asked)).await.is_ok(), sees, "the column is there for whoever may see it");
        let query = orders.query("", reader).expect("reads");
        let table = orders.table(&world.app, reader, query, &[]).expect("may");
        let bytes: Vec<Vec<u8>> = sheet(table, Format::Csv, World::words()).try_collect().await.expect("writes");
        let text = String::from_utf8(bytes.concat()).expect("is text");
        assert_eq!((text.contains("98765.43"), text.contains("cost")), (sees, sees), "{text}");
        assert!(text.contains("Pump"));
    }
}

#[tokio::test]
async fn a_file_is_not_handed_to_whoever_may_no_longer_see_what_is_in_it() {
    let world = World::new().await;
    let company = world.company("north").await;
    let (begun, member) = world.member_at(&company, "manager", "boss", None).await;
    let id = ask(&world, &member).await.id;
    let house = house(&world, &company).await;
    let order = begin(&world, &house, id).await;
    end(&world, &house, &order, done(&member)).await;
    fetch(&world, &member, id).await.expect("hands over");
    let mut conn = world.superuser().await;
    sqlx::query("UPDATE members SET site_ids = $2 WHERE id = $1")
        .bind(member.actor().id.uuid())
        .bind(vec![company.site])
        .execute(&mut conn)
        .await
        .expect("limits");
    let limited = world.enter(&begun, &company.slug).await;
    assert!(matches!(fetch(&world, &limited, id).await, Err(Error::Forbidden(_))), "it was read without limits");
    sqlx::query("UPDATE members SET site_ids = NULL").execute(&mut conn).await.expect("frees");
    sqlx::query("UPDATE roles SET permissions = array_remove(permissions, 'vendor.view') WHERE key = 'manager'")
        .execute(&mut conn)
        .await
        .expect("changes");
    let without = world.enter(&begun, &company.slug).await;
    assert!(matches!(fetch(&world, &without, id).await, Err(Error::Forbidden(_))));
}

#[test]
fn sites_are_compared_as_sets() {
    let [a, b] = [Uuid::from_u128(1), Uuid::from_u128(2)];
    assert!(sees(None, None) && sees(None, Some(&[a])));
    assert!(sees(Some(&[a, b]), Some(&[b])) && sees(Some(&[a]), Some(&[])));
    assert!(!sees(Some(&[a]), None) && !sees(Some(&[a]), Some(&[a, b])));
}
