//! Companies, as operators of the platform see them.

use domain::identity::company::{Company, Input, Limit, Limits, List, Onboard, Onboarded, Show};
use domain::identity::signup_key::{NewKey, SendKey};
use domain::kernel::platform::Caller;
use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use uuid::Uuid;

use super::answer::{Created, Done, Found, Page, page_limit, version};
use super::caller::Account;
use crate::http::body::Body;
use crate::http::failure::{Failure, Result};

/// Companies, as operators see them.
pub struct Platform;

impl Account {
    /// Who asks, for what is done outside any company.
    pub fn caller(&self) -> Caller {
        self.signed_in.caller(self.origin.clone())
    }
}

#[OpenApi(prefix_path = "/platform/companies", tag = "super::tag::Tag::Platform")]
impl Platform {
    /// Lists companies, newest first.
    #[oai(path = "/", method = "get", operation_id = "companies_list")]
    async fn list(
        &self,
        account: Account,
        q: Query<Option<String>>,
        cursor: Query<Option<Uuid>>,
        limit: Query<Option<i64>>,
    ) -> Result<Json<Page<Company>>, Failure> {
        let limit = page_limit(limit.0)?;
        let data = account.edge.app.platform(&account.caller(), List { q: q.0, before: cursor.0, limit }).await?;
        Ok(Json(Page::behind(data, limit, |last| last.id.to_string())))
    }

    /// Adds a company; its signup key is in the answer, and nowhere else. Its contact gets another by mail.
    #[oai(path = "/", method = "post", operation_id = "companies_create")]
    async fn create(&self, account: Account, body: Body<Input>) -> Result<Created<Onboarded>, Failure> {
        let onboarded = account.edge.app.platform(&account.caller(), Onboard(body.value)).await?;
        let (id, version) = (onboarded.company.id, onboarded.company.version);
        Ok(Created::new(onboarded, version, "/platform/companies", id))
    }

    /// Reads a company.
    #[oai(path = "/:id", method = "get", operation_id = "companies_show")]
    async fn show(&self, account: Account, id: Path<Uuid>) -> Result<Found<Company>, Failure> {
        let company = account.edge.app.platform(&account.caller(), Show(id.0.into())).await?;
        let version = company.version;
        Ok(Found::new(company, version))
    }

    /// Changes a company's name, contact and limits, suspends it or lets it go on.
    #[oai(path = "/:id", method = "put", operation_id = "companies_update")]
    async fn update(
        &self,
        account: Account,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        body: Body<Limits>,
    ) -> Result<Found<Company>, Failure> {
        let version = version(if_match.0.as_deref())?;
        let limit = Limit { id: id.0.into(), version, limits: body.value };
        let company = account.edge.app.platform(&account.caller(), limit).await?;
        let version = company.version;
        Ok(Found::new(company, version))
    }

    /// Makes a new signup key for a company nobody has signed up for.
    #[oai(path = "/:id/key", method = "post", operation_id = "companies_key")]
    async fn key(&self, account: Account, id: Path<Uuid>) -> Result<Json<Onboarded>, Failure> {
        Ok(Json(account.edge.app.platform(&account.caller(), NewKey(id.0.into())).await?))
    }
    /// Sends the contact of a company nobody has signed up for a letter with a new key.
    #[oai(path = "/:id/key/letter", method = "post", operation_id = "companies_key_letter")]
    async fn send_key(&self, account: Account, id: Path<Uuid>) -> Result<Done, Failure> {
        account.edge.app.platform(&account.caller(), SendKey(id.0.into())).await?;
        Ok(Done::Done)
    }
}
