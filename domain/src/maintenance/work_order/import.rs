//! Bringing finished work in from elsewhere, with its own dates (128). The order is written as it ended and its history says
//! that it was imported; nobody is told. A reference already brought is left alone, so that a second run adds nothing.

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::create::settle;
use super::model::{KINDS, PRIORITIES, WorkOrder, medium, repair, spoken};
use super::store::{self, New, Writable};
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Checks, Error, FieldError, Result};
use crate::kernel::id::Id;
use crate::kernel::money::Money;
use crate::kernel::permission::Permission;
use crate::workflow;

/// Finished work, as another system recorded it.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields, rename = "WorkOrderImport")]
pub struct ImportInput {
    /// What identifies it there; a reference already brought is left alone. At most 200 characters.
    pub external_ref: String,
    /// What was done; at most 200 characters.
    pub title: String,
    /// More about it.
    #[serde(default)]
    #[oai(default)]
    pub description: String,
    /// The kind of work.
    #[serde(default = "repair")]
    #[oai(default = "repair")]
    pub kind: String,
    /// How urgent it was.
    #[serde(default = "medium")]
    #[oai(default = "medium")]
    pub priority: String,
    /// The asset it was for.
    #[serde(default)]
    pub asset_id: Option<Uuid>,
    /// Where the work was; the asset's location when absent.
    #[serde(default)]
    pub location_id: Option<Uuid>,
    /// When it was asked for; not in the future.
    pub created_at: DateTime<Utc>,
    /// When it was finished; not before it was asked for, not in the future.
    pub completed_at: DateTime<Utc>,
    /// What it cost, in the company's currency; a credit is negative.
    #[serde(default)]
    pub cost: Option<Money>,
}

/// What became of it.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
pub struct Imported {
    /// The order.
    pub id: Uuid,
    /// Its number.
    pub number: String,
    /// Whether it was added now; otherwise it was there already.
    pub added: bool,
}

/// Brings one finished order in.
#[derive(Debug, Clone)]
pub struct Import(
    /// The order.
    pub ImportInput,
);

/// The state imported work ends in, in the shipped definition and in any that keeps its names.
const DONE: &str = "completed";

impl Action for Import {
    const NEEDS: Permission = Permission::WorkOrderImport;
    type Out = Imported;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Imported> {
        let input = self.0;
        let cost = check(cx, &input)?;
        // the same row sent twice at once: the second waits, and finds what the first brought
        cx.hold(&input.external_ref).await?;
        if let Some((id, number)) = store::by_external_ref(cx, &input.external_ref).await? {
            return Ok(Imported { id, number: spoken(number), added: false });
        }
        let (location_id, site_id) = settle(cx, input.asset_id, input.location_id).await?;
        let id = Id::<WorkOrder>::new();
        let (definitions, company) = (cx.app().definitions(), cx.tenant());
        let definition = definitions.current(cx.conn(), company, &super::SUBJECT).await?;
        let state = definition.state(DONE).ok_or(Error::Conflict("no_completed_state"))?;
        let new = New {
            id,
            title: input.title.trim(),
            description: &input.description,
            kind: &input.kind,
            priority: &input.priority,
            state: DONE,
            category: state.category.as_str(),
            sla: None,
            definition: definition.hash(),
            asset_id: input.asset_id,
            location_id,
            site_id,
            vendor_id: None,
            scheduled_at: None,
            estimated_cost: None,
            external_ref: Some(&input.external_ref),
            created_at: input.created_at,
            writable: Writable { completed_at: Some(input.completed_at), cost, ..Writable::default() },
        };
        let number = spoken(store::insert(cx, new).await?.number);
        let mention = json!({ "number": number, "title": input.title, "external_ref": input.external_ref });
        workflow::import::<WorkOrder>(cx, id, &definition, DONE, &mention).await?;
        Ok(Imported { id: id.uuid(), number, added: true })
    }
}

fn check(cx: &Cx<'_>, input: &ImportInput) -> Result<Option<Decimal>> {
    let mut checks = Checks::new();
    checks.text("external_ref", &input.external_ref, 200).text("title", &input.title, 200).max("description", &input.description, 10_000);
    checks.one_of("kind", &input.kind, KINDS).one_of("priority", &input.priority, PRIORITIES);
    checks.year("created_at", Some(&input.created_at)).year("completed_at", Some(&input.completed_at));
    if input.created_at > cx.now() {
        checks.push(FieldError::new("created_at", "in_future"));
    }
    if input.completed_at > cx.now() {
        checks.push(FieldError::new("completed_at", "in_future"));
    } else if input.completed_at < input.created_at {
        checks.push(FieldError::new("completed_at", "before_start"));
    }
    checks.done()?;
    input.cost.as_ref().map(|cost| cost.accept("cost", &cx.scope().company().currency)).transpose()
}
