//! Cross-site requests: an unsafe method must come from this site. Browsers say so in `Sec-Fetch-Site`; older ones in
//! `Origin`. A cookie session with neither is refused.

use poem::http::{Method, StatusCode, header};
use poem::{Endpoint, Middleware, Request};

use super::failure::Failure;

/// The middleware of everything that cookies authenticate.
pub struct SameSite;

impl<E: Endpoint> Middleware<E> for SameSite {
    type Output = FromSameSite<E>;

    fn transform(&self, inner: E) -> Self::Output {
        FromSameSite(inner)
    }
}

/// An endpoint only this site's pages may post to.
pub struct FromSameSite<E>(E);

impl<E: Endpoint> Endpoint for FromSameSite<E> {
    type Output = E::Output;

    async fn call(&self, request: Request) -> poem::Result<E::Output> {
        let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
        if !safe && !from_here(&request) {
            return Err(Failure::Edge(StatusCode::FORBIDDEN, "cross_origin").into());
        }
        self.0.call(request).await
    }
}

fn from_here(request: &Request) -> bool {
    match request.header("sec-fetch-site") {
        Some(site) => matches!(site, "same-origin" | "none"),
        None => match (request.header(header::ORIGIN), request.header(header::HOST)) {
            (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, from)| from == host),
            _ => false,
        },
    }
}
