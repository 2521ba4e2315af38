//! A world with pages over it, and a browser without script that keeps cookies and follows redirects when asked.

use std::cell::RefCell;
use std::collections::BTreeMap;

use domain::App;
use domain::kernel::scope::Scope;
use domain::kernel::testing::{Company, PASSWORD, World};
use poem::endpoint::BoxEndpoint;
use poem::http::{HeaderMap, Method, StatusCode};
use poem::test::{TestClient, TestResponse};
use templates::Source;
use tokio::io::AsyncReadExt;

/// A world and its pages.
pub struct Site {
    pub world: World,
    pub config: api::Config,
    pub mail: tempfile::TempDir,
    http: TestClient<BoxEndpoint<'static, poem::Response>>,
}

impl Site {
    pub async fn new() -> Self {
        let world = World::new().await;
        let app = world.app.clone();
        Self::over(world, app)
    }

    /// Pages of an application over a world.
    pub fn over(world: World, app: App) -> Self {
        let mail = tempfile::tempdir().expect("makes a folder");
        let config = api::Config {
            listen: ([127, 0, 0, 1], 0).into(),
            metrics_listen: None,
            trusted_proxies: Vec::new(),
            dev_mail: Some(mail.path().to_owned()),
            telegram_bot: Some("millwright_test_bot".to_owned()),
            templates: Source::Embedded,
        };
        let http = TestClient::new(api::endpoint(app, &config));
        Self { world, config, mail, http }
    }

    /// A browser nobody has used yet.
    pub fn browser(&self) -> Browser<'_> {
        Browser { site: self, jar: RefCell::default(), language: "en" }
    }

    /// Somebody logged in.
    pub async fn logged_in(&self, email: &str) -> Browser<'_> {
        let browser = self.browser();
        browser.log_in(email).await.expect(303);
        browser
    }

    /// The first person of a company, logged in.
    pub async fn admin(&self, company: &Company) -> Browser<'_> {
        self.logged_in(&format!("admin@{}.example", company.slug)).await
    }

    /// Another person of a company, logged in.
    pub async fn member(&self, company: &Company, role: &str, name: &str) -> Browser<'_> {
        self.recruit(company, role, name).await.0
    }

    /// The same, with the scope they act in.
    pub async fn recruit(&self, company: &Company, role: &str, name: &str) -> (Browser<'_>, Scope) {
        let scope = self.world.member(company, role, name).await;
        (self.logged_in(&format!("{name}@{}.example", company.slug)).await, scope)
    }

    /// Everybody reads in this language from now on.
    pub async fn speak(&self, locale: &str) {
        let mut conn = self.world.superuser().await;
        sqlx::query("UPDATE platform.accounts SET locale = $1").bind(locale).execute(&mut conn).await.expect("changes the language");
    }

    /// An operator of the platform, logged in.
    pub async fn operator(&self) -> Browser<'_> {
        self.world.app.create_operator("operator@platform.example", "Оператор", PASSWORD).await.expect("makes an operator");
        let browser = self.logged_in("operator@platform.example").await;
        browser.submit("/preferences", &[("locale", "en")]).await.expect(303);
        browser
    }
}

