//! Getting in: logging in, signing a company up, accepting an invitation.

use domain::identity::entrance::{Companies, KeptOut};
use domain::identity::invitation::Acceptance;
use domain::identity::login::{Begun, Login};
use domain::identity::session::End;
use domain::identity::signup::{Opened, Signup};
use domain::identity::token::LIFETIME;
use domain::kernel::error::Refused;
use domain::kernel::platform::Caller;
use domain::{Error, FieldError};
use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};
use serde::Deserialize;

use super::answer::Done;
use super::caller::{Account, Anyone};
use crate::http::body::Body;
use crate::http::edge::Edge;
use crate::http::failure::{Failure, Result};
use crate::http::words::names;

/// Getting in.
pub struct Auth;

/// Who logs in.
#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
pub struct Credentials {
    /// The account's address.
    pub email: String,
    /// Its password.
    pub password: String,
    /// The company, by its name in addresses; needed where the account has several. An operator may leave it out.
    #[serde(default)]
    pub company: Option<String>,
}

/// A key to a company's signup.
#[derive(Debug, Deserialize, Object)]
#[oai(deny_unknown_fields)]
pub struct Key {
    /// The address the company was added with.
    pub email: String,
    /// The key its operator gave.
    pub key: String,
}

/// An access token.
#[derive(Debug, Object)]
pub struct Token {
    /// What `Authorization: Bearer` carries.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds it is good for.
    pub expires_in: i64,
    /// The company it opens; empty for an operator's without one.
    pub company: String,
}

#[OpenApi(tag = "super::tag::Tag::Auth")]
impl Auth {
    /// Logs in to one company.
    #[oai(path = "/auth/login", method = "post", operation_id = "auth_login")]
    async fn login(&self, anyone: Anyone, body: Body<Credentials>) -> Result<Json<Token>, Failure> {
        let Credentials { email, password, company } = body.value;
        let app = &anyone.edge.app;
        let begun = app.login(&Login { email, password, remember: false }, &anyone.origin).await?;
        let company = choose(&anyone, &begun, company).await?;
        token(&anyone.edge, &begun, company).await
    }

    /// Ends the session behind the token.
    #[oai(path = "/auth/logout", method = "post", operation_id = "auth_logout")]
    async fn logout(&self, account: Account) -> Result<Done, Failure> {
        let caller = account.signed_in.caller(account.origin);
        account.edge.app.platform(&caller, End(account.signed_in.session)).await?;
        Ok(Done::Done)
    }

    /// Says what a signup key opens.
    #[oai(path = "/signup/key", method = "post", operation_id = "signup_key")]
    async fn signup_key(&self, anyone: Anyone, body: Body<Key>) -> Result<Json<Opened>, Failure> {
        Ok(Json(anyone.edge.app.open_signup(&body.value.email, &body.value.key, &anyone.origin).await?))
    }

    /// Signs a company up and logs its first person in.
    #[oai(path = "/signup", method = "post", operation_id = "signup")]
    async fn signup(&self, anyone: Anyone, body: Body<Signup>) -> Result<Json<Token>, Failure> {
        let (begun, slug) = anyone.edge.app.sign_up(&body.value, names(&body.value.locale), &anyone.origin).await?;
        token(&anyone.edge, &begun, slug).await
    }

    /// Accepts an invitation and logs the person in.
    #[oai(path = "/invitations/accept", method = "post", operation_id = "invitations_accept")]
    async fn accept(&self, anyone: Anyone, body: Body<Acceptance>) -> Result<Json<Token>, Failure> {
        let (begun, slug) = anyone.edge.app.accept_invitation(&body.value, &anyone.origin).await?;
        token(&anyone.edge, &begun, slug).await
    }
}

async fn choose(anyone: &Anyone, begun: &Begun, company: Option<String>) -> Result<String> {
    let caller = Caller { account: Some(begun.account), operator: begun.operator, request: anyone.origin.clone() };
    let companies = anyone.edge.app.platform(&caller, Companies).await?;
    let kept_out = anyone.edge.app.platform(&caller, KeptOut).await?;
    match company {
        Some(wanted) if kept_out.iter().any(|company| company.slug == wanted) => Err(Error::Forbidden(Refused::Suspended).into()),
        Some(wanted) if companies.iter().any(|company| company.slug == wanted) => Ok(wanted),
        Some(_) => Err(Error::field("company", "unknown_reference").into()),
        None => match &companies[..] {
            [] if !kept_out.is_empty() && !begun.operator => Err(Error::Forbidden(Refused::Suspended).into()),
            [] => Ok(String::new()),
            [only] => Ok(only.slug.clone()),
            several => {
                let slugs = several.iter().map(|company| &*company.slug).collect::<Vec<_>>().join(", ");
                Err(Error::Invalid(vec![FieldError::new("company", "not_one_of").with("options", slugs)]).into())
            }
        },
    }
}

async fn token(edge: &Edge, begun: &Begun, company: String) -> Result<Json<Token>> {
    let access_token = edge.app.access_token(begun, &company).await?;
    Ok(Json(Token { access_token, token_type: "Bearer".to_owned(), expires_in: LIFETIME.num_seconds(), company }))
}
