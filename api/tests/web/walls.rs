//! What one company's pages never show another.

use serde_json::json;

use crate::browser::Site;

const CANARY: &str = "Құпия-7f3a";

/// A company full of canaries, and the addresses of its pages.
async fn full(site: &Site) -> Vec<String> {
    let company = site.world.company("aqbota").await;
    let (world, admin) = (&site.world, &company.admin);
    let place = world.location(admin, CANARY, None).await;
    let asset = world.asset(admin, CANARY, place.id).await;
    let vendor = world.vendor(admin, CANARY).await;
    let order = world.order(admin, json!({ "title": CANARY, "asset_id": asset.id, "vendor_id": vendor.id })).await.expect("asks");
    let mut paths: Vec<String> = ["", "work-orders", "work-orders/board", "work-orders/new"].map(|path| format!("/aqbota/{path}")).into();
    for table in ["vendors", "locations", "assets", "asset-types", "categories"] {
        paths.extend(["", "/new", "/download?format=csv"].map(|rest| format!("/aqbota/{table}{rest}")));
        paths.push(format!("/aqbota/options/{table}"));
    }
    paths.extend(["", "/new?list=vendors", "/schedules", "/schedules/new?list=vendors"].map(|rest| format!("/aqbota/exports{rest}")));
    for record in [format!("vendors/{}", vendor.id), format!("locations/{}", place.id), format!("assets/{}", asset.id)] {
        paths.extend(["", "/edit", "/delete"].map(|rest| format!("/aqbota/{record}{rest}")));
    }
    paths.extend(["", "/edit"].map(|rest| format!("/aqbota/work-orders/{}{rest}", order.number)));
    paths
}

#[tokio::test]
async fn a_company_is_closed_to_others_and_shows_nothing_of_itself() {
    let site = Site::new().await;
    let paths = full(&site).await;
    let other = site.world.company("bereke").await;
    let stranger = site.admin(&other).await;
    for path in &paths {
        let theirs = stranger.get(path).await.expect(404).text;
        assert!(!theirs.contains(CANARY) && !theirs.contains("aqbota</"), "{path}");
        // the same record asked for under one's own company is not there either; lists and forms are, without it
        let own = stranger.get(&path.replacen("/aqbota/", "/bereke/", 1)).await;
        assert!(matches!(own.status.as_u16(), 200 | 404) && !own.text.contains(CANARY), "{path}: {}", own.status);
    }
}

#[tokio::test]
async fn a_foreign_record_in_a_form_is_a_wrong_field() {
    let site = Site::new().await;
    let foreign = full(&site).await;
    let id = |table: &str| {
        let path = foreign.iter().find(|path| path.contains(&format!("/{table}/")) && path.ends_with("/edit")).expect("a record");
        path.split('/').nth(3).expect("an id").to_owned()
    };
    let other = site.world.company("bereke").await;
    let admin = site.admin(&other).await;
    let before = site.world.snapshot(&other.admin).await;
    let refused = admin
        .submit("/bereke/work-orders/new", &[("title", "x"), ("kind", "repair"), ("priority", "low"), ("asset_id", &id("assets"))])
        .await;
    assert!(refused.expect(422).text.contains("f-asset_id-error"));
    let (location, kind) = (id("locations"), id("locations"));
    let form = [("name", "x"), ("tag", "x"), ("criticality", "low"), ("type_id", kind.as_str()), ("location_id", location.as_str())];
    assert!(admin.submit("/bereke/assets/new", &form).await.expect(422).text.contains("f-location_id-error"));
    assert_eq!(before, site.world.snapshot(&other.admin).await, "nothing was written");
}

#[tokio::test]
async fn pages_are_kept_by_nobody_and_framed_by_nobody() {
    let site = Site::new().await;
    let company = site.world.company("bereke").await;
    let page = site.admin(&company).await.get("/bereke/vendors").await;
    assert_eq!(page.header("cache-control"), "no-store");
    assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
}
