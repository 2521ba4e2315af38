//! The form of a work order: new, or an existing one's.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::Error;
use domain::kernel::permission::Permission;
use domain::maintenance::work_order::{Create, Edit, Input, Numbered, Show, WorkOrder, WouldWait};
use domain::workflow::Explain;
use poem::web::Path;
use poem::{Request, Response, handler};
use templates::i18n::t;
use templates::pages::parts::{Crumb, Errors, Text};
use templates::pages::work::{Missing, Stale, WorkForm, WorkSought, WorkValues};
use uuid::Uuid;

use super::life::Life;
use super::missing;
use super::row::href;
use crate::http::failure::Result;
use crate::web::flash::Flash;
use crate::web::form::{Form, Wrong, saved_meanwhile, sought};
use crate::web::listed::{self, value};
use crate::web::options;
use crate::web::respond::{done, page, whole};
use crate::web::visitor::Member;

/// `GET /{company}/work-orders/new`; the query may fill fields in.
#[handler]
pub async fn blank(member: Member, request: &Request) -> Result<Response> {
    member.scope.need(Permission::WorkOrderCreate)?;
    let blank = Input::blank();
    let mut pairs = vec![("kind".to_owned(), blank.kind), ("priority".to_owned(), blank.priority)];
    // what the query names comes first, and so counts
    pairs.splice(..0, listed::pairs(request));
    page(&member, &view(&member, None, filled(&pairs), Refusal::default()).await?).await
}

/// `POST /{company}/work-orders/new`.
#[handler]
pub async fn create(member: Member, form: Form) -> Result<Response> {
    match member.send_once(&form, |input: Input| Create(input)).await {
        Ok(order) => Ok(done(&member, &href(&member, &order.number), Flash::new("created"))),
        Err(error) => again(&member, None, &form, error).await,
    }
}

/// `GET /{company}/work-orders/{number}/edit`.
#[handler]
pub async fn edit(member: Member, Path((_, number)): Path<(String, String)>) -> Result<Response> {
    let order = member.run(Numbered(number)).await?;
    let explained = member.run(Explain::<WorkOrder>(order.id.into())).await?;
    if !order.editable_by(&member.scope, explained.approval.is_some()) {
        member.scope.need(Permission::WorkOrderEdit)?;
        return Err(Error::Conflict("finished").into());
    }
    let filled = Filled { values: stored(&member, &order), sought: WorkSought::default() };
    page(&member, &view(&member, Some(&order), filled, Refusal::default()).await?).await
}

/// `POST /{company}/work-orders/{number}/edit`.
#[handler]
pub async fn update(member: Member, Path((_, number)): Path<(String, String)>, form: Form) -> Result<Response> {
    let version = form.version()?;
    let order = member.run(Numbered(number)).await?;
    match member.send(&form, |input: Input| Edit { id: order.id.into(), version, input }).await {
        Ok(order) => Ok(done(&member, &href(&member, &order.number), Flash::new("saved"))),
        Err(error) => {
            let order = member.run(Show(order.id.into())).await?;
            again(&member, Some(order), &form, error).await
        }
    }
}

/// What was wrong with a form that was sent.
#[derive(Default)]
struct Refusal {
    errors: Errors,
    stale: Option<Stale>,
    /// What was saved meanwhile, by the field that reads otherwise.
    saved: BTreeMap<&'static str, Text>,
    /// The version the sender read, while it still is the newest.
    version: Option<i64>,
}

/// The form once more, as it was typed.
async fn again(member: &Member, order: Option<WorkOrder>, form: &Form, error: Error) -> Result<Response> {
    let life = Life::of(member).await?;
    let stale = match &error {
        Error::Stale { state, changed_at, changed_by, .. } => {
            let state = state.as_deref().map(|state| life.state(state));
            Some(Stale { who: changed_by.clone(), at: *changed_at, state })
        }
        _ => None,
    };
    let wrong = Wrong::of(member.locale, error)?;
    let refusal = Refusal {
        errors: if stale.is_some() { Errors::new() } else { wrong.errors },
        version: form.text("version").parse().ok().filter(|_| stale.is_none()),
        saved: order.as_ref().filter(|_| stale.is_some()).map(|order| beside(member, order, &values(form.pairs()))).unwrap_or_default(),
        stale,
    };
    whole(member, wrong.status, &view(member, order.as_ref(), filled(form.pairs()), refusal).await?).await
}

