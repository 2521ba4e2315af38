//! Answers to what conditions ask of other records, fetched before the decision.

use uuid::Uuid;
use workflows::{Call, Lookups, Value};

use super::effects::subject;
use super::subject::Routed;
use crate::kernel::action::Cx;
use crate::kernel::error::Result;

/// Answers the calls of a decision about a record.
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
            // a rule means all of the company, whoever presses; check lets no kind through that has no table
            cx.everywhere().await?;
            let open = subject!(kind, S => S::open_records(cx, of, record).await)?;
            cx.at_own_sites().await?;
            Ok(Some(Value::Int(open)))
        }
        _ => Ok(None),
    }
}
