//! What really happened, decided once more by a draft: every step a person took that the draft would refuse or lead elsewhere.
//! The history keeps what was typed and what conditions read; what it does not hold is taken from the record as it is now, and
//! said so.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use uuid::Uuid;
use workflows::{Actor, Facts, Input as Typed, Record, Refusal, Step, Subject, TenantFacts, Value, Workflow};

use super::model::Input;
use super::text::{read, refused, subject};
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::Result;
use crate::kernel::permission::{Permission, Permissions};
use crate::kernel::tenant;
use crate::maintenance::work_order::WorkOrder;
use crate::workflow::{Access, Routed, actor_facts};

/// Steps replayed at most, the newest first.
const STEPS: i64 = 2_000;

/// Replays the company's history against a text.
#[derive(Debug, Clone)]
pub struct Replay {
    /// The workflow.
    pub workflow: String,
    /// The text; it must pass check.
    pub input: Input,
}

/// What a replay found.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Object)]
#[oai(rename = "WorkflowReplay")]
pub struct Replayed {
    /// Steps replayed, the newest of the company.
    pub steps: i64,
    /// Whether there are older ones, which were not.
    pub more: bool,
    /// Those the draft would decide otherwise, newest first.
    pub differing: Vec<Differing>,
}

/// A step the draft would decide otherwise.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[oai(rename = "WorkflowDifference")]
pub struct Differing {
    /// The record.
    pub record_id: Uuid,
    /// What people call it, such as `WO-1042`.
    pub record: String,
    /// The step's number in the record's life.
    pub seq: i32,
    /// When it was taken.
    pub at: DateTime<Utc>,
    /// By whom, by name.
    pub actor: String,
    /// The transition.
    pub transition: String,
    /// The state before.
    pub from: String,
    /// The state it led to.
    pub to: String,
    /// The state the draft would lead to; none where it refuses.
    pub would: Option<String>,
    /// Why it refuses: codes of blockers.
    pub because: Vec<String>,
    /// Whether everything the draft read was kept; otherwise the record as it is now was asked.
    pub certain: bool,
}

impl Action for Replay {
    const NEEDS: Permission = Permission::WorkflowManage;
    const ACCESS: tenant::Access = tenant::Access::Read;
    type Out = Replayed;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Replayed> {
        self.input.refuse_unkept()?;
        let subject = subject(&self.workflow)?;
        let draft = read(cx, subject, &self.input.source).await?.map_err(|found| refused(subject, found))?.workflow;
        match subject.key {
            key if key == WorkOrder::SUBJECT.key => replay::<WorkOrder>(cx, &draft).await,
            _ => Ok(Replayed::default()),
        }
    }
}

/// A step as the history keeps it.
struct Taken {
    record_id: Uuid,
    seq: i32,
    at: DateTime<Utc>,
    transition: String,
    from_state: String,
    to_state: String,
    reason: Option<String>,
    input: Json,
    guards: Json,
    actor: Uuid,
    actor_name: String,
    system: bool,
    role: Option<String>,
    permissions: Vec<String>,
}

async fn taken(cx: &mut Cx<'_>, subject: &str) -> Result<Vec<Taken>> {
    Ok(sqlx::query_as!(
        Taken,
        r#"SELECT h.record_id, h.seq, h.at, h.transition AS "transition!", h.from_state AS "from_state!", h.to_state, h.reason, h.input, h.guards,
             h.actor, m.name AS actor_name, m.kind = 'system' AS "system!", r.key AS role, r.permissions
           FROM workflow_history h
           JOIN members m ON m.tenant_id = h.tenant_id AND m.id = h.actor
           JOIN roles r ON r.tenant_id = m.tenant_id AND r.id = m.role_id
           WHERE h.tenant_id = $1 AND h.subject = $2 AND h.transition IS NOT NULL AND h.from_state IS NOT NULL
           ORDER BY h.id DESC LIMIT $3"#,
        cx.tenant().uuid(),
        subject,
        STEPS + 1,
    )
    .fetch_all(cx.conn())
    .await?)
}

