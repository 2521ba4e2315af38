//! The form of a work order: new, or an existing one's.

use chrono::{DateTime, Utc};
use domain::Error;
use domain::kernel::permission::Permission;
use domain::maintenance::work_order::{Create, Edit, Input, Numbered, WorkOrder, WouldWait};
use domain::workflow::Explain;
use poem::web::Path;
use poem::{Request, Response, handler};
use templates::pages::parts::{Crumb, Errors, Text};
use templates::pages::work::{Missing, Stale, WorkForm, WorkSought, WorkValues};
use uuid::Uuid;

use super::life::Life;
use super::missing;
use super::row::href;
use crate::http::failure::Result;
use crate::web::flash::Flash;
use crate::web::form::{Form, Wrong, sought};
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
    match member.send(&form, |input: Input| Create(input)).await {
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
        Err(error) => again(&member, Some(order), &form, error).await,
    }
}

/// What was wrong with a form that was sent.
#[derive(Default)]
struct Refusal {
    errors: Errors,
    stale: Option<Stale>,
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
        stale,
    };
    whole(member, wrong.status, &view(member, order.as_ref(), filled(form.pairs()), refusal).await?).await
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
        assignees: offered("members", "", &values.assignee_id).await?,
        values,
        sought,
        currency: member.scope.company().currency.clone(),
        costs: member.scope.can(Permission::CostView),
        errors: refusal.errors,
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
