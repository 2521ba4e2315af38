//! The page of a work order.

use domain::insight::{Happening, Timeline};
use domain::kernel::money::{Money, parse};
use domain::maintenance::work_order::{Numbered, WorkOrder};
use domain::workflow::{ApprovalView, Explain, Explanation};
use poem::web::Path;
use poem::{Request, Response, handler};
use templates::pages::parts::{Crumb, Errors, Link, Text};
use templates::pages::work::{Approval, Missing, Money as Shown, Stale, WorkFacts, WorkShow};

use super::actions::actions;
use super::levels;
use super::life::Life;
use super::missing;
use super::row::{Rows, href};
use crate::http::failure::Result;
use crate::web::happenings::{event, person, said};
use crate::web::listed;
use crate::web::respond;
use crate::web::visitor::Member;

/// A press that was refused, or a form somebody came for.
#[derive(Default)]
pub struct Pressed {
    /// The step.
    pub transition: String,
    /// What was typed.
    pub typed: Vec<(String, String)>,
    /// What is wrong with it.
    pub errors: Errors,
    /// Who was quicker.
    pub stale: Option<Stale>,
    /// Why not, where it is not about a field.
    pub refusal: Option<String>,
}

/// `GET /{company}/work-orders/{number}`; `?do=` opens the form of a step.
#[handler]
pub async fn show(member: Member, Path((_, number)): Path<(String, String)>, request: &Request) -> Result<Response> {
    let order = member.run(Numbered(number)).await?;
    let asked = listed::pairs(request);
    let pressed = Pressed { transition: listed::value(&asked, "do").to_owned(), ..Pressed::default() };
    respond::page(&member, &view(&member, order, pressed).await?).await
}

/// The page of an order, after a press that was refused where there was one.
pub async fn view(member: &Member, order: WorkOrder, pressed: Pressed) -> Result<WorkShow> {
    let explained = member.run(Explain::<WorkOrder>(order.id.into())).await?;
    let life = Life::recorded(member, &explained);
    let short = match &explained.approval {
        Some(request) => missing::of(member, &explained, request).await?,
        None => Missing::default(),
    };
    let happened = member.run(Timeline(order.id.into())).await?;
    let edit_href = order.editable_by(&member.scope, explained.approval.is_some()).then(|| format!("{}/edit", href(member, &order.number)));
    let actions = actions(member, &life, &order, &explained, &pressed, edit_href.as_deref()).await?;
    Ok(WorkShow {
        base: member.base(),
        crumbs: crumbs(member, &order),
        order: Rows::new(member, &life).order(&order),
        version: order.version.into(),
        approval: explained
            .approval
            .as_ref()
            .map(|request| Approval { missing: short, ..approval(member, &life, &order, request, &explained, &happened, &pressed) }),
        levels: levels::service_levels(member, &life, &order).await?,
        facts: facts(member, &order),
        description: Some(order.description).filter(|text| !text.is_empty()),
        resolution: order.resolution,
        actions,
        history: happened.iter().map(|each| event(&life, each)).collect(),
        stale: pressed.stale,
        refusal: pressed.refusal,
        edit_href,
    })
}

fn crumbs(member: &Member, order: &WorkOrder) -> Vec<Crumb> {
    let list = Crumb { label: Text::key("work_order.title"), href: Some(member.path("work-orders")) };
    vec![list, Crumb { label: Text::raw(order.number.clone()), href: None }]
}

fn approval(
    member: &Member,
    life: &Life,
    order: &WorkOrder,
    request: &ApprovalView,
    explained: &Explanation,
    happened: &[Happening],
    pressed: &Pressed,
) -> Approval {
    let to = |transition: &str| format!("{}/transitions/{transition}", href(member, &order.number));
    let reject = request.on_reject.as_deref().unwrap_or_default();
    let refused = pressed.transition == reject;
    // the request opened when the order entered its state
    let entered = happened
        .iter()
        .find(|each| each.kind != "work_order.edited" && said(each, "from") != said(each, "to") || each.kind == "workflow.created");
    Approval {
        given: request.have,
        needed: request.need,
        since: entered.map_or(order.created_at, |each| each.at),
        deciders: request.deciders.clone(),
        agreed: levels::agreed(request),
        missing: Missing::default(),
        levels: levels::of(life, request),
        mine: decides(explained, request),
        approve_href: to(&request.transition),
        reject_href: to(reject),
        reason: if refused { listed::value(&pressed.typed, "reason").to_owned() } else { String::new() },
        errors: if refused { pressed.errors.clone() } else { Errors::new() },
    }
}

/// Whether the reader decides on the request: it then has a panel of its own, and no button among the steps.
pub fn decides(explained: &Explanation, request: &ApprovalView) -> bool {
    explained.transitions.iter().any(|step| step.name == request.transition && step.allowed)
}

fn facts(member: &Member, order: &WorkOrder) -> WorkFacts {
    let link = |path: &str, id: Option<uuid::Uuid>, label: Option<&String>| {
        id.zip(label).map(|(id, label)| Link { label: label.clone(), href: member.path(&format!("{path}/{id}")) })
    };
    WorkFacts {
        kind: order.kind.clone(),
        asset: link("assets", order.asset_id, order.asset.as_ref()),
        location: link("locations", Some(order.location_id), Some(&order.location)),
        vendor: link("vendors", order.vendor_id, order.vendor.as_ref()),
        scheduled_at: order.scheduled_at,
        started_at: order.started_at,
        completed_at: order.completed_at,
        estimated_cost: amount(order.estimated_cost.as_ref()),
        cost: amount(order.cost.as_ref()),
        meter_reading: order.meter_reading,
        external_ref: order.external_ref.clone(),
        created_by: Some(person(&order.created_by)),
        created: Some(order.created_at),
        updated: Some(order.updated_at),
    }
}

fn amount(money: Option<&Money>) -> Option<Shown> {
    let money = money?;
    Some(Shown { amount: parse(&money.amount)?, currency: money.currency.clone() })
}
