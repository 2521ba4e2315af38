//! Who calls: an access token, in the `Authorization` header and nowhere else. A request that carries a session cookie as well
//! is refused, so that a page of another site cannot ride on it.

use domain::Error;
use domain::identity::session::{Credential, SignedIn};
use domain::kernel::scope::Scope;
use poem::http::header;
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

use crate::http::cookie;
use crate::http::edge::Edge;
use crate::http::failure::{Failure, Result};
use crate::http::observe::origin;

/// A member of the company the token names.
pub struct Member {
    /// The edge.
    pub edge: Edge,
    /// Who signed in.
    pub signed_in: SignedIn,
    /// As whom they act.
    pub scope: Scope,
}

/// Somebody signed in, in no company: an operator of the platform.
pub struct Account {
    /// The edge.
    pub edge: Edge,
    /// Who signed in.
    pub signed_in: SignedIn,
    /// Where the request came from.
    pub origin: domain::kernel::scope::Request,
}

/// Anybody.
pub struct Anyone {
    /// The edge.
    pub edge: Edge,
    /// Where the request came from.
    pub origin: domain::kernel::scope::Request,
}

fn edge(request: &Request) -> Result<Edge> {
    request.extensions().get::<Edge>().cloned().ok_or_else(|| Failure::Domain(Error::Internal("no edge".to_owned())))
}

fn bearer<'a>(edge: &Edge, request: &'a Request) -> Result<&'a str> {
    let header = request.header(header::AUTHORIZATION).ok_or(Error::Unauthenticated)?;
    if cookie::session(edge, request).is_some() {
        return Err(Failure::Edge(poem::http::StatusCode::BAD_REQUEST, "two_credentials"));
    }
    let (scheme, token) = header.split_once(' ').ok_or(Error::Unauthenticated)?;
    if scheme.eq_ignore_ascii_case("bearer") { Ok(token.trim()) } else { Err(Error::Unauthenticated.into()) }
}

const SCHEME: &str = "bearer";

fn register_scheme(registry: &mut Registry) {
    let scheme = MetaSecurityScheme {
        ty: "http",
        description: Some("An access token from POST /auth/login: half an hour, one company."),
        name: None,
        key_in: None,
        scheme: Some("bearer"),
        bearer_format: Some("JWT"),
        flows: None,
        openid_connect_url: None,
    };
    registry.create_security_scheme(SCHEME, scheme);
}

impl<'a> ApiExtractor<'a> for Member {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        register_scheme(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![SCHEME]
    }

    async fn from_request(request: &'a Request, _: &mut RequestBody, _: ExtractParamOptions<()>) -> poem::Result<Self> {
        let edge = edge(request)?;
        let token = bearer(&edge, request)?;
        let (signed_in, scope) = edge.app.enter_by_token(token, origin(request)).await.map_err(Failure::from)?;
        Ok(Self { edge, signed_in, scope })
    }
}

impl<'a> ApiExtractor<'a> for Account {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        register_scheme(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![SCHEME]
    }

    async fn from_request(request: &'a Request, _: &mut RequestBody, _: ExtractParamOptions<()>) -> poem::Result<Self> {
        let edge = edge(request)?;
        let token = bearer(&edge, request)?;
        let found = edge.app.signed_in(Credential::Bearer(token)).await.map_err(Failure::from)?;
        let signed_in = found.ok_or(Failure::Domain(Error::Unauthenticated))?;
        Ok(Self { edge, signed_in, origin: origin(request) })
    }
}

impl<'a> poem::FromRequest<'a> for Anyone {
    async fn from_request(request: &'a Request, _: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self { edge: edge(request)?, origin: origin(request) })
    }
}
