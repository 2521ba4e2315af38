//! A machine: works, is serviced, breaks down, is put away, is disposed of (40).

use workflows::{Kind, Subject};

use super::{empty, field, writable};

/// The fields `asset_equipment.yml` may name. `meter` counts hours, or whatever the machine counts; zero for one that counts nothing.
pub const SUBJECT: Subject = Subject {
    key: "asset_equipment",
    fields: &[
        field("name", Kind::Text),
        field("tag", Kind::Text),
        field("location", Kind::Ref("location")),
        writable("custodian", Kind::Ref("member")),
        field("meter", Kind::Int),
        writable("fault", Kind::Text),
        writable("down_since", Kind::Time),
        writable("deployed_at", Kind::Time),
        writable("serviced_at", Kind::Time),
        writable("serviced_meter", Kind::Int),
        empty("next_service_at", Kind::Time),
        empty("next_service_meter", Kind::Int),
        empty("warranty_until", Kind::Time),
        empty("book_value", Kind::Money),
        writable("disposed_at", Kind::Time),
        field("created_by", Kind::Ref("member")),
        field("created_at", Kind::Time),
        field("state", Kind::Text),
    ],
};

/// The messages `asset_equipment.yml` names.
pub const TEXTS: &[&str] = &[
    "asset_equipment.handed_over",
    "asset_equipment.down",
    "asset_equipment.back_in_service",
    "asset_equipment.disposal_requested",
    "asset_equipment.disposal_rejected",
    "asset_equipment.disposed",
    "asset_equipment.service_due",
    "asset_equipment.service_due_meter",
    "asset_equipment.service_overdue",
    "asset_equipment.warranty_ends",
    "asset_equipment.long_down",
];
