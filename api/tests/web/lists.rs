//! Lists: filter, order, pages both ways, parts, downloads, choices.

use domain::kernel::testing::Company;
use templates::Locale;
use templates::i18n::t;

use crate::browser::Site;
use crate::html::link;

async fn with_vendors(count: usize) -> (Site, Company) {
    let site = Site::new().await;
    let company = site.world.company("steppe").await;
    for number in 0..count {
        site.world.vendor(&company.admin, &format!("Vendor {number:02}")).await;
    }
    (site, company)
}

/// Names of the vendors of a page, in its order.
fn names(html: &str) -> Vec<&str> {
    html.match_indices("Vendor ").map(|(at, _)| &html[at..at + 9]).filter(|name| name.as_bytes()[7].is_ascii_digit()).collect()
}

#[tokio::test]
async fn pages_follow_one_another_and_lead_back() {
    let (site, company) = with_vendors(23).await;
    let admin = site.admin(&company).await;
    for sort in ["name", "-name", "-created_at"] {
        let first = admin.page(&format!("/steppe/vendors?limit=10&sort={sort}")).await;
        assert_eq!(link(&first, "prev"), None, "the first page has none before it");
        let second = admin.page(&link(&first, "next").expect("a second page")).await;
        let third = admin.page(&link(&second, "next").expect("a third page")).await;
        assert_eq!(link(&third, "next"), None);
        let all: Vec<&str> = [&first, &second, &third].into_iter().flat_map(|page| names(page)).collect();
        assert_eq!(all.len(), 23, "{sort}");
        let back = admin.page(&link(&third, "prev").unwrap_or_else(|| panic!("no page before {third}"))).await;
        assert_eq!(names(&back), names(&second), "{sort}");
        let start = admin.page(&link(&back, "prev").expect("the first page")).await;
        assert_eq!(names(&start), names(&first), "{sort}");
        assert_eq!(link(&start, "prev"), None, "{sort}");
        assert_eq!(names(&admin.page(&link(&start, "next").expect("the second again")).await), names(&second), "{sort}");
    }
}

#[tokio::test]
async fn a_column_sorts_both_ways_and_says_how() {
    let (site, company) = with_vendors(3).await;
    let admin = site.admin(&company).await;
    let html = admin.page("/steppe/vendors?q=Vendor").await;
    assert!(html.contains(r#"aria-sort="ascending""#) && html.contains("/steppe/vendors?q=Vendor&amp;sort=-name"), "{html}");
    let turned = admin.page("/steppe/vendors?q=Vendor&sort=-name").await;
    assert_eq!(names(&turned)[..3], ["Vendor 02", "Vendor 01", "Vendor 00"]);
    assert!(turned.contains(r#"aria-sort="descending""#));
}

#[tokio::test]
async fn a_filter_narrows_and_nothing_found_is_said_so() {
    let (site, company) = with_vendors(3).await;
    let admin = site.admin(&company).await;
    let found = admin.page("/steppe/vendors?q=Vendor+01&active=true&kind=supplier").await;
    assert_eq!(names(&found).into_iter().filter(|name| *name != "Vendor 01").count(), 0, "{found}");
    let nothing = admin.page("/steppe/vendors?active=false").await;
    assert!(nothing.contains("Nothing matches these filters"), "{nothing}");
    assert!(nothing.contains(r#"value="false" selected"#), "the filter stays as it was set");
}

#[tokio::test]
async fn a_filter_that_cannot_be_read_is_told_and_left_out() {
    let (site, company) = with_vendors(2).await;
    let admin = site.admin(&company).await;
    site.speak("kk").await;
    for query in ["active=perhaps", "kind=alien", "sort=colour", "limit=100000", "cursor=nonsense"] {
        let html = admin.get(&format!("/steppe/vendors?{query}")).await.expect(422).text;
        assert!(html.contains("class=\"notice\"") && names(&html).len() == 2, "{query}: {html}");
    }
    let short = admin.get("/steppe/assets?q=ab").await.expect(422).text;
    assert!(short.contains(&t(Locale::Kk, "field.too_short", &[("min", "3")])), "{short}");
    assert_eq!(names(&admin.page("/steppe/vendors?utm_source=mail").await).len(), 2, "what is not for the list is nobody's business");
}

#[tokio::test]
async fn script_gets_the_part_that_changes() {
    let (site, company) = with_vendors(1).await;
    let admin = site.admin(&company).await;
    for path in ["/steppe/vendors", "/steppe/work-orders", "/steppe/work-orders/board"] {
        let part = admin.part(path).await.expect(200).text;
        assert!(part.trim_start().starts_with("<div id=\"results\"") && !part.contains("<html"), "{part}");
        assert!(admin.page(path).await.contains("id=\"results\""));
    }
    let part = admin.part("/steppe/assets?q=ab").await.expect(200).text;
    assert!(part.contains("class=\"notice\""), "{part}");
}

#[tokio::test]
async fn a_list_is_downloaded_as_it_is_filtered_with_heads_in_the_readers_language() {
    let (site, company) = with_vendors(3).await;
    let admin = site.admin(&company).await;
    site.world.vendor(&company.admin, "=HYPERLINK(\"x\")").await;
    let place = site.world.location(&company.admin, "Алаң", None).await;
    site.world.work_order(&company.admin, "Тексеру", place.id).await;
    let listed = admin.page("/steppe/vendors?q=Vendor+0").await;
    assert!(listed.contains("/steppe/vendors/download?format=csv&amp;q=Vendor+0"), "{listed}");
    let file = admin.get("/steppe/vendors/download?format=csv&q=Vendor+0").await;
    assert!(file.header("content-disposition").starts_with("attachment; filename=\"vendors-"));
    let text = file.expect(200).text;
    assert!(text.starts_with('\u{feff}') && names(&text).len() == 3 && !text.contains("HYPERLINK"), "{text}");
    let all = admin.get("/steppe/vendors/download?format=csv").await.expect(200).text;
    assert!(all.contains("'=HYPERLINK"), "{all}");
    let book = admin.get("/steppe/work-orders/download?format=xlsx").await;
    assert!(book.status.is_success() && book.text.starts_with("PK"));
    let orders = admin.get("/steppe/work-orders/download?format=csv&active=true").await.expect(200).text;
    assert!(orders.contains("Тексеру") && orders.contains("Number"), "{orders}");
    admin.get("/steppe/vendors/download?format=pdf").await.expect(422);
}

#[tokio::test]
async fn choices_are_found_by_what_is_typed() {
    let (site, company) = with_vendors(3).await;
    let admin = site.admin(&company).await;
    let place = site.world.location(&company.admin, "Алаң", None).await;
    site.world.asset(&company.admin, "Компрессор", place.id).await;
    let found = admin.page("/steppe/options/vendors?q=dor+01").await;
    assert!(found.contains("<option") && names(&found) == ["Vendor 01"] && !found.contains("<html"), "{found}");
    assert!(admin.page("/steppe/options/assets?q=омпр").await.contains("Компрессор"));
    assert!(!admin.page("/steppe/options/assets?q=ab").await.contains("<option"), "too short finds nothing yet");
    assert!(admin.page("/steppe/options/asset-types").await.contains("pump"));
    admin.get("/steppe/options/secrets").await.expect(404);
}
