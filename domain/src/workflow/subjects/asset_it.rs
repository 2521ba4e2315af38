//! An IT asset: bought, set up, lent to clients for money, taken back, repaired, sold (39, 42, 53, 94–97).

use workflows::{Kind, Subject};

use super::{CONDITIONS, empty, field, writable};

/// The fields `asset_it.yml` may name.
pub const SUBJECT: Subject = Subject {
    key: "asset_it",
    fields: &[
        field("name", Kind::Text),
        field("tag", Kind::Text),
        empty("serial", Kind::Text),
        field("location", Kind::Ref("location")),
        writable("assignee", Kind::Ref("member")),
        writable("client", Kind::Ref("client")),
        writable("monthly_rate", Kind::Money),
        writable("shipped_at", Kind::Time),
        writable("return_due_at", Kind::Time),
        writable("returned_at", Kind::Time),
        writable("condition", Kind::Choice(CONDITIONS)),
        writable("vendor", Kind::Ref("vendor")),
        writable("fault", Kind::Text),
        writable("repair_cost", Kind::Money),
        writable("sale_price", Kind::Money),
        writable("sold_at", Kind::Time),
        empty("warranty_until", Kind::Time),
        field("created_by", Kind::Ref("member")),
        field("created_at", Kind::Time),
        field("state", Kind::Text),
    ],
};

/// The messages `asset_it.yml` names.
pub const TEXTS: &[&str] = &[
    "asset_it.handed_over",
    "asset_it.returned",
    "asset_it.repaired",
    "asset_it.sold",
    "asset_it.return_due",
    "asset_it.return_overdue",
    "asset_it.warranty_ends",
    "asset_it.sla_warning",
    "asset_it.sla_breach",
];
