//! Vendors (56): who supplies, services, makes or insures.

use poem_openapi::Object;
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use uuid::Uuid;

use crate::identity::company::check_email;
use crate::kernel::action::Cx;
use crate::kernel::error::{Checks, OrField, Result};
use crate::kernel::id::Id;
use crate::kernel::listing::{By, Cell, Column, Filter, Listing, Sort};
use crate::kernel::permission::Permission;
use crate::kernel::resource::{Field, Resource, Widget, record};

/// A vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Object, FromRow)]
pub struct Vendor {
    /// Its id.
    pub id: Uuid,
    /// Its name, unique in the company.
    pub name: String,
    /// `supplier`, `service`, `manufacturer` or `insurer`.
    pub kind: String,
    /// BIN, INN, VKN or whatever its country calls it.
    pub tax_id: String,
    /// Whom to ask for.
    pub contact_name: String,
    /// Where mail goes.
    pub email: String,
    /// Telephone.
    pub phone: String,
    /// Website.
    pub website: String,
    /// Postal address.
    pub address: String,
    /// Anything else.
    pub note: String,
    /// Whether it is offered for new work.
    pub active: bool,
    /// Its version, which a change must name.
    pub version: i32,
}

/// What is filled in of a vendor.
#[derive(Debug, Clone, Serialize, Deserialize, Object)]
#[oai(deny_unknown_fields, rename = "VendorInput")]
pub struct VendorInput {
    /// Its name, unique in the company; at most 160 characters.
    pub name: String,
    /// `supplier`, `service`, `manufacturer` or `insurer`.
    #[serde(default = "supplier")]
    #[oai(default = "supplier")]
    pub kind: String,
    /// BIN, INN, VKN or whatever its country calls it.
    #[serde(default)]
    #[oai(default)]
    pub tax_id: String,
    /// Whom to ask for.
    #[serde(default)]
    #[oai(default)]
    pub contact_name: String,
    /// Where mail goes.
    #[serde(default)]
    #[oai(default)]
    pub email: String,
    /// Telephone.
    #[serde(default)]
    #[oai(default)]
    pub phone: String,
    /// Website.
    #[serde(default)]
    #[oai(default)]
    pub website: String,
    /// Postal address.
    #[serde(default)]
    #[oai(default)]
    pub address: String,
    /// Anything else.
    #[serde(default)]
    #[oai(default)]
    pub note: String,
    /// Whether it is offered for new work.
    #[serde(default = "yes")]
    #[oai(default = "yes")]
    pub active: bool,
}

fn supplier() -> String {
    KINDS[0].to_owned()
}

const fn yes() -> bool {
    true
}

const KINDS: &[&str] = &["supplier", "service", "manufacturer", "insurer"];

record!(Vendor);

impl Listing for Vendor {
    type Row = Self;
    const NAME: &'static str = "vendors";
    const READ: Permission = Permission::VendorView;
    const SELECT: &'static str =
        "v.id, v.name, v.kind, v.tax_id, v.contact_name, v.email, v.phone, v.website, v.address, v.note, v.active, v.version";
    const FROM: &'static str = "vendors v";
    const ALIAS: &'static str = "v";
    const SORTS: &'static [Sort] = &[
        Sort { name: "name", sql: "(v.name COLLATE app.names)", cast: "text", nullable: false, descending: false },
        Sort { name: "kind", sql: "v.kind", cast: "text", nullable: false, descending: false },
        Sort { name: "created_at", sql: "v.created_at", cast: "timestamptz", nullable: false, descending: true },
    ];
    const FILTERS: &'static [Filter] = &[
        Filter { name: "q", by: By::Contains(&["v.name", "v.tax_id", "v.contact_name", "v.email", "v.phone"]) },
        Filter { name: "kind", by: By::Choice("v.kind", KINDS) },
        Filter { name: "active", by: By::Truth("v.active") },
    ];
    const COLUMNS: &'static [Column<Self>] = &[
        Column::new("name", |v: &Self| Cell::text(&*v.name)).sorted("name"),
        Column::new("kind", |v: &Self| Cell::Key(format!("resource.vendors.kind.{}", v.kind))).sorted("kind"),
        Column::new("tax_id", |v: &Self| Cell::text(&*v.tax_id)),
        Column::new("contact_name", |v: &Self| Cell::text(&*v.contact_name)),
        Column::new("email", |v: &Self| Cell::text(&*v.email)),
        Column::new("phone", |v: &Self| Cell::text(&*v.phone)),
        Column::new("website", |v: &Self| Cell::text(&*v.website)).hidden(),
        Column::new("address", |v: &Self| Cell::text(&*v.address)).hidden(),
        Column::new("note", |v: &Self| Cell::text(&*v.note)).hidden(),
        Column::new("active", |v: &Self| Cell::Truth(v.active)),
    ];
}

