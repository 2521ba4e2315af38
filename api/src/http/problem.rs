//! Failures as RFC 9457 problem details.

use domain::Error;
use poem::http::{StatusCode, header};
use poem::{Endpoint, IntoResponse, Middleware, Request, Response};
use poem_openapi::error::ParseParamError;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiResponse, Object};
use serde::Serialize;
use templates::Locale;
use templates::i18n::negotiate;

use super::failure::Failure;
use super::observe::request_id;
use super::words;

/// What went wrong, as a client reads it.
#[derive(Debug, Clone, Serialize, Object)]
pub struct Problem {
    /// `about:blank`: the code says what kind it is.
    #[oai(rename = "type")]
    #[serde(rename = "type")]
    pub kind: String,
    /// The HTTP status.
    pub status: u16,
    /// In a few words, in the language of `Accept-Language`.
    pub title: String,
    /// In a sentence.
    pub detail: String,
    /// The stable code clients switch on.
    pub code: String,
    /// The wrong fields, all of them.
    pub errors: Vec<WrongField>,
    /// What stands in the way of a step.
    pub blockers: Vec<String>,
    /// The record's state now, where it moved on meanwhile.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Who moved it.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_by: Option<String>,
    /// When.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<chrono::DateTime<chrono::Utc>>,
    /// Name it when you report a fault.
    pub request_id: String,
}

/// A wrong field.
#[derive(Debug, Clone, Serialize, Object)]
pub struct WrongField {
    /// A JSON pointer into the body, `/due_at`; the name alone for a parameter or header.
    pub pointer: String,
    /// The stable code.
    pub code: String,
    /// In a sentence.
    pub message: String,
}

/// A failure, read from whatever error a handler, an extractor or the router raised.
pub fn describe(error: &poem::Error, locale: Locale) -> Problem {
    let status = error.status();
    let (code, known) = match error.downcast_ref::<Failure>() {
        Some(failure) => (failure.code(), Some(failure)),
        None => (code_of(status), None),
    };
    let mut problem = Problem {
        kind: "about:blank".to_owned(),
        status: status.as_u16(),
        title: words::title(locale, code),
        detail: words::sentence(locale, code),
        code: code.to_owned(),
        errors: Vec::new(),
        blockers: Vec::new(),
        state: None,
        changed_by: None,
        changed_at: None,
        request_id: String::new(),
    };
    if let Some(Failure::Domain(error)) = known {
        detail(&mut problem, error, locale);
    }
    problem
}

fn detail(problem: &mut Problem, error: &Error, locale: Locale) {
    problem.detail = words::told(locale, error);
    match error {
        Error::Invalid(errors) => {
            problem.errors = errors
                .iter()
                .map(|error| WrongField {
                    pointer: format!("/{}", error.field),
                    code: error.code.to_string(),
                    message: words::field(locale, error),
                })
                .collect();
        }
        Error::Blocked(blockers, file) => {
            problem.blockers = blockers.iter().map(|blocker| words::blocker(locale, &file.0, blocker)).collect();
        }
        Error::Stale { state, changed_at, changed_by, .. } => {
            problem.state.clone_from(state);
            problem.changed_at = *changed_at;
            problem.changed_by.clone_from(changed_by);
        }
        Error::WrongState { state, changed_at, changed_by, .. } => {
            problem.state = Some(state.clone());
            problem.changed_at = Some(*changed_at);
            problem.changed_by.clone_from(changed_by);
        }
        _ => {}
    }
}

/// Errors of the router and the extractors carry a status only.
fn code_of(status: StatusCode) -> &'static str {
    match status {
        StatusCode::BAD_REQUEST => "malformed",
        StatusCode::UNAUTHORIZED => "unauthenticated",
        StatusCode::FORBIDDEN => "forbidden",
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
        StatusCode::LENGTH_REQUIRED => "length_required",
        StatusCode::PAYLOAD_TOO_LARGE => "payload_too_large",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "unsupported_media_type",
        _ => "internal",
    }
}

/// The language a request asks for.
pub fn locale_of(request: &Request) -> Locale {
    negotiate(request.header(header::ACCEPT_LANGUAGE).unwrap_or_default())
}

/// Tells the log what a reader is not told.
pub fn log(error: &poem::Error, id: &str) {
    if error.status().is_server_error() {
        tracing::error!(request = id, error = %error, "request failed");
    }
}

/// Seconds after which another try may succeed.
pub fn retry_after(error: &poem::Error) -> Option<u64> {
    match error.downcast_ref::<Failure>() {
        Some(Failure::Domain(Error::Limited { retry_after })) => Some(*retry_after),
        Some(Failure::Domain(Error::Unavailable(_))) => Some(5),
        _ => None,
    }
}

/// Turns failures of the REST API into problem details.
pub struct Problems;

impl<E: Endpoint> Middleware<E> for Problems {
    type Output = WithProblems<E>;

    fn transform(&self, inner: E) -> Self::Output {
        WithProblems(inner)
    }
}

/// An endpoint whose failures are problem details.
pub struct WithProblems<E>(E);

impl<E: Endpoint> Endpoint for WithProblems<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        let (locale, id) = (locale_of(&request), request_id(&request));
        let query = request.uri().query().unwrap_or_default().to_owned();
        match self.0.call(request).await {
            Ok(response) => Ok(response.into_response()),
            Err(error) => Ok(respond(&named(error, &query), locale, &id)),
        }
    }
}

/// A parameter the library could not read is told as every wrong field is. One of the path is no field: its address leads nowhere.
fn named(error: poem::Error, query: &str) -> poem::Error {
    let Some(wrong) = error.downcast_ref::<ParseParamError>() else { return error };
    let given: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    if given.iter().all(|(name, _)| name != wrong.name) {
        return error;
    }
    let code = match wrong.name {
        "cursor" => "bad_cursor",
        "limit" | "days" => "not_an_integer",
        _ => "invalid",
    };
    Failure::from(Error::field(wrong.name, code)).into()
}

fn respond(error: &poem::Error, locale: Locale, id: &str) -> Response {
    log(error, id);
    let mut problem = describe(error, locale);
    id.clone_into(&mut problem.request_id);
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let mut response = Response::builder()
        .status(error.status())
        .content_type("application/problem+json")
        .header(header::CONTENT_LANGUAGE, locale.as_str());
    if let Some(seconds) = retry_after(error) {
        response = response.header(header::RETRY_AFTER, seconds);
    }
    if error.status() == StatusCode::UNAUTHORIZED {
        response = response.header(header::WWW_AUTHENTICATE, "Bearer");
    }
    response.body(body)
}

impl ApiResponse for Failure {
    fn meta() -> MetaResponses {
        let told = |description, range: &str| MetaResponse {
            description,
            status: None,
            status_range: Some(range.to_owned()),
            content: vec![MetaMediaType { content_type: "application/problem+json", schema: Problem::schema_ref() }],
            headers: vec![],
        };
        MetaResponses { responses: vec![told("What is wrong with the request", "4XX"), told("What went wrong here", "5XX")] }
    }

    fn register(registry: &mut Registry) {
        Problem::register(registry);
    }
}
