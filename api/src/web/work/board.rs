//! Work orders by state. Whether a card may move is decided at the press; the menu offers what the reader's rights allow.

use domain::kernel::permission::Permission;
use domain::maintenance::work_order::WorkOrder;
use poem::{Request, Response, handler};
use templates::pages::work::{Card, Lane, Move, WorkBoard};
use workflows::{Reason, State, To, Transition, Who};

use super::life::Life;
use super::row::Rows;
use crate::http::failure::Result;
use crate::web::listed::{self, Pairs, address, value};
use crate::web::visitor::Member;

/// Cards of a lane.
const CARDS: &str = "20";

/// `GET /{company}/work-orders/board`.
#[handler]
pub async fn board(member: Member, request: &Request) -> Result<Response> {
    let life = Life::of(&member).await?;
    let base = member.path("work-orders");
    let asked: Pairs = listed::pairs(request).into_iter().filter(|(name, _)| matches!(name.as_str(), "q" | "mine")).collect();
    let mine = value(&asked, "mine") == "true";
    let mut narrowed: Pairs = asked.iter().filter(|(name, _)| name == "q").cloned().collect();
    if mine {
        narrowed.push(("assignee".to_owned(), "me".to_owned()));
    }
    let mut lanes = Vec::new();
    for state in life.lanes() {
        lanes.push(lane(&member, &life, state, &narrowed).await?);
    }
    let page = WorkBoard {
        base: member.base(),
        can_create: member.scope.can(Permission::WorkOrderCreate),
        path: address(&format!("{base}/board"), &asked),
        q: value(&asked, "q").to_owned(),
        mine,
        list_href: address(&base, &listed::with(&asked, &["mine"], mine.then_some(("tab", "mine")))),
        lanes,
    };
    listed::answer(&member, &page, &[]).await
}

async fn lane(member: &Member, life: &Life, state: &State, narrowed: &[(String, String)]) -> Result<Lane> {
    let pairs = listed::with(narrowed, &[], Some(("state", &state.id)));
    let found = listed::read::<WorkOrder>(member, &listed::with(&pairs, &[], Some(("limit", CARDS)))).await?;
    let more = found.page.next_cursor.is_some();
    let rows = Rows::new(member, life);
    let ways: Vec<&Transition> = life.workflow.transitions().filter(|step| step.from.contains(&state.id) && may(member, step)).collect();
    let card = |row: domain::maintenance::work_order::Row| {
        let version = row.version.into();
        let row = rows.row(row);
        let moves = ways.iter().filter_map(|step| way(life, step, &row.href)).collect();
        Card { row, version, moves }
    };
    Ok(Lane {
        id: state.id.clone(),
        state: life.state(&state.id),
        total: u32::try_from(found.count.0).unwrap_or(u32::MAX),
        cards: found.page.data.into_iter().map(card).collect(),
        more_href: more.then(|| address(&member.path("work-orders"), &pairs)),
    })
}

/// Whether the reader's rights allow a step, whatever the order says.
fn may(member: &Member, step: &Transition) -> bool {
    let can = |permission: &str| Permission::find(permission).is_some_and(|permission| member.scope.can(permission));
    let decides = |who: &Who| match who {
        Who::Permission(permission) => can(permission),
        Who::Role(role) => member.scope.actor().role_key.as_deref() == Some(role),
    };
    let eligible = step.approvals.as_ref().and_then(|approvals| approvals.levels.first()).is_none_or(|level| decides(&level.who));
    can(&step.permission) && eligible
}

/// A step as a way out of the lane; one that stays is none.
fn way(life: &Life, step: &Transition, order: &str) -> Option<Move> {
    let lane = match &step.to {
        To::Same => return None,
        To::State(state) => state,
        To::First(branches) => &branches.last()?.state,
    };
    let asks = !step.form.is_empty() || step.reason == Reason::Required;
    let id = &step.id;
    let href = if asks { format!("{order}?do={id}#do-{id}") } else { format!("{order}/transitions/{id}") };
    Some(Move { label: life.transition(id), lane: lane.clone(), href, asks })
}
