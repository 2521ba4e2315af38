//! The first page of a company.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;

use super::parts::{Chip, Tab};
use super::work::{Event, WorkRow};
use crate::page::templates;

mod chart;
mod sample;

pub use chart::{Chart, Spark};

templates! {
    Dashboard => "home/dashboard.html",
}

/// The dashboard of one person.
#[derive(Clone, Debug, Serialize)]
pub struct Dashboard {
    /// First part of the company's paths, `/steppe`.
    pub base: String,
    /// What to call the reader.
    pub name: String,
    /// `morning`, `afternoon`, `evening` or `night`, in the reader's zone.
    pub part_of_day: String,
    /// Days the figures cover.
    pub days: u32,
    /// The ranges one can choose; each key is its number of days.
    pub ranges: Vec<Tab>,
    /// Whether the reader may create a work order.
    pub can_create: bool,
    /// Key figures.
    pub kpis: Vec<Kpi>,
    /// Created and completed by week.
    pub chart: Chart,
    /// What somebody should look at.
    pub attention: Vec<Attention>,
    /// How many things need attention, beyond those listed too.
    pub attention_count: u32,
    /// The reader's open work.
    pub mine: Vec<WorkRow>,
    /// What happened last.
    pub activity: Vec<Activity>,
}

/// A key figure that leads to its list.
#[derive(Clone, Debug, Serialize)]
pub struct Kpi {
    /// `open`, `overdue`, `approval` or `completed`.
    pub key: String,
    /// Icon name.
    pub icon: String,
    /// Colour.
    pub tone: String,
    /// The figure.
    pub value: u32,
    /// The list it counts.
    pub href: String,
    /// Change against the range before; none where it is not known.
    pub delta: Option<i64>,
    /// Whether the change is for the better.
    pub good: bool,
    /// The figure over time.
    pub spark: Spark,
}

/// Something to look at.
#[derive(Clone, Debug, Serialize)]
pub struct Attention {
    /// `overdue`, `approval` or `unassigned`.
    pub kind: String,
    /// Icon name.
    pub icon: String,
    /// Colour.
    pub tone: String,
    /// The record.
    pub title: String,
    /// Where it is.
    pub href: String,
    /// The moment it is about: due, asked.
    pub at: Option<DateTime<Utc>>,
}

/// An event and the record it happened to.
#[derive(Clone, Debug, Serialize)]
pub struct Activity {
    /// The record's title.
    pub title: String,
    /// Where it is.
    pub href: String,
    /// The record's state now.
    pub state: Option<Chip>,
    /// What happened.
    pub event: Event,
}

/// A week of the chart.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Week {
    /// Its first day.
    pub start: NaiveDate,
    /// Work orders created in it.
    pub created: u32,
    /// Work orders completed in it.
    pub completed: u32,
}
