//! Lists: what is asked survives its query string, counting stops, long lists come in batches.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use uuid::Uuid;

use crate::identity::Member;
use crate::inventory::Vendor;
use crate::kernel::listing::{Batch, By, Count, CountOf, List, Listing, Query};
use crate::kernel::scope::Scope;
use crate::kernel::testing::{Company, World};
use crate::kernel::tests::walk;
use crate::maintenance::work_order::WorkOrder;

async fn with_vendors(count: i32) -> (World, Company) {
    let world = World::new().await;
    let company = world.company("north").await;
    sqlx::query("INSERT INTO vendors (tenant_id, id, name) SELECT $1, gen_random_uuid(), 'vendor ' || lpad(n::text, 5, '0') FROM generate_series(1, $2) AS n")
        .bind(company.admin.tenant().uuid())
        .bind(count)
        .execute(&mut world.superuser().await)
        .await
        .expect("adds vendors");
    (world, company)
}

#[tokio::test]
async fn given_more_rows_than_are_counted_when_counted_then_the_figure_says_so() {
    for (rows, counted, capped) in [(1000, 1000, false), (1003, 1001, true)] {
        let (world, company) = with_vendors(rows).await;
        let count = world.app.run(&company.admin, CountOf::<Vendor>::new(Query::all::<Vendor>())).await.expect("counts");
        assert_eq!((count, count.capped()), (Count(counted), capped));
    }
}

#[tokio::test]
async fn given_a_long_list_when_downloaded_then_batches_hold_all_of_it_in_its_order() {
    let (world, company) = with_vendors(1005).await;
    let query = Query::parse::<Vendor>("sort=-name", &company.admin).expect("is a query");
    let first = world.app.run(&company.admin, Batch::<Vendor>::after(&query, None).expect("begins")).await.expect("reads");
    let next = Batch::<Vendor>::after(&query, first.next_cursor.as_deref()).expect("goes on");
    let last = world.app.run(&company.admin, next).await.expect("reads");
    assert_eq!((first.data.len(), last.data.len(), last.next_cursor), (1000, 5, None));
    let names: Vec<&str> = first.data.iter().chain(&last.data).map(|vendor| vendor.name.as_str()).collect();
    assert_eq!((names[0], names[1004]), ("vendor 01005", "vendor 00001"));
    assert!(names.is_sorted_by(|a, b| a > b));
    assert!(Batch::<Vendor>::after(&Query::all::<Vendor>(), first.next_cursor.as_deref()).is_err(), "a cursor of another order is refused");
}

#[tokio::test]
async fn given_no_limit_when_listed_then_fifty_come_and_at_most_two_hundred_may_be_asked_for() {
    let (world, company) = with_vendors(201).await;
    for (query, rows) in [("", 50), ("limit=200", 200)] {
        let asked = Query::parse::<Vendor>(query, &company.admin).expect("is a query");
        let page = world.app.run(&company.admin, List::<Vendor>::new(asked)).await.expect("lists");
        assert_eq!((page.data.len(), page.next_cursor.is_some()), (rows, true));
    }
    assert!(Query::parse::<Vendor>("limit=201", &company.admin).is_err());
}

#[tokio::test]
async fn given_signs_that_mean_something_to_a_pattern_when_searched_then_they_mean_themselves() {
    let (world, company) = with_vendors(0).await;
    for name in ["100% Cotton", "100 Cotton", "back\\slash", "under_score", "underXscore"] {
        world.vendor(&company.admin, name).await;
    }
    for (q, found) in [("100%25", "100% Cotton"), ("ck\\s", "back\\slash"), ("r_s", "under_score")] {
        let asked = Query::parse::<Vendor>(&format!("q={q}"), &company.admin).expect("is a query");
        let page = world.app.run(&company.admin, List::<Vendor>::new(asked)).await.expect("lists");
        assert_eq!(page.data.iter().map(|vendor| vendor.name.as_str()).collect::<Vec<_>>(), [found]);
    }
}

/// A value a filter takes.
fn value(by: &'static By) -> BoxedStrategy<String> {
    match by {
        By::Choice(_, options) => prop::sample::subsequence(options.to_vec(), 1..=options.len()).prop_map(|words| words.join(",")).boxed(),
        By::Word(_) => "[a-z_]{1,9}(,[a-z0-9_]{1,9}){0,2}".boxed(),
        By::Reference(..) => {
            prop_oneof![Just("me".to_owned()), Just("none".to_owned()), any::<u128>().prop_map(|n| format!("none,{}", Uuid::from_u128(n)))]
                .boxed()
        }
        By::Truth(_) | By::Flag(_) => any::<bool>().prop_map(|truth| truth.to_string()).boxed(),
        By::Before(_) | By::From(_) => prop_oneof!["20[0-9]{2}-0[1-9]-1[0-9]", "20[0-9]{2}-0[1-9]-1[0-9]T0[0-9]:30:00(Z|\\+05:00)"].boxed(),
        By::Contains(_) | By::Search(_) | By::Called(_) => "[a-zа-яқ&=%+#;'\" ]{0,12}[a-z]{3}".boxed(),
    }
}

