//! Who the token stands for.

use poem_openapi::payload::Json;
use poem_openapi::{Object, OpenApi};
use uuid::Uuid;

use super::caller::Member;
use crate::http::failure::{Failure, Result};

/// Who the token stands for.
pub struct Me;

/// A member, as themselves.
#[derive(Debug, Object)]
pub struct Myself {
    /// The member's id in the company.
    pub id: Uuid,
    /// Their name there.
    pub name: String,
    /// The account's address.
    pub email: String,
    /// The member's language.
    pub locale: String,
    /// The company's name in addresses.
    pub company: String,
    /// The company's name.
    pub company_name: String,
    /// The currency of its books.
    pub currency: String,
    /// Its time zone.
    pub time_zone: String,
    /// Keys of what the member may do.
    pub permissions: Vec<String>,
    /// Whether they work at every site.
    pub all_sites: bool,
    /// The sites they are limited to otherwise.
    pub site_ids: Vec<Uuid>,
}

#[OpenApi(tag = "super::tag::Tag::Me")]
impl Me {
    /// Reads who the token stands for.
    #[oai(path = "/me", method = "get", operation_id = "me")]
    async fn me(&self, member: Member) -> Result<Json<Myself>, Failure> {
        let (scope, company) = (&member.scope, member.scope.company());
        Ok(Json(Myself {
            id: scope.actor().id.uuid(),
            name: scope.actor().name.clone(),
            email: member.signed_in.email,
            locale: scope.locale().to_owned(),
            company: company.slug.clone(),
            company_name: company.name.clone(),
            currency: company.currency.clone(),
            time_zone: company.zone.name().to_owned(),
            permissions: scope.permissions().keys(),
            all_sites: scope.sites().is_none(),
            site_ids: scope.sites().map(<[Uuid]>::to_vec).unwrap_or_default(),
        }))
    }
}
