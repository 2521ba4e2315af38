//! Access tokens of the API: half an hour, one company, tied to a session that can be ended.

use chrono::TimeDelta;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::kernel::app::App;
use crate::kernel::error::{Error, Result};

/// How long a token is good for (13).
pub const LIFETIME: TimeDelta = TimeDelta::minutes(30);

const PURPOSE: &str = "api access token";

/// What a token says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Claims {
    /// The session behind it.
    pub session: Uuid,
    /// The company, by its name in addresses.
    pub company: String,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
}

/// Signs a token for a session in a company.
pub(super) fn issue(app: &App, session: Uuid, company: &str) -> Result<String> {
    let exp = (app.clock().now() + LIFETIME).timestamp();
    let claims = Claims { session, company: company.to_owned(), exp };
    let key = EncodingKey::from_secret(&app.secret().derive(PURPOSE));
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).map_err(|error| Error::Internal(error.to_string()))
}

/// What a token says, if we signed it and it has not ended.
pub(super) fn read(app: &App, token: &str) -> Option<Claims> {
    let key = DecodingKey::from_secret(&app.secret().derive(PURPOSE));
    let mut validation = Validation::new(Algorithm::HS256);
    // judged below, by our own clock
    validation.validate_exp = false;
    let claims = jsonwebtoken::decode::<Claims>(token, &key, &validation).ok()?.claims;
    (app.clock().now().timestamp() < claims.exp).then_some(claims)
}
