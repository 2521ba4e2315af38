//! Around every request: its id, where it came from, the headers every answer carries, one line of log, one measurement.

use std::time::Instant;

use domain::kernel::scope::Request as Origin;
use poem::http::header::{self, HeaderName, HeaderValue};
use poem::{Endpoint, IntoResponse, Middleware, Request, Response};

use super::edge::Edge;

const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'";
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const OPENER: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// The middleware.
pub struct Observe(
    /// What handlers share.
    pub Edge,
);

impl<E: Endpoint> Middleware<E> for Observe {
    type Output = Observed<E>;

    fn transform(&self, inner: E) -> Self::Output {
        Observed { inner, edge: self.0.clone() }
    }
}

/// An endpoint under observation.
pub struct Observed<E> {
    inner: E,
    edge: Edge,
}

impl<E: Endpoint> Endpoint for Observed<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> poem::Result<Response> {
        let began = Instant::now();
        let origin = self.edge.origin(&request);
        let (id, method, path) = (origin.id, request.method().clone(), request.uri().path().to_owned());
        request.extensions_mut().insert(origin);
        request.extensions_mut().insert(self.edge.clone());
        let mut response = match self.inner.call(request).await {
            Ok(response) => response.into_response(),
            Err(error) => error.into_response(),
        };
        let took = began.elapsed();
        let status = response.status().as_u16();
        // the path is the client's: its control characters must not forge a line
        tracing::info!(request = %id, %method, path = %shown(&path).escape_default(), status, micros = took.as_micros(), "answered");
        metrics::histogram!("http_request_seconds", "method" => method.to_string(), "status" => status.to_string()).record(took);
        self.harden(&mut response, &id.to_string());
        Ok(response)
    }
}

impl<E> Observed<E> {
    fn harden(&self, response: &mut Response, id: &str) {
        let headers = response.headers_mut();
        if let Ok(id) = HeaderValue::from_str(id) {
            headers.insert(REQUEST_ID, id);
        }
        let mut unless_set = |name: HeaderName, value: &'static str| {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        };
        unless_set(header::CONTENT_SECURITY_POLICY, CSP);
        unless_set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        unless_set(header::X_FRAME_OPTIONS, "DENY");
        unless_set(header::REFERRER_POLICY, "same-origin");
        unless_set(OPENER, "same-origin");
        unless_set(header::CACHE_CONTROL, "no-store");
        if self.edge.https {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HSTS);
        }
    }
}

/// Addresses that begin so hold a secret.
const SECRET: [&str; 4] = ["/act/", "/invite/", "/reset/", "/unsubscribe/"];

/// The path as the log tells it: without the secret of a letter's link.
fn shown(path: &str) -> &str {
    SECRET.iter().find(|secret| path.starts_with(**secret)).map_or(path, |secret| secret)
}

/// Where the request came from.
pub fn origin(request: &Request) -> Origin {
    request.extensions().get::<Origin>().cloned().unwrap_or_else(|| Origin::internal("unobserved"))
}

/// The request's id, as people report it.
pub fn request_id(request: &Request) -> String {
    origin(request).id.to_string()
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn the_log_keeps_no_secret_of_a_link() {
        for (path, kept) in [("/act/3vQ9", "/act/"), ("/reset/3vQ9", "/reset/"), ("/dala/act/3", "/dala/act/3"), ("/login", "/login")] {
            assert_eq!(shown(path), kept);
        }
    }
}
