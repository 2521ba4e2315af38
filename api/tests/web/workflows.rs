//! Workflow files in pages, without script: the list, the diagram, the editor, versions, migration.

use crate::browser::{Browser, Site};

const AT: &str = "/north/settings/workflows/work_order";

/// The text in the editor, as a browser shows it.
fn text(page: &str) -> String {
    let (_, rest) = page.split_once("<textarea").and_then(|(_, rest)| rest.split_once('>')).expect("an editor");
    let (text, _) = rest.split_once("</textarea>").expect("its end");
    let plain = text.trim_start_matches('\n').replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#x27;", "'");
    plain.replace("&amp;", "&")
}

async fn publish(admin: &Browser<'_>, change: impl Fn(&str) -> String) {
    let page = admin.get(&format!("{AT}/edit")).await.expect(200);
    let changed = change(&text(&page.text));
    let fields = [("version", page.value("version")), ("source", &changed), ("note", "as agreed"), ("do", "publish")];
    admin.complete(&format!("{AT}/edit"), &fields).await.says(&["is published: new records follow it."]);
}

/// The version of the shipped file: a company's own go on from there.
fn shipped(site: &Site) -> u32 {
    site.world.app.definitions().shipped(&domain::maintenance::work_order::SUBJECT).expect("is shipped").version()
}

fn without_tests(source: &str) -> String {
    source.split("\ntests:").next().expect("a text").to_owned() + "\n"
}

fn stricter(source: &str) -> String {
    without_tests(source).replacen("need: 1", "need: 2", 1)
}

#[tokio::test]
async fn a_file_is_edited_checked_tested_and_published() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    site.world.member(&company, "manager", "marat").await;
    let admin = site.admin(&company).await;
    admin.get("/north/settings/workflows").await.expect(200).says(&["Workflows", "Work orders", "Shipped file, version"]);
    let page = admin.get(AT).await.expect(200);
    page.says(&["<svg aria-label=\"Work orders", "Waiting for parts", "Your company follows the shipped file"]);
    let page = admin.get(&format!("{AT}/edit")).await.expect(200);
    page.says(&["The file is sound"]);
    let (version, source) = (page.value("version").to_owned(), text(&page.text));
    let broken = stricter(&source).replace("doc.assignee == actor.id", "doc.asignee == actor.id");
    let fields = |action: &'static str, source: &str| {
        vec![
            ("version".to_owned(), version.clone()),
            ("source".to_owned(), source.replace('\n', "\r\n")),
            ("do".to_owned(), action.to_owned()),
        ]
    };
    let send = async |action: &'static str, source: &str| {
        let fields = fields(action, source);
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        admin.submit(&format!("{AT}/edit"), &fields).await
    };
    send("check", &broken).await.expect(200).says(&["WF303", "has no field `asignee`", "did you mean `assignee`?", "data-line="]);
    send("publish", &broken).await.expect(422).says(&["WF303", "Line "]);
    let test = "\ntests:\n  - name: a technician waits\n    steps:\n      - {as: technician1, create: true, expect: {state: on_hold}}\n";
    send("test", &(stricter(&source) + test)).await.expect(200).says(&["a technician waits", "All passed", "Transitions taken"]);
    let findings = admin
        .submit_with(&format!("{AT}/check"), &[("source", &broken)], &[("sec-fetch-site", "same-origin"), ("hx-request", "true")])
        .await
        .expect(200);
    findings.says(&["WF303"]).hides(&["<html", "<textarea"]);
    // what was refused is kept as the draft
    let page = admin.get(&format!("{AT}/edit")).await.expect(200);
    assert_eq!(text(&page.text), broken);
    page.says(&[&format!("extends: work_order@{}", shipped(&site))]);
    publish(&admin, |source| source.replace("doc.asignee", "doc.assignee")).await;
    admin.get(AT).await.expect(200).says(&["Own file, version", "Current", "as agreed"]);
    admin.get(&format!("{AT}/differences?from=shipped&to={}", shipped(&site) + 1)).await.expect(200).says(&[
        "data-kind=\"added\"",
        "need: 2",
        "Changed",
        "approval level “first” of “approve”",
        "need: 1 → 2",
    ]);
}

