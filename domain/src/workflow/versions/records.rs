//! The records behind a file: how many there are in each state under each version, and which a migration takes next.

use std::future::Future;

use uuid::Uuid;

use super::clocks::Running;
use crate::kernel::action::Cx;
use crate::kernel::error::Result;
use crate::kernel::id::Id;
use crate::maintenance::work_order::WorkOrder;
use crate::workflow::Routed;

/// Records in one state under one version.
#[derive(Debug, Clone)]
pub struct Census {
    /// The version's hash.
    pub definition: String,
    /// The state.
    pub state: String,
    /// How many.
    pub records: i64,
    /// Of these, with an approval request open.
    pub open_requests: i64,
}

/// Where a record comes to stand.
#[derive(Debug, Clone, Copy)]
pub struct Stand<'a> {
    /// The version's hash.
    pub definition: &'a str,
    /// The state.
    pub state: &'a str,
    /// Its category.
    pub category: &'static str,
    /// The history row of the state's entry.
    pub entry_seq: i32,
}

/// What versions need of a kind of record besides its routing.
pub trait Versioned: Routed {
    /// The company's records, counted.
    fn census(cx: &mut Cx<'_>) -> impl Future<Output = Result<Vec<Census>>> + Send;
    /// What runs or waits on them, counted.
    fn running(cx: &mut Cx<'_>) -> impl Future<Output = Result<Vec<Running>>> + Send;
    /// The next so many records behind `after` that follow another version than `definition`, by id.
    fn next(cx: &mut Cx<'_>, definition: &str, after: Uuid, limit: i64) -> impl Future<Output = Result<Vec<Uuid>>> + Send;
    /// Those that follow another version than `definition` and wait for a decision, by id.
    fn asked(cx: &mut Cx<'_>, definition: &str) -> impl Future<Output = Result<Vec<Uuid>>> + Send;
    /// Puts a record under another version. The record is locked.
    fn put(cx: &mut Cx<'_>, id: Id<Self>, stand: Stand<'_>) -> impl Future<Output = Result<()>> + Send;
}

/// The census of the kind of record a workflow moves.
pub(super) async fn census(cx: &mut Cx<'_>, workflow: &str) -> Result<Vec<Census>> {
    match workflow {
        key if key == WorkOrder::SUBJECT.key => WorkOrder::census(cx).await,
        _ => Ok(Vec::new()),
    }
}
