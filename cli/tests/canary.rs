//! Side doors carry the tenant: what one company wrote is planted with a canary, then everything another company can get out of
//! the whole program is read: pages, REST, downloads, mail, Telegram. Searches are for a part of the canary, so that the echo of
//! what was searched is no find.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{Cursor, Read};
use std::path::Path;
use std::time::{Duration, Instant};

use domain::assets::{Asset, AssetInput, AssetType, AssetTypeInput, Category, CategoryInput};
use domain::exports::{self, LISTS};
use domain::identity::login::Login;
use domain::identity::role;
use domain::inventory::{Vendor, VendorInput};
use domain::kernel::platform::Caller;
use domain::kernel::resource::Create;
use domain::kernel::scope::Scope;
use domain::kernel::testing::{Company, PASSWORD, World, read};
use domain::notify::telegram::AskLink;
use mail_parser::MessageParser;
use poem::endpoint::BoxEndpoint;
use poem::http::Method;
use poem::test::TestClient;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

#[path = "../../worker/tests/it/support/bot_api.rs"]
#[expect(dead_code, reason = "this test says little to the bot")]
mod bot_api;

use bot_api::BotApi;

const CANARY: &str = "kanareika-4f1d";
/// What is searched for: found in everything planted, yet not the canary.
const PART: &str = "kanareika";

/// Asks until there is an answer; fails the test after half a minute.
async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A company that works: a record of every kind that bears `name`, an order that waits, and one that went its whole way.
async fn at_work(world: &World, company: &Company, name: &str) -> Scope {
    let admin = &company.admin;
    let app = &world.app;
    let technician = world.member(company, "technician", name).await;
    let hall = world.location(admin, name, Some(company.site)).await;
    let category: CategoryInput = read(json!({ "name": name, "note": name }));
    let category = app.run(admin, Create::<Category> { input: category }).await.expect("adds a category");
    let kind: AssetTypeInput = read(json!({ "name": name, "category_id": category.id, "note": name }));
    let kind = app.run(admin, Create::<AssetType> { input: kind }).await.expect("adds a type");
    let asset: AssetInput = read(json!({
        "name": name, "tag": name, "serial": name, "type_id": kind.id, "location_id": hall.id, "manufacturer": name, "note": name,
    }));
    let asset = app.run(admin, Create::<Asset> { input: asset }).await.expect("adds an asset");
    let vendor: VendorInput = read(json!({ "name": name, "contact_name": name, "address": name, "note": name }));
    let vendor = app.run(admin, Create::<Vendor> { input: vendor }).await.expect("adds a vendor");
    let custom = role::Input { name: name.to_owned(), level: 5, permissions: vec!["work_order.view".to_owned()] };
    app.run(admin, role::Save { id: None, input: custom }).await.expect("adds a role");
    let order = json!({ "title": name, "description": name, "asset_id": asset.id, "vendor_id": vendor.id });
    world.order(&technician, order.clone()).await.expect("asks for work, which waits");
    let done = world.order(admin, order.clone()).await.expect("opens an order");
    let whose = json!({ "assignee": admin.actor().id });
    world.press(admin, &done, "assign", whose).await.expect("assigns");
    world.press(admin, &done, "start", json!({})).await.expect("starts");
    world.press(admin, &done, "complete", json!({ "resolution": name })).await.expect("completes");
    let refused = world.order(&technician, order).await.expect("asks for work");
    world.press(admin, &refused, "reject", json!({ "reason": name })).await.expect("rejects");
    technician
}

/// The edge as somebody of one company uses it.
struct Stranger {
    http: TestClient<BoxEndpoint<'static, poem::Response>>,
    cookie: String,
    token: String,
    /// Everything read, by its address.
    output: BTreeMap<String, Vec<u8>>,
}

impl Stranger {
    async fn get(&mut self, path: &str) -> Vec<u8> {
        let mut request = self.http.request(Method::GET, path);
        request = if path.starts_with("/api/") {
            request.header("authorization", format!("Bearer {}", self.token))
        } else {
            request.header("cookie", format!("session={}", self.cookie)).header("sec-fetch-site", "same-origin")
        };
        let response = request.send().await.0;
        let location = response.headers().get("location").and_then(|to| to.to_str().ok()).unwrap_or_default();
        assert!(!response.status().is_server_error() && !location.starts_with("/login"), "{path}: {} {location}", response.status());
        let body = response.into_body().into_bytes().await.expect("is read").to_vec();
        self.output.insert(path.to_owned(), body.clone());
        body
    }

