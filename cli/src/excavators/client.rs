//! The REST API from a program's side: logs in, keeps the token fresh, waits where it is told to, tries again what may be
//! tried again.

use std::time::Duration;

use anyhow::{Context, bail};
use reqwest::header::{ACCEPT_LANGUAGE, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::RwLock;

use crate::home::random_hex;

/// A request that was not answered, or put off, is tried so many times in all.
const TRIES: u32 = 6;
/// The pause before the second try; every further one is twice as long.
const PAUSE: Duration = Duration::from_millis(200);
/// The longest a server may make us wait.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);
/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Who logs in.
#[derive(Debug, Clone)]
pub struct Login {
    /// The account's address.
    pub email: String,
    /// Its password.
    pub password: String,
    /// The company, where there are several.
    pub company: Option<String>,
}

/// A client of one installation, logged in to one company.
pub struct Client {
    http: reqwest::Client,
    base: Url,
    login: Login,
    token: RwLock<String>,
}

/// What the API says went wrong.
#[derive(Debug, Deserialize)]
struct Problem {
    title: String,
    #[serde(default)]
    detail: Option<String>,
    #[serde(default)]
    errors: Vec<WrongField>,
}

#[derive(Debug, Deserialize)]
struct WrongField {
    pointer: String,
    message: String,
}

/// A request the API understood and refused.
#[derive(Debug, thiserror::Error)]
#[error("{status}: {what}")]
pub struct Refused {
    /// Its answer.
    pub status: StatusCode,
    /// Why, in a sentence.
    pub what: String,
}

impl Client {
    /// Logs in.
    pub async fn connect(url: &Url, login: Login) -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().timeout(PATIENCE).build()?;
        let base = url.join("/api/v1/").context("not the address of an installation")?;
        let client = Self { http, base, login, token: RwLock::default() };
        client.renew("").await.with_context(|| format!("cannot log in at {url}"))?;
        Ok(client)
    }

    /// Reads something.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        self.call(|| self.request(Method::GET, path)).await
    }

    /// Sends something; sent twice by a bad connection, it counts once.
    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> anyhow::Result<T> {
        let key = random_hex::<16>()?;
        self.call(|| Ok(self.request(Method::POST, path)?.header("Idempotency-Key", &key).json(body))).await
    }

    fn request(&self, method: Method, path: &str) -> anyhow::Result<RequestBuilder> {
        Ok(self.http.request(method, self.base.join(path)?).header(ACCEPT_LANGUAGE, "en"))
    }

    async fn call<T: DeserializeOwned>(&self, request: impl Fn() -> anyhow::Result<RequestBuilder>) -> anyhow::Result<T> {
        let mut renewed = false;
        loop {
            let token = self.token.read().await.clone();
            let answer = patiently(|| Ok(request()?.bearer_auth(&token))).await?;
            if answer.status() == StatusCode::UNAUTHORIZED && !renewed {
                renewed = true;
                self.renew(&token).await?;
                continue;
            }
            return read(answer).await;
        }
    }

    /// Gets a new token in place of `old`. Of several requests that found it expired, one asks.
    async fn renew(&self, old: &str) -> anyhow::Result<()> {
        #[derive(Deserialize)]
        struct Granted {
            access_token: String,
        }
        let mut token = self.token.write().await;
        if *token == old {
            let Login { email, password, company } = &self.login;
            let body = json!({ "email": email, "password": password, "company": company });
            let answer = patiently(|| Ok(self.request(Method::POST, "auth/login")?.json(&body))).await?;
            *token = read::<Granted>(answer).await?.access_token;
        }
        Ok(())
    }
}

/// Sends a request until it is answered: again where nobody answered or the server asks for patience, within limits.
async fn patiently(request: impl Fn() -> anyhow::Result<RequestBuilder>) -> anyhow::Result<Response> {
    let mut pause = PAUSE;
    for tried in 1.. {
        let sent = request()?.send().await;
        let wait = match &sent {
            Ok(answer) if is_passing(answer.status()) => retry_after(answer).unwrap_or(pause),
            Ok(_) => return Ok(sent?),
            Err(_) => pause,
        };
        if tried == TRIES || wait > LONGEST_PAUSE {
            return Ok(sent?);
        }
        tokio::time::sleep(wait).await;
        pause *= 2;
    }
    bail!("tried without end")
}

fn is_passing(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS | StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
    )
}

fn retry_after(answer: &Response) -> Option<Duration> {
    let seconds = answer.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds))
}

async fn read<T: DeserializeOwned>(answer: Response) -> anyhow::Result<T> {
    let status = answer.status();
    if status.is_success() {
        return answer.json().await.context("the answer is not what the API promises");
    }
    let what = match answer.json::<Problem>().await {
        Ok(problem) => problem.told(),
        Err(_) => "not an installation of Millwright, or one behind a proxy that refuses".to_owned(),
    };
    Err(Refused { status, what }.into())
}

impl Problem {
    fn told(self) -> String {
        let fields = self.errors.iter().map(|error| format!("{} {}", error.pointer, error.message));
        let parts: Vec<String> = std::iter::once(self.detail.unwrap_or(self.title)).chain(fields).collect();
        parts.join("; ")
    }
}
