//! What a person was told, newest first. Opening one that is unread marks it: a form does, since a link may not write.

use domain::kernel::scope::Scope;
use domain::notify::kinds::to_members;
use domain::notify::own::BellLines;
use domain::notify::{Kind, Listed, MarkRead, Mine, text};
use poem::web::{Path, Query};
use poem::{Response, handler};
use serde::Deserialize;
use serde_json::Value;
use templates::message::{one_line, spoken};
use templates::pages::notifications::{NotificationRow, NotificationsPage};
use templates::pages::parts::{Choice, Text};
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
    #[serde(default)]
    kind: String,
    cursor: Option<Uuid>,
}

#[handler]
async fn list(member: Member, Query(Asked { filter, kind, cursor }): Query<Asked>) -> Result<Response> {
    let unread = filter == "unread";
    let only = Some(kind.clone()).filter(|kind| !kind.is_empty());
    let mut found = member.run(Mine { unread, kind: only, before: cursor, limit: ROWS + 1 }).await?;
    let shown = usize::try_from(ROWS).unwrap_or_default();
    let more = found.len() > shown;
    found.truncate(shown);
    let next = found.last().filter(|_| more).map(|last| last.id.to_string());
    let pager = older(&member.path("notifications"), &[("filter", if unread { "unread" } else { "" }), ("kind", &kind)], next);
    let own = member.run(BellLines { locale: member.locale.as_str().to_owned() }).await?;
    let items = found.iter().filter_map(|each| row(&member.scope, member.locale, each, &own)).collect();
    let kinds = to_members().map(|kind| Choice::new(kind.key, Text::key(format!("kind.{}", kind.key)))).collect();
    page(&member, &NotificationsPage { unread_only: unread, kind, kinds, items, pager }).await
}

/// A notification this version has words for: the company's own line, if it can be said, else ours.
fn row(scope: &Scope, locale: Locale, told: &Listed, own: &[(String, String)]) -> Option<NotificationRow> {
    let kind = Kind::find(&told.kind)?;
    let company = scope.company();
    let path = kind.path(&company.slug, told.record_id, &told.params);
    let said = |name: &str| mentioned(&told.params, name);
    let stored = told.params.as_object().into_iter().flatten();
    let mut values: Vec<(String, String)> = stored.filter_map(|(name, _)| Some(spoken(locale, name, &said(name)?))).collect();
    let actor = said("actor").unwrap_or_else(|| company.name.clone());
    let more = [("actor", &actor), ("company", &company.name), ("name", &scope.actor().name), ("url", &path)];
    values.retain(|(name, _)| more.iter().all(|(known, _)| known != name));
    values.extend(more.map(|(name, value)| (name.to_owned(), value.clone())));
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let filed = text::filed(&told.params, locale.as_str(), &values).map(|said| one_line(&said));
    let own = || own.iter().find(|(of, _)| *of == told.kind).and_then(|(_, line)| text::fill(line, &values).ok());
    let line = filed.or_else(own);
    Some(NotificationRow {
        id: told.id.to_string(),
        text: line.unwrap_or_else(|| notice::render(templates::Kind::new(kind.key), locale, &values)),
        href: (told.subject == kind.family()).then_some(path),
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
