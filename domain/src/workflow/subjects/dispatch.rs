//! A dispatch: one asset with its driver and crew, sent to a job and back (61–63).

use workflows::{Kind, Subject};

use super::{ASSET, empty, field, writable};

/// Whoever drives. Papers end at the end of their last day, in the company's time.
const DRIVER: Kind = Kind::Link {
    subject: "driver",
    fields: &[
        empty("user", Kind::Ref("member")),
        field("license_until", Kind::Time),
        field("license_categories", Kind::List(&Kind::Text)),
        empty("medical_until", Kind::Time),
    ],
};

/// The fields `dispatch.yml` may name.
pub const SUBJECT: Subject = Subject {
    key: "dispatch",
    fields: &[
        field("number", Kind::Int),
        field("title", Kind::Text),
        empty("client", Kind::Ref("client")),
        field("site", Kind::Ref("location")),
        empty("destination", Kind::Text),
        writable("asset", ASSET),
        writable("driver", DRIVER),
        field("crew", Kind::List(&Kind::Ref("member"))),
        empty("starts_at", Kind::Time),
        empty("ends_at", Kind::Time),
        field("crosses_border", Kind::Bool),
        writable("departed_at", Kind::Time),
        writable("arrived_at", Kind::Time),
        writable("returned_at", Kind::Time),
        writable("odometer_out", Kind::Int),
        writable("odometer_in", Kind::Int),
        field("created_by", Kind::Ref("member")),
        field("created_at", Kind::Time),
        field("state", Kind::Text),
    ],
};

/// The messages `dispatch.yml` names.
pub const TEXTS: &[&str] = &[
    "dispatch.approval_requested",
    "dispatch.assigned",
    "dispatch.changed",
    "dispatch.rejected",
    "dispatch.cancelled",
    "dispatch.returned",
    "dispatch.starts_soon",
    "dispatch.no_show",
    "dispatch.late",
    "dispatch.long_stop",
];
