//! Assets (27, 31): what is maintained. Enough for a work order; meters, models, costs and lifecycles join later.

use chrono::NaiveDate;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use uuid::Uuid;

use super::Location;
use crate::kernel::action::Cx;
use crate::kernel::error::{Checks, Error, OrField, Result};
use crate::kernel::id::Id;
use crate::kernel::listing::{By, Cell, Column, Filter, Listing, Sort};
use crate::kernel::permission::Permission;
use crate::kernel::resource::{Field, Resource, Widget, record};
use crate::notify::reminder;

/// An asset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object, FromRow)]
pub struct Asset {
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// The tag on it, unique in the company.
    pub tag: String,
    /// Its maker's serial number.
    pub serial: String,
    /// Its type.
    pub type_id: Uuid,
    /// The type's name.
    pub type_name: String,
    /// Where it stands.
    pub location_id: Uuid,
    /// Names from the site down to there.
    pub location_path: Vec<String>,
    /// The site it is at.
    pub site_id: Uuid,
    /// Who made it.
    pub manufacturer: String,
    /// Its model.
    pub model: String,
    /// How much hangs on it: `low`, `medium`, `high` or `critical`.
    pub criticality: String,
    /// When it was bought.
    pub purchased_on: Option<NaiveDate>,
    /// The last day of its warranty.
    pub warranty_until: Option<NaiveDate>,
    /// Anything else.
    pub note: String,
    /// Whether it is in use.
    pub active: bool,
    /// Its version, which a change must name.
    pub version: i32,
}

/// What is filled in of an asset.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields)]
pub struct AssetInput {
    /// Its name; at most 160 characters.
    pub name: String,
    /// The tag on it, unique in the company; at most 60 characters.
    pub tag: String,
    /// Its maker's serial number.
    #[serde(default)]
    #[oai(default)]
    pub serial: String,
    /// Its type.
    pub type_id: Uuid,
    /// Where it stands.
    pub location_id: Uuid,
    /// Who made it.
    #[serde(default)]
    #[oai(default)]
    pub manufacturer: String,
    /// Its model.
    #[serde(default)]
    #[oai(default)]
    pub model: String,
    /// `low`, `medium`, `high` or `critical`.
    #[serde(default = "medium")]
    #[oai(default = "medium")]
    pub criticality: String,
    /// When it was bought.
    #[serde(default)]
    pub purchased_on: Option<NaiveDate>,
    /// The last day of its warranty.
    #[serde(default)]
    pub warranty_until: Option<NaiveDate>,
    /// Anything else.
    #[serde(default)]
    #[oai(default)]
    pub note: String,
    /// Whether it is in use.
    #[serde(default = "yes")]
    #[oai(default = "yes")]
    pub active: bool,
}

fn medium() -> String {
    "medium".to_owned()
}

const fn yes() -> bool {
    true
}

const CRITICALITIES: &[&str] = &["low", "medium", "high", "critical"];
const REFUSALS: &[(&str, &str, &str)] = &[
    ("assets_tag", "tag", "taken"),
    ("assets_type", "type_id", "unknown_reference"),
    ("assets_location", "location_id", "unknown_reference"),
];

record!(Asset, |asset| format!("{} · {}", asset.name, asset.tag));

impl Listing for Asset {
    type Row = Self;
    const NAME: &'static str = "assets";
    const READ: Permission = Permission::AssetView;
    const SELECT: &'static str = "a.id, a.name, a.tag, a.serial, a.type_id, t.name AS type_name, a.location_id, l.path AS location_path, \
        a.site_id, a.manufacturer, a.model, a.criticality, a.purchased_on, a.warranty_until, a.note, a.active, a.version";
    const FROM: &'static str = "assets a \
        JOIN asset_types t ON t.tenant_id = a.tenant_id AND t.id = a.type_id \
        JOIN locations l ON l.tenant_id = a.tenant_id AND l.id = a.location_id";
    const ALIAS: &'static str = "a";
    const SORTS: &'static [Sort] = &[
        Sort { name: "name", sql: "(a.name COLLATE app.names)", cast: "text", nullable: false, descending: false },
        Sort { name: "tag", sql: "(a.tag COLLATE app.names)", cast: "text", nullable: false, descending: false },
        Sort { name: "warranty_until", sql: "a.warranty_until", cast: "date", nullable: true, descending: false },
        Sort { name: "created_at", sql: "a.created_at", cast: "timestamptz", nullable: false, descending: true },
    ];
    const FILTERS: &'static [Filter] = &[
        Filter { name: "q", by: By::Search("a.id=app.search_assets") },
        Filter { name: "type", by: By::Reference("a.type_id", "asset_types") },
        Filter { name: "location", by: By::Reference("a.location_id", "locations") },
        Filter { name: "site", by: By::Reference("a.site_id", "locations") },
        Filter { name: "criticality", by: By::Choice("a.criticality", CRITICALITIES) },
        Filter { name: "active", by: By::Truth("a.active") },
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("name", |a: &Self| Cell::text(&*a.name)).sorted("name"),
        Column::new("tag", |a: &Self| Cell::text(&*a.tag)).sorted("tag"),
        Column::new("serial", |a: &Self| Cell::text(&*a.serial)),
        Column::new("type_id", |a: &Self| Cell::text(&*a.type_name)),
        Column::new("location_id", |a: &Self| Cell::text(a.location_path.join(" / "))),
        Column::new("manufacturer", |a: &Self| Cell::text(&*a.manufacturer)).hidden(),
        Column::new("model", |a: &Self| Cell::text(&*a.model)).hidden(),
        Column::new("criticality", |a: &Self| Cell::Key(format!("resource.assets.criticality.{}", a.criticality))),
        Column::new("purchased_on", |a: &Self| Cell::maybe(a.purchased_on, Cell::Date)).hidden(),
        Column::new("warranty_until", |a: &Self| Cell::maybe(a.warranty_until, Cell::Date)).sorted("warranty_until").hidden(),
        Column::new("active", |a: &Self| Cell::Truth(a.active)),
    ];
}

