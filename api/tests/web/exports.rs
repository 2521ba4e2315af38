//! Lists as files: asked for on a list's page, followed and fetched on their own.

use domain::exports::schedule::ListSchedules;
use domain::exports::{Begin, End, Ended, Mine};
use domain::kernel::permission::Permission;
use domain::kernel::scope::Scope;
use poem::http::Method;
use uuid::Uuid;

use crate::browser::Site;

/// What the worker does, by hand.
async fn make(site: &Site, reader: &Scope, export: Uuid, content: &[u8]) {
    let app = &site.world.app;
    let house = app.scope_of(reader.tenant().uuid(), None, site.world.request()).await.expect("enters");
    let order = app.run(&house, Begin(export)).await.expect("begins").expect("is to be done");
    let stored = app.files(&house).replace(order.file, content, 1000).await.expect("keeps");
    let how = Ended::done(reader, stored.size, 2, false, vec![Permission::VendorView]);
    app.run(&house, End { export, run: order.run, how }).await.expect("ends");
}

async fn newest(site: &Site, scope: &Scope) -> Uuid {
    site.world.app.run(scope, Mine { before: None, limit: 1 }).await.expect("lists")[0].id
}

#[tokio::test]
async fn a_list_is_exported_as_it_is_on_the_screen() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    site.world.vendor(&company.admin, "Нур <b>").await;
    let admin = site.admin(&company).await;
    let list = admin.page("/north/vendors?kind=supplier&sort=-name").await;
    assert!(list.contains("/north/exports/new?list=vendors&amp;kind=supplier&amp;sort=-name"), "the link carries filter and order");
    let form = admin.get("/north/exports/new?list=vendors&kind=supplier&sort=-name").await.expect(200);
    form.says(&["Export: Vendors", "Kind: Supplier", "Rows: 1", "a longer list is cut there", "Contact person"]);

    let fields = [("list", "vendors"), ("query", "kind=supplier&sort=-name"), ("format", "xlsx"), ("columns", "name"), ("columns", "kind")];
    admin.complete("/north/exports", &fields).await.says(&["The file is being prepared", "Vendors", "XLSX", "Waiting", "Kind: Supplier"]);
    let waiting = admin.page("/north/exports").await;
    assert!(waiting.contains("http-equiv=\"refresh\"") && waiting.contains("hx-trigger=\"every 2s\""), "it is looked at again");

    let id = newest(&site, &company.admin).await;
    make(&site, &company.admin, id, b"PK of a workbook").await;
    let ready = admin.get("/north/exports").await.expect(200);
    ready.says(&["Ready", "2 rows", "16 bytes", &format!("/north/exports/{id}/file")]).hides(&["http-equiv=\"refresh\"", "every 2s"]);
    let file = admin.get(&format!("/north/exports/{id}/file")).await.expect(200);
    assert_eq!(file.text, "PK of a workbook");
    assert!(file.header("content-disposition").starts_with("attachment; filename=\"vendors-north-2026-03-02.xlsx\""), "{:?}", file.headers);
    assert_eq!(file.header("content-type"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    admin.get("/north/notifications").await.expect(200).says(&["“Vendors” is ready as XLSX", "/north/exports"]);

    admin.complete(&format!("/north/exports/{id}/delete"), &[]).await.says(&["The export and its file are deleted.", "No exports yet"]);
    admin.get(&format!("/north/exports/{id}/file")).await.expect(404);
}

#[tokio::test]
async fn another_member_finds_neither_the_export_nor_its_file() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let admin = site.admin(&company).await;
    admin.submit("/north/exports", &[("list", "vendors"), ("query", ""), ("format", "csv")]).await.expect(303);
    let id = newest(&site, &company.admin).await;
    make(&site, &company.admin, id, b"secret").await;
    let other = site.member(&company, "manager", "other").await;
    other.get("/north/exports").await.expect(200).hides(&[&id.to_string()]);
    other.get(&format!("/north/exports/{id}/file")).await.expect(404).hides(&["secret"]);
    for verb in ["cancel", "delete"] {
        other.submit(&format!("/north/exports/{id}/{verb}"), &[]).await.expect(404);
    }
    admin.get(&format!("/north/exports/{id}/file")).await.expect(200);
}

#[tokio::test]
async fn what_is_wrong_with_an_export_is_told_on_its_form() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let admin = site.admin(&company).await;
    let wrong = admin.submit("/north/exports", &[("list", "vendors"), ("query", "kind=supplier"), ("format", "docx")]).await.expect(422);
    wrong.says(&["Export: Vendors", "Kind: Supplier"]);
    admin.get("/north/exports/new?list=secrets").await.expect(404);
    admin.submit("/north/exports", &[("list", "vendors"), ("query", ""), ("format", "pdf")]).await.expect(303);
    let id = newest(&site, &company.admin).await;
    let cancelled = admin.complete(&format!("/north/exports/{id}/cancel"), &[]).await;
    cancelled.says(&["The export is being cancelled.", "Cancelled"]);
    // a part of the page, as script asks for it
    let part = admin.send(Method::GET, "/north/exports", &[("hx-request", "true")], None).await.expect(200);
    assert!(part.text.trim_start().starts_with("<div id=\"results\""), "{}", part.text);
}

#[tokio::test]
async fn a_list_is_sent_on_a_schedule_which_is_changed_paused_and_deleted() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let admin = site.admin(&company).await;
    let form = admin.get("/north/exports/new?list=vendors&kind=supplier").await.expect(200);
    form.says(&["Send on a schedule…", "/north/exports/schedules/new?list=vendors&amp;kind=supplier"]);
    let form = admin.get("/north/exports/schedules/new?list=vendors&kind=supplier").await.expect(200);
    form.says(&["On a schedule: Vendors", "Kind: Supplier", "Every week"]);
    let me = company.admin.actor().id.uuid().to_string();
    let fields = |every: &'static str, at: &'static str| {
        [
            ("name", "Suppliers"),
            ("list", "vendors"),
            ("query", "kind=supplier"),
            ("format", "pdf"),
            ("every", every),
            ("weekday", "1"),
            ("month_day", "31"),
            ("at", at),
        ]
    };
    let wrong = admin.submit("/north/exports/schedules/new", &fields("week", "08:00")).await.expect(422);
    wrong.says(&["On a schedule: Vendors", "Suppliers", "Kind: Supplier"]);

    let with = |fields: [(&'static str, &'static str); 8], more: &[(&'static str, &'static str)]| {
        let mut all: Vec<(&str, &str)> = fields.to_vec();
        all.extend(more);
        all
    };
    let mut sound = with(fields("week", "08:00"), &[("active", "true")]);
    sound.push(("recipients", &me));
    let list = admin.complete("/north/exports/schedules/new", &sound).await;
    list.says(&["Suppliers", "every Monday, 08:00", "PDF", "Kind: Supplier", "next "]);

    let id = site.world.app.run(&company.admin, ListSchedules).await.expect("lists")[0].id;
    let at = format!("/north/exports/schedules/{id}");
    admin.get(&at).await.expect(200).says(&["Change the schedule", "name=\"version\" value=\"1\""]);
    let mut paused = with(fields("month", "18:30"), &[("version", "1")]);
    paused.push(("recipients", &me));
    admin.complete(&at, &paused).await.says(&["on day 31 of every month, 18:30", "Paused"]);
    let other = site.member(&company, "manager", "other").await;
    other.get(&at).await.expect(404);
    admin.complete(&format!("{at}/delete"), &[("version", "2")]).await.says(&["Nothing is sent on a schedule"]);
}
