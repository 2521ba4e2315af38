//! What holds for every page there is or will be, walked from the pages' own list.

use std::collections::BTreeSet;

use api::http::edge::Edge;
use domain::Error;
use domain::identity::company::{Input, Onboard};
use domain::identity::invitation::{self, Invite};
use domain::identity::member::{ChangeOwn, Own};
use domain::identity::role;
use domain::kernel::testing::Company;
use poem::http::Method;
use serde_json::json;
use uuid::Uuid;

use crate::browser::{Browser, Site};

/// Pages for people who are not signed in.
const PUBLIC: [&str; 10] = ["login", "logout", "forgot", "reset", "signup", "invite", "act", "unsubscribe", "preferences", "dev"];

/// The form a mail program sends by itself: what its address holds is the credential.
const FROM_ANYWHERE: &str = "/unsubscribe/:code";

/// No record has this id.
const NOBODY: &str = "01938700-0000-7000-8000-000000000000";

const SAME: (&str, &str) = ("sec-fetch-site", "same-origin");

fn listed(site: &Site) -> Vec<(Method, String)> {
    let pages = api::web::pages(&Edge::new(site.world.app.clone(), &site.config));
    assert!(pages.listed().len() > 60, "the pages were not found");
    pages.listed().to_vec()
}

fn first(path: &str) -> &str {
    path.split('/').nth(1).unwrap_or_default()
}

/// A path of the pattern, with a company and an id.
fn path(pattern: &str, company: &str, id: &str) -> String {
    let part = |part: &str| match part {
        ":company" => company.to_owned(),
        ":number" => "WO-999999".to_owned(),
        ":name" => "approve".to_owned(),
        part if part.starts_with(':') => id.to_owned(),
        part => part.to_owned(),
    };
    pattern.split('/').map(part).collect::<Vec<_>>().join("/")
}

async fn ask(browser: &Browser<'_>, method: &Method, path: &str) -> crate::browser::Page {
    if *method == Method::GET { browser.get(path).await } else { browser.submit(path, &[("version", "1")]).await }
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_led_to_the_login() {
    let site = Site::new().await;
    site.world.company("north").await;
    for (method, pattern) in listed(&site).iter().filter(|(_, path)| !PUBLIC.contains(&first(path))) {
        let path = path(pattern, "north", NOBODY);
        let answer = ask(&site.browser(), method, &path).await;
        let location = answer.header("location").to_owned();
        answer.expect(303);
        assert!(location.starts_with("/login"), "{method} {path} leads to {location}");
        assert_eq!(location.contains("next="), *method == Method::GET, "{method} {path} leads to {location}");
    }
}

#[tokio::test]
async fn no_form_is_taken_from_another_site() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let admin = site.admin(&company).await;
    for (_, pattern) in listed(&site).iter().filter(|(method, path)| *method == Method::POST && path != FROM_ANYWHERE) {
        let path = path(pattern, "north", NOBODY);
        let foreign: [&[(&str, &str)]; 5] = [
            &[],
            &[("sec-fetch-site", "cross-site")],
            &[("sec-fetch-site", "same-site")],
            &[("origin", "https://evil.example"), ("host", "millwright.test")],
            &[("origin", "null"), ("host", "millwright.test")],
        ];
        for headers in foreign {
            let answer = admin.submit_with(&path, &[], headers).await;
            assert_eq!(answer.status, 403, "{path} {headers:?}");
            answer.says(&["Request refused"]);
        }
    }
    let fields = [("locale", "en")];
    admin.submit_with("/preferences", &fields, &[("origin", "http://millwright.test"), ("host", "millwright.test")]).await.expect(303);
    admin.get("/profile").await.expect(200);
}

#[tokio::test]
async fn a_company_one_is_not_in_is_not_there() {
    let site = Site::new().await;
    let (north, south) = (site.world.company("north").await, site.world.company("south").await);
    let stranger = site.admin(&south).await;
    let before = site.world.snapshot(&north.admin).await;
    for (method, pattern) in listed(&site).iter().filter(|(_, path)| first(path) == ":company") {
        for company in ["north", "nowhere"] {
            let path = path(pattern, company, NOBODY);
            ask(&stranger, method, &path).await.expect(404).hides(&["Demo north"]);
        }
    }
    assert_eq!(site.world.snapshot(&north.admin).await, before);
}