fn question<L: Listing>() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let filters =
        L::FILTERS.iter().map(|filter| prop::option::of(value(&filter.by).prop_map(|value| (filter.name, value)))).collect::<Vec<_>>();
    let sort = prop::option::of((prop::sample::select(L::SORTS.iter().map(|sort| sort.name).collect::<Vec<_>>()), any::<bool>()));
    (filters, sort, prop::option::of(1..=200_i64)).prop_map(|(filters, sort, limit)| {
        let mut asked: Vec<(&'static str, String)> = filters.into_iter().flatten().collect();
        asked.extend(sort.map(|(name, down)| ("sort", format!("{}{name}", if down { "-" } else { "" }))));
        asked.extend(limit.map(|limit| ("limit", limit.to_string())));
        asked
    })
}

fn survives<L: Listing>(asked: &[(&'static str, String)], scope: &Scope) {
    let query = serde_urlencoded::to_string(asked).expect("is written");
    let parsed = Query::parse::<L>(&query, scope).expect("is a query");
    assert_eq!(parsed.to_query(), query);
    for (name, value) in asked {
        assert_eq!(parsed.given(name), Some(value.as_str()));
    }
    assert_eq!(format!("{:?}", Query::parse::<L>(&parsed.to_query(), scope).expect("is one still")), format!("{parsed:?}"));
}

#[tokio::test]
async fn given_any_question_when_written_into_an_address_then_it_reads_back_the_same() {
    let world = World::new().await;
    let scope = world.company("north").await.admin;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    runner
        .run(&question::<WorkOrder>(), |asked| {
            survives::<WorkOrder>(&asked, &scope);
            Ok(())
        })
        .expect("survives");
    runner
        .run(&question::<Member>(), |asked| {
            survives::<Member>(&asked, &scope);
            Ok(())
        })
        .expect("survives");
}

#[tokio::test]
async fn given_any_question_when_asked_then_the_database_understands_it() {
    let world = World::new().await;
    let company = world.company("north").await;
    world.work_order(&company.admin, "Belt", company.site).await;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..60 {
        let asked = question::<WorkOrder>().new_tree(&mut runner).expect("makes one").current();
        let query = serde_urlencoded::to_string(&asked).expect("is written");
        let parsed = Query::parse::<WorkOrder>(&query, &company.admin).expect("is a query");
        world.app.run(&company.admin, List::<WorkOrder>::new(parsed.clone())).await.unwrap_or_else(|error| panic!("{query}: {error}"));
        world.app.run(&company.admin, CountOf::<WorkOrder>::new(parsed)).await.unwrap_or_else(|error| panic!("{query}: {error}"));
    }
}

#[tokio::test]
async fn given_names_of_several_alphabets_when_sorted_then_letters_stand_where_readers_look_for_them() {
    let world = World::new().await;
    let company = world.company("north").await;
    let names = ["Zümrüt", "apple", "istanbul", "Çelik", "İzmir", "Şahin", "Яблоко", "ёлка", "Қанат", "Өзен", "Apple"];
    for name in names {
        world.vendor(&company.admin, name).await;
    }
    let sorted = ["apple", "Apple", "Çelik", "istanbul", "İzmir", "Şahin", "Zümrüt", "ёлка", "Қанат", "Өзен", "Яблоко"];
    for (query, backwards) in [("sort=name", false), ("sort=-name", true)] {
        let mut found: Vec<String> =
            walk::pages::<Vendor>(&world.app, &company.admin, query, 2).await.into_iter().map(|v| v.name).collect();
        if backwards {
            found.reverse();
        }
        assert_eq!(found, sorted, "{query}");
    }
}

/// A page of a long list is read from an index in the order asked for; nothing is sorted.
#[tokio::test]
async fn given_a_text_to_sort_by_when_a_page_is_planned_then_an_index_gives_the_order() {
    let world = World::new().await;
    let company = world.company("north").await;
    let mut conn = world.superuser().await;
    sqlx::query("SET enable_seqscan = off").execute(&mut conn).await.expect("sets");
    for (table, column) in [("assets", "name"), ("assets", "tag"), ("vendors", "name"), ("locations", "path")] {
        let sql = format!(
            "EXPLAIN SELECT x.id FROM {table} x WHERE x.tenant_id = '{}' AND ((x.{column} COLLATE app.names), x.id) > ((SELECT {column} FROM {table} LIMIT 1), gen_random_uuid())
             ORDER BY (x.{column} COLLATE app.names), x.id LIMIT 51",
            company.admin.tenant()
        );
        let plan: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(&mut conn).await.expect("plans");
        let plan = plan.join("\n");
        assert!(plan.contains("Index") && !plan.contains("Sort"), "{table}.{column}:\n{plan}");
    }
}
