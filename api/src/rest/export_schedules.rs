//! Lists sent as files by the calendar.

use domain::exports::schedule::{ChangeSchedule, CreateSchedule, DeleteSchedule, ListSchedules, Schedule, ScheduleInput, ShowSchedule};
use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Path};
use poem_openapi::payload::Json;
use uuid::Uuid;

use super::answer::{Created, Done, Found, version};
use super::caller::Member;
use crate::http::body::Body;
use crate::http::failure::Failure;

/// Schedules of exports.
pub struct ExportSchedules;

#[OpenApi(prefix_path = "/export-schedules", tag = "super::tag::Tag::Exports")]
impl ExportSchedules {
    /// Lists the caller's schedules; whoever manages the company sees everybody's. Needs `export.run`, as the rest does.
    #[oai(path = "/", method = "get", operation_id = "export_schedules_list")]
    async fn list(&self, member: Member) -> Result<Json<Vec<Schedule>>, Failure> {
        Ok(Json(member.edge.app.run(&member.scope, ListSchedules).await?))
    }

    /// Adds a schedule. Its files are made with the rights the caller has each time; whoever may not see everything in a file is
    /// not sent it.
    #[oai(path = "/", method = "post", operation_id = "export_schedules_create")]
    async fn create(&self, member: Member, body: Body<ScheduleInput>) -> Result<Created<Schedule>, Failure> {
        let schedule = member.edge.app.run(&member.scope, CreateSchedule(body.value)).await?;
        let (id, version) = (schedule.id, schedule.version);
        Ok(Created::new(schedule, version, "/export-schedules", id))
    }

    /// Reads a schedule.
    #[oai(path = "/:id", method = "get", operation_id = "export_schedules_show")]
    async fn show(&self, member: Member, id: Path<Uuid>) -> Result<Found<Schedule>, Failure> {
        let schedule = member.edge.app.run(&member.scope, ShowSchedule(id.0.into())).await?;
        let version = schedule.version;
        Ok(Found::new(schedule, version))
    }

    /// Changes a schedule, stops it, has it go on. Whose it is stays.
    #[oai(path = "/:id", method = "put", operation_id = "export_schedules_update")]
    async fn update(
        &self,
        member: Member,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
        body: Body<ScheduleInput>,
    ) -> Result<Found<Schedule>, Failure> {
        let version = version(if_match.0.as_deref())?;
        let change = ChangeSchedule { id: id.0.into(), version, input: body.value };
        let schedule = member.edge.app.run(&member.scope, change).await?;
        let version = schedule.version;
        Ok(Found::new(schedule, version))
    }

    /// Removes a schedule. Files it has made are kept as long as others.
    #[oai(path = "/:id", method = "delete", operation_id = "export_schedules_delete")]
    async fn delete(
        &self,
        member: Member,
        id: Path<Uuid>,
        #[oai(name = "If-Match")] if_match: Header<Option<String>>,
    ) -> Result<Done, Failure> {
        let version = version(if_match.0.as_deref())?;
        member.edge.app.run(&member.scope, DeleteSchedule { id: id.0.into(), version }).await?;
        Ok(Done::Done)
    }
}
