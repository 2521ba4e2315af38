//! Roles a company defines itself (16): a name, a level, any set of permissions. One manages only roles below one's own
//! level, and grants only what one holds, so that nobody can raise themselves (18).

use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Checks, Error, FieldError, OrField, Refused, Result};
use crate::kernel::event::Event;
use crate::kernel::history::stale;
use crate::kernel::id::Id;
use crate::kernel::permission::{Permission, Permissions};
use crate::kernel::resource::in_use;
use crate::kernel::scope::Scope;
use crate::kernel::tenant::Access;

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object)]
pub struct Role {
    /// Its id.
    pub id: Uuid,
    /// Stable key of a default role, which workflow files name; a company's own has none.
    pub key: Option<String>,
    /// Its name.
    pub name: String,
    /// One manages only roles and people below one's own level.
    pub level: i32,
    /// Keys of the permissions it holds.
    pub permissions: Vec<String>,
    /// How many people hold it.
    pub members: i64,
    /// Its version, which a change must name.
    pub version: i32,
}

/// What is filled in.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields, rename = "RoleInput")]
pub struct Input {
    /// Its name.
    pub name: String,
    /// Below one's own.
    pub level: i32,
    /// Keys of the permissions it holds; one grants only what one holds.
    pub permissions: Vec<String>,
}

/// The highest level: an admin's.
pub const TOP: i32 = 100;

/// The key of the role that always can do everything; it is not changed, so that a company cannot lock itself out.
const ADMIN: &str = "admin";

impl Role {
    /// Whether it is the role that is never changed.
    pub fn is_protected(&self) -> bool {
        self.key.as_deref() == Some(ADMIN)
    }

    /// Whether an actor may give, take or change it: it is below their level and holds nothing they lack. Those of the top level
    /// manage each other, or a company could never have a second admin.
    pub fn grantable_by(&self, scope: &Scope) -> bool {
        let level = scope.actor().level;
        (self.level < level || level >= TOP) && scope.permissions().covers(Permissions::from_keys(&self.permissions))
    }
}

/// All roles, highest first.
#[derive(Debug, Clone)]
pub struct List;

impl Action for List {
    const NEEDS: Permission = Permission::MemberView;
    const ACCESS: Access = Access::Read;
    type Out = Vec<Role>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Vec<Role>> {
        select(cx, None).await
    }
}

/// Adds a role, or changes one.
#[derive(Debug, Clone)]
pub struct Save {
    /// The role and the version the caller read; a new one without.
    pub id: Option<(Id<Role>, i32)>,
    /// What was filled in.
    pub input: Input,
}

impl Action for Save {
    const NEEDS: Permission = Permission::RoleManage;
    type Out = Role;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Role> {
        cx.refuse_limited()?;
        let permissions = self.check(cx)?.keys();
        let id = if let Some((id, version)) = self.id {
            let before = select(cx, Some(id.uuid())).await?.pop().ok_or(Error::NotFound)?;
            grantable(cx, id).await?;
            if before.is_protected() {
                return Err(Error::Conflict("protected_role"));
            }
            let changed = sqlx::query!(
                "UPDATE roles SET name = $4, level = $5, permissions = $6 WHERE tenant_id = $1 AND id = $2 AND version = $3",
                cx.tenant().uuid(),
                id.uuid(),
                version,
                self.input.name.trim(),
                self.input.level,
                &permissions,
            )
            .execute(cx.conn())
            .await
            .or_field(&[("roles_name", "name", "taken")])?
            .rows_affected();
            if changed == 0 {
                return Err(stale(cx, id, before.version).await);
            }
            id
        } else {
            let id = Id::<Role>::new();
            sqlx::query!(
                "INSERT INTO roles (tenant_id, id, name, level, permissions) VALUES ($1, $2, $3, $4, $5)",
                cx.tenant().uuid(),
                id.uuid(),
                self.input.name.trim(),
                self.input.level,
                &permissions,
            )
            .execute(cx.conn())
            .await
            .or_field(&[("roles_name", "name", "taken")])?;
            id
        };
        cx.emit(Event::new("role.changed", "role", id).with(json!({ "name": self.input.name })));
        select(cx, Some(id.uuid())).await?.pop().ok_or(Error::NotFound)
    }
}

/// Removes a role nobody holds and nobody is invited to. Past invitations keep its name.
#[derive(Debug, Clone)]
pub struct Delete {
    /// Which.
    pub id: Id<Role>,
    /// The version the caller read.
    pub version: i32,
}

impl Action for Delete {
    const NEEDS: Permission = Permission::RoleManage;
    type Out = ();

