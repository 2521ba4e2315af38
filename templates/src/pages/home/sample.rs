//! A believable morning of a food company in Almaty.

use chrono::{Duration, NaiveDate};

use super::super::parts::{Chip, Tab, Text};
use super::super::work::{event, row};
use super::{Activity, Attention, Chart, Dashboard, Kpi, Spark, Week};
use crate::page::sample_time;

fn kpi(key: &str, icon: &str, tone: &str, value: u32, delta: Option<i64>, values: &[u32]) -> Kpi {
    Kpi {
        key: key.into(),
        icon: icon.into(),
        tone: tone.into(),
        value,
        href: format!("/steppe/work-orders?tab={key}"),
        delta,
        good: delta.is_some_and(|delta| (delta > 0) == (key == "completed")),
        spark: Spark::new(values),
    }
}

fn attention(kind: &str, icon: &str, tone: &str, title: &str, days: i64) -> Attention {
    Attention {
        kind: kind.into(),
        icon: icon.into(),
        tone: tone.into(),
        title: title.into(),
        href: "/steppe/work-orders/WO-1042".into(),
        at: (days != 0).then(|| sample_time() + Duration::days(days)),
    }
}

fn weeks() -> Vec<Week> {
    let first = NaiveDate::from_ymd_opt(2026, 8, 31).unwrap_or_default();
    [(18, 16), (22, 20), (17, 20), (25, 21), (21, 18), (19, 22), (26, 23), (20, 22), (24, 19), (27, 25), (23, 20), (29, 25)]
        .into_iter()
        .zip(0..)
        .map(|((created, completed), index)| Week { start: first + Duration::weeks(index), created, completed })
        .collect()
}

impl Dashboard {
    pub(super) fn samples() -> Vec<Self> {
        let range = |days: &str, current| Tab { key: days.into(), href: format!("?days={days}"), current, count: None };
        let activity = |number, title: &str, state, event| {
            let row = row(number, title, state, "medium", "C-3", 1);
            Activity { title: row.title, href: row.href, state: Some(row.state), event }
        };
        let busy = Self {
            base: "/steppe".into(),
            name: "Айгерім".into(),
            part_of_day: "morning".into(),
            days: 30,
            ranges: vec![range("7", false), range("30", true), range("90", false)],
            can_create: true,
            kpis: vec![
                kpi("open", "clipboard-list", "info", 1_048, Some(6), &[31, 33, 30, 34, 36, 40, 38, 44, 48]),
                kpi("overdue", "alarm-clock", "danger", 7, Some(-2), &[9, 8, 11, 7, 9, 8, 7]),
                kpi("approval", "hourglass", "warn", 4, None, &[2, 1, 3, 4]),
                kpi("completed", "circle-check", "success", 96, Some(12), &[60, 70, 66, 80, 84, 96]),
            ],
            chart: Chart::new(&weeks()),
            attention: vec![
                attention("overdue", "alarm-clock", "danger", "Hydraulic press calibration", -5),
                attention("approval", "hourglass", "warn", "Қазандықтың қысым датчигін ауыстыру және желіні тексеру", -1),
                attention("unassigned", "user-x", "info", "Замена уплотнения компрессора C-3", 0),
            ],
            attention_count: 11,
            mine: vec![
                row(1035, "Hydraulic press calibration", "open", "critical", "PR-07", -5),
                row(1038, "Погрузчик: проверка тормозной системы и замена колодок", "in_progress", "medium", "Linde E20", 1),
                row(1043, "Желдеткіш сүзгілерін ауыстыру", "open", "low", "AHU-02", 9),
            ],
            activity: vec![
                activity(1042, "Compressor C-3 oil leak", "in_progress", event("workflow.imported", "download", "neutral", 1)),
                activity(1036, "Boiler 2 pressure sensor swap", "open", event("work_order.edited", "pencil", "neutral", 4)),
                activity(1050, "Қоймадағы жарық жанбайды", "on_hold", event("workflow.created", "plus", "neutral", 22)),
            ],
        };
        let chip = Chip::new(Text::key("wf.work_order.state.open"), "info");
        let quiet = Self {
            name: "Serik".into(),
            part_of_day: "evening".into(),
            days: 7,
            can_create: false,
            kpis: vec![kpi("open", "clipboard-list", "info", 0, None, &[])],
            chart: Chart::new(&[]),
            attention: Vec::new(),
            attention_count: 0,
            mine: Vec::new(),
            activity: busy.activity.iter().take(1).map(|one| Activity { state: Some(chip.clone()), ..one.clone() }).collect(),
            ..busy.clone()
        };
        let new = Self { activity: Vec::new(), part_of_day: "night".into(), can_create: true, ..quiet.clone() };
        vec![busy, quiet, Self { part_of_day: "afternoon".into(), ..new }]
    }
}
