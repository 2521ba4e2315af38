//! The people of a company, their roles, and invitations.

use domain::identity::invitation::{self, Invitation, Invite, Revoke, Seats, ShowSeats, Which};
use domain::identity::member::{self, Change, Member as Person};
use domain::identity::role::{self, Delete, Role, Save};
use domain::kernel::listing::{List, Query as Asked};
use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Path, Query};
use poem_openapi::payload::Json;
use uuid::Uuid;

use super::answer::{Created, Done, Found, Page, Rows, page_limit, version};
use super::caller::Member;
use crate::http::body::Body;
use crate::http::failure::{Failure, Result};

/// The people of a company.
pub struct People;

#[OpenApi(tag = "super::tag::Tag::People")]
impl People {
    /// Lists the people of the company.
    #[oai(path = "/members", method = "get", operation_id = "members_list")]
    async fn members(&self, member: Member, request: &poem::Request) -> Result<Rows<Person>, Failure> {
        let asked = Asked::parse::<Person>(request.uri().query().unwrap_or_default(), &member.scope)?;
        let query = asked.to_query();
        let page = member.edge.app.run(&member.scope, List::<Person>::new(asked)).await?;
        Ok(Rows::new(page, "/members", &query))
    }

    /// Reads a person.
    #[oai(path = "/members/:id", method = "get", operation_id = "members_show")]
    async fn member(&self, member: Member, id: Path<Uuid>) -> Result<Found<Person>, Failure> {
        let person = member.edge.app.run(&member.scope, member::Show(id.0.into())).await?;
        let version = person.version;
        Ok(Found::new(person, version))
    }

    /// Changes a person's role and sites, keeps them out or lets them in again.
    #[oai(path = "/members/:id", method = "put", operation_id = "members_update")]
    async fn change(
        &self,
        member: Member,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        body: Body<member::Input>,
    ) -> Result<Found<Person>, Failure> {
        let version = version(if_match.0.as_deref())?;
        let person = member.edge.app.run(&member.scope, Change { id: id.0.into(), version, input: body.value }).await?;
        let version = person.version;
        Ok(Found::new(person, version))
    }

    /// Lists the roles of the company, highest first.
    #[oai(path = "/roles", method = "get", operation_id = "roles_list")]
    async fn roles(&self, member: Member) -> Result<Json<Vec<Role>>, Failure> {
        Ok(Json(member.edge.app.run(&member.scope, role::List).await?))
    }

    /// Adds a role.
    #[oai(path = "/roles", method = "post", operation_id = "roles_create")]
    async fn add_role(
        &self,
        member: Member,
        #[oai(name = "Idempotency-Key")] key: Header<Option<String>>,
        body: Body<role::Input>,
    ) -> Result<Created<Role>, Failure> {
        let key = body.key(key.0.as_deref(), "roles")?;
        let role = member.edge.app.run_once(&member.scope, key, Save { id: None, input: body.value }).await?;
        let (id, version) = (role.id, role.version);
        Ok(Created::new(role, version, "/roles", id))
    }

    /// Changes a role.
    #[oai(path = "/roles/:id", method = "put", operation_id = "roles_update")]
    async fn change_role(
        &self,
        member: Member,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        body: Body<role::Input>,
    ) -> Result<Found<Role>, Failure> {
        let version = version(if_match.0.as_deref())?;
        let role = member.edge.app.run(&member.scope, Save { id: Some((id.0.into(), version)), input: body.value }).await?;
        let version = role.version;
        Ok(Found::new(role, version))
    }

    /// Removes a role nobody holds.
    #[oai(path = "/roles/:id", method = "delete", operation_id = "roles_delete")]
    async fn remove_role(
        &self,
        member: Member,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
    ) -> Result<Done, Failure> {
        let version = version(if_match.0.as_deref())?;
        member.edge.app.run(&member.scope, Delete { id: id.0.into(), version }).await?;
        Ok(Done::Done)
    }

    /// Reads how many people the company may have, and how many more.
    #[oai(path = "/seats", method = "get", operation_id = "seats_show")]
    async fn seats(&self, member: Member) -> Result<Json<Seats>, Failure> {
        Ok(Json(member.edge.app.run(&member.scope, ShowSeats).await?))
    }

    /// Lists invitations, newest first: those that may be accepted, or with `past` those accepted, taken back and expired.
    #[oai(path = "/invitations", method = "get", operation_id = "invitations_list")]
    async fn invitations(
        &self,
        member: Member,
        past: Query<Option<bool>>,
        cursor: Query<Option<Uuid>>,
        limit: Query<Option<i64>>,
    ) -> Result<Json<Page<Invitation>>, Failure> {
        let limit = page_limit(limit.0)?;
        let which = if past.0 == Some(true) { Which::Past } else { Which::Open };
        let list = invitation::List { which, before: cursor.0, limit };
        let data = member.edge.app.run(&member.scope, list).await?;
        Ok(Json(Page::behind(data, limit, |last| last.id.to_string())))
    }

    /// Invites somebody by mail.
    #[oai(path = "/invitations", method = "post", operation_id = "invitations_create")]
    async fn invite(
        &self,
        member: Member,
        #[oai(name = "Idempotency-Key")] key: Header<Option<String>>,
        body: Body<invitation::Input>,
    ) -> Result<Created<Invitation>, Failure> {
        let key = body.key(key.0.as_deref(), "invitations")?;
        let invitation = member.edge.app.run_once(&member.scope, key, Invite(body.value)).await?;
        let id = invitation.id;
        Ok(Created::new(invitation, 1, "/invitations", id))
    }

    /// Takes an invitation back.
    #[oai(path = "/invitations/:id", method = "delete", operation_id = "invitations_revoke")]
    async fn revoke(&self, member: Member, id: Path<Uuid>) -> Result<Done, Failure> {
        member.edge.app.run(&member.scope, Revoke(id.0.into())).await?;
        Ok(Done::Done)
    }
}