/// The site of a location; unknown ones, and ones outside the actor's sites, are the field's error.
pub async fn place(cx: &mut Cx<'_>, location: Uuid) -> Result<Uuid> {
    let location = Location::find(cx, location.into()).await?;
    location.map(|location| location.site_id).ok_or_else(|| Error::field("location_id", "unknown_reference"))
}

impl Resource for Asset {
    const WRITE: Permission = Permission::AssetEdit;
    const DELETE: Permission = Permission::AssetDelete;
    type Input = AssetInput;
    const FORM: &'static [Field] = &[
        Field::required("name", Widget::Text),
        Field::required("tag", Widget::Text),
        Field::new("serial", Widget::Text),
        Field::required("type_id", Widget::Reference("asset_types")),
        Field::required("location_id", Widget::Reference("locations")),
        Field::new("manufacturer", Widget::Text),
        Field::new("model", Widget::Text),
        Field::required("criticality", Widget::Choice(CRITICALITIES)),
        Field::new("purchased_on", Widget::Date),
        Field::new("warranty_until", Widget::Date),
        Field::new("note", Widget::Area),
        Field::new("active", Widget::Check),
    ];

    fn input(a: &Self) -> AssetInput {
        AssetInput {
            name: a.name.clone(),
            tag: a.tag.clone(),
            serial: a.serial.clone(),
            type_id: a.type_id,
            location_id: a.location_id,
            manufacturer: a.manufacturer.clone(),
            model: a.model.clone(),
            criticality: a.criticality.clone(),
            purchased_on: a.purchased_on,
            warranty_until: a.warranty_until,
            note: a.note.clone(),
            active: a.active,
        }
    }

    fn check(input: &AssetInput) -> Result<()> {
        let mut checks = Checks::new();
        checks.text("name", &input.name, 160).text("tag", &input.tag, 60).max("serial", &input.serial, 120);
        checks.max("manufacturer", &input.manufacturer, 120).max("model", &input.model, 120).max("note", &input.note, 4000);
        checks.year("purchased_on", input.purchased_on.as_ref()).year("warranty_until", input.warranty_until.as_ref());
        checks.one_of("criticality", &input.criticality, CRITICALITIES).done()
    }

    async fn find(cx: &mut Cx<'_>, id: Id<Self>) -> Result<Option<Self>> {
        Ok(sqlx::query_as!(
            Self,
            "SELECT a.id, a.name, a.tag, a.serial, a.type_id, t.name AS type_name, a.location_id, l.path AS location_path, a.site_id,
               a.manufacturer, a.model, a.criticality, a.purchased_on, a.warranty_until, a.note, a.active, a.version
             FROM assets a
             JOIN asset_types t ON t.tenant_id = a.tenant_id AND t.id = a.type_id
             JOIN locations l ON l.tenant_id = a.tenant_id AND l.id = a.location_id
             WHERE a.tenant_id = $1 AND a.id = $2",
            cx.tenant().uuid(),
            id.uuid(),
        )
        .fetch_optional(cx.conn())
        .await?)
    }

    async fn insert(cx: &mut Cx<'_>, id: Id<Self>, a: &AssetInput) -> Result<()> {
        let site = place(cx, a.location_id).await?;
        sqlx::query!(
            "INSERT INTO assets (tenant_id, id, name, tag, serial, type_id, location_id, site_id, manufacturer, model, criticality,
               purchased_on, warranty_until, note, active)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
            cx.tenant().uuid(),
            id.uuid(),
            a.name.trim(),
            a.tag.trim(),
            a.serial.trim(),
            a.type_id,
            a.location_id,
            site,
            a.manufacturer,
            a.model,
            a.criticality,
            a.purchased_on,
            a.warranty_until,
            a.note,
            a.active,
        )
        .execute(cx.conn())
        .await
        .or_field(REFUSALS)?;
        reminder::changed(cx, "asset", id.uuid()).await
    }

    async fn update(cx: &mut Cx<'_>, id: Id<Self>, version: i32, a: &AssetInput) -> Result<u64> {
        let site = place(cx, a.location_id).await?;
        let done = sqlx::query!(
            "UPDATE assets SET name = $4, tag = $5, serial = $6, type_id = $7, location_id = $8, site_id = $9, manufacturer = $10,
               model = $11, criticality = $12, purchased_on = $13, warranty_until = $14, note = $15, active = $16
             WHERE tenant_id = $1 AND id = $2 AND version = $3",
            cx.tenant().uuid(),
            id.uuid(),
            version,
            a.name.trim(),
            a.tag.trim(),
            a.serial.trim(),
            a.type_id,
            a.location_id,
            site,
            a.manufacturer,
            a.model,
            a.criticality,
            a.purchased_on,
            a.warranty_until,
            a.note,
            a.active,
        )
        .execute(cx.conn())
        .await
        .or_field(REFUSALS)?;
        reminder::changed(cx, "asset", id.uuid()).await?;
        Ok(done.rows_affected())
    }

    async fn delete(cx: &mut Cx<'_>, id: Id<Self>, version: i32) -> Result<u64> {
        let done =
            sqlx::query!("DELETE FROM assets WHERE tenant_id = $1 AND id = $2 AND version = $3", cx.tenant().uuid(), id.uuid(), version)
                .execute(cx.conn())
                .await?;
        Ok(done.rows_affected())
    }
}
