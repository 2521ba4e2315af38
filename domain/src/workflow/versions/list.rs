//! The company's workflows, their versions, and how many records stand where.

use std::collections::BTreeMap;
use std::sync::Arc;

use workflows::Workflow;

use super::check::newest;
use super::model::{Flow, FlowDetail, StateRecords, TextKind, Version, VersionText};
use super::records::{Census, census};
use super::store;
use super::text::{base, subject};
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Error, Result};
use crate::kernel::permission::Permission;
use crate::kernel::tenant::Access;
use crate::workflow::definitions::SUBJECTS;

/// Lists the workflows.
#[derive(Debug, Clone)]
pub struct List;

impl Action for List {
    const NEEDS: Permission = Permission::WorkflowManage;
    const ACCESS: Access = Access::Read;
    type Out = Vec<Flow>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Vec<Flow>> {
        let mut flows = Vec::new();
        for subject in SUBJECTS {
            let counted = census(cx, subject.key).await?;
            flows.push(flow(cx, subject.key, &counted).await?.0);
        }
        Ok(flows)
    }
}

/// A workflow, and what its new records follow.
async fn flow(cx: &mut Cx<'_>, workflow: &str, counted: &[Census]) -> Result<(Flow, Arc<Workflow>)> {
    let (definitions, company) = (cx.app().definitions(), cx.tenant());
    let current = definitions.current(cx.conn(), company, subject(workflow)?).await?;
    let shipped_version = newest(cx, workflow)?;
    let own = store::takeovers(cx).await?.into_iter().any(|(taken, _)| taken == workflow);
    let version = store::versions(cx, workflow).await?.into_iter().find(|version| version.shown.current);
    let drafted = store::drafted(cx).await?;
    let flow = Flow {
        workflow: workflow.to_owned(),
        version: i32::try_from(current.version()).unwrap_or(i32::MAX),
        follows_shipped: !own,
        shipped_version,
        newer_base: version.is_some_and(|version| version.shown.base < shipped_version),
        draft: drafted.iter().any(|drafted| drafted == workflow),
        records: counted.iter().map(|each| each.records).sum(),
        on_other_versions: counted.iter().filter(|each| each.definition != current.hash()).map(|each| each.records).sum(),
    };
    Ok((flow, current))
}

/// Shows a workflow: its states with their records, its versions.
#[derive(Debug, Clone)]
pub struct Show(
    /// The workflow.
    pub String,
);

impl Action for Show {
    const NEEDS: Permission = Permission::WorkflowManage;
    const ACCESS: Access = Access::Read;
    type Out = FlowDetail;

    async fn run(self, cx: &mut Cx<'_>) -> Result<FlowDetail> {
        subject(&self.0)?;
        let counted = census(cx, &self.0).await?;
        let (flow, current) = flow(cx, &self.0, &counted).await?;
        let versions = versions(cx, &self.0, &counted).await?;
        Ok(FlowDetail { flow, states: states(&current, &counted), versions })
    }
}

/// The states of a file with their records; states records are in and the file does not know come last.
fn states(workflow: &Workflow, counted: &[Census]) -> Vec<StateRecords> {
    let mut by_state: BTreeMap<&str, i64> = BTreeMap::new();
    for each in counted {
        *by_state.entry(&each.state).or_default() += each.records;
    }
    let mut states: Vec<StateRecords> = workflow
        .states()
        .map(|state| StateRecords {
            state: state.id.clone(),
            category: Some(state.category.as_str().to_owned()),
            tone: state.tone.as_str().to_owned(),
            terminal: state.terminal,
            records: by_state.remove(state.id.as_str()).unwrap_or_default(),
        })
        .collect();
    states.extend(by_state.into_iter().map(|(state, records)| StateRecords {
        state: state.to_owned(),
        category: None,
        tone: "neutral".to_owned(),
        terminal: false,
        records,
    }));
    states
}

/// The company's versions, with the records that follow each.
async fn versions(cx: &mut Cx<'_>, workflow: &str, counted: &[Census]) -> Result<Vec<Version>> {
    let stored = store::versions(cx, workflow).await?;
    let records = |definition: &str| counted.iter().filter(|each| each.definition == definition).map(|each| each.records).sum();
    Ok(stored.into_iter().map(|version| Version { records: records(&version.definition), ..version.shown }).collect())
}

/// The text of a version of the company.
#[derive(Debug, Clone)]
pub struct Read {
    /// The workflow.
    pub workflow: String,
    /// The version; none for the shipped file.
    pub number: Option<i32>,
}

impl Action for Read {
    const NEEDS: Permission = Permission::WorkflowManage;
    const ACCESS: Access = Access::Read;
    type Out = VersionText;

    async fn run(self, cx: &mut Cx<'_>) -> Result<VersionText> {
        self.read(cx).await
    }
}

impl Read {
    /// Others compare the same text.
    pub(super) async fn read(&self, cx: &mut Cx<'_>) -> Result<VersionText> {
        subject(&self.workflow)?;
        if let Some(number) = self.number {
            return store::text(cx, &self.workflow, number).await?.ok_or(Error::NotFound);
        }
        let number = newest(cx, &self.workflow)?;
        let source = base(cx, &self.workflow, number).await?;
        Ok(VersionText { number, kind: TextKind::Full, base: number, merged: source.clone(), source })
    }
}

/// The file new records follow, to be drawn and worded.
#[derive(Debug, Clone)]
pub struct Diagram(
    /// The workflow.
    pub String,
);

impl Action for Diagram {
    // states and steps are what everybody who works with the records sees
    const NEEDS: Permission = Permission::Member;
    const ACCESS: Access = Access::Read;
    type Out = Arc<Workflow>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Arc<Workflow>> {
        let (definitions, company) = (cx.app().definitions(), cx.tenant());
        definitions.current(cx.conn(), company, subject(&self.0)?).await
    }
}
