//! The people of a company (22): their role, their sites, whether they may come in. One manages only those below one's own
//! level (18), and the last admin stays.

use chrono::{DateTime, Utc};
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sqlx::FromRow;
use uuid::Uuid;

use super::invitation::refuse_full;
use super::role::{TOP, grantable};
use super::sites::{are_own, grantable_sites, refuse_beyond};
use crate::kernel::action::{Action, Cx};
use crate::kernel::error::{Checks, Error, Result};
use crate::kernel::event::Event;
use crate::kernel::history::stale;
use crate::kernel::id::Id;
use crate::kernel::listing::{By, Cell, Column, Filter, Listing, Sort};
use crate::kernel::permission::Permission;
use crate::kernel::scope::Scope;
use crate::kernel::tenant::Access;

/// A person in a company.
#[derive(Debug, Clone, Serialize, Deserialize, Object, FromRow)]
pub struct Member {
    /// Their id.
    pub id: Uuid,
    /// Their name.
    pub name: String,
    /// Where mail goes.
    pub email: Option<String>,
    /// The role they hold.
    pub role_id: Uuid,
    /// Its name.
    pub role: String,
    /// The role's level.
    pub level: i32,
    /// Whether they work at every site.
    pub all_sites: bool,
    /// The sites they are limited to otherwise.
    pub site_ids: Vec<Uuid>,
    /// Their language.
    pub locale: String,
    /// Whether a private Telegram chat is linked.
    pub telegram: bool,
    /// Whether they may come in.
    pub active: bool,
    /// When they joined.
    pub created_at: DateTime<Utc>,
    /// Their version, which a change must name.
    pub version: i32,
}

impl Listing for Member {
    type Row = Self;
    const NAME: &'static str = "members";
    const READ: Permission = Permission::MemberView;
    const SELECT: &'static str = "m.id, m.name, m.email, m.role_id, r.name AS role, r.level, m.site_ids IS NULL AS all_sites, \
        coalesce(m.site_ids, '{}') AS site_ids, m.locale, m.telegram_chat IS NOT NULL AS telegram, m.active, m.created_at, m.version";
    // the system actor is nobody's colleague
    const FROM: &'static str = "members m JOIN roles r ON r.tenant_id = m.tenant_id AND r.id = m.role_id AND m.kind = 'person'";
    const ALIAS: &'static str = "m";
    const SORTS: &'static [Sort] = &[
        Sort { name: "name", sql: "(m.name COLLATE app.names)", cast: "text", nullable: false, descending: false },
        Sort { name: "created_at", sql: "m.created_at", cast: "timestamptz", nullable: false, descending: false },
    ];
    const FILTERS: &'static [Filter] = &[
        Filter { name: "q", by: By::Contains(&["m.name", "m.email"]) },
        Filter { name: "role", by: By::Reference("m.role_id", "roles") },
        Filter { name: "active", by: By::Truth("m.active") },
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("name", |m: &Self| Cell::text(&*m.name)).sorted("name"),
        Column::new("email", |m: &Self| Cell::maybe(m.email.clone(), Cell::Text)),
        Column::new("role", |m: &Self| Cell::text(&*m.role)),
        Column::new("active", |m: &Self| Cell::Truth(m.active)),
        Column::new("created_at", |m: &Self| Cell::Time(m.created_at)).sorted("created_at"),
    ];
}

impl Member {
    /// Whether the actor works wherever this person does: nobody manages people beyond their own sites.
    pub fn within_sites_of(&self, scope: &Scope) -> bool {
        are_own(scope, self.all_sites, &self.site_ids)
    }
}

/// Reads a person.
#[derive(Debug, Clone)]
pub struct Show(
    /// Who.
    pub Id<Member>,
);

impl Action for Show {
    const NEEDS: Permission = Permission::MemberView;
    const ACCESS: Access = Access::Read;
    type Out = Member;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Member> {
        find(cx, self.0).await
    }
}

pub(super) async fn find(cx: &mut Cx<'_>, id: Id<Member>) -> Result<Member> {
    sqlx::query_as!(
        Member,
        r#"SELECT m.id, m.name, m.email, m.role_id, r.name AS role, r.level, m.site_ids IS NULL AS "all_sites!",
             coalesce(m.site_ids, '{}') AS "site_ids!", m.locale, (m.telegram_chat IS NOT NULL) AS "telegram!", m.active, m.created_at, m.version
           FROM members m JOIN roles r ON r.tenant_id = m.tenant_id AND r.id = m.role_id
           WHERE m.tenant_id = $1 AND m.id = $2 AND m.kind = 'person'"#,
        cx.tenant().uuid(),
        id.uuid(),
    )
    .fetch_optional(cx.conn())
    .await?
    .ok_or(Error::NotFound)
}

/// What those who manage people may change.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields, rename = "MemberInput")]
pub struct Input {
    /// The role; below one's own level.
    pub role_id: Uuid,
    /// Whether they work at every site.
    #[serde(default)]
    #[oai(default)]
    pub all_sites: bool,
    /// The sites they are limited to otherwise, at least one.
    #[serde(default)]
    #[oai(default)]
    pub site_ids: Vec<Uuid>,
    /// Whether they may come in.
    pub active: bool,
}

