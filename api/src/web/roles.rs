//! Roles: a name, a level, a set of permissions.

use domain::Error;
use domain::identity::role::{Delete, Input, List, Role, Save};
use domain::kernel::id::Id;
use domain::kernel::permission::Permission;
use poem::web::Path;
use poem::{Response, handler};
use templates::pages::parts::Errors;
use templates::pages::people::{PermissionGroup, PermissionItem, RolePage, RoleRow, RolesPage};

use super::flash::Flash;
use super::form::{Form, Wrong};
use super::pages::Pages;
use super::people::Named;
use super::respond::{done, page, whole};
use super::visitor::Member;
use crate::http::failure::Result;

/// The pages of this file.
pub fn pages(pages: Pages) -> Pages {
    pages
        .get("/:company/roles", list)
        .get("/:company/roles/new", new)
        .post("/:company/roles/new", add)
        .get("/:company/roles/:id", show)
        .post("/:company/roles/:id", change)
        .post("/:company/roles/:id/delete", remove)
}

#[handler]
async fn list(member: Member) -> Result<Response> {
    let rows = member.run(List).await?.into_iter().map(row).collect();
    page(&member, &RolesPage { rows, can_manage: member.scope.can(Permission::RoleManage) }).await
}

fn row(role: Role) -> RoleRow {
    RoleRow {
        id: role.id.to_string(),
        name: role.name,
        level: u16::try_from(role.level).unwrap_or_default(),
        members: u32::try_from(role.members).unwrap_or_default(),
        permissions: u32::try_from(role.permissions.len()).unwrap_or_default(),
        builtin: role.key.is_some(),
    }
}

#[handler]
async fn new(member: Member) -> Result<Response> {
    member.scope.need(Permission::RoleManage)?;
    page(&member, &blank(&member)).await
}

#[handler]
async fn add(member: Member, form: Form) -> Result<Response> {
    save(&member, &form, None, blank(&member)).await
}

#[handler]
async fn show(member: Member, Path(Named { id }): Path<Named<Id<Role>>>) -> Result<Response> {
    let filled = filled(&member, id).await?;
    page(&member, &filled).await
}

#[handler]
async fn change(member: Member, Path(Named { id }): Path<Named<Id<Role>>>, form: Form) -> Result<Response> {
    let version = form.version()?;
    let filled = filled(&member, id).await?;
    save(&member, &form, Some((id, version)), filled).await
}

#[handler]
async fn remove(member: Member, Path(Named { id }): Path<Named<Id<Role>>>, form: Form) -> Result<Response> {
    let version = form.version()?;
    match member.edge.app.run(&member.scope, Delete { id, version }).await {
        Ok(()) => Ok(done(&member, &member.path("roles"), Flash::new("deleted"))),
        Err(error) => {
            let wrong = Wrong::of(member.locale, error)?;
            let here = member.path(&format!("roles/{id}"));
            let member = member.at(&here);
            let filled = filled(&member, id).await?;
            whole(&member, wrong.status, &RolePage { errors: wrong.errors, ..filled }).await
        }
    }
}

async fn save(member: &Member, form: &Form, id: Option<(Id<Role>, i32)>, filled: RolePage) -> Result<Response> {
    match member.send(form, |input: Input| Save { id, input }).await {
        Ok(_) => Ok(done(member, &member.path("roles"), Flash::new("saved"))),
        Err(error) => again(member, error, form, filled).await,
    }
}

async fn again(member: &Member, error: Error, form: &Form, filled: RolePage) -> Result<Response> {
    let wrong = Wrong::of(member.locale, error)?;
    let again = RolePage {
        name: form.typed("name"),
        level: form.typed("level"),
        groups: groups(member, |key| form.all("permissions").any(|chosen| chosen == key)),
        errors: wrong.errors,
        ..filled
    };
    whole(member, wrong.status, &again).await
}

async fn filled(member: &Member, id: Id<Role>) -> Result<RolePage> {
    let roles = member.run(List).await?;
    let role = roles.into_iter().find(|role| role.id == id.uuid()).ok_or(Error::NotFound)?;
    let can_edit = member.scope.can(Permission::RoleManage) && !role.is_protected() && role.grantable_by(&member.scope);
    Ok(RolePage {
        id: Some(role.id.to_string()),
        version: role.version.into(),
        level: role.level.to_string(),
        members: u32::try_from(role.members).unwrap_or_default(),
        can_edit,
        can_delete: can_edit && role.key.is_none(),
        groups: groups(member, |key| role.permissions.iter().any(|held| held == key)),
        name: role.name,
        ..blank(member)
    })
}

fn blank(member: &Member) -> RolePage {
    RolePage {
        id: None,
        version: 0,
        name: String::new(),
        level: "10".to_owned(),
        max_level: u16::try_from(member.scope.actor().level - 1).unwrap_or_default(),
        members: 0,
        can_edit: true,
        can_delete: false,
        groups: groups(member, |_| false),
        errors: Errors::new(),
    }
}

fn groups(member: &Member, checked: impl Fn(&str) -> bool) -> Vec<PermissionGroup> {
    let mut groups: Vec<PermissionGroup> = Vec::new();
    for permission in Permission::grantable() {
        let key = permission.key();
        let item = PermissionItem { key: key.to_owned(), checked: checked(key), grantable: member.scope.can(permission) };
        match groups.iter_mut().find(|group| group.key == permission.group()) {
            Some(group) => group.items.push(item),
            None => groups.push(PermissionGroup { key: permission.group().to_owned(), items: vec![item] }),
        }
    }
    groups
}
