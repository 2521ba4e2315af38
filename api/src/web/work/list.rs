//! The list of work orders.

use domain::kernel::permission::Permission;
use domain::maintenance::work_order::WorkOrder;
use poem::{Request, Response, handler};
use templates::pages::parts::{Choice, Tab};
use templates::pages::work::WorkList;

use super::filter::{Filter, TABS};
use super::life::Life;
use super::row::Rows;
use crate::http::failure::Result;
use crate::rest::download::{self as file, File};
use crate::web::exports;
use crate::web::listed::{self, Listed, address};
use crate::web::options;
use crate::web::visitor::Member;

/// Columns of the page and what they sort by.
const COLUMNS: [(&str, Option<&str>); 5] =
    [("title", Some("title")), ("state", None), ("priority", None), ("assignee", None), ("due_at", Some("due"))];

/// `GET /{company}/work-orders`.
#[handler]
pub async fn list(member: Member, request: &Request) -> Result<Response> {
    let life = Life::of(&member).await?;
    let filter = Filter::of(request);
    let found = listed::read::<WorkOrder>(&member, &filter.asked(&life)).await?;
    let page = view(&member, &life, &filter, found).await?;
    let notices = page.notices.clone();
    listed::answer(&member, &page, &notices).await
}

async fn view(member: &Member, life: &Life, filter: &Filter, found: Listed<WorkOrder>) -> Result<WorkList> {
    let base = member.path("work-orders");
    let rows = Rows::new(member, life);
    // a partial update shows no filter bar
    let (assignees, assets) = if member.partial { Default::default() } else { people_and_assets(member, filter).await? };
    let export = |format: &str| {
        let href = || format!("{base}/download?format={format}&{}", found.query.to_query());
        member.scope.can(Permission::ExportRun).then(href)
    };
    Ok(WorkList {
        base: member.base(),
        can_create: member.scope.can(Permission::WorkOrderCreate),
        views: tabs(&base, filter),
        filter: filter.typed(),
        filtered: filter.narrows(),
        states: life.workflow.states().map(|state| Choice::new(&state.id, life.state(&state.id).label)).collect(),
        assignees,
        assets,
        clear_href: format!("{base}?tab={}", filter.tab()),
        board_href: format!("{base}/board"),
        columns: COLUMNS.iter().map(|(key, sort)| listed::head(&base, &filter.pairs, &found.query, key, *sort)).collect(),
        pager: listed::foot(&base, &filter.pairs, &found),
        export_href: exports::href(member, "work_orders", &found.query),
        csv_href: export("csv"),
        xlsx_href: export("xlsx"),
        notices: found.notices,
        rows: found.page.data.into_iter().map(|row| rows.row(row)).collect(),
    })
}

async fn people_and_assets(member: &Member, filter: &Filter) -> Result<(Vec<Choice>, Vec<Choice>)> {
    let people = options::find(member, "members", "", filter.text("assignee")).await?;
    let assets = options::find(member, "assets", "", filter.text("asset")).await?;
    Ok((people.choices, assets.choices))
}

/// Tabs keep nothing but the order: what narrowed one selection seldom narrows another.
fn tabs(base: &str, filter: &Filter) -> Vec<Tab> {
    let tab = |key: &str| {
        let sort = filter.pairs.iter().filter(|(name, _)| name == "sort").cloned();
        let pairs: Vec<_> = sort.chain([("tab".to_owned(), key.to_owned())]).collect();
        Tab { key: key.to_owned(), href: address(base, &pairs), current: key == filter.tab(), count: None }
    };
    TABS.map(tab).into()
}

/// `GET /{company}/work-orders/download?format=csv`.
#[handler]
#[expect(clippy::needless_pass_by_value, reason = "a handler owns what it is handed")]
pub fn download(member: Member, request: &Request) -> Result<File> {
    let format = listed::pairs(request);
    file::list::<WorkOrder>(&member.edge, &member.scope, listed::value(&format, "format"), request)
}