    async fn run(self, cx: &mut Cx<'_>) -> Result<()> {
        cx.refuse_limited()?;
        let role = select(cx, Some(self.id.uuid())).await?.pop().ok_or(Error::NotFound)?;
        grantable(cx, self.id).await?;
        if role.key.is_some() {
            return Err(Error::Conflict("built_in_role"));
        }
        self.refuse_held(cx).await?;
        self.leave_past_invitations(cx).await?;
        let removed = sqlx::query!(
            "DELETE FROM roles WHERE tenant_id = $1 AND id = $2 AND version = $3",
            cx.tenant().uuid(),
            self.id.uuid(),
            self.version,
        )
        .execute(cx.conn())
        .await
        // somebody got the role between the look and the removal
        .map_err(|error| in_use(error.into()))?
        .rows_affected();
        if removed == 0 {
            return Err(stale(cx, self.id, role.version).await);
        }
        cx.emit(Event::new("role.removed", "role", self.id).with(json!({ "name": role.name })));
        Ok(())
    }
}

/// Names told when a role cannot be removed; one more than these says that there are others.
const HOLDERS_TOLD: i64 = 10;

impl Delete {
    /// Whoever was deactivated holds the role still: they may come back.
    async fn refuse_held(&self, cx: &mut Cx<'_>) -> Result<()> {
        let now = cx.now();
        let mut holders = sqlx::query_scalar!(
            r#"SELECT h.name AS "name!" FROM (
                 SELECT name FROM members WHERE tenant_id = $1 AND role_id = $2
                 UNION ALL
                 SELECT name FROM invitations
                   WHERE tenant_id = $1 AND role_id = $2 AND accepted_at IS NULL AND revoked_at IS NULL AND expires_at > $3) h
               ORDER BY h.name COLLATE app.names LIMIT $4"#,
            cx.tenant().uuid(),
            self.id.uuid(),
            now,
            HOLDERS_TOLD + 1,
        )
        .fetch_all(cx.conn())
        .await?;
        if holders.is_empty() {
            return Ok(());
        }
        if holders.len() > usize::try_from(HOLDERS_TOLD).unwrap_or(usize::MAX) {
            holders.pop();
            holders.push("…".to_owned());
        }
        Err(Error::Invalid(vec![FieldError::new("", "role_held").with("names", holders.join(", "))]))
    }

    async fn leave_past_invitations(&self, cx: &mut Cx<'_>) -> Result<()> {
        let now = cx.now();
        sqlx::query!(
            "UPDATE invitations SET role_id = NULL, revoked_at = CASE WHEN accepted_at IS NULL THEN coalesce(revoked_at, $3) END
             WHERE tenant_id = $1 AND role_id = $2 AND (accepted_at IS NOT NULL OR revoked_at IS NOT NULL OR expires_at <= $3)",
            cx.tenant().uuid(),
            self.id.uuid(),
            now,
        )
        .execute(cx.conn())
        .await?;
        Ok(())
    }
}

impl Save {
    fn check(&self, cx: &Cx<'_>) -> Result<Permissions> {
        let mut checks = Checks::new();
        checks.text("name", &self.input.name, 80);
        if self.input.level < 1 || self.input.level >= cx.scope().actor().level {
            let max = cx.scope().actor().level - 1;
            checks.push(FieldError::new("level", "out_of_range").with("min", 1).with("max", max));
        }
        for key in &self.input.permissions {
            match Permission::find(key) {
                None | Some(Permission::Member) => {
                    checks.push(FieldError::new("permissions", "unknown_permission").with("permission", key));
                }
                Some(permission) if !cx.scope().can(permission) => {
                    checks.push(FieldError::new("permissions", "not_grantable").with("permission", key));
                }
                Some(_) => {}
            }
        }
        checks.done()?;
        Ok(Permissions::from_keys(&self.input.permissions))
    }
}

/// The role, if the actor may give it.
pub(super) async fn grantable(cx: &mut Cx<'_>, id: Id<Role>) -> Result<Role> {
    let role = select(cx, Some(id.uuid())).await?.pop().ok_or_else(|| Error::field("role_id", "unknown_reference"))?;
    if role.grantable_by(cx.scope()) { Ok(role) } else { Err(Error::Forbidden(Refused::Level)) }
}

async fn select(cx: &mut Cx<'_>, id: Option<Uuid>) -> Result<Vec<Role>> {
    Ok(sqlx::query_as!(
        Role,
        r#"SELECT r.id, r.key, r.name, r.level, r.permissions, r.version,
             (SELECT count(*) FROM members m WHERE m.tenant_id = r.tenant_id AND m.role_id = r.id AND m.kind = 'person' AND m.active) AS "members!"
           FROM roles r WHERE r.tenant_id = $1 AND ($2::uuid IS NULL OR r.id = $2) ORDER BY r.level DESC, r.name COLLATE app.names"#,
        cx.tenant().uuid(),
        id,
    )
    .fetch_all(cx.conn())
    .await?)
}