    /// Every page a link, a form or a script of another leads to.
    async fn crawl(&mut self, from: &[String]) {
        let mut known: BTreeSet<String> = from.iter().cloned().collect();
        let mut next: VecDeque<String> = from.iter().cloned().collect();
        while let Some(path) = next.pop_front() {
            let body = self.get(&path).await;
            assert!(known.len() < 2_000, "the pages lead nowhere: {path}");
            for link in links(&String::from_utf8_lossy(&body)) {
                let plain = link.split('#').next().unwrap_or_default().to_owned();
                if plain.starts_with("/south/") && known.insert(plain.clone()) {
                    next.push_back(plain);
                }
            }
        }
    }
}

fn links(page: &str) -> Vec<String> {
    let quoted = ["href=\"", "hx-get=\"", "action=\"", "data-search=\""].into_iter();
    let found = quoted.flat_map(|attribute| page.split(attribute).skip(1)).filter_map(|rest| rest.split('"').next());
    found.map(|link| link.replace("&amp;", "&")).collect()
}

/// What a reader sees of bytes: the pages of a document, the parts of a workbook, or the text.
fn text(bytes: &[u8]) -> String {
    if bytes.starts_with(b"%PDF-") {
        let document = lopdf::Document::load_mem(bytes).expect("is a document");
        let pages: Vec<u32> = document.get_pages().into_keys().collect();
        return document.extract_text(&pages).expect("is text");
    }
    if !bytes.starts_with(b"PK") {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    let mut book = zip::ZipArchive::new(Cursor::new(bytes)).expect("is a workbook");
    let mut all = String::new();
    for part in 0..book.len() {
        book.by_index(part).expect("is there").read_to_string(&mut all).expect("is XML");
    }
    all
}

/// Every list as a workbook and as a document, made by the worker; answers the exports' ids.
async fn export(world: &World, member: &Scope) -> Vec<Uuid> {
    let mut asked = Vec::new();
    for (list, format) in LISTS.iter().flat_map(|list| ["xlsx", "pdf"].map(|format| (list.name(), format))) {
        let input = exports::Input { list: list.to_owned(), format: format.to_owned(), ..exports::Input::default() };
        asked.push(world.app.run(member, exports::Request(input)).await.expect("asks").id);
    }
    for id in &asked {
        eventually("the file is made", async || {
            let view = world.app.run(member, exports::Show(*id)).await.expect("shows");
            assert!(view.is_live() || view.state == "done", "{view:?}");
            (view.state == "done").then_some(())
        })
        .await;
    }
    asked
}

/// Kept letters: to whom, and everything they say.
fn letters(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("is there") {
        let bytes = std::fs::read(entry.expect("is there").path()).expect("is read");
        let Some(letter) = MessageParser::default().parse(&bytes) else { continue };
        let to = letter.to().and_then(|to| to.first()).and_then(|to| to.address()).unwrap_or_default().to_owned();
        let parts: Vec<_> = letter.text_bodies().chain(letter.html_bodies()).filter_map(|part| part.text_contents()).collect();
        found.push((to, format!("{} {}", letter.subject().unwrap_or_default(), parts.join(" "))));
    }
    found
}

/// Addresses of the API's reads, each with the ids of another company's records, and a search where there is one.
fn reads(ids: &[String]) -> Vec<String> {
    let spec: Value = serde_json::from_str(&api::rest::spec()).expect("the description is JSON");
    let mut found = Vec::new();
    for (path, operations) in spec["paths"].as_object().expect("has paths") {
        let Some(get) = operations.get("get").filter(|_| !path.contains("/platform/")) else { continue };
        if path.contains("{id}") {
            found.extend(ids.iter().map(|id| path.replace("{id}", id)));
            continue;
        }
        let asks = |name: &str| get["parameters"].as_array().is_some_and(|all| all.iter().any(|each| each["name"] == name));
        for format in if asks("format") { &["format=csv&", "format=xlsx&"][..] } else { &[""] } {
            found.push(format!("{path}?{format}"));
            found.extend(asks("q").then(|| format!("{path}?{format}q={PART}")));
        }
    }
    assert!(found.len() > 30, "{found:?}");
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_company_wrote_is_in_nothing_another_gets() {
    let world = World::new().await;
    let mail = tempfile::tempdir().expect("a folder");
    let bot = BotApi::start().await;
    let (north, south) = (world.company("north").await, world.company("south").await);
    let anyone = Caller::anyone(world.request());
    let code = world.app.platform(&anyone, AskLink(&south.admin)).await.expect("a code");
    world.app.link_telegram(code.reveal(), 5).await.expect("links").expect("was asked for");
    at_work(&world, &north, CANARY).await;
    at_work(&world, &south, "plain").await;
    // only now: it would write the invitations, which were accepted without their letters
    let route = worker::mail::Route::Folder(mail.path().to_owned());
    let letters_from = worker::mail::Config { route, from: "Mill <no-reply@mill.example>".to_owned() };
    let stop = CancellationToken::new();
    let working = tokio::spawn(worker::run(world.app.clone(), worker::Config::new(letters_from, Some(bot.config())), stop.clone()));
    // an order that waits, one that was completed, one that was rejected: all of it is told
    let done = "SELECT count(*) FROM deliveries WHERE state = 'pending'";
    eventually("everything is delivered", async || {
        let waiting: i64 = sqlx::query_scalar(done).fetch_one(&mut world.superuser().await).await.expect("counts");
        (waiting == 0 && letters(mail.path()).iter().any(|(_, said)| said.contains(CANARY))).then_some(())
    })
    .await;
    let theirs = export(&world, &north.admin).await;
    let own = export(&world, &south.admin).await;
    stop.cancel();
    working.await.expect("no panic").expect("works");

    let mut ids: Vec<String> = sqlx::query_scalar(
        "SELECT id::text FROM vendors WHERE name = $1 UNION ALL SELECT id::text FROM assets WHERE name = $1
         UNION ALL SELECT id::text FROM work_orders WHERE title = $1 UNION ALL SELECT id::text FROM locations WHERE name = $1
         UNION ALL SELECT id::text FROM members WHERE name = $1 UNION ALL SELECT id::text FROM asset_types WHERE name = $1
         UNION ALL SELECT id::text FROM categories WHERE name = $1",
    )
    .bind(CANARY)
    .fetch_all(&mut world.superuser().await)
    .await
    .expect("reads ids");
    assert_eq!(ids.len(), 9, "a record of every kind, three orders");
    ids.extend(theirs.iter().map(Uuid::to_string));

    let config = api::Config {
        listen: ([127, 0, 0, 1], 0).into(),
        metrics_listen: None,
        trusted_proxies: Vec::new(),
        dev_mail: None,
        telegram_bot: Some("mill_bot".to_owned()),
        templates: templates::Source::Embedded,
    };
    // the worker goes by the database's clock, by which the sessions of a test ended long ago: it has cleared them away
    let login = Login { email: "admin@south.example".to_owned(), password: PASSWORD.to_owned(), remember: false };
    let begun = world.app.login(&login, &world.request()).await.expect("logs in");
    let mut stranger = Stranger {
        http: TestClient::new(api::endpoint(world.app.clone(), &config)),
        cookie: begun.token.reveal().to_owned(),
        token: world.app.access_token(&begun, &south.slug).await.expect("a token"),
        output: BTreeMap::new(),
    };
    let lists = ["assets", "vendors", "locations", "asset-types", "categories", "work-orders", "people"];
    let mut pages = vec!["/south/".to_owned(), "/profile".to_owned()];
    pages.extend(lists.iter().map(|list| format!("/south/{list}?q={PART}")));
    pages.extend(lists.iter().flat_map(|list| ids.iter().map(move |id| format!("/south/{list}/{id}"))));
    let home = text(&stranger.get("/south/").await);
    assert!(home.contains("Demo south"), "the session opens the company's pages: {home}");
    stranger.crawl(&pages).await;
    for path in reads(&ids) {
        stranger.get(&path).await;
    }
    for id in &own {
        stranger.get(&format!("/api/v1/exports/{id}/file")).await;
    }
    let with = |part: &str| stranger.output.keys().filter(|path| path.contains(part)).count();
    assert!(stranger.output.len() > 200, "{} answers", stranger.output.len());
    assert!(with("format=csv") >= 5 && with("format=xlsx") >= 5 && with("/api/v1/") > 50, "{:?}", stranger.output.keys());
    // the crawl sees what there is to see: the own company's words, in a page, a table and a workbook
    for own in ["/south/assets", "/api/v1/assets/download?format=csv&", "/api/v1/assets/download?format=xlsx&"] {
        assert!(stranger.output.iter().any(|(path, body)| path.starts_with(own) && text(body).contains("plain")), "{own}");
    }
    for beginning in [&b"PK"[..], b"%PDF-"] {
        let made = stranger.output.iter().filter(|(path, body)| path.ends_with("/file") && body.starts_with(beginning));
        assert!(made.filter(|(_, body)| text(body).contains("plain")).count() >= LISTS.len(), "of every list, {beginning:?}");
    }
    let told: Vec<(String, String)> = stranger.output.iter().map(|(path, body)| (path.clone(), text(body))).collect();
    let mailed = letters(mail.path()).into_iter().filter(|(to, _)| to.ends_with("@south.example"));
    let chatted = bot.calls("SendMessage").into_iter().map(|call| ("Telegram".to_owned(), call.to_string()));
    let (mailed, chatted): (Vec<_>, Vec<_>) = (mailed.collect(), chatted.collect());
    assert!(mailed.len() >= 4 && chatted.len() >= 2, "{} letters, {} messages", mailed.len(), chatted.len());
    for (place, said) in told.iter().chain(&mailed).chain(&chatted) {
        assert!(!said.contains(CANARY), "{place} tells what another company wrote");
    }
}
