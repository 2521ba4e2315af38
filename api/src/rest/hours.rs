//! The company's working hours and its own figures for service levels; seats handed over.

use std::marker::PhantomData;

use domain::maintenance::work_order::WorkOrder;
use domain::workflow::{
    ChangeCalendar, CompanyCalendar, Delegate, Delegated, Delegations, Figures, Handover, ListFigures, OwnFigures, SetFigures,
    ShowCalendar, TakeBack, WorkingHours,
};
use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Path};
use poem_openapi::payload::Json;
use uuid::Uuid;

use super::answer::{Done, Found, version};
use super::caller::Member;
use crate::http::body::Body;
use crate::http::failure::Failure;

/// Working hours, service levels, delegations.
pub struct Hours;

#[OpenApi]
impl Hours {
    /// Reads the company's working hours, on which business time is counted. Version 0: the usual ones, until the company writes its own.
    #[oai(path = "/calendar", method = "get", operation_id = "calendar_show", tag = "super::tag::Tag::Settings")]
    async fn calendar(&self, member: Member) -> Result<Found<CompanyCalendar>, Failure> {
        let found = member.edge.app.run(&member.scope, ShowCalendar).await?;
        let version = found.version;
        Ok(Found::new(found, version))
    }

    /// Replaces the company's working hours. Clocks that run already keep those they began with. Needs `company.manage`.
    #[oai(path = "/calendar", method = "put", operation_id = "calendar_update", tag = "super::tag::Tag::Settings")]
    async fn change_calendar(
        &self,
        member: Member,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        body: Body<WorkingHours>,
    ) -> Result<Found<CompanyCalendar>, Failure> {
        let version = version(if_match.0.as_deref())?;
        let found = member.edge.app.run(&member.scope, ChangeCalendar { version, calendar: body.value }).await?;
        let version = found.version;
        Ok(Found::new(found, version))
    }

    /// Lists the service levels of work orders: the file's figures and the company's own. Needs `workflow.manage`.
    #[oai(path = "/work-orders/service-levels", method = "get", operation_id = "service_levels_list", tag = "super::tag::Tag::Settings")]
    async fn figures(&self, member: Member) -> Result<Json<Vec<Figures>>, Failure> {
        Ok(Json(member.edge.app.run(&member.scope, ListFigures::<WorkOrder>::new()).await?))
    }

    /// Sets the company's own figures for a service level of work orders; what runs already keeps its own. Needs `workflow.manage`.
    #[oai(
        path = "/work-orders/service-levels/:sla",
        method = "put",
        operation_id = "service_levels_update",
        tag = "super::tag::Tag::Settings"
    )]
    async fn set_figures(
        &self,
        member: Member,
        sla: Path<String>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        body: Body<OwnFigures>,
    ) -> Result<Found<Figures>, Failure> {
        let version = version(if_match.0.as_deref())?;
        let set = SetFigures { sla: sla.0, version, own: body.value, of: PhantomData::<fn() -> WorkOrder> };
        let found = member.edge.app.run(&member.scope, set).await?;
        let version = found.version;
        Ok(Found::new(found, version))
    }

    /// Lists the caller's delegations that are not over, given and received.
    #[oai(path = "/me/delegations", method = "get", operation_id = "delegations_list", tag = "super::tag::Tag::Me")]
    async fn delegations(&self, member: Member) -> Result<Json<Vec<Delegated>>, Failure> {
        Ok(Json(member.edge.app.run(&member.scope, Delegations).await?))
    }

    /// Hands the caller's right to decide to somebody for a while; answers the caller's delegations.
    #[oai(path = "/me/delegations", method = "post", operation_id = "delegations_create", tag = "super::tag::Tag::Me")]
    async fn delegate(
        &self,
        member: Member,
        #[oai(name = "Idempotency-Key")] key: Header<Option<String>>,
        body: Body<Handover>,
    ) -> Result<Json<Vec<Delegated>>, Failure> {
        let key = body.key(key.0.as_deref(), "delegations")?;
        member.edge.app.run_once(&member.scope, key, Delegate(body.value)).await?;
        Ok(Json(member.edge.app.run(&member.scope, Delegations).await?))
    }

    /// Takes the right to decide back, now.
    #[oai(path = "/me/delegations/:id", method = "delete", operation_id = "delegations_delete", tag = "super::tag::Tag::Me")]
    async fn take_back(&self, member: Member, id: Path<Uuid>) -> Result<Done, Failure> {
        member.edge.app.run(&member.scope, TakeBack(id.0.into())).await?;
        Ok(Done::Done)
    }
}
