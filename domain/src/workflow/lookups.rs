//! Answers to what conditions ask of other records, fetched before the decision.

use uuid::Uuid;
use workflows::{Call, Lookups, Value};

use super::effects::subject;
use super::subject::Routed;
use crate::kernel::action::Cx;
use crate::kernel::error::Result;

/// Answers the calls of a decision about a record. One about a kind of record that has no table here stays without an answer, and its
/// condition without a value.
pub(super) async fn answered(cx: &mut Cx<'_>, calls: Vec<Call>, record: Uuid) -> Result<Lookups> {
    let mut lookups = Lookups::default();
    for call in calls {
        if let Some(answer) = answer(cx, &call, record).await? {
            lookups.insert(call, answer);
        }
    }
    Ok(lookups)
}

async fn answer(cx: &mut Cx<'_>, call: &Call, record: Uuid) -> Result<Option<Value>> {
    match (call.name, call.args.as_slice()) {
        ("open_records", [kind, of]) => {
            let (Some(kind), Some(of)) = (kind.as_text(), of.as_ref_id()) else { return Ok(None) };
            subject!(kind, S => S::open_records(cx, of, record).await.map(|open| Some(Value::Int(open)))).or(Ok(None))
        }
        _ => Ok(None),
    }
}
