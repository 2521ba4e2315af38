//! The stream of the bell: it tells its own reader, nobody else, and no longer than their session.

use std::time::Duration;

use domain::identity::session::End;
use domain::kernel::bell::STREAMS;
use domain::kernel::platform::Caller;
use domain::kernel::scope::Scope;
use domain::kernel::testing::Company;
use domain::notify::{MarkRead, Mine};
use poem::test::TestResponse;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader, Lines};

use crate::browser::{Browser, Site};

const STREAM: &str = "/north/notifications/stream";

/// A stream that is open.
struct Listening {
    lines: Lines<BufReader<Box<dyn AsyncRead + Send + Unpin>>>,
}

impl Listening {
    async fn of(browser: &Browser<'_>, path: &str) -> Self {
        Self::to(browser.open(path).await)
    }

    fn to(response: TestResponse) -> Self {
        assert_eq!(response.0.status(), 200);
        let header = |name: &str| response.0.header(name).unwrap_or_default().to_owned();
        assert!(header("content-type").starts_with("text/event-stream"), "{:?}", response.0.headers());
        assert_eq!((header("cache-control").as_str(), header("x-accel-buffering").as_str()), ("no-store", "no"));
        let body: Box<dyn AsyncRead + Send + Unpin> = Box::new(response.0.into_body().into_async_read());
        Self { lines: BufReader::new(body).lines() }
    }

    /// What the next event says; nothing when the stream has ended.
    async fn next(&mut self) -> Option<Value> {
        let wait = async {
            loop {
                let line = self.lines.next_line().await.expect("is text")?;
                if let Some(data) = line.strip_prefix("data: ").filter(|data| !data.is_empty()) {
                    return Some(serde_json::from_str(data).expect("is JSON"));
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(25), wait).await.expect("something comes")
    }

    async fn unread(&mut self) -> i64 {
        self.next().await.expect("an event")["unread"].as_i64().expect("a number")
    }
}

/// Asks for work, of which whoever approves is told.
async fn ask(site: &Site, company: &Company, technician: &Scope, title: &str) {
    let order = json!({ "title": title, "location_id": company.site });
    site.world.order(technician, order).await.expect("asks for work");
}

#[tokio::test]
async fn the_count_follows_what_is_told_and_read_elsewhere() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let technician = site.world.member(&company, "technician", "serik").await;
    let admin = site.admin(&company).await;
    let mut here = Listening::of(&admin, STREAM).await;
    let first = here.next().await.expect("an event");
    assert_eq!((&first["unread"], &first["label"]), (&json!(0), &json!("Notifications")));
    ask(&site, &company, &technician, "Pump").await;
    let told = here.next().await.expect("an event");
    assert_eq!((&told["unread"], &told["shown"], &told["label"]), (&json!(1), &json!("1"), &json!("Notifications, 1 unread")));
    ask(&site, &company, &technician, "Crane").await;
    assert_eq!(here.unread().await, 2);
    // read in another tab, through the application of another process
    let newest = site.world.app.run(&company.admin, Mine { unread: true, kind: None, before: None, limit: 1 }).await.expect("lists")[0].id;
    site.world.app.run(&company.admin, MarkRead(Some(newest))).await.expect("reads");
    assert_eq!(here.unread().await, 1);
    admin.submit("/north/notifications/read-all", &[]).await.expect(303);
    assert_eq!(here.unread().await, 0);
}

#[tokio::test]
async fn one_persons_news_reaches_neither_a_colleague_nor_another_company() {
    let site = Site::new().await;
    let (north, south) = (site.world.company("north").await, site.world.company("south").await);
    let (colleague, technician) = site.recruit(&north, "technician", "serik").await;
    let (admin, stranger) = (site.admin(&north).await, site.admin(&south).await);
    let mut own = Listening::of(&admin, STREAM).await;
    let mut theirs = Listening::of(&colleague, STREAM).await;
    let mut foreign = Listening::of(&stranger, "/south/notifications/stream").await;
    for each in [&mut own, &mut theirs, &mut foreign] {
        assert_eq!(each.unread().await, 0);
    }
    let order = json!({ "title": "Pump", "location_id": north.site });
    let order = site.world.order(&technician, order).await.expect("asks for work");
    for count in [1, 2] {
        assert_eq!(own.unread().await, count);
        if count == 1 {
            ask(&site, &north, &technician, "Press").await;
        }
    }
    // had the others been told of it, that would have come before what is theirs
    site.world.press(&north.admin, &order, "approve", json!({})).await.expect("approves");
    let outsider = site.world.member(&south, "technician", "timur").await;
    ask(&site, &south, &outsider, "Crane").await;
    assert_eq!((theirs.unread().await, foreign.unread().await), (1, 1));
    stranger.get(STREAM).await.expect(404);
    site.browser().get(STREAM).await.expect(303);
}

#[tokio::test]
async fn a_stream_ends_with_its_session_and_streams_are_few() {
    let site = Site::new().await;
    let company = site.world.company("north").await;
    let admin = site.admin(&company).await;
    let mut open = Vec::new();
    for _ in 0..STREAMS {
        let mut one = Listening::of(&admin, STREAM).await;
        assert_eq!(one.unread().await, 0);
        open.push(one);
    }
    let mut newest = Listening::of(&admin, STREAM).await;
    assert_eq!(newest.unread().await, 0);
    assert_eq!(open.remove(0).next().await, None, "the oldest makes room");

    let technician = site.recruit(&company, "technician", "serik").await;
    let mut theirs = Listening::of(&technician.0, STREAM).await;
    assert_eq!(theirs.unread().await, 0);
    let session: uuid::Uuid = sqlx::query_scalar("SELECT s.id FROM platform.sessions s JOIN platform.accounts a ON a.id = s.account_id WHERE a.email = 'serik@north.example' ORDER BY s.created_at DESC, s.id DESC LIMIT 1")
        .fetch_one(&mut site.world.superuser().await).await.expect("has a session");
    let account: uuid::Uuid = sqlx::query_scalar("SELECT id FROM platform.accounts WHERE email = 'serik@north.example'")
        .fetch_one(&mut site.world.superuser().await)
        .await
        .expect("has an account");
    let caller = Caller { account: Some(account.into()), operator: false, request: site.world.request() };
    site.world.app.platform(&caller, End(session)).await.expect("ends");
    assert_eq!(theirs.next().await, None, "within the half minute the reader is let go");

    site.world.app.close_bells();
    for mut each in open {
        while each.next().await.is_some() {}
    }
    admin.get(STREAM).await.expect(429);
}