/// Records of a company, by the part of the path that names their kind.
async fn records(site: &Site, company: &Company) -> Vec<(&'static str, Uuid)> {
    let (world, admin) = (&site.world, &company.admin);
    let technician = world.member(company, "technician", "serik").await;
    let own = Own { name: CANARY.to_owned(), locale: "en".to_owned() };
    world.app.run(&technician, ChangeOwn(own)).await.expect("renames themselves");
    let location = world.location(admin, CANARY, None).await;
    let asset = world.asset(admin, CANARY, location.id).await;
    let vendor = world.vendor(admin, CANARY).await;
    let order = json!({ "title": CANARY, "asset_id": asset.id, "vendor_id": vendor.id });
    world.order(&technician, order).await.expect("asks for work");
    let invite = invitation::Input {
        email: "canary@north.example".to_owned(),
        name: CANARY.to_owned(),
        role_id: company.role("driver"),
        all_sites: true,
        site_ids: Vec::new(),
        locale: "en".to_owned(),
    };
    let invitation = world.app.run(admin, Invite(invite)).await.expect("invites");
    let input = role::Input { name: CANARY.to_owned(), level: 30, permissions: Vec::new() };
    let role = world.app.run(admin, role::Save { id: None, input }).await.expect("adds a role");
    let told = domain::notify::Mine { unread: true, kind: None, before: None, limit: 1 };
    let notification = world.app.run(admin, told).await.expect("lists").first().expect("was told").id;
    vec![
        ("people", technician.actor().id.uuid()),
        ("locations", location.id),
        ("assets", asset.id),
        ("asset-types", asset.type_id),
        ("vendors", vendor.id),
        ("invitations", invitation.id),
        ("roles", role.id),
        ("notifications", notification),
    ]
}

#[tokio::test]
async fn another_companys_record_is_not_there_under_ones_own_address() {
    let site = Site::new().await;
    let (north, south) = (site.world.company("north").await, site.world.company("south").await);
    let records = records(&site, &north).await;
    let stranger = site.admin(&south).await;
    let before = site.world.snapshot(&north.admin).await;
    let mut asked = 0;
    for (method, pattern) in listed(&site).iter().filter(|(_, path)| first(path) == ":company" && path.contains(":id")) {
        let kind = pattern.split('/').nth(2).unwrap_or_default();
        let Some((_, id)) = records.iter().find(|(known, _)| *known == kind) else { continue };
        let path = path(pattern, "south", &id.to_string());
        let answer = ask(&stranger, method, &path).await;
        // a form may be found wrong before its record is looked for
        let refused = answer.status == 404 || (*method == Method::POST && answer.status == 422);
        assert!(refused, "{method} {path} answers {}", answer.status);
        answer.hides(&[CANARY]);
        asked += 1;
    }
    assert!(asked > 20, "{asked} pages asked for");
    assert_eq!(site.world.snapshot(&north.admin).await, before);
}

/// A name that must be escaped where it may be seen, and be seen by nobody else.
const CANARY: &str = "канарейка<img-src=x>'\"";

/// Follows every link from a page on, and answers what was found.
async fn crawl(browser: &Browser<'_>, from: &str) -> Vec<(String, crate::browser::Page)> {
    let mut known = BTreeSet::from([from.to_owned()]);
    let mut waiting = vec![from.to_owned()];
    let mut found = Vec::new();
    while let Some(path) = waiting.pop() {
        let page = browser.get(&path).await;
        assert!(!page.status.is_server_error(), "{path}: {}", page.text);
        for link in page.text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            let link = link.split('#').next().unwrap_or_default().replace("&amp;", "&");
            let link = if link.starts_with('?') { format!("{}{link}", path.split('?').next().unwrap_or_default()) } else { link };
            let ours = link.starts_with('/') && !link.starts_with("/assets/") && !link.starts_with("/api");
            if ours && known.len() < 400 && known.insert(link.clone()) {
                waiting.push(link);
            }
        }
        found.push((path, page));
    }
    found
}

