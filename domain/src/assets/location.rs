//! Locations (29): a tree. A root is a site, the unit a member may be limited to; every row knows its site, so that policies
//! need no walk. `path`, the names from the root down, sorts the tree and is rewritten below a renamed or moved node.

use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use uuid::Uuid;

use crate::kernel::action::Cx;
use crate::kernel::error::{Checks, Error, OrField, Result};
use crate::kernel::id::Id;
use crate::kernel::listing::{By, Cell, Column, Filter, Listing, Sort};
use crate::kernel::permission::Permission;
use crate::kernel::resource::{Field, Resource, Widget, record};

/// A location.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object, FromRow)]
pub struct Location {
    /// Its id.
    pub id: Uuid,
    /// The location it is part of; a site is part of none.
    pub parent_id: Option<Uuid>,
    /// The site it belongs to; a site's is its own id.
    pub site_id: Uuid,
    /// Its name, unique among its neighbours.
    pub name: String,
    /// A short code, as on a door.
    pub code: String,
    /// `site`, `building`, `area` or `room`.
    pub kind: String,
    /// Names from the site down to this location.
    pub path: Vec<String>,
    /// Postal address.
    pub address: String,
    /// Whether it is offered for new assets and work.
    pub active: bool,
    /// Its version, which a change must name.
    pub version: i32,
}

/// What is filled in of a location.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields)]
pub struct LocationInput {
    /// Its name, unique among its neighbours; at most 120 characters.
    pub name: String,
    /// The location it is part of; a site is part of none.
    #[serde(default)]
    pub parent_id: Option<Uuid>,
    /// `building`, `area` or `room`; a location without a parent is always a `site`.
    #[serde(default = "area")]
    #[oai(default = "area")]
    pub kind: String,
    /// A short code, as on a door.
    #[serde(default)]
    #[oai(default)]
    pub code: String,
    /// Postal address.
    #[serde(default)]
    #[oai(default)]
    pub address: String,
    /// Whether it is offered for new assets and work.
    #[serde(default = "yes")]
    #[oai(default = "yes")]
    pub active: bool,
}

fn area() -> String {
    "area".to_owned()
}

const fn yes() -> bool {
    true
}

const KINDS: &[&str] = &["site", "building", "area", "room"];
const REFUSALS: &[(&str, &str, &str)] = &[("locations_name", "name", "taken"), ("locations_parent", "parent_id", "unknown_reference")];

record!(Location);

impl Listing for Location {
    type Row = Self;
    const NAME: &'static str = "locations";
    const READ: Permission = Permission::LocationView;
    const SELECT: &'static str = "l.id, l.parent_id, l.site_id, l.name, l.code, l.kind, l.path, l.address, l.active, l.version";
    const FROM: &'static str = "locations l";
    const ALIAS: &'static str = "l";
    const SORTS: &'static [Sort] = &[
        Sort { name: "path", sql: "(l.path COLLATE app.names)", cast: "text[]", nullable: false, descending: false },
        Sort { name: "name", sql: "(l.name COLLATE app.names)", cast: "text", nullable: false, descending: false },
    ];
    const FILTERS: &'static [Filter] = &[
        Filter { name: "q", by: By::Contains(&["l.name", "l.code", "l.address"]) },
        Filter { name: "kind", by: By::Choice("l.kind", KINDS) },
        Filter { name: "site", by: By::Reference("l.site_id", "locations") },
        Filter { name: "parent", by: By::Reference("l.parent_id", "locations") },
        Filter { name: "active", by: By::Truth("l.active") },
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("name", |l: &Self| Cell::Tree(l.path.len() - 1, l.name.clone())).sorted("path"),
        Column::new("code", |l: &Self| Cell::text(&*l.code)),
        Column::new("kind", |l: &Self| Cell::Key(format!("resource.locations.kind.{}", l.kind))),
        Column::new("address", |l: &Self| Cell::text(&*l.address)),
        Column::new("active", |l: &Self| Cell::Truth(l.active)),
    ];
}

