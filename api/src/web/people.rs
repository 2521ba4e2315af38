//! The people of a company.

use domain::Error;
use domain::assets::Location;
use domain::identity::Member as Person;
use domain::identity::member::{Change, Input, Show};
use domain::identity::role::{self, Role};
use domain::kernel::id::Id;
use domain::kernel::listing::{CountOf, List, Listing, Query as Asked};
use domain::kernel::permission::Permission;
use domain::notify::refusal::RefusalOf;
use poem::web::{Path, Query};
use poem::{Response, handler};
use serde::Deserialize;
use templates::i18n::t;
use templates::pages::parts::{Choice, Errors};
use templates::pages::people::{MemberPage, MemberRow, PeoplePage, RefusedAddress, SiteChoice};
use uuid::Uuid;

use super::exports;
use super::flash::Flash;
use super::form::{Form, Wrong};
use super::pages::Pages;
use super::paging::{encoded, pager};
use super::respond::{done, page, part, whole};
use super::shell::initials;
use super::visitor::Member;
use crate::http::failure::Result;

/// The pages of this file.
pub fn pages(pages: Pages) -> Pages {
    pages
        .get("/:company/people", list)
        .get("/:company/people/:id", show)
        .post("/:company/people/:id", save)
        .post("/:company/people/:id/deactivate", deactivate)
        .post("/:company/people/:id/reactivate", reactivate)
}

/// What a page under a company names besides it.
#[derive(Deserialize)]
pub struct Named<T> {
    /// The record.
    pub id: T,
}

#[derive(Deserialize)]
struct Filters {
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    cursor: String,
}

#[handler]
async fn list(member: Member, Query(filters): Query<Filters>) -> Result<Response> {
    let active = match &*filters.state {
        "active" => "true",
        "deactivated" => "false",
        _ => "",
    };
    let query = [("q", &*filters.q), ("active", active), ("cursor", &*filters.cursor)];
    let asked = Asked::parse::<Person>(&encoded(&query), &member.scope)?;
    let export_href = exports::href(&member, Person::NAME, &asked);
    let count = member.run(CountOf::<Person>::new(asked.clone())).await?;
    let found = member.run(List::<Person>::new(asked)).await?;
    let sites = sites(&member).await?;
    // the links speak of `state`, as the form does
    let shown = encoded(&[("q", &filters.q), ("state", &filters.state)]);
    let pager = pager(&member.path("people"), &shown, &found, count);
    let rows = found.data.into_iter().map(|person| row(person, &sites)).collect();
    let can_manage = member.scope.can(Permission::MemberManage);
    part(&member, &PeoplePage { q: filters.q, state: filters.state, rows, pager, can_manage, export_href }, "results").await
}

#[handler]
async fn show(member: Member, Path(Named { id }): Path<Named<Id<Person>>>) -> Result<Response> {
    let filled = filled(&member, id).await?;
    page(&member, &filled).await
}

#[handler]
async fn save(member: Member, Path(Named { id }): Path<Named<Id<Person>>>, form: Form) -> Result<Response> {
    let version = form.version()?;
    let person = member.run(Show(id)).await?;
    // whether the person may come in has buttons of its own
    let change = |input: Input| Change { id, version, input: Input { active: person.active, ..input } };
    match member.send(&form, change).await {
        Ok(_) => Ok(done(&member, &member.path(&format!("people/{id}")), Flash::new("saved"))),
        Err(error) => {
            let filled = filled(&member, id).await?;
            let sites = tick(filled.sites, |site| form.all("site_ids").any(|chosen| chosen == site));
            let all_sites = form.ticked("all_sites");
            refused(&member, error, MemberPage { role_id: form.typed("role_id"), all_sites, sites, ..filled }).await
        }
    }
}

#[handler]
async fn deactivate(member: Member, Path(Named { id }): Path<Named<Id<Person>>>) -> Result<Response> {
    admit(member, id, false).await
}

#[handler]
async fn reactivate(member: Member, Path(Named { id }): Path<Named<Id<Person>>>) -> Result<Response> {
    admit(member, id, true).await
}

