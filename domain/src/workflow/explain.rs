//! Why can't I do this? (159) Every transition with everything that stands in its way, for one person, right now.

use std::sync::Arc;

use uuid::Uuid;
use workflows::{Blocker, Explained, Facts, FormField, Reason, Value, Workflow};

use super::approval;
use super::asked::ApprovalView;
use super::lookups;
use super::subject::{Access, Routed, actor_facts};
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Id;
use crate::kernel::permission::Permission;
use crate::kernel::scope::Scope;
use crate::kernel::tenant;

/// A record's state and every transition of its definition.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The definition the record follows, by which states and transitions are named.
    pub definition: Arc<Workflow>,
    /// Its version.
    pub definition_version: u32,
    /// The state.
    pub state: String,
    /// The state's tone.
    pub tone: &'static str,
    /// The record's version, which a press should name.
    pub version: i32,
    /// The history row by which the record entered its state.
    pub entry_seq: i32,
    /// Every transition, in the file's order.
    pub transitions: Vec<TransitionView>,
    /// The request open on the record.
    pub approval: Option<ApprovalView>,
    /// Its id: another one once it was asked again.
    pub request: Option<Uuid>,
}

/// One transition, for one person.
#[derive(Debug, Clone)]
pub struct TransitionView {
    /// Its name.
    pub name: String,
    /// Where it would lead.
    pub to: Option<String>,
    /// The tone of the state it would lead to.
    pub tone: &'static str,
    /// Whether it leaves from the record's state.
    pub in_state: bool,
    /// Whether a press would be accepted, given a valid form.
    pub allowed: bool,
    /// What is asked.
    pub form: Vec<FormField>,
    /// Whether a reason is asked.
    pub reason: Reason,
    /// Everything that stands in the way.
    pub blockers: Vec<Blocked>,
}

/// One thing that stands in the way.
#[derive(Debug, Clone)]
pub struct Blocked {
    /// The engine's finding, without values the reader may not see.
    pub blocker: Blocker,
    /// The roles whose people could, where the reader lacks a right.
    pub who_can: Vec<String>,
}

/// Explains a record to the actor.
#[derive(Debug)]
pub struct Explain<S>(
    /// The record.
    pub Id<S>,
);

impl<S> Clone for Explain<S> {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

impl<S: Routed> Action for Explain<S> {
    const NEEDS: Permission = S::READ;
    const ACCESS: tenant::Access = tenant::Access::Read;
    type Out = Explanation;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Explanation> {
        let record = S::load(cx, self.0, Access::Read).await?.ok_or(Error::NotFound)?;
        let app = cx.app();
        let workflow = app.definitions().of(cx.conn(), &record.definition).await?;
        let asked = approval::find(cx, &workflow, &record, self.0.uuid()).await?;
        let roles = Roles::load(cx).await?;
        let (mut actor, tenant) = actor_facts(cx.scope());
        asked.seat(cx, &workflow, &record.doc, &mut actor).await?;
        let facts = Facts::new(&record.doc, &actor, cx.now(), &tenant);
        let lookups = lookups::answered(cx, workflow.lookups_explained(&facts), self.0.uuid()).await?;
        let facts = facts.with_lookups(&lookups);
        let found = workflow.explain(&facts, asked.request.as_ref().map(|request| &request.approval));
        let request = asked.request.as_ref().map(|request| request.id);
        let approval = asked.request.and_then(|request| ApprovalView::of(&workflow, &facts, &request, &roles));
        let hidden = hidden::<S>(cx.scope());
        Ok(Explanation {
            definition: workflow.clone(),
            definition_version: workflow.version(),
            state: record.doc.state().to_owned(),
            tone: tone(&workflow, record.doc.state()),
            version: record.version,
            entry_seq: record.entry_seq,
            transitions: found.into_iter().map(|found| view(&workflow, found, &roles, &hidden)).collect(),
            approval,
            request,
        })
    }
}

fn tone(workflow: &Workflow, state: &str) -> &'static str {
    workflow.state(state).map_or("neutral", |state| state.tone.as_str())
}

fn view(workflow: &Workflow, found: Explained<'_>, roles: &Roles, hidden: &[&str]) -> TransitionView {
    TransitionView {
        name: found.transition.to_owned(),
        tone: found.to.map_or("neutral", |to| tone(workflow, to)),
        to: found.to.map(str::to_owned),
        in_state: found.in_state,
        allowed: found.allowed,
        form: found.form.to_vec(),
        reason: found.reason,
        blockers: found
            .blockers
            .into_iter()
            .map(|blocker| Blocked { who_can: roles.who_can(&blocker), blocker: redacted(blocker, hidden) })
            .collect(),
    }
}

/// The fields this reader may not see.
pub(super) fn hidden<S: Routed>(reader: &Scope) -> Vec<&'static str> {
    S::HIDDEN.iter().filter(|(_, permission)| !reader.can(*permission)).map(|(field, _)| *field).collect()
}

/// Without the values of hidden fields.
pub(super) fn redacted(mut blocker: Blocker, hidden: &[&str]) -> Blocker {
    let is_hidden = |path: &str| hidden.iter().any(|field| path.trim_start_matches("doc.") == *field);
    if blocker.field.as_deref().is_some_and(is_hidden) || blocker.read.keys().any(|path| is_hidden(path)) {
        blocker.have = Value::Null;
        blocker.need = Value::Null;
    }
    blocker.read.retain(|path, _| !is_hidden(path));
    blocker.alternatives = blocker.alternatives.into_iter().map(|alternative| redacted(alternative, hidden)).collect();
    blocker
}

/// The company's roles, to say who could.
pub(super) struct Roles(Vec<(Option<String>, String, Vec<String>)>);

impl Roles {
    async fn load(cx: &mut Cx<'_>) -> Result<Self> {
        let rows =
            sqlx::query!("SELECT key, name, permissions FROM roles WHERE tenant_id = $1 ORDER BY level DESC, name", cx.tenant().uuid())
                .fetch_all(cx.conn())
                .await?;
        Ok(Self(rows.into_iter().map(|row| (row.key, row.name, row.permissions)).collect()))
    }

    pub(super) fn with_permission(&self, permission: &str) -> Vec<String> {
        self.0.iter().filter(|(_, _, held)| held.iter().any(|p| p == permission)).map(|(_, name, _)| name.clone()).collect()
    }

    pub(super) fn with_key(&self, wanted: &str) -> Vec<String> {
        self.0.iter().filter(|(key, ..)| key.as_deref() == Some(wanted)).map(|(_, name, _)| name.clone()).collect()
    }

    fn who_can(&self, blocker: &Blocker) -> Vec<String> {
        match (blocker.code, blocker.need.as_text()) {
            ("permission" | "not_eligible_permission", Some(permission)) => self.with_permission(permission),
            ("not_eligible_role", Some(key)) => self.with_key(key),
            _ => Vec::new(),
        }
    }
}
