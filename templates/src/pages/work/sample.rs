//! Believable work orders of a food company in Almaty.

use chrono::{DateTime, Duration, Utc};
use rust_decimal::Decimal;

use super::super::parts::{Chip, Choice, Crumb, Field, Link, Pager, Person, SortHead, Tab, Text, Widget, errors};
use super::sample_levels::{agreed, approval_levels, missing, service_level};
use super::{
    Action, Approval, Blocker, Card, Event, FixLink, Lane, Money, Move, Moved, Reason, Stale, Weight, WorkBoard, WorkFacts, WorkFilter,
    WorkList, WorkRow, WorkShow,
};
use crate::page::sample_time;

pub(super) const BASE: &str = "/steppe";

pub(super) fn state(id: &str) -> Chip {
    let tone = match id {
        "on_hold" | "waiting_parts" => "warn",
        "open" => "info",
        "in_progress" => "progress",
        "completed" => "success",
        "rejected" => "danger",
        _ => "neutral",
    };
    Chip::new(Text::key(format!("wf.work_order.state.{id}")), tone)
}

pub(super) fn person(name: &str, initials: &str) -> Person {
    Person { name: name.into(), initials: initials.into() }
}

fn aigerim() -> Person {
    person("Айгерім Бекова", "АБ")
}

pub(super) fn days(days: i64) -> DateTime<Utc> {
    sample_time() + Duration::days(days)
}

/// A row: number, title, state, priority, asset, days until it is due.
pub(in crate::pages) fn row(number: u32, title: &str, state_id: &str, priority: &str, asset: &str, due: i64) -> WorkRow {
    WorkRow {
        number: format!("WO-{number}"),
        href: format!("{BASE}/work-orders/WO-{number}"),
        title: title.into(),
        state: state(state_id),
        priority: priority.into(),
        asset: Some(asset.into()),
        location: Some("Компрессорлық бөлме".into()),
        assignee: (!number.is_multiple_of(4)).then(aigerim),
        due: Some(days(due)),
        overdue: due < 0 && state_id != "completed",
        sla: Some(if due < 0 { "critical" } else { "ok" }.into()),
    }
}

fn rows() -> Vec<WorkRow> {
    vec![
        row(1035, "Hydraulic press calibration", "open", "critical", "PR-07", -5),
        row(1036, "Қазандықтың қысым датчигін ауыстыру және желіні толық тексеру", "on_hold", "high", "Boiler 2", -1),
        row(1038, "Forklift brake inspection", "in_progress", "medium", "Linde E20", 1),
        WorkRow { asset: None, location: None, due: None, ..row(1041, "Replace HVAC filters", "open", "low", "", 0) },
        row(
            1042,
            "Замена уплотнения компрессора, устранение утечки масла в машинном зале",
            "waiting_parts",
            "high",
            "Atlas Copco GA37 · C-3",
            6,
        ),
        row(1031, "Konveyör bandı hizalama", "completed", "medium", "CB-11", -2),
    ]
}

pub(super) fn assignees() -> Vec<Choice> {
    vec![Choice::new("a1", "Айгерім Бекова"), Choice::new("a2", "Serik Mukhamedov"), Choice::new("a3", "Дмитрий Ким")]
}

pub(super) fn assets() -> Vec<Choice> {
    vec![Choice::new("c3", "Atlas Copco GA37 · C-3"), Choice::new("pr7", "Hydraulic press · PR-07"), Choice::new("b2", "Қазандық 2 · B-02")]
}

fn states() -> Vec<Choice> {
    ["on_hold", "open", "in_progress", "completed", "rejected", "cancelled"].map(|id| Choice::new(id, state(id).label)).into()
}

