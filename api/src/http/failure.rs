//! A failure on its way to the edge: the domain's, or one the edge found itself. One table gives each its status.

use domain::Error;
use poem::error::ResponseError;
use poem::http::StatusCode;

/// What went wrong with a request.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The domain refused, or failed.
    #[error(transparent)]
    Domain(#[from] Error),
    /// The edge refused.
    #[error("{1}")]
    Edge(StatusCode, &'static str),
    /// A page could not be rendered: a fault of ours.
    #[error(transparent)]
    Template(#[from] templates::Error),
}

/// What a handler answers.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    /// The request cannot be read.
    pub const MALFORMED: Self = Self::Edge(StatusCode::BAD_REQUEST, "malformed");
    /// There is more of it than is read.
    pub const TOO_LARGE: Self = Self::Edge(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large");
    /// A change must say which version it changes.
    pub const PRECONDITION_REQUIRED: Self = Self::Edge(StatusCode::PRECONDITION_REQUIRED, "precondition_required");

    /// The stable code clients switch on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Domain(error) => error.code(),
            Self::Edge(_, code) => code,
            Self::Template(_) => "internal",
        }
    }
}

impl ResponseError for Failure {
    fn status(&self) -> StatusCode {
        match self {
            Self::Domain(error) => status(error),
            Self::Edge(status, _) => *status,
            Self::Template(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

fn status(error: &Error) -> StatusCode {
    match error {
        Error::NotFound => StatusCode::NOT_FOUND,
        Error::Unauthenticated => StatusCode::UNAUTHORIZED,
        Error::Forbidden(_) => StatusCode::FORBIDDEN,
        Error::Invalid(_) | Error::Blocked(..) => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Conflict(_) | Error::WrongState { .. } | Error::Effect { .. } => StatusCode::CONFLICT,
        Error::Stale { .. } => StatusCode::PRECONDITION_FAILED,
        Error::Limited { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
