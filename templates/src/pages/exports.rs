//! Lists as files made in the background.

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;

use super::parts::{Choice, Errors, Pager, Text, errors};
use crate::page::{sample_time, templates};

templates! {
    ExportsPage => "exports/list.html",
    ExportPage => "exports/new.html",
}

/// `GET /{company}/exports`, with `GET …/{id}/file`, `POST …/{id}/cancel`, `POST …/{id}/delete`.
#[derive(Clone, Debug, Serialize)]
pub struct ExportsPage {
    /// The page's own path.
    pub base: String,
    /// Whether any of them changes by itself: the page is looked at again then.
    pub live: bool,
    /// Newest first.
    pub items: Vec<ExportRow>,
    /// Links to more.
    pub pager: Pager,
    /// The schedules; none for whoever may not have any.
    pub schedules_href: Option<String>,
}

/// An export.
#[derive(Clone, Debug, Serialize)]
pub struct ExportRow {
    /// Its id.
    pub id: String,
    /// What the list is called.
    pub list: String,
    /// What it is narrowed to, a line each.
    pub filter: Vec<String>,
    /// `CSV`, `XLSX` or `PDF`.
    pub format: String,
    /// `queued`, `running`, `cancelling`, `done`, `failed`, `cancelled` or `expired`.
    pub state: String,
    /// The state's tone.
    pub tone: String,
    /// Rows written.
    pub done: i64,
    /// Rows there are, once they are counted.
    pub total: Option<i64>,
    /// Whether rows were left out.
    pub truncated: bool,
    /// The file's size.
    pub size: String,
    /// Why there is no file.
    pub reason: Option<String>,
    /// When it was asked for.
    pub at: DateTime<Utc>,
    /// Until when the file is kept.
    pub until: Option<DateTime<Utc>>,
    /// Whether it can be stopped.
    pub can_cancel: bool,
    /// Whether it can be taken away.
    pub can_remove: bool,
    /// What the schedule is called that made it.
    pub schedule: Option<String>,
}

/// `GET /{company}/exports/new?list=…`, sent to `POST /{company}/exports` (`list`, `query`, `format`, `columns` any number of times).
#[derive(Clone, Debug, Serialize)]
pub struct ExportPage {
    /// Where the form is sent.
    pub action: String,
    /// The list, where somebody thinks better of it.
    pub cancel: String,
    /// Where the same is sent on a schedule.
    pub schedule_href: String,
    /// What is exported.
    pub what: ExportWhat,
    /// What is wrong.
    pub errors: Errors,
}

/// The part of a form that says what is exported.
#[derive(Clone, Debug, Serialize)]
pub struct ExportWhat {
    /// What the list is called.
    pub list_name: String,
    /// What the form sends along unseen.
    pub kept: Vec<(String, String)>,
    /// What it is narrowed to, a line each.
    pub filter: Vec<String>,
    /// Rows there are, as many as a document holds.
    pub rows: i64,
    /// Whether there are more, which a document would leave out.
    pub cut: bool,
    /// The formats.
    pub formats: Vec<String>,
    /// The one chosen.
    pub format: String,
    /// The most rows of a sheet.
    pub sheet_rows: i64,
    /// The most rows of a document.
    pub document_rows: i64,
    /// The columns.
    pub columns: Vec<Choice>,
    /// Those chosen.
    pub chosen: Vec<String>,
}

impl ExportsPage {
    fn samples() -> Vec<Self> {
        let row = |state: &str, tone: &str, minutes| ExportRow {
            id: format!("{minutes}"),
            list: "Жұмыс тапсырмалары".into(),
            filter: vec!["Іздеу: <b>".into()],
            format: "XLSX".into(),
            state: state.into(),
            tone: tone.into(),
            done: 1_200,
            total: None,
            truncated: false,
            size: "1.4 MB".into(),
            reason: None,
            at: sample_time() - Duration::minutes(minutes),
            until: Some(sample_time() + Duration::days(7)),
            can_cancel: false,
            can_remove: true,
            schedule: None,
        };
        let items = vec![
            ExportRow { can_cancel: true, ..row("queued", "neutral", 0) },
            ExportRow { total: Some(100_000), can_cancel: true, ..row("running", "progress", 1) },
            ExportRow { can_cancel: true, ..row("running", "progress", 2) },
            row("cancelling", "neutral", 3),
            ExportRow { truncated: true, ..row("done", "success", 9) },
            ExportRow { schedule: Some("Апталық <b>".into()), can_remove: false, ..row("done", "success", 10) },
            ExportRow { reason: Some("…".into()), ..row("failed", "danger", 90) },
            row("cancelled", "neutral", 100),
            row("expired", "neutral", 60 * 24 * 8),
        ];
        let base = "/dala-foods/exports".to_owned();
        let none = Self { base, live: false, items: Vec::new(), pager: Pager::default(), schedules_href: None };
        let some = Self { live: true, items, schedules_href: Some("/dala-foods/exports/schedules".into()), ..none.clone() };
        vec![some, none]
    }
}

impl ExportPage {
    fn samples() -> Vec<Self> {
        let whole = Self {
            action: "/dala-foods/exports".into(),
            cancel: "/dala-foods/vendors".into(),
            schedule_href: "/dala-foods/exports/schedules/new?list=vendors".into(),
            what: ExportWhat::sample(),
            errors: Errors::new(),
        };
        let what = ExportWhat { rows: 5_000, cut: true, filter: vec!["Іздеу: <b>".into()], ..ExportWhat::sample() };
        let long = Self { what, ..whole.clone() };
        vec![Self { errors: errors([("", "…"), ("query", "…"), ("format", "…"), ("columns", "…")]), ..whole }, long]
    }
}

impl ExportWhat {
    /// Made up, for the samples of pages.
    pub(super) fn sample() -> Self {
        let column = |key: &str| Choice::new(key, Text::key(format!("resource.vendors.field.{key}")));
        Self {
            list_name: "Жеткізушілер".into(),
            kept: vec![("list".into(), "vendors".into()), ("query".into(), "q=%3Cb%3E".into())],
            filter: Vec::new(),
            rows: 12,
            cut: false,
            formats: ["csv", "xlsx", "pdf"].map(str::to_owned).into(),
            format: "csv".into(),
            sheet_rows: 500_000,
            document_rows: 5_000,
            columns: ["name", "kind", "phone"].map(column).into(),
            chosen: vec!["name".into()],
        }
    }
}
