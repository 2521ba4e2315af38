//! The operator's board of jobs.

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;

use super::parts::Pager;
use crate::page::{sample_time, templates};

templates! {
    JobsPage => "platform/jobs.html",
    JobPage => "platform/job.html",
}

/// `GET /platform/jobs?q=…&state=…&company=…`.
#[derive(Clone, Debug, Serialize)]
pub struct JobsPage {
    /// The lanes of the queue.
    pub lanes: Vec<LaneRow>,
    /// What companies ask most of it.
    pub loads: Vec<LoadRow>,
    /// Every state, to choose from.
    pub states: Vec<String>,
    /// What kinds begin with.
    pub q: String,
    /// The state chosen, if any.
    pub state: String,
    /// The company chosen, if any.
    pub company: String,
    /// Whether anything is chosen.
    pub filtered: bool,
    /// Jobs, newest first.
    pub rows: Vec<JobRow>,
    /// Links to more.
    pub pager: Pager,
}

/// How much there is.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct CountsRow {
    /// Waiting for a worker.
    pub ready: i64,
    /// Waiting for their time.
    pub scheduled: i64,
    /// Being done.
    pub running: i64,
    /// Failed for good.
    pub dead: i64,
}

/// A lane.
#[derive(Clone, Debug, Serialize)]
pub struct LaneRow {
    /// `interactive` or `bulk`.
    pub name: String,
    /// What there is.
    pub counts: CountsRow,
    /// For how long the oldest has waited for a worker.
    pub oldest_seconds: i64,
}

/// Whose a job is.
#[derive(Clone, Debug, Serialize)]
pub struct OwnerRow {
    /// The company's name; none for the platform's own work.
    pub name: Option<String>,
    /// Its page.
    pub href: Option<String>,
}

/// What a company asks of the queue.
#[derive(Clone, Debug, Serialize)]
pub struct LoadRow {
    /// Whose it is.
    pub owner: OwnerRow,
    /// Its jobs.
    pub href: String,
    /// What it has.
    pub counts: CountsRow,
    /// Whether its jobs are listed now.
    pub current: bool,
}

/// A job in the list.
#[derive(Clone, Debug, Serialize)]
pub struct JobRow {
    /// Its page, and below it what may be done.
    pub href: String,
    /// Its id.
    pub id: String,
    /// What is to be done.
    pub kind: String,
    /// Whose it is.
    pub owner: OwnerRow,
    /// `interactive` or `bulk`.
    pub lane: String,
    /// Where it stands.
    pub state: String,
    /// Tries begun.
    pub attempt: i32,
    /// Tries allowed.
    pub max_attempts: i32,
    /// Workers that vanished while they ran it.
    pub crashes: i32,
    /// Why it failed the last time.
    pub reason: Option<String>,
    /// When it is or was due.
    pub run_at: DateTime<Utc>,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

const STATES: [&str; 6] = ["dead", "running", "ready", "scheduled", "cancelled", "done"];

fn job(state: &str, company: Option<&str>) -> JobRow {
    let over = ["dead", "cancelled", "done"].contains(&state);
    JobRow {
        href: "/platform/jobs/1/2".into(),
        id: "01938700-0000-7000-8000-000000000002".into(),
        kind: "notify.email".into(),
        owner: OwnerRow { name: company.map(str::to_owned), href: company.map(|_| "/platform/companies/1".into()) },
        lane: if company.is_some() { "interactive" } else { "bulk" }.into(),
        state: state.into(),
        attempt: 3,
        max_attempts: 10,
        crashes: i32::from(state == "dead"),
        reason: (state == "dead").then(|| "550 no such user <•••>".into()),
        run_at: sample_time() - Duration::minutes(5),
        created_at: sample_time() - Duration::hours(2),
        finished_at: over.then(|| sample_time() - Duration::minutes(4)),
    }
}

impl JobsPage {
    fn samples() -> Vec<Self> {
        let counts = CountsRow { ready: 100_000, scheduled: 12, running: 28, dead: 3 };
        let lane = |name: &str, counts, oldest_seconds| LaneRow { name: name.into(), counts, oldest_seconds };
        let load = |company: Option<&str>, current| LoadRow {
            owner: job("ready", company).owner,
            href: "/platform/jobs?company=1".into(),
            counts,
            current,
        };
        let busy = Self {
            lanes: vec![lane("interactive", counts, 4000), lane("bulk", CountsRow::default(), 0)],
            loads: vec![load(Some("Дала Фудс <ЖШС>"), true), load(None, false)],
            states: STATES.map(str::to_owned).into(),
            q: "notify.".into(),
            state: "dead".into(),
            company: "1".into(),
            filtered: true,
            rows: STATES.map(|state| job(state, (state != "ready").then_some("Anadolu Makine Sanayi ve Ticaret Limited Şirketi"))).into(),
            pager: Pager { next: Some("/platform/jobs?cursor=1_2".into()), ..Pager::default() },
        };
        let nothing_matches = Self { rows: Vec::new(), pager: Pager::default(), q: "\"><script>".into(), ..busy.clone() };
        let idle = Self {
            loads: Vec::new(),
            q: String::new(),
            state: String::new(),
            company: String::new(),
            filtered: false,
            ..nothing_matches.clone()
        };
        vec![busy, nothing_matches, idle]
    }
}

/// `GET /platform/jobs/{company}/{id}`, with `POST …/retry`, `POST …/discard`, `POST …/cancel`.
#[derive(Clone, Debug, Serialize)]
pub struct JobPage {
    /// The job.
    pub job: JobRow,
    /// Its arguments, without what is personal or secret.
    pub arguments: String,
    /// The version of the arguments.
    pub version: i16,
    /// The smaller runs first within its company.
    pub priority: i16,
    /// How far it has come, as it says itself.
    pub progress: Option<String>,
    /// Why it failed the last time.
    pub reason: Option<String>,
    /// Whether somebody wants it stopped.
    pub cancel_requested: bool,
    /// What may be done with it: `retry`, `cancel`, `discard`.
    pub acts: Vec<String>,
}

impl JobPage {
    fn samples() -> Vec<Self> {
        let of = |state: &str, company| Self {
            job: job(state, company),
            arguments: "{\n  \"delivery\": \"01938700-0000-7000-8000-000000000002\",\n  \"name\": \"•••\"\n}".into(),
            version: 1,
            priority: 100,
            progress: (state == "running").then(|| "{\n  \"rows\": 1200\n}".into()),
            reason: job(state, company).reason,
            cancel_requested: false,
            acts: match state {
                "dead" | "cancelled" => vec!["retry".into(), "discard".into()],
                "scheduled" => vec!["retry".into(), "cancel".into()],
                "running" | "ready" => vec!["cancel".into()],
                _ => Vec::new(),
            },
        };
        let asked = Self { cancel_requested: true, acts: Vec::new(), ..of("running", None) };
        STATES.map(|state| of(state, Some("Дала Фудс"))).into_iter().chain([asked]).collect()
    }
}