impl WorkList {
    pub(super) fn samples() -> Vec<Self> {
        let tab = |key: &str, count| Tab { key: key.into(), href: format!("{BASE}/work-orders?tab={key}"), current: key == "all", count };
        let column = |key: &str| SortHead::new(key, Some(format!("?sort={key}")));
        let due = SortHead { order: Some("ascending".into()), ..column("due_at") };
        let many = Self {
            base: BASE.into(),
            can_create: true,
            views: vec![
                tab("all", Some(1_482)),
                tab("active", None),
                tab("mine", Some(6)),
                tab("unassigned", Some(9)),
                tab("overdue", Some(7)),
                tab("approval", None),
                tab("done", None),
            ],
            filter: WorkFilter { tab: "all".into(), sort: "due".into(), ..WorkFilter::default() },
            filtered: false,
            notices: Vec::new(),
            states: states(),
            assignees: assignees(),
            assets: assets(),
            clear_href: format!("{BASE}/work-orders"),
            board_href: format!("{BASE}/work-orders/board"),
            columns: vec![column("title"), column("state"), column("priority"), SortHead::new("assignee", None), due],
            rows: rows(),
            pager: Pager { total: 1_000, capped: true, previous: None, next: Some("?cursor=abc".into()) },
            export_href: Some(format!("{BASE}/exports/new?list=work_orders")),
            csv_href: Some(format!("{BASE}/work-orders.csv")),
            xlsx_href: Some(format!("{BASE}/work-orders.xlsx")),
        };
        let nothing_found = Self {
            filter: WorkFilter {
                q: "насос <b>".into(), priority: "high".into(), due_from: "2026-11-01".into(), ..many.filter.clone()
            },
            filtered: true,
            notices: vec!["Кемінде 3 таңба жазыңыз.".into()],
            rows: Vec::new(),
            pager: Pager::default(),
            ..many.clone()
        };
        let empty = Self {
            filtered: false,
            filter: WorkFilter::default(),
            can_create: false,
            csv_href: None,
            export_href: None,
            xlsx_href: None,
            ..nothing_found.clone()
        };
        let narrowed = Self { filtered: true, filter: nothing_found.filter.clone(), ..many.clone() };
        vec![many, nothing_found, empty, narrowed]
    }
}

impl WorkBoard {
    pub(super) fn samples() -> Vec<Self> {
        let step = |id: &str, lane: &str, asks| Move {
            label: Text::key(format!("wf.work_order.transition.{id}")),
            lane: lane.into(),
            href: if asks {
                format!("{BASE}/work-orders/WO-1038?do={id}#do-{id}")
            } else {
                format!("{BASE}/work-orders/WO-1038/transitions/{id}")
            },
            asks,
        };
        let lane = |id: &str, moves: &[Move]| {
            let cards: Vec<Card> = rows()
                .into_iter()
                .filter(|row| row.state.label.key == state(id).label.key)
                .map(|row| Card { row, version: 3, moves: moves.to_vec() })
                .collect();
            Lane {
                id: id.into(),
                state: state(id),
                total: if id == "completed" { 1_204 } else { u32::try_from(cards.len()).unwrap_or(0) },
                cards,
                more_href: (id == "completed").then(|| format!("{BASE}/work-orders?state=completed")),
            }
        };
        let full = Self {
            base: BASE.into(),
            can_create: true,
            path: format!("{BASE}/work-orders/board"),
            q: String::new(),
            mine: false,
            list_href: format!("{BASE}/work-orders"),
            lanes: vec![
                lane("on_hold", &[]),
                lane("open", &[step("start", "in_progress", false), step("cancel", "cancelled", true)]),
                lane("in_progress", &[step("complete", "completed", true)]),
                lane("waiting_parts", &[step("resume", "open", false)]),
                lane("completed", &[]),
            ],
        };
        let lanes = full.lanes.iter().map(|lane| Lane { cards: Vec::new(), total: 0, more_href: None, ..lane.clone() });
        let empty = Self { lanes: lanes.collect(), q: "zzz".into(), can_create: false, mine: true, ..full.clone() };
        vec![full, empty]
    }
}

fn action(id: &str) -> Action {
    Action {
        id: id.into(),
        label: Text::key(format!("wf.work_order.transition.{id}")),
        href: format!("{BASE}/work-orders/WO-1042/transitions/{id}"),
        allowed: true,
        weight: Weight::Plain,
        fields: Vec::new(),
        reason: Reason::None,
        reason_text: String::new(),
        blockers: Vec::new(),
        open: false,
        errors: errors([]),
    }
}

fn complete() -> Action {
    let field = |name: &str, widget, value: &str| Field::new(name, Text::key(format!("wf.work_order.field.{name}")), widget, value);
    let meter = Field { min: Some("15788".into()), hint: Some(Text::raw("≥ 15 788")), ..field("meter_reading", Widget::Number, "15700") };
    Action {
        weight: Weight::Primary,
        open: true,
        fields: vec![field("resolution", Widget::Textarea, "").required(), meter],
        errors: errors([("resolution", "Жұмыстың нәтижесін жазыңыз."), ("meter_reading", "15 788 немесе одан көп болуы керек.")]),
        ..action("complete")
    }
}

fn blocked() -> Action {
    Action {
        allowed: false,
        blockers: vec![
            Blocker {
                text: Text::raw("Орындаушы тағайындалмаған."),
                who_can: Vec::new(),
                fix: Some(FixLink { label: Text::key("work_order.edit"), href: format!("{BASE}/work-orders/WO-1042/edit") }),
            },
            Blocker {
                text: Text::raw("Сізде «Жұмысты орындау» құқығы жоқ."),
                who_can: vec!["Айгерім Бекова".into(), "Дмитрий Ким".into()],
                fix: None,
            },
        ],
        ..action("start")
    }
}

