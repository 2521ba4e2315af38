//! What a record with a life tells the engine about itself.

use std::future::Future;

use chrono::{DateTime, Utc};
use serde_json::Value as Json;
use uuid::Uuid;
use workflows::sla::Health;
use workflows::{Actor, Recipient, Record, Subject, TenantFacts, Value};

use crate::kernel::action::Cx;
use crate::kernel::error::Result;
use crate::kernel::id::Id;
use crate::kernel::permission::Permission;
use crate::kernel::scope::Scope;

/// A kind of record that workflow files move.
pub trait Routed: Send + Sync + Sized + 'static {
    /// Its fields, as files may name them. A test holds them to the table.
    const SUBJECT: &'static Subject;
    /// The right to see it: the coarse gate of every step. The file's own permission is decided by the engine.
    const READ: Permission;
    /// Fields only some may see: an explanation leaves their values out for the rest.
    const HIDDEN: &'static [(&'static str, Permission)];

    /// The fields a step may write, as they were read.
    type Held: Send + Sync + Clone + std::fmt::Debug;

    /// The record as the engine reads it, locked when it is about to move.
    fn load(cx: &mut Cx<'_>, id: Id<Self>, access: Access) -> impl Future<Output = Result<Option<Routing<Self>>>> + Send;
    /// Writes the new state and, over what was `held`, the new fields; answers the new version.
    fn write(cx: &mut Cx<'_>, id: Id<Self>, held: Self::Held, writes: Writes) -> impl Future<Output = Result<i32>> + Send;
    /// Writes how its service levels stand, which is no new version of it.
    fn mark(cx: &mut Cx<'_>, id: Id<Self>, sla: Option<Health>) -> impl Future<Output = Result<()>> + Send;
    /// How many records other than `except` that name `of` have not ended.
    fn open_records(cx: &mut Cx<'_>, of: Uuid, except: Uuid) -> impl Future<Output = Result<i64>> + Send;
    /// Makes a record as an effect fills it in, `depth` effects deep: [`workflows::Creatable`] says which fields there may be.
    fn make(cx: &mut Cx<'_>, fields: &[(String, Value)], depth: usize) -> impl Future<Output = Result<()>> + Send;
    /// Whom of these people, who may act at `site`, to give a record: the one who has least to do. `None` when there is nobody.
    fn least_busy(cx: &mut Cx<'_>, who: &Recipient, site: Uuid) -> impl Future<Output = Result<Option<Uuid>>> + Send;
}

/// Whether a record is only read, or about to move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Read.
    Read,
    /// Read and locked until the transaction ends.
    Lock,
}

/// A record, as the engine reads it.
#[derive(Debug)]
pub struct Routing<S: Routed> {
    /// Its fields.
    pub doc: Record,
    /// The hash of the definition it follows.
    pub definition: String,
    /// The history row by which it entered its state.
    pub entry_seq: i32,
    /// Its version.
    pub version: i32,
    /// Where it is; people limited to other sites are not told of it.
    pub site: Uuid,
    /// Who asked for it.
    pub requested_by: Uuid,
    /// What messages mention: number, title.
    pub mention: Json,
    /// When it was last changed.
    pub changed_at: DateTime<Utc>,
    /// By whom, by name.
    pub changed_by: Option<String>,
    /// How its service levels stand.
    pub sla: Option<Health>,
    /// What a step may write, as it is.
    pub held: S::Held,
}

/// What a step writes into its record.
#[derive(Debug, Clone)]
pub struct Writes {
    /// The state.
    pub state: String,
    /// Its category.
    pub category: &'static str,
    /// The history row of the state's entry.
    pub entry_seq: i32,
    /// How its service levels stand then.
    pub sla: Option<Health>,
    /// Fields, in order.
    pub set: Vec<(String, Value)>,
}

/// The actor and company of a scope, as guards see them.
pub fn actor_facts(scope: &Scope) -> (Actor, TenantFacts) {
    let actor = scope.actor();
    let facts = Actor {
        id: actor.id.uuid(),
        role: actor.role_key.clone().unwrap_or_default(),
        permissions: scope.permissions().iter().map(|p| p.key().to_owned()).collect(),
        system: actor.system,
        sites: scope.sites().map(|sites| sites.iter().copied().collect()),
        ..Actor::default()
    };
    (facts, TenantFacts { currency: scope.company().currency.clone(), zone: scope.company().zone })
}
