//! Pressing a button of a work order.

use std::collections::BTreeMap;

use domain::Error;
use domain::kernel::error::Refused;
use domain::maintenance::work_order::{Numbered, WorkOrder};
use domain::workflow::{Fire, Fired};
use poem::error::ResponseError;
use poem::web::Path;
use poem::{Response, handler};
use templates::pages::parts::Errors;
use templates::pages::work::Stale;
use uuid::Uuid;
use workflows::{FieldKind, Input};

use super::life::Life;
use super::row::href;
use super::show::{Pressed, view};
use crate::http::failure::{Failure, Result};
use crate::http::{schema, words};
use crate::web::flash::Flash;
use crate::web::form::{FIND, Form, Wrong};
use crate::web::respond::{done, local, whole};
use crate::web::visitor::Member;

/// What a press carries besides the fields of its form.
fn own(name: &str) -> bool {
    matches!(name, "version" | "next" | "reason") || name.split('.').next() == Some(FIND)
}

/// `POST /{company}/work-orders/{number}/transitions/{name}`.
#[handler]
pub async fn fire(member: Member, Path((_, number, transition)): Path<(String, String, String)>, form: Form) -> Result<Response> {
    let order = member.run(Numbered(number)).await?;
    let life = Life::of(&member).await?;
    let version = form.version()?;
    match send(&member, &life, order.id, (&transition, version), &form).await {
        Ok(fired) => {
            let page = href(&member, &order.number);
            Ok(done(&member, local(form.text("next"), &page), told(&life, &order.number, &fired)))
        }
        Err(error) => refused(&member, &life, order.number, transition, &form, error).await,
    }
}

async fn send(member: &Member, life: &Life, order: Uuid, (transition, version): (&str, i32), form: &Form) -> Result<Fired, Error> {
    form.to_be_sent()?;
    let input = input(member, life, transition, form);
    let press = Fire::<WorkOrder> { id: order.into(), input, transition: transition.to_owned(), version: Some(version) };
    member.edge.app.run(&member.scope, press).await
}

/// What was typed; amounts as the reader's language writes them. Other numbers come as browsers write them in their own fields.
fn input(member: &Member, life: &Life, transition: &str, form: &Form) -> Input {
    let asked = life.workflow.transition(transition).map(|step| step.form.as_slice()).unwrap_or_default();
    let is_amount = |name: &str| asked.iter().any(|field| field.name == name && field.kind == FieldKind::Money);
    let read = |name: &str, text: &str| if is_amount(name) { schema::amount(text, member.reading()) } else { text.to_owned() };
    let fields = form.pairs().iter().filter(|(name, text)| !own(name) && !text.trim().is_empty());
    let fields: BTreeMap<_, _> = fields.map(|(name, text)| (name.clone(), read(name, text).into())).collect();
    Input { fields, reason: Some(form.typed("reason")).filter(|reason| !reason.trim().is_empty()) }
}

fn told(life: &Life, number: &str, fired: &Fired) -> Flash {
    match fired.votes {
        Some(_) => Flash::new("decided").with("number", number),
        None => Flash::new("moved").with("number", number).with("state", &life.state_name(&fired.state)),
    }
}

/// The order's page as it stands now, with what was typed and why it was not enough.
async fn refused(member: &Member, life: &Life, number: String, transition: String, form: &Form, error: Error) -> Result<Response> {
    let mut pressed = Pressed { transition, typed: form.pairs().to_vec(), ..Pressed::default() };
    match &error {
        Error::Invalid(_) => {}
        Error::Stale { state, changed_at, changed_by, .. } => {
            let state = state.as_deref().map(|state| life.state(state));
            pressed.stale = Some(Stale { who: changed_by.clone(), at: *changed_at, state });
        }
        Error::WrongState { state, changed_at, changed_by, .. } => {
            pressed.stale = Some(Stale { who: changed_by.clone(), at: Some(*changed_at), state: Some(life.state(state)) });
        }
        Error::Blocked(found, file) => {
            let reasons: Vec<String> = found.iter().map(|each| words::blocker(member.locale, &file.0, each)).collect();
            pressed.refusal = Some(reasons.join(" "));
        }
        Error::Conflict(_) | Error::Forbidden(Refused::Workflow(..) | Refused::Named(_)) => {
            pressed.refusal = Some(words::told(member.locale, &error));
        }
        _ => return Err(error.into()),
    }
    let (status, errors) = match error {
        error @ Error::Invalid(_) => {
            let wrong = Wrong::of(member.locale, error)?;
            (wrong.status, wrong.errors)
        }
        error => (Failure::from(error).status(), Errors::new()),
    };
    pressed.errors = errors;
    let order = member.run(Numbered(number)).await?;
    whole(member, status, &view(member, order, pressed).await?).await
}