fn cancel() -> Action {
    Action { weight: Weight::Destructive, reason: Reason::Required, ..action("cancel") }
}

/// An event of the given kind, some hours ago.
pub(in crate::pages) fn event(kind: &str, icon: &str, tone: &str, hours: i64) -> Event {
    Event {
        text: Text::key(format!("event.{kind}")),
        icon: icon.into(),
        tone: tone.into(),
        who: Some(aigerim()),
        moved: None,
        note: None,
        at: sample_time() - Duration::hours(hours),
    }
}

fn history() -> Vec<Event> {
    let started = event("workflow.moved", "move-right", "progress", 3);
    let name = started.text.clone().with("transition", "Start");
    let moved = Moved { from: Some(state("open")), to: state("in_progress") };
    let voted = event("workflow.voted", "user-check", "info", 25);
    vec![
        Event { text: name, moved: Some(moved), note: Some("Seal weeps only above 7.6 bar.\nOrdered kit SK-14.".into()), ..started },
        event("work_order.edited", "pencil", "neutral", 20),
        Event { text: voted.text.clone().with("have", "1").with("need", "2"), ..voted },
        Event { who: None, moved: Some(Moved { from: None, to: state("on_hold") }), ..event("workflow.created", "plus", "neutral", 30) },
    ]
}

impl WorkShow {
    pub(super) fn samples() -> Vec<Self> {
        let money = |amount| Some(Money { amount: Decimal::new(amount, 2), currency: "KZT".into() });
        let link = |label: &str, path: &str| Some(Link { label: label.into(), href: format!("{BASE}/{path}") });
        let working = Self {
            base: BASE.into(),
            crumbs: vec![
                Crumb { label: Text::key("work_order.title"), href: Some(format!("{BASE}/work-orders")) },
                Crumb { label: Text::raw("WO-1042"), href: None },
            ],
            order: row(
                1042,
                "Замена уплотнения компрессора, устранение утечки масла в машинном зале",
                "in_progress",
                "high",
                "Atlas Copco GA37 · C-3",
                -1,
            ),
            version: 7,
            description: Some(
                "Oil on the floor under the compressor.\n\nCheck the seal, replace kit SK-14, run 15 minutes and log the pressure.".into(),
            ),
            resolution: None,
            actions: vec![complete(), blocked(), cancel()],
            approval: None,
            levels: vec![service_level()],
            facts: WorkFacts {
                kind: "repair".into(),
                asset: link("Atlas Copco GA37 · C-3", "assets/1"),
                location: link("Компрессорлық бөлме", "locations/1"),
                vendor: None,
                scheduled_at: Some(days(-1)),
                started_at: Some(days(0)),
                completed_at: None,
                estimated_cost: money(48_000_000),
                cost: None,
                meter_reading: Some(4200),
                external_ref: Some("EX-0117/4".into()),
                created_by: Some(person("Serik Mukhamedov", "СМ")),
                created: Some(days(-2)),
                updated: Some(days(0)),
            },
            history: history(),
            stale: None,
            refusal: Some("Бұл туралы шешім қабылданған.".into()),
            edit_href: Some(format!("{BASE}/work-orders/WO-1042/edit")),
        };
        let approval = Approval {
            given: 1,
            needed: 2,
            since: days(-2),
            deciders: vec!["Басқарушы".into(), "Әкімші".into()],
            agreed: vec![agreed()],
            missing: missing(),
            levels: approval_levels(),
            mine: true,
            approve_href: format!("{BASE}/work-orders/WO-1042/transitions/approve"),
            reject_href: format!("{BASE}/work-orders/WO-1042/transitions/reject"),
            reason: String::new(),
            errors: errors([("reason", "Себебін жазыңыз.")]),
        };
        let waiting = Self {
            order: row(1042, "Compressor C-3 oil leak", "on_hold", "critical", "Atlas Copco GA37 · C-3", 4),
            actions: vec![cancel()],
            approval: Some(approval.clone()),
            stale: Some(Stale { who: Some("Дмитрий Ким".into()), at: Some(sample_time()), state: Some(state("on_hold")) }),
            ..working.clone()
        };
        let seen_only = Self {
            actions: Vec::new(),
            description: None,
            resolution: Some("Seal replaced, 7.4 bar after 15 minutes.".into()),
            approval: Some(Approval { mine: false, levels: Vec::new(), errors: errors([]), ..approval }),
            levels: Vec::new(),
            facts: WorkFacts { kind: "scheduled_service".into(), ..WorkFacts::default() },
            history: Vec::new(),
            edit_href: None,
            ..working.clone()
        };
        vec![working, waiting, seen_only]
    }
}
