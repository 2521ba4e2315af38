//! A step taken from a letter (160). The link's code is the credential: no session is needed and none is begun. Opening the
//! link shows what would be done and does nothing, so that a scanner of mail or a browser that fetches ahead decides nothing.

use domain::Error;
use domain::kernel::error::Refused;
use domain::kernel::money::parse;
use domain::kernel::scope::Scope;
use domain::maintenance::work_order::{Show, WorkOrder};
use domain::notify::press::{Link, Press};
use domain::workflow::{Explain, Explanation, History, TransitionView};
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use templates::Locale;
use templates::pages::act::{About, ActPage, AskedReason, Stand};
use workflows::{Category, Input, Reason};

use super::flash::Flash;
use super::form::{Form, Wrong};
use super::pages::Pages;
use super::respond::{done, sealed, whole};
use super::visitor::Visitor;
use super::work::life::Life;
use crate::http::failure::Result;
use crate::http::words;

/// The pages of this file.
pub fn pages(pages: Pages) -> Pages {
    pages.get("/act/:code", show).post("/act/:code", act)
}

#[handler]
async fn show(visitor: Visitor, Path(code): Path<String>) -> Result<Response> {
    let link = visitor.edge.app.letter_press(&code, visitor.origin.clone()).await?;
    stood(visitor, code, link, Typed::default()).await
}

#[handler]
async fn act(visitor: Visitor, Path(code): Path<String>, form: Form) -> Result<Response> {
    let app = visitor.edge.app.clone();
    let link = app.letter_press(&code, visitor.origin.clone()).await?;
    let Link::Open(press, scope) = &link else { return stood(visitor, code, link, Typed::default()).await };
    let reason = Some(form.typed("reason")).filter(|reason| !reason.trim().is_empty());
    let input = Input { reason, ..Input::default() };
    match app.take_press(press, scope, &input).await {
        Ok(fired) => {
            let order = app.run(scope, Show(press.record.into())).await?;
            let life = Life::within(&app, scope, reader_of(scope)).await?;
            let flash = match fired.votes {
                Some(_) => Flash::new("decided").with("number", &order.number),
                None => Flash::new("moved").with("number", &order.number).with("state", &life.state_name(&fired.state)),
            };
            Ok(sealed(done(&visitor, &format!("/act/{code}"), flash)))
        }
        Err(error) => {
            let typed = Typed { reason: form.typed("reason"), error: Some(error) };
            let link = app.letter_press(&code, visitor.origin.clone()).await?;
            stood(visitor, code, link, typed).await
        }
    }
}

/// What was typed, and what came of it.
#[derive(Default)]
struct Typed {
    reason: String,
    error: Option<Error>,
}

/// The page of a link as it stands.
async fn stood(visitor: Visitor, code: String, link: Link, typed: Typed) -> Result<Response> {
    let (press, scope, stand) = match link {
        Link::Unknown => return gone(&visitor, code).await,
        Link::Used(press, scope) => (press, scope, Stand::Used),
        Link::Expired(press, scope) => (press, scope, Stand::Expired),
        Link::Open(press, scope) => (press, scope, Stand::Open),
    };
    let app = visitor.edge.app.clone();
    let (order, now) = match seen(&visitor, &press, &scope).await {
        Ok(seen) => seen,
        Err(Error::NotFound | Error::Forbidden(_)) => return gone(&visitor, code).await,
        Err(error) => return Err(error.into()),
    };
    let visitor = visitor.speaking(reader_of(&scope));
    let life = Life::within(&app, &scope, visitor.locale).await?;
    let mut page = ActPage { stand, step: life.transition(&press.transition), typed: typed.reason, ..ActPage::gone(code) };
    page.about = Some(about(&visitor, &scope, &order, &life));
    let step = now.transitions.iter().find(|step| step.name == press.transition);
    let to = step.and_then(|step| step.to.as_deref()).and_then(|to| life.workflow.state(to));
    page.destructive = to.is_some_and(|to| to.category == Category::Cancelled);
    page.reason = step.map_or(AskedReason::None, |step| match step.reason {
        Reason::None => AskedReason::None,
        Reason::Optional => AskedReason::Optional,
        Reason::Required => AskedReason::Required,
    });
    let status =
        if stand == Stand::Open { judge(&visitor, &press, &scope, &now, step, typed.error, &mut page).await? } else { StatusCode::GONE };
    // how it went is told above the page of a link that has just been used
    let status = if visitor.flash.is_some() { StatusCode::OK } else { status };
    Ok(sealed(whole(&visitor, status, &page).await?))
}

