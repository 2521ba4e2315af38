//! The first page of a company: what is open, late and waiting, what happened, what is one's own.

use chrono::{Days, Timelike};
use domain::insight::{Dashboard, Figures, Happening, Recent};
use domain::kernel::listing::{List, Query};
use domain::kernel::permission::Permission;
use domain::maintenance::work_order::{Row, WorkOrder};
use poem::{Request, Response, handler};
use templates::pages::home::{Activity, Attention, Chart, Dashboard as HomePage, Kpi, Spark, Week};
use templates::pages::parts::Tab;

use super::happenings::{event, said};
use super::listed::{self, Pairs};
use super::pages::Pages;
use super::respond::{self, redirect};
use super::visitor::Member;
use super::work::life::Life;
use super::work::row::{Rows, href};
use super::work::selection;
use crate::http::failure::Result;

/// Days the figures may cover.
const RANGES: [u32; 3] = [7, 30, 90];
/// Lines of the reader's own work.
const LINES: usize = 5;
/// Lines of each kind of what needs attention.
const OF_A_KIND: usize = 2;

/// The pages.
pub fn pages(pages: Pages) -> Pages {
    pages.get("/:company", front).get("/:company/", home)
}

/// `GET /{company}` leads to the address the sidebar names.
#[handler]
#[expect(clippy::needless_pass_by_value, reason = "a handler owns what it is handed")]
fn front(member: Member) -> Response {
    redirect(&member.path(""))
}

/// `GET /{company}/`.
#[handler]
async fn home(member: Member, request: &Request) -> Result<Response> {
    let asked = listed::pairs(request);
    let days = listed::value(&asked, "days").parse().ok().filter(|days| RANGES.contains(days)).unwrap_or(30);
    let life = Life::of(&member).await?;
    let mut page = empty(&member, days);
    if member.scope.can(Permission::WorkOrderView) {
        fill(&member, &life, &mut page).await?;
    }
    respond::page(&member, &page).await
}

/// The page of somebody who sees no work.
fn empty(member: &Member, days: u32) -> HomePage {
    let base = member.base();
    let hour = member.edge.app.clock().now().with_timezone(&member.scope.company().zone).hour();
    let range = |each: u32| Tab { key: each.to_string(), href: format!("{base}/?days={each}"), current: each == days, count: None };
    HomePage {
        name: member.scope.actor().name.clone(),
        part_of_day: part_of_day(hour).to_owned(),
        days,
        ranges: RANGES.map(range).into(),
        can_create: member.scope.can(Permission::WorkOrderCreate),
        kpis: Vec::new(),
        chart: Chart::new(&[]),
        attention: Vec::new(),
        attention_count: 0,
        mine: Vec::new(),
        activity: Vec::new(),
        base,
    }
}

fn part_of_day(hour: u32) -> &'static str {
    match hour {
        5..12 => "morning",
        12..18 => "afternoon",
        18..23 => "evening",
        _ => "night",
    }
}

async fn fill(member: &Member, life: &Life, page: &mut HomePage) -> Result<()> {
    let figures = member.run(Dashboard { days: page.days.into() }).await?;
    let rows = Rows::new(member, life);
    let mine = some(member, life, "mine").await?;
    page.mine = mine.into_iter().map(|row| rows.row(row)).collect();
    page.chart = Chart::new(&figures.weeks.iter().map(week).collect::<Vec<_>>());
    page.kpis = kpis(member, &figures, page.days);
    let decides = member.scope.can(Permission::WorkOrderApprove);
    page.attention_count = count(figures.attention);
    page.attention = attention(member, life, decides).await?;
    page.activity = activity(member, life).await?;
    Ok(())
}

fn count(figure: i64) -> u32 {
    u32::try_from(figure).unwrap_or_default()
}

fn week(week: &domain::insight::Week) -> Week {
    Week { start: week.starts_on, created: count(week.created), completed: count(week.completed) }
}

fn kpis(member: &Member, figures: &Figures, days: u32) -> Vec<Kpi> {
    let since = member.edge.app.clock().now().with_timezone(&member.scope.company().zone).date_naive() - Days::new(days.into());
    let kpi = |key: &str, tab: &str, icon: &str, tone: &str, value: i64| Kpi {
        key: key.to_owned(),
        icon: icon.to_owned(),
        tone: tone.to_owned(),
        value: count(value),
        href: member.path(&format!("work-orders?tab={tab}")),
        delta: None,
        good: false,
        spark: Spark::default(),
    };
    let done: Vec<u32> = figures.weeks.iter().map(|week| count(week.completed)).collect();
    let delta = figures.completed - figures.completed_before;
    let completed = kpi("completed", &format!("done&done_from={since}"), "circle-check", "success", figures.completed);
    vec![
        kpi("open", "active", "clipboard-list", "info", figures.open),
        kpi("overdue", "overdue", "alarm-clock", "danger", figures.overdue),
        kpi("approval", "approval", "hourglass", "warn", figures.waiting_approval),
        Kpi { delta: Some(delta), good: delta > 0, spark: Spark::new(&done), ..completed },
    ]
}

/// The first orders of a selection, the most urgent first.
async fn some(member: &Member, life: &Life, tab: &str) -> Result<Vec<Row>> {
    let mut pairs: Pairs = selection(tab, life);
    pairs.extend([("sort".to_owned(), "due".to_owned()), ("limit".to_owned(), LINES.to_string())]);
    let query = Query::parse::<WorkOrder>(&serde_urlencoded::to_string(pairs).unwrap_or_default(), &member.scope)?;
    Ok(member.run(List::<WorkOrder>::new(query)).await?.data)
}

async fn attention(member: &Member, life: &Life, decides: bool) -> Result<Vec<Attention>> {
    let kinds = [("overdue", "alarm-clock", "danger"), ("approval", "hourglass", "warn"), ("unassigned", "user-x", "info")];
    let mut found: Vec<Attention> = Vec::new();
    for (kind, icon, tone) in kinds.into_iter().filter(|(kind, ..)| *kind != "approval" || decides) {
        for row in some(member, life, kind).await?.into_iter().take(OF_A_KIND) {
            let href = href(member, &row.spoken());
            if found.iter().any(|known| known.href == href) {
                continue;
            }
            let at = if kind == "approval" { Some(row.created_at) } else { row.due_at };
            found.push(Attention { kind: kind.to_owned(), icon: icon.to_owned(), tone: tone.to_owned(), title: row.title, href, at });
        }
    }
    Ok(found)
}

async fn activity(member: &Member, life: &Life) -> Result<Vec<Activity>> {
    let recent = member.run(Recent { limit: 8 }).await?;
    let told = |happening: &Happening| Activity {
        title: format!("{} {}", said(happening, "number"), said(happening, "title")),
        href: href(member, said(happening, "number")),
        state: None,
        event: event(life, happening),
    };
    Ok(recent.iter().map(told).collect())
}

#[cfg(test)]
mod tests {
    use super::part_of_day;

    #[test]
    fn every_hour_has_its_greeting() {
        assert_eq!([4, 5, 12, 18, 23].map(part_of_day), ["night", "morning", "afternoon", "evening", "night"]);
    }
}
