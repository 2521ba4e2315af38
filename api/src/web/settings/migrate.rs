//! Running records come to the version new ones follow: what would become of whom, then the step itself.

use std::collections::{BTreeMap, BTreeSet};

use domain::Error;
use domain::workflow::versions::{ClockChange, ClockKind, DryRun, Fate, Migrate, Plan};
use poem::web::Path;
use poem::{Response, handler};
use templates::i18n::t;
use templates::pages::parts::{Choice, Errors};
use templates::pages::settings::{LeapRow, MigratePage};
use templates::{Locale, format};

use super::{Named, at, rows};
use crate::http::failure::Result;
use crate::web::flash::Flash;
use crate::web::form::{Form, Wrong};
use crate::web::respond::{done, page, whole};
use crate::web::visitor::Member;
use crate::web::work::life::Life;

/// Fields that say where a state's records go.
const STATE: &str = "state.";

#[handler]
pub async fn show(member: Member, Path(Named { workflow }): Path<Named>) -> Result<Response> {
    let filled = filled(&member, &workflow, BTreeMap::new()).await?;
    page(&member, &filled).await
}

#[handler]
pub async fn send(member: Member, Path(Named { workflow }): Path<Named>, form: Form) -> Result<Response> {
    let states: BTreeMap<String, String> = form
        .pairs()
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix(STATE)?.to_owned(), value.clone())))
        .filter(|(_, to)| !to.is_empty())
        .collect();
    if form.text("do") != "go" {
        let filled = filled(&member, &workflow, states).await?;
        return page(&member, &filled).await;
    }
    // without the version that was looked at, none is right, and what is there now is shown
    let version = form.text("version").parse().unwrap_or_default();
    match member.edge.app.run(&member.scope, Migrate { workflow: workflow.clone(), version, states: states.clone() }).await {
        Ok(moved) => {
            let code = if moved.more { "workflow_migrating" } else { "workflow_migrated" };
            let flash = Flash::new(code).with("count", &moved.moved.to_string());
            Ok(done(&member, &at(&member, &workflow, ""), flash))
        }
        Err(error) => refused(&member, &workflow, states, error).await,
    }
}

async fn refused(member: &Member, workflow: &str, states: BTreeMap<String, String>, error: Error) -> Result<Response> {
    let wrong = Wrong::of(member.locale, error)?;
    // a state nobody knows any more is asked for anew
    let filled = match filled(member, workflow, states).await {
        Ok(filled) => filled,
        Err(_) => filled_anew(member, workflow).await?,
    };
    let errors: Errors = wrong.errors.into_values().map(|sentence| (String::new(), sentence)).collect();
    whole(member, wrong.status, &MigratePage { errors, ..filled }).await
}

async fn filled_anew(member: &Member, workflow: &str) -> Result<MigratePage> {
    filled(member, workflow, BTreeMap::new()).await
}

async fn filled(member: &Member, workflow: &str, states: BTreeMap<String, String>) -> Result<MigratePage> {
    let plan = member.run(DryRun { workflow: workflow.to_owned(), states }).await?;
    let life = Life::following(member, workflow).await?;
    Ok(MigratePage {
        workflow: workflow.to_owned(),
        name: rows::name(member.locale, workflow),
        version: plan.version,
        rows: leaps(&life, &plan),
        choices: plan.states.iter().map(|state| Choice::new(state, life.state_name(state))).collect(),
        unmapped: plan.unmapped,
        records: plan.leaps.iter().map(|leap| leap.records).sum(),
        errors: Errors::new(),
    })
}

fn told(locale: Locale, clock: &ClockChange) -> String {
    let kind = match clock.kind {
        ClockKind::ServiceLevel => "service_level",
        ClockKind::Timer => "timer",
        ClockKind::Reminder => "reminder",
    };
    let fate = match clock.fate {
        Fate::Starts => "starts",
        Fate::Pauses => "pauses",
        Fate::Resumes => "resumes",
        Fate::Stops => "stops",
        Fate::Changes => "changes",
    };
    let count = format::number(locale, clock.records.into(), None);
    t(locale, &format!("migration.{kind}.{fate}"), &[("id", &clock.id), ("count", &count)])
}

fn leaps(life: &Life, plan: &Plan) -> Vec<LeapRow> {
    let mut asked = BTreeSet::new();
    plan.leaps
        .iter()
        .map(|leap| LeapRow {
            name: life.state_name(&leap.state),
            version: leap.version,
            records: leap.records,
            open_requests: leap.open_requests,
            closed_requests: leap.closed_requests,
            lost_requests: leap.lost_requests,
            clocks: leap.clocks.iter().map(|clock| told(life.locale(), clock)).collect(),
            to_name: leap.to.as_deref().map(|to| life.state_name(to)).unwrap_or_default(),
            to: leap.to.clone().unwrap_or_default(),
            first: asked.insert(leap.state.clone()),
            state: leap.state.clone(),
        })
        .collect()
}
