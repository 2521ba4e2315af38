//! Work orders: list, board, one order with its buttons, form.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::parts::{Chip, Choice, Crumb, Errors, Pager, Person, SortHead, Tab, Text};
use crate::page::templates;

mod sample;
mod sample_form;
mod sample_levels;
mod show;

pub(super) use sample::{event, row};
pub use show::{
    Action, Agreed, Approval, ApprovalLevel, Blocker, Event, FixLink, Missing, Money, Moved, Reason, ServiceLevel, Stale, Stretch, Weight,
    WorkFacts, WorkShow,
};

templates! {
    WorkList => "work/list.html",
    WorkBoard => "work/board.html",
    WorkShow => "work/show.html",
    WorkForm => "work/form.html",
}

/// A work order as lists and boards show it.
#[derive(Clone, Debug, Serialize)]
pub struct WorkRow {
    /// Number for people, `WO-1042`.
    pub number: String,
    /// Its page.
    pub href: String,
    /// What is to be done.
    pub title: String,
    /// Where it stands.
    pub state: Chip,
    /// `low`, `medium`, `high` or `critical`.
    pub priority: String,
    /// Name and tag of the asset.
    pub asset: Option<String>,
    /// Name of the location.
    pub location: Option<String>,
    /// Who does it.
    pub assignee: Option<Person>,
    /// When it should be done.
    pub due: Option<DateTime<Utc>>,
    /// Whether that moment has passed and it is not done.
    pub overdue: bool,
    /// How its service levels stand: `ok`, `warning`, `critical`; none where none applies.
    pub sla: Option<String>,
}

/// What the list is narrowed to, as it was typed; empty means everything.
#[derive(Clone, Debug, Default, Serialize)]
pub struct WorkFilter {
    /// The tab: `all`, `active`, `mine`, `unassigned`, `overdue`, `approval` or `done`.
    pub tab: String,
    /// Words looked for.
    pub q: String,
    /// A state's id.
    pub state: String,
    /// A priority.
    pub priority: String,
    /// How service levels stand.
    pub sla: String,
    /// A member's id.
    pub assignee: String,
    /// An asset's id.
    pub asset: String,
    /// Due on this day or later, `2026-11-20`.
    pub due_from: String,
    /// Due on this day or before.
    pub due_to: String,
    /// Completed on this day or later.
    pub done_from: String,
    /// Completed on this day or before.
    pub done_to: String,
    /// The order, `-due`.
    pub sort: String,
}

/// The list of work orders; its block `results` is the partial update.
#[derive(Clone, Debug, Serialize)]
pub struct WorkList {
    /// First part of the company's paths, `/steppe`.
    pub base: String,
    /// Whether the reader may create a work order.
    pub can_create: bool,
    /// All, unfinished, mine, unassigned, overdue, waiting for approval, finished.
    pub views: Vec<Tab>,
    /// What the list is narrowed to.
    pub filter: WorkFilter,
    /// Whether anything but the tab narrows it.
    pub filtered: bool,
    /// What was wrong with the filter and left out, in the reader's language.
    pub notices: Vec<String>,
    /// The states one can filter by.
    pub states: Vec<Choice>,
    /// The members one can filter by.
    pub assignees: Vec<Choice>,
    /// The asset filtered by, if any, and others offered before a search.
    pub assets: Vec<Choice>,
    /// The tab without any filter.
    pub clear_href: String,
    /// The board with the same filter.
    pub board_href: String,
    /// Heads of `title`, `state`, `priority`, `assignee`, `due_at`, in this order.
    pub columns: Vec<SortHead>,
    /// The work orders of this page of the list.
    pub rows: Vec<WorkRow>,
    /// The way to its other pages.
    pub pager: Pager,
    /// The same list as a CSV file; none without the right to export.
    pub csv_href: Option<String>,
    /// The list as a file made in the background.
    pub export_href: Option<String>,
    /// The same list as an Excel file.
    pub xlsx_href: Option<String>,
}

