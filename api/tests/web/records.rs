//! Records of the catalogue: every table through the same pages.

use domain::kernel::testing::Company;
use uuid::Uuid;

use crate::browser::{Browser, Site};
use crate::html::{between, option, version};

const TABLES: [&str; 5] = ["vendors", "locations", "assets", "asset-types", "categories"];

async fn steppe() -> (Site, Company) {
    let site = Site::new().await;
    let company = site.world.company("steppe").await;
    (site, company)
}

/// What fills the required fields of a table's form in.
async fn filled(browser: &Browser<'_>, table: &str, name: &str) -> Vec<(String, String)> {
    let html = browser.page(&format!("/steppe/{table}/new")).await;
    let mut form = vec![("name".to_owned(), name.to_owned())];
    let mut also = |field: &str, value: String| form.push((field.to_owned(), value));
    match table {
        "vendors" => also("kind", "service".to_owned()),
        "locations" => also("kind", "site".to_owned()),
        "assets" => {
            also("tag", format!("T-{}", Uuid::now_v7()));
            also("type_id", option(&html, "pump"));
            also("location_id", option(&html, "Алаң &lt;1&gt;"));
            also("criticality", "high".to_owned());
        }
        _ => {}
    }
    form
}

fn borrowed(form: &[(String, String)]) -> Vec<(&str, &str)> {
    form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[tokio::test]
async fn a_record_of_every_table_lives_through_its_pages() {
    let (site, company) = steppe().await;
    let admin = site.admin(&company).await;
    site.world.location(&company.admin, "Алаң <1>", None).await;
    for table in TABLES {
        let list = format!("/steppe/{table}");
        let name = "«Насос» <b>№1</b>";
        let shown = "«Насос» &lt;b&gt;№1&lt;/b&gt;";
        let mut form = filled(&admin, table, name).await;
        // given a new record, when it is sent, then its page shows it, escaped
        let made = admin.submit(&format!("{list}/new"), &borrowed(&form)).await;
        let here = made.leads().to_owned();
        assert!(here.starts_with(&list), "{here}");
        let page = admin.page(&here).await;
        assert!(page.contains(shown) && !page.contains("<b>№1"), "{page}");
        assert!(page.contains("Admin steppe"), "its history says who made it");
        assert!(admin.page(&list).await.contains(shown));
        // when it is changed, then the change shows
        let read = version(&admin.page(&format!("{here}/edit")).await);
        form[0].1 = "Насос 2".to_owned();
        form.push(("version".to_owned(), read.clone()));
        let changed = admin.submit(&format!("{here}/edit"), &borrowed(&form)).await;
        assert_eq!(changed.leads(), here);
        assert!(admin.page(&here).await.contains("Насос 2"));
        // when the same version is changed once more, then the form says that somebody was quicker and keeps what was typed
        form[0].1 = "Насос 3".to_owned();
        let stale = admin.submit(&format!("{here}/edit"), &borrowed(&form)).await.expect(412).text;
        assert!(stale.contains("Somebody changed this record") && stale.contains("Насос 3"), "{stale}");
        assert!(
            stale.contains("Last changed by Admin steppe") && stale.contains("Saved meanwhile: Насос 2"),
            "both versions stand there: {stale}"
        );
        assert_ne!(version(&stale), read, "the next press is about the newest version");
        // when it is deleted, then it is gone; deleting asks first
        let question = admin.page(&format!("{here}/delete")).await;
        let gone = admin.submit(&format!("{here}/delete"), &[("version", &version(&question))]).await;
        assert_eq!(gone.leads(), list);
        admin.get(&here).await.expect(404);
    }
}

#[tokio::test]
async fn every_page_has_its_words_in_every_language() {
    let (site, company) = steppe().await;
    let admin = site.admin(&company).await;
    let place = site.world.location(&company.admin, "Алаң <1>", None).await;
    let asset = site.world.asset(&company.admin, "Сорғы", place.id).await;
    let vendor = site.world.vendor(&company.admin, "Vendor").await;
    let order = site.world.order(&company.admin, serde_json::json!({ "title": "Қарау", "asset_id": asset.id })).await.expect("asks");
    for locale in ["kk", "ru", "en", "tr"] {
        site.speak(locale).await;
        let mut pages: Vec<String> = TABLES.iter().flat_map(|table| [format!("/steppe/{table}"), format!("/steppe/{table}/new")]).collect();
        for record in [format!("locations/{}", place.id), format!("assets/{}", asset.id), format!("vendors/{}", vendor.id)] {
            pages.extend(["", "/edit", "/delete"].map(|rest| format!("/steppe/{record}{rest}")));
        }
        for path in ["", "work-orders", "work-orders/board", "work-orders/new"] {
            pages.push(format!("/steppe/{path}"));
        }
        pages.extend(["", "/edit"].map(|rest| format!("/steppe/work-orders/{}{rest}", order.number)));
        for path in pages {
            let html = admin.page(&path).await;
            assert!(html.contains(&format!("<html lang=\"{locale}\"")), "{path}");
            for key in ["resource.", "work_order.", "wf.", "nav.", "home.", "event.", "blocker.", "app."] {
                let bare = html.split(|c: char| c.is_whitespace() || "<>\"".contains(c)).find(|word| word.starts_with(key));
                assert_eq!(bare, None, "{locale} {path}");
            }
        }
    }
}

#[tokio::test]
async fn a_wrong_form_comes_back_with_what_was_typed_and_what_is_wrong_in_the_readers_language() {
    let (site, company) = steppe().await;
    let admin = site.admin(&company).await;
    let wrong =
        [("name", " "), ("kind", "service"), ("email", "sauda@"), ("website", "javascript:alert(1)"), ("note", "<script>x</script>")];
    for (locale, required, title) in [("kk", "Бұл өрісті толтырыңыз.", "Жаңа жеткізуші"), ("ru", "Заполните это поле.", "Новый поставщик")]
    {
        site.speak(locale).await;
        let page = admin.submit("/steppe/vendors/new", &wrong).await.expect(422).text;
        assert!(page.contains(title) && page.contains(required), "{page}");
        assert!(page.contains(r#"value="sauda@""#) && page.contains("&lt;script&gt;x") && !page.contains("<script>x"));
        for field in ["name", "email", "website"] {
            assert!(page.contains(&format!("f-{field}-error")), "{field}");
        }
    }
    assert!(!admin.page("/steppe/vendors").await.contains("sauda@"), "nothing was added");
}

#[tokio::test]
async fn a_new_form_begins_with_the_usual_values_and_those_of_its_link() {
    let (site, company) = steppe().await;
    let admin = site.admin(&company).await;
    let place = site.world.location(&company.admin, "Қойма", None).await;
    let html = admin.page(&format!("/steppe/assets/new?location_id={}", place.id)).await;
    assert!(html.contains(&format!(r#"value="{}" selected"#, place.id)), "{html}");
    assert!(html.contains(r#"value="medium" selected"#), "criticality");
    assert!(between(&html, r#"name="active""#, ">").contains("checked"));
}

#[tokio::test]
async fn a_record_in_use_is_not_deleted_and_the_page_says_why() {
    let (site, company) = steppe().await;
    let admin = site.admin(&company).await;
    let place = site.world.location(&company.admin, "Цех", None).await;
    site.world.asset(&company.admin, "Пресс", place.id).await;
    site.speak("ru").await;
    let path = format!("/steppe/locations/{}/delete", place.id);
    let question = admin.page(&path).await;
    let refused = admin.submit(&path, &[("version", &version(&question))]).await.expect(409).text;
    assert!(refused.contains("role=\"alert\""), "{refused}");
    assert!(admin.page("/steppe/locations").await.contains("Цех"));
}

#[tokio::test]
async fn records_lead_to_what_they_refer_to_and_what_hangs_on_them() {
    let (site, company) = steppe().await;
    let (admin, world) = (site.admin(&company).await, &site.world);
    let plant = world.location(&company.admin, "Зауыт", None).await;
    let room = world.location(&company.admin, "Бөлме", Some(plant.id)).await;
    let asset = world.asset(&company.admin, "Компрессор", room.id).await;
    let order = world.order(&company.admin, serde_json::json!({ "title": "Май ағады", "asset_id": asset.id })).await.expect("asks");
    let page = admin.page(&format!("/steppe/assets/{}", asset.id)).await;
    assert!(
        page.contains(&format!("/steppe/locations/{}", room.id)) && page.contains(&format!("/steppe/work-orders/{}", order.number)),
        "{page}"
    );
    assert!(page.contains(&format!("/steppe/work-orders/new?asset_id={}", asset.id)));
    let parent = admin.page(&format!("/steppe/locations/{}", plant.id)).await;
    assert!(parent.contains(&format!("/steppe/locations/{}", room.id)), "{parent}");
}

#[tokio::test]
async fn who_only_reads_is_offered_nothing_else_and_refused_it_by_a_page() {
    let (site, company) = steppe().await;
    let vendor = site.world.vendor(&company.admin, "Шеберхана").await;
    let viewer = site.member(&company, "viewer", "dana").await;
    let list = viewer.page("/steppe/vendors").await;
    assert!(list.contains("Шеберхана") && !list.contains("/vendors/new") && !list.contains("/download"), "{list}");
    let here = format!("/steppe/vendors/{}", vendor.id);
    let page = viewer.page(&here).await;
    assert!(!page.contains("/edit\"") && !page.contains("/delete\""));
    for path in [
        "/steppe/vendors/new".to_owned(),
        format!("{here}/edit"),
        format!("{here}/delete"),
        "/steppe/vendors/download?format=csv".to_owned(),
    ] {
        let page = viewer.get(&path).await.expect(403).text;
        assert!(page.contains("<html"), "{path}");
    }
    let form = [("name", "Басқа"), ("kind", "service"), ("version", "1")];
    for path in ["/steppe/vendors/new".to_owned(), format!("{here}/edit"), format!("{here}/delete")] {
        viewer.submit(&path, &form).await.expect(403);
    }
    assert!(viewer.page(&here).await.contains("Шеберхана"));
}
