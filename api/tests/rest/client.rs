//! A world with an edge over it, and clients of its people.

use domain::kernel::scope::Scope;
use domain::kernel::testing::{Company, PASSWORD, World};
use poem::endpoint::BoxEndpoint;
use poem::http::{Method, StatusCode};
use poem::test::TestClient;
use serde_json::{Value, json};
use templates::Source;

/// A world and what answers for it.
pub struct Edge {
    pub world: World,
    pub http: TestClient<BoxEndpoint<'static, poem::Response>>,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: poem::http::HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The answer, after making sure of its status.
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }

    pub fn id(&self) -> String {
        self.json()["id"].as_str().expect("an id").to_owned()
    }
}

impl Edge {
    pub async fn new() -> Self {
        let world = World::new().await;
        let config = api::Config {
            listen: ([127, 0, 0, 1], 0).into(),
            metrics_listen: None,
            trusted_proxies: Vec::new(),
            dev_mail: None,
            telegram_bot: None,
            templates: Source::Embedded,
        };
        let http = TestClient::new(api::endpoint(world.app.clone(), &config));
        Self { world, http }
    }

    /// Sends a request; the headers are pairs.
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Answer {
        let bytes = body.map(|body| serde_json::to_vec(body).expect("is JSON"));
        self.send_bytes(method, path, headers, bytes).await
    }

    pub async fn send_bytes(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<Vec<u8>>) -> Answer {
        let mut request = self.http.request(method, path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.content_type("application/json").body(body);
        }
        let response = request.send().await.0;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.into_body().into_vec().await.expect("reads");
        Answer { status, headers, body }
    }

    /// Logs somebody in by their address.
    pub async fn login(&self, email: &str) -> Client<'_> {
        let body = json!({ "email": email, "password": PASSWORD });
        let answer = self.send(Method::POST, "/api/v1/auth/login", &[], Some(&body)).await.expect(200);
        let token = answer.json()["access_token"].as_str().expect("a token").to_owned();
        Client { edge: self, token }
    }

    /// The first person of a company.
    pub async fn admin(&self, company: &Company) -> Client<'_> {
        self.login(&format!("admin@{}.example", company.slug)).await
    }

    /// Another person of a company.
    pub async fn member(&self, company: &Company, role: &str, name: &str) -> (Client<'_>, Scope) {
        let scope = self.world.member(company, role, name).await;
        (self.login(&format!("{name}@{}.example", company.slug)).await, scope)
    }
}

/// Somebody logged in.
pub struct Client<'a> {
    pub edge: &'a Edge,
    pub token: String,
}

impl Client<'_> {
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend_from_slice(headers);
        self.edge.send(method, &format!("/api/v1{path}"), &all, body.as_ref()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, &[], Some(body)).await
    }

    pub async fn put(&self, path: &str, version: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, &[("if-match", version)], Some(body)).await
    }

    /// The id of the first row of a list.
    pub async fn first(&self, path: &str) -> String {
        self.get(path).await.expect(200).json()["data"][0]["id"].as_str().expect("a row").to_owned()
    }

    /// An asset to work on.
    pub async fn asset(&self, tag: &str) -> String {
        let (kind, location) = (self.first("/asset-types").await, self.first("/locations").await);
        let body =
            json!({ "name": format!("Сорғы {tag}"), "tag": tag, "serial": format!("SN-{tag}"), "type_id": kind, "location_id": location });
        self.post("/assets", body).await.expect(201).id()
    }

    /// A work order for an asset.
    pub async fn order(&self, asset: &str, title: &str) -> Value {
        self.post("/work-orders", json!({ "title": title, "asset_id": asset })).await.expect(201).json()
    }

    /// Fires a step.
    pub async fn fire(&self, order: &Value, step: &str, body: Value) -> Answer {
        let id = order["id"].as_str().expect("an id");
        self.post(&format!("/work-orders/{id}/transitions/{step}"), body).await
    }
}
