//! A company's rules for reminders.

use domain::Error;
use domain::notify::reminder::{ChangeRule, CreateRule, DeleteRule, FIELDS, Field, ListRules, RoleNames, Rule, RuleInput, ShowRule};
use poem::web::Path;
use poem::{Response, handler};
use templates::pages::parts::{Choice, Errors, Text};
use templates::pages::reminders::{ReminderPage, RemindersPage, RoleBox, RuleRow};
use uuid::Uuid;

use super::flash::Flash;
use super::form::{Form, Wrong};
use super::pages::Pages;
use super::people::Named;
use super::respond::{done, page, whole};
use super::visitor::Member;
use crate::http::failure::Result;

const PATH: &str = "settings/reminders";

/// The pages of this file.
pub fn pages(pages: Pages) -> Pages {
    pages
        .get("/:company/settings/reminders", list)
        .get("/:company/settings/reminders/new", new)
        .post("/:company/settings/reminders/new", create)
        .get("/:company/settings/reminders/:id", show)
        .post("/:company/settings/reminders/:id", save)
        .post("/:company/settings/reminders/:id/delete", delete)
}

#[handler]
async fn list(member: Member) -> Result<Response> {
    let rules = member.run(ListRules).await?;
    let roles = member.run(RoleNames).await?;
    // a date of another version has no name
    let rows = rules.into_iter().filter(|rule| Field::find(&rule.field).is_some()).map(|rule| row(rule, &roles)).collect();
    page(&member, &RemindersPage { base: member.path(PATH), company: member.scope.company().name.clone(), rows }).await
}

fn row(rule: Rule, roles: &[(Uuid, String)]) -> RuleRow {
    let mut when = Vec::new();
    if !rule.before_days.is_empty() {
        when.push(Text::key("reminders.says_before").with("days", joined(&rule.before_days)));
    }
    if let Some(after) = rule.after_days {
        when.push(Text::key("reminders.says_after").with("days", after.to_string()));
        if let Some(every) = rule.every_days.filter(|_| rule.times > 1) {
            when.push(Text::key("reminders.says_every").with("days", every.to_string()).with("times", rule.times.to_string()));
        }
    }
    let named = rule.role_ids.iter().filter_map(|id| roles.iter().find(|(role, _)| role == id));
    let mut whom: Vec<Text> = named.map(|(_, name)| Text::raw(name.clone())).collect();
    whom.extend(rule.assignee.then(|| Text::key("reminders.assignee")));
    RuleRow { id: rule.id.to_string(), name: rule.name, field: rule.field, when, at: rule.at, whom, active: rule.active }
}

