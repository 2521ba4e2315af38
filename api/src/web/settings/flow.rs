//! The list of workflows, and one of them: its diagram with the records in each state, its versions.

use std::collections::BTreeMap;

use domain::workflow::versions::{FlowDetail, Follow, List, ReadDraft, Rebase, RollBack, Show, Staffing};
use poem::web::Path;
use poem::{Response, handler};
use templates::format;
use templates::pages::parts::Errors;
use templates::pages::settings::{WorkflowPage, WorkflowsPage};
use workflows::{Diagnostic, Labelled};

use super::{Named, at, rows};
use crate::http::failure::Result;
use crate::http::words;
use crate::web::flash::Flash;
use crate::web::form::{Form, Wrong};
use crate::web::respond::{done, page, whole};
use crate::web::visitor::Member;
use crate::web::work::life::Life;

#[handler]
pub async fn list(member: Member) -> Result<Response> {
    let flows = member.run(List).await?;
    let flows = flows.into_iter().map(|flow| rows::flow(member.locale, flow)).collect();
    page(&member, &WorkflowsPage { flows }).await
}

#[handler]
pub async fn show(member: Member, Path(Named { workflow }): Path<Named>) -> Result<Response> {
    let filled = filled(&member, &workflow).await?;
    page(&member, &filled).await
}

async fn filled(member: &Member, workflow: &str) -> Result<WorkflowPage> {
    let detail = member.run(Show(workflow.to_owned())).await?;
    let draft = member.run(ReadDraft(workflow.to_owned())).await?;
    let life = Life::following(member, workflow).await?;
    let unstaffed = member.run(Staffing(life.workflow.clone())).await?;
    Ok(WorkflowPage {
        warnings: rows::found(member.locale, workflow, &unstaffed.findings),
        svg: drawn(&life, &detail),
        states: rows::states(&life, &detail.states),
        versions: rows::versions(&detail),
        draft_version: draft.version,
        conflicts: Vec::new(),
        errors: Errors::new(),
        flow: rows::flow(member.locale, detail.flow),
    })
}

/// The diagram, each state with its records.
fn drawn(life: &Life, detail: &FlowDetail) -> String {
    let records: BTreeMap<&str, i64> = detail.states.iter().map(|state| (state.state.as_str(), state.records)).collect();
    let label = |part: Labelled<'_>| match part {
        Labelled::State(id) => match records.get(id) {
            Some(count) if *count > 0 => format!("{} · {}", life.state_name(id), format::number(life.locale(), (*count).into(), None)),
            _ => life.state_name(id),
        },
        part => words::drawn(life.locale(), &life.workflow, part),
    };
    life.workflow.svg(None, &label)
}

#[handler]
pub async fn restore(member: Member, Path(Named { workflow }): Path<Named>, form: Form) -> Result<Response> {
    let number = form.text("number").parse().unwrap_or_default();
    let back = RollBack { workflow: workflow.clone(), number, note: form.typed("note") };
    match member.edge.app.run(&member.scope, back).await {
        Ok(version) => {
            let flash = Flash::new("workflow_restored").with("number", &version.number.to_string());
            Ok(done(&member, &at(&member, &workflow, ""), flash))
        }
        Err(error) => refused(member, &workflow, error).await,
    }
}

#[handler]
pub async fn follow(member: Member, Path(Named { workflow }): Path<Named>) -> Result<Response> {
    match member.edge.app.run(&member.scope, Follow { workflow: workflow.clone() }).await {
        Ok(()) => Ok(done(&member, &at(&member, &workflow, ""), Flash::new("workflow_followed"))),
        Err(error) => refused(member, &workflow, error).await,
    }
}

#[handler]
pub async fn merge(member: Member, Path(Named { workflow }): Path<Named>, form: Form) -> Result<Response> {
    let version = form.version()?;
    match member.edge.app.run(&member.scope, Rebase { workflow: workflow.clone(), version }).await {
        Ok(Ok(_)) => Ok(done(&member, &at(&member, &workflow, "/edit"), Flash::new("workflow_merged"))),
        Ok(Err(conflicts)) => conflicting(member, &workflow, &conflicts).await,
        Err(error) => refused(member, &workflow, error).await,
    }
}

async fn conflicting(member: Member, workflow: &str, conflicts: &[Diagnostic]) -> Result<Response> {
    let member = member.at_workflow(workflow);
    let filled = filled(&member, workflow).await?;
    let conflicts = rows::found(member.locale, workflow, conflicts);
    whole(&member, poem::http::StatusCode::CONFLICT, &WorkflowPage { conflicts, ..filled }).await
}

async fn refused(member: Member, workflow: &str, error: domain::Error) -> Result<Response> {
    let wrong = Wrong::of(member.locale, error)?;
    let member = member.at_workflow(workflow);
    let filled = filled(&member, workflow).await?;
    // what is wrong with a text is told above the page: its field is in the editor
    let errors: Errors = wrong.errors.into_values().map(|sentence| (String::new(), sentence)).collect();
    whole(&member, wrong.status, &WorkflowPage { errors, ..filled }).await
}

impl Member {
    /// In front of the page of a workflow.
    fn at_workflow(self, workflow: &str) -> Self {
        let path = at(&self, workflow, "");
        self.at(&path)
    }
}
