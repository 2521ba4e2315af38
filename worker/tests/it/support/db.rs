use std::time::Duration;

use domain::kernel::jobs::{self, Job, NewJob, Owner};
use domain::kernel::testing::World;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Executor, PgConnection, PgPool};
use uuid::Uuid;

use super::proxy::{Door, Server};

/// A world, seen from its queue: as a superuser and as the worker.
pub struct Db {
    pub owner: PgPool,
    pub worker: PgPool,
    // dropped last: it drops the database
    pub world: World,
}

/// A job as it stands in the table.
#[derive(Debug, sqlx::FromRow)]
pub struct Stored {
    pub state: String,
    pub attempt: i32,
    pub crashes: i32,
    pub last_error: Option<String>,
    /// Seconds from now until it is due.
    pub due_in: f64,
}

/// Connections as the worker's role, which a test may cut or use in another runtime.
fn worker_pool(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(8)
        .acquire_timeout(Duration::from_secs(5))
        .test_before_acquire(false)
        .after_connect(|conn, _| Box::pin(async move { conn.execute("SET ROLE millwright_worker").await.map(drop) }))
        .connect_lazy_with(options)
}

impl Db {
    pub async fn new() -> Self {
        let world = World::new().await;
        let owner = PgPoolOptions::new().max_connections(3).connect_lazy(&world.url).expect("an address");
        let worker = world.app.queue_pool(8).await.expect("the connections a worker gets");
        Self { owner, worker, world }
    }

    fn options(&self) -> PgConnectOptions {
        self.world.url.parse().expect("an address")
    }

    /// Another pool for a worker, through a door that can be shut.
    pub async fn through_a_door(&self, open: bool) -> (PgPool, Door) {
        let options = self.options();
        let port = options.get_port();
        let server = match options.get_socket() {
            Some(folder) => Server::Socket(folder.join(format!(".s.PGSQL.{port}"))),
            None => Server::Tcp(options.get_host().into(), port),
        };
        let door = Door::to(server, open).await;
        // a socket is named after the question mark: the way through the door is TCP
        let address = self.world.url.split('?').next().unwrap_or_default();
        let through: PgConnectOptions = address.parse().expect("an address");
        (worker_pool(through.host("127.0.0.1").port(door.port)), door)
    }

    /// Connections for a worker of another runtime.
    pub fn another_pool(&self) -> PgPool {
        worker_pool(self.options())
    }

    /// Opens a transaction as a company's request does.
    pub async fn begin(&self, tenant: Uuid) -> sqlx::Transaction<'static, sqlx::Postgres> {
        let mut tx = self.owner.begin().await.expect("a transaction");
        self.become_tenant(&mut tx, tenant).await;
        tx
    }

    pub async fn become_tenant(&self, tx: &mut PgConnection, tenant: Uuid) {
        tx.execute("SET LOCAL ROLE millwright_tenant").await.expect("the tenants' role");
        sqlx::query("SELECT set_config('app.tenant_id', $1, true)")
            .bind(tenant.to_string())
            .execute(tx)
            .await
            .expect("the tenant's setting");
    }

    /// Commits one job of a company and answers its id.
    pub async fn enqueue(&self, tenant: Uuid, job: &impl Job) -> Uuid {
        let job = NewJob::of(job).expect("the arguments are JSON");
        self.enqueue_all(tenant, std::slice::from_ref(&job)).await;
        job.id()
    }

    /// Commits several jobs of a company.
    pub async fn enqueue_all(&self, tenant: Uuid, jobs: &[NewJob]) -> u64 {
        let mut tx = self.begin(tenant).await;
        let added = jobs::insert(&mut tx, Owner::Tenant, jobs).await.expect("jobs are added");
        tx.commit().await.expect("commit");
        added
    }

    pub async fn stored(&self, id: Uuid) -> Stored {
        sqlx::query_as(
            "SELECT state, attempt, crashes, last_error, extract(epoch FROM run_at - now())::float8 AS due_in
             FROM queue.jobs WHERE id = $1",
        )
        .bind(id)
        .fetch_one(&self.owner)
        .await
        .expect("the job is stored")
    }

    /// Waits until the job is in a state.
    pub async fn reaches(&self, id: Uuid, state: &str) -> Stored {
        super::eventually(state, async || Some(self.stored(id).await).filter(|stored| stored.state == state)).await
    }

    /// A company cancels a job of its own.
    pub async fn cancel(&self, tenant: Uuid, id: Uuid) -> jobs::Cancelled {
        let mut tx = self.begin(tenant).await;
        let cancelled = jobs::cancel(&mut tx, id).await.expect("is asked");
        tx.commit().await.expect("commit");
        cancelled
    }

    /// How far a job has come, as stored.
    pub async fn progress(&self, id: Uuid) -> Option<serde_json::Value> {
        sqlx::query_scalar("SELECT progress FROM queue.jobs WHERE id = $1").bind(id).fetch_one(&self.owner).await.expect("is stored")
    }

    /// Lets the back-off of a job pass.
    pub async fn pass_back_off(&self, id: Uuid) {
        self.owner_sql("UPDATE queue.jobs SET run_at = now() WHERE id = $1", id).await;
    }

    /// Lets the lease of a job run out.
    pub async fn expire(&self, id: Uuid) {
        let sql = "UPDATE queue.jobs SET lease_until = now() - interval '1 s' WHERE id = $1 AND state = 'running'";
        self.owner_sql(sql, id).await;
    }

    async fn owner_sql(&self, sql: &'static str, id: Uuid) {
        let done = sqlx::query(sql).bind(id).execute(&self.owner).await.expect("the owner may");
        assert_eq!(done.rows_affected(), 1, "{sql}");
    }

    /// Waits until a count is so much.
    pub async fn becomes(&self, sql: &'static str, count: i64) {
        super::eventually(sql, async || (self.count(sql).await == count).then_some(())).await;
    }

    /// The one id a query finds.
    pub async fn id(&self, sql: &'static str) -> Uuid {
        sqlx::query_scalar(sql).fetch_one(&self.owner).await.expect(sql)
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.owner).await.expect("a count")
    }
}
