//! The first page of a company.

use chrono::TimeDelta;
use serde_json::json;

use crate::browser::Site;

#[tokio::test]
async fn the_figures_are_those_of_the_work() {
    let site = Site::new().await;
    let company = site.world.company("steppe").await;
    let admin = site.admin(&company).await;
    let world = &site.world;
    let empty = admin.page("/steppe/").await;
    assert!(empty.contains("Good morning, Admin steppe") && empty.contains("Nothing needs your attention"), "{empty}");
    // given one late order, one of nobody, one that waits for a decision and one's own
    let place = world.location(&company.admin, "Цех", None).await;
    let me = company.admin.actor().id.uuid();
    let due = world.app.clock().now() + TimeDelta::hours(1);
    world
        .order(&company.admin, json!({ "title": "Кешіккен", "location_id": place.id, "due_at": due, "assignee_id": me }))
        .await
        .expect("asks");
    world.order(&company.admin, json!({ "title": "Иесіз", "location_id": place.id })).await.expect("asks");
    let (technician, scope) = site.recruit(&company, "technician", "serik").await;
    world.order(&scope, json!({ "title": "Күтуде <i>", "location_id": place.id })).await.expect("asks");
    world.clock.advance(TimeDelta::hours(10));
    let html = admin.page("/steppe/?days=7").await;
    assert!(html.contains("Good evening") || html.contains("Good afternoon"), "{html}");
    for title in ["Кешіккен", "Иесіз", "Күтуде &lt;i&gt;"] {
        assert!(html.contains(title), "{title}: {html}");
    }
    assert!(html.contains("/steppe/work-orders?tab=overdue") && html.contains(r#"href="/steppe/?days=7" aria-current="true""#));
    assert!(!html.contains("<i>"));
    // a technician decides nothing
    assert!(!technician.page("/steppe/").await.contains("Waits for your decision"));
    assert!(html.contains("Waits for your decision"));
}

#[tokio::test]
async fn the_short_address_leads_to_the_page() {
    let site = Site::new().await;
    let company = site.world.company("steppe").await;
    assert_eq!(site.admin(&company).await.get("/steppe").await.leads(), "/steppe/");
}