/// Changes somebody's role and sites, keeps them out or lets them in again.
#[derive(Debug, Clone)]
pub struct Change {
    /// Who.
    pub id: Id<Member>,
    /// The version the caller read.
    pub version: i32,
    /// What was filled in.
    pub input: Input,
}

impl Action for Change {
    const NEEDS: Permission = Permission::MemberManage;
    type Out = Member;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Member> {
        let before = find(cx, self.id).await?;
        if self.id == cx.scope().actor().id {
            return Err(Error::Conflict("own_membership"));
        }
        grantable(cx, before.role_id.into()).await?;
        let role = grantable(cx, self.input.role_id.into()).await?;
        refuse_beyond(cx, before.all_sites, &before.site_ids)?;
        // who stays where they are may be kept out even when a site of theirs is gone
        let stays = self.input.all_sites == before.all_sites && self.input.site_ids == before.site_ids;
        let sites = if stays {
            (!before.all_sites).then(|| before.site_ids.clone())
        } else {
            grantable_sites(cx, self.input.all_sites, self.input.site_ids).await?
        };
        if self.input.active && !before.active {
            refuse_full(cx).await?;
        }
        let changed = sqlx::query!(
            "UPDATE members SET role_id = $4, site_ids = $5, active = $6 WHERE tenant_id = $1 AND id = $2 AND version = $3",
            cx.tenant().uuid(),
            self.id.uuid(),
            self.version,
            role.id,
            sites.as_deref(),
            self.input.active,
        )
        .execute(cx.conn())
        .await?
        .rows_affected();
        if changed == 0 {
            return Err(stale(cx, self.id, before.version).await);
        }
        keep_an_admin(cx).await?;
        cx.emit(
            Event::new("member.changed", "member", self.id)
                .with(json!({ "name": before.name, "role": role.name, "active": self.input.active })),
        );
        find(cx, self.id).await
    }
}

/// Locks the company's admins, so that two of them cannot dismiss each other at once.
async fn keep_an_admin(cx: &mut Cx<'_>) -> Result<()> {
    let admins = sqlx::query_scalar!(
        "SELECT m.id FROM members m JOIN roles r ON r.tenant_id = m.tenant_id AND r.id = m.role_id
         WHERE m.tenant_id = $1 AND m.kind = 'person' AND m.active AND r.level >= $2 ORDER BY m.id FOR UPDATE OF m",
        cx.tenant().uuid(),
        TOP,
    )
    .fetch_all(cx.conn())
    .await?;
    if admins.is_empty() { Err(Error::Conflict("last_admin")) } else { Ok(()) }
}

/// A person one may give work to, or name in a filter.
#[derive(Debug, Clone, Serialize, Object)]
pub struct Choice {
    /// The id.
    pub id: Uuid,
    /// The name.
    pub name: String,
}

/// The active people of the company, by name: what a form offers for an assignee.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    /// Only those who work at this site.
    pub site: Option<Uuid>,
    /// And this one, whoever it is: what is chosen already stays among the choices.
    pub chosen: Option<Uuid>,
}

impl Action for Choices {
    const NEEDS: Permission = Permission::WorkOrderView;
    const ACCESS: Access = Access::Read;
    type Out = Vec<Choice>;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Vec<Choice>> {
        Ok(sqlx::query_as!(
            Choice,
            "SELECT id, name FROM members WHERE tenant_id = $1 AND kind = 'person'
               AND (id = $3 OR active AND ($2::uuid IS NULL OR site_ids IS NULL OR $2 = ANY (site_ids)))
             ORDER BY name COLLATE app.names LIMIT 1000",
            cx.tenant().uuid(),
            self.site,
            self.chosen,
        )
        .fetch_all(cx.conn())
        .await?)
    }
}

/// Reads the actor's own membership, which everybody may.
#[derive(Debug, Clone)]
pub struct ShowOwn;

impl Action for ShowOwn {
    const NEEDS: Permission = Permission::Member;
    const ACCESS: Access = Access::Read;
    type Out = Member;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Member> {
        let id = cx.scope().actor().id;
        find(cx, id).await
    }
}

/// What a member changes about themselves in a company.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields)]
pub struct Own {
    /// The name colleagues see.
    pub name: String,
    /// The language of pages and messages.
    pub locale: String,
}

/// Changes the actor's own name and language in this company.
#[derive(Debug, Clone)]
pub struct ChangeOwn(
    /// What was filled in.
    pub Own,
);

impl Action for ChangeOwn {
    const NEEDS: Permission = Permission::Member;
    type Out = Member;

    async fn run(self, cx: &mut Cx<'_>) -> Result<Member> {
        let own = self.0;
        Checks::new().text("name", &own.name, 120).one_of("locale", &own.locale, super::signup::LOCALES).done()?;
        let id = cx.scope().actor().id;
        sqlx::query!(
            "UPDATE members SET name = $3, locale = $4 WHERE tenant_id = $1 AND id = $2",
            cx.tenant().uuid(),
            id.uuid(),
            own.name.trim(),
            own.locale,
        )
        .execute(cx.conn())
        .await?;
        find(cx, id).await
    }
}
