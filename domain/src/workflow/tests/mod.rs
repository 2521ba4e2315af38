//! How the engine keeps its rows: who decides, what the clock brings, what survives a fault.

mod approvals;
mod calendar;
mod clock;
mod delegations;
mod faults;
mod levels;
mod nested;
mod texts;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::kernel::error::Result;
use crate::kernel::scope::{Request, Scope};
use crate::kernel::testing::{Company, World};
use crate::maintenance::work_order::{Show, WorkOrder};
use crate::workflow::{Explain, Explanation, Fired};

/// A file in which everything the engine keeps is used.
const FILE: &str = include_str!("shop.yml");

/// A company under [`FILE`].
struct Shop {
    world: World,
    company: Company,
    manager: Scope,
    technician: Scope,
    /// Holds the file while the world reads it.
    _folder: tempfile::TempDir,
}

impl Shop {
    async fn new() -> Self {
        Self::of(FILE).await
    }

    async fn of(file: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("work_order.yml"), file).expect("writes");
        let world = World::with(Some(folder.path().to_owned()), 8).await;
        let company = world.company("north").await;
        let manager = world.member(&company, "manager", "marat").await;
        let technician = world.member(&company, "technician", "timur").await;
        Self { world, company, manager, technician, _folder: folder }
    }

    async fn person(&self, role: &str, name: &str) -> Scope {
        self.world.member(&self.company, role, name).await
    }

    /// An order the technician asks for.
    async fn asked(&self, more: Json) -> WorkOrder {
        let mut input = json!({ "title": "Belt", "location_id": self.company.site });
        input.as_object_mut().expect("is one").extend(more.as_object().expect("is one").clone());
        self.world.order(&self.technician, input).await.expect("asks")
    }

    /// One on which work may begin: everybody needed has agreed.
    async fn open(&self, more: Json) -> WorkOrder {
        let order = self.asked(more).await;
        let (a, b) = (self.person("fleet_manager", &name()).await, self.person("fleet_manager", &name()).await);
        for who in [&self.manager, &a, &b] {
            self.press(who, &order, "approve").await.expect("agrees");
        }
        self.show(&order).await
    }

    async fn press(&self, who: &Scope, order: &WorkOrder, transition: &str) -> Result<Fired> {
        self.world.press(who, order, transition, json!({})).await
    }

    async fn show(&self, order: &WorkOrder) -> WorkOrder {
        self.world.app.run(&self.company.admin, Show(order.id.into())).await.expect("shows")
    }

    async fn explain(&self, who: &Scope, order: &WorkOrder) -> Explanation {
        self.world.app.run(who, Explain::<WorkOrder>(order.id.into())).await.expect("explains")
    }

    /// Lets time go by, stopping at each moment at which something is due, as the worker would.
    async fn advance(&self, by: TimeDelta) {
        let until = self.world.clock.now() + by;
        while let Some(at) = self.next_wake().await.filter(|at| *at <= until) {
            let left = at - self.world.clock.now();
            self.world.clock.advance(left.max(TimeDelta::zero()));
            self.sweep().await;
        }
        let left = until - self.world.clock.now();
        self.world.clock.advance(left);
    }

    async fn next_wake(&self) -> Option<DateTime<Utc>> {
        sqlx::query_scalar("SELECT min(wake_at) FROM timers").fetch_one(&mut self.world.superuser().await).await.expect("reads")
    }

    /// What the stager queues now.
    async fn stage(&self) -> Vec<Uuid> {
        let mut conn = self.world.superuser().await;
        let staged: i64 = sqlx::query_scalar("SELECT app.stage_timers($1, 1000)")
            .bind(self.world.clock.now())
            .fetch_one(&mut conn)
            .await
            .expect("stages");
        let jobs: Vec<Uuid> =
            sqlx::query_scalar("DELETE FROM queue.jobs WHERE kind = 'workflow.timer' RETURNING (payload->>'timer')::uuid")
                .fetch_all(&mut conn)
                .await
                .expect("reads jobs");
        assert_eq!(usize::try_from(staged).expect("is few"), jobs.len());
        jobs
    }

    /// One round of the worker.
    async fn sweep(&self) {
        let system = self.system().await;
        for timer in self.stage().await {
            self.world.app.timer_due(&system, timer).await.expect("is carried out");
        }
    }

    async fn system(&self) -> Scope {
        let tenant = self.company.admin.tenant().uuid();
        self.world.app.scope_of(tenant, None, Request::internal("worker")).await.expect("is there")
    }

    /// Who was told what of an order, in order: text, name.
    async fn told(&self, order: &WorkOrder, text: &str) -> Vec<String> {
        sqlx::query_scalar(
            "SELECT m.name FROM notifications n JOIN members m ON m.tenant_id = n.tenant_id AND m.id = n.member_id
             WHERE n.record_id = $1 AND n.kind = $2 ORDER BY n.at, min(n.id::text) OVER (PARTITION BY n.dedupe), m.name",
        )
        .bind(order.id)
        .bind(text)
        .fetch_all(&mut self.world.superuser().await)
        .await
        .expect("reads notifications")
    }

    async fn count(&self, sql: &'static str, order: &WorkOrder) -> i64 {
        sqlx::query_scalar(sql).bind(order.id).fetch_one(&mut self.world.superuser().await).await.expect("counts")
    }
}

/// A name nobody has yet.
fn name() -> String {
    format!("p{}", Uuid::now_v7().simple())
}