/// Where a location hangs: its site, the path above it, and its kind.
struct Place {
    site: Option<Uuid>,
    above: Vec<String>,
    kind: String,
}

async fn place(cx: &mut Cx<'_>, id: Id<Location>, input: &LocationInput) -> Result<Place> {
    // two moves at once could each be right and together make a circle
    cx.hold("locations").await?;
    let Some(parent) = input.parent_id else {
        if cx.scope().sites().is_some_and(|sites| !sites.contains(&id.uuid())) {
            return Err(Error::field("parent_id", "outside_your_sites"));
        }
        return Ok(Place { site: None, above: Vec::new(), kind: KINDS[0].to_owned() });
    };
    if input.kind == KINDS[0] {
        return Err(Error::field("kind", "site_has_no_parent"));
    }
    let parent = Location::find(cx, parent.into()).await?.ok_or_else(|| Error::field("parent_id", "unknown_reference"))?;
    if parent.id == id.uuid() || is_below(cx, parent.id, id.uuid()).await? {
        return Err(Error::field("parent_id", "cycle"));
    }
    Ok(Place { site: Some(parent.site_id), above: parent.path, kind: input.kind.clone() })
}

async fn is_below(cx: &mut Cx<'_>, id: Uuid, ancestor: Uuid) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"WITH RECURSIVE up AS (
             SELECT id, parent_id FROM locations WHERE tenant_id = $1 AND id = $2
             UNION ALL
             SELECT l.id, l.parent_id FROM up JOIN locations l ON l.tenant_id = $1 AND l.id = up.parent_id)
           SELECT EXISTS (SELECT FROM up WHERE id = $3) AS "below!""#,
        cx.tenant().uuid(),
        id,
        ancestor,
    )
    .fetch_one(cx.conn())
    .await?)
}

/// Rewrites paths and sites below a node that was renamed or moved, and the sites of what stands there.
async fn settle_below(cx: &mut Cx<'_>, id: Id<Location>) -> Result<()> {
    let tenant = cx.tenant().uuid();
    sqlx::query!(
        "WITH RECURSIVE down AS (
           SELECT id, path, site_id FROM locations WHERE tenant_id = $1 AND id = $2
           UNION ALL
           SELECT l.id, d.path || l.name, d.site_id FROM down d JOIN locations l ON l.tenant_id = $1 AND l.parent_id = d.id)
         UPDATE locations l SET path = d.path, site_id = d.site_id FROM down d
         WHERE l.tenant_id = $1 AND l.id = d.id AND l.id <> $2 AND (l.path, l.site_id) IS DISTINCT FROM (d.path, d.site_id)",
        tenant,
        id.uuid(),
    )
    .execute(cx.conn())
    .await?;
    sqlx::query!(
        "UPDATE assets a SET site_id = l.site_id FROM locations l
         WHERE a.tenant_id = $1 AND l.tenant_id = $1 AND l.id = a.location_id AND a.site_id <> l.site_id",
        tenant,
    )
    .execute(cx.conn())
    .await?;
    sqlx::query!(
        "UPDATE work_orders o SET site_id = l.site_id FROM locations l
         WHERE o.tenant_id = $1 AND l.tenant_id = $1 AND l.id = o.location_id AND o.site_id <> l.site_id",
        tenant,
    )
    .execute(cx.conn())
    .await?;
    Ok(())
}

/// Whether somebody's work is limited to this site, or is to be once they accept an invitation: without it they would be left
/// with no place at all.
async fn limits_people(cx: &mut Cx<'_>, id: Id<Location>) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM members WHERE tenant_id = $1 AND $2 = ANY(site_ids))
             OR EXISTS (SELECT FROM invitations WHERE tenant_id = $1 AND $2 = ANY(site_ids)
               AND accepted_at IS NULL AND revoked_at IS NULL) AS "limits!""#,
        cx.tenant().uuid(),
        id.uuid(),
    )
    .fetch_one(cx.conn())
    .await?)
}

