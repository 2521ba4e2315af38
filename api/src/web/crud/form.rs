//! The form of a record: new, or an existing one's. What was typed stays when something is wrong.

use chrono::DateTime;
use domain::Error;
use domain::kernel::resource::{Create, Record, Resource, Show, Update, Widget};
use poem::{Request, Response, handler};
use serde_json::{Map, Value};
use templates::Locale;
use templates::i18n::t;
use templates::pages::parts::{Choice, Errors, Field, Text, Widget as Shown};
use templates::pages::resource::ResourceForm;
use templates::pages::work::Stale;

use super::{At, crumbs, home, id, page_of};
use crate::http::failure::Result;
use crate::http::schema;
use crate::web::flash::Flash;
use crate::web::form::{Form, Wrong, saved_meanwhile, sought};
use crate::web::listed;
use crate::web::options;
use crate::web::respond::{done, page, whole};
use crate::web::visitor::Member;

/// `GET /{company}/{table}/new`; the query may fill fields in.
#[handler]
pub async fn blank<R: Resource>(At(member, _): At<R>, request: &Request) -> Result<Response> {
    member.scope.need(R::WRITE)?;
    let mut values = texts(&schema::defaults::<R::Input>(), &member);
    values.extend(listed::pairs(request));
    page(&member, &view::<R>(&member, None, &values, Errors::new(), None).await?).await
}

/// `POST /{company}/{table}/new`.
#[handler]
pub async fn create<R: Resource>(At(member, _): At<R>, form: Form) -> Result<Response> {
    match member.send_once(&form, |input: R::Input| Create::<R> { input }).await {
        Ok(row) => Ok(done(&member, &page_of::<R>(&member, row.id()), Flash::new("created"))),
        Err(error) => again::<R>(&member, None, &form, error).await,
    }
}

/// `GET /{company}/{table}/{id}/edit`.
#[handler]
pub async fn edit<R: Resource>(At(member, _): At<R>, request: &Request) -> Result<Response> {
    member.scope.need(R::WRITE)?;
    let row = member.run(Show::<R>(id(request)?)).await?;
    let values = texts(&input::<R>(&row)?, &member);
    page(&member, &view::<R>(&member, Some(&row), &values, Errors::new(), None).await?).await
}

/// `POST /{company}/{table}/{id}/edit`.
#[handler]
pub async fn update<R: Resource>(At(member, _): At<R>, request: &Request, form: Form) -> Result<Response> {
    member.scope.need(R::WRITE)?;
    let (id, version) = (id::<R>(request)?, form.version()?);
    match member.send(&form, |input: R::Input| Update::<R> { id, version, input }).await {
        Ok(row) => Ok(done(&member, &page_of::<R>(&member, row.id()), Flash::new("saved"))),
        Err(error) => {
            let row = member.run(Show::<R>(id)).await?;
            again::<R>(&member, Some(&row), &form, error).await
        }
    }
}

/// The form once more, as it was typed.
async fn again<R: Resource>(member: &Member, row: Option<&R::Row>, form: &Form, error: Error) -> Result<Response> {
    let stale = match &error {
        Error::Stale { changed_at, changed_by, .. } => Some(Stale { who: changed_by.clone(), at: *changed_at, state: None }),
        _ => None,
    };
    let wrong = Wrong::of(member.locale, error)?;
    let errors = if stale.is_some() { Errors::new() } else { wrong.errors };
    let mut view = view::<R>(member, row, form.pairs(), errors, stale).await?;
    if let Some(row) = row.filter(|_| view.stale.is_some()) {
        beside::<R>(member, &mut view.fields, &texts(&input::<R>(row)?, member)).await?;
    }
    // a wrong value sent with the version one read is still of that version; after somebody else's change it is not
    if view.stale.is_none() && view.version.is_some() {
        view.version = form.text("version").parse().ok();
    }
    whole(member, wrong.status, &view).await
}

