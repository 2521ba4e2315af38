//! A relocation: one asset moves from one place to another, with whoever answers for it (35, 70).

use workflows::{Kind, Subject};

use super::{ASSET, CONDITIONS, empty, field, writable};

/// The fields `relocation.yml` may name.
pub const SUBJECT: Subject = Subject {
    key: "relocation",
    fields: &[
        field("number", Kind::Int),
        field("title", Kind::Text),
        field("asset", ASSET),
        field("from_location", Kind::Ref("location")),
        field("to_location", Kind::Ref("location")),
        empty("custodian", Kind::Ref("member")),
        empty("value", Kind::Money),
        empty("needed_at", Kind::Time),
        writable("carrier", Kind::Text),
        writable("shipped_at", Kind::Time),
        writable("received_at", Kind::Time),
        writable("condition", Kind::Choice(CONDITIONS)),
        field("created_by", Kind::Ref("member")),
        field("created_at", Kind::Time),
        field("state", Kind::Text),
    ],
};

/// The messages `relocation.yml` names.
pub const TEXTS: &[&str] = &[
    "relocation.approval_requested",
    "relocation.approved",
    "relocation.rejected",
    "relocation.shipped",
    "relocation.received",
    "relocation.damaged",
    "relocation.cancelled",
    "relocation.needed_soon",
    "relocation.late",
];
