//! The list of orders: sorted by what many of them lack, filtered, searched.

use chrono::TimeDelta;
use serde_json::json;
use uuid::Uuid;

use super::Yard;
use crate::kernel::listing::Query;
use crate::kernel::testing::{START, named};
use crate::kernel::tests::conformance::Keeps;
use crate::kernel::tests::walk;
use crate::maintenance::work_order::{Import, Row, WorkOrder};

fn id(row: &Row) -> Uuid {
    row.id
}

/// Orders with and without due time, asset, assignee; some finished.
async fn orders(yard: &Yard) {
    let asset = yard.world.asset(yard.admin(), "press", yard.company.site).await;
    for n in 0..10_i64 {
        let due = (n % 3 != 0).then(|| *START + TimeDelta::hours(n / 2 * 12 - 30));
        let input = json!({
            "title": format!("order {n}"), "location_id": yard.company.site, "due_at": due,
            "asset_id": (n % 2 == 0).then_some(asset.id), "assignee_id": (n % 4 == 1).then_some(yard.manager.actor().id),
            "priority": if n % 5 == 0 { "critical" } else { "low" }, "kind": if n % 3 == 1 { "inspection" } else { "repair" },
        });
        let order = yard.world.order(&yard.manager, input).await.expect("asks");
        if n == 4 || n == 5 {
            yard.world.press(&yard.manager, &order, "cancel", json!({ "reason": "Twice" })).await.expect("cancels");
        }
    }
    let import = json!({ "external_ref": "1", "title": "old work", "location_id": yard.company.site,
        "created_at": "2004-06-01T08:00:00Z", "completed_at": "2004-06-03T10:30:00Z" });
    yard.world.app.run(yard.admin(), Import(crate::kernel::testing::read(import))).await.expect("imports");
}

#[tokio::test]
async fn given_orders_with_and_without_a_due_time_when_walked_through_then_each_comes_once_both_ways() {
    let yard = Yard::new().await;
    orders(&yard).await;
    walk::every_sort::<WorkOrder>(&yard.world.app, yard.admin(), id, |row, sort| match sort {
        "number" => Some(Some(row.number.to_string())),
        "due" => Some(row.due_at.map(|at| at.to_rfc3339())),
        "completed_at" => Some(row.completed_at.map(|at| at.to_rfc3339())),
        "created_at" => None,
        "title" => Some(Some(row.title.clone())),
        other => panic!("no order is known for {other}"),
    })
    .await;
}

