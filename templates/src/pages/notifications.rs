//! What happened that a person should know.

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;

use super::parts::{Choice, Pager, Text};
use crate::page::{sample_time, templates};

templates! {
    NotificationsPage => "notifications/list.html",
}

/// `GET /{company}/notifications?filter=unread&kind=`, with `POST …/{id}/read` and `POST …/read-all`.
#[derive(Clone, Debug, Serialize)]
pub struct NotificationsPage {
    /// Whether only unread ones are shown.
    pub unread_only: bool,
    /// The kind shown; empty for all.
    pub kind: String,
    /// Kinds to choose from.
    pub kinds: Vec<Choice>,
    /// Newest first.
    pub items: Vec<NotificationRow>,
    /// Links to more.
    pub pager: Pager,
}

/// One notification.
#[derive(Clone, Debug, Serialize)]
pub struct NotificationRow {
    /// Its id.
    pub id: String,
    /// The sentence, from `notice::render`.
    pub text: String,
    /// The record it is about.
    pub href: Option<String>,
    /// Icon name.
    pub icon: String,
    /// `info`, `warn`, `danger`, `success` or `neutral`.
    pub tone: String,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// Whether it has been read.
    pub read: bool,
}

impl NotificationsPage {
    fn samples() -> Vec<Self> {
        let row = |text: &str, icon: &str, tone: &str, minutes, read| NotificationRow {
            id: format!("{minutes}"),
            text: text.into(),
            href: Some("/dala-foods/work-orders/WO-1042".into()),
            icon: icon.into(),
            tone: tone.into(),
            at: sample_time() - Duration::minutes(minutes),
            read,
        };
        let many = Self {
            unread_only: false,
            kind: String::new(),
            kinds: vec![Choice::new("work_order.assigned", Text::key("kind.work_order.assigned"))],
            items: vec![
                row("WO-1042 «Компрессор С-3: май ағуы» мақұлдауды күтеді", "shield-alert", "warn", 0, false),
                row("WO-1038 <b>тапсырылды</b>", "clipboard-list", "info", 190, false),
                row("WO-1017 аяқталды", "check", "success", 60 * 24 * 45, true),
            ],
            pager: Pager { total: 1_000, capped: true, previous: None, next: Some("?cursor=x".into()) },
        };
        let none = Self { items: Vec::new(), pager: Pager::default(), ..many.clone() };
        let none_unread = Self { unread_only: true, ..none.clone() };
        let none_such = Self { kind: "work_order.assigned".into(), ..none.clone() };
        vec![many, none, none_unread, none_such]
    }
}
