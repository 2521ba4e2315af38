//! The operator's board: how much there is in the queue, how long it has waited, and whose it is.

use poem_openapi::Object;
use serde::Serialize;
use uuid::Uuid;

use super::jobs::Company;
use crate::kernel::error::Result;
use crate::kernel::platform::{PlatformAction, Px, Standing};

/// How much there is of one company or lane.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Object)]
#[oai(rename = "JobCounts")]
pub struct Counts {
    /// Waiting for a worker.
    pub ready: i64,
    /// Waiting for their time.
    pub scheduled: i64,
    /// Being done.
    pub running: i64,
    /// Failed for good.
    pub dead: i64,
}

/// A lane of the queue.
#[derive(Debug, Clone, Serialize, Object)]
pub struct Lane {
    /// `interactive` or `bulk`.
    pub name: String,
    /// What there is.
    pub counts: Counts,
    /// For how many seconds the oldest that waits for a worker has been due.
    pub oldest_seconds: i64,
}

/// What a company asks of the queue.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(rename = "JobLoad")]
pub struct Load {
    /// The company.
    pub company: Company,
    /// What it has.
    pub counts: Counts,
}

/// The queue at a glance.
#[derive(Debug, Clone, Serialize, Object)]
#[oai(rename = "JobBoard")]
pub struct Board {
    /// Its lanes.
    pub lanes: Vec<Lane>,
    /// The companies that ask most of it.
    pub companies: Vec<Load>,
}

/// Companies shown on the board.
const COMPANIES: usize = 20;

#[derive(sqlx::FromRow)]
struct LoadRow {
    tenant_id: Uuid,
    name: Option<String>,
    queue: String,
    state: String,
    jobs: i64,
    age: f64,
}

impl Counts {
    fn add(&mut self, row: &LoadRow) {
        match row.state.as_str() {
            "ready" => self.ready += row.jobs,
            "scheduled" => self.scheduled += row.jobs,
            "running" => self.running += row.jobs,
            "dead" => self.dead += row.jobs,
            _ => {}
        }
    }

    /// What weighs on the workers, then what waits, then what failed.
    fn weight(&self) -> (i64, i64, i64) {
        (self.ready + self.running, self.scheduled, self.dead)
    }
}

/// Reads the board.
#[derive(Debug, Clone, Copy)]
pub struct Look;

impl PlatformAction for Look {
    const NEEDS: Standing = Standing::Operator;
    type Out = Board;

    async fn run(self, px: &mut Px<'_>) -> Result<Board> {
        let rows: Vec<LoadRow> = sqlx::query_as(
            "SELECT l.tenant_id, t.name, l.queue, l.state, l.jobs, extract(epoch FROM now() - l.oldest)::float8 AS age
             FROM queue.load() l LEFT JOIN platform.tenants t ON t.id = l.tenant_id",
        )
        .fetch_all(px.conn())
        .await?;
        let lanes = crate::kernel::jobs::Lane::ALL.map(|lane| lane_of(lane.as_str(), &rows)).into();
        let mut companies: Vec<Load> = Vec::new();
        for row in &rows {
            let at = companies.iter().position(|load| load.company.id == row.tenant_id).unwrap_or_else(|| {
                companies.push(Load { company: Company { id: row.tenant_id, name: row.name.clone() }, counts: Counts::default() });
                companies.len() - 1
            });
            companies[at].counts.add(row);
        }
        companies.sort_by_key(|load| std::cmp::Reverse(load.counts.weight()));
        companies.truncate(COMPANIES);
        Ok(Board { lanes, companies })
    }
}

fn lane_of(name: &str, rows: &[LoadRow]) -> Lane {
    let mut counts = Counts::default();
    let of = rows.iter().filter(|row| row.queue == name);
    of.clone().for_each(|row| counts.add(row));
    let oldest = of.filter(|row| row.state == "ready").map(|row| row.age).fold(0.0, f64::max);
    #[expect(clippy::cast_possible_truncation, reason = "seconds of a wait")]
    Lane { name: name.to_owned(), counts, oldest_seconds: oldest as i64 }
}
