//! How orders behave.

mod costs;
mod edit;
mod files;
mod import;
mod life;
mod list;
mod subject;

use sqlx::PgConnection;
use uuid::Uuid;

use crate::identity::member;
use crate::kernel::scope::Scope;
use crate::kernel::testing::{Company, World};
use crate::maintenance::work_order::WorkOrder;

/// A company with a manager, who may approve, and a technician, who may not.
struct Yard {
    world: World,
    company: Company,
    manager: Scope,
    technician: Scope,
}

impl Yard {
    async fn new() -> Self {
        Self::of(World::new().await).await
    }

    async fn of(world: World) -> Self {
        let company = world.company("north").await;
        let manager = world.member(&company, "manager", "marat").await;
        let technician = world.member(&company, "technician", "timur").await;
        Self { world, company, manager, technician }
    }

    fn admin(&self) -> &Scope {
        &self.company.admin
    }

    /// An order the technician asked for, which waits.
    async fn asked(&self) -> WorkOrder {
        self.world.work_order(&self.technician, "Bearing hums", self.company.site).await
    }

    /// Gives somebody another role, or keeps them out; answers their new scope.
    async fn change(&self, who: &Scope, role: &str, active: bool) -> Option<Scope> {
        let id = who.actor().id;
        let before = self.world.app.run(self.admin(), member::Show(id)).await.expect("is there");
        let input = member::Input { role_id: self.company.role(role), all_sites: before.all_sites, site_ids: before.site_ids, active };
        self.world.app.run(self.admin(), member::Change { id, version: before.version, input }).await.expect("changes");
        self.world.app.scope_of(who.tenant().uuid(), Some(id.uuid()), self.world.request()).await.ok()
    }

    /// Who was told what of an order: text, name.
    async fn told(&self, order: &WorkOrder) -> Vec<(String, String)> {
        sqlx::query_as(
            "SELECT n.kind, m.name FROM notifications n JOIN members m ON m.tenant_id = n.tenant_id AND m.id = n.member_id
             WHERE n.record_id = $1 ORDER BY n.kind, m.name",
        )
        .bind(order.id)
        .fetch_all(&mut self.world.superuser().await)
        .await
        .expect("reads notifications")
    }
}

/// The texts somebody expects, as [`Yard::told`] answers them.
fn texts(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(text, name)| ((*text).to_owned(), (*name).to_owned())).collect()
}

/// One figure about an order, by its id.
async fn count(conn: &mut PgConnection, sql: &'static str, order: Uuid) -> i64 {
    sqlx::query_scalar(sql).bind(order).fetch_one(conn).await.expect("counts")
}

/// States an order went through, oldest first.
async fn states(conn: &mut PgConnection, order: Uuid) -> Vec<String> {
    sqlx::query_scalar("SELECT to_state FROM workflow_history WHERE record_id = $1 ORDER BY seq")
        .bind(order)
        .fetch_all(conn)
        .await
        .expect("reads history")
}