async fn replay<S: Routed>(cx: &mut Cx<'_>, draft: &Workflow) -> Result<Replayed> {
    let mut steps = taken(cx, S::SUBJECT.key).await?;
    let limit = usize::try_from(STEPS).unwrap_or(usize::MAX);
    let more = steps.len() > limit;
    steps.truncate(limit);
    let tenant = actor_facts(cx.scope()).1;
    let mut records: HashMap<Uuid, Option<(Record, String)>> = HashMap::new();
    let mut found = Replayed { steps: i64::try_from(steps.len()).unwrap_or(i64::MAX), more, differing: Vec::new() };
    for step in steps {
        if let std::collections::hash_map::Entry::Vacant(unread) = records.entry(step.record_id) {
            let now = S::load(cx, step.record_id.into(), Access::Read).await?;
            unread.insert(now.map(|now| (now.doc, called(&now.mention))));
        }
        let Some(Some((now, name))) = records.get(&step.record_id) else { continue };
        found.differing.extend(differing(draft, S::SUBJECT, &tenant, now, name, step));
    }
    Ok(found)
}

fn called(mention: &Json) -> String {
    mention.get("number").and_then(Json::as_str).unwrap_or_default().to_owned()
}

/// What the draft would have done, if that is something else.
fn differing(draft: &Workflow, subject: &Subject, tenant: &TenantFacts, now: &Record, name: &str, step: Taken) -> Option<Differing> {
    let (doc, kept) = as_it_was(subject, tenant, now, &step);
    let actor = Actor {
        id: step.actor,
        role: step.role.clone().unwrap_or_default(),
        permissions: Permissions::from_keys(&step.permissions).keys().into_iter().collect(),
        system: step.system,
        ..Actor::default()
    };
    let facts = Facts::new(&doc, &actor, step.at, tenant);
    let fields = step.input.as_object().cloned().unwrap_or_default().into_iter().filter(|(_, value)| !value.is_null()).collect();
    let input = Typed { fields, reason: step.reason.clone() };
    let (would, because) = decided(draft, &facts, &step, &input);
    if would.as_deref() == Some(step.to_state.as_str()) {
        return None;
    }
    Some(Differing {
        record_id: step.record_id,
        record: name.to_owned(),
        seq: step.seq,
        at: step.at,
        actor: step.actor_name,
        certain: draft.transition(&step.transition).is_none_or(|_| kept),
        transition: step.transition,
        from: step.from_state,
        to: step.to_state,
        would,
        because,
    })
}

/// Where the draft leads, or the codes of what stands in the way. That somebody agreed is not asked again: the votes were given
/// under the rules of their day.
fn decided(draft: &Workflow, facts: &Facts<'_>, step: &Taken, input: &Typed) -> (Option<String>, Vec<String>) {
    let codes = |refusal: Refusal| match &refusal {
        Refusal::Invalid(problems) => problems.iter().map(|problem| format!("{}: {}", problem.field, problem.code)).collect(),
        other => other.blockers().into_iter().map(|blocker| blocker.code.to_owned()).collect(),
    };
    match draft.fire(facts, None, &step.transition, input) {
        Ok(Step::Moved(moved)) => (Some(moved.to), Vec::new()),
        Ok(Step::Decided(_)) | Err(Refusal::NoRequest) => (Some(step.to_state.clone()), Vec::new()),
        Err(refusal) => (None, codes(refusal)),
    }
}

/// The record as the step found it, as far as conditions read it then, and whether they read all there is.
fn as_it_was(subject: &Subject, tenant: &TenantFacts, now: &Record, step: &Taken) -> (Record, bool) {
    let mut doc = now.clone();
    let mut kept = Vec::new();
    for read in step.guards.as_array().into_iter().flatten().filter_map(|guard| guard.get("read")?.as_object()) {
        for (path, value) in read {
            let Some(field) = path.strip_prefix("doc.").and_then(|name| subject.field(name)) else { continue };
            if let Ok(value) = Value::read(&field.kind, value, tenant) {
                doc.insert(field.name, value);
                kept.push(field.name);
            }
        }
    }
    doc.insert("state", Value::Text(step.from_state.clone()));
    (doc, subject.fields.iter().all(|field| field.name == "state" || !field.writable || kept.contains(&field.name)))
}
