//! What a company starts with (6): its system actor, roles, categories, asset types and a first site, named in its language.

use sqlx::PgConnection;
use uuid::Uuid;

use super::defaults::{ASSET_TYPES, CATEGORIES, ROLES};
use super::{Member, Role, Tenant};
use crate::kernel::error::{Error, Result};
use crate::kernel::id::Id;
use crate::kernel::permission::Permission;

/// Words for what a company starts with. The edges bring them: the domain speaks no language.
pub type Names<'a> = &'a (dyn Fn(&str) -> String + Sync);

/// The actor a company's first rows are written by, before any member exists.
pub(super) fn system_id() -> Id<Member> {
    Id::new()
}

/// Fills an empty company, inside whose transaction it runs; answers the role of its first person.
pub(super) async fn fill(
    conn: &mut PgConnection,
    tenant: Id<Tenant>,
    system: Id<Member>,
    names: Names<'_>,
    locale: &str,
) -> Result<Id<Role>> {
    let mut admin_role = None;
    for role in ROLES {
        let id = Id::<Role>::new();
        let permissions: Vec<String> = role.permissions.iter().map(|permission: &Permission| permission.key().to_owned()).collect();
        sqlx::query!(
            "INSERT INTO roles (tenant_id, id, key, name, level, permissions) VALUES ($1, $2, $3, $4, $5, $6)",
            tenant.uuid(),
            id.uuid(),
            role.key,
            names(&format!("role.{}", role.key)),
            role.level,
            &permissions,
        )
        .execute(&mut *conn)
        .await?;
        admin_role = admin_role.or(Some(id));
    }
    let admin_role = admin_role.ok_or_else(|| Error::Internal("there are no default roles".to_owned()))?;
    sqlx::query!(
        "INSERT INTO members (tenant_id, id, kind, name, role_id, locale) VALUES ($1, $2, 'system', $3, $4, $5)",
        tenant.uuid(),
        system.uuid(),
        names("provision.system"),
        admin_role.uuid(),
        locale,
    )
    .execute(&mut *conn)
    .await?;
    catalogue(conn, tenant, names).await?;
    Ok(admin_role)
}

async fn catalogue(conn: &mut PgConnection, tenant: Id<Tenant>, names: Names<'_>) -> Result<()> {
    for category in CATEGORIES {
        let id = Uuid::now_v7();
        sqlx::query!(
            "INSERT INTO categories (tenant_id, id, name) VALUES ($1, $2, $3)",
            tenant.uuid(),
            id,
            names(&format!("provision.category.{category}")),
        )
        .execute(&mut *conn)
        .await?;
        for (kind, _) in ASSET_TYPES.iter().filter(|(_, of)| of == category) {
            sqlx::query!(
                "INSERT INTO asset_types (tenant_id, id, name, category_id) VALUES ($1, $2, $3, $4)",
                tenant.uuid(),
                Uuid::now_v7(),
                names(&format!("provision.asset_type.{kind}")),
                id,
            )
            .execute(&mut *conn)
            .await?;
        }
    }
    let site = Uuid::now_v7();
    let name = names("provision.site");
    sqlx::query!(
        "INSERT INTO locations (tenant_id, id, site_id, name, kind, path) VALUES ($1, $2, $2, $3, 'site', ARRAY[$3])",
        tenant.uuid(),
        site,
        name,
    )
    .execute(conn)
    .await?;
    Ok(())
}
