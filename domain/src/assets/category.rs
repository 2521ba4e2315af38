//! Categories of asset types: machinery, vehicles, computers, whatever a company sorts by.

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

/// A category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object, FromRow)]
pub struct Category {
    /// Its id.
    pub id: Uuid,
    /// Its name, unique in the company.
    pub name: String,
    /// Anything else.
    pub note: String,
    /// Its version, which a change must name.
    pub version: i32,
}

/// What is filled in of a category.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields)]
pub struct CategoryInput {
    /// Its name, unique in the company; at most 120 characters.
    pub name: String,
    /// Anything else.
    #[serde(default)]
    #[oai(default)]
    pub note: String,
}

record!(Category);

impl Listing for Category {
    type Row = Self;
    const NAME: &'static str = "categories";
    const READ: Permission = Permission::AssetView;
    const SELECT: &'static str = "c.id, c.name, c.note, c.version";
    const FROM: &'static str = "categories c";
    const ALIAS: &'static str = "c";
    const SORTS: &'static [Sort] =
        &[Sort { name: "name", sql: "(c.name COLLATE app.names)", cast: "text", nullable: false, descending: false }];
    const FILTERS: &'static [Filter] = &[Filter { name: "q", by: By::Contains(&["c.name"]) }];
    const COLUMNS: &'static [Column<Self>] =
        &[Column::new("name", |c: &Self| Cell::text(&*c.name)).sorted("name"), Column::new("note", |c: &Self| Cell::text(&*c.note))];
}

impl Resource for Category {
    const WRITE: Permission = Permission::AssetEdit;
    const DELETE: Permission = Permission::AssetDelete;
    type Input = CategoryInput;
    const FORM: &'static [Field] = &[Field::required("name", Widget::Text), Field::new("note", Widget::Area)];

    fn input(row: &Self) -> CategoryInput {
        CategoryInput { name: row.name.clone(), note: row.note.clone() }
    }

    fn check(input: &CategoryInput) -> Result<()> {
        Checks::new().text("name", &input.name, 120).max("note", &input.note, 4000).done()
    }

    async fn find(cx: &mut Cx<'_>, id: Id<Self>) -> Result<Option<Self>> {
        Ok(sqlx::query_as!(
            Self,
            "SELECT id, name, note, version FROM categories WHERE tenant_id = $1 AND id = $2",
            cx.tenant().uuid(),
            id.uuid()
        )
        .fetch_optional(cx.conn())
        .await?)
    }

    async fn insert(cx: &mut Cx<'_>, id: Id<Self>, input: &CategoryInput) -> Result<()> {
        sqlx::query!(
            "INSERT INTO categories (tenant_id, id, name, note) VALUES ($1, $2, $3, $4)",
            cx.tenant().uuid(),
            id.uuid(),
            input.name.trim(),
            input.note,
        )
        .execute(cx.conn())
        .await
        .or_field(&[("categories_name", "name", "taken")])?;
        Ok(())
    }

    async fn update(cx: &mut Cx<'_>, id: Id<Self>, version: i32, input: &CategoryInput) -> Result<u64> {
        let done = sqlx::query!(
            "UPDATE categories SET name = $4, note = $5 WHERE tenant_id = $1 AND id = $2 AND version = $3",
            cx.tenant().uuid(),
            id.uuid(),
            version,
            input.name.trim(),
            input.note,
        )
        .execute(cx.conn())
        .await
        .or_field(&[("categories_name", "name", "taken")])?;
        Ok(done.rows_affected())
    }

    async fn delete(cx: &mut Cx<'_>, id: Id<Self>, version: i32) -> Result<u64> {
        let done = sqlx::query!(
            "DELETE FROM categories WHERE tenant_id = $1 AND id = $2 AND version = $3",
            cx.tenant().uuid(),
            id.uuid(),
            version
        )
        .execute(cx.conn())
        .await?;
        Ok(done.rows_affected())
    }
}