async fn view<R: Resource>(
    member: &Member,
    row: Option<&R::Row>,
    values: &[(String, String)],
    errors: Errors,
    stale: Option<Stale>,
) -> Result<ResourceForm> {
    let here = row.map_or_else(|| home::<R>(member), |row| page_of::<R>(member, row.id()));
    let name = row.map(Record::title);
    let last = if row.is_some() { Text::key("nav.edit") } else { Text::key(format!("resource.{}.new", R::NAME)) };
    Ok(ResourceForm {
        resource: R::NAME.to_owned(),
        crumbs: crumbs::<R>(member, row.map(|row| (row.id(), row.title())), last),
        name,
        version: row.map(|row| row.version().into()),
        action: format!("{here}/{}", if row.is_some() { "edit" } else { "new" }),
        cancel_href: here,
        fields: fields::<R>(member, values).await?,
        errors,
        stale,
    })
}

/// Tells, at each field that reads otherwise than what was typed, what somebody saved meanwhile: both versions stand there.
async fn beside<R: Resource>(member: &Member, typed: &mut [Field], stored: &[(String, String)]) -> Result<()> {
    let saved = fields::<R>(member, stored).await?;
    for (field, saved) in typed.iter_mut().zip(saved).filter(|(field, saved)| field.value.trim() != saved.value) {
        let told = match saved.widget {
            Shown::Checkbox => t(member.locale, if saved.value == "true" { "app.yes" } else { "app.no" }, &[]),
            Shown::Select => {
                let chosen = saved.options.into_iter().find(|option| option.value == saved.value);
                chosen.map(|option| worded(member.locale, option.label)).unwrap_or_default()
            }
            _ => saved.value,
        };
        field.hint = Some(saved_meanwhile(told));
    }
    Ok(())
}

fn worded(locale: Locale, text: Text) -> String {
    let Some(key) = text.key else { return text.text };
    let values: Vec<(&str, &str)> = text.args.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    t(locale, &key, &values)
}

/// The declared fields, filled in.
async fn fields<R: Resource>(member: &Member, values: &[(String, String)]) -> Result<Vec<Field>> {
    let mut fields = Vec::new();
    for declared in R::FORM {
        let label = Text::key(format!("resource.{}.field.{}", R::NAME, declared.name));
        // the last one counts, as when the form is read
        let value = values.iter().rev().find(|(name, _)| name == declared.name).map_or("", |(_, value)| value);
        let mut field = Field::new(declared.name, label, shown(declared.widget), value);
        field.required = declared.required;
        match declared.widget {
            Widget::Choice(offered) => {
                let word = |option: &&str| Choice::new(*option, Text::key(format!("resource.{}.{}.{option}", R::NAME, declared.name)));
                field.options = offered.iter().map(word).collect();
            }
            Widget::Reference(list) => {
                options::offer(member, list, &mut field, sought(values, declared.name)).await?;
            }
            Widget::Money => field.currency = Some(member.scope.company().currency.clone()),
            _ => {}
        }
        fields.push(field);
    }
    Ok(fields)
}

fn shown(widget: Widget) -> Shown {
    match widget {
        Widget::Text => Shown::Text,
        Widget::Area => Shown::Textarea,
        Widget::Email => Shown::Email,
        Widget::Phone => Shown::Phone,
        Widget::Url => Shown::Url,
        Widget::Date => Shown::Date,
        Widget::Time => Shown::DateTime,
        Widget::Int => Shown::Number,
        Widget::Money => Shown::Money,
        Widget::Check => Shown::Checkbox,
        Widget::Choice(_) | Widget::Reference(_) => Shown::Select,
    }
}

/// A record as its form would send it.
pub fn input<R: Resource>(row: &R::Row) -> Result<Map<String, Value>> {
    match serde_json::to_value(R::input(row)).map_err(Error::from)? {
        Value::Object(fields) => Ok(fields),
        other => Err(Error::Internal(format!("{} has an input that is no object: {other}", R::NAME)).into()),
    }
}

fn texts(fields: &Map<String, Value>, member: &Member) -> Vec<(String, String)> {
    fields.iter().map(|(name, value)| (name.clone(), text(value, member))).collect()
}

/// A value as a field holds it; moments are in the company's zone.
fn text(value: &Value, member: &Member) -> String {
    match value {
        Value::Null | Value::Array(_) => String::new(),
        Value::Bool(truth) => if *truth { "true" } else { "" }.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Object(money) => money.get("amount").and_then(Value::as_str).unwrap_or_default().to_owned(),
        Value::String(text) => match DateTime::parse_from_rfc3339(text) {
            Ok(time) => time.with_timezone(&member.scope.company().zone).format("%Y-%m-%dT%H:%M").to_string(),
            Err(_) => text.clone(),
        },
    }
}
