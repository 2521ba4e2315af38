//! Work orders under the versions of their file.

use uuid::Uuid;

use super::model::WorkOrder;
use crate::kernel::action::Cx;
use crate::kernel::error::Result;
use crate::kernel::id::Id;
use crate::workflow::{Census, Running, Stand, Versioned};

impl Versioned for WorkOrder {
    async fn census(cx: &mut Cx<'_>) -> Result<Vec<Census>> {
        Ok(sqlx::query_as!(
            Census,
            r#"SELECT o.definition, o.state, count(*) AS "records!", count(a.id) AS "open_requests!"
               FROM work_orders o LEFT JOIN approvals a ON a.tenant_id = o.tenant_id AND a.record_id = o.id AND a.status = 'open'
               WHERE o.tenant_id = $1 GROUP BY o.definition, o.state ORDER BY o.definition, o.state"#,
            cx.tenant().uuid(),
        )
        .fetch_all(cx.conn())
        .await?)
    }

    async fn running(cx: &mut Cx<'_>) -> Result<Vec<Running>> {
        Ok(sqlx::query_as!(
            Running,
            r#"SELECT o.definition AS "definition!", o.state AS "state!", 'sla' AS "kind!", r.sla AS "rule!", r.phase = 'paused' AS "paused!", count(*) AS "records!"
               FROM work_orders o
               JOIN sla_runs r ON r.tenant_id = o.tenant_id AND r.subject = 'work_order' AND r.record_id = o.id AND r.phase <> 'stopped'
               WHERE o.tenant_id = $1 GROUP BY o.definition, o.state, r.sla, r.phase
               UNION ALL
               SELECT o.definition, o.state, t.kind, t.rule, false, count(DISTINCT o.id)
               FROM work_orders o
               JOIN timers t ON t.tenant_id = o.tenant_id AND t.subject = 'work_order' AND t.record_id = o.id AND t.wake_at IS NOT NULL
                 AND t.kind IN ('timer', 'reminder', 'meter')
               WHERE o.tenant_id = $1 GROUP BY o.definition, o.state, t.kind, t.rule"#,
            cx.tenant().uuid(),
        )
        .fetch_all(cx.conn())
        .await?)
    }

    async fn next(cx: &mut Cx<'_>, definition: &str, after: Uuid, limit: i64) -> Result<Vec<Uuid>> {
        Ok(sqlx::query_scalar!(
            "SELECT id FROM work_orders WHERE tenant_id = $1 AND id > $3 AND definition <> $2 ORDER BY id LIMIT $4",
            cx.tenant().uuid(),
            definition,
            after,
            limit,
        )
        .fetch_all(cx.conn())
        .await?)
    }

    async fn asked(cx: &mut Cx<'_>, definition: &str) -> Result<Vec<Uuid>> {
        Ok(sqlx::query_scalar!(
            "SELECT o.id FROM work_orders o JOIN approvals a ON a.tenant_id = o.tenant_id AND a.record_id = o.id AND a.status = 'open'
             WHERE o.tenant_id = $1 AND o.definition <> $2 ORDER BY o.id",
            cx.tenant().uuid(),
            definition,
        )
        .fetch_all(cx.conn())
        .await?)
    }

    async fn put(cx: &mut Cx<'_>, id: Id<Self>, stand: Stand<'_>) -> Result<()> {
        sqlx::query!(
            "UPDATE work_orders SET definition = $3, state = $4, category = $5, entry_seq = $6 WHERE tenant_id = $1 AND id = $2",
            cx.tenant().uuid(),
            id.uuid(),
            stand.definition,
            stand.state,
            stand.category,
            stand.entry_seq,
        )
        .execute(cx.conn())
        .await?;
        Ok(())
    }
}