#[tokio::test]
async fn what_people_typed_is_escaped_and_stays_in_their_company() {
    let site = Site::new().await;
    let (north, south) = (site.world.company("north").await, site.world.company("south").await);
    records(&site, &north).await;
    let own = crawl(&site.admin(&north).await, "/north/").await;
    assert!(own.len() > 30, "{} pages", own.len());
    let escaped = own.iter().filter(|(_, page)| page.text.contains("канарейка&lt;img")).count();
    assert!(escaped > 10, "{escaped} pages show the name");
    for (path, page) in &own {
        let html = page.header("content-type").starts_with("text/html");
        assert!(page.status.is_success(), "a link leads to {path}: {}", page.status);
        assert!(!html || !page.text.contains("<img-src"), "{path} does not escape");
    }
    let theirs = crawl(&site.admin(&south).await, "/south/").await;
    assert!(theirs.len() > 15, "{} pages", theirs.len());
    for (path, page) in &theirs {
        assert!(!page.text.contains("канарейка"), "{path} shows another company's record");
    }
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_protect_it() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let admin = site.admin(&company).await;
    for (method, pattern) in listed(&site) {
        let page = admin.send(method.clone(), &path(&pattern, "north", NOBODY), &[SAME], None).await;
        assert!(!page.status.is_server_error(), "{method} {pattern}: {}", page.text);
        let policy = page.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{pattern}: {policy}");
        // the address of such a page is a secret
        let referrer = if ["act", "unsubscribe"].contains(&first(&pattern)) { "no-referrer" } else { "same-origin" };
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", referrer),
            ("cross-origin-opener-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(page.header(name), value, "{method} {pattern}");
        }
        assert!(page.header("x-request-id").parse::<Uuid>().is_ok(), "{method} {pattern}");
        if pattern == "/logout" {
            admin.log_in("admin@north.example").await.expect(303);
        }
    }
}

/// Which role may open which page and send which form, of records that are not there: 403 is a closed door, 404 and 422 one that
/// was open.
#[tokio::test]
async fn every_role_meets_its_limits() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let mut people = vec![("admin", site.admin(&company).await)];
    for role in domain::identity::defaults::ROLE_KEYS.iter().filter(|role| **role != "admin") {
        people.push((role, site.member(&company, role, role).await));
    }
    let mut table = vec![people.iter().map(|(role, _)| *role).collect::<Vec<_>>().join(" ")];
    for (method, pattern) in listed(&site).iter().filter(|(_, path)| first(path) == ":company") {
        let path = path(pattern, "north", NOBODY);
        let mut met = Vec::new();
        for (_, browser) in &people {
            met.push(ask(browser, method, &path).await.status.as_str().to_owned());
        }
        table.push(format!("{} {method} {pattern}", met.join(" ")));
    }
    insta::assert_snapshot!(table.join("\n"));
}

#[tokio::test]
async fn no_company_can_take_the_name_of_a_page() {
    let site = Site::new().await;
    let names: BTreeSet<String> =
        listed(&site).iter().map(|(_, path)| first(path).to_owned()).filter(|name| !name.starts_with(':')).collect();
    for name in names.into_iter().chain(["api", "assets", "healthz", "readyz"].map(str::to_owned)).filter(|name| name.len() > 1) {
        let input = Input { name: name.clone(), slug: Some(name.clone()), contact_email: "a@b.example".to_owned(), seats: 1, locale: None };
        match site.world.app.platform(&site.world.operator(), Onboard(input)).await {
            Err(Error::Invalid(errors)) => assert_eq!((errors[0].field.as_str(), &*errors[0].code), ("slug", "reserved"), "{name}"),
            other => panic!("{name} is free: {other:?}"),
        }
    }
}