#[tokio::test]
async fn records_are_migrated_after_a_dry_run_and_a_version_is_taken_back() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    site.world.member(&company, "manager", "marat").await;
    let technician = site.world.member(&company, "technician", "timur").await;
    site.world.work_order(&technician, "Belt", company.site).await;
    let admin = site.admin(&company).await;
    let labels = ["kk", "ru", "en", "tr"].map(|language| format!("  {language}: {{states: {{asked: Asked}}}}\n")).concat();
    publish(&admin, |source| without_tests(source).replace("on_hold", "asked") + "\nlabels:\n" + &labels).await;
    admin.get(&format!("{AT}/migrate")).await.expect(200).says(&["1 record is in a state this version does not have", "On hold", "Asked"]);
    let migrate = format!("{AT}/migrate");
    let version = (shipped(&site) + 1).to_string();
    let send = |mapped: &'static str, version: &str, what: &'static str| {
        let fields = [("version", version.to_owned()), ("state.on_hold", mapped.to_owned()), ("do", what.to_owned())];
        let (admin, migrate) = (&admin, &migrate);
        async move { admin.submit(migrate, &fields.each_ref().map(|(name, value)| (*name, value.as_str()))).await }
    };
    send("", &version, "go").await.expect(422).says(&["Say which state these records go to."]);
    // the timers of the state they come to are told beforehand
    let opened = send("open", &version, "try").await.expect(200);
    opened.says(&["Migrate 1 record", "Service level “resolution” starts: 1", "Reminder “due” is set: up to 1"]);
    send("asked", &version, "try").await.expect(200).says(&["Migrate 1 record"]).hides(&["starts: 1", "is set"]);
    // the page of a version that is not the newest any more moves nothing
    send("asked", &shipped(&site).to_string(), "go").await.expect(412).says(&["1 record"]);
    admin
        .complete(&migrate, &[("version", &version), ("state.on_hold", "asked"), ("do", "go")])
        .await
        .says(&["Records migrated: 1.", "Asked · 1"]);
    admin.get(&migrate).await.expect(200).says(&["No record waits to be migrated"]);
    publish(&admin, |source| source.replace("# The life of", "# Our life of")).await;
    admin
        .complete(&format!("{AT}/restore"), &[("number", &(shipped(&site) + 1).to_string())])
        .await
        .says(&[&format!("published again as version {}", shipped(&site) + 3), "Asked"]);
    admin.submit(&format!("{AT}/restore"), &[("number", "77")]).await.expect(404);
    admin.complete(&format!("{AT}/follow"), &[]).await.says(&["New records follow the shipped file.", "Shipped file, version"]);
    admin.submit(&format!("{AT}/merge"), &[("version", "0")]).await.expect(409).says(&["newest shipped version already"]);
}

#[tokio::test]
async fn whoever_may_not_sees_neither_link_nor_page() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let technician = site.member(&company, "technician", "timur").await;
    technician.get("/north/work-orders").await.expect(200).hides(&["settings/workflows"]);
    for page in ["/north/settings/workflows".to_owned(), AT.to_owned(), format!("{AT}/edit"), format!("{AT}/migrate")] {
        technician.get(&page).await.expect(403);
    }
    let admin = site.admin(&company).await;
    admin.get("/north/work-orders").await.expect(200).says(&["settings/workflows"]);
    admin.get("/north/settings/workflows/nothing").await.expect(404);
}

#[tokio::test]
async fn the_pages_speak_the_readers_language() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let admin = site.admin(&company).await;
    site.speak("kk").await;
    admin.get("/north/settings/workflows").await.expect(200).says(&["Жұмыс ағындары", "Стандартты файл"]);
    let page = admin.get(&format!("{AT}/edit")).await.expect(200);
    let broken = text(&page.text).replace("to: rejected", "to: rejectd");
    let fields = [("version", "0"), ("source", &broken), ("do", "check")];
    admin.submit(&format!("{AT}/edit"), &fields).await.expect(200).says(&["белгісіз күй `rejectd`", "мүмкін, `rejected`?"]);
}

#[tokio::test]
async fn whoever_can_do_something_about_it_is_told_who_is_missing_until_nobody_is() {
    const NEW: &str = "/north/work-orders/new";
    const NOBODY: &str = "There is nobody to approve";
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let admin = site.admin(&company).await;
    let technician = site.member(&company, "technician", "timur").await;
    admin.get(AT).await.expect(200).says(&["WF503"]);
    admin.get(NEW).await.expect(200).says(&[NOBODY, "Nobody holds the role “Finance”", "/north/people"]);
    technician.get(NEW).await.expect(200).hides(&[NOBODY]);
    site.world.member(&company, "finance", "farid").await;
    admin.get(AT).await.expect(200).says(&["WF502"]).hides(&["WF503"]);
    site.world.member(&company, "finance", "fatima").await;
    admin.get(AT).await.expect(200).hides(&["WF502", "WF503"]);
    admin.get(NEW).await.expect(200).hides(&[NOBODY]);
}

#[tokio::test]
async fn whoever_saves_second_sees_what_the_first_has_written_before_it_is_lost() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let admin = site.admin(&company).await;
    let page = admin.get(&format!("{AT}/edit")).await.expect(200);
    page.hides(&["data-unsaved"]);
    let source = text(&page.text);
    let (theirs, mine) = (format!("{source}# theirs\n"), format!("{source}# mine\n"));
    let edit = format!("{AT}/edit");
    admin.complete(&edit, &[("version", "0"), ("source", &theirs), ("do", "save")]).await;
    let late = admin.submit(&edit, &[("version", "0"), ("source", &mine), ("do", "save")]).await.expect(412);
    late.says(&["What somebody else has saved", "data-kind=\"removed\"", "# theirs", "data-kind=\"added\"", "# mine", "data-unsaved"]);
    let version = late.value("version").to_owned();
    let saved = admin.complete(&edit, &[("version", &version), ("source", &mine), ("do", "save")]).await;
    saved.hides(&["What somebody else has saved", "data-unsaved"]);
    assert_eq!(text(&saved.text), mine);
}
