//! Where somebody may work: at every site of the company, or at some. Nobody gives more than they have, and nobody manages
//! people beyond their own sites.

use uuid::Uuid;

use crate::kernel::action::Cx;
use crate::kernel::error::{Error, Refused, Result};
use crate::kernel::scope::Scope;

/// The sites somebody is to be limited to, as they are stored (`None` for every site): existing ones, and no more than the
/// actor's own.
pub(super) async fn grantable_sites(cx: &mut Cx<'_>, all: bool, wanted: Vec<Uuid>) -> Result<Option<Vec<Uuid>>> {
    match (all, wanted.is_empty()) {
        (true, false) => return Err(Error::field("site_ids", "all_or_some")),
        (false, true) => return Err(Error::field("site_ids", "required")),
        (true, true) if cx.scope().sites().is_some() => return Err(Error::field("site_ids", "not_all_sites")),
        (true, true) => return Ok(None),
        (false, false) => {}
    }
    // a site must not go while somebody is being limited to it
    cx.hold("locations").await?;
    // the policies show a limited actor no other sites
    let known = sqlx::query_scalar!(
        "SELECT id FROM locations WHERE tenant_id = $1 AND parent_id IS NULL AND id = ANY($2)",
        cx.tenant().uuid(),
        &wanted,
    )
    .fetch_all(cx.conn())
    .await?;
    if wanted.iter().all(|site| known.contains(site)) { Ok(Some(wanted)) } else { Err(Error::field("site_ids", "unknown_reference")) }
}

/// Whether these sites are all among the actor's own.
pub(super) fn are_own(scope: &Scope, all: bool, sites: &[Uuid]) -> bool {
    scope.sites().is_none_or(|own| !all && sites.iter().all(|site| own.contains(site)))
}

/// Refuses to touch somebody who works, or is to work, where the actor does not.
pub(super) fn refuse_beyond(cx: &Cx<'_>, all: bool, sites: &[Uuid]) -> Result<()> {
    if are_own(cx.scope(), all, sites) { Ok(()) } else { Err(Error::Forbidden(Refused::Sites)) }
}