/// What the order reads now, in words, where it is not what was typed.
fn beside(member: &Member, order: &WorkOrder, typed: &WorkValues) -> BTreeMap<&'static str, Text> {
    let saved = stored(member, order);
    let word = |area: &str, value: &str| t(member.locale, &format!("work_order.{area}.{value}"), &[]);
    let name = |name: &Option<String>| name.clone().unwrap_or_default();
    let time = |time: &str| time.replace('T', " ");
    let fields = [
        ("title", &typed.title, &saved.title, saved.title.clone()),
        ("description", &typed.description, &saved.description, saved.description.clone()),
        ("kind", &typed.kind, &saved.kind, word("kind", &saved.kind)),
        ("priority", &typed.priority, &saved.priority, word("priority", &saved.priority)),
        ("asset_id", &typed.asset_id, &saved.asset_id, name(&order.asset)),
        ("location_id", &typed.location_id, &saved.location_id, order.location.clone()),
        ("vendor_id", &typed.vendor_id, &saved.vendor_id, name(&order.vendor)),
        ("assignee_id", &typed.assignee_id, &saved.assignee_id, name(&order.assignee)),
        ("scheduled_at", &typed.scheduled_at, &saved.scheduled_at, time(&saved.scheduled_at)),
        ("due_at", &typed.due_at, &saved.due_at, time(&saved.due_at)),
        ("estimated_cost", &typed.estimated_cost, &saved.estimated_cost, saved.estimated_cost.clone()),
    ];
    let differing = fields.into_iter().filter(|(_, typed, saved, _)| typed.trim() != saved.as_str());
    differing.map(|(field, _, _, told)| (field, saved_meanwhile(told))).collect()
}

async fn view(member: &Member, order: Option<&WorkOrder>, filled: Filled, refusal: Refusal) -> Result<WorkForm> {
    let Filled { values, sought } = filled;
    let list = member.path("work-orders");
    let here = order.map_or_else(|| list.clone(), |order| href(member, &order.number));
    let offered =
        async |list: &str, sought: &str, chosen: &str| options::find(member, list, sought, chosen).await.map(|found| found.choices);
    Ok(WorkForm {
        base: member.base(),
        crumbs: crumbs(list, order, &here),
        number: order.map(|order| order.number.clone()),
        version: refusal.version.or(order.map(|order| order.version.into())),
        action: format!("{here}/{}", if order.is_some() { "edit" } else { "new" }),
        cancel_href: here,
        missing: if order.is_none() { missing::anywhere(member).await? } else { Missing::default() },
        needs_approval: order.is_none() && member.run(WouldWait).await?,
        assets: offered("assets", &sought.asset_id, &values.asset_id).await?,
        locations: offered("locations", &sought.location_id, &values.location_id).await?,
        vendors: offered("vendors", &sought.vendor_id, &values.vendor_id).await?,
        assignees: options::assignees(member, order.map(|order| order.site_id), &values.assignee_id).await?,
        values,
        sought,
        currency: member.scope.company().currency.clone(),
        costs: member.scope.can(Permission::CostView),
        errors: refusal.errors,
        saved: refusal.saved,
        stale: refusal.stale,
    })
}

fn crumbs(list: String, order: Option<&WorkOrder>, here: &str) -> Vec<Crumb> {
    let mut crumbs = vec![Crumb { label: Text::key("work_order.title"), href: Some(list) }];
    crumbs.extend(order.map(|order| Crumb { label: Text::raw(order.number.clone()), href: Some(here.to_owned()) }));
    let page = if order.is_some() { "work_order.edit" } else { "work_order.new" };
    crumbs.push(Crumb { label: Text::key(page), href: None });
    crumbs
}

/// What stands in the form.
struct Filled {
    values: WorkValues,
    sought: WorkSought,
}

fn filled(pairs: &[(String, String)]) -> Filled {
    let found_by = |field| sought(pairs, field).to_owned();
    let sought = WorkSought { asset_id: found_by("asset_id"), location_id: found_by("location_id"), vendor_id: found_by("vendor_id") };
    Filled { values: values(pairs), sought }
}

fn values(pairs: &[(String, String)]) -> WorkValues {
    let text = |name| value(pairs, name).to_owned();
    WorkValues {
        title: text("title"),
        description: text("description"),
        kind: text("kind"),
        priority: text("priority"),
        asset_id: text("asset_id"),
        location_id: text("location_id"),
        vendor_id: text("vendor_id"),
        assignee_id: text("assignee_id"),
        due_at: text("due_at"),
        scheduled_at: text("scheduled_at"),
        estimated_cost: text("estimated_cost"),
    }
}

fn stored(member: &Member, order: &WorkOrder) -> WorkValues {
    let zone = member.scope.company().zone;
    let id = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let time =
        |time: Option<DateTime<Utc>>| time.map(|time| time.with_timezone(&zone).format("%Y-%m-%dT%H:%M").to_string()).unwrap_or_default();
    WorkValues {
        title: order.title.clone(),
        description: order.description.clone(),
        kind: order.kind.clone(),
        priority: order.priority.clone(),
        asset_id: id(order.asset_id),
        location_id: id(Some(order.location_id)),
        vendor_id: id(order.vendor_id),
        assignee_id: id(order.assignee_id),
        due_at: time(order.due_at),
        scheduled_at: time(order.scheduled_at),
        estimated_cost: order.estimated_cost.as_ref().map(|cost| cost.amount.clone()).unwrap_or_default(),
    }
}