impl Resource for Location {
    const WRITE: Permission = Permission::LocationEdit;
    const DELETE: Permission = Permission::LocationEdit;
    type Input = LocationInput;
    const FORM: &'static [Field] = &[
        Field::required("name", Widget::Text),
        Field::new("parent_id", Widget::Reference("locations")),
        Field::required("kind", Widget::Choice(KINDS)),
        Field::new("code", Widget::Text),
        Field::new("address", Widget::Text),
        Field::new("active", Widget::Check),
    ];

    fn input(l: &Self) -> LocationInput {
        LocationInput {
            name: l.name.clone(),
            parent_id: l.parent_id,
            kind: l.kind.clone(),
            code: l.code.clone(),
            address: l.address.clone(),
            active: l.active,
        }
    }

    fn check(input: &LocationInput) -> Result<()> {
        let mut checks = Checks::new();
        checks.text("name", &input.name, 120).one_of("kind", &input.kind, KINDS);
        checks.max("code", &input.code, 40).max("address", &input.address, 300).done()
    }

    async fn find(cx: &mut Cx<'_>, id: Id<Self>) -> Result<Option<Self>> {
        Ok(sqlx::query_as!(
            Self,
            "SELECT id, parent_id, site_id, name, code, kind, path, address, active, version FROM locations WHERE tenant_id = $1 AND id = $2",
            cx.tenant().uuid(),
            id.uuid(),
        )
        .fetch_optional(cx.conn())
        .await?)
    }

    async fn insert(cx: &mut Cx<'_>, id: Id<Self>, input: &LocationInput) -> Result<()> {
        let Place { site, mut above, kind } = place(cx, id, input).await?;
        above.push(input.name.trim().to_owned());
        sqlx::query!(
            "INSERT INTO locations (tenant_id, id, parent_id, site_id, name, code, kind, path, address, active)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            cx.tenant().uuid(),
            id.uuid(),
            input.parent_id,
            site.unwrap_or(id.uuid()),
            input.name.trim(),
            input.code,
            kind,
            &above,
            input.address,
            input.active,
        )
        .execute(cx.conn())
        .await
        .or_field(REFUSALS)?;
        Ok(())
    }

    async fn update(cx: &mut Cx<'_>, id: Id<Self>, version: i32, input: &LocationInput) -> Result<u64> {
        let old = Self::find(cx, id).await?.ok_or(Error::NotFound)?;
        let Place { site, mut above, kind } = place(cx, id, input).await?;
        if old.parent_id.is_none() && site.is_some() && limits_people(cx, id).await? {
            return Err(Error::field("parent_id", "people_limited_to_it"));
        }
        above.push(input.name.trim().to_owned());
        let done = sqlx::query!(
            "UPDATE locations SET parent_id = $4, site_id = $5, name = $6, code = $7, kind = $8, path = $9, address = $10, active = $11
             WHERE tenant_id = $1 AND id = $2 AND version = $3",
            cx.tenant().uuid(),
            id.uuid(),
            version,
            input.parent_id,
            site.unwrap_or(id.uuid()),
            input.name.trim(),
            input.code,
            kind,
            &above,
            input.address,
            input.active,
        )
        .execute(cx.conn())
        .await
        .or_field(REFUSALS)?;
        settle_below(cx, id).await?;
        Ok(done.rows_affected())
    }

    async fn delete(cx: &mut Cx<'_>, id: Id<Self>, version: i32) -> Result<u64> {
        cx.hold("locations").await?;
        if limits_people(cx, id).await? {
            return Err(Error::Conflict("in_use"));
        }
        let done =
            sqlx::query!("DELETE FROM locations WHERE tenant_id = $1 AND id = $2 AND version = $3", cx.tenant().uuid(), id.uuid(), version)
                .execute(cx.conn())
                .await?;
        Ok(done.rows_affected())
    }
}
