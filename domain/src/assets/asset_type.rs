//! Asset types (28): what kind of thing an asset is.

use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use uuid::Uuid;

use crate::kernel::action::Cx;
use crate::kernel::error::{Checks, OrField, Result};
use crate::kernel::id::Id;
use crate::kernel::listing::{By, Cell, Column, Filter, Listing, Sort};
use crate::kernel::permission::Permission;
use crate::kernel::resource::{Field, Resource, Widget, record};

/// An asset type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object, FromRow)]
pub struct AssetType {
    /// Its id.
    pub id: Uuid,
    /// Its name, unique in the company.
    pub name: String,
    /// The category it belongs to.
    pub category_id: Option<Uuid>,
    /// The category's name.
    pub category: Option<String>,
    /// Anything else.
    pub note: String,
    /// Its version, which a change must name.
    pub version: i32,
}

/// What is filled in of an asset type.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields)]
pub struct AssetTypeInput {
    /// Its name, unique in the company; at most 120 characters.
    pub name: String,
    /// The category it belongs to.
    #[serde(default)]
    pub category_id: Option<Uuid>,
    /// Anything else.
    #[serde(default)]
    #[oai(default)]
    pub note: String,
}

record!(AssetType);

impl Listing for AssetType {
    type Row = Self;
    const NAME: &'static str = "asset_types";
    const READ: Permission = Permission::AssetView;
    const SELECT: &'static str = "t.id, t.name, t.category_id, c.name AS category, t.note, t.version";
    const FROM: &'static str = "asset_types t LEFT JOIN categories c ON c.tenant_id = t.tenant_id AND c.id = t.category_id";
    const ALIAS: &'static str = "t";
    const SORTS: &'static [Sort] =
        &[Sort { name: "name", sql: "(t.name COLLATE app.names)", cast: "text", nullable: false, descending: false }];
    const FILTERS: &'static [Filter] = &[
        Filter { name: "q", by: By::Contains(&["t.name"]) },
        Filter { name: "category", by: By::Reference("t.category_id", "categories") },
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("name", |t: &Self| Cell::text(&*t.name)).sorted("name"),
        Column::new("category_id", |t: &Self| Cell::maybe(t.category.clone(), Cell::Text)),
        Column::new("note", |t: &Self| Cell::text(&*t.note)),
    ];
}

const REFUSALS: &[(&str, &str, &str)] =
    &[("asset_types_name", "name", "taken"), ("asset_types_category", "category_id", "unknown_reference")];

impl Resource for AssetType {
    const WRITE: Permission = Permission::AssetEdit;
    const DELETE: Permission = Permission::AssetDelete;
    type Input = AssetTypeInput;
    const FORM: &'static [Field] = &[
        Field::required("name", Widget::Text),
        Field::new("category_id", Widget::Reference("categories")),
        Field::new("note", Widget::Area),
    ];

    fn input(row: &Self) -> AssetTypeInput {
        AssetTypeInput { name: row.name.clone(), category_id: row.category_id, note: row.note.clone() }
    }

    fn check(input: &AssetTypeInput) -> Result<()> {
        Checks::new().text("name", &input.name, 120).max("note", &input.note, 4000).done()
    }

    async fn find(cx: &mut Cx<'_>, id: Id<Self>) -> Result<Option<Self>> {
        Ok(sqlx::query_as!(
            Self,
            r#"SELECT t.id, t.name, t.category_id, c.name AS "category?", t.note, t.version
               FROM asset_types t LEFT JOIN categories c ON c.tenant_id = t.tenant_id AND c.id = t.category_id
               WHERE t.tenant_id = $1 AND t.id = $2"#,
            cx.tenant().uuid(),
            id.uuid(),
        )
        .fetch_optional(cx.conn())
        .await?)
    }

    async fn insert(cx: &mut Cx<'_>, id: Id<Self>, input: &AssetTypeInput) -> Result<()> {
        sqlx::query!(
            "INSERT INTO asset_types (tenant_id, id, name, category_id, note) VALUES ($1, $2, $3, $4, $5)",
            cx.tenant().uuid(),
            id.uuid(),
            input.name.trim(),
            input.category_id,
            input.note,
        )
        .execute(cx.conn())
        .await
        .or_field(REFUSALS)?;
        Ok(())
    }

    async fn update(cx: &mut Cx<'_>, id: Id<Self>, version: i32, input: &AssetTypeInput) -> Result<u64> {
        let done = sqlx::query!(
            "UPDATE asset_types SET name = $4, category_id = $5, note = $6 WHERE tenant_id = $1 AND id = $2 AND version = $3",
            cx.tenant().uuid(),
            id.uuid(),
            version,
            input.name.trim(),
            input.category_id,
            input.note,
        )
        .execute(cx.conn())
        .await
        .or_field(REFUSALS)?;
        Ok(done.rows_affected())
    }

    async fn delete(cx: &mut Cx<'_>, id: Id<Self>, version: i32) -> Result<u64> {
        let done = sqlx::query!(
            "DELETE FROM asset_types WHERE tenant_id = $1 AND id = $2 AND version = $3",
            cx.tenant().uuid(),
            id.uuid(),
            version
        )
        .execute(cx.conn())
        .await?;
        Ok(done.rows_affected())
    }
}
