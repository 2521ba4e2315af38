//! What work costs is for those who hold `cost.view`.

use serde_json::json;

use super::Yard;
use super::files::Folder;
use crate::kernel::error::Error;
use crate::kernel::listing::{Batch, List, Query};
use crate::kernel::testing::World;
use crate::maintenance::work_order::{Show, WorkOrder};
use crate::workflow::Explain;

const COST: &str = "777.77";

#[tokio::test]
async fn given_a_cost_when_somebody_without_cost_view_reads_then_no_answer_holds_it() {
    let yard = Yard::new().await;
    let finance = yard.world.member(&yard.company, "finance", "farida").await;
    let operations = yard.world.member(&yard.company, "operations", "omar").await;
    let money = json!({ "amount": COST, "currency": "KZT" });
    let input =
        json!({ "title": "Belt", "location_id": yard.company.site, "assignee_id": yard.manager.actor().id, "estimated_cost": money });
    let order = yard.world.order(&yard.manager, input).await.expect("asks");
    yard.world.press(&yard.manager, &order, "start", json!({})).await.expect("starts");
    yard.world.press(&yard.manager, &order, "complete", json!({ "resolution": "Done", "cost": money })).await.expect("completes");
    for (scope, sees) in [(&finance, true), (&operations, false), (&yard.technician, false)] {
        let app = &yard.world.app;
        let shown = app.run(scope, Show(order.id.into())).await.expect("shows");
        assert_eq!((shown.cost.is_some(), shown.estimated_cost.is_some()), (sees, sees));
        let query = Query::all::<WorkOrder>();
        let listed = app.run(scope, List::<WorkOrder>::new(query.clone())).await.expect("lists").data;
        assert_eq!(serde_json::to_string(&listed).expect("is JSON").contains(COST), sees);
        let explained = app.run(scope, Explain::<WorkOrder>(order.id.into())).await.expect("explains");
        assert!(!format!("{explained:?}").contains(COST), "a definition that reads no cost tells none");
        match app.run(scope, Batch::<WorkOrder>::after(&query, None).expect("no cursor")).await {
            Ok(page) => assert_eq!(serde_json::to_string(&page.data).expect("is JSON").contains(COST), sees),
            Err(refused) => assert!(matches!(refused, Error::Forbidden(_)), "{refused:?}"),
        }
    }
}

#[tokio::test]
async fn given_a_guard_over_a_cost_when_it_refuses_then_only_those_who_see_costs_read_the_amount() {
    let folder = Folder::new();
    folder.write(1, |source| {
        source.replace(
            "    when: doc.assignee == actor.id || actor.can(\"work_order.manage\")\n    effects:\n      - set: {started_at: now}",
            "    when: doc.estimated_cost == null || doc.estimated_cost < money(\"500.00 KZT\")\n    effects:\n      - set: {started_at: now}",
        )
    });
    let yard = Yard::of(World::with(Some(folder.path()), 8).await).await;
    let input = json!({ "title": "Belt", "location_id": yard.company.site, "assignee_id": yard.technician.actor().id,
        "estimated_cost": { "amount": COST, "currency": "KZT" } });
    let order = yard.world.order(&yard.manager, input).await.expect("asks");
    for (scope, sees) in [(&yard.manager, true), (&yard.technician, false)] {
        let refused = yard.world.press(scope, &order, "start", json!({})).await.expect_err("costs too much");
        assert!(matches!(refused, Error::Blocked(..)), "{refused:?}");
        assert_eq!(format!("{refused:?}").contains(COST), sees, "{refused:?}");
        let explained = yard.world.app.run(scope, Explain::<WorkOrder>(order.id.into())).await.expect("explains");
        let start = explained.transitions.iter().find(|t| t.name == "start").expect("is in the file");
        assert!(!start.allowed);
        assert_eq!(format!("{:?}", start.blockers).contains(COST), sees, "{:?}", start.blockers);
    }
}
