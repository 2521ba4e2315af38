//! Who changed a record last, as its audit trail tells.

use super::action::Cx;
use super::error::Error;
use super::id::Id;

/// The error of a change that named an older version than `current`: with who came before, and when.
pub(crate) async fn stale<T>(cx: &mut Cx<'_>, id: Id<T>, current: i32) -> Error {
    let last = sqlx::query!(
        r#"SELECT a.at AS "at!", m.name AS "name?"
           FROM audit_log a LEFT JOIN members m ON m.tenant_id = a.tenant_id AND m.id = a.actor
           WHERE a.tenant_id = $1 AND a.row_id = $2 ORDER BY a.at DESC, a.id DESC LIMIT 1"#,
        cx.tenant().uuid(),
        id.uuid(),
    )
    .fetch_optional(cx.conn())
    .await;
    match last {
        Ok(last) => {
            let (changed_at, changed_by) = last.map_or((None, None), |last| (Some(last.at), last.name));
            Error::Stale { current, state: None, changed_at, changed_by }
        }
        Err(error) => error.into(),
    }
}