/// Somebody's browser.
pub struct Browser<'a> {
    site: &'a Site,
    jar: RefCell<BTreeMap<String, String>>,
    /// What it asks for in `Accept-Language`.
    pub language: &'static str,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Browser<'_> {
    /// Sends a request with the browser's cookies and keeps those of the answer.
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<(&str, Vec<u8>)>) -> Page {
        let mut request = self.site.http.request(method, path).header("accept-language", self.language);
        let jar: Vec<String> = self.jar.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !jar.is_empty() {
            request = request.header("cookie", jar.join("; "));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some((content_type, body)) = body {
            request = request.content_type(content_type).body(body);
        }
        let response = request.send().await.0;
        let (status, headers) = (response.status(), response.headers().clone());
        let text = String::from_utf8_lossy(&read(response).await).into_owned();
        let page = Page { status, headers, text };
        for cookie in page.cookies() {
            let (pair, attributes) = cookie.split_once(';').unwrap_or((&cookie, ""));
            let (name, value) = pair.split_once('=').expect("a cookie has a value");
            if attributes.contains("Max-Age=0") {
                self.jar.borrow_mut().remove(name);
            } else {
                self.jar.borrow_mut().insert(name.to_owned(), value.to_owned());
            }
        }
        page
    }

    /// A page that goes on, as it comes.
    pub async fn open(&self, path: &str) -> TestResponse {
        let jar: Vec<String> = self.jar.borrow().iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.site.http.get(path).header("accept-language", self.language).header("cookie", jar.join("; ")).send().await
    }

    pub async fn get(&self, path: &str) -> Page {
        self.send(Method::GET, path, &[("sec-fetch-site", "same-origin")], None).await
    }

    /// The page, which must be there.
    pub async fn page(&self, path: &str) -> String {
        self.get(path).await.expect(200).text
    }

    /// The part of a page that script asks for.
    pub async fn part(&self, path: &str) -> Page {
        self.send(Method::GET, path, &[("hx-request", "true")], None).await
    }

    /// Sends a form from a page of this site.
    pub async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.submit_with(path, fields, &[("sec-fetch-site", "same-origin")]).await
    }

    /// Sends a form with these headers alone.
    pub async fn submit_with(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Page {
        let body = form(fields).into_bytes();
        self.send(Method::POST, path, headers, Some(("application/x-www-form-urlencoded", body))).await
    }

    /// Sends a form and goes where it leads.
    pub async fn complete(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let answer = self.submit(path, fields).await.expect(303);
        self.get(answer.header("location")).await.expect(200)
    }

    pub async fn log_in(&self, email: &str) -> Page {
        self.submit("/login", &[("email", email), ("password", PASSWORD)]).await
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.jar.borrow().get(name).cloned()
    }

    pub fn keep(&self, name: &str, value: &str) {
        self.jar.borrow_mut().insert(name.to_owned(), value.to_owned());
    }
}

impl Page {
    /// The page, after making sure of its status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    /// Where it leads.
    #[track_caller]
    pub fn leads(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text);
        self.header("location")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The cookies it sets, whole.
    pub fn cookies(&self) -> Vec<String> {
        self.headers.get_all("set-cookie").iter().map(|value| value.to_str().expect("is text").to_owned()).collect()
    }

    /// Makes sure that it says each of these.
    #[track_caller]
    pub fn says(&self, texts: &[&str]) -> &Self {
        for text in texts {
            assert!(self.text.contains(text), "the page does not say {text:?}:\n{}", self.text);
        }
        self
    }

    /// Makes sure that it says none of these.
    #[track_caller]
    pub fn hides(&self, texts: &[&str]) -> &Self {
        for text in texts {
            assert!(!self.text.contains(text), "the page says {text:?}:\n{}", self.text);
        }
        self
    }

    /// What stands between two texts for the first time.
    #[track_caller]
    pub fn between(&self, before: &str, after: &str) -> &str {
        let found = self.text.split_once(before).and_then(|(_, rest)| rest.split_once(after));
        found.unwrap_or_else(|| panic!("nothing between {before:?} and {after:?}:\n{}", self.text)).0
    }

    /// The value of a hidden or text field of the page's own forms, as it stands there.
    #[track_caller]
    pub fn value(&self, name: &str) -> &str {
        let main = self.text.split_once("<main").map_or(&*self.text, |(_, main)| main);
        let mark = format!("name=\"{name}\"");
        let field =
            main.split_once(&mark).and_then(|(_, rest)| rest.split('>').next()).unwrap_or_else(|| panic!("no field {name}:\n{main}"));
        field.split_once("value=\"").and_then(|(_, rest)| rest.split_once('"')).map_or("", |(value, _)| value)
    }

    /// Where choosing a language leads back to.
    #[track_caller]
    pub fn place(&self) -> &str {
        self.between("name=\"next\" value=\"", "\"")
    }
}

/// The answer's body; of one that never ends, its beginning.
async fn read(response: poem::Response) -> Vec<u8> {
    let endless = response.content_type().is_some_and(|kind| kind.starts_with("text/event-stream"));
    let body = response.into_body();
    if !endless {
        return body.into_vec().await.expect("reads");
    }
    let mut beginning = vec![0; 64];
    let read = body.into_async_read().read(&mut beginning).await.expect("reads");
    beginning.truncate(read);
    beginning
}

/// A form as browsers send it.
pub fn form(fields: &[(&str, &str)]) -> String {
    let escaped = |text: &str| {
        text.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect::<String>()
    };
    fields.iter().map(|(name, value)| format!("{}={}", escaped(name), escaped(value))).collect::<Vec<_>>().join("&")
}
