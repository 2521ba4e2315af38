//! What a person was told, newest first. Opening one that is unread marks it: a form does, since a link may not write.

use domain::kernel::scope::Scope;
use domain::notify::{Kind, Listed, MarkRead, Mine};
use poem::web::{Path, Query};
use poem::{Response, handler};
use serde::Deserialize;
use serde_json::Value;
use templates::pages::notifications::{NotificationRow, NotificationsPage};
use templates::{Locale, notice};
use uuid::Uuid;

use super::flash::Flash;
use super::form::Form;
use super::pages::Pages;
use super::paging::older;
use super::people::Named;
use super::respond::{done, local, page, redirect};
use super::visitor::Member;
use crate::http::failure::Result;

/// Notifications on a page.
const ROWS: i64 = 50;

/// The pages of this file.
pub fn pages(pages: Pages) -> Pages {
    pages
        .get("/:company/notifications", list)
        .post("/:company/notifications/read-all", read_all)
        .post("/:company/notifications/:id/read", read)
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    filter: String,
    cursor: Option<Uuid>,
}

#[handler]
async fn list(member: Member, Query(Asked { filter, cursor }): Query<Asked>) -> Result<Response> {
    let unread = filter == "unread";
    let mut found = member.run(Mine { unread, before: cursor, limit: ROWS + 1 }).await?;
    let shown = usize::try_from(ROWS).unwrap_or_default();
    let more = found.len() > shown;
    found.truncate(shown);
    let next = found.last().filter(|_| more).map(|last| last.id.to_string());
    let pager = older(&member.path("notifications"), if unread { &[("filter", "unread")] } else { &[] }, next);
    let items = found.iter().filter_map(|each| row(&member.scope, member.locale, each)).collect();
    page(&member, &NotificationsPage { unread_only: unread, items, pager }).await
}

/// A notification this version has words for.
fn row(scope: &Scope, locale: Locale, told: &Listed) -> Option<NotificationRow> {
    let kind = Kind::find(&told.kind)?;
    let company = scope.company();
    let number = mentioned(&told.params, "number");
    let values = [
        ("number", number.clone().unwrap_or_default()),
        ("title", mentioned(&told.params, "title").unwrap_or_default()),
        ("actor", mentioned(&told.params, "actor").unwrap_or_else(|| company.name.clone())),
        ("reason", mentioned(&told.params, "reason").unwrap_or_default()),
        ("company", company.name.clone()),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Some(NotificationRow {
        id: told.id.to_string(),
        text: notice::render(templates::Kind::new(kind.key), locale, &values),
        href: number.filter(|_| told.subject == "work_order").map(|number| format!("/{}/work-orders/{number}", company.slug)),
        icon: kind.icon.to_owned(),
        tone: kind.tone.to_owned(),
        at: told.at,
        read: told.read_at.is_some(),
    })
}

fn mentioned(params: &Value, name: &str) -> Option<String> {
    match params.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[handler]
async fn read(member: Member, Path(Named { id }): Path<Named<Uuid>>, form: Form) -> Result<Response> {
    member.run(MarkRead(Some(id))).await?;
    Ok(redirect(local(form.text("next"), &member.path("notifications"))))
}

#[handler]
async fn read_all(member: Member) -> Result<Response> {
    member.run(MarkRead(None)).await?;
    Ok(done(&member, &member.path("notifications"), Flash::new("all_read")))
}