async fn admit(member: Member, id: Id<Person>, active: bool) -> Result<Response> {
    let path = member.path(&format!("people/{id}"));
    let person = member.run(Show(id)).await?;
    let input = Input { role_id: person.role_id, all_sites: person.all_sites, site_ids: person.site_ids, active };
    match member.edge.app.run(&member.scope, Change { id, version: person.version, input }).await {
        Ok(person) => {
            let flash = Flash::new(if active { "member_reactivated" } else { "member_deactivated" });
            Ok(done(&member, &path, flash.with("name", &person.name)))
        }
        Err(error) => {
            let member = member.at(&path);
            let filled = filled(&member, id).await?;
            refused(&member, error, filled).await
        }
    }
}

async fn refused(member: &Member, error: Error, filled: MemberPage) -> Result<Response> {
    let wrong = Wrong::of(member.locale, error)?;
    whole(member, wrong.status, &MemberPage { errors: wrong.errors, ..filled }).await
}

async fn filled(member: &Member, id: Id<Person>) -> Result<MemberPage> {
    let person = member.run(Show(id)).await?;
    let roles = member.run(role::List).await?;
    let sites = sites(member).await?;
    let notice = notice(member, &person, &roles);
    let refused = member.run(RefusalOf(id)).await?.map(|refusal| RefusedAddress { at: refusal.refused_at, reason: refusal.reason });
    let (role_id, version, limited) = (person.role_id, person.version, person.site_ids.clone());
    Ok(MemberPage {
        refused,
        version: version.into(),
        role_id: role_id.to_string(),
        roles: role_choices(member, roles, Some(role_id)),
        all_sites: person.all_sites,
        sites: tick(sites.clone(), |site| limited.iter().any(|each| each.to_string() == site)),
        can_edit: notice.is_none(),
        notice: notice.map(|key| t(member.locale, &format!("people.notice.{key}"), &[])),
        errors: Errors::new(),
        member: row(person, &sites),
    })
}

/// Why the reader may not change somebody, as far as it shows before trying.
fn notice(member: &Member, person: &Person, roles: &[Role]) -> Option<&'static str> {
    let scope = &member.scope;
    if !scope.can(Permission::MemberManage) {
        return Some("read_only");
    }
    if person.id == scope.actor().id.uuid() {
        return Some("self");
    }
    if !person.within_sites_of(scope) {
        return Some("beyond_sites");
    }
    let role = roles.iter().find(|role| role.id == person.role_id);
    role.is_none_or(|role| !role.grantable_by(scope)).then_some("above_level")
}

/// Roles the reader may give, and the one somebody has.
pub fn role_choices(member: &Member, roles: Vec<Role>, held: Option<Uuid>) -> Vec<Choice> {
    let offered = roles.into_iter().filter(|role| Some(role.id) == held || role.grantable_by(&member.scope));
    offered.map(|role| Choice::new(role.id.to_string(), role.name)).collect()
}

/// The company's sites, as far as the reader sees them; none is ticked.
pub async fn sites(member: &Member) -> Result<Vec<SiteChoice>> {
    if !member.scope.can(Permission::LocationView) {
        return Ok(Vec::new());
    }
    // all of them: a box that is not there would be a site taken away
    let (mut sites, mut after) = (Vec::new(), String::new());
    loop {
        let query = Asked::parse::<Location>(&format!("kind=site&sort=name&limit=200{after}"), &member.scope)?;
        let page = member.run(List::<Location>::new(query)).await?;
        sites.extend(page.data.into_iter().map(|site| SiteChoice { id: site.id.to_string(), name: site.name, checked: false }));
        let Some(cursor) = page.next_cursor else { return Ok(sites) };
        after = format!("&cursor={cursor}");
    }
}

/// The same sites, with those chosen ticked.
pub fn tick(mut sites: Vec<SiteChoice>, chosen: impl Fn(&str) -> bool) -> Vec<SiteChoice> {
    for site in &mut sites {
        site.checked = chosen(&site.id);
    }
    sites
}

fn row(person: Person, sites: &[SiteChoice]) -> MemberRow {
    let limited = person.site_ids;
    MemberRow {
        id: person.id.to_string(),
        initials: initials(&person.name),
        name: person.name,
        email: person.email.unwrap_or_default(),
        role: person.role,
        all_sites: person.all_sites,
        sites: sites.iter().filter(|site| limited.iter().any(|id| id.to_string() == site.id)).map(|site| site.name.clone()).collect(),
        state: if person.active { "active" } else { "deactivated" }.to_owned(),
        joined_at: person.created_at,
    }
}
