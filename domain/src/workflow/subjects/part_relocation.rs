//! A relocation of parts: so many of one part go from one store to another (70).

use workflows::{Field, Kind, Subject};

use super::{empty, field, writable};

/// The fields `part_relocation.yml` may name.
pub const SUBJECT: Subject = Subject {
    key: "part_relocation",
    fields: &[
        field("number", Kind::Int),
        field("part", Kind::Ref("part")),
        field("qty", Kind::Decimal),
        field("from_location", Kind::Ref("location")),
        field("to_location", Kind::Ref("location")),
        empty("needed_at", Kind::Time),
        writable("carrier", Kind::Text),
        writable("shipped_at", Kind::Time),
        writable("received_at", Kind::Time),
        // never empty: nothing has been received until something is
        Field { name: "received_qty", kind: Kind::Decimal, nullable: false, writable: true },
        field("created_by", Kind::Ref("member")),
        field("created_at", Kind::Time),
        field("state", Kind::Text),
    ],
};

/// The messages `part_relocation.yml` names.
pub const TEXTS: &[&str] = &[
    "part_relocation.approval_requested",
    "part_relocation.write_off_requested",
    "part_relocation.approved",
    "part_relocation.declined",
    "part_relocation.shipped",
    "part_relocation.received",
    "part_relocation.short",
    "part_relocation.cancelled",
    "part_relocation.late",
];
