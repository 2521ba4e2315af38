//! Telegram groups that are told what happens at a company.

use domain::notify::group::{AskGroupLink, ChangeGroup, Choice as Told, Group, ListGroups, Sites, UnlinkGroup, kinds};
use poem::http::StatusCode;
use poem::web::Path;
use poem::{Response, handler};
use templates::pages::groups::{GroupRow, GroupsPage, KindBox};
use templates::pages::parts::{Choice, Errors, Text};
use uuid::Uuid;

use super::flash::Flash;
use super::form::{Form, Wrong};
use super::pages::Pages;
use super::people::Named;
use super::respond::{done, page, whole};
use super::visitor::Member;
use crate::http::failure::Result;

const PATH: &str = "settings/telegram";

/// The pages of this file.
pub fn pages(pages: Pages) -> Pages {
    pages
        .get("/:company/settings/telegram", show)
        .post("/:company/settings/telegram/link", link)
        .post("/:company/settings/telegram/:id", save)
        .post("/:company/settings/telegram/:id/unlink", unlink)
}

#[handler]
async fn show(member: Member) -> Result<Response> {
    let filled = filled(&member).await?;
    page(&member, &filled).await
}

/// The page with a link in it: it is shown once, and kept nowhere.
#[handler]
async fn link(member: Member) -> Result<Response> {
    let caller = member.who.caller(member.origin.clone());
    let code = member.edge.app.platform(&caller, AskGroupLink(&member.scope)).await?;
    let here = member.path(PATH);
    let member = member.at(&here);
    let mut filled = filled(&member).await?;
    filled.link = member.edge.telegram_bot.as_ref().map(|bot| format!("https://t.me/{bot}?startgroup={}", code.reveal()));
    whole(&member, StatusCode::OK, &filled).await
}

#[handler]
async fn save(member: Member, Path(Named { id }): Path<Named<Uuid>>, form: Form) -> Result<Response> {
    let site = Some(form.text("site")).filter(|site| !site.is_empty());
    let choice = Told {
        locale: form.typed("locale"),
        kinds: form.all("kind").map(str::to_owned).collect(),
        // an id that is none names no site
        site: site.map(|site| site.parse().unwrap_or_default()),
    };
    match member.edge.app.run(&member.scope, ChangeGroup { id, choice }).await {
        Ok(()) => Ok(done(&member, &member.path(PATH), Flash::new("saved"))),
        Err(error) => {
            let wrong = Wrong::of(member.locale, error)?;
            let here = member.path(PATH);
            let member = member.at(&here);
            let again = GroupsPage { wrong: id.to_string(), errors: wrong.errors, ..filled(&member).await? };
            whole(&member, wrong.status, &again).await
        }
    }
}

#[handler]
async fn unlink(member: Member, Path(Named { id }): Path<Named<Uuid>>) -> Result<Response> {
    member.run(UnlinkGroup(id)).await?;
    Ok(done(&member, &member.path(PATH), Flash::new("group_unlinked")))
}

async fn filled(member: &Member) -> Result<GroupsPage> {
    let groups = member.run(ListGroups).await?;
    let sites = member.run(Sites).await?;
    Ok(GroupsPage {
        base: member.path(PATH),
        company: member.scope.company().name.clone(),
        bot: member.edge.telegram_bot.is_some(),
        link: None,
        groups: groups.into_iter().map(row).collect(),
        sites: sites.into_iter().map(|(id, name)| Choice::new(id.uuid().to_string(), Text::raw(name))).collect(),
        wrong: String::new(),
        errors: Errors::new(),
    })
}

fn row(group: Group) -> GroupRow {
    let told = |key: &str| group.kinds.iter().any(|kind| kind == key);
    GroupRow {
        id: group.id.to_string(),
        kinds: kinds().map(|kind| KindBox { key: kind.key.to_owned(), ticked: told(kind.key) }).collect(),
        title: group.title,
        locale: group.locale,
        site: group.site.map(|site| site.to_string()).unwrap_or_default(),
        linked_at: group.linked_at,
        last_sent_at: group.last_sent_at,
        failure: group.failure,
    }
}
