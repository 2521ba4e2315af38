//! The companies of an account: those it may enter, and those it is kept out of.

use poem_openapi::Object;
use serde::Serialize;
use uuid::Uuid;

use crate::kernel::error::Result;
use crate::kernel::platform::{PlatformAction, Px, Standing};

/// A company one may enter.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(rename = "EnterableCompany")]
pub struct Enterable {
    /// Its id.
    pub id: Uuid,
    /// Its name in addresses.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// The caller's companies by name.
pub struct Companies;

impl PlatformAction for Companies {
    const NEEDS: Standing = Standing::Account;
    type Out = Vec<Enterable>;

    async fn run(self, px: &mut Px<'_>) -> Result<Vec<Enterable>> {
        let account = px.account()?;
        Ok(sqlx::query_as!(
            Enterable,
            r#"SELECT tenant_id AS "id!", slug AS "slug!", name AS "name!" FROM app.companies_of($1) WHERE NOT suspended"#,
            account.uuid(),
        )
        .fetch_all(px.conn())
        .await?)
    }
}

/// The caller's companies that are suspended, by name: those they would enter if the operator let them.
pub struct KeptOut;

impl PlatformAction for KeptOut {
    const NEEDS: Standing = Standing::Account;
    type Out = Vec<Enterable>;

    async fn run(self, px: &mut Px<'_>) -> Result<Vec<Enterable>> {
        let account = px.account()?;
        Ok(sqlx::query_as!(
            Enterable,
            r#"SELECT tenant_id AS "id!", slug AS "slug!", name AS "name!" FROM app.companies_of($1) WHERE suspended"#,
            account.uuid(),
        )
        .fetch_all(px.conn())
        .await?)
    }
}