impl Resource for Vendor {
    const WRITE: Permission = Permission::VendorEdit;
    const DELETE: Permission = Permission::VendorEdit;
    type Input = VendorInput;
    const FORM: &'static [Field] = &[
        Field::required("name", Widget::Text),
        Field::required("kind", Widget::Choice(KINDS)),
        Field::new("tax_id", Widget::Text),
        Field::new("contact_name", Widget::Text),
        Field::new("email", Widget::Email),
        Field::new("phone", Widget::Phone),
        Field::new("website", Widget::Url),
        Field::new("address", Widget::Text),
        Field::new("note", Widget::Area),
        Field::new("active", Widget::Check),
    ];

    fn input(v: &Self) -> VendorInput {
        VendorInput {
            name: v.name.clone(),
            kind: v.kind.clone(),
            tax_id: v.tax_id.clone(),
            contact_name: v.contact_name.clone(),
            email: v.email.clone(),
            phone: v.phone.clone(),
            website: v.website.clone(),
            address: v.address.clone(),
            note: v.note.clone(),
            active: v.active,
        }
    }

    fn check(input: &VendorInput) -> Result<()> {
        let mut checks = Checks::new();
        checks.text("name", &input.name, 160).one_of("kind", &input.kind, KINDS);
        checks.max("tax_id", &input.tax_id, 40).max("contact_name", &input.contact_name, 120).max("phone", &input.phone, 40);
        checks.web_address("website", &input.website).max("address", &input.address, 300).max("note", &input.note, 4000);
        if !input.email.is_empty() {
            check_email(&mut checks, "email", &input.email);
        }
        checks.done()
    }

    async fn find(cx: &mut Cx<'_>, id: Id<Self>) -> Result<Option<Self>> {
        Ok(sqlx::query_as!(
            Self,
            "SELECT id, name, kind, tax_id, contact_name, email, phone, website, address, note, active, version
             FROM vendors WHERE tenant_id = $1 AND id = $2",
            cx.tenant().uuid(),
            id.uuid(),
        )
        .fetch_optional(cx.conn())
        .await?)
    }

    async fn insert(cx: &mut Cx<'_>, id: Id<Self>, v: &VendorInput) -> Result<()> {
        sqlx::query!(
            "INSERT INTO vendors (tenant_id, id, name, kind, tax_id, contact_name, email, phone, website, address, note, active)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            cx.tenant().uuid(),
            id.uuid(),
            v.name.trim(),
            v.kind,
            v.tax_id,
            v.contact_name,
            v.email,
            v.phone,
            v.website,
            v.address,
            v.note,
            v.active,
        )
        .execute(cx.conn())
        .await
        .or_field(&[("vendors_name", "name", "taken")])?;
        Ok(())
    }

    async fn update(cx: &mut Cx<'_>, id: Id<Self>, version: i32, v: &VendorInput) -> Result<u64> {
        let done = sqlx::query!(
            "UPDATE vendors SET name = $4, kind = $5, tax_id = $6, contact_name = $7, email = $8, phone = $9, website = $10,
               address = $11, note = $12, active = $13
             WHERE tenant_id = $1 AND id = $2 AND version = $3",
            cx.tenant().uuid(),
            id.uuid(),
            version,
            v.name.trim(),
            v.kind,
            v.tax_id,
            v.contact_name,
            v.email,
            v.phone,
            v.website,
            v.address,
            v.note,
            v.active,
        )
        .execute(cx.conn())
        .await
        .or_field(&[("vendors_name", "name", "taken")])?;
        Ok(done.rows_affected())
    }

    async fn delete(cx: &mut Cx<'_>, id: Id<Self>, version: i32) -> Result<u64> {
        let done =
            sqlx::query!("DELETE FROM vendors WHERE tenant_id = $1 AND id = $2 AND version = $3", cx.tenant().uuid(), id.uuid(), version)
                .execute(cx.conn())
                .await?;
        Ok(done.rows_affected())
    }
}
