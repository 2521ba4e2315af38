//! The figures a company sets for service levels, over those of the file (158).

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::Arc;

use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use workflows::duration::Span;
use workflows::sla::Thresholds;
use workflows::{Sla, SlaTarget, Workflow};

use super::subject::Routed;
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Error, FieldError, Result};
use crate::kernel::permission::Permission;
use crate::kernel::tenant;

/// A service level of a workflow: what the file says, and what the company says instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(rename = "ServiceLevelFigures")]
pub struct Figures {
    /// The service level.
    pub sla: String,
    /// `business` or `wall`.
    pub clock: String,
    /// The field its target goes by, if it does.
    pub field: Option<String>,
    /// The file's target, or that of values the field has no entry for: an ISO 8601 duration.
    pub target: Option<String>,
    /// The file's target by value of the field.
    pub by: BTreeMap<String, String>,
    /// The percentage at which the file warns.
    pub warn: Option<u8>,
    /// What the company has set.
    pub own: OwnFigures,
    /// The version of what the company has set, 0 for nothing; a change must name it.
    pub version: i32,
}

/// What a company sets for a service level; what is absent is as the file says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields, rename = "ServiceLevelOwnFigures")]
pub struct OwnFigures {
    /// The target for every record, or for values without an entry in `by`: an ISO 8601 duration such as `PT4H` or `P2D`.
    #[serde(default)]
    pub target: Option<String>,
    /// The target by value of the field.
    #[serde(default)]
    #[oai(default)]
    pub by: BTreeMap<String, String>,
    /// The percentage of the target at which it warns, 1 to 99.
    #[serde(default)]
    pub warn: Option<u8>,
}

impl OwnFigures {
    fn of(thresholds: &Thresholds) -> Self {
        Self {
            target: thresholds.target.map(|span| span.to_string()),
            by: thresholds.by.iter().map(|(value, span)| (value.clone(), span.to_string())).collect(),
            warn: thresholds.warn,
        }
    }

    fn read(&self, sla: &Sla) -> Result<Thresholds> {
        let mut wrong = Vec::new();
        let mut span = |field: String, text: &str| {
            let span = Span::parse(text).filter(|span| !span.is_zero());
            if span.is_none() {
                wrong.push(FieldError::new(field, "not_a_duration"));
            }
            span
        };
        let target = self.target.as_deref().and_then(|text| span("target".to_owned(), text));
        let by: BTreeMap<String, Span> =
            self.by.iter().filter_map(|(value, text)| Some((value.clone(), span(format!("by/{value}"), text)?))).collect();
        let known = |value: &String| matches!(&sla.target, SlaTarget::By { spans, .. } if spans.contains_key(value));
        wrong.extend(self.by.keys().filter(|value| !known(value)).map(|value| FieldError::new(format!("by/{value}"), "unknown_field")));
        if self.warn.is_some_and(|percent| !(1..=99).contains(&percent)) {
            wrong.push(FieldError::new("warn", "out_of_range").with("min", 1).with("max", 99));
        }
        if wrong.is_empty() { Ok(Thresholds { target, by, warn: self.warn }) } else { Err(Error::Invalid(wrong)) }
    }
}

/// The service levels of a kind of record, with the company's own figures.
#[derive(Debug)]
pub struct ListFigures<S>(PhantomData<fn() -> S>);

impl<S> ListFigures<S> {
    /// Asks for them.
    pub fn new() -> Self {
        Self(PhantomData)
    }
}

impl<S> Default for ListFigures<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Clone for ListFigures<S> {
    fn clone(&self) -> Self {
        Self::new()
    }
}

impl<S: Routed> Action for ListFigures<S> {
    const NEEDS: Permission = Permission::WorkflowManage;
    const ACCESS: tenant::Access = tenant::Access::Read;
    type Out = Vec<Figures>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Vec<Figures>> {
        let workflow = current::<S>(cx).await?;
        let mut own = stored(cx, workflow.key()).await?;
        workflow.slas().map(|sla| Ok(figures(sla, own.remove(&sla.id)))).collect()
    }
}

/// Sets a company's figures for a service level; what runs already keeps its own. All absent: the file's again.
#[derive(Debug)]
pub struct SetFigures<S> {
    /// The service level.
    pub sla: String,
    /// The version that was read.
    pub version: i32,
    /// The figures.
    pub own: OwnFigures,
    /// The kind of record.
    pub of: PhantomData<fn() -> S>,
}

impl<S> Clone for SetFigures<S> {
    fn clone(&self) -> Self {
        Self { sla: self.sla.clone(), version: self.version, own: self.own.clone(), of: self.of }
    }
}

impl<S: Routed> Action for SetFigures<S> {
    const NEEDS: Permission = Permission::WorkflowManage;
    type Out = Figures;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Figures> {
        cx.refuse_limited()?;
        let workflow = current::<S>(cx).await?;
        let sla = workflow.sla(&self.sla).ok_or(Error::NotFound)?;
        let thresholds = self.own.read(sla)?;
        cx.hold("service levels").await?;
        let current = stored(cx, workflow.key()).await?.remove(&self.sla).map_or(0, |(_, version)| version);
        if current != self.version {
            return Err(Error::Stale { current, state: None, changed_at: None, changed_by: None });
        }
        let version = sqlx::query_scalar!(
            "INSERT INTO sla_thresholds (tenant_id, id, workflow, sla, thresholds) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (tenant_id, workflow, sla) DO UPDATE SET thresholds = excluded.thresholds RETURNING version",
            cx.tenant().uuid(),
            Uuid::now_v7(),
            workflow.key(),
            self.sla,
            serde_json::to_value(&thresholds)?,
        )
        .fetch_one(cx.conn())
        .await?;
        Ok(figures(sla, Some((thresholds, version))))
    }
}

async fn current<S: Routed>(cx: &mut Cx<'_>) -> Result<Arc<Workflow>> {
    let (definitions, company) = (cx.app().definitions(), cx.tenant());
    definitions.current(cx.conn(), company, S::SUBJECT).await
}

async fn stored(cx: &mut Cx<'_>, workflow: &str) -> Result<BTreeMap<String, (Thresholds, i32)>> {
    let rows = sqlx::query!(
        "SELECT sla, thresholds, version FROM sla_thresholds WHERE tenant_id = $1 AND workflow = $2",
        cx.tenant().uuid(),
        workflow,
    )
    .fetch_all(cx.conn())
    .await?;
    rows.into_iter().map(|row| Ok((row.sla, (serde_json::from_value(row.thresholds)?, row.version)))).collect()
}

fn figures(sla: &Sla, own: Option<(Thresholds, i32)>) -> Figures {
    let (field, target, by) = match &sla.target {
        SlaTarget::Fixed(span) => (None, Some(span.to_string()), BTreeMap::new()),
        SlaTarget::By { field, spans, default } => {
            let by = spans.iter().map(|(value, span)| (value.clone(), span.to_string())).collect();
            (Some(field.clone()), default.map(|span| span.to_string()), by)
        }
    };
    let (own, version) = own.unwrap_or_default();
    Figures {
        sla: sla.id.clone(),
        clock: sla.clock.as_str().to_owned(),
        field,
        target,
        by,
        warn: sla.warn.as_ref().map(|warn| warn.percent),
        own: OwnFigures::of(&own),
        version,
    }
}
