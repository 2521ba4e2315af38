//! The platform's door: accounts, companies, sign-up, sessions, schedules. It stands beside [`Action`](super::action::Action)
//! because these have no company yet; a test lists everything that comes through here.

use std::future::Future;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgConnection;
use uuid::Uuid;

use super::action::{After, Cx};
use super::app::App;
use super::error::{Error, Refused, Result};
use super::id::Id;
use super::jobs::{self, Job, NewJob};
use super::scope::{Request, Scope};
use super::tenant::PlatformTx;
use crate::identity::{Account, Tenant};

/// Who may run a platform action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Anybody: the action itself checks a secret (password, key, token).
    Anyone,
    /// Somebody signed in.
    Account,
    /// An operator of the platform.
    Operator,
}

/// Who asks.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The account signed in, if any.
    pub account: Option<Id<Account>>,
    /// Whether it is an operator's.
    pub operator: bool,
    /// The request.
    pub request: Request,
}

impl Caller {
    /// Nobody signed in.
    pub fn anyone(request: Request) -> Self {
        Self { account: None, operator: false, request }
    }

    fn stands(&self, needed: Standing) -> Result<()> {
        match needed {
            Standing::Anyone => Ok(()),
            _ if self.account.is_none() => Err(Error::Unauthenticated),
            Standing::Operator if !self.operator => Err(Error::Forbidden(Refused::Operator)),
            Standing::Account | Standing::Operator => Ok(()),
        }
    }
}

/// Something done outside any one company.
pub trait PlatformAction: Send {
    /// Who may.
    const NEEDS: Standing;
    /// What is answered.
    type Out: Send;

    /// Does it, in one transaction.
    fn run(self, px: &mut Px<'_>) -> impl Future<Output = Result<Self::Out>> + Send;
}

/// What a platform action works with.
pub struct Px<'a> {
    tx: PlatformTx,
    caller: &'a Caller,
    app: &'a App,
    now: DateTime<Utc>,
    jobs: Vec<NewJob>,
    after: After,
}

impl<'a> Px<'a> {
    /// The connection, inside the transaction.
    pub fn conn(&mut self) -> &mut PgConnection {
        self.tx.conn()
    }

    /// Who asks.
    pub fn caller(&self) -> &'a Caller {
        self.caller
    }

    /// The account that asks; an error when nobody is signed in.
    pub fn account(&self) -> Result<Id<Account>> {
        self.caller.account.ok_or(Error::Unauthenticated)
    }

    /// The application.
    pub fn app(&self) -> &'a App {
        self.app
    }

    /// The time of this transaction.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Asks for background work of the platform.
    pub fn enqueue<J: Job>(&mut self, job: &J) -> Result<()> {
        self.jobs.push(NewJob::of(job)?);
        Ok(())
    }

    /// Notes what happened, for operators.
    pub async fn log(&mut self, kind: &str, tenant: Option<Id<Tenant>>, data: Value) -> Result<()> {
        let caller = self.caller;
        sqlx::query!(
            "INSERT INTO platform.log (id, at, account_id, tenant_id, kind, data, ip, request) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            Uuid::now_v7(),
            self.now,
            caller.account.map(Id::uuid),
            tenant.map(Id::uuid),
            kind,
            data,
            caller.request.ip.map(Into::into) as Option<ipnetwork::IpNetwork>,
            caller.request.id,
        )
        .execute(self.conn())
        .await?;
        Ok(())
    }

    /// Works inside a company for a while, as `scope`, in the same transaction.
    pub async fn inside<T, F>(&mut self, scope: &Scope, work: F) -> Result<T>
    where
        F: AsyncFnOnce(&mut Cx<'_>) -> Result<T>,
    {
        self.tx.enter(scope).await?;
        let mut cx = Cx::new(self.tx.conn(), scope, self.app);
        let out = work(&mut cx).await?;
        let after = cx.flush().await?;
        self.after.jobs.extend(after.jobs);
        self.after.rung.extend(after.rung);
        self.tx.leave().await?;
        Ok(out)
    }
}

impl App {
    /// Runs a platform action in one transaction.
    pub async fn platform<A: PlatformAction>(&self, caller: &Caller, action: A) -> Result<A::Out> {
        caller.stands(A::NEEDS)?;
        let mut px = self.platform_begin(caller).await?;
        let out = action.run(&mut px).await?;
        self.platform_finish(px).await?;
        Ok(out)
    }

    async fn platform_begin<'a>(&'a self, caller: &'a Caller) -> Result<Px<'a>> {
        let tx = PlatformTx::begin(self.pool()).await?;
        Ok(Px { tx, caller, app: self, now: self.clock().now(), jobs: Vec::new(), after: After::default() })
    }

    async fn platform_finish(&self, mut px: Px<'_>) -> Result<()> {
        jobs::insert(px.tx.conn(), jobs::Owner::Platform, &px.jobs).await?;
        px.tx.commit().await?;
        self.wake(&px.jobs);
        self.wake(&px.after.jobs);
        self.ring(px.after.rung);
        Ok(())
    }
}
