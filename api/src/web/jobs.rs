//! The operator's board of jobs: what there is, what failed and why, once more or away with it.

use domain::kernel::platform::PlatformAction;
use domain::platform::board::{Board, Counts, Lane, Load, Look};
use domain::platform::jobs::{Cancel, Company, Cursor, Discard, Filter, Job, List, Named, Retry, Show, State};
use poem::web::{Path, Query};
use poem::{Response, handler};
use serde::Deserialize;
use templates::pages::jobs::{CountsRow, JobPage, JobRow, JobsPage, LaneRow, LoadRow, OwnerRow};
use uuid::Uuid;

use super::flash::Flash;
use super::pages::Pages;
use super::paging::{encoded, older};
use super::respond::{done, page, part};
use super::visitor::Operator;
use crate::http::failure::Result;

const JOBS: &str = "/platform/jobs";
/// Jobs on a page.
const ROWS: i32 = 50;

/// Characters of a reason in the list.
const SHOWN: usize = 120;

/// The pages of this file.
pub fn pages(pages: Pages) -> Pages {
    pages
        .get(JOBS, list)
        .get("/platform/jobs/:company/:id", show)
        .post("/platform/jobs/:company/:id/retry", retry)
        .post("/platform/jobs/:company/:id/discard", discard)
        .post("/platform/jobs/:company/:id/cancel", cancel)
}

#[derive(Deserialize)]
struct Asked {
    /// What kinds begin with.
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    company: String,
    cursor: Option<String>,
}

#[handler]
async fn list(operator: Operator, Query(asked): Query<Asked>) -> Result<Response> {
    let Asked { q, state, company, cursor } = asked;
    let filter = Filter {
        state: State::parse(&state),
        kind: Some(q.trim().to_owned()).filter(|kind| !kind.is_empty()),
        company: company.parse().ok(),
    };
    // a company that is none is nobody's
    let filter = if filter.company.is_none() && !company.is_empty() { Filter { company: Some(Uuid::max()), ..filter } } else { filter };
    let before = cursor.as_deref().map(Cursor::read).transpose()?;
    let board = operator.platform(Look).await?;
    let found = operator.platform(List { filter, before, limit: ROWS + 1 }).await?;
    let shown = found.len().min(usize::try_from(ROWS).unwrap_or_default());
    let next = found.get(shown.saturating_sub(1)).filter(|_| found.len() > shown).map(|last| Cursor::behind(last).to_string());
    let query = [("q", q.as_str()), ("state", &state), ("company", &company)];
    let Board { lanes, companies } = board;
    let filled = JobsPage {
        lanes: lanes.iter().map(lane).collect(),
        loads: companies.iter().map(|load| load_row(load, &company)).collect(),
        states: State::ALL.map(|state| state.as_str().to_owned()).into(),
        filtered: !encoded(&query).is_empty(),
        pager: older(JOBS, &query, next),
        rows: found.iter().take(shown).map(row).collect(),
        q,
        state,
        company,
    };
    part(&operator, &filled, "results").await
}

#[handler]
async fn show(operator: Operator, Path((company, id)): Path<(Uuid, Uuid)>) -> Result<Response> {
    let job = operator.platform(Show(Named { company, id })).await?;
    let json = |value| serde_json::to_string_pretty(value).unwrap_or_default();
    let filled = JobPage {
        arguments: json(&job.arguments),
        progress: job.progress.as_ref().map(json),
        reason: job.reason.clone(),
        version: job.version,
        priority: job.priority,
        cancel_requested: job.cancel_requested,
        acts: acts(&job).iter().map(|act| (*act).to_owned()).collect(),
        job: row(&job),
    };
    page(&operator, &filled).await
}

/// What may be done with a job where it stands.
fn acts(job: &Job) -> &'static [&'static str] {
    match job.state {
        State::Dead | State::Cancelled => &["retry", "discard"],
        State::Scheduled => &["retry", "cancel"],
        State::Ready => &["cancel"],
        State::Running if !job.cancel_requested => &["cancel"],
        State::Running | State::Done => &[],
    }
}

#[handler]
async fn retry(operator: Operator, Path((company, id)): Path<(Uuid, Uuid)>) -> Result<Response> {
    act(&operator, Retry(Named { company, id }), &address(company, id), "job_retried").await
}

#[handler]
async fn discard(operator: Operator, Path((company, id)): Path<(Uuid, Uuid)>) -> Result<Response> {
    act(&operator, Discard(Named { company, id }), JOBS, "job_discarded").await
}

#[handler]
async fn cancel(operator: Operator, Path((company, id)): Path<(Uuid, Uuid)>) -> Result<Response> {
    act(&operator, Cancel(Named { company, id }), &address(company, id), "job_cancelled").await
}

async fn act<A: PlatformAction>(operator: &Operator, action: A, on: &str, said: &str) -> Result<Response> {
    operator.platform(action).await?;
    Ok(done(operator, on, Flash::new(said)))
}

fn address(company: Uuid, id: Uuid) -> String {
    format!("{JOBS}/{company}/{id}")
}

fn lane(lane: &Lane) -> LaneRow {
    LaneRow { name: lane.name.clone(), counts: counts(lane.counts), oldest_seconds: lane.oldest_seconds }
}

fn load_row(load: &Load, chosen: &str) -> LoadRow {
    let id = load.company.id.to_string();
    LoadRow { current: chosen == id, href: format!("{JOBS}?company={id}"), owner: owner(&load.company), counts: counts(load.counts) }
}

fn counts(counts: Counts) -> CountsRow {
    CountsRow { ready: counts.ready, scheduled: counts.scheduled, running: counts.running, dead: counts.dead }
}

/// The platform's own work has no company to go to.
fn owner(company: &Company) -> OwnerRow {
    let href = (!company.id.is_nil()).then(|| format!("/platform/companies/{}", company.id));
    OwnerRow { name: company.name.clone(), href }
}

fn row(job: &Job) -> JobRow {
    JobRow {
        href: address(job.company.id, job.id),
        id: job.id.to_string(),
        kind: job.kind.clone(),
        owner: owner(&job.company),
        lane: job.lane.clone(),
        state: job.state.as_str().to_owned(),
        attempt: job.attempt,
        max_attempts: job.max_attempts,
        crashes: job.crashes,
        reason: job.reason.as_deref().map(shortened),
        run_at: job.run_at,
        created_at: job.created_at,
        finished_at: job.finished_at,
    }
}

/// Enough of a reason for a line of the list.
fn shortened(reason: &str) -> String {
    let mut short: String = reason.chars().take(SHOWN).collect();
    if reason.chars().nth(SHOWN).is_some() {
        short.push('…');
    }
    short
}