/// Work orders by state.
#[derive(Clone, Debug, Serialize)]
pub struct WorkBoard {
    /// First part of the company's paths.
    pub base: String,
    /// Whether the reader may create a work order.
    pub can_create: bool,
    /// Path of the board with its filter, to come back to after a move.
    pub path: String,
    /// Words looked for.
    pub q: String,
    /// Whether only the reader's own work is shown.
    pub mine: bool,
    /// The list with the same filter.
    pub list_href: String,
    /// One lane a state, in the workflow's order.
    pub lanes: Vec<Lane>,
}

/// A lane of the board.
#[derive(Clone, Debug, Serialize)]
pub struct Lane {
    /// Id of the state.
    pub id: String,
    /// The state.
    pub state: Chip,
    /// How many work orders are in it.
    pub total: u32,
    /// The first of them.
    pub cards: Vec<Card>,
    /// All of them as a list; none where the lane shows all.
    pub more_href: Option<String>,
}

/// A card of the board.
#[derive(Clone, Debug, Serialize)]
pub struct Card {
    /// The work order.
    #[serde(flatten)]
    pub row: WorkRow,
    /// Its version, sent with a move.
    pub version: i64,
    /// Where the reader may move it.
    pub moves: Vec<Move>,
}

/// A way out of the card's lane.
#[derive(Clone, Debug, Serialize)]
pub struct Move {
    /// Name of the transition.
    pub label: Text,
    /// Id of the state it leads to, as far as is known before it is fired.
    pub lane: String,
    /// Where it is posted; with `asks` the page that asks for the rest.
    pub href: String,
    /// Whether it wants a form or a reason.
    pub asks: bool,
}

/// A new work order, or a change of one.
#[derive(Clone, Debug, Serialize)]
pub struct WorkForm {
    /// First part of the company's paths.
    pub base: String,
    /// The way here.
    pub crumbs: Vec<Crumb>,
    /// Number of the work order being changed.
    pub number: Option<String>,
    /// Its version.
    pub version: Option<i64>,
    /// Where it is posted.
    pub action: String,
    /// Where *cancel* leads.
    pub cancel_href: String,
    /// Whether a new one has to be approved first.
    pub needs_approval: bool,
    /// Who is missing for approvals, for a reader who can do something about that.
    pub missing: Missing,
    /// What was typed.
    pub values: WorkValues,
    /// Texts that entries were looked for by.
    pub sought: WorkSought,
    /// Assets offered before a search, the chosen one among them.
    pub assets: Vec<Choice>,
    /// Locations.
    pub locations: Vec<Choice>,
    /// Vendors offered before a search.
    pub vendors: Vec<Choice>,
    /// Members who may be given work.
    pub assignees: Vec<Choice>,
    /// ISO 4217 code of the company.
    pub currency: String,
    /// Whether the reader may see costs.
    pub costs: bool,
    /// What is wrong.
    pub errors: Errors,
    /// What somebody saved meanwhile, by the field that reads otherwise.
    pub saved: BTreeMap<&'static str, Text>,
    /// Who was quicker, where somebody changed it meanwhile.
    pub stale: Option<Stale>,
}

/// By what text the entries of a choice were found, where no script looks them up.
#[derive(Clone, Debug, Default, Serialize)]
pub struct WorkSought {
    /// Assets.
    pub asset_id: String,
    /// Locations.
    pub location_id: String,
    /// Vendors.
    pub vendor_id: String,
}

/// The fields of a work order as they are sent.
#[derive(Clone, Debug, Default, Serialize)]
pub struct WorkValues {
    /// What is to be done.
    pub title: String,
    /// The same at length.
    pub description: String,
    /// Kind of work.
    pub kind: String,
    /// Priority.
    pub priority: String,
    /// Id of the asset.
    pub asset_id: String,
    /// Id of the location.
    pub location_id: String,
    /// Id of the vendor.
    pub vendor_id: String,
    /// Id of the member.
    pub assignee_id: String,
    /// Local date and time, `2026-11-20T14:05`.
    pub due_at: String,
    /// Local date and time the work is planned for.
    pub scheduled_at: String,
    /// A decimal.
    pub estimated_cost: String,
}
