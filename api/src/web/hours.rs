//! The company's working hours and its own figures for service levels.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use domain::Error;
use domain::kernel::permission::Permission;
use domain::maintenance::work_order::WorkOrder;
use domain::workflow::{ChangeCalendar, Figures, ListFigures, OwnFigures, SetFigures, ShowCalendar, WorkingHours};
use poem::web::Path;
use poem::{Response, handler};
use templates::Locale;
use templates::i18n::exists;
use templates::pages::hours::{Day, HoursPage, LevelForm, Target, WarnAt};
use templates::pages::parts::{Errors, Text};

use super::flash::Flash;
use super::form::{Form, Wrong};
use super::pages::Pages;
use super::respond::{done, page, whole};
use super::visitor::Member;
use super::work::life::Life;
use crate::http::failure::Result;
use crate::http::words::{span_typed, spelt};

/// The weekdays, as a calendar names them.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// The pages of this file.
pub fn pages(pages: Pages) -> Pages {
    pages
        .get("/:company/service-levels", show)
        .post("/:company/service-levels/calendar", write)
        .post("/:company/service-levels/levels/:sla", set)
}

#[handler]
async fn show(member: Member) -> Result<Response> {
    let filled = filled(&member).await?;
    page(&member, &filled).await
}

#[handler]
async fn write(member: Member, form: Form) -> Result<Response> {
    let change = ChangeCalendar { version: form.version()?, calendar: typed(&form) };
    match member.edge.app.run(&member.scope, change).await {
        Ok(_) => Ok(done(&member, &member.path("service-levels"), Flash::new("saved"))),
        Err(error) => {
            let wrong = Wrong::of(member.locale, error)?;
            let here = path(&member);
            let member = member.at(&here);
            let day = |key: &str| Day { key: key.to_owned(), hours: form.typed(key) };
            let (days, zone, holidays) = (DAYS.map(day).into(), form.typed("zone"), form.typed("holidays"));
            let again = HoursPage { days, zone, holidays, errors: wrong.errors, ..filled(&member).await? };
            whole(&member, wrong.status, &again).await
        }
    }
}

#[handler]
async fn set(member: Member, Path((_, sla)): Path<(String, String)>, form: Form) -> Result<Response> {
    let version = form.version()?;
    let figures = member.run(ListFigures::<WorkOrder>::new()).await?;
    let level = figures.iter().find(|level| level.sla == sla).ok_or(Error::NotFound)?;
    let own = match own(member.locale, level, &form) {
        Ok(own) => {
            member.edge.app.run(&member.scope, SetFigures { sla: sla.clone(), version, own, of: PhantomData::<fn() -> WorkOrder> }).await
        }
        Err(error) => Err(error),
    };
    match own {
        Ok(_) => Ok(done(&member, &member.path("service-levels"), Flash::new("saved"))),
        Err(error) => {
            let wrong = Wrong::of(member.locale, at_fields(error))?;
            let here = path(&member);
            let member = member.at(&here);
            let mut again = filled(&member).await?;
            if let Some(level) = again.levels.iter_mut().find(|level| level.id == sla) {
                retype(level, &form, wrong.errors);
            }
            whole(&member, wrong.status, &again).await
        }
    }
}

fn path(member: &Member) -> String {
    member.path("service-levels")
}

async fn filled(member: &Member) -> Result<HoursPage> {
    let company = member.run(ShowCalendar).await?;
    let day =
        |key: &str| Day { key: key.to_owned(), hours: company.calendar.hours.get(key).map(|shifts| shifts.join(", ")).unwrap_or_default() };
    let figures =
        if member.scope.can(Permission::WorkflowManage) { member.run(ListFigures::<WorkOrder>::new()).await? } else { Vec::new() };
    let can_change = member.scope.can(Permission::CompanyManage);
    if !can_change && figures.is_empty() {
        member.scope.need(Permission::CompanyManage)?;
    }
    let life = Life::of(member).await?;
    Ok(HoursPage {
        base: path(member),
        version: company.version,
        days: DAYS.map(day).into(),
        zone: company.calendar.zone,
        holidays: company.calendar.holidays.join("\n"),
        can_change,
        errors: Errors::new(),
        levels: figures.iter().map(|level| form_of(member, &life, level)).collect(),
    })
}

/// Hours are separated by commas, days off by lines.
fn typed(form: &Form) -> WorkingHours {
    let list = |text: &str, by: char| -> Vec<String> {
        text.split(by).map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    };
    let hours: BTreeMap<String, Vec<String>> = DAYS.iter().map(|day| ((*day).to_owned(), list(form.text(day), ','))).collect();
    WorkingHours { zone: form.text("zone").trim().to_owned(), hours, holidays: list(form.text("holidays"), '\n') }
}

fn own(locale: Locale, level: &Figures, form: &Form) -> Result<OwnFigures, Error> {
    let filled = |name: &str| Some(form.text(name).trim().to_owned()).filter(|text| !text.is_empty());
    let warn = filled("warn").map(|text| text.parse().map_err(|_| Error::field("warn", "not_an_integer"))).transpose()?;
    let span = |name: &str| filled(name).map(|text| span_typed(locale, &text));
    let by = level.by.keys().filter_map(|value| Some((value.clone(), span(&format!("by_{value}"))?))).collect();
    Ok(OwnFigures { target: span("target"), by, warn })
}

fn form_of(member: &Member, life: &Life, level: &Figures) -> LevelForm {
    let value = |value: &String| {
        let key = format!("work_order.{}.{value}", level.field.as_deref().unwrap_or_default());
        if exists(member.locale, &key) { Text::key(key) } else { Text::raw(value.clone()) }
    };
    let mut targets: Vec<Target> = level
        .by
        .iter()
        .map(|(of, file)| Target {
            name: format!("by_{of}"),
            label: Some(value(of)),
            file: spelt(member.locale, file),
            own: level.own.by.get(of).map(|own| spelt(member.locale, own)).unwrap_or_default(),
        })
        .collect();
    if let Some(file) = &level.target {
        targets.push(Target {
            name: "target".to_owned(),
            label: None,
            file: spelt(member.locale, file),
            own: level.own.target.as_ref().map(|own| spelt(member.locale, own)).unwrap_or_default(),
        });
    }
    LevelForm {
        id: level.sla.clone(),
        name: life.service_level(&level.sla),
        clock: level.clock.clone(),
        version: level.version,
        targets,
        warn: level.warn.map(|file| WarnAt { file, own: level.own.warn.map(|own| own.to_string()).unwrap_or_default() }),
        errors: Errors::new(),
    }
}

/// What is wrong with the target of a value, at the form's field for it.
fn at_fields(error: Error) -> Error {
    let Error::Invalid(mut fields) = error else { return error };
    for field in &mut fields {
        field.field = field.field.replacen("by/", "by_", 1);
    }
    Error::Invalid(fields)
}

/// What was typed, shown again.
fn retype(level: &mut LevelForm, form: &Form, errors: Errors) {
    for target in &mut level.targets {
        target.own = form.typed(&target.name);
    }
    if let Some(warn) = &mut level.warn {
        warn.own = form.typed("warn");
    }
    level.errors = errors;
}
