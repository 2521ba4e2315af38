//! Lists sent as files by the calendar.

use domain::Error;
use domain::exports::Input;
use domain::exports::schedule::{
    ChangeSchedule, CreateSchedule, DeleteSchedule, EVERY, ListSchedules, Recipients, Schedule, ScheduleInput, ShowSchedule,
};
use poem::web::Path;
use poem::{Request, Response, handler};
use templates::exports as words;
use templates::pages::export_schedules::{SchedulePage, ScheduleRow, SchedulesPage};
use templates::pages::parts::{Choice, Errors, Text};
use uuid::Uuid;

use super::exports::{asked, described, typed, what};
use super::flash::Flash;
use super::form::{Form, Wrong};
use super::pages::Pages;
use super::people::Named;
use super::respond::{done, page, whole};
use super::visitor::Member;
use crate::http::failure::Result;

const PATH: &str = "exports/schedules";

/// The pages of this file.
pub fn pages(pages: Pages) -> Pages {
    pages
        .get("/:company/exports/schedules", all)
        .get("/:company/exports/schedules/new", new)
        .post("/:company/exports/schedules/new", create)
        .get("/:company/exports/schedules/:id", show)
        .post("/:company/exports/schedules/:id", save)
        .post("/:company/exports/schedules/:id/delete", delete)
}

#[handler]
async fn all(member: Member) -> Result<Response> {
    let schedules = member.run(ListSchedules).await?;
    let filters = described(&member, schedules.iter().map(|each| (each.list.clone(), each.query.clone())).collect()).await?;
    let rows = schedules.into_iter().zip(filters).map(|(schedule, filter)| row(&member, schedule, filter)).collect();
    page(&member, &SchedulesPage { base: member.path(PATH), exports: member.path("exports"), rows }).await
}

fn row(member: &Member, schedule: Schedule, filter: Vec<String>) -> ScheduleRow {
    let when = match (schedule.weekday, schedule.month_day) {
        (Some(day), _) => Text::key(format!("exports.schedule.weekly.{day}")),
        (_, Some(day)) => Text::key("exports.schedule.monthly").with("day", day.to_string()),
        _ => Text::key("exports.schedule.daily"),
    };
    ScheduleRow {
        id: schedule.id.to_string(),
        name: schedule.name,
        owner: schedule.member,
        list: words::list(member.locale, &schedule.list),
        format: schedule.format.to_uppercase(),
        filter,
        when,
        at: schedule.at,
        next: schedule.next_at,
        stopped: schedule.stopped.map(|code| words::reason(member.locale, &code)),
        whom: schedule.recipient_names,
    }
}

#[handler]
async fn new(member: Member, request: &Request) -> Result<Response> {
    let Input { list, query, format, columns } = asked(request);
    let blank = ScheduleInput {
        name: words::list(member.locale, &list),
        list,
        query,
        columns,
        format,
        every: EVERY[1].to_owned(),
        weekday: Some(1),
        month_day: Some(1),
        at: "08:00".to_owned(),
        recipients: vec![member.scope.actor().id.uuid()],
        active: true,
    };
    let filled = filled(&member, None, blank, Errors::new()).await?;
    page(&member, &filled).await
}

#[handler]
async fn create(member: Member, form: Form) -> Result<Response> {
    let input = read(&form);
    let made = member.edge.app.run(&member.scope, CreateSchedule(input.clone())).await;
    answer(&member, made, None, input, &form).await
}

#[handler]
async fn show(member: Member, Path(Named { id }): Path<Named<Uuid>>) -> Result<Response> {
    let schedule = member.run(ShowSchedule(id.into())).await?;
    let of = Some((schedule.clone(), schedule.version));
    let filled = filled(&member, of, input(schedule), Errors::new()).await?;
    page(&member, &filled).await
}

#[handler]
async fn save(member: Member, Path(Named { id }): Path<Named<Uuid>>, form: Form) -> Result<Response> {
    let schedule = member.run(ShowSchedule(id.into())).await?;
    let (version, input) = (form.version()?, read(&form));
    let changed = member.edge.app.run(&member.scope, ChangeSchedule { id: id.into(), version, input: input.clone() }).await;
    answer(&member, changed, Some((schedule, version)), input, &form).await
}

#[handler]
async fn delete(member: Member, Path(Named { id }): Path<Named<Uuid>>, form: Form) -> Result<Response> {
    member.run(DeleteSchedule { id: id.into(), version: form.version()? }).await?;
    Ok(done(&member, &member.path(PATH), Flash::new("deleted")))
}

/// The list after a change, or the form again with what is wrong.
async fn answer(
    member: &Member,
    made: Result<Schedule, Error>,
    of: Option<(Schedule, i32)>,
    input: ScheduleInput,
    form: &Form,
) -> Result<Response> {
    let Err(error) = made else { return Ok(done(member, &member.path(PATH), Flash::new("saved"))) };
    let wrong = Wrong::of(member.locale, error)?;
    let month_day = form.typed("month_day");
    let again = SchedulePage { month_day, ..filled(member, of, input, wrong.errors).await? };
    whole(member, wrong.status, &again).await
}

fn input(schedule: Schedule) -> ScheduleInput {
    let Schedule { name, list, query, columns, format, every, weekday, month_day, at, recipients, active, .. } = schedule;
    ScheduleInput { name, list, query, columns, format, every, weekday, month_day, at, recipients, active }
}

/// What was typed; a day that is no number is none.
fn read(form: &Form) -> ScheduleInput {
    let Input { list, query, format, columns } = typed(form);
    let number = |name: &str| form.text(name).trim().parse().ok();
    ScheduleInput {
        name: form.typed("name"),
        list,
        query,
        columns,
        format,
        every: form.typed("every"),
        weekday: number("weekday"),
        month_day: number("month_day"),
        at: form.typed("at"),
        recipients: form.all("recipients").filter_map(|id| id.parse().ok()).collect(),
        active: form.ticked("active"),
    }
}

async fn filled(member: &Member, of: Option<(Schedule, i32)>, input: ScheduleInput, errors: Errors) -> Result<SchedulePage> {
    let people = member.run(Recipients { list: input.list.clone() }).await?;
    let export = Input { list: input.list, query: input.query, format: input.format, columns: input.columns };
    let said = |day: Option<i32>| day.unwrap_or(1).to_string();
    Ok(SchedulePage {
        list: member.path(PATH),
        base: of.as_ref().map(|(schedule, _)| format!("{}/{}", member.path(PATH), schedule.id)),
        version: of.as_ref().map_or(0, |(_, version)| *version),
        owner: of.map_or_else(|| member.scope.actor().name.clone(), |(schedule, _)| schedule.member),
        name: input.name,
        what: what(member, export, errors.is_empty()).await?,
        rhythms: EVERY.map(str::to_owned).into(),
        every: input.every,
        weekday: said(input.weekday),
        month_day: said(input.month_day),
        at: input.at,
        people: people.into_iter().map(|(id, name)| Choice::new(id, name)).collect(),
        recipients: input.recipients.iter().map(Uuid::to_string).collect(),
        active: input.active,
        errors,
    })
}
