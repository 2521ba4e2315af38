//! What happened that a person should know.

use chrono::{DateTime, Duration, Utc};
use serde::Serialize;

use super::parts::Pager;
use crate::page::{sample_time, templates};

templates! {
    NotificationsPage => "notifications/list.html",
}

/// `GET /{company}/notifications?filter=unread`, with `POST …/{id}/read` and `POST …/read-all`.
#[derive(Clone, Debug, Serialize)]
pub struct NotificationsPage {
    /// Whether only unread ones are shown.
    pub unread_only: bool,
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
            items: vec![
                row("WO-1042 «Компрессор С-3: май ағуы» мақұлдауды күтеді", "shield-alert", "warn", 0, false),
                row("WO-1038 <b>тапсырылды</b>", "clipboard-list", "info", 190, false),
                row("WO-1017 аяқталды", "check", "success", 60 * 24 * 45, true),
            ],
            pager: Pager { total: 1_000, capped: true, previous: None, next: Some("?cursor=x".into()) },
        };
        let none = Self { unread_only: false, items: Vec::new(), pager: Pager::default() };
        let none_unread = Self { unread_only: true, ..none.clone() };
        vec![many, none, none_unread]
    }
}