#[tokio::test]
async fn given_each_filter_when_asked_then_just_the_rows_it_means_are_left() {
    let yard = Yard::new().await;
    orders(&yard).await;
    let (app, admin, site) = (&yard.world.app, yard.admin(), yard.company.site);
    let all = walk::pages::<WorkOrder>(app, admin, "", 50).await;
    let active = |row: &Row| matches!(row.category.as_str(), "todo" | "doing" | "waiting");
    let (me, asset) = (yard.manager.actor().id.uuid(), all.iter().find_map(|row| row.asset_id).expect("one has an asset"));
    // a day begins at midnight in Almaty
    let day = "2026-03-02T00:00:00+05:00".parse::<chrono::DateTime<chrono::Utc>>().expect("is a time");
    let cases: Keeps<Row> = vec![
        ("q=ORDER+3".into(), Box::new(|row| row.title == "order 3")),
        ("q=WO-1003".into(), Box::new(|row| row.number == 1003)),
        ("q=+wo-1003+".into(), Box::new(|row| row.number == 1003)),
        ("q=1003".into(), Box::new(|row| row.number == 1003)),
        ("q=t-pre".into(), Box::new(|row| row.asset_id.is_some())),
        ("state=cancelled,completed".into(), Box::new(|row| row.state == "cancelled" || row.state == "completed")),
        ("category=done".into(), Box::new(|row| row.category == "done")),
        ("sla=ok,critical".into(), Box::new(|row| row.sla_status.as_deref() == Some("ok"))),
        ("priority=critical,high".into(), Box::new(|row| row.priority == "critical")),
        ("kind=inspection".into(), Box::new(|row| row.kind == "inspection")),
        (format!("assignee={me}"), Box::new(move |row| row.assignee_id == Some(me))),
        ("assignee=none".into(), Box::new(|row| row.assignee_id.is_none())),
        (format!("asset={asset}"), Box::new(move |row| row.asset_id == Some(asset))),
        (format!("asset=none,{asset}&category=done"), Box::new(|row| row.category == "done")),
        (format!("site={site}&vendor=none&category=done"), Box::new(|row| row.category == "done")),
        ("due.lt=2026-03-02".into(), Box::new(move |row| row.due_at.is_some_and(|at| at < day))),
        ("due.gte=2026-03-02T00:00:00%2B05:00".into(), Box::new(move |row| row.due_at.is_some_and(|at| at >= day))),
        ("completed.lt=2004-06-04".into(), Box::new(|row| row.completed_at.is_some())),
        ("completed.gte=2004-06-01".into(), Box::new(|row| row.completed_at.is_some())),
        ("overdue=true".into(), Box::new(move |row| active(row) && row.due_at.is_some_and(|at| at < *START))),
        ("overdue=false".into(), Box::new(move |row| !(active(row) && row.due_at.is_some_and(|at| at < *START)))),
        ("active=true".into(), Box::new(active)),
        ("active=false".into(), Box::new(move |row| !active(row))),
    ];
    for filter in <WorkOrder as crate::kernel::listing::Listing>::FILTERS {
        assert!(
            cases.iter().any(|(query, _)| query.split('&').any(|part| part.starts_with(&format!("{}=", filter.name)))),
            "{} is not tested",
            filter.name
        );
    }
    for (query, keeps) in cases {
        let found: Vec<Uuid> = walk::pages::<WorkOrder>(app, admin, &query, 3).await.iter().map(id).collect();
        let expected: Vec<Uuid> = all.iter().filter(|row| keeps(row)).map(id).collect();
        assert_eq!(found, expected, "{query}");
        assert!(!found.is_empty() && found.len() < all.len(), "{query} tells nothing");
    }
    // an order whose number is shorter than any text that is searched for
    sqlx::query("UPDATE work_orders SET number = 6 WHERE number = 1006").execute(&mut yard.world.superuser().await).await.expect("numbers");
    for query in ["q=6", "q=wo-6", "q=WO-6"] {
        let found: Vec<i32> = walk::pages::<WorkOrder>(app, admin, query, 3).await.iter().map(|row| row.number).collect();
        assert_eq!(found, [6], "{query}");
    }
    for query in ["q=7", "q=WO-9999", "q=WO-99999999999"] {
        assert!(walk::pages::<WorkOrder>(app, admin, query, 3).await.is_empty(), "{query}");
    }
    for (query, field) in [
        ("due.lt=-9999-01-01", "due.lt"),
        ("completed.lt=0001-01-01", "completed.lt"),
        ("due.gte=%2B262142-01-01", "due.gte"),
        ("completed.gte=0024-05-01T00:00:00Z", "completed.gte"),
    ] {
        assert_eq!(named(Query::parse::<WorkOrder>(query, admin)), [(field.to_owned(), "year_out_of_range".to_owned())], "{query}");
    }
    let refused = named(Query::parse::<WorkOrder>("due.lt=soon&state=A&assignee=x&overdue=1&q=ab&cost=1", admin));
    let refused: Vec<_> = refused.iter().map(|(field, code)| (field.as_str(), code.as_str())).collect();
    assert_eq!(
        refused,
        [
            ("due.lt", "not_a_date"),
            ("state", "invalid"),
            ("assignee", "not_a_uuid"),
            ("overdue", "not_one_of"),
            ("q", "too_short"),
            ("cost", "unknown_field")
        ]
    );
}
