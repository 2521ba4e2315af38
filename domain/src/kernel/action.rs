//! The one door to behaviour. Pages, REST, Telegram, mail links and jobs parse, [run](App::run) an [`Action`], present.

use std::future::Future;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

use super::app::App;
use super::bell::Whose;
use super::error::{Error, FieldError, Refused, Result};
use super::event::{self, Event};
use super::id::Id;
use super::jobs::{self, Job, NewJob};
use super::permission::Permission;
use super::scope::Scope;
use super::tenant::{Access, TenantTx};
use crate::identity::Tenant;

/// One thing a member can do, or read. `Clone`, because a transaction that lost a race is run again.
pub trait Action: Clone + Send {
    /// The coarse gate, checked before a transaction opens; finer ones belong in [`run`](Action::run).
    const NEEDS: Permission;
    /// A reader runs in a read-only transaction.
    const ACCESS: Access = Access::Write;
    /// What is answered.
    type Out: Send;

    /// Does it, in a transaction that sees the scope's company. No network here; an action never runs another.
    fn run(self, cx: &mut Cx<'_>) -> impl Future<Output = Result<Self::Out>> + Send;
}

/// What an action works with: the transaction, the scope, the time, and what is to be written when it succeeds.
pub struct Cx<'a> {
    conn: &'a mut PgConnection,
    scope: &'a Scope,
    app: &'a App,
    now: DateTime<Utc>,
    events: Vec<Event>,
    jobs: Vec<NewJob>,
    rung: Vec<Whose>,
}

/// What is left to be done once the transaction is committed.
#[derive(Debug, Default)]
pub(crate) struct After {
    /// Jobs whose lanes are woken.
    pub jobs: Vec<NewJob>,
    /// Members whose bells ring.
    pub rung: Vec<Whose>,
}

impl<'a> Cx<'a> {
    pub(crate) fn new(conn: &'a mut PgConnection, scope: &'a Scope, app: &'a App) -> Self {
        Self { conn, scope, app, now: app.clock().now(), events: Vec::new(), jobs: Vec::new(), rung: Vec::new() }
    }

    /// The connection, inside the transaction.
    pub fn conn(&mut self) -> &mut PgConnection {
        self.conn
    }

    /// Who acts, for which company. Outlives the borrow of the context.
    pub fn scope(&self) -> &'a Scope {
        self.scope
    }

    /// Refuses whoever works at some of the company's sites only what concerns all of them: its files, figures, hours and roles.
    pub(crate) fn refuse_limited(&self) -> Result<()> {
        if self.scope.sites().is_some() { Err(Error::Forbidden(Refused::Sites)) } else { Ok(()) }
    }

    /// The company, as every WHERE binds it.
    pub fn tenant(&self) -> Id<Tenant> {
        self.scope.tenant()
    }

    /// The application: settings, secrets, compiled workflows.
    pub fn app(&self) -> &'a App {
        self.app
    }

    /// The time of this transaction.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Waits until no other transaction of the company holds this name; holds it until this one ends. For what must be seen
    /// whole while it changes: a count with a limit, a tree.
    pub(crate) async fn hold(&mut self, name: &str) -> Result<()> {
        let key = format!("{} {name}", self.tenant());
        sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", key).execute(self.conn()).await?;
        Ok(())
    }

    /// Says what happened; written when the action succeeds.
    pub fn emit(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Asks for background work; queued when the action succeeds, and only then.
    pub fn enqueue<J: Job>(&mut self, job: &J) -> Result<()> {
        self.jobs.push(NewJob::of(job)?);
        Ok(())
    }

    /// A member's notifications changed: their bell rings when the action succeeds.
    pub fn ring(&mut self, member: Uuid) {
        self.rung.push((self.tenant().uuid(), member));
    }

    /// Writes events and jobs. Answers what follows the commit.
    pub(crate) async fn flush(self) -> Result<After> {
        event::insert(self.conn, self.scope, self.now, &self.events).await?;
        jobs::insert(self.conn, jobs::Owner::Tenant, &self.jobs).await?;
        Ok(After { jobs: self.jobs, rung: self.rung })
    }
}

/// A client's key for a request it may repeat, and a digest of what it asked.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    key: String,
    digest: [u8; 32],
}

impl IdempotencyKey {
    /// `request` is everything that makes the request what it is: method, path, body.
    pub fn new(key: &str, request: &[&[u8]]) -> Result<Self> {
        if key.is_empty() || key.len() > 200 || !key.chars().all(|c| c.is_ascii_graphic()) {
            return Err(Error::Invalid(vec![FieldError::new("Idempotency-Key", "bad_key")]));
        }
        Ok(Self { key: key.to_owned(), digest: digest(request) })
    }

