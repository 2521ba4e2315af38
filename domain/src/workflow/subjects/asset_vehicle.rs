//! A vehicle: in service, reserved, in maintenance, decommissioned (41, 77, 114).

use workflows::{Kind, Subject};

use super::{empty, field, writable};

/// The fields `asset_vehicle.yml` may name. `meter` is the odometer, in kilometres.
pub const SUBJECT: Subject = Subject {
    key: "asset_vehicle",
    fields: &[
        field("name", Kind::Text),
        field("plate", Kind::Text),
        field("location", Kind::Ref("location")),
        empty("driver", Kind::Ref("member")),
        empty("department", Kind::Text),
        field("meter", Kind::Int),
        writable("reserved_for", Kind::Ref("member")),
        writable("reserved_until", Kind::Time),
        writable("deployed_at", Kind::Time),
        writable("fault", Kind::Text),
        writable("serviced_at", Kind::Time),
        writable("serviced_meter", Kind::Int),
        empty("next_service_at", Kind::Time),
        empty("next_service_meter", Kind::Int),
        empty("inspection_until", Kind::Time),
        writable("decommissioned_at", Kind::Time),
        field("created_by", Kind::Ref("member")),
        field("created_at", Kind::Time),
        field("state", Kind::Text),
    ],
};

/// The messages `asset_vehicle.yml` names.
pub const TEXTS: &[&str] = &[
    "asset_vehicle.reserved",
    "asset_vehicle.in_maintenance",
    "asset_vehicle.back_in_service",
    "asset_vehicle.decommissioned",
    "asset_vehicle.service_due",
    "asset_vehicle.service_due_meter",
    "asset_vehicle.service_overdue",
    "asset_vehicle.inspection_ends",
    "asset_vehicle.long_maintenance",
];