/// Whether the press would do; what stands in the way otherwise.
async fn judge(
    visitor: &Visitor,
    press: &Press,
    scope: &Scope,
    now: &Explanation,
    step: Option<&TransitionView>,
    error: Option<Error>,
    page: &mut ActPage,
) -> Result<StatusCode> {
    let locale = visitor.locale;
    let Some(step) = step.filter(|step| now.entry_seq == press.entry_seq && step.in_state) else {
        let steps = visitor.edge.app.run(scope, History::<WorkOrder>(press.record.into())).await?;
        page.stand = Stand::Moved;
        page.by = steps.last().map(|step| step.actor.clone()).unwrap_or_default();
        return Ok(StatusCode::CONFLICT);
    };
    if press.request.is_some() && now.request != press.request {
        page.stand = Stand::Changed;
        return Ok(StatusCode::CONFLICT);
    }
    match error {
        Some(error @ Error::Invalid(_)) => {
            let wrong = Wrong::of(locale, error)?;
            page.errors = wrong.errors;
            return Ok(wrong.status);
        }
        Some(Error::Blocked(found, file)) => page.refusals = found.iter().map(|each| words::blocker(locale, &file.0, each)).collect(),
        Some(error @ (Error::Conflict(_) | Error::Effect { .. } | Error::Forbidden(Refused::Workflow(..) | Refused::Named(_)))) => {
            page.refusals = vec![words::told(locale, &error)];
        }
        Some(Error::Forbidden(_) | Error::NotFound | Error::WrongState { .. } | Error::Stale { .. }) | None => {
            page.refusals = step.blockers.iter().map(|found| words::blocked(locale, &now.definition, found)).collect();
        }
        Some(error) => return Err(error.into()),
    }
    if step.allowed && page.refusals.is_empty() {
        return Ok(StatusCode::OK);
    }
    page.stand = Stand::Refused;
    Ok(StatusCode::UNPROCESSABLE_ENTITY)
}

async fn seen(visitor: &Visitor, press: &Press, scope: &Scope) -> Result<(WorkOrder, Explanation), Error> {
    let app = &visitor.edge.app;
    let order = app.run(scope, Show(press.record.into())).await?;
    let now = app.run(scope, Explain::<WorkOrder>(press.record.into())).await?;
    Ok((order, now))
}

fn about(visitor: &Visitor, scope: &Scope, order: &WorkOrder, life: &Life) -> About {
    let company = scope.company();
    let estimate = order.estimated_cost.as_ref().and_then(|cost| Some((parse(&cost.amount)?, &cost.currency)));
    About {
        company: company.name.clone(),
        name: scope.actor().name.clone(),
        number: order.number.clone(),
        title: order.title.clone(),
        href: format!("/{}/work-orders/{}", company.slug, order.number),
        state: life.state(&order.state),
        asked_by: order.created_by.clone(),
        location: order.location.clone(),
        estimate: estimate.map(|(amount, currency)| templates::format::money(visitor.locale, amount, currency)),
    }
}

/// The member's language: the letter was written in it.
fn reader_of(scope: &Scope) -> Locale {
    Locale::parse(scope.locale()).unwrap_or_default()
}

async fn gone(visitor: &Visitor, code: String) -> Result<Response> {
    Ok(sealed(whole(visitor, StatusCode::NOT_FOUND, &ActPage::gone(code)).await?))
}