    /// Of a form which names what it was shown as: pressed twice it is one request, changed and pressed again it is another.
    pub fn of_form(request: &[&[u8]]) -> Self {
        let digest = digest(request);
        Self { key: format!("form-{}", URL_SAFE_NO_PAD.encode(digest)), digest }
    }
}

fn digest(request: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in request {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// How long an answer is kept for its key.
const KEPT: TimeDelta = TimeDelta::hours(24);

/// A transaction that lost a race is run so many times in all.
const TRIES: usize = 4;

impl App {
    /// Runs an action for a scope: checks its permission, opens the transaction, runs, writes events and jobs, commits.
    pub async fn run<A: Action>(&self, scope: &Scope, action: A) -> Result<A::Out> {
        scope.need(A::NEEDS)?;
        let mut tries = 1;
        loop {
            match self.attempt(scope, action.clone()).await {
                Err(error) if error.is_serialization() && tries < TRIES => tries += 1,
                done => return done,
            }
        }
    }

    async fn attempt<A: Action>(&self, scope: &Scope, action: A) -> Result<A::Out> {
        let mut tx = TenantTx::begin(self.pool(), scope, A::ACCESS).await?;
        let mut cx = Cx::new(tx.conn(), scope, self);
        let out = action.run(&mut cx).await?;
        if A::ACCESS == Access::Write {
            let after = cx.flush().await?;
            self.finish(tx, after).await?;
        }
        Ok(out)
    }

    /// Runs an action once for a key: a repeated request gets the first answer, another request under the same key is refused.
    /// Key and effect share one transaction, so that neither survives without the other.
    pub async fn run_once<A>(&self, scope: &Scope, key: Option<IdempotencyKey>, action: A) -> Result<A::Out>
    where
        A: Action,
        A::Out: Serialize + DeserializeOwned,
    {
        match key {
            None => self.run(scope, action).await,
            Some(key) => self.run(scope, Once { key, action }).await,
        }
    }

    /// Not generic, so that it is compiled once.
    async fn finish(&self, tx: TenantTx, after: After) -> Result<()> {
        tx.commit().await?;
        self.wake(&after.jobs);
        self.ring(after.rung);
        Ok(())
    }
}

#[derive(Clone)]
struct Once<A> {
    key: IdempotencyKey,
    action: A,
}

impl<A> Action for Once<A>
where
    A: Action,
    A::Out: Serialize + DeserializeOwned,
{
    const NEEDS: Permission = A::NEEDS;
    type Out = A::Out;

    async fn run(self, cx: &mut Cx<'_>) -> Result<A::Out> {
        if let Some(answer) = claim(cx, &self.key).await? {
            return Ok(serde_json::from_value(answer)?);
        }
        let out = self.action.run(cx).await?;
        store(cx, &self.key, serde_json::to_value(&out)?).await?;
        Ok(out)
    }
}

/// Takes the key, or answers what was answered under it. A second request waits here until the first commits or fails.
async fn claim(cx: &mut Cx<'_>, key: &IdempotencyKey) -> Result<Option<serde_json::Value>> {
    let (tenant, member, now) = (cx.tenant().uuid(), cx.scope().actor().id.uuid(), cx.now());
    let fresh = sqlx::query!(
        "INSERT INTO idempotency_keys AS k (tenant_id, member_id, key, request_hash, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant_id, member_id, key) DO UPDATE SET request_hash = $4, answer = NULL, created_at = $5 WHERE k.created_at <= $6",
        tenant,
        member,
        key.key,
        &key.digest[..],
        now,
        now - KEPT,
    )
    .execute(cx.conn())
    .await?
    .rows_affected();
    if fresh == 1 {
        return Ok(None);
    }
    let stored = sqlx::query!(
        "SELECT request_hash, answer FROM idempotency_keys WHERE tenant_id = $1 AND member_id = $2 AND key = $3",
        tenant,
        member,
        key.key,
    )
    .fetch_one(cx.conn())
    .await?;
    if stored.request_hash != key.digest {
        return Err(Error::Invalid(vec![FieldError::new("Idempotency-Key", "idempotency_mismatch")]));
    }
    Ok(Some(stored.answer.unwrap_or_default()))
}

async fn store(cx: &mut Cx<'_>, key: &IdempotencyKey, answer: serde_json::Value) -> Result<()> {
    sqlx::query!(
        "UPDATE idempotency_keys SET answer = $4 WHERE tenant_id = $1 AND member_id = $2 AND key = $3",
        cx.tenant().uuid(),
        cx.scope().actor().id.uuid(),
        key.key,
        answer,
    )
    .execute(cx.conn())
    .await?;
    Ok(())
}
