//! Whether the process runs, and whether it can serve.

use poem::handler;
use poem::http::StatusCode;
use poem::web::Data;

use super::edge::Edge;

/// `GET /healthz`: the process runs.
#[handler]
pub fn alive() -> &'static str {
    "ok"
}

/// `GET /readyz`: the database and the file store answer.
#[handler]
pub async fn ready(Data(edge): Data<&Edge>) -> (StatusCode, &'static str) {
    match edge.app.ready().await {
        Ok(()) => (StatusCode::OK, "ready"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "not ready")
        }
    }
}