fn joined(days: &[i32]) -> String {
    days.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[handler]
async fn new(member: Member) -> Result<Response> {
    let blank = RuleInput {
        name: String::new(),
        field: FIELDS[0].key.to_owned(),
        before_days: vec![14, 7, 3, 1],
        after_days: None,
        every_days: None,
        times: 1,
        at: "08:00".to_owned(),
        role_ids: Vec::new(),
        assignee: false,
        active: true,
    };
    let filled = filled(&member, None, blank).await?;
    page(&member, &filled).await
}

#[handler]
async fn create(member: Member, form: Form) -> Result<Response> {
    member.scope.need(<CreateRule as domain::kernel::action::Action>::NEEDS)?;
    let made = match read(&form) {
        Ok(input) => member.edge.app.run(&member.scope, CreateRule(input)).await,
        Err(error) => Err(error),
    };
    answer(&member, made.map(drop), None, &form).await
}

#[handler]
async fn show(member: Member, Path(Named { id }): Path<Named<Uuid>>) -> Result<Response> {
    let rule = member.run(ShowRule(id.into())).await?;
    let of = Some((rule.id, rule.version));
    let filled = filled(&member, of, input(rule)).await?;
    page(&member, &filled).await
}

#[handler]
async fn save(member: Member, Path(Named { id }): Path<Named<Uuid>>, form: Form) -> Result<Response> {
    member.run(ShowRule(id.into())).await?;
    let version = form.version()?;
    let changed = match read(&form) {
        Ok(input) => member.edge.app.run(&member.scope, ChangeRule { id: id.into(), version, input }).await,
        Err(error) => Err(error),
    };
    answer(&member, changed.map(drop), Some((id, version)), &form).await
}

#[handler]
async fn delete(member: Member, Path(Named { id }): Path<Named<Uuid>>, form: Form) -> Result<Response> {
    member.run(DeleteRule { id: id.into(), version: form.version()? }).await?;
    Ok(done(&member, &member.path(PATH), Flash::new("deleted")))
}

/// The list after a change, or the form again with what is wrong.
async fn answer(member: &Member, made: Result<(), Error>, of: Option<(Uuid, i32)>, form: &Form) -> Result<Response> {
    let Err(error) = made else { return Ok(done(member, &member.path(PATH), Flash::new("saved"))) };
    let wrong = Wrong::of(member.locale, error)?;
    let typed = |name: &str| form.typed(name);
    let input = RuleInput {
        name: typed("name"),
        field: typed("field"),
        before_days: Vec::new(),
        after_days: None,
        every_days: None,
        times: 1,
        at: typed("at"),
        role_ids: roles(form),
        assignee: form.ticked("assignee"),
        active: form.ticked("active"),
    };
    let again = ReminderPage {
        before_days: typed("before_days"),
        after_days: typed("after_days"),
        every_days: typed("every_days"),
        times: typed("times"),
        errors: wrong.errors,
        ..filled(member, of, input).await?
    };
    whole(member, wrong.status, &again).await
}

fn input(rule: Rule) -> RuleInput {
    let Rule { name, field, before_days, after_days, every_days, times, at, role_ids, assignee, active, .. } = rule;
    RuleInput { name, field, before_days, after_days, every_days, times, at, role_ids, assignee, active }
}

fn roles(form: &Form) -> Vec<Uuid> {
    form.all("role").filter_map(|id| id.parse().ok()).collect()
}

/// What was typed; numbers that are none are named.
fn read(form: &Form) -> Result<RuleInput, Error> {
    let number = |name: &'static str| match form.text(name).trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| Error::field(name, "not_an_integer")),
    };
    let before = form.text("before_days").split([',', ' ', ';']).filter(|part| !part.is_empty());
    let before_days: Result<Vec<i32>, Error> =
        before.map(|part| part.parse().map_err(|_| Error::field("before_days", "not_an_integer"))).collect();
    Ok(RuleInput {
        name: form.typed("name"),
        field: form.typed("field"),
        before_days: before_days?,
        after_days: number("after_days")?,
        every_days: number("every_days")?,
        times: number("times")?.unwrap_or(1),
        at: form.typed("at"),
        role_ids: roles(form),
        assignee: form.ticked("assignee"),
        active: form.ticked("active"),
    })
}

async fn filled(member: &Member, of: Option<(Uuid, i32)>, input: RuleInput) -> Result<ReminderPage> {
    let said = |number: Option<i32>| number.map(|number| number.to_string()).unwrap_or_default();
    let ticked = |id: &Uuid| input.role_ids.contains(id);
    let roles = member.run(RoleNames).await?;
    Ok(ReminderPage {
        list: member.path(PATH),
        base: of.map(|(id, _)| format!("{}/{id}", member.path(PATH))),
        version: of.map_or(0, |(_, version)| version),
        fields: FIELDS.iter().map(|field| Choice::new(field.key, Text::key(format!("reminder_field.{}", field.key)))).collect(),
        before_days: joined(&input.before_days),
        after_days: said(input.after_days),
        every_days: said(input.every_days),
        times: input.times.to_string(),
        roles: roles.into_iter().map(|(id, name)| RoleBox { ticked: ticked(&id), id: id.to_string(), name }).collect(),
        name: input.name,
        field: input.field,
        at: input.at,
        assignee: input.assignee,
        active: input.active,
        errors: Errors::new(),
    })
}
