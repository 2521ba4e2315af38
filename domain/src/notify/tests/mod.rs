//! Who is told what, by which way and when.

mod channels;
mod kinds;
mod log;
mod preferences;
mod reminders;
mod telling;
mod texts;

use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use uuid::Uuid;
use workflows::Recipient;

use super::{Channel, Mine, Telling, Words, tell};
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::Result;
use crate::kernel::permission::Permission;
use crate::kernel::scope::{Request, Scope};
use crate::kernel::testing::{Company, World};

/// A company with a technician, who is told things.
struct House {
    world: World,
    company: Company,
    tech: Scope,
}

/// Tells somebody something of a record.
#[derive(Clone)]
struct Say {
    text: &'static str,
    words: Words,
    channels: &'static [Channel],
    to: Uuid,
    record: Uuid,
    site: Uuid,
    mention: Json,
    dedupe: String,
}

impl Action for Say {
    const NEEDS: Permission = Permission::Member;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        let telling = Telling {
            text: self.text,
            words: self.words,
            channels: self.channels,
            to: &[Recipient::Member(self.to)],
            subject: "work_order",
            record: self.record,
            site: Some(self.site),
            mention: &self.mention,
            dedupe: self.dedupe,
            except: None,
        };
        tell(cx, &telling).await
    }
}

impl House {
    async fn new() -> Self {
        let world = World::new().await;
        let company = world.company("dala").await;
        let tech = world.member(&company, "technician", "timur").await;
        Self { world, company, tech }
    }

    /// The company's system actor, as whom the worker runs.
    async fn system(&self) -> Scope {
        let tenant = self.company.admin.tenant().uuid();
        self.world.app.scope_of(tenant, None, Request::internal("test")).await.expect("has one")
    }

    /// Something said to the technician of a record of its own.
    fn saying(&self, text: &'static str) -> Say {
        Say {
            text,
            words: Words::new(),
            channels: &[],
            to: self.tech.actor().id.uuid(),
            record: Uuid::now_v7(),
            site: self.company.site,
            mention: json!({ "number": "WO-7", "title": "Leak" }),
            dedupe: Uuid::now_v7().to_string(),
        }
    }

    async fn say(&self, say: Say) {
        self.world.app.run(&self.company.admin, say).await.expect("tells");
    }

    /// How messages stand: channel, state, reason, and whether they wait.
    async fn deliveries(&self) -> Vec<(String, String, Option<String>, bool)> {
        sqlx::query_as("SELECT channel, state, reason, wake_at IS NOT NULL FROM deliveries ORDER BY notification_id, channel")
            .fetch_all(&mut self.world.superuser().await)
            .await
            .expect("reads")
    }

    /// What the stager queues now: kinds and payloads of the jobs.
    async fn stage(&self) -> Vec<(String, Json)> {
        let mut conn = self.world.superuser().await;
        let known: Vec<Uuid> = sqlx::query_scalar("SELECT id FROM queue.jobs").fetch_all(&mut conn).await.expect("reads");
        let staged: i64 = sqlx::query_scalar("SELECT app.stage_messages($1, 1000)")
            .bind(self.world.clock.now())
            .fetch_one(&mut conn)
            .await
            .expect("stages");
        let jobs: Vec<(String, Json)> = sqlx::query_as("SELECT kind, payload FROM queue.jobs WHERE id <> ALL ($1) ORDER BY kind, id")
            .bind(known)
            .fetch_all(&mut conn)
            .await
            .expect("reads");
        assert_eq!(usize::try_from(staged).expect("few"), jobs.len());
        jobs
    }

    async fn bell(&self) -> usize {
        let mine = Mine { unread: false, kind: None, before: None, limit: 200 };
        self.world.app.run(&self.tech, mine).await.expect("reads").len()
    }

    fn advance(&self, by: TimeDelta) {
        self.world.clock.advance(by);
    }
}

/// A delivery, to compare with.
fn way(channel: &str, state: &str, reason: Option<&str>, waits: bool) -> (String, String, Option<String>, bool) {
    (channel.to_owned(), state.to_owned(), reason.map(str::to_owned), waits)
}
